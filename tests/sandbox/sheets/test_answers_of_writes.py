"""What the answer of a batch shows of the spreadsheet at the instant of the write, and reads by a tab's id."""

import pytest

from airflow_provider_robosms.sandbox.sheets import requests, resource
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.fieldmask import parse_mask
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put

CELLS = (
    "updatedSpreadsheet(sheets(properties(sheetId,title),data(startRow,startColumn,rowData(values(effectiveValue)))))"
)
TITLES = "updatedSpreadsheet.sheets.properties(sheetId,title)"


def add(title: str, sheet_id: int, **properties) -> dict:
    return {"addSheet": {"properties": {"title": title, "sheetId": sheet_id, **properties}}}


def batch(sandbox, book, *wanted, fields=None, **body):
    params = {"fields": fields} if fields else {}
    json = {"requests": list(wanted), "includeSpreadsheetInResponse": True, **body}
    return sandbox.call("POST", f"{book.id}:batchUpdate", params=params, json=json)


def shown(*texts) -> list:
    return [{"effectiveValue": {"stringValue": text}} if text else {} for text in texts]


def test_a_mask_gives_grid_data_of_the_ranges_as_they_stand_after_the_write(sandbox):
    book = sandbox.book(["Phone", "Status"], ["0300", ""], ["0301", ""])
    write = {
        "updateCells": {
            "start": {"rowIndex": 2, "columnIndex": 1},
            "rows": [{"values": [{"userEnteredValue": {"stringValue": "SENT"}}]}],
            "fields": "userEnteredValue",
        }
    }
    answer = batch(sandbox, book, add("Work", 7), write, fields=CELLS, responseRanges=["Sheet1!A1:B1", "Sheet1!A3:B3"])
    data = [
        {"rowData": [{"values": shown("Phone", "Status")}]},
        {"startRow": 2, "rowData": [{"values": shown("0301", "SENT")}]},
    ]
    properties = {"sheetId": 0, "title": "Sheet1"}
    assert answer.json() == {"updatedSpreadsheet": {"sheets": [{"properties": properties, "data": data}]}}


def test_without_ranges_all_tabs_are_listed(sandbox):
    book = sandbox.book(["x"])
    answer = batch(sandbox, book, add("Work", 7, hidden=True), fields=TITLES).json()
    tabs = [{"properties": {"sheetId": 0, "title": "Sheet1"}}, {"properties": {"sheetId": 7, "title": "Work"}}]
    assert answer == {"updatedSpreadsheet": {"sheets": tabs}}
    # Without a mask the flag counts, and without the flag there is no grid data.
    assert "data" not in batch(sandbox, book, add("A", 8)).json()["updatedSpreadsheet"]["sheets"][0]
    full = batch(sandbox, book, add("B", 9), responseIncludeGridData=True).json()
    assert full["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "x"
    assert set(batch(sandbox, book, add("C", 10), fields="replies").json()) == {"replies"}


def test_a_range_that_does_not_exist_undoes_everything(sandbox):
    book = sandbox.book(["x"])
    for text in ("Nowhere!A1", "Sheet1!A5000"):
        answer = batch(sandbox, book, add("Work", 7), fields=TITLES, responseRanges=[text])
        assert answer.status_code == 400
        assert [sheet.title for sheet in book.sheets] == ["Sheet1"]


def test_five_thousand_rows_in_an_answer(model: Spreadsheet):
    rows = [[f"key {row}-{col}" if col % 2 else row for col in range(16)] for row in range(5000)]
    with model.change():
        model.sheets[0].resize(6000, 26)
    put(model, "Sheet1!A1", rows, option="RAW")
    mask = parse_mask(CELLS)["updatedSpreadsheet"]
    found = resource.get(model, texts=["Sheet1!A1:P5000"], mask=mask)
    values_ = found["sheets"][0]["data"][0]["rowData"][4999]["values"]
    assert values_[:2] == [{"effectiveValue": {"numberValue": 4999}}, {"effectiveValue": {"stringValue": "key 4999-1"}}]


# The lock


def test_a_tab_can_be_made_once_and_its_id_is_a_fence(sandbox):
    book, tab = sandbox.tab(["x"])
    spreadsheet = tab.spreadsheet
    spreadsheet.batch_update({"requests": [add("lock", 7, hidden=True)]})
    taken = sandbox.call("POST", f"{book.id}:batchUpdate", json={"requests": [add("lock", 8)]}).json()["error"]
    assert taken["message"] == (
        'Invalid requests[0].addSheet: A sheet with the name "lock" already exists. Please enter another name.'
    )
    same = sandbox.call("POST", f"{book.id}:batchUpdate", json={"requests": [add("other", 7)]}).json()["error"]
    assert same["message"].startswith("Invalid requests[0].addSheet: ")
    rename = {"properties": {"sheetId": 9, "title": "lock"}, "fields": "title"}
    takeover = [
        {"duplicateSheet": {"sourceSheetId": 7, "newSheetId": 9, "newSheetName": "lock 9"}},
        {"deleteSheet": {"sheetId": 7}},
        {"updateSheetProperties": rename},
    ]
    spreadsheet.batch_update({"requests": takeover})
    assert [(sheet.title, sheet.sheet_id) for sheet in sorted(book.sheets, key=lambda sheet: sheet.sheet_id)] == [
        ("Sheet1", 0),
        ("lock", 9),
    ]
    version = book.version
    again = sandbox.call("POST", f"{book.id}:batchUpdate", json={"requests": takeover}).json()["error"]
    assert again["message"] == "Invalid requests[0].duplicateSheet: No grid with id: 7"
    assert book.version == version


GONE = {"sheetId": 7, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
ROWS = {"sheetId": 7, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("updateCells", {"start": {"sheetId": 7}, "rows": [], "fields": "note"}),
        ("updateCells", {"range": GONE, "rows": [], "fields": "note"}),
        ("repeatCell", {"range": GONE, "cell": {}, "fields": "note"}),
        ("copyPaste", {"source": GONE, "destination": {"sheetId": 0}}),
        ("insertDimension", {"range": ROWS}),
        ("deleteDimension", {"range": ROWS}),
        ("updateSheetProperties", {"properties": {"sheetId": 7, "title": "x"}, "fields": "title"}),
        ("duplicateSheet", {"sourceSheetId": 7}),
        ("setDataValidation", {"range": GONE}),
        ("setBasicFilter", {"filter": {"range": GONE}}),
        ("clearBasicFilter", {"sheetId": 7}),
    ],
)
def test_every_request_on_a_tab_that_is_gone_fails_with_its_batch(model: Spreadsheet, name, body):
    with pytest.raises(GoogleError) as raised:
        requests.batch_update(model, [add("new", 8), {name: body}], user=None)
    assert raised.value.message == f"Invalid requests[1].{name}: No grid with id: 7"
    assert len(model.sheets) == 1


# Reads by a tab's id


def test_data_filters_over_gspreads_session(sandbox):
    book, _tab = sandbox.tab(["Phone", "Due"], ["0300", 4], ["0301", 5])
    sandbox.service.calls.clear()
    grid, whole = ({"gridRange": {"sheetId": 0, "startColumnIndex": at, "endColumnIndex": 2}} for at in (1, 0))
    body = {"dataFilters": [grid, whole], "valueRenderOption": "UNFORMATTED_VALUE", "majorDimension": "ROWS"}
    found = sandbox.call("POST", f"{book.id}/values:batchGetByDataFilter", json=body).json()
    column = {"range": "Sheet1!B1:B1000", "majorDimension": "ROWS", "values": [["Due"], [4], [5]]}
    both = [["Phone", "Due"], ["0300", 4], ["0301", 5]]
    rows = {"range": "Sheet1!A1:B1000", "majorDimension": "ROWS", "values": both}
    assert found == {
        "spreadsheetId": book.id,
        "valueRanges": [{"valueRange": column, "dataFilters": [grid]}, {"valueRange": rows, "dataFilters": [whole]}],
    }
    assert sandbox.service.calls["reads"] == 1
    body["dataFilters"] = [{"gridRange": {"sheetId": 7}}]
    error = sandbox.call("POST", f"{book.id}/values:batchGetByDataFilter", json=body).json()["error"]
    assert (error["code"], error["message"]) == (400, "No grid with id: 7")
    for wrong in ([], [{}], [{"gridRange": {}, "a1Range": "A1"}], [{"developerMetadataLookup": {}}], "A1"):
        answer = sandbox.call("POST", f"{book.id}/values:batchGetByDataFilter", json={"dataFilters": wrong})
        assert answer.status_code == 400
