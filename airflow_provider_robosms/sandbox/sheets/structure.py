"""batchUpdate requests on tabs, rows and columns."""

from __future__ import annotations

from typing import Any, get_args

from .a1 import GridRange
from .cells import AnyCell, Cell, slim
from .errors import Json, invalid
from .fieldmask import leaves, lookup
from .moves import Delete, Insert
from .render import bad_value
from .sheet import Dimension, Sheet
from .spreadsheet import Spreadsheet

GRID_RANGE = "sheetId,startRowIndex,endRowIndex,startColumnIndex,endColumnIndex"
_CHANGEABLE = "title hidden index gridProperties.rowCount gridProperties.columnCount gridProperties.frozenRowCount"


def sheet_properties(book: Spreadsheet, sheet: Sheet) -> Json:
    """Google's SheetProperties."""
    grid = {"rowCount": sheet.row_count, "columnCount": sheet.column_count, "frozenRowCount": sheet.frozen_rows}
    found: Json = {
        "sheetId": sheet.sheet_id,
        "title": sheet.title,
        "index": book.sheets.index(sheet),
        "sheetType": "GRID",
        # Google leaves out what has its default.
        "gridProperties": {name: value for name, value in grid.items() if value},
    }
    return found | ({"hidden": True} if sheet.hidden else {})


def region(book: Spreadsheet, body: Any) -> tuple[Sheet, GridRange]:
    """The tab and the cells of Google's GridRange, cut to the grid."""
    sheet, asked = target(book, body)
    return sheet, sheet.within(asked)


def target(book: Spreadsheet, body: Any) -> tuple[Sheet, GridRange]:
    """The tab and the cells of Google's GridRange as they are asked for, inside the grid or not."""
    body = body or {}
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    sides = [body.get(name) for name in ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")]
    if any(side is not None and (not isinstance(side, int) or side < 0) for side in sides):
        raise invalid("The indexes of a range must be whole numbers from 0.")
    for start, end, side in ((sides[0], sides[1], "Row"), (sides[2], sides[3], "Column")):
        if end is not None and end <= (start or 0):
            raise invalid(f"end{side}Index must be greater than start{side}Index.")
    return sheet, GridRange(*sides)


def add_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """addSheet."""
    wanted = body.get("properties") or {}
    grid = wanted.get("gridProperties") or {}
    title = wanted.get("title") or next(
        name for number in range(1, 10_000) if not book.sheet(name := f"Sheet{len(book.sheets) + number}")
    )
    sheet = book.add_sheet(
        title,
        sheet_id=wanted.get("sheetId"),
        index=wanted.get("index"),
        rows=grid.get("rowCount", 1000),
        columns=grid.get("columnCount", 26),
    )
    sheet.frozen_rows, sheet.hidden = grid.get("frozenRowCount", 0), wanted.get("hidden", False)
    return {"addSheet": {"properties": sheet_properties(book, sheet)}}


def delete_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """deleteSheet."""
    sheet = book.sheet_by_id(body.get("sheetId", 0), "sheet")
    book.check_protected(sheet, sheet.whole(), user)
    book.remove_sheet(sheet)
    return {}


def duplicate_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """duplicateSheet."""
    source = book.sheet_by_id(body.get("sourceSheetId", 0))
    title = body.get("newSheetName") or f"Copy of {source.title}"
    fresh = book.add_sheet(title, sheet_id=body.get("newSheetId"), index=body.get("insertSheetIndex", 0))
    identity = (fresh.sheet_id, fresh.title)
    fresh.__dict__.update(source.clone().__dict__)
    fresh.sheet_id, fresh.title = identity
    return {"duplicateSheet": {"properties": sheet_properties(book, fresh)}}


def update_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """updateSheetProperties."""
    wanted = body.get("properties") or {}
    sheet = book.sheet_by_id(wanted.get("sheetId", 0))
    paths = leaves(body.get("fields"), _CHANGEABLE)
    sizes = {path[1]: lookup(wanted, path) for path in paths if path[1:] in (("rowCount",), ("columnCount",))}
    if sizes:
        sheet.resize(sizes.get("rowCount", sheet.row_count) or 0, sizes.get("columnCount", sheet.column_count) or 0)
    for path in paths:
        if path[-1] not in sizes:
            _set(book, sheet, path, lookup(wanted, path))
    return {}


def _set(book: Spreadsheet, sheet: Sheet, path: tuple[str, ...], value: Any) -> None:
    if path[-1] == "title":
        book.rename_sheet(sheet, value or "")
    elif path[-1] == "index":  # none: to the end; else counted before the move
        at = book.sheets.index(sheet)
        book.sheets.insert(len(book.sheets) if value is None else value, sheet)
        del book.sheets[at if value is None or value > at else at + 1]
    elif path[-1] == "frozenRowCount":
        sheet.frozen_rows = value or 0
    else:
        if value and all(other is sheet or other.hidden for other in book.sheets):
            raise invalid("You can't hide all the sheets in a document.")
        sheet.hidden = bool(value)


def _span(book: Spreadsheet, body: Json) -> tuple[Sheet, Dimension, int, int]:
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    for dimension in get_args(Dimension):
        if dimension == body.get("dimension"):
            start = body.get("startIndex", 0)
            end = body.get("endIndex", sheet.size(dimension))
            if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end:
                raise invalid("The range of rows or columns needs a startIndex from 0 that is less than its endIndex.")
            return sheet, dimension, start, end
    raise bad_value("range.dimension", "Dimension", body.get("dimension"))


def insert(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """insertDimension."""
    sheet, dimension, start, end = _span(book, body.get("range") or {})
    size, before = sheet.size(dimension), bool(body.get("inheritFromBefore"))
    if start > size or (start == size and not before):
        raise invalid(
            f"range.startIndex[{start}] must be less than the grid size[{size}] if inheritFromBefore is false."
        )
    if before and start == 0:
        raise invalid("inheritFromBefore cannot be true if inserting at the beginning.")
    book.shift(sheet, dimension, Insert(start, end - start))
    inherit(sheet, dimension, start, end, start - 1 if before else end)
    return {}


def delete(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """deleteDimension."""
    sheet, dimension, start, end = _span(book, body.get("range") or {})
    size = sheet.size(dimension)
    if end > size:
        raise invalid(f"Cannot delete a range that ends at {end}: the grid size is {size}.")
    if end - start == size:
        raise invalid(f"You can't delete all the {dimension.lower()} on the sheet.")
    book.shift(sheet, dimension, Delete(start, end))
    return {}


def inherit(sheet: Sheet, dimension: Dimension, start: int, end: int, source: int) -> None:
    """Give new rows or columns the formats of the one beside them."""

    def looks(cell: AnyCell) -> AnyCell:
        return slim(Cell(format=cell.format)) if isinstance(cell, Cell) else None

    if dimension == "ROWS" and source < len(sheet.rows):
        found = [(col, look) for col, cell in enumerate(sheet.rows[source]) if (look := looks(cell)) is not None]
        for row in range(start, end) if found else ():
            sheet.put(row, found)
    if dimension == "COLUMNS":
        for row in range(len(sheet.rows)):
            if (look := looks(sheet.cell(row, source))) is not None:
                sheet.put(row, [(col, look) for col in range(start, end)])
