"""What people do: edits, and the CSV export."""

import pytest
import requests

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.requests import batch_update

from .conftest import put, typing

ROWS = [["Name", "Due", "City"], ["Zara", 3, "Lahore"], ["ali", 1, "Multan"], ["Bano", 2, ""]]


@pytest.fixture
def book(model):
    put(model, "Sheet1!A1", ROWS, option="RAW")
    return model


def do(book, action, sheet="Sheet1", **what):
    return edit(book, {"action": action, "sheet": sheet, **what})


def rows(book, text="Sheet1"):
    return values.get(book, text, "UNFORMATTED_VALUE").get("values", [])


def names(book):
    return [row[0] if row else None for row in rows(book)]


def test_typing(book):
    do(book, "set", cell="B2", value="+923001234567")
    do(book, "set", row=2, column=1, value="'0300")
    do(book, "set", cell="B4", value="=1+1", raw=True)
    do(book, "set", cell="C4", value=None)
    do(book, "set", cell="A6", values=[["x", "5%"], ["y"]])
    assert rows(book)[1:] == [
        ["Zara", 923001234567, "Lahore"],
        ["ali", "0300", "Multan"],
        ["Bano", "=1+1"],
        [],
        ["x", 0.05],
        ["y"],
    ]
    do(book, "clear", range="A6:B7")
    assert len(rows(book)) == 4


def test_rows(book):
    do(book, "insert_rows", at=1, count=2)
    assert names(book) == ["Name", None, None, "Zara", "ali", "Bano"]
    do(book, "delete_rows", at=1, count=2)
    do(book, "move_rows", at=1, count=1, to=4)
    assert names(book) == ["Name", "ali", "Bano", "Zara"]


def test_inserted_rows_look_like_the_row_before(book):
    plain = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}}
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 1, "endColumnIndex": 2}
    batch_update(book, [{"repeatCell": {"range": area, "cell": plain, "fields": "userEnteredFormat"}}], user=None)
    for at in (2, 0):
        do(book, "insert_rows", at=at)
        do(book, "set", row=at, column=1, value="0300")
        assert rows(book)[at][1] == "0300"
    do(book, "insert_rows", at=5)
    do(book, "set", row=5, column=1, value="0300")
    assert rows(book)[5][1] == 300


def test_columns(book):
    do(book, "insert_columns", at="B")
    assert rows(book)[1] == ["Zara", "", 3, "Lahore"]
    do(book, "delete_columns", at=1)
    do(book, "move_columns", at="C", to="A")
    assert rows(book)[1] == ["Lahore", "Zara", 3]
    do(book, "rename_column", column="Name", to="=First Name")
    assert rows(book)[0] == ["City", "=First Name", "Due"]
    do(book, "rename_column", column="A", to="Town")
    do(book, "rename_column", column=2, to="Amount")
    assert rows(book)[0] == ["Town", "=First Name", "Amount"]


def test_sort_order(model):
    texts = ["b", "10", "", "A", "TRUE", "#N/A", "2", "FALSE", "c", "'10"]
    do(model, "set", cell="A1", values=[[text] for text in texts])
    do(model, "sort", column="A", header_rows=0)
    assert names(model) == [2, 10, "10", "A", "b", "c", False, True, "#N/A"]
    do(model, "sort", column="A", header_rows=0, descending=True)
    assert names(model) == ["#N/A", True, False, "c", "b", "A", "10", 10, 2]


def test_sort_is_stable_and_moves_formats_and_notes(model):
    put(model, "A1", [["x", 1, "first"], ["y", 1, "second"], ["z", 0, "third"]])
    cell = {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3, "endColumnIndex": 1}
    batch_update(model, [{"repeatCell": {"range": cell, "cell": {"note": "n"}, "fields": "note"}}], user=None)
    do(model, "sort", column="B", header_rows=0)
    assert rows(model, "C1:C3") == [["third"], ["first"], ["second"]]
    assert model.sheets[0].cell(0, 0).note == "n"
    do(model, "sort", column="A", range="A1:A3")
    assert rows(model, "A1:C1") == [["x", 0, "third"]], "only a part of the columns"


def test_sort(book):
    do(book, "sort", column="Name")
    assert names(book) == ["Name", "ali", "Bano", "Zara"]
    do(book, "sort", column="B", descending=True)
    assert names(book) == ["Name", "Zara", "Bano", "ali"]
    do(book, "sort", column=2, header_rows=0)
    assert names(book) == ["Name", "Zara", "ali", "Bano"]
    do(book, "sort", column="Due", range="A3:C4")
    assert names(book) == ["Name", "Zara", "ali", "Bano"]


def test_tabs_and_protections(book):
    do(book, "add_sheet", sheet="Templates", rows=[["Name", "0300"]])
    assert rows(book, "Templates") == [["Name", 300]]
    do(book, "rename_sheet", sheet="Templates", to="It's")
    assert rows(book, "'It''s'") == [["Name", 300]]
    do(book, "protect", range="B1:B9", editors=["friend@example.pk"])
    batch_update(book, [typing("B2", "x"), typing("C2", "not protected")], user="friend@example.pk")
    for user in ("robot@example.pk", None):
        with pytest.raises(GoogleError, match="protected cell"):
            batch_update(book, [typing("B2", "x")], user=user)
    do(book, "set", cell="B2", value="the owner may")
    do(book, "unprotect")
    batch_update(book, [typing("B2", "now anybody")], user="robot@example.pk")


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ({"action": "explode"}, "There is no action 'explode'"),
        ({"action": []}, "There is no action []"),
        ({"action": "set", "cell": "A1", "value": 1, "sheet": None}, "needs 'sheet'"),
        (
            {"action": "set", "cell": "A1", "value": 1, "sheet": "Nowhere"},
            "There is no tab 'Nowhere'; there are 'Sheet1'.",
        ),
        ({"action": "set", "cell": "A1:B2", "value": 1}, "cell must be one cell"),
        ({"action": "set", "cell": 5, "value": 1}, "cell must be one cell"),
        ({"action": "set", "cell": "A1"}, "either value or values"),
        ({"action": "set", "row": -1, "column": 0, "value": 1}, "row must be a row counted from 0"),
        ({"action": "set", "cell": "AA1", "value": 1}, "exceeds grid limits"),
        ({"action": "set", "cell": "A1", "value": [1]}, "A cell takes"),
        ({"action": "clear", "range": 7}, "range must be cells"),
        ({"action": "delete_rows", "at": 999, "count": 2}, "The tab has 1000 rows only."),
        ({"action": "delete_rows", "at": 0, "count": 1000}, "delete all the rows"),
        ({"action": "insert_rows", "at": 1, "count": 0}, "count must be a whole number from 1"),
        ({"action": "insert_rows", "at": "B"}, "at must be a row counted from 0"),
        ({"action": "move_rows", "at": 1, "count": 3, "to": 2}, "outside those that move"),
        ({"action": "sort", "column": "Nothing"}, "column must be a header or a letter up to Z"),
        ({"action": "sort", "column": "A", "header_rows": -1}, "header_rows"),
        ({"action": "sort", "column": "A", "range": "B1:C4"}, "inside the range"),
        ({"action": "rename_column", "column": "A"}, "to must be"),
        ({"action": "add_sheet", "sheet": "sheet1"}, "already exists"),
        ({"action": "add_sheet", "sheet": "Two", "rows": ["x"]}, "list of lists"),
        ({"action": "rename_sheet"}, "to must be"),
        ({"action": "protect", "editors": "me"}, "editors must be a list"),
        ({"action": "unprotect"}, "Nothing is protected"),
        ({"action": "clear", "range": "A1:B2", "how": "ROWS"}, "does not take how"),
    ],
)
def test_edits_that_are_not_possible(book, action, sentence):
    before, version = rows(book), book.version
    with pytest.raises(GoogleError) as raised:
        edit(book, {"sheet": "Sheet1"} | action)
    assert sentence in raised.value.message
    assert (rows(book), book.version) == (before, version)


def test_the_control_api(sandbox):
    made = sandbox.person(
        "POST",
        json={"title": "Campaign", "id": "my-sheet", "sheets": [{"title": "R", "rows": [["a", 1.5, None, True]]}]},
    )
    url = f"{sandbox.url}/spreadsheets/d/my-sheet/edit"
    assert made == {"id": "my-sheet", "title": "Campaign", "url": url}
    assert made in sandbox.person("GET")
    shown = sandbox.person("GET", "/my-sheet")
    assert shown == {
        "id": "my-sheet",
        "title": "Campaign",
        "version": 1,
        "sheets": [
            {"sheetId": 0, "title": "R", "rows": [["a", "1.5", "", "TRUE"]], "rowCount": 1000, "columnCount": 26}
        ],
    }
    answer = sandbox.person("POST", "/my-sheet/edit", json={"action": "set", "sheet": "R", "cell": "A1", "value": "b"})
    assert answer == {"id": "my-sheet", "version": 2}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"id": "a b"}, "'id' can't be 'a b'"),
        ({"id": "taken"}, "already"),
        ({"colour": "red"}, "colour"),
        ({"sheets": []}, "at least 1 item"),
        ({"sheets": [{"rows": []}]}, "title"),
        ({"sheets": [{"title": "A"}, {"title": "a"}]}, "already exists"),
        ({"sheets": [{"title": "A", "rows": [1]}]}, "list of lists"),
        ({"shared_with": {"a@b.pk": "boss"}}, "boss"),
    ],
)
def test_spreadsheets_that_are_not_possible(sandbox, body, sentence):
    if "taken" not in sandbox.service.books:
        sandbox.book(id="taken")
    answer = requests.post(f"{sandbox.url}/sandbox/sheets", json={"title": "x"} | body, timeout=10)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_what_is_not_there(sandbox):
    for path in ("/nowhere", "/nowhere/csv"):
        assert requests.get(f"{sandbox.url}/sandbox/sheets{path}", timeout=10).status_code == 404
    book = sandbox.book()
    assert requests.get(f"{sandbox.url}/sandbox/sheets/{book.id}/csv?sheet=No", timeout=10).status_code == 404
    bad = requests.post(f"{sandbox.url}/sandbox/sheets/{book.id}/edit", json={"action": "x"}, timeout=10)
    assert (bad.status_code, "There is no action" in bad.json()["detail"]) == (400, True)


def test_csv(sandbox):
    book = sandbox.book(["Name", "Note"], ['a "b", c', "=1+1"], ["", ",", '"'], ["two\nlines", 1234.5, True])
    sandbox.edit(book, "set", cell="B4", value="5%")
    answer = requests.get(f"{sandbox.url}/sandbox/sheets/{book.id}/csv?sheet=Sheet1", timeout=10)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text == 'Name,Note,\r\n"a ""b"", c",=1+1,\r\n,",",""""\r\n"two\nlines",5%,TRUE'
    assert requests.get(f"{sandbox.url}/sandbox/sheets/{book.id}/csv", timeout=10).text == answer.text


def test_a_tab_is_deleted_but_not_the_last_that_is_seen(model):
    edit(model, {"action": "add_sheet", "sheet": "Work"})
    edit(model, {"action": "delete_sheet", "sheet": "Work"})
    assert [sheet.title for sheet in model.sheets] == ["Sheet1"]
    with pytest.raises(GoogleError, match="all the visible sheets"):
        edit(model, {"action": "delete_sheet", "sheet": "Sheet1"})
