"""Reading cells: the three value render options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from .a1 import GridRange
from .cells import AnyCell, Cell, is_empty
from .errors import GoogleError, bad_field
from .formats import display
from .sheet import Sheet
from .spreadsheet import Spreadsheet

Render = Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"]


_API = "type.googleapis.com/google.apps.sheets.v4"
_AS_STORED = frozenset({str, int, float, bool})
_TEXT = frozenset({str})


def bad_value(field: str, kind: str, value: object) -> GoogleError:
    """A 400 for a word that an enumeration does not have."""
    message = f"Invalid value at '{field}' ({_API}.{kind}), \"{value}\""
    return bad_field(message, field)


def as_render(value: str | None) -> Render:
    """The render option of a request; FORMATTED_VALUE when none is given."""
    known: Render
    for known in get_args(Render):
        if known == (value or "FORMATTED_VALUE"):
            return known
    raise bad_value("value_render_option", "ValueRenderOption", value)


def read(book: Spreadsheet, sheet: Sheet, area: GridRange, render: Render = "FORMATTED_VALUE") -> list[list[Any]]:
    """The values of *area* (inside the grid) without the empty cells and rows at the end; an empty inner row is ``[]``."""
    rows: list[list[Any]] = []
    stored = book.rows(sheet, area.top, area.bottom)
    plain = _AS_STORED if render != "FORMATTED_VALUE" else _TEXT
    left, right = area.left, area.right
    for row, line in enumerate(stored, area.top):
        cells = line[left:right]
        if cells and is_empty(cells[-1]):
            cells = _trimmed(cells)
        rows.append(
            [
                cell if type(cell) in plain else _shown(book, sheet, (row, col), cell, render)
                for col, cell in enumerate(cells, left)
            ]
        )
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _trimmed(cells: Sequence[AnyCell]) -> Sequence[AnyCell]:
    end = len(cells)
    while end and is_empty(cells[end - 1]):
        end -= 1
    return cells[:end]


def _shown(book: Spreadsheet, sheet: Sheet, place: tuple[int, int], cell: AnyCell, render: Render) -> Any:
    if cell is None:
        return ""
    if render == "FORMULA" and isinstance(cell, Cell) and cell.formula:
        return cell.formula
    found = book.computed(sheet, *place)
    if render == "FORMATTED_VALUE":
        return display(found.value, found.number_format)
    return "" if found.value is None else found.value
