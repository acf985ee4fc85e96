"""What Google Sheets makes of a text that somebody types: USER_ENTERED.

A text becomes a number, a date, a boolean, an error or a formula when it looks like one. So a phone number loses its
leading zero or its plus sign, unless an apostrophe stands before it or the cell has the plain-text format.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from .cells import ERROR_TYPES, CellError, Value, check_length, number
from .errors import Json
from .formats import MONTHS, to_serial

# Only ASCII digits are numbers to Google Sheets: ۰۳۰۰ stays text.
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<money>\$?)(?P<digits>\d{1,3}(?:,\d{3})+|\d*)"
    r"(?P<fraction>\.\d*)?(?P<power>[eE][+-]?\d{1,3})?(?P<percent>%?)\Z",
    re.ASCII,
)
_TIME = r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[AaPp][Mm]))?)"
_MONTH = "(?P<name>" + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS) + ")"
_DATES = [
    re.compile(f"{date}(?:[ T]+{_TIME})?" + r"\Z", re.IGNORECASE | re.ASCII)
    for date in (
        r"(?P<year>\d{4})(?P<mark>[-/])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})(?P<mark>[-/])(?P<second_number>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
        rf"(?P<day>\d{{1,2}})(?P<mark>[- ]){_MONTH}(?P=mark)(?P<year>\d{{4}})",
        rf"{_MONTH} (?P<day>\d{{1,2}}), ?(?P<year>\d{{4}})",
    )
]
_ONLY_TIME = re.compile(_TIME + r"\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of a typed text: a value or a formula, and the number format that it brings along."""

    value: Value = None
    formula: str | None = None
    number_format: Json | None = None


def parse_typed(text: str, current: Json | None = None) -> Entry:
    """Interpret *text* as a person's typing (USER_ENTERED).

    *current* is the cell's number format: TEXT keeps everything as it is typed, any other stays as it is.
    """
    check_length(text)
    if text == "":
        return Entry()
    if text.startswith("'"):
        return Entry(text[1:])
    if current and current.get("type") == "TEXT":
        return Entry(text)
    if text.startswith("=") and len(text) > 1:
        return Entry(formula=text)
    bare = text.strip()
    if bare.upper() in ("TRUE", "FALSE"):
        return Entry(bare.upper() == "TRUE")
    if bare.upper() in ERROR_TYPES:
        return Entry(CellError(bare.upper()))
    found = _number(bare) or _moment(bare)
    if found:
        return Entry(found.value, number_format=None if current else found.number_format)
    if text[0] in "+-" and len(bare) > 1:
        # Google reads what starts with a sign as a formula: "-abc" becomes =-abc and shows #NAME?.
        return Entry(formula="=" + text)
    return Entry(text)


def _number(text: str) -> Entry | None:
    found = _NUMBER.match(text)
    if not found or not (found["digits"] or (found["fraction"] or ".")[1:]):
        return None
    value = float(
        found["sign"] + (found["digits"].replace(",", "") or "0") + (found["fraction"] or "") + (found["power"] or "")
    )
    if value in (float("inf"), float("-inf")):
        return None
    decimals = "0" * (len(found["fraction"] or ".") - 1)
    grouped = "#,##0" if "," in found["digits"] else "0"
    pattern = ("#,##0" if found["money"] else grouped) + ("." + decimals if decimals else "")
    if found["percent"]:
        return Entry(number(value / 100), number_format={"type": "PERCENT", "pattern": pattern + "%"})
    if found["money"]:
        return Entry(number(value), number_format={"type": "CURRENCY", "pattern": '"$"' + pattern})
    if found["power"]:
        return Entry(number(value), number_format={"type": "SCIENTIFIC", "pattern": "0.00E+00"})
    if grouped != "0":
        return Entry(number(value), number_format={"type": "NUMBER", "pattern": pattern})
    return Entry(number(value))


def _moment(text: str) -> Entry | None:
    only_time = _ONLY_TIME.match(text)
    if only_time:
        day, pattern, kind = dt.datetime(1899, 12, 30), "", "TIME"  # noqa: DTZ001 - serial numbers have no zone
    else:
        found = next((match for form in _DATES if (match := form.match(text))), None)
        if not found:
            return None
        parts = found.groupdict()
        date = _date(parts)
        if date is None:
            return None
        day, pattern, kind = date, _date_pattern(parts), "DATE"
        if parts["hour"] is None:
            return Entry(number(to_serial(day)), number_format={"type": kind, "pattern": pattern})
        only_time, kind = found, "DATE_TIME"
    clock = _clock(only_time.groupdict())
    if clock is None:
        return None
    seconds = ":ss" if only_time["second"] or kind == "DATE_TIME" else ""
    pattern = f"{pattern} h:mm{seconds}{' am/pm' if only_time['half'] else ''}".strip()
    return Entry(number(to_serial(day + clock)), number_format={"type": kind, "pattern": pattern})


def _date(parts: dict[str, str | None]) -> dt.datetime | None:
    year = int(parts["year"] or 0)
    if year < 100:
        # Two digits mean the years 1930 to 2029 in Google Sheets.
        year += 2000 if year < 30 else 1900
    if parts.get("name"):
        month = next(i for i, name in enumerate(MONTHS, 1) if name[:3].lower() == (parts["name"] or "")[:3].lower())
        day = int(parts["day"] or 0)
    elif parts.get("first"):
        month, day = int(parts["first"] or 0), int(parts["second_number"] or 0)
    else:
        month, day = int(parts["month"] or 0), int(parts["day"] or 0)
    try:
        return dt.datetime(year, month, day)  # noqa: DTZ001 - serial numbers have no zone
    except ValueError:
        return None


def _date_pattern(parts: dict[str, str | None]) -> str:
    """The date format that shows the date as it was typed."""
    mark = parts.get("mark")
    if parts.get("name"):
        month = "mmm" if len(parts["name"] or "") == 3 else "mmmm"
        return f"d{mark}{month}{mark}yyyy" if mark else f"{month} d, yyyy"
    if parts.get("first"):
        day, month = ("dd", "MM") if len(parts["first"] or "") == len(parts["second_number"] or "") == 2 else ("d", "M")
        return f"{month}{mark}{day}{mark}{'yyyy' if len(parts['year'] or '') == 4 else 'yy'}"
    padded = len(parts["month"] or "") == 2 and len(parts["day"] or "") == 2
    return f"yyyy{mark}mm{mark}dd" if padded else f"yyyy{mark}m{mark}d"


def _clock(parts: dict[str, str | None]) -> dt.timedelta | None:
    hour, minute, second = int(parts["hour"] or 0), int(parts["minute"] or 0), int(parts["second"] or 0)
    if minute > 59 or second > 59 or hour > (12 if parts["half"] else 23):
        return None
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    return dt.timedelta(hours=hour, minutes=minute, seconds=second)
