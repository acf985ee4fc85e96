"""When the next request may start: the pace that the user set, and how a campaign reacts to a portal in trouble."""

from __future__ import annotations

import random

from ..gateway.outcome import SendResult

#: Seconds before a certainly unsent message is tried again: BASE × 2^(attempt - 1), with jitter, at most CAP.
BACKOFF_BASE = 1.0
BACKOFF_CAP = 30.0
#: Answers in a row without a verdict of the gateway that make a strike: fewer are ordinary bad luck.
SILENCE = 5
#: Strikes in a row after which the portal counts as gone; the pauses in between are 1, 2, 4 and 8 seconds.
STRIKES = 5
#: A longer Retry-After than this is not waited for while a worker slot is held (seconds).
LONGEST_PAUSE = 120.0


def backoff(attempt: int, rng: random.Random) -> float:
    """Return the seconds to wait after the given attempt (1, 2, …), with jitter so that many do not return at once."""
    return min(BACKOFF_CAP, BACKOFF_BASE * 2.0 ** (attempt - 1)) * rng.uniform(0.75, 1.25)


class Pace:
    """Spaces requests out, and slows down when the portal is silent or asks for it.

    After :data:`SILENCE` answers in a row without a verdict, one request at a time probes whether the portal is back, with
    growing pauses: a portal that hangs then leaves a handful of messages in doubt, not the whole campaign.

    :param max_per_second: messages per second, or None for no limit of ours.
    """

    def __init__(self, concurrency: int, max_per_second: float | None, rng: random.Random) -> None:
        self._concurrency = concurrency
        self._interval = 1.0 / max_per_second if max_per_second else 0.0
        self._rng = rng
        self._next_at = 0.0
        self._allowed = concurrency
        self._silent = 0
        self._strikes = 0

    @property
    def allowed(self) -> int:
        """How many requests may be under way now."""
        return 1 if self._strikes else self._allowed

    @property
    def gone(self) -> bool:
        """Whether the portal has been silent for too long."""
        return self._strikes >= STRIKES

    def wait(self, now: float) -> float:
        """Return the seconds until the next request may start; 0 for at once."""
        return max(0.0, self._next_at - now)

    def started(self, messages: int, now: float) -> None:
        """Note that a request with so many messages starts."""
        if self._interval:
            self._next_at = max(self._next_at, now) + messages * self._interval

    def answered(self, result: SendResult, now: float) -> None:
        """Note an answer, or what came instead of one."""
        if result.reason == "rate_limited":
            self._silent = 0
            self._allowed = max(1, self._allowed // 2)
            self._next_at = max(self._next_at, now + (result.retry_after or backoff(1, self._rng)))
        elif result.reason == "code":
            self._silent = self._strikes = 0
            self._allowed = min(self._concurrency, self._allowed + 1)
        else:
            self._silent += 1
            if self._silent >= min(SILENCE, self._concurrency) and now >= self._next_at:
                self._strikes += 1
                self._next_at = now + backoff(self._strikes, self._rng)
