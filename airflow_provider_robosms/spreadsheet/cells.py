"""Where cells become values: as text for templates, as exact values for keys and numbers, and made harmless for writing.

A cell of a look is a plain value where what the sheet shows is its value, and :class:`Exact` where the two differ, as for a
date or ``Rs 1,234.50``. What is texted is what is shown; keys, numbers and times come from the exact value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..sms.passing import formula_error

#: A text that begins so becomes a formula when somebody exports the sheet as CSV and opens it (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Google refuses a cell of more characters.
MAX_CELL = 50_000


class Exact(NamedTuple):
    """A cell that shows something else than its value."""

    value: Any
    shown: str


def text_of(cell: Any) -> str:
    """Return a cell as the sheet shows it; a plain value as a person would type it: ``1500`` for 1500.0, ``TRUE`` for a tick.

    Fractions keep at most 15 significant digits, as spreadsheets show them.
    """
    if type(cell) is str:
        return cell
    if cell is None:
        return ""
    if isinstance(cell, Exact):
        return cell.shown
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    return str(cell)


def value_of(cell: Any) -> Any:
    """Return the exact value of a cell: text, number (dates as days since 1899-12-30), bool or None."""
    return cell.value if isinstance(cell, Exact) else cell


def exact_text(cell: Any) -> str:
    """Return the exact value of a cell as text, whatever its format shows."""
    return text_of(value_of(cell))


def at(row: Sequence[Any], place: int | None) -> Any:
    """Return the cell of a row in a column; None beyond the row's end or where there is no such column."""
    return row[place] if place is not None and place < len(row) else None


def joined(value: Any, shown: str) -> Any:
    """Return the cell that has this exact value and shows this text."""
    return value if text_of(value) == shown else Exact(value, shown)


def agrees(value: Any, shown: str) -> bool | None:
    """Tell whether an exact value and a shown text can be of one cell; None where its format hides the answer."""
    if value is None or value == "":
        return None if shown == "" else False
    if isinstance(value, str):
        # A text shows itself, or itself between what a format adds.
        if shown == "" or (formula_error(value) and formula_error(shown)):  # errors have names in each language
            return True if value == shown else None
        return value == shown or value.strip() in shown
    if isinstance(value, bool) or shown == "":
        return None
    digits, seen = _digits(text_of(abs(value))), _digits(shown)
    return True if digits and digits in seen else None


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text)) if not text.isdecimal() else text


def inert(text: str) -> str:
    """Return *text* so that it stays text in the sheet and in its CSV export."""
    text = text[: MAX_CELL - 1]
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
