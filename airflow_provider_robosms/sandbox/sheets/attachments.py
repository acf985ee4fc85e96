"""batchUpdate requests on what is attached to ranges: protections, filters, validations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .a1 import GridRange
from .errors import Json, invalid, only
from .sheet import Attached, Sheet
from .spreadsheet import Spreadsheet, random_id
from .structure import region

# Protections


def _as_asked(body: Any) -> GridRange:
    """The range as the caller wrote it: an open side stays open and grows with the grid."""
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return GridRange(*((body or {}).get(name) for name in names))


def protect(
    book: Spreadsheet, sheet: Sheet, area: GridRange, *, editors: list[str], owner: str | None, data: Json | None = None
) -> Attached:
    """Protect a range against everybody but the document's owner, who made it (*owner*), and *editors* (e-mail addresses)."""
    facts = (data or {}) | {"mayEdit": [*editors, *([owner] if owner else [])]}
    item = Attached("protection", area, random_id(), facts)
    sheet.attached.append(item)
    return item


def protection_json(sheet: Sheet, item: Attached, user: str | None, users: list[str]) -> Json:
    """Google's ProtectedRange as *user* sees it, with *users* as its editors."""
    found: Json = {"protectedRangeId": item.id, "range": item.range.json(sheet.sheet_id)}
    found |= {name: item.data[name] for name in ("description", "warningOnly") if item.data.get(name)}
    if user in item.data["mayEdit"] or item.data.get("warningOnly"):
        found |= {"requestingUserCanEdit": True, "editors": {"users": users} if users else {}}
    if item.data.get("unprotected"):
        found["unprotectedRanges"] = [area.json(sheet.sheet_id) for area in item.data["unprotected"]]
    return found


def _add_protected(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "protectedRange", "requests.addProtectedRange")
    wanted = body.get("protectedRange") or {}
    known = "range description warningOnly requestingUserCanEdit editors unprotectedRanges"
    only(wanted, known, "requests.addProtectedRange.protectedRange")
    sheet, _ = region(book, wanted.get("range"))
    editors = wanted.get("editors") or {}
    only(editors, "users groups domainUsersCanEdit", "requests.addProtectedRange.protectedRange.editors")
    if editors.get("groups") or editors.get("domainUsersCanEdit"):
        raise invalid("The sandbox has no groups and no domains: name users as editors.")
    free = [_as_asked(part) for part in wanted.get("unprotectedRanges") or []]
    facts = {"description": wanted.get("description"), "warningOnly": wanted.get("warningOnly"), "unprotected": free}
    area = _as_asked(wanted.get("range"))
    item = protect(book, sheet, area, editors=list(editors.get("users") or []), owner=user, data=facts)
    # The answer names the editors that were asked for; the resource names the caller as well.
    return {
        "addProtectedRange": {"protectedRange": protection_json(sheet, item, user, list(editors.get("users") or []))}
    }


def _delete_protected(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "protectedRangeId", "requests.deleteProtectedRange")
    wanted = body.get("protectedRangeId")
    for sheet in book.sheets:
        for item in sheet.of_kind("protection"):
            if item.id == wanted:
                book.check_protected(sheet, item.range, user)
                sheet.attached.remove(item)
                return {}
    raise invalid(f"No protected range with id: {wanted}")


# Filters and validations


def _set_filter(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "filter", "requests.setBasicFilter")
    wanted = body.get("filter") or {}
    only(wanted, "range sortSpecs criteria filterSpecs", "requests.setBasicFilter.filter")
    sheet, area = region(book, wanted.get("range"))
    sheet.drop(lambda item: item.kind == "filter")
    sheet.attached.append(Attached("filter", area, None, {k: v for k, v in wanted.items() if k != "range"}))
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
        sheet.attached.append(Attached("validation", area, None, rule))


def attached_json(sheet: Sheet, user: str | None) -> Json:
    """What the Sheet resource shows of the attached things."""
    found: Json = {
        "merges": [item.range.json(sheet.sheet_id) for item in sheet.of_kind("merge")],
        "protectedRanges": [
            protection_json(sheet, item, user, item.data["mayEdit"]) for item in sheet.of_kind("protection")
        ],
    }
    for item in sheet.of_kind("filter"):
        found["basicFilter"] = {"range": item.range.json(sheet.sheet_id)} | item.data
    return {name: value for name, value in found.items() if value}


HANDLERS = {
    "addProtectedRange": _add_protected,
    "deleteProtectedRange": _delete_protected,
    "setBasicFilter": _set_filter,
    "clearBasicFilter": _clear_filter,
    "setDataValidation": _set_validation,
}
