"""batchUpdate requests that find their cells by contents, not by place: appendCells and findReplace.

Documented (https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request): appendCells writes
after the last row with data and adds rows where the grid ends; a regular expression is replaced within a cell wherever it
matches, with ``$1`` for groups. Assumed: the grid is widened, too; what is replaced is taken as if somebody had typed it;
texts are looked for as they are shown; and a tick box counts as data.
"""

from __future__ import annotations

import re
from functools import partial

from .a1 import GridRange
from .attachments import set_validation
from .cells import Cell, full, is_empty, number_format, with_value
from .errors import Json, invalid
from .formats import display
from .looks import CHANGEABLE, entered
from .sheet import Sheet, plain_value
from .spreadsheet import Spreadsheet
from .typed import parse_typed


def append_cells(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """appendCells."""
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    rows = [row.get("values") or [] for row in body.get("rows") or []]
    fields = str(body.get("fields") or "").split(",")
    paths: list[tuple[str, ...]] = [(name,) for name in fields if name != "dataValidation"]
    if unknown := [path[0] for path in paths if path[0] not in CHANGEABLE.split()]:
        raise invalid(f"Invalid field: {unknown[0]!r} in 'fields'.")
    top = max((row + 1 for row, cells in enumerate(sheet.rows) if not all(map(is_empty, cells))), default=0)
    width = max(map(len, rows), default=0)
    sheet.resize(max(sheet.row_count, top + len(rows)), max(sheet.column_count, width))
    book.check_protected(sheet, GridRange(top, top + len(rows), 0, width), user)
    for row, values in enumerate(rows, top):
        sheet.put(row, [(col, entered(sheet.cell(row, col), value, paths)) for col, value in enumerate(values)])
        for col, value in enumerate(values):
            if "dataValidation" in fields and value.get("dataValidation"):
                set_validation(sheet, GridRange(row, row + 1, col, col + 1), value["dataValidation"])
    return {}


def find_replace(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """findReplace."""
    if not (body.get("searchByRegex") and body.get("matchCase")):
        raise invalid("The sandbox finds with searchByRegex and matchCase only.")
    if not body.get("find"):
        raise invalid("The find text must not be empty.")
    try:
        wanted = re.compile(body["find"])
    except re.error as error:
        raise invalid(f"Invalid regular expression: {error}") from None
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    found = _replace(book, sheet, wanted, str(body.get("replacement") or ""), user)
    if not found:
        return {"findReplace": {}}
    counts = {"valuesChanged": len(found), "rowsChanged": len({row for row, _ in found}), "sheetsChanged": 1}
    return {"findReplace": counts | {"occurrencesChanged": sum(found.values())}}


_PIECE = re.compile(r"\\(.)|\$(\d)|(.)", re.DOTALL)


def _java(template: str, match: re.Match[str]) -> str:
    """What a Java replacement makes of a match: ``$1`` is a group, and a backslash takes the meaning of what follows."""
    pieces = _PIECE.findall(template)
    return "".join(match[int(group)] if group else escaped or plain for escaped, group, plain in pieces)


def _replace(
    book: Spreadsheet, sheet: Sheet, wanted: re.Pattern[str], template: str, user: str | None
) -> dict[tuple[int, int], int]:
    """Replace in the cells of a tab; returns the cells that were changed, with the number of places in each."""
    found: dict[tuple[int, int], int] = {}
    for row in range(len(sheet.rows)):
        for col in range(len(sheet.rows[row])):
            cell = sheet.cell(row, col)
            if is_empty(cell) or (isinstance(cell, Cell) and cell.formula):
                continue
            text = display(value, number_format(cell)) if (value := plain_value(cell)) is not None else ""
            fresh, count = wanted.subn(partial(_java, template), text)
            if count:
                book.check_protected(sheet, GridRange(row, row + 1, col, col + 1), user)
                entry = parse_typed(fresh, (full(cell).format or {}).get("numberFormat"))
                sheet.put(row, [(col, with_value(cell, entry.value, entry.formula, entry.number_format))])
                found[row, col] = count
    return found
