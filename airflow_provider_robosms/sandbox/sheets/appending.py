"""spreadsheets.values.append: finding the table and writing after it.

Which table Google means is described at https://developers.google.com/workspace/sheets/api/guides/values#append_values
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .a1 import GridRange, range_name
from .cells import Row, is_empty
from .errors import Json
from .moves import Insert
from .render import Major
from .sheet import Sheet
from .spreadsheet import Spreadsheet
from .values import SILENT, Echo, InputOption, as_rows, updated, write


def append(
    book: Spreadsheet,
    text: str,
    values: Any,
    *,
    option: InputOption,
    user: str | None,
    major: Major = "ROWS",
    insert: bool = False,
    echo: Echo = SILENT,
) -> Json:
    """``values.append``: after the last table that the range touches, or at its beginning when it touches none.

    A table is a block of filled cells that is surrounded by empty ones. The grid grows when the data does not fit.

    Parameters:
        insert: Whether rows are inserted for the data (INSERT_ROWS) instead of overwriting what stands there.
    """
    with book.change():
        rows = as_rows(values, major, "data")
        sheet, asked = book.resolve(text)
        area = sheet.within(asked)
        table = _table(book, sheet, area)
        top, left = (table.end_row or 0, table.left) if table else (area.top, area.left)
        if insert and rows and top < sheet.row_count:
            book.shift(sheet, "ROWS", Insert(top, len(rows)))
        width = max(map(len, rows), default=1)
        sheet.row_count = max(sheet.row_count, top + max(len(rows), 1))
        sheet.column_count = max(sheet.column_count, left + width)
        start = range_name(sheet.title, GridRange(top, top + 1, left, left + 1))
        written = write(book, start, rows, option=option, user=user)
        written.major = major
        found: Json = {"spreadsheetId": book.id}
        if table:
            found["tableRange"] = range_name(sheet.title, table)
        return found | {"updates": updated(book, written, echo)}


def _table(book: Spreadsheet, sheet: Sheet, area: GridRange) -> GridRange | None:
    """The block of filled cells around the last filled cell of *area*."""
    rows = book.rows(sheet, 0, sheet.row_count)
    for row in range(min(area.end_row or 0, len(rows)) - 1, area.top - 1, -1):
        cells = rows[row]
        for col in range(min(area.end_col or 0, len(cells)) - 1, area.left - 1, -1):
            if not is_empty(cells[col]):
                return _block(rows, row, col)
    return None


def _block(lines: Sequence[Row], row: int, col: int) -> GridRange:
    top, bottom, left, right = row, row, col, col

    def filled(rows: range, cols: range) -> bool:
        known = (lines[row] for row in rows if 0 <= row < len(lines))
        return any(not is_empty(cells[col]) for cells in known for col in cols if 0 <= col < len(cells))

    while True:
        # Up and down first: a look to the side costs the height of the block.
        while top and filled(range(top - 1, top), range(left - 1, right + 2)):
            top -= 1
        while filled(range(bottom + 1, bottom + 2), range(left - 1, right + 2)):
            bottom += 1
        rows = range(top - 1, bottom + 2)
        if left and filled(rows, range(left - 1, left)):
            left -= 1
        elif filled(rows, range(right + 1, right + 2)):
            right += 1
        else:
            break
    return GridRange(top, bottom + 1, left, right + 1)
