"""batchUpdate requests on the contents and looks of cells: updateCells and repeatCell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .a1 import GridRange
from .cells import AnyCell, Cell, Value, check_length, full, number, slim, with_formula
from .errors import Json, invalid
from .fieldmask import leaves
from .formulas import copied
from .spreadsheet import Spreadsheet
from .structure import region

CHANGEABLE = "userEnteredValue userEnteredFormat note"


def update_cells(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """updateCells."""
    rows = body.get("rows") or []
    wanted = body.get("range")
    if "start" in body:
        start = body["start"]
        height, width = max(len(rows), 1), max((len(row.get("values") or []) for row in rows), default=1)
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        wanted = GridRange(top, top + height, left, left + width).json(start.get("sheetId", 0))
    sheet, area = region(book, wanted)
    _check_size(rows, area)
    book.check_protected(sheet, area, user)
    paths = leaves(body.get("fields"), CHANGEABLE)

    def changed(row: int, col: int, cell: AnyCell) -> AnyCell:
        values = (rows[row - area.top].get("values") or []) if row - area.top < len(rows) else []
        # A cell of the range for which there is no data is reset, as Google documents.
        return entered(cell, values[col - area.left] if col - area.left < len(values) else {}, paths)

    sheet.map_cells(area, changed)
    return {}


def _check_size(rows: list[Json], area: GridRange) -> None:
    height, width = area.bottom - area.top, area.right - area.left
    if len(rows) > height:
        raise invalid(
            f"Attempting to write row: {area.top + height}, beyond the last requested row of: {area.top + height - 1}"
        )
    if any(len(row.get("values") or []) > width for row in rows):
        last = area.left + width - 1
        raise invalid(f"Attempting to write column: {last + 1}, beyond the last requested column of: {last}")


def repeat_cell(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """repeatCell."""
    sheet, area = region(book, body.get("range"))
    book.check_protected(sheet, area, user)
    paths, wanted = leaves(body.get("fields"), CHANGEABLE), body.get("cell") or {}

    def changed(row: int, col: int, cell: AnyCell) -> AnyCell:
        follow = partial(copied, rows=row - area.top, cols=col - area.left)
        return with_formula(entered(cell, wanted, paths), follow)

    sheet.map_cells(area, changed)
    return {}


def entered(cell: AnyCell, wanted: Json, paths: list[tuple[str, ...]]) -> AnyCell:
    """The cell with the parts that the mask names taken from Google's CellData."""
    found = cell
    for (name,) in paths:
        if name == "note":
            found = replace(full(found), note=wanted.get("note") or None)
        elif name == "userEnteredValue":
            value, formula = _entered(wanted.get("userEnteredValue") or {})
            bare = formula is None and not isinstance(found, Cell)
            found = value if bare else replace(full(found), value=value, formula=formula)
        else:
            found = replace(full(found), format=wanted.get("userEnteredFormat") or None)
    return slim(found) if isinstance(found, Cell) else found


def _entered(given: Json) -> tuple[Value, str | None]:
    """The value and the formula of an ExtendedValue; texts are taken as they are, never interpreted."""
    if len(given) > 1:
        raise invalid("userEnteredValue must have one kind of value.")
    for kind, value in given.items():
        if kind == "formulaValue":
            formula = check_length(value)
            return None, formula if formula.startswith("=") else f"={formula}"
        if kind == "stringValue":
            return check_length(value) or None, None
        if kind == "numberValue":
            return number(value), None
        return bool(value), None
    return None, None
