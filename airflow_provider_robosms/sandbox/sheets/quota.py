"""Google's request quotas, and counts of what was asked.

300 reads and 300 writes a minute for the project, 60 and 60 for each user; a batch counts once, and a request that fails
counts too. Source: https://developers.google.com/workspace/sheets/api/limits. Google refills "every minute" and does not
say when a minute begins. Here the minute slides: a client that keeps to this keeps to any other reading as well.
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
        limits: Requests a minute: ``{"read": {"project": 300, "user": 60}, "write": …}``.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.enabled = True
        self.limits: dict[str, dict[str, int]] = {kind: {"project": 300, "user": 60} for kind in ("read", "write")}
        self._used: dict[tuple[Kind, str, str | None], deque[float]] = {}

    def take(self, kind: Kind, user: str | None) -> None:
        """Count a request of *user* (None: anonymous).

        Raises:
            GoogleError: 429 when a limit is reached; a refused request does not count.
        """
        now = self._clock()
        windows = {level: self._window(kind, level, user, now) for level in ("user", "project")}
        for level, window in windows.items():
            if self.enabled and len(window) >= self.limits[kind][level]:
                raise exhausted(kind, level, self.limits[kind][level])
        for window in windows.values():
            window.append(now)

    def _window(self, kind: Kind, level: str, user: str | None, now: float) -> deque[float]:
        window = self._used.setdefault((kind, level, user if level == "user" else None), deque())
        while window and window[0] <= now - MINUTE:
            window.popleft()
        return window

    def reset(self) -> None:
        """Begin a new minute for everybody."""
        self._used.clear()

    def describe(self) -> Json:
        """The switch and the limits."""
        return {"enabled": self.enabled, **self.limits}

    def configure(self, changes: Json) -> None:
        """Change the switch or limits: ``{"enabled": false}``, ``{"write": {"user": 5}}``, ``{"reset": true}``.

        Raises:
            ValueError: A setting that does not exist, or a limit that is no whole number from 0.
        """
        for name, value in changes.items():
            if name in self.limits and isinstance(value, dict):
                for level, limit in value.items():
                    if level not in ("project", "user") or not isinstance(limit, int) or limit < 0:
                        raise ValueError(
                            f"{name} takes project and user, whole numbers from 0, not {level}: {limit!r}."
                        )
            elif name not in ("enabled", "reset") or not isinstance(value, bool):
                raise ValueError(
                    f"The quota has enabled, reset (true or false), read and write, not {name}: {value!r}."
                )
        self.enabled = changes.get("enabled", self.enabled)
        for kind, limits in self.limits.items():
            limits.update(changes.get(kind, {}))
        if changes.get("reset"):
            self.reset()


def exhausted(kind: Kind, level: str = "user", limit: int = 60) -> GoogleError:
    """Google's 429. It has no Retry-After header."""
    words = f"{kind.capitalize()} requests"
    per = "per minute per user" if level == "user" else "per minute"
    message = (
        f"Quota exceeded for quota metric '{words}' and limit '{words} {per}' of service 'sheets.googleapis.com' "
        f"for consumer 'project_number:{_PROJECT_NUMBER}'."
    )
    metadata = {
        "service": "sheets.googleapis.com",
        "consumer": f"projects/{_PROJECT_NUMBER}",
        "quota_location": "global",
        "quota_metric": f"sheets.googleapis.com/{kind}_requests",
        "quota_limit": f"{kind.capitalize()}RequestsPerMinutePer{level.capitalize()}",
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
