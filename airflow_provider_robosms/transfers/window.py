"""The hours in which people may be texted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..exceptions import RoboSmsError

#: ``09:00``, ``9 am``, ``9:30 pm``: a bare 9 could be either half of the day, so it is refused.
_TIME = r"(?:(\d{1,2}):(\d\d)|(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\.?)"
_HOURS = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|to|until|till)\s*{_TIME}\s*", re.IGNORECASE)


@dataclass(frozen=True)
class SendWindow:
    """Daily hours in a time zone, from *opens* until before *closes*; over midnight when *closes* is the earlier."""

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, raw: Any, zone: ZoneInfo) -> SendWindow | None:
        """Return the window of a setting such as ``"09:00-21:00"``, ``"9 am - 9 pm"`` or ``("09:00", "21:00")``; None when
        there is none or it never closes.

        :raises RoboSmsError: for anything else.
        """
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        text = "-".join(map(str, raw)) if isinstance(raw, (tuple, list)) else str(raw)
        match = _HOURS.fullmatch(text)
        try:
            if not match:
                raise ValueError
            at_midnight = (match[6], match[7]) == ("24", "00")
            opens = _time_of_day(*match.groups()[:5])
            closes = time() if at_midnight else _time_of_day(*match.groups()[5:])
            if opens == closes and not at_midnight:
                raise ValueError
            if _is_unclear(opens, closes, bare=(match[1], match[6])):
                raise RoboSmsError(
                    f"The hours in which people may be texted, {text[:40]!r}, may be those of a day or of a night: write "
                    "them as 09:00-18:00 or 9 am - 6 pm.",
                    permanent=True,
                )
        except ValueError:
            raise RoboSmsError(
                f"The hours in which people may be texted, {text[:40]!r}, are not two times of day, such as 09:00-21:00 or "
                "9 am - 9 pm: correct them.",
                permanent=True,
            ) from None
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


def _is_unclear(opens: time, closes: time, *, bare: tuple[str | None, str | None]) -> bool:
    """Tell whether hours may be meant for another half of the day: ``9:00-6:00``, ``14:00-9:00``, ``1:00-5:00 pm``.

    :param bare: the hours of the two as they were written without am or pm; None with one of these.
    """
    if bare[1] is not None and len(bare[1]) == 1 and closes < opens:
        return True
    halves = [1 <= moment.hour <= 12 for moment in (opens, closes)]  # 21:00 and 00:30 are of one half only
    if None not in bare:
        return closes < opens and all(halves)
    if bare[0] is not None and bare[1] is None:
        # 9:00-5 pm begins in the morning: from nine in the evening it would last through the night and the next day. But
        # 8:00-10 pm may be two hours of one evening, and 9:00-6 am a night, in which nobody is texted by a guess.
        return halves[0] and not opens < closes <= opens.replace(hour=(opens.hour + 12) % 24)
    return any(half and plain is not None for half, plain in zip(halves, bare, strict=True))


def _time_of_day(
    hour: str | None, minute: str | None, hour12: str | None, minute12: str | None, half: str | None
) -> time:
    """Return the time of a match of ``_TIME``; ValueError where the clock has no such time."""
    if hour12 is None or half is None:
        return time(int(hour or ""), int(minute or ""))
    if not 1 <= int(hour12) <= 12:
        raise ValueError
    return time(int(hour12) % 12 + (12 if half.lower() == "p" else 0), int(minute12 or 0))
