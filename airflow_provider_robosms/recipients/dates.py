"""Moments in the Send At column: dates of the sheet, and dates that people wrote as text."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import Any

from ..sms.blank import is_blank
from ..sms.folding import plain
from ..spreadsheet.cells import Exact, text_of

_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%d %B %Y %H:%M",
    "%d %B %Y",
)
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)")
_SCIENTIFIC = re.compile(r"\d[Ee][+-]?\d")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])\.?m\.?", re.IGNORECASE)

#: Without am or pm. 05:30 is how clocks of 24 hours write the morning, and 5:30:00 what programs write.
_ONE_DIGIT = re.compile(r"(?<!\d)[1-9]:\d{1,2}(?![\d:])")

_NOT_A_DATE = "Send At is not a date and time: write it like 2026-11-23 14:00"


def moment_of(cell: Any, zone: tzinfo) -> datetime | None:
    """Return the moment that a Send At cell means in *zone*; None for a blank cell.

    A date of the sheet is exact, whatever its format shows of it. A number that is shown as a number is no date.

    :param cell: as :mod:`.cells` has them.
    :raises ValueError: with a reason for a person.
    """
    text = plain(text_of(cell)).strip()
    if not isinstance(cell, Exact) or not isinstance(cell.value, (int, float)) or isinstance(cell.value, bool):
        return None if is_blank(text) else parse_moment(text, zone)
    shown = "".join(filter(str.isdecimal, text))
    days = cell.value
    if not 0 < days < 100_000 or not text or _SCIENTIFIC.search(text) or shown.startswith(str(int(days))):
        raise ValueError(_NOT_A_DATE)
    # Day 0 of spreadsheets, on the clock of the zone; the fraction of a day has no exact seconds.
    return _of_this_century(datetime(1899, 12, 30, tzinfo=zone) + timedelta(seconds=round(days * 86_400)))


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """Return the moment that *text* means in *zone*.

    ``2026-11-23 14:00``, ``2026-11-23``, ``23 Nov 2026 2:00 PM`` and ``23/11/2026 14:00`` are read. A numeric date whose day
    and month could be swapped (``03/04/2026``) is refused: sheets of American locale write the month first.

    :raises ValueError: with a reason for a person.
    """
    text = plain(text).strip()
    cleaned = _CLOCK.sub(
        _to_24_hours, " ".join(text.replace("T", " ", 1).split()) if text[4:5] == "-" else " ".join(text.split())
    )
    if _ONE_DIGIT.search(cleaned):
        raise ValueError("the time in Send At can be that of a day or of a night: write it like 2026-11-23 14:00")
    match = _NUMERIC.fullmatch(cleaned)
    if match:
        first, second = int(match[1]), int(match[2])
        if first <= 12 and second <= 12 and first != second:
            raise ValueError("the date in Send At can be read in two ways: write it like 2026-11-23 14:00")
        day, month = (first, second) if second <= 12 else (second, first)
        cleaned = f"{match[3]}-{month:02d}-{day:02d}{match[4]}"
    cleaned = cleaned.replace("-", " ") if re.match(r"\d{1,2}-[A-Za-z]", cleaned) else cleaned
    for shape in _FORMATS:
        try:
            moment = datetime.strptime(cleaned, shape).replace(tzinfo=zone)
        except ValueError:
            continue
        return _of_this_century(moment)
    raise ValueError(_NOT_A_DATE)


def _of_this_century(moment: datetime) -> datetime:
    """Return *moment*, unless its year is a slip: what was due in the year 26 would be texted at once.

    :raises ValueError: for a time of day alone, a price or a year in a cell of numbers, and for mistyped years.
    """
    if not 2000 <= moment.year < 2100:
        raise ValueError(_NOT_A_DATE)
    return moment


def _to_24_hours(match: re.Match[str]) -> str:
    hour, afternoon = int(match[1]), match[3].lower() == "p"
    # "22:00 AM" is no 10 o'clock, and "0:30 PM" is midnight to one and noon to another.
    if hour > 23 or (hour > 12 and not afternoon) or (hour == 0 and afternoon):
        raise ValueError(_NOT_A_DATE)
    hour = hour % 12 + (12 if afternoon else 0)
    return f"{hour:02d}:{match[2]}"
