"""The engine: what to do next, as plain state transitions without threads, clock or I/O.

A driver (:mod:`.driver`, or a simulation) asks :meth:`Engine.take_commit`, :meth:`Engine.take_sends` and
:meth:`Engine.take_results` what to do, does it, and reports back with :meth:`Engine.committed`, :meth:`Engine.answered`
and :meth:`Engine.delivered`. Times are seconds of any steady clock, handed in.

The life of a request (one message, or a bulk group)::

    offered ──intent durable──▶ ready ──▶ in flight ──answer──▶ outcome ──durable──▶ result ──in the sheet──▶ delivered
       ▲                          │                       │
       └──── released (durable) ◀─┴─ stop                 └─ certainly not sent, attempts left

Safety is one rule: a request is in ``ready`` or ``in flight`` only while its intent is durable and no outcome is. Intents run
at most ``concurrency`` requests ahead of those in flight, so a crash leaves at most 2 × concurrency requests in doubt.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..gateway.evidence import REASONS
from ..gateway.outcome import SendResult, Status
from .journal import Journal
from .message import Message, Outcome, doubt
from .pace import LONGEST_PAUSE, Pace, backoff

#: Outcomes wait at most this long for company before they are committed (seconds).
LINGER = 0.2


@dataclass(frozen=True)
class Settings:
    """How a campaign sends.

    :param concurrency: requests under way at once.
    :param max_per_second: messages per second, or None for as fast as the portal answers.
    :param bulk_size: most messages of identical text in one ``multiple=1`` request.
    :param max_attempts: attempts for a message that was certainly not sent.
    """

    concurrency: int = 20
    max_per_second: float | None = None
    bulk_size: int = 1
    max_attempts: int = 3

    def __post_init__(self) -> None:
        for name in ("concurrency", "bulk_size", "max_attempts"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}.")
        if self.max_per_second is not None and not self.max_per_second > 0:
            raise ValueError(f"max_per_second must be greater than 0, not {self.max_per_second!r}.")


@dataclass(frozen=True)
class Stop:
    """Why nothing new is sent any more.

    :param sentence: what happened and what to do.
    :param permanent: whether an Airflow retry cannot help.
    :param failure: False for an ordinary end, such as a closing send window.
    """

    sentence: str
    permanent: bool = False
    failure: bool = True


@dataclass(eq=False)
class Request:
    """One POST: one message, or a bulk group of messages with the same text."""

    messages: tuple[Message, ...]
    attempts: int = 0
    abandoned: bool = field(default=False, repr=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its messages."""
        return tuple(message.key for message in self.messages)


class Engine:
    """Decides about one campaign. Not thread-safe: one thread, or one simulation, calls it.

    :param journal: only its record-making is used here; the driver does the writing.
    :param rng: randomness for jitter; a simulation hands in a seeded one.
    """

    def __init__(self, settings: Settings, journal: Journal, rng: random.Random | None = None) -> None:
        self.settings = settings
        self.stop: Stop | None = None
        self.counts: Counter[Status] = Counter()
        self.codes: Counter[str] = Counter()
        self.accepted_parts = 0
        #: Key -> when an attempt ended that leaves UNKNOWN, in seconds since the epoch; not of what a crash left.
        self.doubted: dict[str, int] = {}
        self._journal = journal
        self._rng = rng or random.Random()
        self._pace = Pace(settings.concurrency, settings.max_per_second, self._rng)
        self._offered: deque[Request] = deque()
        self._waiting: list[tuple[float, int, Request]] = []
        self._order = itertools.count()
        self._ready: deque[Request] = deque()
        self._in_flight: set[Request] = set()
        self._records: list[str] = []
        self._fresh: dict[str, Outcome] = {}
        self._fresh_since = 0.0
        self._committing: tuple[list[str], list[Request], dict[str, Outcome]] | None = None
        self._results: dict[str, Outcome] = {}
        self._returned: list[str] = []
        self._ahead = settings.concurrency
        self._starved = False
        self._journal_lost = False

    # What the driver asks.

    @property
    def idle(self) -> bool:
        """Whether nothing is left to send, to wait for or to commit (results may still be undelivered)."""
        waiting_for_gateway = self._offered or self._waiting or self._ready or self._in_flight
        return not (waiting_for_gateway or self._committing or self._records or self._fresh)

    @property
    def unsent(self) -> int:
        """Requests that were offered and not started yet."""
        return len(self._offered) + len(self._ready) + len(self._waiting)

    @property
    def committing(self) -> bool:
        """Whether a commit is under way."""
        return self._committing is not None

    @property
    def in_flight(self) -> int:
        """Requests under way."""
        return len(self._in_flight)

    def take_sends(self, now: float) -> list[Request]:
        """Return the requests to start now; each must be answered with :meth:`answered`, once."""
        started = []
        while self._ready and not self.stop and len(self._in_flight) < self._pace.allowed and not self._pace.wait(now):
            request = self._ready.popleft()
            request.attempts += 1
            self._in_flight.add(request)
            self._pace.started(len(request.messages), now)
            started.append(request)
        if not self._ready and len(self._in_flight) < self._pace.allowed:
            self._starved = True
        return started

    def take_commit(self, now: float) -> list[str] | None:
        """Return records to make durable now, or None. After it, :meth:`committed` must be called before the next."""
        if self._committing:
            return None
        if self._journal_lost:
            self._results.update(self._fresh)
            self._records, self._fresh = [], {}
            return None
        self._wake(now)
        intended = self._intend(now)
        if not intended and not self._commit_due(now):
            return None
        records = (
            self._records
            + [self._journal.intent(key) for request in intended for key in request.keys]
            + [self._journal.outcome(key, outcome) for key, outcome in self._fresh.items()]
        )
        self._committing = (self._records, intended, self._fresh)
        self._records, self._fresh = [], {}
        self._starved = False
        return records

    def take_results(self) -> dict[str, Outcome]:
        """Return durable outcomes that were not handed out yet, by key."""
        results, self._results = self._results, {}
        return results

    @property
    def has_news(self) -> bool:
        """Whether results or returned keys wait to be taken."""
        return bool(self._results or self._returned)

    def take_returned(self) -> list[str]:
        """Return the keys that will not be sent any more by this try, after a stop."""
        returned, self._returned = self._returned, []
        return returned

    def wait(self, now: float) -> float | None:
        """Return the seconds until there may be something to do without a new event, or None."""
        times = []
        if self._waiting:
            times.append(self._waiting[0][0] - now)
        if self._ready or self._offered:
            times.append(self._pace.wait(now) or LINGER)
        if self._fresh or self._records:
            times.append(self._fresh_since + LINGER - now)
        return max(0.0, min(times)) if times else None

    # What the driver reports.

    def offer(self, messages: Iterable[Message], attempts: Mapping[str, int], now: float) -> None:
        """Take messages that may be sent from now on. Those of identical text are grouped up to ``bulk_size``.

        :param attempts: attempts that messages used up in an earlier try, by key.
        """
        groups: dict[object, list[Message]] = {}
        for message in messages:
            group = groups.setdefault(message.bulk_group if self.settings.bulk_size > 1 else message.key, [])
            group.append(message)
            if len(group) == self.settings.bulk_size:
                self._offer(group, attempts)
                group.clear()
        for group in groups.values():
            if group:
                self._offer(group, attempts)
        if self.stop:
            self._return_unsent(now)

    def _offer(self, group: Sequence[Message], attempts: Mapping[str, int]) -> None:
        used = max(attempts.get(message.key, 0) for message in group)
        self._offered.append(Request(tuple(group), min(used, self.settings.max_attempts - 1)))

    def committed(self, error: BaseException | None, now: float) -> None:
        """Report how the last commit ended.

        After an error its records wait for the next commit and its intents are taken back: nothing may be sent on a
        journal that does not answer. The journal overwrites what a failed write may have left, so no trace stays.
        """
        if self._committing is None:
            return  # it was given up, see lose_journal
        records, intended, outcomes = self._committing
        self._committing = None
        if error is not None:
            self._records = records + self._records
            self._fresh = {**outcomes, **self._fresh}
            self._offered.extendleft(reversed(intended))
        else:
            self._results.update(outcomes)
            if self._starved:
                self._ahead = min(self.settings.concurrency, self._ahead * 2)
            elif len(self._ready) > self._ahead // 2:
                self._ahead = max(1, self._ahead - 1)
            self._ready.extend(intended)
        if self.stop:
            self._return_unsent(now)

    def answered(self, request: Request, result: SendResult, now: float, at: float) -> None:
        """Report what came of a request.

        :param now: the steady clock.
        :param at: seconds since the epoch, for the journal.
        """
        if request.abandoned:
            # It was given up as UNKNOWN; only the gateway's verdict adds to that.
            if result.reason == "code":
                self._settle(request, Outcome.of(result, at), now)
            return
        self._in_flight.discard(request)
        self._pace.answered(result, now)
        if result.stop:
            self.halt(Stop(result.stop, permanent=result.permanent), now)
        if result.account_level:
            request.attempts -= 1  # the account or the address was refused, not this message
            self._release(request, now)
            return
        if result.status is Status.FAILED and request.attempts < self.settings.max_attempts:
            self._release(request, now)
            if not self.stop:
                pause = result.retry_after or backoff(request.attempts, self._rng)
                heapq.heappush(self._waiting, (now + pause, next(self._order), request))
        else:
            self._settle(request, Outcome.of(result, at), now)
        if (result.retry_after or 0) > LONGEST_PAUSE:
            sentence = (
                f"The RoboSMS portal asks to wait {result.retry_after:.0f} s (HTTP 429): run the task again after that."
            )
            self.halt(Stop(sentence), now)
        elif self._pace.gone:
            words = REASONS.get(result.reason, REASONS["error"])[1].split(": ", 1)[-1]
            sentence = f"The RoboSMS portal has stopped answering ({words}): run the task again when it is back."
            self.halt(Stop(sentence), now)

    def halt(self, stop: Stop, now: float) -> None:
        """Start nothing new from now on. What is in flight is still waited for; the rest is handed back."""
        self.stop = self.stop or stop
        self._return_unsent(now)

    def lose_journal(self) -> None:
        """Go on without the journal to an orderly end: outcomes are better in the sheet alone than lost."""
        self._journal_lost = True
        if self._committing:  # it hangs; should it come back, that changes nothing any more
            _, intended, outcomes = self._committing
            self._committing = None
            self._results.update(outcomes)
            self._returned += [key for request in intended for key in request.keys]

    def abandon(self, now: float, at: float) -> None:
        """Give up waiting for what is in flight: it becomes UNKNOWN. A verdict that still arrives replaces that."""
        for request in self._in_flight:
            self._settle(request, doubt("stopped", at), now)
            request.abandoned = True
        self._in_flight.clear()

    def adopt(self, outcomes: Mapping[str, Outcome], *, durable: bool, deliver: bool, now: float) -> None:
        """Take over outcomes of an earlier try.

        :param durable: whether the journal holds them already.
        :param deliver: whether they are still to be handed out as results.
        """
        for key, outcome in outcomes.items():
            self._count(key, outcome)
            if not durable:
                self._note_fresh(now)
                self._fresh[key] = outcome
            elif deliver:
                self._results[key] = outcome

    def delivered(self, keys: Iterable[str], now: float) -> None:
        """Report that the results of *keys* stand in the sheet."""
        records = [self._journal.delivered(key) for key in keys]
        if records:
            self._note_fresh(now)
            self._records += records

    # Inside.

    def _note_fresh(self, now: float) -> None:
        if not self._fresh and not self._records:
            self._fresh_since = now

    def _wake(self, now: float) -> None:
        """Offer again what waited for its next attempt."""
        while self._waiting and self._waiting[0][0] <= now:
            self._offered.append(heapq.heappop(self._waiting)[2])

    def _intend(self, now: float) -> list[Request]:
        """Return the requests whose intents go into the next commit."""
        if self.stop or not self._offered or len(self._ready) > self._ahead // 2:
            return []
        room = self._pace.allowed + self._ahead - len(self._in_flight) - len(self._ready)
        if self.settings.max_per_second or self._pace.wait(now):
            # Slower than the portal could: no sooner than half a second before its turn, so that a crash leaves little.
            if self._pace.wait(now) > LINGER:
                return []
            soon = int((self.settings.max_per_second or 2) / 2 / self.settings.bulk_size) + 1
            room = min(room, soon - len(self._ready))
        return [self._offered.popleft() for _ in range(min(room, len(self._offered)))]

    def _commit_due(self, now: float) -> bool:
        if not self._fresh and not self._records:
            return False
        enough = len(self._fresh) >= self.settings.concurrency * self.settings.bulk_size
        return enough or self.stop is not None or not self._in_flight or now >= self._fresh_since + LINGER

    def _release(self, request: Request, now: float) -> None:
        """Record that *request* was certainly not sent; after a stop, hand it back."""
        self._note_fresh(now)
        self._records += [self._journal.released(key, request.attempts) for key in request.keys]
        if self.stop:
            self._returned += request.keys

    def _settle(self, request: Request, outcome: Outcome, now: float) -> None:
        self._note_fresh(now)
        for message in request.messages:
            if request.abandoned:
                self.counts[Status.UNKNOWN] -= 1
                self.doubted.pop(message.key, None)
            self._fresh[message.key] = own = replace(outcome, parts=message.parts)
            self._count(message.key, own)

    def _count(self, key: str, outcome: Outcome) -> None:
        self.counts[outcome.status] += 1
        if outcome.status is Status.UNKNOWN and outcome.reason != "crash":
            self.doubted[key] = outcome.at
        if outcome.code:
            self.codes[outcome.code] += 1
        if outcome.status is Status.SENT:
            self.accepted_parts += outcome.parts

    def _return_unsent(self, now: float) -> None:
        """Hand back everything that was not started."""
        for request in self._ready:  # their intents are durable: take them back
            self._release(request, now)
        for request in itertools.chain(self._offered, (request for _, _, request in self._waiting)):
            self._returned += request.keys
        self._ready.clear()
        self._offered.clear()
        self._waiting.clear()
