"""The threads of a campaign: senders, one journal writer, one ledger writer, and the loop that keeps them busy.

All decisions are the :class:`~.campaign.Campaign`'s; this module only executes them and reports back. Threads are daemons
with queues of their own, so that a request that hangs cannot keep the task's process alive.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from ..exceptions import RoboSmsError
from ..gateway.outcome import SendResult
from .campaign import Campaign, FlushOrder
from .engine import Request, Stop
from .journal import Journal
from .ledger import Flushed

Transport = Callable[[Request], SendResult]

#: After a stop from outside, answers are waited for this long; then they are UNKNOWN (seconds). Airflow gives a task that is
#: marked failed five seconds between SIGTERM and SIGKILL, and the outcomes must still be written.
STOP_GRACE = 2.5
#: A journal write that still hangs so much later is given up, so that the outcomes reach the sheet at least (seconds).
JOURNAL_GRACE = 0.3
#: How a campaign ends whose send window closes.
WINDOW_CLOSED = Stop("The send window has closed; the rest is sent in the next one.", failure=False)
#: Between two progress reports (seconds).
PROGRESS_SECONDS = 5.0


class _Worker(threading.Thread):
    """Runs *work* on each job of its queue and posts (tag, job, value, error)."""

    def __init__(
        self, tag: str, jobs: queue.SimpleQueue[Any], events: queue.SimpleQueue[Any], work: Callable[[Any], Any]
    ) -> None:
        super().__init__(name=f"robosms-{tag}", daemon=True)
        self._tag, self._jobs, self._events, self._work = tag, jobs, events, work

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            value: Any = None
            failure: BaseException | None = None
            try:
                value = self._work(job)
            except BaseException as error:  # noqa: BLE001 - reported to the loop, which decides
                failure = error
            self._events.put((self._tag, job, value, failure))


class Driver:
    """Runs one campaign to its end.

    :param transport: makes one request and returns its result; called from many threads at once.
    :param on_progress: called about every five seconds, and once at the end.
    :param after_commit: called in the journal's thread after each commit.
    :param deadline: when nothing new may be started any more (``time.monotonic()``): the send window closes.
    """

    def __init__(
        self,
        campaign: Campaign,
        journal: Journal,
        transport: Transport,
        *,
        on_progress: Callable[[], None] = lambda: None,
        after_commit: Callable[[], None] = lambda: None,
        deadline: float | None = None,
    ) -> None:
        self._campaign = campaign
        self._journal = journal
        self._transport = transport
        self._on_progress = on_progress
        self._after_commit = after_commit
        self._deadline = deadline
        self._events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._sends: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._commits: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._flushes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stop_at: float | None = None
        self._retry_commit_at = 0.0
        self._defect: BaseException | None = None

    def request_stop(self, sentence: str) -> None:
        """Ask the campaign to end soon. May be called from a signal handler or another thread."""
        self._events.put(("stop", Stop(sentence), None, None))

    def run(self) -> None:
        """Send everything; returns when the campaign is done, however it ended (see ``campaign.stop``).

        An exception raised into this thread (a timeout of the task, Ctrl-C) first brings the campaign to an orderly end.
        """
        concurrency = self._campaign.engine.settings.concurrency
        workers = [
            _Worker("commit", self._commits, self._events, self._commit),
            _Worker("flush", self._flushes, self._events, self._flush),
        ]
        workers += [_Worker("send", self._sends, self._events, self._transport) for _ in range(concurrency)]
        for worker in workers:
            worker.start()
        try:
            try:
                self._loop()
            except BaseException as error:
                self._begin_stop(Stop(f"The task was interrupted ({type(error).__name__})."))
                with contextlib.suppress(Exception):
                    self._loop()
                raise
            if self._defect:
                raise self._defect
        finally:
            for jobs, count in ((self._sends, concurrency), (self._commits, 1), (self._flushes, 1)):
                for _ in range(count):
                    jobs.put(None)
            self._on_progress()

    def _commit(self, records: list[str]) -> None:
        self._journal.commit(records)
        self._after_commit()

    def _flush(self, order: FlushOrder) -> Flushed:
        return self._campaign.ledger.flush(order.results, order.returned, claim=order.claim, final=order.final)

    def _loop(self) -> None:
        campaign, engine = self._campaign, self._campaign.engine
        report_at = time.monotonic() + PROGRESS_SECONDS
        while not campaign.done:
            now = time.monotonic()
            if self._deadline is not None and now >= self._deadline and engine.stop is None:
                engine.halt(WINDOW_CLOSED, now)
            # Sends before the commit: what starts now makes room for intents, which would wait for the next answer otherwise.
            for request in engine.take_sends(now):
                self._sends.put(request)
            if now >= self._retry_commit_at and (records := engine.take_commit(now)) is not None:
                self._commits.put(records)
            if (order := campaign.next_flush(now)) is not None:
                self._flushes.put(order)
            if campaign.done:
                break
            if now >= report_at:
                self._on_progress()
                report_at = now + PROGRESS_SECONDS
            if self._stop_at is not None and engine.in_flight and now >= self._stop_at:
                engine.abandon(now, time.time())
                continue
            if self._stop_at is not None and engine.committing and now >= self._stop_at + JOURNAL_GRACE:
                engine.lose_journal()
                continue
            with contextlib.suppress(queue.Empty):
                self._handle(self._events.get(timeout=self._pause(now, report_at)))
                while True:
                    self._handle(self._events.get_nowait())

    def _pause(self, now: float, report_at: float) -> float:
        """Return how long the loop may sleep unless something happens (seconds)."""
        moments = [report_at]
        if self._retry_commit_at > now:
            moments.append(self._retry_commit_at)
        elif (wait := self._campaign.engine.wait(now)) is not None:
            moments.append(now + wait)
        moments += [moment for moment in (self._stop_at, self._deadline) if moment is not None and moment > now]
        return max(0.001, min(moments) - now)

    def _handle(self, event: tuple[str, Any, Any, BaseException | None]) -> None:
        tag, job, value, error = event
        campaign, now = self._campaign, time.monotonic()
        if tag == "send":
            result = value if error is None else None
            if result is None:  # the transport must never raise: what it did is not known
                result = self._unforeseen(error)
            campaign.engine.answered(job, result, now, time.time())
        elif tag == "commit":
            if error is None:
                campaign.committed(now)
            else:
                campaign.commit_failed(error, now)
                self._retry_commit_at = now + 1.0
        elif tag == "flush":
            if error is None:
                campaign.flushed(value, now)
            elif isinstance(error, RoboSmsError):
                campaign.flush_failed(error, now)
            else:
                self._defect = self._defect or error
                campaign.flush_failed(RoboSmsError("The results could not be written (an unforeseen error)."), now)
        else:
            self._begin_stop(job)

    def _begin_stop(self, stop: Stop) -> None:
        now = time.monotonic()
        self._campaign.engine.halt(stop, now)
        if self._stop_at is None:
            self._stop_at = now + STOP_GRACE

    def _unforeseen(self, error: BaseException | None) -> SendResult:
        from ..gateway.evidence import REASONS

        self._defect = self._defect or error
        self._begin_stop(Stop("An unforeseen error came up while sending."))
        status, detail = REASONS["error"]
        return SendResult(status, detail=detail, reason="error")
