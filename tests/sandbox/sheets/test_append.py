"""spreadsheets.values.append: which table, where, and how the grid grows."""

import time

import pytest


def appended(sandbox, book, text, *rows, **params):
    query = {"valueInputOption": "RAW"} | params
    answer = sandbox.call("POST", f"{book.id}/values/{text}:append", params=query, json={"values": list(rows)}).json()
    return answer.get("tableRange"), answer["updates"]["updatedRange"]


# The two tables of Google's own example.
EXAMPLE = [["x", "y", "z"], ["x", "y", "z"], [], ["", "x", "y"], ["", "", "y", "z"], ["", "x", "y", "z"]]


@pytest.mark.parametrize(
    ("text", "table", "updated"),
    [
        ("Sheet1", "Sheet1!B4:D6", "Sheet1!B7"),
        ("B4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("C5:D5", "Sheet1!B4:D6", "Sheet1!B7"),
        ("B2:D4", "Sheet1!B4:D6", "Sheet1!B7"),
        ("A3:G10", "Sheet1!B4:D6", "Sheet1!B7"),
        ("A1", "Sheet1!A1:C2", "Sheet1!A3"),
        ("E4", None, "Sheet1!E4"),
    ],
)
def test_append_finds_the_table(sandbox, text, table, updated):
    book = sandbox.book(*EXAMPLE)
    assert appended(sandbox, book, text, ["new"]) == (table, updated)


def test_append_is_not_idempotent(sandbox):
    _, sheet = sandbox.tab(["Name", "Phone"])
    for _ in range(2):
        sheet.append_row(["Ali", "0300"])
    assert sheet.get_all_values() == [["Name", "Phone"], ["Ali", "0300"], ["Ali", "0300"]]


def test_append_grows_the_grid(sandbox):
    book, _ = sandbox.tab(*[[n] for n in range(1000)])
    assert appended(sandbox, book, "Sheet1", ["a"] * 30, ["b"]) == ("Sheet1!A1:A1000", "Sheet1!A1001:AD1002")
    assert (book.sheets[0].row_count, book.sheets[0].column_count) == (1002, 30)


def test_append_inserting_rows(sandbox):
    book, sheet = sandbox.tab(["a"], [""], ["below"])
    assert appended(sandbox, book, "A1", ["b"], ["c"], insertDataOption="INSERT_ROWS") == ("Sheet1!A1", "Sheet1!A2:A3")
    assert sheet.get("A1:A5") == [["a"], ["b"], ["c"], [], ["below"]]
    assert appended(sandbox, book, "A1", ["d"]) == ("Sheet1!A1:A3", "Sheet1!A4")


def test_append_into_a_large_table_is_quick(sandbox):
    book = sandbox.book(*[[n, "x", "y"] for n in range(20_000)])
    start = time.perf_counter()
    assert appended(sandbox, book, "Sheet1!B7", ["new"]) == ("Sheet1!A1:C20000", "Sheet1!A20001")
    assert time.perf_counter() - start < 1
