"""A sheet that hardly rests: rows and columns move right before any call, and reads lag.

    python -m tests.protocol.restless --count 1000 --lag 5

A campaign makes some fifteen calls. At a chance of 0.3 the sheet changes between every third look and the write that it leads
to, far beyond what people can do. A seed plays the same campaign again.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from functools import partial

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.recipients.columns import OWNED
from tests.protocol.campaigns import Gateway, run
from tests.protocol.google import Clock, Http, book_of
from tests.protocol.judge import judge
from tests.protocol.people import HEADER, People, dress, rows_of
from tests.protocol.seeds import Command

CHANCES = (0.05, 0.1, 0.2, 0.3)
COUNT = 14


def play(seed: int, chance: float, lag: float = 0.0) -> Sequence[str] | None:
    """Run one campaign; return what is wrong afterwards, or None when it gave up and said so."""
    rng = random.Random(f"{seed}/{chance}/{lag}")
    header = HEADER + (list(OWNED) if seed % 2 else [])
    clock = Clock()
    book = book_of(clock, lag=lag, seed=seed, Recipients=[header, *rows_of(COUNT)])
    dress(book)
    clock.sleep(10)
    people = People(book, rng)
    together = rng.choice([0.0, 0.0, 0.3])

    def before(number: int, kind: str) -> None:
        if rng.random() < chance:
            people.act()
            if rng.random() < together:
                people.act()

    http, gateway = Http(book, clock, before), Gateway()
    store = MemoryStore()
    for _ in range(3):  # as Airflow's retries do
        try:
            ended = run(http, gateway, store=store, seed=seed)
        except Exception as error:
            if type(error).__name__ not in ("SheetError", "SheetUnavailable"):
                raise
            ended = None
            clock.sleep(60)
            continue
        if not ended.gave_up:
            break
        clock.sleep(60)
    else:
        return None
    return judge(people, gateway.sent, orphans=ended.orphans)


def main() -> int:
    """The command line."""
    command = Command("Campaigns in a sheet that hardly rests.")
    command.parser.add_argument("--lag", type=float, default=0.0)
    command.parser.add_argument("--chance", type=float, action="append")
    given = command.given()
    all_broken = 0
    print("| something moves before a call with chance | campaigns | gave up and said so | something wrong |")
    print("|---|---|---|---|")
    for chance in given.chance or CHANCES:
        gave_up = broken = 0
        found = command.play(partial(play, chance=chance, lag=given.lag), command.seeds)
        for seed, wrong in zip(command.seeds, found, strict=True):
            gave_up += wrong is None
            broken += bool(wrong)
            if wrong:
                command.tell(f"seed {seed}, {chance}: {'; '.join(wrong[:4])}")
        print(f"| {chance} | {given.count:,} | {gave_up} | {broken} |", flush=True)
        all_broken += broken
    command.end()
    return 1 if all_broken else 0


if __name__ == "__main__":
    sys.exit(main())
