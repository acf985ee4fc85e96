"""The one place where settings become values.

A setting may be a native value, text from a form, or what a template was rendered to. One rule holds for all: what is
clearly understood is taken, anything else is one sentence that names the setting, before anything is sent, and for good: an
Airflow retry would read the same. Nothing unclear is ever taken for a yes, for a default or for "no limit".

*Not set* is None, or a text without a visible character, such as ``{{ params.limit or '' }}`` gives. The word ``None`` is
neither: a template wrote it because something was missing, and a limit must not vanish with it.

Pure: nothing here knows Airflow.
"""

from __future__ import annotations

import contextlib
import datetime
import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .exceptions import RoboSmsError
from .gateway.amounts import read_decimal
from .sms.blank import is_blank
from .sms.sendable import has_half_character, is_nothing, why_not_sendable, written

#: Whole numbers are at most this, unless a setting says otherwise: what is beyond is a slip, or a phone number.
MOST = 1_000_000_000

#: True and 1.0 are the key 1, too.
_WORDS: Mapping[Any, bool] = {
    **dict.fromkeys((1, "true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys((0, "false", "f", "no", "n", "off", "0"), False),
}
#: Names that mean another zone on each machine, or none.
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d", re.ASCII)
_LONGEST_SHOWN = 40
#: The longest length of time that can be set (seconds).
_LONGEST = 10_000_000
#: A text with so many digits may be a phone number, which no sentence shows.
_DIGITS_OF_A_NUMBER = 7


def boolean(value: Any, name: str) -> bool:
    """Return a setting that is yes or no: a bool, 1 or 0, or one of the words true, yes, on, false, no, off.

    :param name: the setting's name, for the sentence.
    :raises RoboSmsError: for anything else, None and blank text too; permanent.
    """
    word = value.strip().lower() if isinstance(value, str) else value
    try:
        return _WORDS[word]
    except (KeyError, TypeError):  # TypeError: a dict or a list is no key
        _refuse(name, "True or False", value)


def whole(value: Any, name: str, *, least: int = 0, most: int = MOST) -> int:
    """Return a whole number from *least* to *most*; as text or with the tail ``.0``, too.

    :raises RoboSmsError: for anything else, naming the setting and the bounds; permanent.
    """
    number = read_decimal(value)
    if number is None or number != number.to_integral_value() or not least <= number <= most:
        _refuse(name, f"a whole number {_range(least, most)}", value)
    return int(number)


def optional_whole(value: Any, name: str, *, least: int = 0, given: bool = False) -> int | None:
    """Return what :func:`whole` does, or None when the setting is not set.

    :param given: whether the DAG's author set it: to a template or to another task's result that came out as None, then.
    :raises RoboSmsError: as :func:`whole`, and for what was set and came out as nothing; permanent.
    """
    return None if _is_unset(value, name, given=given) else whole(value, name, least=least)


def number(value: Any, name: str, *, least: float, most: float) -> float:
    """Return a finite number from *least* to *most*.

    :raises RoboSmsError: for anything else, naming the setting and the bounds; permanent.
    """
    found = read_decimal(value)
    if found is None or not Decimal(str(least)) <= found <= Decimal(str(most)):
        _refuse(name, f"a number {_range(least, most)}", value)
    return float(found)


def optional_number(value: Any, name: str, *, least: float, most: float, given: bool = False) -> float | None:
    """Return what :func:`number` does, or None when the setting is not set.

    :param given: as in :func:`optional_whole`.
    :raises RoboSmsError: as :func:`number`, and for what was set and came out as nothing; permanent.
    """
    return None if _is_unset(value, name, given=given) else number(value, name, least=least, most=most)


def seconds(value: Any, name: str) -> float:
    """Return a length of time in seconds, from a timedelta or a number.

    :raises RoboSmsError: for anything else, naming the setting and the bounds; permanent.
    """
    length = value.total_seconds() if isinstance(value, datetime.timedelta) else value
    found = read_decimal(length)
    if found is None or not 0 <= found <= _LONGEST:
        _refuse(name, f"a timedelta or seconds {_range(0, _LONGEST)}", value)
    return float(found)


def choice(value: Any, name: str, choices: Sequence[str]) -> str:
    """Return a setting that is one of a few words.

    :raises RoboSmsError: for anything else; permanent.
    """
    if not isinstance(value, str) or value not in choices:
        _refuse(name, " or ".join(choices), value)
    return value


def text(value: Any, name: str) -> str:
    """Return a name, such as that of a tab, a column or a connection; a whole number is one, too (a tab called 2026).

    :raises RoboSmsError: for blank text, another type, or the word None; permanent.
    """
    # Also a whole number of NumPy; one of thousands of digits cannot be written, and is blank then.
    wanted = written(value) if isinstance(value, Integral) and not isinstance(value, bool) else value
    if not isinstance(wanted, str) or is_blank(wanted) or is_nothing(wanted) or has_half_character(wanted):
        _refuse(name, "text", value)
    return wanted


def optional_text(value: Any, name: str, *, given: bool = False) -> str | None:
    """Return what :func:`text` does, or None when the setting is not set.

    :param given: as in :func:`optional_whole`.
    :raises RoboSmsError: as :func:`text`, and for what was set and came out as nothing; permanent.
    """
    return None if _is_unset(value, name, given=given) else text(value, name)


def sender_mask(value: Any, name: str = "mask", *, given: bool = False) -> str | None:
    """Return a sender mask, or None when the setting is not set.

    :param given: as in :func:`optional_whole`.
    :raises RoboSmsError: for what was set and is no text that one means; permanent.
    """
    if _is_unset(value, name, given=given):
        return None
    mask = text(value, name)
    if reason := why_not_sendable(mask):
        raise RoboSmsError(f"{name} {reason}; give a mask as RoboSMS has registered it.", permanent=True)
    return mask.strip()


def message(value: Any, name: str = "message", *, tags: bool = False) -> str:
    """Return the text of a message. A number is none: rendering native objects makes 12345 of "012345".

    :param tags: whether it is filled in for each person, and may hold tags.
    :raises RoboSmsError: for what is not text or shows nothing to its reader, without showing it; permanent.
    """
    reason = why_not_sendable(value, tags=tags)
    if reason:
        raise RoboSmsError(f"{name} {reason}; give the text to send.", permanent=True)
    return str(value)


def plain_line(value: Any, name: str, *, given: bool = False) -> str | None:
    """Return one line of text without tags that a message can end with, or None when the setting is not set.

    :param given: as in :func:`optional_whole`.
    :raises RoboSmsError: as :func:`message`, and for several lines or a tag; permanent.
    """
    if _is_unset(value, name, given=given):
        return None
    line = message(value, name, tags=True).strip()
    if "{{" in line or "}}" in line or len(line.splitlines()) > 1:
        raise RoboSmsError(f"{name} must be one line without tags, the same for everybody.", permanent=True)
    return line


def timezone(value: Any, name: str = "timezone") -> ZoneInfo:
    """Return a time zone by its name, such as ``Asia/Karachi``, or as a ZoneInfo, a pendulum or pytz zone, or UTC.

    :raises RoboSmsError: for anything else; permanent.
    """
    if isinstance(value, ZoneInfo) and value.key not in _NO_ZONES:
        return value
    key = value
    if isinstance(value, datetime.tzinfo):
        key = getattr(value, "key", None) or getattr(value, "zone", None) or str(value)
    try:
        if not isinstance(key, str) or key.strip() in _NO_ZONES:
            raise TypeError
        return ZoneInfo(key.strip())
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):  # "Asia" is a folder, "../x" a ValueError
        _refuse(name, "a time zone such as Asia/Karachi", value)


def optional_moment(value: Any, name: str, zone: ZoneInfo, *, given: bool = False) -> datetime.datetime | None:
    """Return a moment, from a datetime or a text such as ``2026-11-23 14:00``, or None when the setting is not set.

    A date alone is none: whether its day is still meant is not clear.

    :param zone: the zone of a moment that names none.
    :param given: as in :func:`optional_whole`.
    :raises RoboSmsError: for anything else, and for what was set and came out as nothing; permanent.
    """
    if _is_unset(value, name, given=given):
        return None
    moment = value
    if isinstance(value, str) and _MOMENT.match(value.strip()):
        with contextlib.suppress(ValueError):
            moment = datetime.datetime.fromisoformat(value.strip())
    # The missing moment of pandas, NaT, is a datetime, too: it equals nothing, and no moment would be later than it.
    if not isinstance(moment, datetime.datetime) or moment != moment:  # noqa: PLR0124
        _refuse(name, "a moment such as 2026-11-23 14:00", value)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def resembles(name: str, settings: Collection[str], *, shortest: int = 0, cutoff: float = 0.8) -> bool:
    """Tell whether a name may be meant for one of *settings*, however it is written: ``senderId``, ``Sender-Mask``.

    :param settings: their names, of small letters and digits alone.
    :param shortest: a name of fewer letters must be one exactly: short words resemble each other by chance.
    :param cutoff: how alike a longer one must be, as :func:`difflib.get_close_matches` has it.
    """
    form = re.sub(r"[\W_]", "", name).casefold()
    alike = len(form) >= shortest and difflib.get_close_matches(form, settings, n=1, cutoff=cutoff)
    return form in settings or bool(alike)


def shown(value: Any) -> str:
    """Return *value* for a sentence: short, and nothing in which a number that can be texted may be."""
    if value is None or isinstance(value, bool):
        return repr(value)
    if not isinstance(value, (str, Real, Decimal)):
        return f"a value of type {type(value).__name__}"
    kind = "a text" if isinstance(value, str) else "a number"
    try:
        words = repr(value) if isinstance(value, str) else str(value)
    except ValueError:  # a whole number of thousands of digits
        return "a number with so many digits"
    if len(words) > _LONGEST_SHOWN or len(re.findall(r"\d", words)) >= _DIGITS_OF_A_NUMBER:
        return f"{kind} of {len(words):,} characters"
    return words


def _is_unset(value: Any, name: str, *, given: bool) -> bool:
    if isinstance(value, str) and is_blank(value):
        return True  # a template that says so itself: {{ params.limit or '' }}
    if value is not None and not (isinstance(value, str) and is_nothing(value)):
        return False
    if value is None and not given:
        return True
    raise RoboSmsError(
        f"{name} came out as {value}: what its template or task gave was nothing; write {{{{ … or '' }}}} in the DAG if it "
        "may be missing.",
        permanent=True,
    )


def _range(least: float, most: float) -> str:
    return f"from {least:g}" if most >= MOST else f"from {least:g} to {most:,.10g}"


def _refuse(name: str, what: str, value: Any) -> NoReturn:
    raise RoboSmsError(f"{name} must be {what}, not {shown(value)}.", permanent=True) from None
