"""Reads that lag behind writes, as Google's may by some seconds.

Every read shows the spreadsheet as it was a moment ago, drawn anew for each read between nothing and ``seconds``: a later
read may well show an earlier state. What a write answers is never late.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from .sheet import Sheet
from .spreadsheet import Spreadsheet


class _Past(NamedTuple):
    """How a spreadsheet was until a change at the moment *until*."""

    until: float
    version: int
    sheets: list[Sheet]


class ReadLag:
    """How many *seconds* by *clock* a read may lie behind, and what it needs of the past; with 0 nothing is kept.

    The lag of each read is drawn from *seed*.
    """

    def __init__(self, clock: Callable[[], float], seconds: float = 0, seed: int = 0) -> None:
        self._clock = clock
        self._past: WeakKeyDictionary[Spreadsheet, deque[_Past]] = WeakKeyDictionary()
        self.configure(seconds, seed)

    def configure(self, seconds: float, seed: int = 0) -> None:
        """Change the lag, and begin its random numbers anew."""
        self.seconds = seconds
        self.seed = seed
        self._random = random.Random(seed)
        if not seconds:
            self._past.clear()

    def watch(self, book: Spreadsheet) -> None:
        """Keep what reads of *book* may still show, from now on."""
        book.lag = self

    def changed(self, book: Spreadsheet, before: list[Sheet]) -> None:
        """Told by a spreadsheet what it was like before a change (to copies that nobody changes any more)."""
        if not self.seconds:
            return
        now = self._clock()
        past = self._past.setdefault(book, deque())
        past.append(_Past(now, book.version, before))
        while past[0].until < now - self.seconds:
            past.popleft()

    def view(self, book: Spreadsheet) -> Spreadsheet:
        """The spreadsheet as a read shows it now; for reading only."""
        if not self.seconds:
            return book
        moment = self._clock() - self._random.uniform(0, self.seconds)
        with book.lock:
            for past in self._past.get(book, ()):
                if past.until > moment:
                    return book.past(past.version, past.sheets)
            return book
