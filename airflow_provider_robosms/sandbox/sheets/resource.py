"""spreadsheets.get: the document and its tabs, and grid data when it is asked for.

Not shown: ``defaultFormat`` and ``spreadsheetTheme`` of the document, effective formats, charts, and everything else that
the sandbox does not have.
"""

from __future__ import annotations

from typing import Any

from .a1 import GridRange
from .attachments import attached_json, named_ranges_json
from .cells import ERROR_TYPES, AnyCell, Cell, CellError, Value
from .errors import Json
from .fieldmask import Mask
from .formats import display
from .sheet import Sheet, plain_value
from .spreadsheet import Spreadsheet
from .structure import sheet_properties


def get(
    book: Spreadsheet,
    user: str | None,
    *,
    texts: list[str] | None = None,
    grid_data: bool = False,
    mask: Mask | None = None,
) -> Json:
    """The Spreadsheet resource.

    Parameters:
        user: The caller's e-mail address; decides what is shown of protections.
        texts: Only tabs that these A1 ranges touch, with grid data of the ranges only.
        grid_data: Whether cells are shown; ignored when there is a mask.
        mask: The ``fields`` parameter, for what must be gathered; the caller selects the fields.

    Raises:
        GoogleError: 400 for a range that does not exist.
    """
    if mask is not None:
        grid_data = "data" in mask.get("sheets", {}) or mask.get("sheets") == {} or "*" in mask
    with book.lock:
        areas: dict[int, list[GridRange]] = {}
        for text in texts or []:
            sheet, asked = book.resolve(text)
            areas.setdefault(sheet.sheet_id, []).append(sheet.within(asked))
        found: Json = {
            "spreadsheetId": book.id,
            "properties": {
                "title": book.title,
                "locale": book.locale,
                "autoRecalc": "ON_CHANGE",
                "timeZone": book.time_zone,
            },
            "sheets": [
                _sheet_json(book, sheet, user, areas.get(sheet.sheet_id, [sheet.whole()]) if grid_data else [])
                for sheet in book.sheets
                if not texts or sheet.sheet_id in areas
            ],
        }
        names = named_ranges_json(book)
        if names:
            found["namedRanges"] = names
        found["spreadsheetUrl"] = book.url
        return found


def _sheet_json(book: Spreadsheet, sheet: Sheet, user: str | None, areas: list[GridRange]) -> Json:
    found: Json = {"properties": sheet_properties(book, sheet)}
    if areas:
        found["data"] = [_grid_data(book, sheet, area) for area in areas]
    return found | attached_json(sheet, user)


def _grid_data(book: Spreadsheet, sheet: Sheet, area: GridRange) -> Json:
    found: Json = {}
    if area.top:
        found["startRow"] = area.top
    if area.left:
        found["startColumn"] = area.left
    validations = [(item.range, item.data) for item in sheet.of_kind("validation") if item.range.overlaps(area)]
    rows: list[Json] = []
    for row in range(area.top, _last_row(sheet, area, [range_ for range_, _ in validations])):
        cells = [
            _cell_json(book, sheet, row, col, [rule for place, rule in validations if place.contains(row, col)])
            for col in range(area.left, area.end_col or 0)
        ]
        while cells and not cells[-1]:
            cells.pop()
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    if rows:
        found["rowData"] = rows
    found["rowMetadata"] = [_dimension(sheet.row_properties, row, 21) for row in range(area.top, area.end_row or 0)]
    found["columnMetadata"] = [
        _dimension(sheet.column_properties, col, 100) for col in range(area.left, area.end_col or 0)
    ]
    return found


def _last_row(sheet: Sheet, area: GridRange, marked: list[GridRange]) -> int:
    bottom = max([len(sheet.rows), *(place.end_row or sheet.row_count for place in marked)])
    return min(area.end_row or 0, bottom)


def _dimension(properties: dict[int, Json], index: int, pixels: int) -> Json:
    return {"pixelSize": pixels} | properties.get(index, {})


def _cell_json(book: Spreadsheet, sheet: Sheet, row: int, col: int, rules: list[Json]) -> Json:
    cell = sheet.cell(row, col)
    found: Json = {}
    if isinstance(cell, Cell) and cell.formula:
        found["userEnteredValue"] = {"formulaValue": cell.formula}
    elif (value := plain_value(cell)) is not None:
        found["userEnteredValue"] = _extended(value)
    if found:
        result = book.computed(sheet, row, col)
        if result.value is not None:
            found["effectiveValue"] = _extended(result.value)
        found["formattedValue"] = display(result.value, result.number_format, book.locale)
    found |= _extras(cell)
    if rules:
        found["dataValidation"] = rules[-1]
    return found


def _extras(cell: AnyCell) -> Json:
    if not isinstance(cell, Cell):
        return {}
    extras: dict[str, Any] = {"userEnteredFormat": cell.format, "note": cell.note}
    return {name: value for name, value in extras.items() if value}


def _extended(value: Value) -> Json:
    if isinstance(value, CellError):
        return {"errorValue": {"type": ERROR_TYPES.get(value, "ERROR")}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}
