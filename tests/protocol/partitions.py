"""Partitions of one campaign that take turns, call by call, while people move rows and columns and reads lag.

    python -m tests.protocol.partitions --count 1000 --processes 2
    python -m tests.protocol.partitions --accidents --count 1000    # and partitions die, and answers get lost

Afterwards another run finds the sheet. A seed plays the same again.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from functools import partial

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.protocol.campaigns import Ended, run
from tests.protocol.google import Killed, lost_answer
from tests.protocol.judge import judge
from tests.protocol.people import People
from tests.protocol.seeds import Command
from tests.protocol.stage import Stage, tries

CHUNK, CONCURRENCY = 5, 2


class Actor:
    """Somebody who does a part of a play each time :meth:`go_on` is called: until the next :meth:`pause`, or the end."""

    def __init__(self, play: Callable[[Actor], None]) -> None:
        self.done = False
        self._mine, self._theirs = threading.Semaphore(0), threading.Semaphore(0)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(play,), daemon=True)
        self._thread.start()

    def _run(self, play: Callable[[Actor], None]) -> None:
        self._mine.acquire()
        try:
            play(self)
        except BaseException as error:  # it is raised where the test sees it
            self._error = error
        self.done = True
        self._theirs.release()

    def pause(self) -> None:
        """Let the others go on; called by the actor."""
        self._theirs.release()
        self._mine.acquire()

    def go_on(self) -> None:
        """Let this actor go on; called by the test."""
        if not self.done:
            self._mine.release()
            self._theirs.acquire()
            if self._error is not None:
                raise self._error


def interleaved(seed: int, *, accidents: bool = False) -> list[str]:
    """Play one campaign of two or three partitions, and a second run; return what is wrong afterwards.

    :param accidents: partitions are killed, as Airflow tries them again, and answers of writes get lost.
    """
    return Interleaved(seed, accidents=accidents).play()


class Interleaved:
    """One sheet, its people, and the partitions of one campaign."""

    def __init__(self, seed: int, *, accidents: bool) -> None:
        self._rng = rng = random.Random(seed)
        self._stage = Stage(20, lag=rng.choice([0.0, 5.0]))
        self._people, self._edits = People(self._stage.book, rng), rng.choice([0.1, 0.3])
        self._stores = [MemoryStore() for _ in range(rng.randint(2, 3))]
        self._accidents = accidents
        self._kills = rng.choice([0.02, 0.05]) if accidents else 0.0
        self._losses = rng.choice([0.0, 0.05]) if accidents else 0.0
        self._killed = 0
        self._ended: dict[int, Ended] = {}

    def play(self) -> list[str]:
        """Let the partitions take turns until all have ended; return what is wrong afterwards."""
        actors = [Actor(partial(self._tries, partition)) for partition in range(len(self._stores))]
        while at_work := [one for one in actors if not one.done]:
            self._rng.choice(at_work).go_on()
        wrong: list[str] = []
        if not self._accidents:
            assert len(self._ended) == len(actors)
            assert not any(one.gave_up for one in self._ended.values())
            wrong = self._wrong()
        if not wrong:
            second = tries(self._stage, "second", is_over=lambda owner: True if owner.run != "second" else None)
            assert isinstance(second, Ended), second
            wrong = self._wrong()
        return wrong

    def _wrong(self) -> list[str]:
        # What a kill leaves to a retry that has its journal.
        unknown = self._killed * 2 * CONCURRENCY
        return list(judge(self._people, self._stage.gateway.sent, unknown=unknown, all_sent=False))

    def _tries(self, partition: int, me: Actor) -> None:
        """Run one partition as Airflow does: again when it failed or died, and when it waited for the lock."""
        failures = 0
        while failures < 3:
            try:
                ended = self._ended[partition] = run(
                    self._stage.http(before=partial(self._before, me), after=self._after), self._stage.gateway,
                    store=self._stores[partition], partition=partition, partitions=len(self._stores), chunk=CHUNK,
                    concurrency=CONCURRENCY,
                )  # fmt: skip
                if not ended.gave_up and ended.busy is None:
                    return
                failures += ended.busy is None
            except SheetError:
                failures += 1
            except Killed:
                self._killed += 1
            self._stage.clock.sleep(60)
            me.pause()

    def _before(self, me: Actor, number: int, kind: str) -> None:
        if self._rng.random() < self._edits:
            self._people.act()
        me.pause()
        self._chance_to_die()

    def _after(self, number: int, kind: str) -> None:
        if self._losses and kind == "write" and self._rng.random() < self._losses:
            raise lost_answer()
        self._chance_to_die()

    def _chance_to_die(self) -> None:
        if self._kills and self._rng.random() < self._kills:
            raise Killed


def main() -> int:
    """The command line."""
    command = Command("Partitions that take turns.")
    command.parser.add_argument("--accidents", action="store_true")
    given = command.given()
    broken = 0
    for seed, wrong in zip(
        command.seeds, command.play(partial(_play, accidents=given.accidents), command.seeds), strict=True
    ):
        broken += bool(wrong)
        if wrong:
            command.tell(f"seed {seed}: {'; '.join(wrong[:4])}")
    command.end()
    print(f"{given.count:,} campaigns, {broken} broken")
    return 1 if broken else 0


def _play(seed: int, accidents: bool) -> list[str]:
    try:
        return interleaved(seed, accidents=accidents)
    except AssertionError as error:
        return [f"it did not end well: {error}"]


if __name__ == "__main__":
    sys.exit(main())
