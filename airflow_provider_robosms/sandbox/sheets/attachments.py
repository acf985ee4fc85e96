"""batchUpdate requests on what is attached to ranges: filters and validations."""

from __future__ import annotations

from dataclasses import replace

from .a1 import GridRange
from .errors import Json, only
from .sheet import Attached, Sheet
from .spreadsheet import Spreadsheet
from .structure import region


def _set_filter(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "filter", "requests.setBasicFilter")
    wanted = body.get("filter") or {}
    only(wanted, "range sortSpecs criteria filterSpecs", "requests.setBasicFilter.filter")
    sheet, area = region(book, wanted.get("range"))
    sheet.drop(lambda item: item.kind == "filter")
    sheet.attached.append(Attached("filter", area, {k: v for k, v in wanted.items() if k != "range"}))
    return {}


def _clear_filter(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "sheetId", "requests.clearBasicFilter")
    book.sheet_by_id(body.get("sheetId", 0)).drop(lambda item: item.kind == "filter")
    return {}


def _set_validation(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range rule filteredRowsIncluded", "requests.setDataValidation")
    sheet, area = region(book, body.get("range"))
    rule = body.get("rule")
    if rule:
        only(rule, "condition inputMessage strict showCustomUi", "requests.setDataValidation.rule")
    set_validation(sheet, area, rule)
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


HANDLERS = {
    "setBasicFilter": _set_filter,
    "clearBasicFilter": _clear_filter,
    "setDataValidation": _set_validation,
}
