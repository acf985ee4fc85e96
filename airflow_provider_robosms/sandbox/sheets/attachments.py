"""batchUpdate requests on what is attached to ranges: merges, names, protections, filters, rules, validations."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from .a1 import GridRange
from .errors import Json, invalid, only
from .fieldmask import leaves
from .render import bad_value
from .sheet import Attached, Sheet
from .spreadsheet import Spreadsheet
from .structure import region


def _new_id() -> int:
    return random.randrange(1, 2**31 - 1)


def _merge(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range mergeType", "requests.mergeCells")
    sheet, area = region(book, body.get("range"))
    kind = body.get("mergeType", "MERGE_ALL")
    if kind not in ("MERGE_ALL", "MERGE_COLUMNS", "MERGE_ROWS"):
        raise bad_value("requests.mergeCells.merge_type", "MergeCellsRequest.MergeType", kind)
    book.check_protected(sheet, area, user)
    parts = [area]
    if kind == "MERGE_COLUMNS":
        parts = [replace(area, start_col=col, end_col=col + 1) for col in range(area.left, area.end_col or 0)]
    if kind == "MERGE_ROWS":
        parts = [replace(area, start_row=row, end_row=row + 1) for row in range(area.top, area.end_row or 0)]
    for part in parts:
        sheet.merge(part)
    return {}


def _unmerge(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "range", "requests.unmergeCells")
    sheet, area = region(book, body.get("range"))
    book.check_protected(sheet, area, user)
    sheet.drop(lambda item: item.kind == "merge" and item.range.overlaps(area))
    return {}


# Named ranges


def _named_json(sheet: Sheet, item: Attached) -> Json:
    return {"namedRangeId": item.id, "name": item.data["name"], "range": item.range.json(sheet.sheet_id)}


def _free_name(book: Spreadsheet, name: Any) -> str:
    if not isinstance(name, str) or not name.replace("_", "a").isalnum() or name[0].isdigit():
        raise invalid(f"The name of a range must be a word of letters, digits and underscores: {name!r}")
    if any(item.data["name"].casefold() == name.casefold() for sheet in book.sheets for item in sheet.of_kind("named")):
        raise invalid(f'A named range with the name "{name}" already exists.')
    return name


def _add_named(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "namedRange", "requests.addNamedRange")
    wanted = body.get("namedRange") or {}
    only(wanted, "namedRangeId name range", "requests.addNamedRange.namedRange")
    sheet, _ = region(book, wanted.get("range"))
    area = _as_asked(wanted.get("range"))
    item = Attached(
        "named", area, wanted.get("namedRangeId") or str(_new_id()), {"name": _free_name(book, wanted.get("name"))}
    )
    sheet.attached.append(item)
    return {"addNamedRange": {"namedRange": _named_json(sheet, item)}}


def _update_named(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "namedRange fields", "requests.updateNamedRange")
    wanted = body.get("namedRange") or {}
    sheet, item = _find(book, "named", wanted.get("namedRangeId"))
    sheet.attached.remove(item)
    for name, *_ in leaves(body.get("fields"), "name range"):
        if name == "name":
            item = replace(item, data={"name": _free_name(book, wanted.get("name"))})
        else:
            sheet, _ = region(book, wanted.get("range"))
            item = replace(item, range=_as_asked(wanted.get("range")))
    sheet.attached.append(item)
    return {}


def _delete_named(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "namedRangeId", "requests.deleteNamedRange")
    sheet, item = _find(book, "named", body.get("namedRangeId"))
    sheet.attached.remove(item)
    return {}


def _find(book: Spreadsheet, kind: str, wanted: Any) -> tuple[Sheet, Attached]:
    for sheet in book.sheets:
        for item in sheet.of_kind(kind):
            if item.id == wanted:
                return sheet, item
    words = {"named": "named range", "protection": "protected range"}
    raise invalid(f"No {words[kind]} with id: {wanted}")


def _as_asked(body: Any) -> GridRange:
    """The range as the caller wrote it: an open side stays open and grows with the grid."""
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    return GridRange(*((body or {}).get(name) for name in names))


# Protections


def protect(
    book: Spreadsheet, sheet: Sheet, area: GridRange, *, editors: list[str], owner: str | None, data: Json | None = None
) -> Attached:
    """Protect a range against everybody but the document's owner, who made it (*owner*), and *editors* (e-mail addresses)."""
    facts = (data or {}) | {"mayEdit": [*editors, *([owner] if owner else [])]}
    item = Attached("protection", area, _new_id(), facts)
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
    sheet, item = _find(book, "protection", body.get("protectedRangeId"))
    book.check_protected(sheet, item.range, user)
    sheet.attached.remove(item)
    return {}


# Filters, rules, validations


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


def rules(sheet: Sheet) -> list[tuple[Any, list[Attached]]]:
    """The conditional formats of a tab in their order: the rule's id and its ranges."""
    found: dict[Any, list[Attached]] = {}
    for item in sheet.of_kind("conditional"):
        found.setdefault(item.id, []).append(item)
    return list(found.items())


def _add_rule(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "rule index", "requests.addConditionalFormatRule")
    rule = body.get("rule") or {}
    only(rule, "ranges booleanRule gradientRule", "requests.addConditionalFormatRule.rule")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise invalid("A rule needs either a booleanRule or a gradientRule.")
    places = [region(book, part) for part in rule.get("ranges") or []]
    if not places or any(sheet is not places[0][0] for sheet, _ in places):
        raise invalid("A rule needs one or more ranges, all on the same sheet.")
    sheet, identity = places[0][0], _new_id()
    data = {name: value for name, value in rule.items() if name != "ranges"}
    fresh = [Attached("conditional", area, identity, data) for _, area in places]
    old = [item for _, items in rules(sheet) for item in items]
    before = {item.id for item in [items[0] for _, items in rules(sheet)][: body.get("index", 0)]}
    sheet.drop(lambda item: item.kind == "conditional")
    sheet.attached += [item for item in old if item.id in before]
    sheet.attached += fresh + [item for item in old if item.id not in before]
    return {}


def _delete_rule(book: Spreadsheet, body: Json, user: str | None) -> Json:
    only(body, "index sheetId", "requests.deleteConditionalFormatRule")
    sheet, index = book.sheet_by_id(body.get("sheetId", 0)), body.get("index", 0)
    found = rules(sheet)
    if not 0 <= index < len(found):
        raise invalid(f"No conditional format on sheet: {sheet.sheet_id} at index: {index}")
    data = _rule_json(sheet, found[index][1])
    sheet.drop(lambda item: item.kind == "conditional" and item.id == found[index][0])
    return {"deleteConditionalFormatRule": {"rule": data}}


def _rule_json(sheet: Sheet, items: list[Attached]) -> Json:
    return {"ranges": [item.range.json(sheet.sheet_id) for item in items]} | items[0].data


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
        "conditionalFormats": [_rule_json(sheet, items) for _, items in rules(sheet)],
        "protectedRanges": [
            protection_json(sheet, item, user, item.data["mayEdit"]) for item in sheet.of_kind("protection")
        ],
    }
    for item in sheet.of_kind("filter"):
        found["basicFilter"] = {"range": item.range.json(sheet.sheet_id)} | item.data
    return {name: value for name, value in found.items() if value}


def named_ranges_json(book: Spreadsheet) -> list[Json]:
    """The spreadsheet's named ranges."""
    return [_named_json(sheet, item) for sheet in book.sheets for item in sheet.of_kind("named")]


HANDLERS = {
    "mergeCells": _merge,
    "unmergeCells": _unmerge,
    "addNamedRange": _add_named,
    "updateNamedRange": _update_named,
    "deleteNamedRange": _delete_named,
    "addProtectedRange": _add_protected,
    "deleteProtectedRange": _delete_protected,
    "setBasicFilter": _set_filter,
    "clearBasicFilter": _clear_filter,
    "addConditionalFormatRule": _add_rule,
    "deleteConditionalFormatRule": _delete_rule,
    "setDataValidation": _set_validation,
}
