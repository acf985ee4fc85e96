"""spreadsheets.get: the document and its tabs, and grid data when it is asked for.

Shown is what the provider asks for: titles and sizes, basic filters and merges, and what cells hold, look like and must hold.
"""

from __future__ import annotations

from typing import Any

from .a1 import GridRange
from .attachments import validations
from .cells import ERROR_TYPES, AnyCell, Cell, CellError, Row, Value, is_empty
from .computing import SpillError
from .errors import Json
from .fieldmask import Mask, below, select
from .formats import display
from .sheet import Sheet, plain_value
from .spreadsheet import Spreadsheet
from .structure import sheet_properties


def get(
    book: Spreadsheet,
    *,
    texts: list[str] | None = None,
    grid_data: bool = False,
    mask: Mask | None = None,
) -> Json:
    """The Spreadsheet resource: of *texts* (A1 ranges) only, if there are any, and with cells if *grid_data* says so.

    A *mask* (the ``fields`` parameter) says it instead: the answer has what it names, and nothing else is gathered.
    """
    tabs = below(mask, "sheets")
    if mask is not None:
        grid_data = tabs is not None and below(tabs, "data") is not None
    data = below(tabs or {}, "data") or {}
    with book.lock:
        areas: dict[int, list[GridRange]] = {}
        for text in texts or []:
            sheet, asked = book.resolve(text)
            areas.setdefault(sheet.sheet_id, []).append(sheet.within(asked))
        found: Json = {
            "spreadsheetId": book.id,
            "properties": {"title": book.title},
            "sheets": [
                _sheet_json(book, sheet, areas.get(sheet.sheet_id, [sheet.whole()]) if grid_data else [], data)
                for sheet in book.sheets
                if not texts or sheet.sheet_id in areas
            ],
            "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
        }
    return found if mask is None else select(found, _without_data(mask))


def _without_data(mask: Mask) -> Mask:
    """The mask for all but grid data, which has been gathered by the mask already: it may be a hundred thousand cells."""
    tabs = mask.get("sheets") or {}
    return mask | {"sheets": tabs | {"data": {}}} if "data" in tabs else mask


def _sheet_json(book: Spreadsheet, sheet: Sheet, areas: list[GridRange], mask: Mask) -> Json:
    found: Json = {"properties": sheet_properties(book, sheet)}
    if areas:
        found["data"] = [_grid_data(book, sheet, area, mask) for area in areas]
    for item in sheet.of_kind("filter"):
        found["basicFilter"] = {"range": item.range.json(sheet.sheet_id)} | item.data
    if merges := [item.range.json(sheet.sheet_id) for item in sheet.of_kind("merge")]:
        found["merges"] = merges
    return found


def _grid_data(book: Spreadsheet, sheet: Sheet, area: GridRange, mask: Mask) -> Json:
    found: Json = {}
    if area.top:
        found["startRow"] = area.top
    if area.left:
        found["startColumn"] = area.left
    wanted = below(mask, "rowData")
    if wanted is not None and (rows := _rows(book, sheet, area, below(wanted, "values"))):
        found["rowData"] = rows
    return select(found, mask | {"rowData": {}}) if mask and "*" not in mask else found


def _rows(book: Spreadsheet, sheet: Sheet, area: GridRange, mask: Mask | None) -> list[Json]:
    """The rowData of *area* without the empty cells and rows at the end."""
    if mask is None:
        return []
    attached = [] if below(mask, "dataValidation") is None else validations(sheet, area)
    rules = [(item.range, item.data) for item in attached]
    stored = list(book.rows(sheet, area.top, area.bottom))
    bottom = min(area.bottom, max((place.end_row or sheet.row_count for place, _ in rules), default=0))
    stored += [()] * (bottom - area.top - len(stored))
    rows: list[Json] = []
    for row, line in enumerate(stored, area.top):
        cells = _cells(book, sheet, (row, area.left), line[area.left : area.end_col], mask)
        for place, rule in rules:
            for col in range(max(area.left, place.left), min(area.right, place.end_col or sheet.column_count)):
                if place.contains(row, col):
                    cells += [{} for _ in range(col - area.left + 1 - len(cells))]
                    cells[col - area.left]["dataValidation"] = rule
        while cells and not cells[-1]:
            cells.pop()
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _cells(book: Spreadsheet, sheet: Sheet, start: tuple[int, int], cells: Row, mask: Mask) -> list[Json]:
    row, left = start
    if mask == {"effectiveValue": {}}:
        # What the answers of large writes ask for; most cells are texts.
        return [
            {"effectiveValue": {"stringValue": cell}} if type(cell) is str else _effective(book, sheet, row, col, cell)
            for col, cell in enumerate(cells, left)
        ]
    return [select(_cell_json(book, sheet, row, col, cell), mask) for col, cell in enumerate(cells, left)]


def _effective(book: Spreadsheet, sheet: Sheet, row: int, col: int, cell: AnyCell) -> Json:
    if cell is None:
        return {}
    value = book.computed(sheet, row, col).value
    return {} if value is None else {"effectiveValue": _extended(value)}


def _cell_json(book: Spreadsheet, sheet: Sheet, row: int, col: int, cell: AnyCell) -> Json:
    found: Json = {}
    entered = sheet.cell(row, col)
    if isinstance(entered, Cell) and entered.formula:
        found["userEnteredValue"] = {"formulaValue": entered.formula}
    elif (value := plain_value(entered)) is not None:
        found["userEnteredValue"] = _extended(value)
    if not is_empty(cell):
        result = book.computed(sheet, row, col)
        if result.value is not None:
            found["effectiveValue"] = _extended(result.value)
        found["formattedValue"] = display(result.value, result.number_format)
    return found | _extras(cell)


def _extras(cell: AnyCell) -> Json:
    if not isinstance(cell, Cell):
        return {}
    extras: dict[str, Any] = {"userEnteredFormat": cell.format, "note": cell.note}
    return {name: value for name, value in extras.items() if value}


def _extended(value: Value) -> Json:
    if isinstance(value, CellError):
        error = {"type": ERROR_TYPES.get(value, "ERROR")}
        return {"errorValue": error | ({"message": value.message} if isinstance(value, SpillError) else {})}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}
