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
from .formats import EPOCH, MONTHS, to_serial

# Only ASCII digits are numbers to Google Sheets: ۰۳۰۰ stays text.
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<money>\$?)(?P<digits>\d{1,3}(?:,\d{3})+|\d*)"
    r"(?P<fraction>\.\d*)?(?P<power>[eE][+-]?\d{1,3})?(?P<percent>%?)\Z",
    re.ASCII,
)
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[AaPp][Mm]))?"
_PARTS = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<year>\d{2})",
    "mmmm": f"(?P<month>{'|'.join(MONTHS)})",
    "mmm": f"(?P<month>{'|'.join(name[:3] for name in MONTHS)})",
    "mm": r"(?P<month>\d{2})",
    "m": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{2})",
    "d": r"(?P<day>\d{1,2})",
}
_DATE_PATTERNS = """yyyy-mm-dd yyyy-m-d yyyy/mm/dd yyyy/m/d MM/dd/yyyy M/d/yyyy MM/dd/yy M/d/yy MM-dd-yyyy M-d-yyyy MM-dd-yy
    M-d-yy d-mmm-yyyy d-mmmm-yyyy"""
# The number format of a date, which shows it as it was typed, and what a text must be for it; none of a time alone.
_MOMENTS = {
    pattern: re.compile(
        re.sub("[a-zA-Z]+", lambda part: _PARTS[part[0].lower()], pattern) + rf"(?:[ T]+{_TIME})?\Z", re.I | re.A
    )
    for pattern in (*_DATE_PATTERNS.split(), "d mmm yyyy", "d mmmm yyyy", "mmm d, yyyy", "mmmm d, yyyy")
} | {"": re.compile(_TIME + r"\Z", re.A)}


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
    matches = ((pattern, found) for pattern, form in _MOMENTS.items() if (found := form.match(text)))
    date, found = next(matches, ("", None))
    if not found:
        return None
    parts = found.groupdict()
    try:
        moment = _day(parts) if date else EPOCH
        moment = moment.replace(hour=_hour(parts), minute=int(parts["minute"] or 0), second=int(parts["second"] or 0))
    except ValueError:
        return None
    kind, pattern = "DATE", date
    if parts["hour"]:
        kind = "DATE_TIME" if date else "TIME"
        seconds = ":ss" if parts["second"] or date else ""
        pattern = f"{date} h:mm{seconds}{' am/pm' if parts['half'] else ''}".strip()
    return Entry(number(to_serial(moment)), number_format={"type": kind, "pattern": pattern})


def _day(parts: dict[str, str]) -> dt.datetime:
    year, month = int(parts["year"]), parts["month"].capitalize()
    if year < 100:
        # Two digits mean the years 1930 to 2029 in Google Sheets.
        year += 2000 if year < 30 else 1900
    names = [name.startswith(month) for name in MONTHS]
    return EPOCH.replace(
        year=year, month=int(month) if month.isdigit() else names.index(True) + 1, day=int(parts["day"])
    )


def _hour(parts: dict[str, str]) -> int:
    hour = int(parts["hour"] or 0)
    if not parts["half"]:
        return hour
    if hour > 12:
        raise ValueError
    return hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
