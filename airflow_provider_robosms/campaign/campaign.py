"""One campaign: the engine between a journal and a ledger, still without threads or clock.

A driver executes what :class:`Campaign` asks for: journal commits, requests, ledger flushes. The threaded driver is in
:mod:`.driver`; the test suite has a seeded one that crashes, loses answers and edits the sheet in between.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ..exceptions import RoboSmsError
from .engine import Engine, Settings, Stop
from .journal import Journal, Recovered
from .ledger import Flushed, Ledger
from .message import Outcome, doubt

#: Results reach the ledger at least this often while a long chunk is being sent (seconds).
FLUSH_SECONDS = 30.0
#: So many results are worth a flush of their own while the last second is sent: few are left for the end then, when
#: nothing else happens meanwhile.
MANY_RESULTS = 500
#: A journal that fails is tried again this often before the campaign stops.
JOURNAL_TRIES = 4


@dataclass(frozen=True)
class FlushOrder:
    """Arguments of one :meth:`Ledger.flush`."""

    results: dict[str, Outcome]
    returned: Sequence[str]
    claim: bool
    final: bool


@dataclass(frozen=True)
class Resumed:
    """What a try took over from the tries before it.

    :param reused: messages whose outcome was known.
    :param in_doubt: messages that became UNKNOWN, because they may have been sent.
    :param settled: the keys of both: these are not sent by this try.
    """

    reused: int
    in_doubt: int
    settled: frozenset[str]


class Campaign:
    """Joins engine, journal and ledger.

    :param recovered: what an earlier try left in the journal.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        ledger: Ledger,
        recovered: Recovered | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.engine = Engine(settings, journal, rng)
        self.ledger = ledger
        self._recovered = recovered or Recovered()
        #: When sending began, in seconds since the epoch, by this try or the first whose outcomes are known; None before.
        self.began: int | None = None
        self._undelivered: dict[str, Outcome] = {}
        self._returned: list[str] = []
        self._exhausted = False
        self._flushing: FlushOrder | None = None
        self._flushed_at: float | None = None
        self._nearly_over = False
        self._closed = False
        self._journal_errors = 0
        self._opaque = journal.opaque

    def resume(self, keys: Iterable[str], now: float, at: float, overwritten: Collection[str] = ()) -> Resumed:
        """Take over what the journal knows of *keys*, all the recipients there are now.

        :param at: seconds since the epoch, for the outcomes of what is in doubt.
        :param overwritten: keys whose outcome must be delivered again, although it was delivered once.
        """
        recovered = self._recovered
        self.began = min([int(at), *(outcome.at for outcome in recovered.outcomes.values())])
        stored: dict[str, Outcome] = {}
        pending: dict[str, Outcome] = {}
        doubtful: dict[str, Outcome] = {}
        for key in keys if recovered else ():
            name = self._opaque(key)
            if name in recovered.in_doubt:
                doubtful[key] = doubt("crash", at)
            elif name in recovered.outcomes:
                (pending if name in recovered.undelivered or key in overwritten else stored)[key] = recovered.outcomes[
                    name
                ]
        self.engine.adopt(stored, durable=True, deliver=not self.ledger.tracks_delivery, now=now)
        self.engine.adopt(pending, durable=True, deliver=True, now=now)
        self.engine.adopt(doubtful, durable=False, deliver=True, now=now)
        return Resumed(len(stored) + len(pending), len(doubtful), frozenset(stored) | pending.keys() | doubtful.keys())

    @property
    def done(self) -> bool:
        """Whether everything is sent, written down and delivered, or was given up with a reason."""
        return self._closed and self.engine.idle and self._flushing is None

    @property
    def stop(self) -> Stop | None:
        """Why the campaign ended early, if it did."""
        return self.engine.stop

    def next_flush(self, now: float) -> FlushOrder | None:
        """Return the flush to make now, or None; after it, :meth:`flushed` or :meth:`flush_failed` must be called."""
        if self._flushing is not None or self._closed:
            return None
        self._undelivered.update(self.engine.take_results())
        self._returned += self.engine.take_returned()
        stopped = self.engine.stop is not None
        more = not (self._exhausted or stopped)
        claim = more and self.engine.unsent <= self.ledger.chunk // 2
        final = not more and self.engine.idle
        late = self._undelivered and now >= (self._flushed_at or now) + FLUSH_SECONDS
        ending = self._exhausted and not (stopped or final or self._nearly_over)
        early = ending and len(self._undelivered) >= MANY_RESULTS and self.engine.unsent <= self.ledger.chunk // 8
        if not (claim or final or late or early):
            return None
        self._nearly_over = self._nearly_over or early
        self._flushing = FlushOrder(self._undelivered, self._returned, claim, final)
        self._undelivered, self._returned = {}, []
        return self._flushing

    def flushed(self, result: Flushed, now: float) -> None:
        """Report a flush that succeeded."""
        order, self._flushing = self._flushing, None
        assert order is not None  # noqa: S101 - a driver's programming error
        self._flushed_at = now
        if self.ledger.tracks_delivery:
            self.engine.delivered(result.delivered, now)
        if order.claim:
            self._exhausted = result.exhausted
            attempts = {
                message.key: self._recovered.attempts.get(self._opaque(message.key), 0)
                for message in (result.messages if self._recovered.attempts else ())
            }
            self.engine.offer(result.messages, attempts, now)
        if result.stop:
            self.engine.halt(result.stop, now)
        self._closed = order.final and not self.engine.has_news

    def flush_failed(self, error: RoboSmsError, now: float) -> None:
        """Report a flush that failed for good. Sending stops; the journal keeps the results for the next try."""
        order, self._flushing = self._flushing, None
        assert order is not None  # noqa: S101 - a driver's programming error
        self._flushed_at = now
        self.engine.halt(Stop(str(error), permanent=error.permanent), now)
        if order.final:
            self._closed = True

    def commit_failed(self, error: BaseException, now: float) -> None:
        """Report a journal write that failed."""
        self.engine.committed(error, now)
        self._journal_errors += 1
        if self._journal_errors >= JOURNAL_TRIES:
            self.engine.lose_journal()
            sentence = "Airflow's task state could not be written, so nothing more was sent: run the task again."
            self.engine.halt(Stop(sentence), now)

    def committed(self, now: float) -> None:
        """Report a journal write that succeeded."""
        self._journal_errors = 0
        self.engine.committed(None, now)
