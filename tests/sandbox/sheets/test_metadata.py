"""spreadsheets.get: properties, masks and grid data."""

import pytest


def test_the_resource(sandbox):
    book = sandbox.book(["a"], title="Recipients")
    sandbox.edit(book, "add_sheet", sheet="Templates", rows=[["Name", "Body"]])
    assert sandbox.call("GET", f"{book.id}?includeGridData=false").json() == {
        "spreadsheetId": book.id,
        "properties": {"title": "A book"},
        "sheets": [
            {
                "properties": {
                    "sheetId": sheet.sheet_id,
                    "title": title,
                    "index": index,
                    "sheetType": "GRID",
                    "gridProperties": {"rowCount": 1000, "columnCount": 26},
                }
            }
            for index, (sheet, title) in enumerate(zip(book.sheets, ("Recipients", "Templates"), strict=True))
        ],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
    }
    assert book.sheets[0].sheet_id == 0
    assert book.sheets[1].sheet_id > 0


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ("properties.title", {"properties": {"title": "A book"}}),
        ("sheets/properties/title", {"sheets": [{"properties": {"title": "Sheet1"}}]}),
        ("sheets(properties(sheetId,title))", {"sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}]}),
        (
            "sheets.properties.gridProperties.rowCount",
            {"sheets": [{"properties": {"gridProperties": {"rowCount": 1000}}}]},
        ),
        ("sheets.basicFilter", {"sheets": [{}]}),
        (
            "sheets.data.rowData.values.formattedValue",
            {"sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "1"}]}]}]}]},
        ),
    ],
)
def test_masks(sandbox, fields, answer):
    book = sandbox.book([1])
    assert sandbox.call("GET", book.id, params={"fields": fields}).json() == answer


def test_an_unknown_mask(sandbox):
    book = sandbox.book()
    error = sandbox.call("GET", f"{book.id}?fields=sheets.sheetProperties").json()["error"]
    assert error["message"] == "Request contains an invalid argument."
    (violation,) = error["details"][0]["fieldViolations"]
    assert violation["field"] == "sheets.sheetProperties"
    assert "Cannot find matching fields for path 'sheets.sheetProperties'" in violation["description"]
    for mask in ("sheets(", "sheets)", "a,,b", "sheets("):
        assert sandbox.call("GET", book.id, params={"fields": mask}).status_code == 400


def test_grid_data(sandbox):
    book = sandbox.book(["Name", 7, True])
    sandbox.edit(book, "set", cell="C3", value="=B1*2")
    sandbox.edit(book, "set", cell="D3", value="2026-11-23")
    path = f"{book.id}?includeGridData=true&ranges=Sheet1!B1:E3"
    (data,) = sandbox.call("GET", path).json()["sheets"][0]["data"]
    assert data["startColumn"] == 1
    first, second, third = data["rowData"]
    assert first["values"][0] == {
        "userEnteredValue": {"numberValue": 7},
        "effectiveValue": {"numberValue": 7},
        "formattedValue": "7",
    }
    assert first["values"][1]["userEnteredValue"] == {"boolValue": True}
    assert second == {}
    assert third["values"][0] == {}
    assert third["values"][1]["userEnteredValue"] == {"formulaValue": "=B1*2"}
    assert third["values"][1]["effectiveValue"] == {"numberValue": 14}
    assert third["values"][2]["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "yyyy-mm-dd"}


def test_ranges_choose_tabs(sandbox):
    book = sandbox.book(["a"])
    sandbox.edit(book, "add_sheet", sheet="Two")
    sheets = sandbox.call("GET", f"{book.id}?ranges=Two").json()["sheets"]
    assert [sheet["properties"]["title"] for sheet in sheets] == ["Two"]
    assert sandbox.call("GET", f"{book.id}?ranges=Three").json()["error"]["message"] == "Unable to parse range: Three"
