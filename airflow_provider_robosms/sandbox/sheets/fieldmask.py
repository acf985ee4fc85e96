"""Field masks: ``a,b.c``, ``a(b,c/d)`` and ``*``, in requests and in the ``fields`` parameter of answers."""

from __future__ import annotations

import re
from typing import Any

from .errors import GoogleError, Json, bad_field, invalid, unknown_field

# A mask as a tree; an empty tree means everything below.
Mask = dict[str, Any]
_NAME = re.compile(r"\s*([A-Za-z_]\w*|\*)\s*")
# The names that the sandbox's answers can contain. Google refuses a mask with another name than its own.
_NAMES = """spreadsheetId spreadsheetUrl properties title sheets sheetId index sheetType hidden gridProperties rowCount
    columnCount frozenRowCount data startRow startColumn rowData values userEnteredValue effectiveValue formattedValue
    numberValue stringValue boolValue formulaValue errorValue type message userEnteredFormat numberFormat pattern textFormat
    note dataValidation condition merges basicFilter range filterSpecs sortSpecs criteria startRowIndex endRowIndex
    startColumnIndex endColumnIndex majorDimension valueRanges valueRange dataFilters gridRange replies updatedSpreadsheet
    addSheet duplicateSheet findReplace"""
_KNOWN = frozenset(_NAMES.split())


def parse_mask(text: str) -> Mask:
    """Parse a field mask."""
    mask, at = _parse(text, 0)
    if at != len(text):
        raise _malformed(text)
    return mask


def _parse(text: str, at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while True:
        node = mask
        while True:
            name = _NAME.match(text, at)
            if not name:
                raise _malformed(text)
            at = name.end()
            above, node = node, node.setdefault(name[1], {})
            if text[at : at + 1] not in (".", "/"):
                break
            at += 1
        if text[at : at + 1] == "(":
            inner, at = _parse(text, at + 1)
            if text[at : at + 1] != ")":
                raise _malformed(text)
            above[name[1]] = node | inner
            at += 1
        if text[at : at + 1] != ",":
            return mask, at
        at += 1


def _malformed(text: str) -> GoogleError:
    why = f"Error expanding 'fields' parameter. Cannot parse field mask '{text}'."
    return bad_field("Request contains an invalid argument.", "fields", why)


def check_known(mask: Mask, path: str = "") -> None:
    """Refuse a mask that names a field which no answer has."""
    for name, inner in mask.items():
        here = f"{path}.{name}" if path else name
        if name != "*" and name not in _KNOWN:
            why = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{here}'."
            raise bad_field("Request contains an invalid argument.", here, why)
        check_known(inner, here)


def checked(value: Any, known: Mask, place: str) -> Any:
    """A JSON value of a request, whose fields must be *known*, so that nothing is ignored silently; without nulls: in
    Google's JSON a field that is null is a field that is missing.
    """
    if isinstance(value, list):
        return [checked(item, known, place) for item in value]
    if not isinstance(value, dict):
        return value
    for name in value:
        if known and name not in known:
            raise unknown_field(name, place)
    return {
        name: checked(item, known.get(name, {}), f"{place}.{name}") for name, item in value.items() if item is not None
    }


def select(value: Any, mask: Mask) -> Any:
    """The part of a JSON value that the mask names."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [select(item, mask) for item in value]
    if isinstance(value, dict):
        return {name: select(item, mask[name]) for name, item in value.items() if name in mask}
    return value


def below(mask: Mask | None, name: str) -> Mask | None:
    """What the mask says about the field *name*: its own mask, ``{}`` for everything, None when it is not asked for."""
    return {} if not mask or "*" in mask else mask.get(name)


def leaves(fields: Any, allowed: str) -> list[tuple[str, ...]]:
    """The paths of a request's mask, so that each can be applied; ``*`` means all that are *allowed*: what the sandbox
    can change, separated by blanks (``title gridProperties.rowCount``).
    """
    if not isinstance(fields, str) or not fields:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    known = [tuple(path.split(".")) for path in allowed.split()]
    found: list[tuple[str, ...]] = []
    for path in _paths(parse_mask(fields)):
        below = [other for other in known if other[: len(path)] == path]
        if path == ("*",):
            below = known
        if not below:
            changeable = ", ".join(allowed.split())
            raise invalid(f"Invalid field: {'.'.join(path)} in 'fields'; the sandbox can change {changeable}.")
        found.extend(below)
    return found


def _paths(mask: Mask, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, inner in mask.items():
        found.extend(_paths(inner, (*above, name)) if inner else [(*above, name)])
    return found


def lookup(source: Json | None, path: tuple[str, ...]) -> Any:
    """The value at *path*, None when there is none."""
    value: Any = source
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
