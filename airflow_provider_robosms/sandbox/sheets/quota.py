"""Google's request quotas, and counts of what was asked.

60 reads and 60 writes a minute for each user; a batch counts once, and a request that fails counts too. The project's 300
are not counted: nothing here has five users. Source: https://developers.google.com/workspace/sheets/api/limits. Google
refills "every minute" and does not say when a minute begins. Here the minute slides: a client that keeps to this keeps to
any other reading as well.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Literal

from .errors import GoogleError, Json

Kind = Literal["read", "write"]
MINUTE = 60.0
_PROJECT_NUMBER = "100000000000"


class Quota:
    """Usable without the web service too.

    Parameters:
        clock: Seconds.

    Attributes:
        enabled: Whether requests are refused.
        limits: Requests of a user a minute.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.enabled = True
        self.limits: dict[Kind, int] = {"read": 60, "write": 60}
        self._used: dict[tuple[Kind, str | None], deque[float]] = {}

    def take(self, kind: Kind, user: str | None) -> None:
        """Count a request of *user* (None: anonymous).

        Raises:
            GoogleError: 429 when the limit is reached; a refused request does not count.
        """
        now = self._clock()
        window = self._used.setdefault((kind, user), deque())
        while window and window[0] <= now - MINUTE:
            window.popleft()
        if self.enabled and len(window) >= self.limits[kind]:
            raise exhausted(kind, self.limits[kind])
        window.append(now)

    def reset(self) -> None:
        """Begin a new minute for everybody."""
        self._used.clear()

    def describe(self) -> Json:
        """The switch and the limits."""
        return {"enabled": self.enabled, "read": self.limits["read"], "write": self.limits["write"]}

    def configure(self, changes: Json) -> None:
        """Change the switch or limits: ``{"enabled": false}``, ``{"write": 5}``, ``{"reset": true}``.

        Raises:
            ValueError: A setting that does not exist, or a limit that is no whole number from 0.
        """
        for name, value in changes.items():
            limit = name in self.limits and type(value) is int and value >= 0
            if not limit and not (name in ("enabled", "reset") and isinstance(value, bool)):
                raise ValueError(
                    "The quota has enabled and reset (true or false), read and write (whole numbers from 0), "
                    f"not {name}: {value!r}."
                )
        self.enabled = changes.get("enabled", self.enabled)
        for kind in self.limits:
            self.limits[kind] = changes.get(kind, self.limits[kind])
        if changes.get("reset"):
            self.reset()


def exhausted(kind: Kind, limit: int = 60) -> GoogleError:
    """Google's 429. It has no Retry-After header."""
    words = f"{kind.capitalize()} requests"
    message = (
        f"Quota exceeded for quota metric '{words}' and limit '{words} per minute per user' of service "
        f"'sheets.googleapis.com' for consumer 'project_number:{_PROJECT_NUMBER}'."
    )
    metadata = {
        "service": "sheets.googleapis.com",
        "consumer": f"projects/{_PROJECT_NUMBER}",
        "quota_location": "global",
        "quota_metric": f"sheets.googleapis.com/{kind}_requests",
        "quota_limit": f"{kind.capitalize()}RequestsPerMinutePerUser",
        "quota_limit_value": str(limit),
    }
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
    }
    url = "https://cloud.google.com/docs/quotas/help/request_increase"
    links = [{"description": "Request a higher quota limit.", "url": url}]
    help_ = {"@type": "type.googleapis.com/google.rpc.Help", "links": links}
    return GoogleError(429, "RESOURCE_EXHAUSTED", message, [info | {"metadata": metadata}, help_])


class Calls:
    """How often what was asked, and with which answer."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin to count anew."""
        self.kinds: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()

    def count(self, kind: str) -> None:
        """Count a request: *kind* is ``reads``, ``writes`` or ``tokens``."""
        self.kinds[kind] += 1

    def answered(self, status: int) -> None:
        """Count an answer; 0 stands for a connection without one."""
        self.by_status[str(status)] += 1

    def describe(self) -> Json:
        """Everything, as JSON."""
        return {kind: self.kinds[kind] for kind in ("reads", "writes", "tokens")} | {"by_status": dict(self.by_status)}
