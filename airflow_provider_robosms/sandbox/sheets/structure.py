"""batchUpdate requests on tabs, rows and columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

from .a1 import GridRange
from .cells import AnyCell, Cell, slim
from .errors import Json, invalid, only, unknown_field
from .fieldmask import leaves, lookup
from .moves import Delete, Insert, Move
from .render import bad_value
from .sheet import Dimension, Sheet
from .sorting import sort_rows
from .spreadsheet import Spreadsheet, random_id

_GRID = (
    "rowCount columnCount frozenRowCount frozenColumnCount hideGridlines rowGroupControlAfter columnGroupControlAfter"
)
_SHEET = "sheetId title index sheetType gridProperties hidden tabColor tabColorStyle rightToLeft"
_CHANGEABLE = "title index hidden tabColor tabColorStyle rightToLeft " + " ".join(
    f"gridProperties.{name}" for name in _GRID.split()
)


def sheet_properties(book: Spreadsheet, sheet: Sheet) -> Json:
    """Google's SheetProperties."""
    grid = {"rowCount": sheet.row_count, "columnCount": sheet.column_count} | sheet.grid
    found: Json = {
        "sheetId": sheet.sheet_id,
        "title": sheet.title,
        "index": book.sheets.index(sheet),
        "sheetType": "GRID",
    }
    return found | {"gridProperties": grid} | sheet.properties


def region(book: Spreadsheet, body: Any) -> tuple[Sheet, GridRange]:
    """The tab and the cells of Google's GridRange, cut to the grid.

    Raises:
        GoogleError: 400 for an unknown tab or a range that begins outside the grid.
    """
    sheet, asked = target(book, body)
    return sheet, sheet.within(asked)


def target(book: Spreadsheet, body: Any) -> tuple[Sheet, GridRange]:
    """The tab and the cells of Google's GridRange as they are asked for, inside the grid or not.

    Raises:
        GoogleError: 400 for an unknown tab or indexes that are no range.
    """
    body = body or {}
    only(body, "sheetId startRowIndex endRowIndex startColumnIndex endColumnIndex", "range")
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    sides = [body.get(name) for name in ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")]
    if any(side is not None and (not isinstance(side, int) or side < 0) for side in sides):
        raise invalid("The indexes of a range must be whole numbers from 0.")
    for start, end, side in ((sides[0], sides[1], "Row"), (sides[2], sides[3], "Column")):
        if end is not None and end <= (start or 0):
            raise invalid(f"end{side}Index must be greater than start{side}Index.")
    return sheet, GridRange(*sides)


def color(value: Json | None) -> Json:
    """A colour as Google gives it back: in 255 steps, in single precision, without zeros."""
    only(value or {}, "red green blue alpha", "color")
    steps = {name: int(part * 255 + 1e-6) for name, part in (value or {}).items() if part}
    return {name: float(f"{step / 255:.8g}") for name, step in steps.items() if step}


def _add_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "properties", "requests.addSheet")
    wanted = body.get("properties") or {}
    only(wanted, _SHEET, "requests.addSheet.properties")
    grid = wanted.get("gridProperties") or {}
    only(grid, _GRID, "requests.addSheet.properties.gridProperties")
    if wanted.get("sheetType", "GRID") != "GRID":
        raise invalid("The sandbox has grid sheets only.")
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
    for name, value in grid.items():
        if name not in ("rowCount", "columnCount"):
            sheet.grid[name] = value
    for name in ("hidden", "tabColor", "tabColorStyle", "rightToLeft"):
        if name in wanted:
            _set(book, sheet, (name,), wanted[name])
    return {"addSheet": {"properties": sheet_properties(book, sheet)}}


def _delete_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "sheetId", "requests.deleteSheet")
    sheet = book.sheet_by_id(body.get("sheetId", 0), "sheet")
    book.check_protected(sheet, sheet.whole(), user)
    book.remove_sheet(sheet)
    return {}


def _duplicate_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "sourceSheetId insertSheetIndex newSheetId newSheetName", "requests.duplicateSheet")
    source = book.sheet_by_id(body.get("sourceSheetId", 0))
    title = body.get("newSheetName") or f"Copy of {source.title}"
    fresh = book.add_sheet(title, sheet_id=body.get("newSheetId"), index=body.get("insertSheetIndex", 0))
    identity = (fresh.sheet_id, fresh.title)
    fresh.__dict__.update(source.clone().__dict__)
    fresh.sheet_id, fresh.title = identity
    # A protection of the copy is another one.
    fresh.attached = [replace(item, id=random_id()) if item.kind == "protection" else item for item in fresh.attached]
    return {"duplicateSheet": {"properties": sheet_properties(book, fresh)}}


def _update_sheet(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "properties fields", "requests.updateSheetProperties")
    wanted = body.get("properties") or {}
    only(wanted, _SHEET, "requests.updateSheetProperties.properties")
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
    name = path[-1]
    if name == "title":
        book.rename_sheet(sheet, value or "")
    elif name == "index":
        # Google counts the index before the move: to pass the next tab it is two higher.
        now, to = book.sheets.index(sheet), value or 0
        book.sheets.remove(sheet)
        book.sheets.insert(to - 1 if to > now else to, sheet)
    elif name in ("tabColor", "tabColorStyle"):
        rgb = value if name == "tabColor" else (value or {}).get("rgbColor")
        for key, look in (("tabColor", color(rgb)), ("tabColorStyle", {"rgbColor": color(rgb)})):
            sheet.properties.pop(key, None)
            if rgb is not None:
                sheet.properties[key] = look
    elif path[0] == "gridProperties":
        _keep(sheet.grid, name, value)
    else:
        if (
            value
            and name == "hidden"
            and all(other is sheet or other.properties.get("hidden") for other in book.sheets)
        ):
            raise invalid("You can't hide all the sheets in a document.")
        _keep(sheet.properties, name, value)


def _keep(properties: Json, name: str, value: Any) -> None:
    # Google leaves out what has its default: false, 0 or nothing.
    if value:
        properties[name] = value
    else:
        properties.pop(name, None)


def _span(book: Spreadsheet, body: Json, place: str) -> tuple[Sheet, Dimension, int, int]:
    only(body, "sheetId dimension startIndex endIndex", place)
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    for dimension in get_args(Dimension):
        if dimension == body.get("dimension"):
            start = body.get("startIndex", 0)
            end = body.get("endIndex", sheet.size(dimension))
            if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end:
                raise invalid("The range of rows or columns needs a startIndex from 0 that is less than its endIndex.")
            return sheet, dimension, start, end
    raise bad_value(f"{place}.dimension", "Dimension", body.get("dimension"))


def across(dimension: Dimension, start: int, end: int) -> GridRange:
    """Whole rows or columns as a range."""
    return GridRange(start_row=start, end_row=end) if dimension == "ROWS" else GridRange(start_col=start, end_col=end)


def _insert(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range inheritFromBefore", "requests.insertDimension")
    sheet, dimension, start, end = _span(book, body.get("range") or {}, "requests.insertDimension.range")
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


def _append(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "sheetId dimension length", "requests.appendDimension")
    sheet = book.sheet_by_id(body.get("sheetId", 0))
    length = body.get("length", 0)
    if not isinstance(length, int) or length < 1:
        raise invalid("length must be at least 1.")
    if body.get("dimension") == "ROWS":
        sheet.resize(sheet.row_count + length, sheet.column_count)
    elif body.get("dimension") == "COLUMNS":
        sheet.resize(sheet.row_count, sheet.column_count + length)
    else:
        raise bad_value("requests.appendDimension.dimension", "Dimension", body.get("dimension"))
    return {}


def _delete(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range", "requests.deleteDimension")
    sheet, dimension, start, end = _span(book, body.get("range") or {}, "requests.deleteDimension.range")
    word, size = ("row" if dimension == "ROWS" else "column"), sheet.size(dimension)
    if end > size:
        tried = f"Tried to delete {word} index {max(start, size)} but there are only {size} {word}s."
        raise invalid(f"Cannot delete a {word} that doesn't exist. {tried}")
    if end - start == size:
        raise invalid(f"You can't delete all the {word}s on the sheet.")
    book.check_protected(sheet, across(dimension, start, end), user)
    book.shift(sheet, dimension, Delete(start, end))
    return {}


def _move(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "source destinationIndex", "requests.moveDimension")
    sheet, dimension, start, end = _span(book, body.get("source") or {}, "requests.moveDimension.source")
    to, size = body.get("destinationIndex", 0), sheet.size(dimension)
    if end > size or not isinstance(to, int) or not 0 <= to <= size or start < to < end:
        raise invalid("source and destinationIndex must be inside the grid, and the destination outside the source.")
    book.check_protected(sheet, across(dimension, min(start, to), max(end, to)), user)
    book.shift(sheet, dimension, Move(start, end, to))
    return {}


def _update_dimension(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range properties fields", "requests.updateDimensionProperties")
    sheet, dimension, start, end = _span(book, body.get("range") or {}, "requests.updateDimensionProperties.range")
    kept = sheet.row_properties if dimension == "ROWS" else sheet.column_properties
    for (name,) in leaves(body.get("fields"), "hiddenByUser pixelSize"):
        for index in range(start, min(end, sheet.size(dimension))):
            properties = dict(kept.get(index, {}))
            _keep(properties, name, (body.get("properties") or {}).get(name))
            kept[index] = properties
    return {}


def _sort(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range sortSpecs", "requests.sortRange")
    sheet, area = region(book, body.get("range"))
    specs = []
    for spec in body.get("sortSpecs") or []:
        if set(spec) - {"dimensionIndex", "sortOrder"}:
            raise unknown_field(next(iter(set(spec) - {"dimensionIndex", "sortOrder"})), "requests.sortRange.sortSpecs")
        col = spec.get("dimensionIndex", 0)
        if not area.left <= col < (area.end_col or 0):
            raise invalid(f"dimensionIndex {col} is outside the range to sort.")
        specs.append((col, spec.get("sortOrder") == "DESCENDING"))
    book.check_protected(sheet, area, user)
    sort_rows(book, sheet, area, specs or [(area.left, False)])
    return {}


HANDLERS = {
    "addSheet": _add_sheet,
    "deleteSheet": _delete_sheet,
    "duplicateSheet": _duplicate_sheet,
    "updateSheetProperties": _update_sheet,
    "insertDimension": _insert,
    "appendDimension": _append,
    "deleteDimension": _delete,
    "moveDimension": _move,
    "updateDimensionProperties": _update_dimension,
    "sortRange": _sort,
}
