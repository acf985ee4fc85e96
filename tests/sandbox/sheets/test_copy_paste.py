"""copyPaste: what goes along, where it goes, and what is refused."""

import pytest

from airflow_provider_robosms.sandbox.sheets import requests, values
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put

RULE = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "SENT"}]}, "strict": True}


def area(top, bottom, left, right, sheet_id=0) -> dict:
    sides = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    return {"sheetId": sheet_id} | {name: side for name, side in sides.items() if side is not None}


def paste(source, destination, kind="PASTE_NORMAL", **fields) -> dict:
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": kind, **fields}}


def apply(book, *wanted, user=None):
    return requests.batch_update(book, list(wanted), user=user)


def typed(book: Spreadsheet, cell: str, *rows: list) -> None:
    put(book, cell, list(rows), option="USER_ENTERED")


def cells(book: Spreadsheet, text: str, render: str = "FORMULA") -> list:
    return values.get(book, text, render).get("values", [])


def refused(book, *wanted, user=None) -> str:
    version = book.version
    with pytest.raises(GoogleError) as raised:
        apply(book, *wanted, user=user)
    assert (raised.value.code, book.version) == (400, version)
    return raised.value.message


@pytest.fixture
def two(model: Spreadsheet) -> Spreadsheet:
    """Formulas, a date, a note and a validation on the first tab; a second tab (id 7)."""
    apply(model, {"addSheet": {"properties": {"sheetId": 7, "title": "Work", "hidden": True}}})
    typed(model, "Sheet1!A1", ["Due", "Twice"], [4, "=A2*2"], ["2026-11-25", "=$A$2&A3&Work!A1"])
    note = {"updateCells": {"range": area(1, 2, 0, 1), "rows": [{"values": [{"note": "ask Ali"}]}], "fields": "note"}}
    apply(model, note, {"setDataValidation": {"range": area(0, None, 1, 2), "rule": RULE}})
    return model


def test_over_gspread_an_image_goes_to_a_hidden_tab_and_comes_back(sandbox):
    book, tab = sandbox.tab(["Phone", "Due"], ["0300", 4])
    put(book, "C2", [["=B2*2", "2026-11-25"]], option="USER_ENTERED")
    before = tab.get("A2:D2", value_render_option="FORMULA")
    spreadsheet = tab.spreadsheet
    add = {"addSheet": {"properties": {"sheetId": 7, "title": "Work", "hidden": True}}}
    write = {
        "updateCells": {
            "range": area(1, 2, 2, 4),
            "rows": [{"values": [{"userEnteredValue": {"stringValue": "SENT"}}, {}]}],
            "fields": "userEnteredValue",
        }
    }
    spreadsheet.batch_update({"requests": [add, paste(area(1, 2, 2, 4), area(0, 1, 2, 4, 7)), write]})
    assert tab.get("A2:D2") == [["0300", "4", "SENT"]]
    assert spreadsheet.worksheet("Work").get("C1:D1", value_render_option="FORMULA") == [["=B1*2", 46351]]
    back = [paste(area(0, 1, 2, 4, 7), area(1, 2, 2, 4)), {"deleteSheet": {"sheetId": 7}}]
    spreadsheet.batch_update({"requests": back})
    assert tab.get("A2:D2", value_render_option="FORMULA") == before
    assert tab.get("D2") == [["2026-11-25"]]


def test_normal_takes_everything_along_and_references_shift(two: Spreadsheet):
    apply(two, paste(area(1, 3, 0, 2), area(4, 6, 2, 4, 7)))
    assert cells(two, "Work!C5:D6") == [[4, "=C5*2"], [46351, "=$A$2&C6&Work!C4"]]
    assert cells(two, "Work!C5:D6", "FORMATTED_VALUE") == [["4", "8"], ["2026-11-25", "46351"]]
    assert two.sheets[1].cell(4, 2).note == "ask Ali"
    rules = two.sheets[1].of_kind("validation")
    assert [(rule.range.json(7), rule.data) for rule in rules] == [(area(4, 6, 3, 4, 7), RULE)]


@pytest.mark.parametrize(
    ("kind", "formula", "note", "looks", "rules"),
    [
        ("PASTE_VALUES", [8], None, None, 0),
        ("PASTE_NORMAL", ["=B1*2"], "n", {"numberFormat": {"type": "TEXT"}}, 1),
    ],
)
def test_each_kind_takes_its_own(two: Spreadsheet, kind, formula, note, looks, rules):
    look = {"note": "n", "userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    apply(two, {"repeatCell": {"range": area(1, 2, 1, 2), "cell": look, "fields": "note,userEnteredFormat"}})
    put(two, "Work!C1", [["old"]], option="RAW")
    apply(two, paste(area(1, 2, 1, 2), area(0, 1, 2, 3, 7), kind))
    cell = two.sheets[1].cell(0, 2)
    assert cells(two, "Work!C1") == [formula]
    assert (getattr(cell, "note", None), getattr(cell, "format", None)) == (note, looks)
    assert len(two.sheets[1].of_kind("validation")) == rules


def test_an_empty_cell_empties_and_a_plain_one_takes_the_looks_away(two: Spreadsheet):
    apply(two, paste(area(8, 9, 0, 1), area(1, 2, 0, 1)), paste(area(0, 1, 0, 1), area(2, 3, 0, 1)))
    assert cells(two, "Sheet1!A1:A3") == [["Due"], [], ["Due"]]
    assert two.sheets[0].cell(1, 0) is None


def test_a_multiple_is_filled_and_a_smaller_destination_is_passed(two: Spreadsheet):
    put(two, "Work!A1", [["x", "y"]], option="RAW")
    apply(two, paste(area(0, 1, 0, 2, 7), area(2, 4, 0, 4, 7)), paste(area(0, 1, 0, 2, 7), area(6, 7, 0, 1, 7)))
    assert cells(two, "Work!A3:D8") == [["x", "y"] * 2, ["x", "y"] * 2, [], [], ["x", "y"]]
    # Three columns are no multiple of two.
    apply(two, paste(area(0, 1, 0, 2, 7), area(8, 9, 0, 3, 7)))
    assert cells(two, "Work!A9:D9") == [["x", "y"]]


def test_ranges_without_ends_are_bounded_by_the_grid(two: Spreadsheet):
    apply(two, paste(area(None, None, 0, 1), area(None, None, 5, 6)))
    assert cells(two, "Sheet1!F1:F3") == [["Due"], [4], [46351]]


def test_source_and_destination_may_overlap(two: Spreadsheet):
    put(two, "Work!A1", [["a"], ["b"], ["c"]], option="RAW")
    apply(two, paste(area(0, 3, 0, 1, 7), area(1, 4, 0, 1, 7)))
    assert cells(two, "Work!A1:A4") == [["a"], ["a"], ["b"], ["c"]]


def test_the_rest_of_a_validated_column_keeps_its_rule(two: Spreadsheet):
    apply(two, paste(area(4, 5, 4, 5), area(3, 5, 1, 2)))
    found = sorted((item.range.top, item.range.end_row) for item in two.sheets[0].of_kind("validation"))
    assert found == [(0, 3), (5, 1000)]


def test_what_is_refused(two: Spreadsheet):
    place = "Invalid requests[0].copyPaste: "
    beyond = "Range (Work!A1000:A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refused(two, paste(area(0, 2, 0, 1), area(999, 1001, 0, 1, 7))) == place + beyond
    assert "exceeds grid limits" in refused(two, paste(area(0, 2, 0, 1), area(999, 1000, 0, 1, 7)))
    assert "exceeds grid limits" in refused(two, paste(area(0, 1, 0, 1), area(0, 1, 26, 27, 7)))
    assert refused(two, paste(area(0, 1, 0, 1), area(0, 1, 0, 1, 8))) == place + "No grid with id: 8"
    assert refused(two, paste(area(0, 1, 0, 1, 8), area(0, 1, 0, 1))) == place + "No grid with id: 8"
    assert "PasteType" in refused(two, paste(area(0, 1, 0, 1), area(0, 1, 0, 1), "PASTE_FORMAT"))
    assert "pasteOrientation" in refused(two, paste(area(0, 1, 0, 1), area(0, 1, 0, 1), pasteOrientation="TRANSPOSE"))
    assert "greater" in refused(two, paste(area(1, 1, 0, 1), area(0, 1, 0, 1)))


def test_a_protected_destination_is_refused(two: Spreadsheet):
    edit(two, {"action": "protect", "sheet": "Sheet1", "range": "F1:F5"})
    assert "protected cell" in refused(two, paste(area(0, 1, 0, 1), area(2, 3, 5, 6)), user="bot@x")
    # To copy from a protected range is no edit of it.
    apply(two, paste(area(2, 3, 5, 6), area(0, 1, 6, 7)), user="bot@x")
