"""Reading cells: the three value render options and the two date options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from .a1 import GridRange
from .cells import AnyCell, Cell, is_empty
from .errors import GoogleError, bad_field
from .formats import display, shown
from .sheet import Sheet
from .spreadsheet import Spreadsheet

Render = Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"]
Dates = Literal["SERIAL_NUMBER", "FORMATTED_STRING"]
Major = Literal["ROWS", "COLUMNS"]


@dataclass(frozen=True, slots=True)
class View:
    """How values are read: the two render options and which way the inner lists run."""

    render: Render = "FORMATTED_VALUE"
    dates: Dates = "SERIAL_NUMBER"
    major: Major = "ROWS"


DEFAULT = View()
_API = "type.googleapis.com/google.apps.sheets.v4"
_AS_STORED = frozenset({str, int, float, bool})
_TEXT = frozenset({str})


def bad_value(field: str, kind: str, value: object) -> GoogleError:
    """A 400 for a word that an enumeration does not have."""
    message = f"Invalid value at '{field}' ({_API}.{kind}), \"{value}\""
    return bad_field(message, field)


def as_render(value: str | None, field: str = "value_render_option") -> Render:
    """The render option of a request; FORMATTED_VALUE when none is given.

    Raises:
        GoogleError: 400 for another word.
    """
    for known in get_args(Render):
        if known == (value or "FORMATTED_VALUE"):
            return known
    raise bad_value(field, "ValueRenderOption", value)


def as_dates(value: str | None, field: str = "date_time_render_option") -> Dates:
    """The date option of a request; SERIAL_NUMBER when none is given.

    Raises:
        GoogleError: 400 for another word.
    """
    if value in (None, "", "SERIAL_NUMBER"):
        return "SERIAL_NUMBER"
    if value == "FORMATTED_STRING":
        return "FORMATTED_STRING"
    raise bad_value(field, "DateTimeRenderOption", value)


def as_major(value: str | None, field: str = "major_dimension") -> Major:
    """The major dimension of a request; ROWS when none is given.

    Raises:
        GoogleError: 400 for another word.
    """
    if value in (None, "", "ROWS", "DIMENSION_UNSPECIFIED"):
        return "ROWS"
    if value == "COLUMNS":
        return "COLUMNS"
    raise bad_value(field, "Dimension", value)


def read(book: Spreadsheet, sheet: Sheet, area: GridRange, view: View = DEFAULT) -> list[list[Any]]:
    """The values of *area* (inside the grid) without the empty cells and rows at the end; an empty inner row is ``[]``."""
    rows: list[list[Any]] = []
    stored = book.rows(sheet, area.top, area.end_row or 0)
    plain = _AS_STORED if view.render != "FORMATTED_VALUE" else _TEXT
    left, right = area.left, area.end_col or 0
    for row, line in enumerate(stored, area.top):
        cells = line[left:right]
        if cells and is_empty(cells[-1]):
            cells = _trimmed(cells)
        rows.append(
            [
                cell if type(cell) in plain else _shown(book, sheet, (row, col), cell, view)
                for col, cell in enumerate(cells, left)
            ]
        )
    while rows and not rows[-1]:
        rows.pop()
    return rows if view.major == "ROWS" else _columns(book, sheet, area, rows)


def _trimmed(cells: Sequence[AnyCell]) -> Sequence[AnyCell]:
    end = len(cells)
    while end and is_empty(cells[end - 1]):
        end -= 1
    return cells[:end]


def _shown(book: Spreadsheet, sheet: Sheet, place: tuple[int, int], cell: AnyCell, view: View) -> Any:
    if cell is None:
        return ""
    if view.render == "FORMULA" and isinstance(cell, Cell) and cell.formula:
        return cell.formula
    found = book.computed(sheet, *place)
    if view.render == "FORMATTED_VALUE":
        return display(found.value, found.number_format, book.locale)
    value = found.value
    if view.dates == "FORMATTED_STRING":
        value = shown(value, found.number_format, book.locale)
    return "" if value is None else value


def _columns(book: Spreadsheet, sheet: Sheet, area: GridRange, rows: list[list[Any]]) -> list[list[Any]]:
    columns: list[list[Any]] = []
    for col in range(max(map(len, rows), default=0)):
        column = [row[col] if col < len(row) else "" for row in rows]
        while (
            column
            and column[-1] == ""
            and book.computed(sheet, area.top + len(column) - 1, area.left + col).value is None
        ):
            column.pop()
        columns.append(column)
    return columns
