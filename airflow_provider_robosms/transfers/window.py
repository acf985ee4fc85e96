"""The hours in which people may be texted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..gateway.protocol import RoboSmsError

_HOURS = re.compile(r"\s*(\d{1,2}):(\d\d)\s*(?:-|–|to)\s*(\d{1,2}):(\d\d)\s*")


@dataclass(frozen=True)
class SendWindow:
    """Daily hours in a time zone, from *opens* until before *closes*; over midnight when *closes* is the earlier."""

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, raw: Any, zone: ZoneInfo) -> SendWindow | None:
        """Return the window of a setting such as ``"09:00-21:00"`` or ``("09:00", "21:00")``; None when there is none
        or it never closes.

        :raises RoboSmsError: for anything else.
        """
        if raw is None or (isinstance(raw, str) and raw.strip() in ("", "None")):
            return None
        text = "-".join(map(str, raw)) if isinstance(raw, (tuple, list)) else str(raw)
        match = _HOURS.fullmatch(text)
        try:
            if not match:
                raise ValueError
            at_midnight = (match[3], match[4]) == ("24", "00")
            opens = time(int(match[1]), int(match[2]))
            closes = time() if at_midnight else time(int(match[3]), int(match[4]))
            if opens == closes and not at_midnight:
                raise ValueError
        except ValueError:
            raise RoboSmsError("send_window must be two times of day, such as 09:00-21:00.", permanent=True) from None
        return None if opens == closes else cls(opens, closes, zone)  # 00:00-24:00 is always

    def is_open(self, now: datetime) -> bool:
        """Tell whether messages may be sent at *now*."""
        local = now.astimezone(self.zone).time()
        if self.opens < self.closes:
            return self.opens <= local < self.closes
        return local >= self.opens or local < self.closes

    def next_opening(self, now: datetime) -> datetime:
        """Return the next moment at which the window opens."""
        return self._next(self.opens, now)

    def next_closing(self, now: datetime) -> datetime:
        """Return the next moment at which the window closes."""
        return self._next(self.closes, now)

    def _next(self, at: time, now: datetime) -> datetime:
        local = now.astimezone(self.zone)
        moment = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        return moment if moment > local else moment + timedelta(days=1)
