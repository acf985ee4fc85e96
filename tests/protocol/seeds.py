"""A command that plays seeds: which ones, in how many processes, what is broken, and how fast it goes."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Work = TypeVar("Work")
Found = TypeVar("Found")
#: Seconds between two lines that say how far it is.
PACE = 30


def in_processes(play: Callable[[Work], Found], work: Sequence[Work], processes: int) -> Iterator[Found]:
    """Yield what *play* finds of each, in order, in so many processes."""
    if processes == 1:
        yield from map(play, work)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(play, work, chunksize=max(1, min(20, len(work) // (8 * processes))))
        # Else the processes would be killed, with what they have to tidy up.
        pool.close()
        pool.join()


class Command:
    """A command line with ``--first``, ``--processes`` and how many seeds.

    :param count: name of the option that says how many.
    :param default: so many unless it is given.
    """

    def __init__(self, description: str, *, count: str = "--count", default: int = 1000) -> None:
        self.parser = argparse.ArgumentParser(description=description)
        self.parser.add_argument(count, dest="count", type=int, default=default)
        self.parser.add_argument(
            "--first", type=int, default=0, help="the first seed; go on with the one that was told last"
        )
        self.parser.add_argument("--processes", type=int, default=1)
        self._began = time.monotonic()
        self._done = 0

    def given(self) -> argparse.Namespace:
        """Return what was given."""
        self._given = self.parser.parse_args()
        return self._given

    @property
    def seeds(self) -> range:
        """The seeds that are played."""
        return range(self._given.first, self._given.first + self._given.count)

    def play(self, play: Callable[[Work], Found], work: Sequence[Work]) -> Iterator[Found]:
        """Yield what *play* finds of each, in order; now and then say how far it is."""
        told = time.monotonic()
        for found in in_processes(play, work, self._given.processes):
            self._done += 1
            yield found
            if time.monotonic() - told > PACE:
                told = time.monotonic()
                self.tell(f"{self._done:,} of {len(work):,} done, {self._rate()}")

    def tell(self, sentence: str) -> None:
        """Say something beside the result."""
        print(sentence, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Say how long it took."""
        self.tell(f"{self._done:,} done, {self._rate()}")

    def _rate(self) -> str:
        return f"{self._done / max(0.001, time.monotonic() - self._began):.1f} a second"
