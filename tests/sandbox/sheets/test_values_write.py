"""spreadsheets.values through real gspread: writing, clearing and refusals."""

import pytest
from gspread.utils import DateTimeOption, ValueInputOption, ValueRenderOption

from .conftest import refused

RAW, USER = ValueInputOption.raw, ValueInputOption.user_entered
UNFORMATTED = {
    "value_render_option": ValueRenderOption.unformatted,
    "date_time_render_option": DateTimeOption.formatted_string,
}


def test_null_leaves_alone_and_an_empty_text_clears(sandbox):
    book, sheet = sandbox.tab(["a", "b", "c"])
    answer = sheet.update([[None, "", "C"]], "A1")
    assert sheet.get("A1:C1") == [["a", "", "C"]]
    assert answer == {
        "spreadsheetId": book.id,
        "updatedRange": "Sheet1!A1:C1",
        "updatedRows": 1,
        "updatedColumns": 2,
        "updatedCells": 2,
    }


def test_raw_keeps_texts_and_user_entered_interprets_them(sandbox):
    _, sheet = sandbox.tab()
    texts = ["=1+1", "+923001234567", "-5", "@x", "TRUE", "2026-11-23", "0042", "'0042"]
    sheet.update([texts, texts], "A1", value_input_option=RAW)
    assert sheet.get("A1:H1", value_render_option=ValueRenderOption.unformatted) == [texts]
    sheet.update([texts], "A2", value_input_option=USER)
    entered = sheet.get("A2:H2", value_render_option=ValueRenderOption.unformatted)
    assert entered == [[2, 923001234567, -5, "@x", True, 46349, 42, "0042"]]


def test_a_number_loses_its_leading_zero_but_not_in_a_text_column(sandbox):
    _, sheet = sandbox.tab()
    sheet.format("B", {"numberFormat": {"type": "TEXT"}})
    sheet.update([["03001234567", "03001234567"]], "A1", value_input_option=USER)
    assert sheet.get("A1:B1", **UNFORMATTED) == [[3001234567, "03001234567"]]


def test_update_acell_always_interprets(sandbox):
    _, sheet = sandbox.tab()
    sheet.update_acell("A1", "+923001234567")
    assert sheet.get("A1", **UNFORMATTED) == [[923001234567]]


def test_the_limit_of_a_cell(sandbox):
    _, sheet = sandbox.tab()
    sheet.update([["x" * 50_000]], "A1")
    message = "Your input contains more than the maximum of 50000 characters in a single cell."
    for option in (RAW, USER):
        assert refused(sheet.update, [["x" * 50_001]], "A2", value_input_option=option) == message
    data = [{"range": "A1", "values": [["ok"]]}, {"range": "A2", "values": [["x" * 50_001]]}]
    assert refused(sheet.batch_update, data) == f"Invalid data[1]: {message}"
    assert len(sheet.acell("A1").value) == 50_000


def test_a_batch_is_all_or_nothing_and_one_version(sandbox):
    book, sheet = sandbox.tab(["a"])
    before = book.version
    refused(sheet.batch_update, [{"range": "A1", "values": [["new"]]}, {"range": "ZZ1", "values": [["x"]]}])
    assert (sheet.acell("A1").value, book.version) == ("a", before)
    answer = sheet.batch_update(
        [
            {"range": "A1:B1", "values": [["x", "y"]]},
            {"range": "A3", "values": [["z"]]},
            {"range": "C9", "values": [[None]]},
        ]
    )
    assert book.version == before + 1
    assert sheet.get("A1:B3") == [["x", "y"], [], ["z"]]
    totals = {name: value for name, value in answer.items() if name.startswith("total")}
    assert totals == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 2,
        "totalUpdatedCells": 3,
        "totalUpdatedSheets": 1,
    }
    assert [part["updatedRange"] for part in answer["responses"]] == ["Sheet1!A1:B1", "Sheet1!A3", "Sheet1!C9"]


def test_a_row_address_means_another_row_after_an_edit(sandbox):
    book, sheet = sandbox.tab(["Name", "Status"], ["Ali"], ["Bano"])
    row = sheet.find("Bano").row
    sandbox.edit(book, "insert_rows", at=1)
    sheet.update([["SENT"]], f"B{row}")
    # Nothing refused the write: it stands beside somebody else now.
    assert sheet.get("A1:B4") == [["Name", "Status"], [], ["Ali", "SENT"], ["Bano"]]


def test_include_values_in_response(sandbox):
    book, _ = sandbox.tab()
    query = "valueInputOption=USER_ENTERED&includeValuesInResponse=True&responseValueRenderOption=UNFORMATTED_VALUE"
    body = {"values": [["=1+2", "x"]]}
    answer = sandbox.call("PUT", f"{book.id}/values/Sheet1!A1:C2?{query}", json=body).json()
    assert answer["updatedData"] == {"range": "Sheet1!A1:C2", "majorDimension": "ROWS", "values": [[3, "x"]]}
    batch = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "data": [{"range": "A5", "majorDimension": "COLUMNS", "values": [["p", "q"]]}],
    }
    answer = sandbox.call("POST", f"{book.id}/values:batchUpdate", json=batch).json()
    assert answer["responses"][0]["updatedData"] == {
        "range": "Sheet1!A5:A6",
        "majorDimension": "COLUMNS",
        "values": [["p", "q"]],
    }


def test_clear_keeps_formats_and_notes(sandbox):
    book, sheet = sandbox.tab(["a", "b"])
    sheet.format("A1", {"textFormat": {"bold": True}})
    sheet.update_note("A1", "a note")
    sheet.batch_clear(["A1"])
    assert sheet.get("A1:B1") == [["", "b"]]
    assert sheet.get_note("A1") == "a note"
    sheet.clear()
    assert sheet.get_all_values() == [[]]
    shown = sandbox.call("GET", f"{book.id}?ranges=A1&fields=sheets.data.rowData.values.userEnteredFormat").json()
    assert shown["sheets"][0]["data"][0]["rowData"][0]["values"] == [
        {"userEnteredFormat": {"textFormat": {"bold": True}}}
    ]


@pytest.mark.parametrize(
    ("query", "body", "message"),
    [
        ("", {"values": [[1]]}, "'valueInputOption' is required but not specified"),
        ("valueInputOption=FORMULA", {"values": [[1]]}, "Invalid value at 'value_input_option'"),
        (
            "valueInputOption=RAW",
            {"values": "X"},
            "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\"",
        ),
        ("valueInputOption=RAW", {"values": [1]}, "Invalid value at 'data.values[0]'"),
        ("valueInputOption=RAW", {"values": [[1, [2]]]}, "Invalid values[0][1]: list_value"),
        ("valueInputOption=RAW", {"values": [[{"a": 1}]]}, "Invalid values[0][0]: struct_value"),
        ("valueInputOption=RAW", {"rows": [[1]]}, 'Unknown name "rows"'),
        ("valueInputOption=RAW&force=1", {"values": [[1]]}, 'Unknown name "force"'),
        ("valueInputOption=RAW", {"values": [[1]], "range": "B2"}, "does not match"),
        ("valueInputOption=RAW&includeValuesInResponse=perhaps", {"values": [[1]]}, "TYPE_BOOL"),
    ],
)
def test_bad_requests(sandbox, query, body, message):
    book = sandbox.book()
    answer = sandbox.call("PUT", f"{book.id}/values/A1?{query}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert message in answer.json()["error"]["message"]
    assert book.version == 1


def test_bad_json_and_bad_views(sandbox):
    book = sandbox.book()
    path = f"{book.id}/values/A1"
    for text in (b"{", b"[]", b'{"values": [[NaN]]}', b'{"values": [["\\ud83c"]]}', b"\xff"):
        answer = sandbox.call("PUT", f"{path}?valueInputOption=RAW", data=text)
        assert answer.status_code == 400
        assert "Invalid JSON payload" in answer.json()["error"]["message"]
    for query in (
        "valueRenderOption=X",
        "dateTimeRenderOption=X",
        "majorDimension=X",
        "fields=nonsense",
        "fields=(",
        "alt=media",
    ):
        assert sandbox.call("GET", f"{path}?{query}").status_code == 400, query


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"data": [{"range": "A1", "values": [[1]]}]}, "'valueInputOption' is required"),
        ({"valueInputOption": "RAW", "data": "A1"}, "Invalid value at 'data'"),
        ({"valueInputOption": "RAW", "data": [{"values": [[1]]}]}, "Invalid data[0]: range is required"),
        ({"valueInputOption": "RAW", "data": [{"range": "A1", "value": 1}]}, "Unknown name \"value\" at 'data[0]'"),
        ({"valueInputOption": "RAW", "data": [{"range": "A1", "values": [1]}]}, "Invalid value at 'data[0].values[0]'"),
    ],
)
def test_bad_batches(sandbox, body, message):
    book = sandbox.book()
    answer = sandbox.call("POST", f"{book.id}/values:batchUpdate", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert book.version == 1


def test_nothing_to_write(sandbox):
    book = sandbox.book()
    path = f"{book.id}/values/B2?valueInputOption=RAW"
    for body in ({}, {"values": []}, {"values": [[]]}, {"values": [[None]]}):
        answer = sandbox.call("PUT", path, json=body).json()
        assert answer == {"spreadsheetId": book.id, "updatedRange": "Sheet1!B2"}


def test_what_no_cell_can_hold(sandbox):
    book = sandbox.book()
    for text in (b'{"values": [[1e999]]}', b'{"values": [[' + b"9" * 400 + b"]]}"):
        answer = sandbox.call("PUT", f"{book.id}/values/A1?valueInputOption=RAW", data=text)
        assert (answer.status_code, answer.json()["error"]["message"]) == (
            400,
            "Invalid value: the number is too large.",
        )
    answer = sandbox.call("PUT", f"{book.id}/values/A1?valueInputOption=RAW", data=b'{"values": [["\\ud83c\\udf35"]]}')
    assert answer.ok
    assert sandbox.call("GET", f"{book.id}/values/A1").json()["values"] == [["🌵"]]
    with pytest.raises(AssertionError, match="surrogate"):
        sandbox.edit(book, "set", cell="A1", value="\ud83c")


def test_a_bad_mask_is_refused_before_anything_is_written(sandbox):
    book = sandbox.book(["old"])
    answer = sandbox.call(
        "PUT", f"{book.id}/values/A1?valueInputOption=RAW&fields=nonsense", json={"values": [["new"]]}
    )
    assert answer.status_code == 400
    assert book.version == 1


def test_a_token_in_the_query_is_refused(sandbox):
    assert sandbox.call("GET", f"{sandbox.book().id}?access_token=abc").status_code == 400


def test_fields_of_any_answer(sandbox):
    book = sandbox.book(["a"])
    assert sandbox.call("GET", f"{book.id}/values/A1?fields=values").json() == {"values": [["a"]]}
