"""spreadsheets.values through real gspread: reading, ranges and the limits of the grid."""

from gspread.utils import DateTimeOption, ValueInputOption, ValueRenderOption

from airflow_provider_robosms.sandbox.sheets.cells import CellError

from .conftest import refused

USER = ValueInputOption.user_entered
UNFORMATTED = {
    "value_render_option": ValueRenderOption.unformatted,
    "date_time_render_option": DateTimeOption.formatted_string,
}


def test_trailing_cells_and_rows_are_dropped(sandbox):
    book, sheet = sandbox.tab(["a", "", "c", ""], [], ["", "b"], ["", ""])
    assert sheet.get("A1:D9") == [["a", "", "c"], [], ["", "b"]]
    raw = sandbox.call("GET", f"{book.id}/values/Sheet1!A1:D9").json()
    assert raw == {"range": "Sheet1!A1:D9", "majorDimension": "ROWS", "values": [["a", "", "c"], [], ["", "b"]]}


def test_an_empty_range_has_no_values(sandbox):
    book, _ = sandbox.tab(["a"])
    raw = sandbox.call("GET", f"{book.id}/values/Sheet1!B2:C3").json()
    assert raw == {"range": "Sheet1!B2:C3", "majorDimension": "ROWS"}


def test_hidden_rows_are_returned(sandbox):
    book, sheet = sandbox.tab(["a"], ["b"], ["c"])
    sandbox.edit(book, "hide_rows", at=1, count=1)
    assert sheet.get("A1:A3") == [["a"], ["b"], ["c"]]
    shown = sandbox.gc.http_client.spreadsheets_get(
        book.id, {"fields": "sheets.data.rowMetadata.hiddenByUser", "ranges": "Sheet1!A1:A3"}
    )
    assert shown["sheets"][0]["data"][0]["rowMetadata"] == [{}, {"hiddenByUser": True}, {}]


def test_the_three_render_options_and_the_two_for_dates(sandbox):
    _, sheet = sandbox.tab()
    sheet.update([["2026-11-23", 1234.5, "=1+1", True, "03001234567", "'0300"]], "A1", value_input_option=USER)
    sheet.format("B1", {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}})
    assert sheet.get("1:1") == [["2026-11-23", "1,234.50", "2", "TRUE", "3001234567", "0300"]]
    serial = [[46349, 1234.5, 2, True, 3001234567, "0300"]]
    assert sheet.get("1:1", value_render_option=ValueRenderOption.unformatted) == serial
    assert sheet.get("1:1", **UNFORMATTED) == [["2026-11-23", *serial[0][1:]]]
    formula = sheet.get("1:1", value_render_option=ValueRenderOption.formula)
    assert formula == [[46349, 1234.5, "=1+1", True, 3001234567, "0300"]]


def test_numbers_are_exact_json_numbers(sandbox):
    book, _ = sandbox.tab([923001234567, 2.0, 0.1, 2**53 + 1, "9.23001E+11", "0300"])
    text = sandbox.call("GET", f"{book.id}/values/A1:F1?valueRenderOption=UNFORMATTED_VALUE").text
    assert '[923001234567,2,0.1,9007199254740992.0,"9.23001E+11","0300"]' in text


def test_columns_as_major_dimension(sandbox):
    _, sheet = sandbox.tab(["a", "b"], ["", "c"], ["d"])
    assert sheet.get("A1:C3", major_dimension="COLUMNS") == [["a", "", "d"], ["b", "c"]]
    sheet.update([["x", "y"], [None, "z"]], "A1", major_dimension="COLUMNS")
    assert sheet.get("A1:B2") == [["x", "b"], ["y", "z"]]


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
    sandbox.service.calls.reset()
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
    assert refused(spreadsheet.values_update, "Nowhere!A1", {"valueInputOption": "RAW"}, {"values": [[1]]}) == message
    assert refused(spreadsheet.values_clear, "Nowhere!A1") == message
    body = {
        "valueInputOption": "RAW",
        "data": [{"range": "A1", "values": [[1]]}, {"range": "Nowhere!A1", "values": [[1]]}],
    }
    assert refused(spreadsheet.values_batch_update, body) == f"Invalid data[1]: {message}"
    assert refused(spreadsheet.values_batch_clear, body={"ranges": ["Nowhere!A1"]}) == f"Invalid range[0]: {message}"


def test_outside_the_grid(sandbox):
    _, sheet = sandbox.tab()
    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refused(sheet.get, "AA1") == f"Range (Sheet1!AA1) {limits}"
    assert refused(sheet.get, "A1001:C1002") == f"Range (Sheet1!A1001:C1002) {limits}"
    assert refused(sheet.get, "A1001:C") == f"Range (Sheet1!A1001:C) {limits}"
    assert refused(sheet.update, [[1]], "AA1") == f"Range (Sheet1!AA1) {limits}"
    assert refused(sheet.batch_clear, ["AA1"]) == f"Invalid range[0]: Range (Sheet1!AA1) {limits}"
    body = {"valueInputOption": "RAW", "data": [{"range": "Sheet1!A1001", "values": [[1]]}]}
    assert refused(sheet.spreadsheet.values_batch_update, body) == f"Invalid data[0]: Range (Sheet1!A1001) {limits}"
    # What begins inside may end outside: a read is cut, a write must keep to the grid.
    assert sheet.get("A999:B1002") == [[]]
    assert refused(sheet.update, [["x"] * 2], "Z1") == (
        "Requested writing within range ['Sheet1'!Z1], but tried writing to column [AA]"
    )
    assert refused(sheet.update, [[1], [2]], "A1000") == (
        "Requested writing within range ['Sheet1'!A1000], but tried writing to row [1001]"
    )


def test_a_range_bounds_its_values_and_a_single_cell_does_not(sandbox):
    _, sheet = sandbox.tab()
    start = "Requested writing within range ['Sheet1'!A1:B1], but tried writing to"
    assert refused(sheet.update, [[1, 2, 3]], "A1:B1") == f"{start} column [C]"
    assert refused(sheet.update, [[1], [2]], "A1:B1") == f"{start} row [2]"
    assert sheet.update([[1, 2], [3, 4]], "C3")["updatedRange"] == "Sheet1!C3:D4"


def test_errors_in_cells(sandbox):
    book, sheet = sandbox.tab()
    sheet.update([["#N/A", "=nonsense(1)"]], "A1", value_input_option=USER)
    assert sheet.get("A1:B1") == [["#N/A", "#NAME?"]]
    assert sheet.get("A1:B1", **UNFORMATTED) == [["#N/A", "#NAME?"]]
    assert isinstance(book.sheets[0].cell(0, 0), CellError)
