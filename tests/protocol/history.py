"""Histories: campaigns that are killed, whose answers get lost, that stall and wake up, while people edit and reads lag.

    python -m tests.protocol.history --first 0 --count 1000 --processes 2
    python -m tests.protocol.history --stall --count 1000    # a holder stalls in each, and two runs meet

A history is a run of some tries and then a second run, on one sheet. All chance comes from the seed, so ranges of seeds may
be played one after the other, or on several machines.
"""

from __future__ import annotations

import random
import sys
from functools import partial
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
from tests.protocol.seeds import Command

COUNT = 14
CHUNK, CONCURRENCY = 5, 2


def play(seed: int, *, lines: bool = False, stall: bool = False) -> list[str]:
    """Play one history; return what is wrong afterwards.

    :param lines: with a tab Campaigns, and people at work in it.
    :param stall: a holder stalls before one of its first calls, until another run has taken its lock over and ended.
    """
    return History(seed, lines=lines, stall=stall).play()


class History:
    """One sheet, its people, and the accidents of the campaigns that use it."""

    def __init__(self, seed: int, *, lines: bool, stall: bool = False) -> None:
        self._rng = rng = random.Random(seed)
        self._clock = Clock()
        lag = rng.choice([0.0, 0.0, 5.0])
        header = HEADER + (list(OWNED) if rng.random() < 0.5 else [])
        self._book = book_of(self._clock, lag=lag, seed=seed, Recipients=[header, *rows_of(COUNT)])
        dress(self._book)
        self._clock.sleep(10)
        self._people = People(self._book, rng)
        self._lines = lines
        self._readers = Readers(self._book, random.Random(f"readers {seed}")) if lines else None
        chances = (0.0, 0.05, 0.1), (0.0, 0.02, 0.05), (0.0, 0.05)
        self._edits, self._kills, self._losses = (rng.choice(each) for each in chances)
        self._memory = rng.random() < 0.7  # whether Airflow keeps the task's state
        self._stall = rng.random() < 0.3
        # The lock is taken by the fourth call.
        self._must_stall = random.Random(f"stall {seed}").randint(5, 12) if stall else 0
        self._calls = 0
        self._killed = 0
        self._stalls = 0
        self._gateway = Gateway(before=self._chance_to_die, after=self._chance_to_die)

    def play(self) -> list[str]:
        """A run with accidents, then one in peace; return what is wrong afterwards."""
        self._run("first")
        self._kills, self._losses, self._stall, self._must_stall = 0.0, 0.0, False, 0
        ended = self._run("second")
        assert ended is not None
        if ended.gave_up or ended.busy:
            return [f"the second run did not end well: {ended}"]
        # Without a journal a kill leaves what was announced: two chunks. So does a stall, for the run that took over.
        bound = self._killed * (2 * CONCURRENCY if self._memory else 2 * CHUNK) + self._stalls * 2 * CHUNK
        wrong = [*judge(self._people, self._gateway.sent, unknown=bound, all_sent=False, orphans=ended.orphans)]
        return wrong + (self._readers.judge() if self._readers is not None else [])

    def _run(self, run_id: str) -> Ended | None:
        """A run of up to five tries; return how the last one ended that was not cut off."""
        store: Any = MemoryStore() if self._memory else None
        ended: Ended | None = None
        for _ in range(5):
            http = Http(self._book, self._clock, self._before, self._after)
            try:
                ended = run(
                    http, self._gateway, run_id=run_id, store=store, chunk=CHUNK, concurrency=CONCURRENCY,
                    is_over=lambda owner: True if owner.run != run_id else None, lines=self._lines,
                )  # fmt: skip
            except Killed:
                self._clock.sleep(self._rng.choice([1, 30, 300]))
                continue
            except SheetError:
                self._clock.sleep(60)
                continue
            if not ended.gave_up and ended.busy is None:
                break
            self._clock.sleep(60)
        return ended

    def _chance_to_die(self) -> None:
        if self._rng.random() < self._kills:
            self._killed += 1
            raise Killed

    def _before(self, number: int, kind: str) -> None:
        if self._rng.random() < self._edits:
            self._people.act()
        if self._readers is not None:
            self._readers.act()
        self._chance_to_die()
        self._calls += 1
        if (self._stall and self._rng.random() < 0.03) or self._calls == self._must_stall:
            # The holder stalls for so long that another run takes its lock over and does the rest.
            self._stalls += 1
            self._clock.sleep(LOCK_EXPIRES + 1)
            http = Http(self._book, self._clock)
            run_id = f"other{self._stalls}"
            other = run(http, self._gateway, run_id=run_id, store=MemoryStore(), lines=self._lines)
            assert not other.gave_up, other

    def _after(self, number: int, kind: str) -> None:
        if kind == "write" and self._rng.random() < self._losses:
            raise lost_answer()
        self._chance_to_die()


def main() -> int:
    """The command line."""
    command = Command("Campaigns with accidents.")
    command.parser.add_argument("--lines", action="store_true", help="with a tab Campaigns")
    command.parser.add_argument("--stall", action="store_true", help="a holder stalls in each")
    given = command.given()
    broken = 0
    for seed, wrong in zip(
        command.seeds, command.play(partial(play, lines=given.lines, stall=given.stall), command.seeds), strict=True
    ):
        broken += bool(wrong)
        if wrong:
            command.tell(f"seed {seed}: {'; '.join(wrong[:4])}")
    command.end()
    print(f"{given.count:,} histories from seed {given.first}, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
