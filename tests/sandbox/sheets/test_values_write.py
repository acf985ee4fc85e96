"""What programs and people write into cells, and what is refused."""

import pytest

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.requests import batch_update

from .conftest import put, refused, typing

TEXT = {"userEnteredFormat": {"numberFormat": {"type": "TEXT"}}, "note": "a note"}


def test_null_leaves_alone_and_an_empty_text_clears(model):
    put(model, "A1", [["a", "b", "c"]])
    put(model, "A1", [[None, "", "C"]])
    assert values.get(model, "A1:C1")["values"] == [["a", "", "C"]]


def test_raw_keeps_texts_and_user_entered_interprets_them(model):
    texts = ["=1+1", "+923001234567", "-5", "@x", "TRUE", "2026-11-23", "0042", "'0042"]
    put(model, "A1", [texts])
    put(model, "A2", [texts], option="USER_ENTERED")
    entered = [2, 923001234567, -5, "@x", True, 46349, 42, "0042"]
    assert values.get(model, "A1:H2", "UNFORMATTED_VALUE")["values"] == [texts, entered]


def test_a_number_loses_its_leading_zero_but_not_in_a_text_column(model):
    column = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    batch_update(model, [{"repeatCell": {"range": column, "cell": TEXT, "fields": "userEnteredFormat"}}], user=None)
    put(model, "A1", [["03001234567", "03001234567"]], option="USER_ENTERED")
    assert values.get(model, "A1:B1", "UNFORMATTED_VALUE")["values"] == [[3001234567, "03001234567"]]


def test_the_limit_of_a_cell(sandbox):
    book, sheet = sandbox.tab()
    assert sandbox.write(book, "A1", "x" * 50_000).ok
    message = "Your input contains more than the maximum of 50000 characters in a single cell."
    body = {"requests": [typing("A1", "ok"), typing("A2", "x" * 50_001)]}
    assert refused(sheet.spreadsheet.batch_update, body) == f"Invalid requests[1].updateCells: {message}"
    for option in ("RAW", "USER_ENTERED"):
        with pytest.raises(GoogleError, match=message):
            put(book, "A2", [["x" * 50_001]], option=option)
    assert len(sheet.acell("A1").value) == 50_000


def test_a_row_address_means_another_row_after_an_edit(sandbox):
    book, sheet = sandbox.tab(["Name", "Status"], ["Ali"], ["Bano"])
    sandbox.edit(book, "insert_rows", at=1)
    sandbox.write(book, "B3", "SENT")
    # Nothing refused the write: it stands beside somebody else now.
    assert sheet.get("A1:B4") == [["Name", "Status"], [], ["Ali", "SENT"], ["Bano"]]


def test_clear_keeps_formats_and_notes(model):
    put(model, "A1", [["a", "b"]])
    cell = {"sheetId": 0, "endRowIndex": 1, "endColumnIndex": 1}
    batch_update(model, [{"repeatCell": {"range": cell, "cell": TEXT, "fields": "userEnteredFormat,note"}}], user=None)
    edit(model, {"action": "clear", "sheet": "Sheet1", "range": "A1:A9"})
    assert values.get(model, "A1:B1")["values"] == [["", "b"]]
    left = model.sheets[0].cell(0, 0)
    assert (left.note, left.format) == ("a note", TEXT["userEnteredFormat"])


def test_bad_json_and_bad_views(sandbox):
    book = sandbox.book()
    for text in (b"{", b"[]", b'{"requests": [NaN]}', b'{"requests": ["\\ud83c"]}', b"\xff"):
        answer = sandbox.call("POST", f"{book.id}:batchUpdate", data=text)
        assert answer.status_code == 400
        assert "Invalid JSON payload" in answer.json()["error"]["message"]
    for query in (
        "valueRenderOption=X",
        "dateTimeRenderOption=FORMATTED_STRING",
        "majorDimension=COLUMNS",
        "fields=nonsense",
        "fields=(",
        "alt=media",
        "force=1",
    ):
        assert sandbox.call("GET", f"{book.id}/values/A1?{query}").status_code == 400, query


def test_what_no_cell_can_hold(sandbox):
    book = sandbox.book()
    cell = b'{"requests": [{"updateCells": {"start": {}, "fields": "userEnteredValue", "rows": [{"values": [%s]}]}}]}'
    for digits in (b"1e999", b"9" * 400):
        answer = sandbox.call(
            "POST", f"{book.id}:batchUpdate", data=cell % (b'{"userEnteredValue": {"numberValue": %s}}' % digits)
        )
        assert answer.status_code == 400
        assert answer.json()["error"]["message"].endswith("Invalid value: the number is too large.")
    assert sandbox.write(book, "A1", "🌵").ok
    assert sandbox.call("GET", f"{book.id}/values/A1").json()["values"] == [["🌵"]]
    with pytest.raises(AssertionError, match="surrogate"):
        sandbox.edit(book, "set", cell="A1", value="\ud83c")


def test_a_bad_mask_is_refused_before_anything_is_written(sandbox):
    book = sandbox.book(["old"])
    assert sandbox.write(book, "A1", "new", params={"fields": "nonsense"}).status_code == 400
    assert book.version == 1


def test_a_token_in_the_query_is_refused(sandbox):
    assert sandbox.call("GET", f"{sandbox.book().id}?access_token=abc").status_code == 400


def test_fields_of_any_answer(sandbox):
    book = sandbox.book(["a"])
    assert sandbox.call("GET", f"{book.id}/values/A1?fields=values").json() == {"values": [["a"]]}
