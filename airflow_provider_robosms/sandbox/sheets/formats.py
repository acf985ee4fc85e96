"""How a value looks: number formats, dates as serial numbers, FORMATTED_VALUE.

Of Google's patterns (https://developers.google.com/workspace/sheets/api/guides/formats) the usual ones are understood:
``0``, ``#,##0.00``, ``0%``, ``0.00E+00``, ``@``, literal text, and date patterns. Sections (``;``), fractions and
conditions are not: such a pattern shows the number as if it had none.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from .cells import Value
from .errors import Json

EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers have no time zone
_DEFAULT_PATTERNS = {
    "TEXT": "@",
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "CURRENCY": "$#,##0.00",
    "SCIENTIFIC": "0.00E+00",
}
# As in the United States: no spreadsheet here has another locale.
_DATE_PATTERNS = {"DATE": "M/d/yyyy", "DATE_TIME": "M/d/yyyy h:mm:ss", "TIME": "h:mm:ss am/pm"}
_NUMBER_PATTERN = re.compile(r"[#0,]+(\.[#0]+)?(E\+0+)?")
_DATE_TOKEN = re.compile(r"y+|M+|m+|d+|h+|s+|am/pm|\"[^\"]*\"|\\.|.", re.IGNORECASE)
# A double has up to 309 digits before the point.
_WIDE = Context(prec=400)
# As strftime writes the parts of a date pattern.
_MONTHS = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%-m"}
_DAYS = {"dddd": "%A", "ddd": "%a", "dd": "%d", "d": "%-d"}
_HOURS = {"hh": "%H", "h": "%-H", "ss": "%S", "s": "%-S", "am/pm": "%p"}
_MINUTES = {"mm": "%M", "m": "%-M"}
MONTHS = list(calendar.month_name)[1:]


def is_date(number_format: Json | None) -> bool:
    """Whether the number format shows a date or a time."""
    return number_format is not None and number_format.get("type") in _DATE_PATTERNS


def display(value: Value, number_format: Json | None = None) -> str:
    """The text that a cell shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if not number_format or number_format.get("type") in (None, "NUMBER_FORMAT_TYPE_UNSPECIFIED"):
        return general(value)
    if is_date(number_format):
        return _date_text(value, number_format.get("pattern") or _DATE_PATTERNS[number_format["type"]])
    pattern = number_format.get("pattern") or _DEFAULT_PATTERNS.get(number_format["type"], "")
    return _number_text(value, pattern)


def general(value: float) -> str:
    """A number without a format: whole numbers in full up to 15 digits, others with ten significant digits.

    Where Google changes to ``1.23457E+15`` is not documented; fifteen digits is what its pages show.
    """
    if isinstance(value, int) or value.is_integer():
        return str(int(value)) if abs(value) < 1e15 else _scientific(value, 5, trim=True)
    if not 1e-9 <= abs(value) < 1e15:
        return _scientific(value, 5, trim=True)
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    leading = len(re.match(r"0*", f"{abs(value):.20f}"[2:]).group()) if abs(value) < 1 else 0  # type: ignore[union-attr]
    return f"{value:.{max(10 - whole, 1) + leading}f}".rstrip("0").rstrip(".")


def _scientific(value: float, decimals: int, *, trim: bool = False) -> str:
    digits, exponent = f"{value:.{decimals}E}".split("E")
    if trim and "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"{digits}E{exponent[0]}{exponent[1:].lstrip('0').rjust(2, '0')}"


@lru_cache(maxsize=4096)
def _number_text(value: float, pattern: str) -> str:
    found = _NUMBER_PATTERN.search(pattern)
    if pattern == "@" or not found or ";" in pattern:
        return general(value)
    prefix, suffix = (
        part.replace('"', "").replace("\\", "") for part in (pattern[: found.start()], pattern[found.end() :])
    )
    scaled = value * 100 if "%" in suffix else value
    decimals = (found[1] or ".")[1:]
    if found[2]:
        text = _scientific(abs(scaled), len(decimals))
    else:
        # Halves are rounded away from zero, as people do; Python's own formatting rounds them to even.
        rounded = Decimal(repr(abs(scaled))).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _WIDE)
        text = f"{rounded:{',' if ',' in found[0] else ''}f}"
        optional = len(decimals) - len(decimals.rstrip("#"))
        while optional and text.endswith("0"):
            text, optional = text[:-1], optional - 1
        text = text.rstrip(".")
    return f"{'-' if scaled < 0 else ''}{prefix}{text}{suffix}"


def to_datetime(serial: float) -> dt.datetime:
    """The moment of a serial number: whole days since 30 December 1899, the fraction is the time of day."""
    # Rounded to seconds: a double can't hold most times of day exactly.
    return EPOCH + dt.timedelta(seconds=round(serial * 86_400))


def to_serial(moment: dt.datetime) -> float:
    """The serial number of a moment, to about a microsecond."""
    return (moment - EPOCH).total_seconds() / 86_400


@lru_cache(maxsize=4096)
def _date_text(serial: float, pattern: str) -> str:
    """A serial number as its date format shows it; a serial outside the years 1 to 9999 shows as a number."""
    try:
        moment = to_datetime(serial)
    except OverflowError:
        return general(serial)
    tokens = _DATE_TOKEN.findall(pattern)
    twelve = "am/pm" in pattern.lower()
    return "".join(_date_part(token, index, tokens, moment, twelve) for index, token in enumerate(tokens))


def _date_part(token: str, index: int, tokens: list[str], moment: dt.datetime, twelve: bool) -> str:
    if len(token) > 1 and token[0] in '"\\':
        return token.strip('"').lstrip("\\")
    code = (
        _MINUTES.get(token) if _means_minutes(token, index, tokens) else (_MONTHS | _DAYS | _HOURS).get(token.lower())
    )
    if code is None:
        return token
    return moment.strftime(code.replace("H", "I") if twelve else code)


def _means_minutes(token: str, index: int, tokens: list[str]) -> bool:
    """Whether m stands next to hours or seconds: capital letters and other neighbours mean months."""
    if token.isupper() or len(token) > 2:
        return False
    before = next((other for other in reversed(tokens[:index]) if other[0].isalpha()), "")
    after = next((other for other in tokens[index + 1 :] if other[0].isalpha()), "")
    return before[:1].lower() == "h" or after[:1].lower() == "s"
