"""What is attached to ranges: merges, filters, validations, protections."""

import pytest
import requests
from gspread.exceptions import APIError

from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.requests import batch_update


def attached(sandbox, book):
    return sandbox.call("GET", book.id).json()["sheets"][0]


def test_merges_move_with_their_cells(sandbox):
    book, sheet = sandbox.tab(["a", "b"], ["c", "d"])
    sandbox.edit(book, "merge", range="A1:B1")
    assert sheet.get("A1:B2") == [["a"], ["c", "d"]]
    sandbox.edit(book, "insert_rows", at=0)
    merge = {"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    assert attached(sandbox, book)["merges"] == [merge]
    with pytest.raises(AssertionError, match="merged range"):
        sandbox.edit(book, "merge", range="B2:C3")


def test_filters_and_hidden_rows_and_colours(sandbox):
    book, sheet = sandbox.tab(["a", "b"], ["c", "d"])
    sheet.set_basic_filter("A1:B2")
    sheet.set_basic_filter("A1:B1")
    area = {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 2}
    assert attached(sandbox, book)["basicFilter"] == {"range": area}
    sheet.clear_basic_filter()
    sheet.hide_rows(1, 2)
    sheet.hide_columns(0, 1)
    sheet.update_tab_color("#ff0000")
    query = {
        "fields": "sheets(data(rowMetadata.hiddenByUser,columnMetadata.hiddenByUser),properties.tabColor,basicFilter)"
    }
    shown = sandbox.call("GET", f"{book.id}?ranges=A1:B2", params=query).json()["sheets"][0]
    assert shown == {
        "properties": {"tabColor": {"red": 1}},
        "data": [{"rowMetadata": [{}, {"hiddenByUser": True}], "columnMetadata": [{"hiddenByUser": True}, {}]}],
    }
    # Nobody can see them; a program reads them like any other.
    assert sheet.get("A1:B2") == [["a", "b"], ["c", "d"]]
    sheet.delete_rows(1)
    assert book.sheets[0].hidden_rows() == {0}
    sheet.unhide_rows(0, 1)
    sheet.clear_tab_color()
    assert book.sheets[0].hidden_rows() == set()
    assert "tabColor" not in attached(sandbox, book)["properties"]


def test_protections_end(sandbox):
    book, sheet = sandbox.tab(["a"])
    area = {"sheetId": 0, "startRowIndex": 5}
    body = {"range": {"sheetId": 0}, "unprotectedRanges": [area], "editors": {"users": ["friend@example.pk"]}}
    reply = sheet.client.batch_update(book.id, {"requests": [{"addProtectedRange": {"protectedRange": body}}]})[
        "replies"
    ][0]
    made = reply["addProtectedRange"]["protectedRange"]
    assert made["unprotectedRanges"] == [{"startRowIndex": 5}]
    assert made["editors"] == {"users": ["friend@example.pk"]}
    write = {"params": {"valueInputOption": "RAW"}, "json": {"values": [["x"]]}}
    anonymous = requests.Session()
    assert sandbox.call("PUT", f"{book.id}/values/A6", anonymous, **write).ok
    assert sandbox.call("PUT", f"{book.id}/values/A5", anonymous, **write).status_code == 400
    sheet.delete_protected_range(made["protectedRangeId"])
    assert sandbox.call("PUT", f"{book.id}/values/A5", anonymous, **write).ok
    for editors in ({"groups": ["g"]}, {"domainUsersCanEdit": True}):
        again = {"addProtectedRange": {"protectedRange": body | {"editors": editors}}}
        with pytest.raises(APIError, match="no groups"):
            sheet.client.batch_update(book.id, {"requests": [again]})


def test_validations_are_kept(sandbox):
    book = sandbox.book(["a"])
    rule = {"condition": {"type": "BOOLEAN"}, "strict": True}
    cell = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    sandbox.gc.http_client.batch_update(book.id, {"requests": [{"setDataValidation": {"range": cell, "rule": rule}}]})
    data = sandbox.call("GET", f"{book.id}?ranges=A1&includeGridData=true").json()["sheets"][0]["data"][0]
    assert data["rowData"][0]["values"][0]["dataValidation"] == rule


def test_protected_ranges(sandbox):
    other = "other@sandbox-project.iam.gserviceaccount.com"
    book = sandbox.book(["a", "b"], shared_with=["robosms-demo@sandbox-project.iam.gserviceaccount.com", other])
    mine, theirs = (client.open_by_key(book.id).sheet1 for client in (sandbox.gc, sandbox.client(other)))
    mine.add_protected_range("A1:A5")
    mine.update_acell("A1", "still mine")
    for attempt in (
        lambda: theirs.update([["x"]], "A1"),
        lambda: theirs.batch_clear(["A3:B3"]),
        lambda: theirs.batch_update([{"range": "B1", "values": [["x"]]}, {"range": "A2", "values": [["x"]]}]),
        lambda: theirs.delete_rows(2),
        lambda: theirs.sort((1, "asc")),
    ):
        with pytest.raises(APIError, match="You are trying to edit a protected cell or object") as raised:
            attempt()
        assert raised.value.code == 400
    theirs.update_acell("B1", "free")
    assert mine.get("A1:B1") == [["still mine", "free"]]


def test_the_protected_text_is_in_the_language_of_the_document(sandbox):
    book = sandbox.book(["a"], locale="es_ES")
    sandbox.edit(book, "protect")
    with pytest.raises(APIError, match="editar una celda"):
        sandbox.gc.open_by_key(book.id).sheet1.update_acell("A1", "x")


def test_a_duplicated_tab_has_protections_of_its_own(model):
    edit(model, {"action": "protect", "sheet": "Sheet1", "range": "A1"})
    batch_update(model, [{"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy"}}], user=None)
    first, second = (sheet.of_kind("protection")[0] for sheet in model.sheets)
    assert (first.range, first.data) == (second.range, second.data)
    assert first.id != second.id
