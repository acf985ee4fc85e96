"""What is attached to ranges: filters, validations, protections."""

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.accounts import DEMO_ACCOUNT
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.requests import batch_update

from .conftest import typing


def test_filters(sandbox):
    book, sheet = sandbox.tab(["a", "b"], ["c", "d"])
    sheet.set_basic_filter("A1:B2")
    sheet.set_basic_filter("A1:B1")
    area = {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 2}
    assert sandbox.call("GET", book.id).json()["sheets"][0]["basicFilter"] == {"range": area}
    sheet.clear_basic_filter()
    assert "basicFilter" not in sandbox.call("GET", book.id).json()["sheets"][0]


def test_validations_are_kept(sandbox):
    book = sandbox.book(["a"])
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    cell = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    sandbox.gc.http_client.batch_update(book.id, {"requests": [{"setDataValidation": {"range": cell, "rule": rule}}]})
    data = sandbox.call("GET", f"{book.id}?ranges=A1&includeGridData=true").json()["sheets"][0]["data"][0]
    assert data["rowData"][0]["values"][0]["dataValidation"] == rule


def test_protected_ranges(sandbox):
    other = "other@sandbox-project.iam.gserviceaccount.com"
    book = sandbox.book(["a", "b"], shared_with=[DEMO_ACCOUNT, other])
    sandbox.edit(book, "protect", range="A1:A5", editors=[DEMO_ACCOUNT])
    assert sandbox.write(book, "A1", "still mine").ok
    theirs = sandbox.authorized(other)
    cells = {"sheetId": 0, "endRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}
    paste = {"copyPaste": {"source": cells, "destination": {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}}}
    for wanted in ([typing("A1", "x")], [typing("B1", "x"), typing("A2", "x")], [paste], [{"deleteSheet": {}}]):
        answer = sandbox.call("POST", f"{book.id}:batchUpdate", theirs, json={"requests": wanted})
        assert answer.status_code == 400
        assert "You are trying to edit a protected cell or object" in answer.json()["error"]["message"]
    assert sandbox.write(book, "B1", "free", session=theirs).ok
    assert values.get(book, "A1:B1")["values"] == [["still mine", "free"]]


def test_a_duplicated_tab_has_protections_of_its_own(model):
    edit(model, {"action": "protect", "sheet": "Sheet1", "range": "A1"})
    batch_update(model, [{"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy"}}], user=None)
    edit(model, {"action": "unprotect", "sheet": "Sheet1"})
    assert [len(sheet.of_kind("protection")) for sheet in model.sheets] == [1, 0]
