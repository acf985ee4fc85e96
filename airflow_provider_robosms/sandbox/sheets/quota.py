"""Google's request quotas.

60 reads and 60 writes a minute for each user; a batch counts once, and a request that fails counts too. The project's 300
are not counted: nothing here has five users. Source: https://developers.google.com/workspace/sheets/api/limits. Google
refills "every minute" and does not say when a minute begins. Here the minute slides: a client that keeps to this keeps to
any other reading as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..bodies import changed
from .errors import GoogleError, Json

Kind = Literal["read", "write"]
MINUTE = 60.0
_PROJECT_NUMBER = "100000000000"


class Limits(BaseModel):
    """Requests of a user a minute, whether more are refused, and whether a new minute is to begin for everybody."""

    model_config = ConfigDict(extra="forbid", strict=True)

    enabled: bool = True
    read: Annotated[int, Field(ge=0)] = 60
    write: Annotated[int, Field(ge=0)] = 60
    reset: bool = False


class Quota:
    """Counts requests by *clock*, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.limits = Limits()
        self._used: dict[tuple[Kind, str | None], deque[float]] = {}

    def take(self, kind: Kind, user: str | None) -> None:
        """Count a request of *user* (None: anonymous), or refuse it; a refused request does not count."""
        now = self._clock()
        window = self._used.setdefault((kind, user), deque())
        while window and window[0] <= now - MINUTE:
            window.popleft()
        limit = self.limits.read if kind == "read" else self.limits.write
        if self.limits.enabled and len(window) >= limit:
            raise exhausted(kind, limit)
        window.append(now)

    def configure(self, changes: Json) -> Json:
        """Change the switch or limits; return all: ``{"enabled": false}``, ``{"write": 5}``, ``{"reset": true}``."""
        self.limits = changed(self.limits, {"reset": False, **changes}, "setting of the quota")
        if self.limits.reset:
            self._used.clear()
        return self.limits.model_dump()


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
    return GoogleError(429, "RESOURCE_EXHAUSTED", message, [info | {"metadata": metadata}])
