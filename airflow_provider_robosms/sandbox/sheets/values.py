"""spreadsheets.values: get, update, clear and their batches, on the model. Appending is in :mod:`.appending`.

Every function takes the spreadsheet first and returns the JSON that Google would answer. A range is resolved when the
function applies it: after somebody has sorted or inserted rows, the same range means other rows.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .a1 import GridRange, column_letters, range_name
from .cells import AnyCell, Cell, check_length, full, number, number_format, slim, with_value
from .errors import GoogleError, Json, bad_field, invalid, only
from .render import DEFAULT, Major, View, as_major, bad_value, read
from .sheet import Sheet
from .spreadsheet import Spreadsheet
from .structure import region
from .typed import parse_typed

InputOption = Literal["RAW", "USER_ENTERED"]


@dataclass(frozen=True, slots=True)
class Echo:
    """Whether and how an update shows what it wrote (``includeValuesInResponse`` and its two render options)."""

    wanted: bool = False
    view: View = DEFAULT


SILENT = Echo()


@dataclass(slots=True)
class Write:
    """A checked write, ready to be applied: what becomes of which cell."""

    sheet: Sheet
    area: GridRange
    asked: GridRange
    major: Major
    cells: dict[int, list[tuple[int, Any]]] = field(default_factory=dict)

    def count(self) -> Json:
        columns = {col for cells in self.cells.values() for col, _ in cells}
        total = sum(map(len, self.cells.values()))
        # Google leaves counts of 0 out.
        found = {"updatedRows": len(self.cells), "updatedColumns": len(columns), "updatedCells": total}
        return {name: value for name, value in found.items() if value}


def as_input_option(value: Any, name: str = "valueInputOption") -> InputOption:
    """The value input option of a request.

    Raises:
        GoogleError: 400 when it is missing or another word.
    """
    if value in ("RAW", "USER_ENTERED"):
        return value
    if value in (None, "", "INPUT_VALUE_OPTION_UNSPECIFIED"):
        raise invalid(f"'{name}' is required but not specified")
    raise bad_value("value_input_option", "ValueInputOption", value)


# Reading


def get(book: Spreadsheet, text: str, view: View = DEFAULT) -> Json:
    """``values.get``: a ValueRange, without ``values`` when the range is empty."""
    with book.lock:
        sheet, asked = book.resolve(text)
        return _value_range(book, sheet, sheet.within(asked), view)


def batch_get(book: Spreadsheet, texts: Sequence[str], view: View = DEFAULT) -> Json:
    """``values.batchGet``."""
    with book.lock:
        found: Json = {"spreadsheetId": book.id}
        if texts:
            found["valueRanges"] = [get(book, text, view) for text in texts]
        return found


def batch_get_by_filter(book: Spreadsheet, filters: Any, view: View = DEFAULT) -> Json:
    """``values.batchGetByDataFilter``: cells by ``gridRange`` (of a tab's id) or by ``a1Range``.

    Raises:
        GoogleError: 400 for a filter of another kind, an unknown tab or a range outside the grid.
    """
    if not isinstance(filters, list) or not filters or not all(isinstance(wanted, dict) for wanted in filters):
        raise invalid("Must specify at least one data filter.")
    with book.lock:
        found = []
        for index, wanted in enumerate(filters):
            only(wanted, "gridRange a1Range", f"data_filters[{index}]")
            if len(wanted) != 1:
                raise invalid(
                    f"Invalid dataFilters[{index}]: Each filter must have exactly one of gridRange and a1Range."
                )
            if "gridRange" in wanted:
                sheet, area = region(book, wanted["gridRange"])
            else:
                sheet, asked = book.resolve(wanted["a1Range"])
                area = sheet.within(asked)
            found.append({"valueRange": _value_range(book, sheet, area, view), "dataFilters": [wanted]})
        return {"spreadsheetId": book.id, "valueRanges": found}


def _value_range(book: Spreadsheet, sheet: Sheet, area: GridRange, view: View) -> Json:
    found: Json = {"range": range_name(sheet.title, area), "majorDimension": view.major}
    rows = read(book, sheet, area, view)
    if rows:
        found["values"] = rows
    return found


# Writing


def update(
    book: Spreadsheet,
    text: str,
    values: Any,
    *,
    option: InputOption,
    user: str | None,
    major: Major = "ROWS",
    echo: Echo = SILENT,
) -> Json:
    """``values.update``: null leaves a cell alone, "" clears it.

    Parameters:
        text: The range. A single cell only says where to begin; a larger range must hold all values.
        values: Lists of lists of str, number, bool or None.
        option: RAW stores texts as they are, USER_ENTERED interprets them as typing.
        user: The caller's e-mail address, for protected ranges.
        major: Whether the inner lists are rows or columns.
        echo: Whether the answer shows the cells.
    """
    with book.change():
        return updated(book, write(book, text, values, option=option, user=user, major=major), echo)


def write(
    book: Spreadsheet, text: str, values: Any, *, option: InputOption, user: str | None, major: Major = "ROWS"
) -> Write:
    """The write of :func:`update` without an answer; to be called inside a change."""
    checked = _check(book, text, values, option=option, major=major, user=user)
    _apply(checked)
    return checked


def batch_update(
    book: Spreadsheet, data: Sequence[Json], *, option: InputOption, user: str | None, echo: Echo = SILENT
) -> Json:
    """``values.batchUpdate``: *data* are ValueRanges; all of them or none, one version step."""
    with book.change():
        writes = [_check_item(book, item, index, option, user) for index, item in enumerate(data)]
        for write in writes:
            _apply(write)
        rows = {(write.sheet.sheet_id, row) for write in writes for row in write.cells}
        columns = {
            (write.sheet.sheet_id, col) for write in writes for cells in write.cells.values() for col, _ in cells
        }
        totals = {
            "totalUpdatedRows": len(rows),
            "totalUpdatedColumns": len(columns),
            "totalUpdatedCells": sum(len(cells) for write in writes for cells in write.cells.values()),
            "totalUpdatedSheets": len({sheet_id for sheet_id, _ in rows}),
        }
        found: Json = {"spreadsheetId": book.id} | {name: value for name, value in totals.items() if value}
        if writes:
            found["responses"] = [updated(book, write, echo) for write in writes]
        return found


def _check(
    book: Spreadsheet,
    text: str,
    values: Any,
    *,
    option: InputOption,
    major: Major,
    user: str | None,
    place: str = "data",
) -> Write:
    """Check a write down to its last cell, so that nothing can fail once it is being applied."""
    rows = as_rows(values, major, place)
    sheet, asked = book.resolve(text)
    limit = sheet.within(asked)
    single = asked.end_row == asked.top + 1 and asked.end_col == asked.left + 1
    if single:
        limit = GridRange(limit.top, sheet.row_count, limit.left, sheet.column_count)
    width = max(map(len, rows), default=0)
    area = GridRange(limit.top, limit.top + max(len(rows), 1), limit.left, limit.left + max(width, 1))
    write = Write(sheet, area, area if single else limit, major)
    for down, row in enumerate(rows):
        if limit.top + down >= (limit.end_row or 0):
            raise invalid(f"Requested writing within range [{text}], but tried writing to row [{limit.top + down + 1}]")
        if limit.left + len(row) > (limit.end_col or 0):
            column = column_letters(limit.end_col or 0)
            raise invalid(f"Requested writing within range [{text}], but tried writing to column [{column}]")
        changes = [
            (limit.left + right, _entered(book, sheet.cell(limit.top + down, limit.left + right), value, option))
            for right, value in enumerate(row)
            if value is not None
        ]
        if changes:
            write.cells[limit.top + down] = changes
    book.check_protected(sheet, area, user)
    return write


def _check_item(book: Spreadsheet, item: Json, index: int, option: InputOption, user: str | None) -> Write:
    place = f"data[{index}]"
    only(item, "range majorDimension values", place)
    major = as_major(item.get("majorDimension"), f"{place}.major_dimension")
    try:
        if not item.get("range"):
            raise invalid("range is required")
        return _check(book, item["range"], item.get("values"), option=option, major=major, user=user, place=place)
    except GoogleError as error:
        raise error if error.details else error.within(place) from None


def as_rows(values: Any, major: Major, place: str) -> list[list[Any]]:
    """The ``values`` of a request as rows; null where a column is short.

    Raises:
        GoogleError: 400 when they are no lists of simple values.
    """
    if values is None:
        return []
    if not isinstance(values, list):
        raise bad_field(_not_a_list(f"{place}.values", values), f"{place}.values")
    for index, line in enumerate(values):
        if not isinstance(line, list):
            raise bad_field(_not_a_list(f"{place}.values[{index}]", line), f"{place}.values[{index}]")
        for at, value in enumerate(line):
            if isinstance(value, dict | list):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                raise invalid(f"Invalid values[{index}][{at}]: {kind} {{\n}}\n")
    if major == "ROWS":
        return values
    height = max(map(len, values), default=0)
    return [[line[at] if at < len(line) else None for line in values] for at in range(height)]


def _not_a_list(where: str, value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return f"Invalid value at '{where}' (type.googleapis.com/google.protobuf.ListValue), {text}"


def _entered(book: Spreadsheet, cell: AnyCell, value: Any, option: InputOption) -> AnyCell:
    """What the cell becomes when *value* is written into it."""
    if isinstance(value, str) and option == "USER_ENTERED":
        entry = parse_typed(value, book.locale, number_format(cell))
        return with_value(cell, entry.value, entry.formula, entry.number_format)
    if isinstance(value, str):
        return with_value(cell, check_length(value) or None)
    return with_value(cell, value if isinstance(value, bool) else number(value))


def _apply(write: Write) -> None:
    for row, cells in write.cells.items():
        write.sheet.put(row, cells)


def updated(book: Spreadsheet, write: Write, echo: Echo) -> Json:
    """Google's UpdateValuesResponse."""
    found: Json = {"spreadsheetId": book.id, "updatedRange": range_name(write.sheet.title, write.area)}
    found |= write.count()
    if echo.wanted:
        found["updatedData"] = _value_range(book, write.sheet, write.asked, replace(echo.view, major=write.major))
    return found


# Clearing


def clear(book: Spreadsheet, text: str, *, user: str | None) -> Json:
    """``values.clear``: values go, formats and notes stay."""
    with book.change():
        return {"spreadsheetId": book.id, "clearedRange": erase(book, text, user=user)}


def batch_clear(book: Spreadsheet, texts: Sequence[str], *, user: str | None) -> Json:
    """``values.batchClear``: all ranges or none."""
    with book.change():
        cleared = [_erase_item(book, text, index, user) for index, text in enumerate(texts)]
        return {"spreadsheetId": book.id, "clearedRanges": cleared}


def _erase_item(book: Spreadsheet, text: str, index: int, user: str | None) -> str:
    try:
        return erase(book, text, user=user)
    except GoogleError as error:
        raise error.within(f"range[{index}]") from None


def erase(book: Spreadsheet, text: str, *, user: str | None) -> str:
    """The clearing of :func:`clear`, which returns the range; to be called inside a change."""
    sheet, asked = book.resolve(text)
    area = sheet.within(asked)
    book.check_protected(sheet, area, user)
    for row in range(area.top, min(area.end_row or 0, len(sheet.rows))):
        cells = range(area.left, min(area.end_col or 0, len(sheet.rows[row])))
        sheet.put(row, [(col, _cleared(sheet.cell(row, col))) for col in cells])
    return range_name(sheet.title, area)


def _cleared(cell: AnyCell) -> AnyCell:
    return slim(Cell(None, None, full(cell).format, full(cell).note)) if isinstance(cell, Cell) else None
