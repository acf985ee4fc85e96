"""The values of cells: spreadsheets.values as programs read them, and the cells that people type into.

A range is resolved when a function applies it: after somebody has sorted or inserted rows, the same range means other rows.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .a1 import GridRange, range_name
from .cells import AnyCell, check_length, number, number_format, with_value
from .errors import Json, invalid
from .fieldmask import checked, parse_mask
from .render import Render, read
from .sheet import Sheet
from .spreadsheet import Spreadsheet
from .structure import GRID_RANGE, region
from .typed import parse_typed

_FILTER = parse_mask(f"gridRange({GRID_RANGE})")


def get(book: Spreadsheet, text: str, render: Render = "FORMATTED_VALUE") -> Json:
    """``values.get``: a ValueRange, without ``values`` when the range is empty."""
    with book.lock:
        sheet, asked = book.resolve(text)
        return _value_range(book, sheet, sheet.within(asked), render)


def batch_get(book: Spreadsheet, texts: Sequence[str], render: Render = "FORMATTED_VALUE") -> Json:
    """``values.batchGet``."""
    with book.lock:
        found: Json = {"spreadsheetId": book.id}
        if texts:
            found["valueRanges"] = [get(book, text, render) for text in texts]
        return found


def batch_get_by_filter(book: Spreadsheet, filters: Any, render: Render = "FORMATTED_VALUE") -> Json:
    """``values.batchGetByDataFilter``: cells by ``gridRange``, of a tab's id."""
    if not isinstance(filters, list) or not filters or not all(isinstance(wanted, dict) for wanted in filters):
        raise invalid("Must specify at least one data filter.")
    with book.lock:
        found = []
        for index, wanted in enumerate(filters):
            checked(wanted, _FILTER, f"data_filters[{index}]")
            if not wanted:
                raise invalid(f"Invalid dataFilters[{index}]: The sandbox finds cells by gridRange only.")
            sheet, area = region(book, wanted["gridRange"])
            found.append({"valueRange": _value_range(book, sheet, area, render), "dataFilters": [wanted]})
        return {"spreadsheetId": book.id, "valueRanges": found}


def _value_range(book: Spreadsheet, sheet: Sheet, area: GridRange, render: Render) -> Json:
    found: Json = {"range": range_name(sheet.title, area), "majorDimension": "ROWS"}
    rows = read(book, sheet, area, render)
    if rows:
        found["values"] = rows
    return found


def write(sheet: Sheet, start: GridRange, rows: Any, *, raw: bool) -> None:
    """Write what a person enters, from *start* on; to be called inside a change.

    *rows* are lists of str, number, bool or None; None leaves a cell alone, "" empties it. Texts are interpreted as
    typing (USER_ENTERED) unless *raw*.
    """
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise invalid("values must be a list of lists of values.")
    area = sheet.within(start)
    if area.top + len(rows) > sheet.row_count or area.left + max(map(len, rows), default=0) > sheet.column_count:
        raise invalid(
            f"The values do not fit: the tab has {sheet.row_count} rows and {sheet.column_count} columns only."
        )
    for row, line in enumerate(rows, area.top):
        cells = [
            (col, _entered(sheet.cell(row, col), value, raw=raw))
            for col, value in enumerate(line, area.left)
            if value is not None
        ]
        if cells:
            sheet.put(row, cells)


def _entered(cell: AnyCell, value: Any, *, raw: bool) -> AnyCell:
    """What the cell becomes when *value* is written into it."""
    if isinstance(value, str) and not raw:
        entry = parse_typed(value, number_format(cell))
        return with_value(cell, entry.value, entry.formula, entry.number_format)
    if isinstance(value, str):
        return with_value(cell, check_length(value) or None)
    if not isinstance(value, int | float):
        raise invalid(f"A cell takes a text, a number, true, false or null, not {value!r}.")
    return with_value(cell, value if isinstance(value, bool) else number(value))


def erase(sheet: Sheet, area: GridRange) -> None:
    """Take away the values of *area* (inside the grid); formats and notes stay. To be called inside a change."""
    for row in range(area.top, min(area.bottom, len(sheet.rows))):
        cells = range(area.left, min(area.right, len(sheet.rows[row])))
        sheet.put(row, [(col, with_value(sheet.cell(row, col), None)) for col in cells])
