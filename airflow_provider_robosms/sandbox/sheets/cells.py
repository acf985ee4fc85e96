"""Typed cell values.

A cell is stored as its bare value (None, str, int, float, bool or :class:`CellError`) as long as it has nothing else, so
that a sheet of a million cells stays small; with a formula, a format or a note it is a :class:`Cell`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .errors import Json, invalid

MAX_CHARACTERS = 50_000


class CellError(str):
    """An error value such as ``#NAME?``."""

    __slots__ = ()


# The error values that a cell can have, with the name that the API gives each.
ERROR_TYPES = {
    "#NULL!": "NULL_VALUE",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#REF!": "REF",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#N/A": "N_A",
    "#ERROR!": "ERROR",
}

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with more than a value.

    Attributes:
        value: The typed value; unused when there is a formula, which is computed whenever it is read.
        formula: The formula as typed, with its ``=``.
        format: Google's CellFormat.
    """

    value: Value = None
    formula: str | None = None
    format: Json | None = None
    note: str | None = None


AnyCell: TypeAlias = Value | Cell
# Rows are never changed in place: a write replaces the row, so that copies of a sheet are cheap and safe to keep.
Row: TypeAlias = Sequence[AnyCell]


def slim(cell: Cell) -> AnyCell:
    """The cell in its smallest form."""
    return cell if cell.formula or cell.format or cell.note else cell.value


def full(cell: AnyCell) -> Cell:
    """The cell as a :class:`Cell`."""
    return cell if isinstance(cell, Cell) else Cell(cell)


def with_value(cell: AnyCell, value: Value, formula: str | None = None, number_format: Json | None = None) -> AnyCell:
    """The cell with another value; format and note stay, as in Google Sheets."""
    if not isinstance(cell, Cell) and not formula and not number_format:
        return value
    old = full(cell)
    looks = old.format
    if number_format:
        looks = (looks or {}) | {"numberFormat": number_format}
    return slim(Cell(None if formula else value, formula, looks, old.note))


def with_formula(cell: AnyCell, change: Callable[[str], str]) -> AnyCell:
    """The cell with its formula changed, if it has one."""
    if not isinstance(cell, Cell) or not cell.formula:
        return cell
    return replace(cell, formula=change(cell.formula))


def number_format(cell: AnyCell) -> Json | None:
    """The cell's number format (``{"type", "pattern"?}``), if it has one."""
    return (cell.format or {}).get("numberFormat") if isinstance(cell, Cell) else None


def is_empty(cell: AnyCell) -> bool:
    """Whether the cell shows nothing: no value and no formula (a format or a note does not count)."""
    return cell is None or (isinstance(cell, Cell) and cell.value is None and not cell.formula)


def number(value: float) -> int | float:
    """A number as a spreadsheet keeps it: a double; written without a fraction when it has none."""
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise invalid("Invalid value: the number is too large.")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def check_length(text: str) -> str:
    """Return *text*, if it is Unicode and has no more characters than Google's limit for one cell."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise invalid("Invalid value: the text has half of a surrogate pair.") from None
    if len(text) > MAX_CHARACTERS:
        raise invalid(f"Your input contains more than the maximum of {MAX_CHARACTERS} characters in a single cell.")
    return text


EMPTY_LAST = (9, 0)


def sort_key(value: Value) -> tuple[int, Any]:
    """The place of a value in ascending order: numbers, texts whatever their case, FALSE, TRUE, errors, and nothing."""
    if value is None:
        return EMPTY_LAST
    if isinstance(value, CellError):
        return 3, str(value)
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, str):
        return 1, value.casefold()
    return 0, value
