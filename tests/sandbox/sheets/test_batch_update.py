"""spreadsheets.batchUpdate: what is served, what is refused, and that all or nothing is applied."""

import pytest
from gspread.exceptions import APIError

from airflow_provider_robosms.sandbox.sheets import requests, values
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError

from .conftest import put, typing


def apply(book, *requests_, user=None):
    return requests.batch_update(book, list(requests_), user=user)


def rows(book, text="Sheet1"):
    return values.get(book, text).get("values", [])


def fill(book, *lines):
    put(book, "Sheet1!A1", [list(line) for line in lines])


def refused(book, *requests_, user=None) -> str:
    before, version = rows(book), book.version
    with pytest.raises(GoogleError) as raised:
        apply(book, *requests_, user=user)
    assert raised.value.code == 400
    assert (rows(book), book.version) == (before, version)
    return raised.value.message


# Tabs


def test_tabs_through_gspread(sandbox):
    book = sandbox.book(["a"])
    spreadsheet = sandbox.gc.open_by_key(book.id)
    grid = {"rowCount": 5, "columnCount": 2}
    spreadsheet.batch_update(
        {"requests": [{"addSheet": {"properties": {"title": "Templates", "gridProperties": grid}}}]}
    )
    added = spreadsheet.worksheet("Templates")
    assert (added.row_count, added.col_count, added.index) == (5, 2, 1)
    added.update_title("Opt-outs")
    added.freeze(rows=1)
    assert [tab.title for tab in spreadsheet.worksheets()] == ["Sheet1", "Opt-outs"]
    assert spreadsheet.worksheet("Opt-outs").frozen_row_count == 1
    copy = spreadsheet.worksheet("Sheet1").duplicate(new_sheet_name="Copy")
    assert copy.get("A1") == [["a"]]
    copy.hide()
    assert [tab.title for tab in spreadsheet.worksheets(exclude_hidden=True)] == ["Sheet1", "Opt-outs"]
    spreadsheet.del_worksheet(added)
    assert [sheet.title for sheet in book.sheets] == ["Copy", "Sheet1"]


def test_tab_titles_and_ids_are_unique(model):
    apply(model, {"addSheet": {"properties": {"title": "Two", "sheetId": 7}}})
    for properties, message in [
        ({"title": "two"}, 'A sheet with the name "two" already exists. Please enter another name.'),
        ({"title": "Three", "sheetId": 7}, "Sheet with id 7 already exists"),
        ({"title": "Three", "gridProperties": {"rowCount": 0}}, "at least one row"),
    ]:
        assert message in refused(model, {"addSheet": {"properties": properties}})
    rename = {"updateSheetProperties": {"properties": {"sheetId": 7, "title": "Sheet1"}, "fields": "title"}}
    assert "already exists" in refused(model, rename)
    rename["updateSheetProperties"]["properties"]["title"] = "TWO"
    apply(model, rename)
    assert refused(model, {"deleteSheet": {"sheetId": 8}}) == "Invalid requests[0].deleteSheet: No sheet with id: 8"


def test_a_copy_is_the_first_tab_and_moves_as_asked(model):
    def titles():
        return [sheet.title for sheet in model.sheets]

    apply(model, {"addSheet": {"properties": {"title": "Two", "sheetId": 7}}})
    apply(model, {"duplicateSheet": {"sourceSheetId": 7, "newSheetId": 9, "newSheetName": "Copy"}})
    assert titles() == ["Copy", "Sheet1", "Two"]
    # Google: "if this field is excluded then the sheet is added or moved to the end"; an index is counted before the move.
    for properties, wanted in [
        ({}, "Sheet1 Two Copy"),
        ({"index": 0}, "Copy Sheet1 Two"),
        ({"index": 2}, "Sheet1 Copy Two"),
    ]:
        apply(model, {"updateSheetProperties": {"properties": {"sheetId": 9, **properties}, "fields": "index"}})
        assert titles() == wanted.split()


def test_a_workbook_keeps_one_visible_tab(model):
    hide = {"updateSheetProperties": {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}}
    assert refused(model, hide) == (
        "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."
    )
    assert "all the visible sheets" in refused(model, {"deleteSheet": {"sheetId": 0}})


def test_ten_million_cells(model):
    def grow(rows):
        size = {"properties": {"gridProperties": {"rowCount": rows}}, "fields": "gridProperties.rowCount"}
        return {"updateSheetProperties": size}

    message = "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
    assert refused(model, grow(401_000)) == message
    add = {"addSheet": {"properties": {"title": "Work", "gridProperties": {"rowCount": 400_000, "columnCount": 25}}}}
    assert refused(model, add) == message
    assert model.sheets[0].row_count == 1000
    apply(model, grow(381_000))
    assert refused(model, grow(385_000)) == message


# Rows and columns


def test_resize_drops_what_is_outside(sandbox):
    book = sandbox.book(["a", "b"], ["c", "d"])
    sheet = sandbox.gc.open_by_key(book.id).sheet1
    sheet.resize(rows=1, cols=1)
    assert sheet.get_all_values() == [["a"]]
    with pytest.raises(APIError, match=r"exceeds grid limits\. Max rows: 1, max columns: 1"):
        sheet.spreadsheet.batch_update({"requests": [typing("B1", "x")]})
    sheet.resize(cols=2)
    sandbox.write(book, "B1", "x")
    assert sheet.get_all_values() == [["a", "x"]]


def dimension(start, end, kind="ROWS"):
    return {"sheetId": 0, "dimension": kind, "startIndex": start, "endIndex": end}


def test_insert(model):
    fill(model, ["a", 1], ["b", 2], ["c", 3])
    apply(model, {"insertDimension": {"range": dimension(1, 3)}})
    assert rows(model) == [["a", "1"], [], [], ["b", "2"], ["c", "3"]]
    apply(model, {"insertDimension": {"range": dimension(1, 2, "COLUMNS")}})
    assert rows(model)[0] == ["a", "", "1"]
    assert (model.sheets[0].row_count, model.sheets[0].column_count) == (1002, 27)


def test_columns_that_are_inserted_and_deleted_leave_all_as_it_was(model):
    put(model, "Sheet1!A1", [["a", 2, 3, "=SUM(A1:C1)+C1"]], option="USER_ENTERED")

    def typed():
        return values.get(model, "Sheet1", "FORMULA")["values"]

    before = typed()
    span = dimension(1, 3, "COLUMNS")
    apply(model, {"insertDimension": {"range": span}}, {"deleteDimension": {"range": span}})
    assert typed() == before == [["a", 2, 3, "=SUM(A1:C1)+C1"]]
    assert model.sheets[0].column_count == 26


def test_insert_inherits_formats(model):
    fill(model, ["a", "b"])
    apply(
        model,
        {
            "repeatCell": {
                "range": {
                    "sheetId": 0,
                    "startRowIndex": 0,
                    "endRowIndex": 1,
                    "startColumnIndex": 1,
                    "endColumnIndex": 2,
                },
                "cell": {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}},
                "fields": "userEnteredFormat",
            }
        },
        {"insertDimension": {"range": dimension(1, 2), "inheritFromBefore": True}},
        {"insertDimension": {"range": dimension(2, 3, "COLUMNS"), "inheritFromBefore": True}},
    )
    put(model, "Sheet1!A2", [["0300", "0300", "0300"]], option="USER_ENTERED")
    found = values.get(model, "Sheet1!A2:C2", "UNFORMATTED_VALUE")["values"]
    assert found == [[300, "0300", "0300"]]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"insertDimension": {"range": dimension(0, 1, "DIAGONALS")}}, "DIAGONALS"),
        (
            {"insertDimension": {"range": dimension(1000, 1001)}},
            "range.startIndex[1000] must be less than the grid size[1000]",
        ),
        (
            {"insertDimension": {"range": dimension(0, 1), "inheritFromBefore": True}},
            "inheritFromBefore cannot be true",
        ),
        ({"insertDimension": {"range": dimension(3, 3)}}, "startIndex"),
        ({"deleteDimension": {"range": dimension(999, 1001)}}, "the grid size is 1000"),
        ({"deleteDimension": {"range": dimension(0, 26, "COLUMNS")}}, "You can't delete all the columns"),
        ({"updateSheetProperties": {"properties": {"sheetId": 0}, "fields": ""}}, "At least one field"),
        ({"updateSheetProperties": {"properties": {"sheetId": 0}, "fields": "banana"}}, "banana"),
        (
            {
                "updateSheetProperties": {
                    "properties": {"gridProperties": {"rowCount": 0}},
                    "fields": "gridProperties.rowCount",
                }
            },
            "all the rows",
        ),
        ({"repeatCell": {"range": {"sheetId": 0}, "cell": {}, "fields": "effectiveValue"}}, "effectiveValue"),
        (
            {
                "updateCells": {
                    "rows": [{"values": [{}, {}]}],
                    "fields": "note",
                    "range": {"sheetId": 0, "endColumnIndex": 1},
                }
            },
            "beyond the last requested column",
        ),
        ({"deleteSheet": "zero"}, "deleteSheet"),
        ({"repeatCell": {"range": 5}}, "Invalid requests[0].repeatCell"),
        ({"repeatCell": {"range": {"startRowIndex": "one"}}}, "whole numbers"),
        ({"addSheet": {"properties": {"sheetType": "OBJECT"}}}, 'Unknown name "sheetType"'),
        ({"addSheet": {"properties": {"title": "x" * 101}}}, "1 to 100 characters"),
        (
            {
                "updateSheetProperties": {
                    "properties": {"gridProperties": {"columnCount": 20_000}},
                    "fields": "gridProperties.columnCount",
                }
            },
            "18278 columns",
        ),
    ],
)
def test_refused_requests(model, request_, message):
    fill(model, ["a"])
    assert message in refused(model, request_)


# Cells


def test_update_cells_and_repeat_cell(model):
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    cells = [
        {"values": [{"userEnteredValue": {"stringValue": "=x"}}, {"userEnteredValue": {"numberValue": 2.0}}]},
        {"values": [{"userEnteredValue": {"boolValue": True}, "note": "n"}]},
    ]
    fill(model, ["old", "old"], ["old", "old"])
    apply(model, {"updateCells": {"rows": cells, "fields": "userEnteredValue,note", "range": area}})
    assert values.get(model, "A1:B2", "FORMULA")["values"] == [["=x", 2], [True]]
    one = {
        "repeatCell": {
            "range": area,
            "cell": {"userEnteredValue": {"formulaValue": "=C1&1"}},
            "fields": "userEnteredValue",
        }
    }
    apply(model, one)
    assert values.get(model, "A1:B2", "FORMULA")["values"] == [["=C1&1", "=D1&1"], ["=C2&1", "=D2&1"]]
    apply(
        model,
        {
            "updateCells": {
                "start": {"rowIndex": 4},
                "rows": [{"values": [{"userEnteredValue": {"boolValue": True}}]}],
                "fields": "*",
            }
        },
    )
    assert rows(model, "A5") == [["TRUE"]]


def test_a_range_that_begins_outside_is_refused_and_one_that_ends_outside_is_cut(model):
    def bold(**sides):
        return {"repeatCell": {"range": {"sheetId": 0, **sides}, "cell": {}, "fields": "userEnteredFormat"}}

    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    name = "Invalid requests[0].repeatCell: Range"
    assert refused(model, bold(startRowIndex=1000, endColumnIndex=2)) == f"{name} (Sheet1!A1001:B) {limits}"
    assert refused(model, bold(startColumnIndex=26, endRowIndex=2)) == f"{name} (Sheet1!AA1:2) {limits}"
    apply(model, bold(startRowIndex=999, endRowIndex=1003))
    assert model.sheets[0].row_count == 1000


def test_formats_are_kept_as_they_are_given(sandbox):
    book = sandbox.book(["a"])
    look = {"numberFormat": {"type": "TEXT"}, "textFormat": {"bold": False}}
    wanted = {"range": {"sheetId": 0, "endRowIndex": 1}, "cell": {"userEnteredFormat": look}, "fields": "*"}
    sandbox.gc.http_client.batch_update(book.id, {"requests": [{"repeatCell": wanted}]})
    query = {"ranges": "A1", "fields": "sheets.data.rowData.values.userEnteredFormat"}
    shown = sandbox.gc.http_client.spreadsheets_get(book.id, query)
    (cell,) = shown["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert cell["userEnteredFormat"] == look
    strange = {"repeatCell": {"range": {"sheetId": 0}, "cell": {"userEnteredFormat": {"blink": True}}, "fields": "*"}}
    with pytest.raises(APIError, match='Unknown name "blink"'):
        sandbox.gc.http_client.batch_update(book.id, {"requests": [strange]})


# Refusals


def test_nothing_is_applied_when_one_request_fails(model):
    fill(model, ["a"], ["b"])
    message = refused(
        model,
        {"insertDimension": {"range": dimension(0, 1)}},
        {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "New"}, "fields": "title"}},
        {"addSheet": {"properties": {"title": "More"}}},
        {"deleteSheet": {"sheetId": 99}},
    )
    assert message == "Invalid requests[3].deleteSheet: No sheet with id: 99"
    assert [sheet.title for sheet in model.sheets] == ["Sheet1"]
    assert model.title == "A model"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Must specify at least one request."),
        ({"requests": []}, "Must specify at least one request."),
        ({"requests": [{}]}, "Each request must set exactly one kind"),
        ({"requests": [{"a": {}, "b": {}}]}, "Each request must set exactly one kind"),
        (
            {"requests": [{"cutPaste": {}}]},
            "Invalid requests[0].cutPaste: The sandbox does not serve this kind of request.",
        ),
        ({"requests": [{"deleteSheet": {"sheetId": 0, "force": True}}]}, 'Unknown name "force"'),
        ({"request": []}, 'Unknown name "request"'),
    ],
)
def test_unknown_requests_are_never_ignored(sandbox, body, message):
    book = sandbox.book(["a"])
    answer = sandbox.call("POST", f"{book.id}:batchUpdate", json=body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert message in answer.json()["error"]["message"]
    assert book.version == 1


def test_other_methods_are_not_served(sandbox):
    book = sandbox.book()
    for method, path in [
        ("POST", f"{book.id}/sheets/0:copyTo"),
        ("POST", f"{book.id}/values/A1:banana"),
        ("PUT", f"{book.id}/values/A1"),
        ("POST", ""),
        ("DELETE", book.id),
    ]:
        answer = sandbox.call(method, path)
        assert (answer.status_code, answer.json()["error"]["status"]) == (501, "UNIMPLEMENTED")


def test_the_spreadsheet_in_the_response(sandbox):
    book = sandbox.book(["a"])
    body = {
        "requests": [{"addSheet": {"properties": {"title": "Two"}}}],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["Sheet1!A1"],
        "responseIncludeGridData": True,
    }
    answer = sandbox.call("POST", f"{book.id}:batchUpdate", json=body).json()
    (sheet,) = answer["updatedSpreadsheet"]["sheets"]
    assert sheet["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "a"
