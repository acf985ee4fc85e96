"""batchUpdate requests on what is attached to ranges: filters, merges and validations."""

from __future__ import annotations

from dataclasses import replace

from .a1 import GridRange
from .errors import Json, invalid
from .sheet import Attached, Sheet
from .spreadsheet import Spreadsheet
from .structure import region
from .values import erase


def set_filter(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """setBasicFilter: in place of the filter that is there."""
    wanted = body.get("filter") or {}
    sheet, area = region(book, wanted.get("range"))
    sheet.drop(lambda item: item.kind == "filter")
    sheet.attached.append(Attached("filter", area, {k: v for k, v in wanted.items() if k != "range"}))
    return {}


def clear_filter(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """clearBasicFilter."""
    book.sheet_by_id(body.get("sheetId", 0)).drop(lambda item: item.kind == "filter")
    return {}


def merge(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """mergeCells: into one; all values but that of its first cell are lost."""
    if body.get("mergeType") != "MERGE_ALL":
        raise invalid("The sandbox serves the mergeType MERGE_ALL only.")
    sheet, area = _whole_merges(book, body)
    for covered in area.without(GridRange(area.top, area.top + 1, area.left, area.left + 1)):
        erase(sheet, covered)
    sheet.attached.append(Attached("merge", area))
    return {}


def unmerge(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """unmergeCells."""
    _whole_merges(book, body)
    return {}


def _whole_merges(book: Spreadsheet, body: Json) -> tuple[Sheet, GridRange]:
    """The cells of the request, from which the merges in them are taken away; Google refuses a part of a merge."""
    sheet, area = region(book, body.get("range"))
    inside = [item for item in sheet.of_kind("merge") if item.range.overlaps(area)]
    if any(item.range.without(area) for item in inside):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    sheet.drop(lambda item: item in inside)
    return sheet, area


def validate(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """setDataValidation."""
    sheet, area = region(book, body.get("range"))
    set_validation(sheet, area, body.get("rule"))
    return {}


def validations(sheet: Sheet, area: GridRange) -> list[Attached]:
    """The data validations that touch *area*."""
    return [item for item in sheet.attached if item.kind == "validation" and item.range.overlaps(area)]


def set_validation(sheet: Sheet, area: GridRange, rule: Json | None) -> None:
    """Give the cells of *area* a validation, or none; what lies beside them keeps its own."""
    old = validations(sheet, area)
    if len(old) == 1 and old[0].data == rule and not area.without(old[0].range):
        return
    for item in old:
        sheet.attached.remove(item)
        sheet.attached += [replace(item, range=part) for part in item.range.without(area)]
    if rule:
        sheet.attached.append(Attached("validation", area, rule))
