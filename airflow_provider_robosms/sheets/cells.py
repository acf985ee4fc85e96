"""Values of cells: as text for templates, and made harmless before they are written."""

from __future__ import annotations

from typing import Any

#: A text that begins so becomes a formula when somebody exports the sheet as CSV and opens it (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Google refuses a cell of more characters.
MAX_CELL = 50_000


def text_of(value: Any) -> str:
    """Return an unformatted cell value as the text a person would type: ``1500`` for 1500.0, ``TRUE`` for a tick.

    Fractions keep at most 15 significant digits, as spreadsheets show them.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    return str(value)


def inert(text: str) -> str:
    """Return *text* so that it stays text in the sheet and in its CSV export."""
    text = text[: MAX_CELL - 1]
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def formula_error(text: str) -> bool:
    """Tell whether *text* is an error value such as ``#N/A`` or ``#REF!``."""
    return text.startswith("#") and text.rstrip("!?") in _ERRORS


_ERRORS = frozenset({"#N/A", "#REF", "#NAME", "#VALUE", "#DIV/0", "#NUM", "#NULL", "#ERROR", "#SPILL", "#CALC"})
