"""spreadsheets.values through real gspread: reading, ranges and the limits of the grid."""

import pytest

from airflow_provider_robosms.sandbox.sheets.cells import CellError
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError

from .conftest import put, refused


def test_trailing_cells_and_rows_are_dropped(sandbox):
    book, sheet = sandbox.tab(["a", "", "c", ""], [], ["", "b"], ["", ""])
    assert sheet.get("A1:D9") == [["a", "", "c"], [], ["", "b"]]
    raw = sandbox.call("GET", f"{book.id}/values/Sheet1!A1:D9").json()
    assert raw == {"range": "Sheet1!A1:D9", "majorDimension": "ROWS", "values": [["a", "", "c"], [], ["", "b"]]}


def test_an_empty_range_has_no_values(sandbox):
    book, _ = sandbox.tab(["a"])
    raw = sandbox.call("GET", f"{book.id}/values/Sheet1!B2:C3").json()
    assert raw == {"range": "Sheet1!B2:C3", "majorDimension": "ROWS"}


def test_the_three_render_options(sandbox):
    book, sheet = sandbox.tab()
    put(book, "A1", [["2026-11-23", "1,234.50", "=1+1", True, "03001234567", "'0300"]], option="USER_ENTERED")
    assert sheet.get("1:1") == [["2026-11-23", "1,234.50", "2", "TRUE", "3001234567", "0300"]]
    serial = [[46349, 1234.5, 2, True, 3001234567, "0300"]]
    assert sheet.get("1:1", value_render_option="UNFORMATTED_VALUE") == serial
    formula = sheet.get("1:1", value_render_option="FORMULA")
    assert formula == [[46349, 1234.5, "=1+1", True, 3001234567, "0300"]]


def test_numbers_are_exact_json_numbers(sandbox):
    book, _ = sandbox.tab([923001234567, 2.0, 0.1, 2**53 + 1, "9.23001E+11", "0300"])
    text = sandbox.call("GET", f"{book.id}/values/A1:F1?valueRenderOption=UNFORMATTED_VALUE").text
    assert '[923001234567,2,0.1,9007199254740992.0,"9.23001E+11","0300"]' in text


def test_ranges_are_echoed_as_google_resolves_them(sandbox):
    book = sandbox.book(["a"], title="It's")
    for asked, echoed in {
        "'It''s'": "'It''s'!A1:Z1000",
        "'it''s'!A2:C": "'It''s'!A2:C1000",
        "A1": "'It''s'!A1",
        "'It''s'!2:2": "'It''s'!A2:Z2",
        "'It''s'!D4:A1": "'It''s'!A1:D4",
        "A1:ZZ5000": "'It''s'!A1:Z1000",
    }.items():
        assert sandbox.call("GET", f"{book.id}/values/{asked}").json()["range"] == echoed


def test_batch_get_counts_once_and_keeps_the_order(sandbox):
    _, sheet = sandbox.tab(["a", "b"])
    sandbox.service.calls.clear()
    assert sheet.batch_get(["B1", "C1", "A1"]) == [[["b"]], [], [["a"]]]
    assert sandbox.person("GET", "/calls")["reads"] == 1


def test_a_slash_in_a_title(sandbox):
    book = sandbox.book(["a"], title="in/out? 50%+")
    assert sandbox.gc.open_by_key(book.id).sheet1.get("A1") == [["a"]]


def test_unknown_tabs(sandbox):
    _, sheet = sandbox.tab()
    spreadsheet = sheet.spreadsheet
    message = "Unable to parse range: Nowhere!A1"
    assert refused(spreadsheet.values_get, "Nowhere!A1") == message
    assert refused(spreadsheet.values_batch_get, ["A1", "Nowhere!A1"]) == message


def test_outside_the_grid(sandbox):
    book, sheet = sandbox.tab()
    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refused(sheet.get, "AA1") == f"Range (Sheet1!AA1) {limits}"
    assert refused(sheet.get, "A1001:C1002") == f"Range (Sheet1!A1001:C1002) {limits}"
    assert refused(sheet.get, "A1001:C") == f"Range (Sheet1!A1001:C) {limits}"
    # What begins inside may end outside: a read is cut, a write must keep to the grid.
    assert sheet.get("A999:B1002") == [[]]
    for cell, rows in [("Z1", [["x"] * 2]), ("A1000", [[1], [2]])]:
        with pytest.raises(GoogleError, match="1000 rows and 26 columns only"):
            put(book, cell, rows)


def test_errors_in_cells(sandbox):
    book, sheet = sandbox.tab()
    put(book, "A1", [["#N/A", "=nonsense(1)"]], option="USER_ENTERED")
    assert sheet.get("A1:B1") == [["#N/A", "#NAME?"]]
    assert sheet.get("A1:B1", value_render_option="UNFORMATTED_VALUE") == [["#N/A", "#NAME?"]]
    assert isinstance(book.sheets[0].cell(0, 0), CellError)
