"""Histories: campaigns that are killed, whose answers get lost, that stall and wake up, while people edit and reads lag.

    python -m tests.protocol.history --count 1000

A history is a run of some tries and then a second run, on one sheet. All chance comes from the seed.
"""

from __future__ import annotations

import argparse
import random
import sys
from typing import Any

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.sheets.lock import LOCK_EXPIRES
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.protocol.campaigns import Ended, Gateway, run
from tests.protocol.google import Clock, Http, Killed, book_of, lost_answer
from tests.protocol.judge import judge
from tests.protocol.people import HEADER, People, dress, rows_of
from tests.protocol.readers import Readers

COUNT = 14
CHUNK, CONCURRENCY = 5, 2


def play(seed: int, *, lines: bool = False) -> list[str]:
    """Play one history; return what is wrong afterwards.

    :param lines: with a tab Campaigns, and people at work in it.
    """
    rng = random.Random(seed)
    clock = Clock()
    lag = rng.choice([0.0, 0.0, 5.0])
    header = HEADER + (list(OWNED) if rng.random() < 0.5 else [])
    book = book_of(clock, lag=lag, seed=seed, Recipients=[header, *rows_of(COUNT)])
    dress(book)
    clock.sleep(10)
    people = People(book, rng)
    readers = Readers(book, random.Random(f"readers {seed}")) if lines else None
    edits, kills, losses = (rng.choice(each) for each in ((0.0, 0.05, 0.1), (0.0, 0.02, 0.05), (0.0, 0.05)))
    memory = rng.random() < 0.7  # whether Airflow keeps the task's state
    killed = 0
    wakes: list[int] = []

    def chance_to_die() -> None:
        nonlocal killed
        if rng.random() < kills:
            killed += 1
            raise Killed

    def before(number: int, kind: str) -> None:
        if rng.random() < edits:
            people.act()
        if readers is not None:
            readers.act()
        chance_to_die()
        if stall and rng.random() < 0.03:
            # The holder stalls for so long that another run takes its lock over and does the rest.
            wakes.append(number)
            clock.sleep(LOCK_EXPIRES + 1)
            other = run(Http(book, clock), gateway, run_id=f"other{len(wakes)}", store=MemoryStore(), lines=lines)
            assert not other.gave_up, other

    def after(number: int, kind: str) -> None:
        if kind == "write" and rng.random() < losses:
            raise lost_answer()
        chance_to_die()

    stall = rng.random() < 0.3
    gateway = Gateway(before=chance_to_die, after=chance_to_die)
    ended: Ended | None = None
    for run_id in ("first", "second"):
        store: Any = MemoryStore() if memory else None
        for _ in range(5):
            http = Http(book, clock, before, after)
            try:
                ended = run(
                    http, gateway, run_id=run_id, store=store, chunk=CHUNK, concurrency=CONCURRENCY,
                    is_over=lambda owner, mine=run_id: True if owner.run != mine else None, lines=lines,
                )  # fmt: skip
            except Killed:
                clock.sleep(rng.choice([1, 30, 300]))
                continue
            except SheetError:
                clock.sleep(60)
                continue
            if not ended.gave_up and ended.busy is None:
                break
            clock.sleep(60)
        kills, losses, stall = 0.0, 0.0, False  # the second run ends in peace
    assert ended is not None
    # Without a journal a kill leaves what was announced: two chunks. So does a stall, for the run that took over.
    bound = killed * (2 * CONCURRENCY if memory else 2 * CHUNK) + len(wakes) * 2 * CHUNK
    if ended.gave_up or ended.busy:
        return [f"the second run did not end well: {ended}"]
    wrong = judge(people, gateway.sent, unknown=bound, all_sent=False, orphans=ended.orphans)
    return wrong + (readers.judge() if readers is not None else [])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Campaigns with accidents.")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--lines", action="store_true", help="with a tab Campaigns")
    given = parser.parse_args()
    broken = 0
    for seed in range(given.first, given.first + given.count):
        wrong = play(seed, lines=given.lines)
        broken += bool(wrong)
        if wrong:
            print(f"seed {seed}: {'; '.join(wrong[:4])}", file=sys.stderr, flush=True)
    print(f"{given.count:,} histories, {broken} broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
