"""The one place where numbers from outside become values: amounts on the wire, and settings that people write.

Python's Decimal takes ``1e999999999``, and the first calculation with it stalls the process. So everything is read by one
narrow rule and within bounds that no account and no setting needs to leave.
"""

from __future__ import annotations

import re
import reprlib
from decimal import Decimal
from numbers import Real
from typing import Any

from ..exceptions import RoboSmsError

#: Amounts and settings are below MOST; those that are not 0 are at least LEAST, either side of 0.
MOST = Decimal(10) ** 15
LEAST = Decimal(10) ** -9

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?", re.IGNORECASE)
#: Thousands, also as Pakistan groups them (1,25,000.00). Any other comma may be a decimal one (0,500): that is no number.
_GROUPED = re.compile(r"[+-]?[1-9](?:[0-9]{0,2}(?:,[0-9]{3})+|[0-9]?(?:,[0-9]{2})+,[0-9]{3})(?:\.[0-9]*)?")
_LONGEST = 60


def read_decimal(value: Any, *, grouped: bool = False) -> Decimal | None:
    """Return a number or its text as a Decimal within the bounds, or None. A float keeps its shortest written form.

    :param grouped: whether commas between thousands are understood.
    """
    if isinstance(value, bool) or not isinstance(value, (str, Decimal, Real)):
        return None
    try:
        text = str(value).strip()
    except ValueError:  # a whole number of thousands of digits
        return None
    if len(text) > _LONGEST:
        return None
    if grouped and _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if _PLAIN.fullmatch(text) is None:
        return None
    number = Decimal(text)
    return number if number == 0 or LEAST <= abs(number) < MOST else None


def decimal_of(value: Any, name: str, *, allow_zero: bool = False) -> Decimal:
    """Return a setting as a decimal above 0, below :data:`MOST`.

    :param name: the setting's name, for the sentence.
    :raises RoboSmsError: for anything else, naming the setting.
    """
    number = read_decimal(value)
    if number is None or number < 0 or not (number or allow_zero):
        least = "from 0" if allow_zero else "above 0"
        raise RoboSmsError(f"{name} must be a number {least}, not {_shown(value)}.", permanent=True)
    return number


def seconds_of(value: Any, name: str, *, least: float, most: float) -> float:
    """Return a setting as seconds between *least* and *most*.

    :param name: the setting's name, for the sentence.
    :raises RoboSmsError: for anything else, naming the setting and the bounds.
    """
    number = read_decimal(value)
    if number is None or not Decimal(str(least)) <= number <= Decimal(str(most)):
        raise RoboSmsError(
            f"{name} must be a number of seconds from {least:g} to {most:.10g}, not {_shown(value)}.", permanent=True
        )
    return float(number)


def in_parts(count: int, kind: str = "part") -> str:
    """Return so many message parts in words: ``1 part``, ``1,240 parts``."""
    return f"{count:,} {kind}{'' if count == 1 else 's'}"


def _shown(value: Any) -> str:
    """Return *value* for a sentence, however long it is."""
    try:
        return reprlib.repr(value)
    except ValueError:  # a whole number of thousands of digits
        return "one with so many digits"
