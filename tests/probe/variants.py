"""A Google that differs in one point from what the sheet protocol assumes: one variant for each line of the probe.

Each stands between the probe and the sandbox's model, and changes requests, answers or refusals.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gspread.exceptions

from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from tests.protocol.google import Http, _Refusal

#: (what the real model does with a body, the body, the model's HTTP client) -> the answer
Variant = Callable[[Callable[[dict[str, Any]], Any], dict[str, Any], "Google"], Any]


class Google(Http):
    """The model, changed by a variant.

    :param theirs: ids of people's tabs, which no request may name.
    """

    def __init__(self, book: Any, clock: Any, variant: Variant | None = None, **further: Any) -> None:
        super().__init__(book, clock, **further)
        self.variant = variant
        self.theirs = {sheet.sheet_id for sheet in book.sheets}

    def request(self, method: str, url: str, params: Any = None, json: Any = None) -> Any:
        assert not self.theirs & set(ids(json)), json
        if self.variant is None:
            return super().request(method, url, params, json)
        return self.variant(
            lambda body: super(Google, self).request(method, url, params, body), copy.deepcopy(json), self
        )


def ids(found: Any) -> list[int]:
    """Return all ids of tabs in a body."""
    if isinstance(found, list):
        return [each for item in found for each in ids(item)]
    if not isinstance(found, dict):
        return []
    named = [value for name, value in found.items() if name in ("sheetId", "sourceSheetId", "newSheetId")]
    return named + [each for value in found.values() for each in ids(value)]


def _each(change: Callable[[dict[str, Any], Google], list[dict[str, Any]]]) -> Variant:
    """Return the variant that does something else in place of a request."""

    def variant(do: Any, body: dict[str, Any], google: Google) -> Any:
        if "requests" in body:
            body["requests"] = [one for request in body["requests"] for one in change(request, google)]
        return do(body)

    return variant


def _accepted(words: str, instead: Callable[[dict[str, Any], int], dict[str, Any]]) -> Variant:
    """Return the variant that does something in place of a refusal.

    :param words: which refusals.
    :param instead: (body, number of the request that was refused) -> the body that is applied.
    """

    def variant(do: Any, body: dict[str, Any], google: Google) -> Any:
        for _ in range(5):
            try:
                return do(body)
            except gspread.exceptions.APIError as error:
                message = error.error["message"]
                if words not in message:
                    raise
                number = int(message.partition("requests[")[2].partition("]")[0] or 0)
                body = instead(body, number)
        raise AssertionError(body)

    return variant


def _without(body: dict[str, Any], number: int) -> dict[str, Any]:
    kept = [request for at, request in enumerate(body["requests"]) if at != number]
    return {**body, "requests": kept}


def _other_title(body: dict[str, Any], number: int) -> dict[str, Any]:
    body["requests"][number]["addSheet"]["properties"]["title"] += " (2)"
    return body


def _other_id(body: dict[str, Any], number: int) -> dict[str, Any]:
    del body["requests"][number]["addSheet"]["properties"]["sheetId"]
    return body


def _shows_nothing(body: dict[str, Any], number: int) -> dict[str, Any]:
    return {"requests": body["requests"]}


def _late_echo(do: Any, body: dict[str, Any], google: Google) -> Any:
    """The answer is made after another writer's write."""
    text = json.dumps(body.get("requests", []))
    if '"stringValue": "a 3"' in text:
        do({"requests": body["requests"]})
        body = json.loads(json.dumps(body).replace('"a 3"', '"b 2"'))
    return do(body)


def _all_tabs(do: Any, body: dict[str, Any], google: Google) -> Any:
    if len(body.get("responseRanges", [])) == 2 and len(body["requests"]) == 1:
        body["responseRanges"].append("Recipients!A1")
    return do(body)


def _no_columns(do: Any, body: dict[str, Any], google: Google) -> Any:
    if any(shown.endswith("!B:B") for shown in body.get("responseRanges", [])):
        text = "Unable to parse range: B:B"
        raise gspread.exceptions.APIError(_Refusal(GoogleError(400, "INVALID_ARGUMENT", text)))
    return do(body)


def _visible(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    if "addSheet" in request:
        request["addSheet"]["properties"].pop("hidden", None)
    return [request]


def _only_visible_tabs(do: Any, body: dict[str, Any], google: Google) -> Any:
    answer = do(body)
    if "includeSpreadsheetInResponse" not in body or "responseRanges" in body:
        return answer
    found = answer.json()
    listed = found["updatedSpreadsheet"]["sheets"]
    found["updatedSpreadsheet"]["sheets"] = [tab for tab in listed if not tab["properties"].get("hidden")]
    return SimpleNamespace(text=json.dumps(found), json=lambda: found)


def _title_exists(number: int, kind: str, title: str) -> gspread.exceptions.APIError:
    text = (
        f'Invalid requests[{number}].{kind}: A sheet with the name "{title}" already exists. Please enter another name.'
    )
    return gspread.exceptions.APIError(_Refusal(GoogleError(400, "INVALID_ARGUMENT", text)))


def _names_last_until_the_next_batch(do: Any, body: dict[str, Any], google: Google) -> Any:
    kinds = [next(iter(request)) for request in body.get("requests", [])]
    if kinds[:2] == ["deleteSheet", "addSheet"]:
        raise _title_exists(1, "addSheet", body["requests"][1]["addSheet"]["properties"]["title"])
    return do(body)


def _old_names_last_until_the_next_batch(do: Any, body: dict[str, Any], google: Google) -> Any:
    titles = {sheet.title for sheet in google.book.sheets}
    for number, request in enumerate(body.get("requests", [])):
        if (title := request.get("duplicateSheet", {}).get("newSheetName")) in titles:
            raise _title_exists(number, "duplicateSheet", title)
    return do(body)


def _newest_first(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    found = request.get("appendCells")
    if not found:
        return [request]
    sheet_id, start = found["sheetId"], {"sheetId": found["sheetId"], "rowIndex": 1, "columnIndex": 0}
    rows = {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    insert = {"insertDimension": {"range": rows, "inheritFromBefore": True}}
    return [insert, {"updateCells": {"start": start, "rows": found["rows"], "fields": found["fields"]}}]


def _emptied(sheet_id: int) -> dict[str, Any]:
    return {"updateCells": {"range": {"sheetId": sheet_id}, "rows": [], "fields": "userEnteredValue"}}


def _empty_duplicate(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    found = request.get("duplicateSheet")
    return [request, _emptied(found["newSheetId"])] if found else [request]


def _grows_empty(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    found = request.get("updateSheetProperties", {}).get("properties", {})
    there = {sheet.sheet_id for sheet in google.book.sheets}
    return (
        [request, _emptied(found["sheetId"])] if "gridProperties" in found and found["sheetId"] in there else [request]
    )


def _short_cells(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    for row in request.get("updateCells", {}).get("rows", []):
        for cell in row["values"]:
            if len(cell.get("userEnteredValue", {}).get("stringValue", "")) > 40_000:
                cell["userEnteredValue"]["stringValue"] = cell["userEnteredValue"]["stringValue"][:40_000]
    return [request]


def _ends(request: dict[str, Any], kind: str) -> tuple[dict[str, int], dict[str, int]] | None:
    found = request.get("copyPaste", {})
    return (found["source"], found["destination"]) if found.get("pasteType") == kind else None


def _forgets_notes(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    ends = _ends(request, "PASTE_NORMAL")
    if ends and ends[0]["sheetId"] != ends[1]["sheetId"] and ends[1]["startColumnIndex"] == 0:
        return [request, {"updateCells": {"range": ends[1], "rows": [], "fields": "note"}}]
    return [request]


def _results_only(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    ends = _ends(request, "PASTE_NORMAL")
    if ends and ends[0]["sheetId"] == ends[1]["sheetId"] and ends[0] != ends[1]:
        request["copyPaste"]["pasteType"] = "PASTE_VALUES"
    return [request]


def _all_of_it(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    ends = _ends(request, "PASTE_VALUES")
    if ends and ends[0]["sheetId"] == ends[1]["sheetId"]:
        request["copyPaste"]["pasteType"] = "PASTE_NORMAL"
    return [request]


def _itself_as_values(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    ends = _ends(request, "PASTE_NORMAL")
    if ends and ends[0] == ends[1]:
        request["copyPaste"]["pasteType"] = "PASTE_VALUES"
    return [request]


def _past_hidden_rows(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    ends = _ends(request, "PASTE_VALUES")
    filters = [sheet.sheet_id for sheet in google.book.sheets if list(sheet.of_kind("filter"))]
    if ends and ends[1]["sheetId"] in filters:
        for end in ends:
            end["endRowIndex"] -= 1
    return [request]


def _also_notes(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    found = request.get("updateCells", {})
    if found.get("fields") == "userEnteredValue":
        found["fields"] = "userEnteredValue,note"
    return [request]


def _never_empty(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    found = request.get("updateCells", {})
    if found.get("rows") == [{"values": [{}]}]:
        found["rows"] = [{"values": [{"userEnteredValue": {"stringValue": " "}}]}]
    return [request]


def _only_at_the_end(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    found = request.get("insertDimension")
    return [] if found and not found["inheritFromBefore"] else [request]


def _never_deleted(request: dict[str, Any], google: Google) -> list[dict[str, Any]]:
    return [] if "deleteDimension" in request else [request]


def _mixed_up(do: Any, body: dict[str, Any], google: Google) -> Any:
    if "dataFilters" not in body:
        return do(body)
    found = do(body).json()
    found.get("valueRanges", []).reverse()
    return SimpleNamespace(text=json.dumps(found), json=lambda: found)


#: The line of the probe that must be a cross -> (what is otherwise, further lines that look at the same).
DEAD = "A batch that names a deleted tab by its id is refused as a whole"
TAKEOVER = "One batch copies a tab under a new id, hides the copy and deletes the old one"
RELOCK = "One batch gives a tab a new id under the title that it has, and keeps what stands in it"
VARIANTS: dict[str, tuple[Variant, set[str]]] = {
    "The answer of a batch shows the cells as that batch left them": (_late_echo, set()),
    "That answer holds the ranges that were asked for, and no other tab": (_all_tabs, set()),
    "It can show a whole row, a whole column and a whole tab": (_no_columns, set()),
    "A batch that should show a tab of another title is refused": (
        _accepted("Unable to parse range", _shows_nothing),
        set(),
    ),
    "An answer for which no range is asked lists all tabs, hidden ones too, as the batch left them": (
        _only_visible_tabs,
        set(),
    ),
    "A tab can be added hidden, in a size and under an id of our choice": (_each(_visible), set()),
    "A second tab of the same title is refused, with its whole batch": (
        _accepted("A sheet with the name", _other_title),
        set(),
    ),
    "A second tab of the same id is refused, with its whole batch": (_accepted("Sheet with id", _other_id), set()),
    DEAD: (_accepted("No grid with id", _without), {TAKEOVER, RELOCK}),
    "One batch may delete a tab and add another of its title, and add and delete one": (
        _names_last_until_the_next_batch,
        set(),
    ),
    TAKEOVER: (_each(_empty_duplicate), {RELOCK}),
    RELOCK: (_old_names_last_until_the_next_batch, set()),
    "What batches append to a tab stands below all its rows, in the order of the batches": (
        _each(_newest_first),
        set(),
    ),
    "A tab grows without losing what it holds": (_each(_grows_empty), set()),
    "A cell takes 48,000 characters": (_each(_short_cells), set()),
    "Cells that are copied away and overwritten can be put back exactly": (_each(_forgets_notes), set()),
    "References of a copied formula move along, and stay where they have a $": (_each(_results_only), set()),
    "A copy of values takes results and texts as they are, and changes nothing around them": (_each(_all_of_it), set()),
    "Copying cells onto themselves changes nothing": (_each(_itself_as_values), set()),
    "Copies reach rows that a filter hides": (_each(_past_hidden_rows), set()),
    "A copy beyond the last row is refused, in words that name the grid": (_accepted("grid limits", _without), set()),
    "Writing values leaves formats, notes and validation alone": (_each(_also_notes), set()),
    "A formula that fills other cells recovers once what stood in its way is gone": (_each(_never_empty), set()),
    "Columns that a batch inserts and deletes again leave all as it was": (_each(_never_deleted), set()),
    "Columns are inserted where they should be, and formulas follow": (
        _each(_only_at_the_end),
        {"Columns that a batch inserts and deletes again leave all as it was"},
    ),
    "Cells can be read by the id of their tab, and not of a deleted one": (_mixed_up, set()),
}
LATE = "A read is less than 6 s late"
