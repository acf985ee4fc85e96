"""Formulas that fill more cells than their own, and what stands in their way."""

import pytest

from airflow_provider_robosms.sandbox.sheets import requests, resource, values
from airflow_provider_robosms.sandbox.sheets.formulas import copied
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put


def typed(book: Spreadsheet, cell: str, *rows: list) -> None:
    put(book, cell, list(rows), option="USER_ENTERED")


def shown(book: Spreadsheet, text: str, render: str = "UNFORMATTED_VALUE") -> list:
    return values.get(book, text, render).get("values", [])


@pytest.fixture
def listed(model: Spreadsheet) -> Spreadsheet:
    edit(model, {"action": "add_sheet", "sheet": "Master", "rows": [["Phone", "Due", "City"]]})
    typed(model, "Master!A2", ["'0300", 3, "Lahore"], ["'0301", 1, "Quetta"], ["'0302", 2, "lahore"])
    with model.change():
        for sheet in model.sheets:
            sheet.resize(12, 8)
    return model


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=ARRAYFORMULA(Master!A2:A4)", [["0300"], ["0301"], ["0302"]]),
        ("=ARRAYFORMULA(Master!B2:B4*2)", [[6], [2], [4]]),
        ("=ARRAYFORMULA(6/(Master!B2:B4-1))", [[3], ["#DIV/0!"], [6]]),
        ('=ARRAYFORMULA(LEN(Master!C2:C4)&"!")', [["6!"], ["6!"], ["6!"]]),
        ("=ARRAYFORMULA(Master!A2:B3)", [["0300", 3], ["0301", 1]]),
    ],
)
def test_arrays_spill(listed: Spreadsheet, formula, expected):
    typed(listed, "Sheet1!B2", [formula])
    assert shown(listed, "Sheet1!B2:D6") == expected
    formulas = shown(listed, "Sheet1!B2:D6", "FORMULA")
    assert formulas[0] == [formula, *expected[0][1:]]
    assert formulas[1:] == expected[1:]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=Master!A2", "0300"),
        ('=COUNTIF(Master!C:C,"LAHORE")', 2),
        ("=Master!B2:B4*2", "#VALUE!"),
        ('=Master!C2&LEN("abc")', "Lahore3"),
        ("=9e200*9e200", "#NUM!"),
        ("=LEN(1,2,3)", "#N/A"),
        ("=QUERY(Master!A1:C4)", "#NAME?"),
        ("={1;2}", "#ERROR!"),
        ("=BANANA(1)", "#NAME?"),
    ],
)
def test_formulas_of_one_cell(listed: Spreadsheet, formula, value):
    typed(listed, "Sheet1!B3", [formula])
    assert shown(listed, "Sheet1!B3") == [[value]]


def cell(book: Spreadsheet, text: str) -> dict:
    return resource.get(book, texts=[text], grid_data=True)["sheets"][0]["data"][0]["rowData"][0]["values"][0]


def test_data_in_the_way_turns_the_formula_into_an_error_until_it_is_cleared(listed: Spreadsheet):
    typed(listed, "Sheet1!E5", ["=ARRAYFORMULA(Master!A2:A4)"])
    typed(listed, "Sheet1!E7", ["mine"])
    assert shown(listed, "Sheet1!E5:E7") == [["#REF!"], [], ["mine"]]
    message = "Array result was not expanded because it would overwrite data in E7."
    assert cell(listed, "Sheet1!E5")["effectiveValue"] == {"errorValue": {"type": "REF", "message": message}}
    edit(listed, {"action": "clear", "sheet": "Sheet1", "range": "E7"})
    assert shown(listed, "Sheet1!E5:E7") == [["0300"], ["0301"], ["0302"]]
    # A spilled cell has a value and nothing that anybody entered.
    assert cell(listed, "Sheet1!E6") == {"effectiveValue": {"stringValue": "0301"}, "formattedValue": "0301"}


def test_an_array_that_the_grid_cannot_hold(listed: Spreadsheet):
    typed(listed, "Sheet1!A11", ["=ARRAYFORMULA(Master!A2:A4)"])
    message = "Result was not automatically expanded, please insert more rows (1)."
    assert cell(listed, "Sheet1!A11")["effectiveValue"]["errorValue"] == {"type": "REF", "message": message}


def test_rows_of_a_list_move_under_static_results(listed: Spreadsheet):
    typed(listed, "Sheet1!A1", ["=ARRAYFORMULA(Master!A2:B4)"])
    typed(listed, "Sheet1!C1", ["SENT to 0300"])
    edit(listed, {"action": "sort", "sheet": "Master", "column": "Due"})
    assert shown(listed, "Sheet1!A1:C3") == [["0301", 1, "SENT to 0300"], ["0302", 2], ["0300", 3]]


def test_arrays_of_arrays_and_circles_end(listed: Spreadsheet):
    typed(listed, "Sheet1!D1", ["=ARRAYFORMULA(Sheet1!A1:A3&1)"])
    typed(listed, "Sheet1!A1", ["=ARRAYFORMULA(Master!A2:A4)"])
    assert shown(listed, "Sheet1!D1:D3") == [["03001"], ["03011"], ["03021"]]
    typed(listed, "Sheet1!G1", ["=ARRAYFORMULA(H1:H3)", "=ARRAYFORMULA(G1:G3)"])
    assert len(shown(listed, "Sheet1!G1:H3")) <= 3


def test_a_spilled_cell_copied_gives_its_value_and_the_anchor_its_formula(listed: Spreadsheet):
    typed(listed, "Sheet1!A1", ["=ARRAYFORMULA(Master!A2:A4)"])

    def column(top, bottom, col):
        return {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": col, "endColumnIndex": col + 1}

    copy = {"copyPaste": {"source": column(0, 2, 0), "destination": column(4, 6, 3), "pasteType": "PASTE_NORMAL"}}
    plain = {"copyPaste": {"source": column(0, 3, 0), "destination": column(0, 3, 5), "pasteType": "PASTE_VALUES"}}
    requests.batch_update(listed, [copy, plain], user=None)
    assert shown(listed, "Sheet1!D5:D6", "FORMULA") == [["=ARRAYFORMULA(Master!D6:D8)"], ["0301"]]
    assert shown(listed, "Sheet1!F1:F3", "FORMULA") == [["0300"], ["0301"], ["0302"]]


def test_ranges_follow_their_cells(listed: Spreadsheet):
    typed(listed, "Sheet1!A1", ["=SUM(Master!B2:B4)", "=SUM(Master!$B$2:B)", "=COUNTA(Master!A:B)", "=SUM(Master!2:3)"])
    edit(listed, {"action": "insert_rows", "sheet": "Master", "at": 2, "count": 1})
    edit(listed, {"action": "insert_columns", "sheet": "Master", "at": "A"})
    expected = ["=SUM(Master!C2:C5)", "=SUM(Master!$C$2:C)", "=COUNTA(Master!B:C)", "=SUM(Master!2:4)"]
    assert shown(listed, "Sheet1!A1:D1", "FORMULA") == [expected]
    edit(listed, {"action": "delete_rows", "sheet": "Master", "at": 1, "count": 4})
    assert shown(listed, "Sheet1!A1", "FORMULA") == [["=SUM(#REF!)"]]
    edit(listed, {"action": "rename_sheet", "sheet": "Master", "to": "The list"})
    assert shown(listed, "Sheet1!C1", "FORMULA") == [["=COUNTA('The list'!B:C)"]]


def test_ranges_shift_when_they_are_copied():
    assert copied("=SUM(A1:B2)&A$1:$B2", 1, 1) == "=SUM(B2:C3)&B$1:$B3"
    assert copied("=SUM(A2:A)+SUM($1:2)", 1, 2) == "=SUM(C3:C)+SUM($1:3)"
    assert copied("=SUM(A1:B2)", -1, 0) == "=SUM(#REF!)"
