"""The small part of formulas that the sandbox computes, and how references follow the cells."""

import pytest

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.formulas import copied
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put


def typed(book: Spreadsheet, cell: str, *texts: str) -> None:
    put(book, f"Sheet1!{cell}", [list(texts)], option="USER_ENTERED")


def shown(book: Spreadsheet, text: str, render: str = "UNFORMATTED_VALUE") -> list:
    return values.get(book, f"Sheet1!{text}", render).get("values", [])


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3", 7),
        ("=(1+2)*3", 9),
        ("=-2/4", -0.5),
        ("=4/2", 2),
        ('="a"&"b"&1', "ab1"),
        ('="say ""hi"""', 'say "hi"'),
        ('="x"&1&TRUE', "x1TRUE"),
        ("=TRUE", True),
        ("=A1&B1", "Ali7"),
        ("=$B$1*2", 14),
        ("=B1+Z99", 7),
        ("='My Tab'!A1", "other"),
        ("=1/0", "#DIV/0!"),
        ("=A1+1", "#VALUE!"),
        ("=Nowhere!A1", "#REF!"),
        ("=ZZ1", "#REF!"),
        ("=SUM(A1:B1)", "#NAME?"),
        ("=A1:B1", "#VALUE!"),
        ("=1=1", "#ERROR!"),
        ("=(1", "#ERROR!"),
        ("=1+", "#ERROR!"),
        ("=LEN(1", "#ERROR!"),
        ('="x"&A9', "x"),
        ('="x"&(1/0)', "#DIV/0!"),
        ("=" + "(" * 5000 + "1" + ")" * 5000, "#ERROR!"),
        ('=HYPERLINK("http://x")', "#NAME?"),
    ],
)
def test_values(model: Spreadsheet, formula, value):
    edit(model, {"action": "add_sheet", "sheet": "My Tab", "rows": [["other"]]})
    typed(model, "A1", "Ali", "7")
    typed(model, "A5", formula)
    assert shown(model, "A5") == [[value]]
    assert shown(model, "A5", "FORMULA") == [[formula]]


def test_a_circle_is_an_error_and_a_long_chain_is_not_a_crash(model: Spreadsheet):
    typed(model, "A1", "=B1", "=A1")
    assert shown(model, "A1:B1") == [["#REF!", "#REF!"]]
    rows = [["1"], *[[f"=A{row}+1"] for row in range(1, 900)]]
    put(model, "Sheet1!A1", rows, option="USER_ENTERED")
    assert shown(model, "A50") == [[50]]
    assert shown(model, "A900")[0][0] in (900, "#REF!", "#ERROR!")


def test_a_reference_takes_the_format_along(model: Spreadsheet):
    typed(model, "A1", "2026-11-23", "=A1", "=A1+1")
    assert shown(model, "B1:C1", "FORMATTED_VALUE") == [["2026-11-23", "46350"]]


def test_copied():
    assert copied("=A2&$B2&C$2&$D$2", 3, 1) == "=B5&$B5&D$2&$D$2"
    assert copied('="A2"&A2', 1, 0) == '="A2"&A3'
    assert copied("=A1", -1, 0) == "=#REF!"
    assert copied("='It''s'!A1", 1, 0) == "='It''s'!A2"


def test_references_follow_rows_and_columns(model: Spreadsheet):
    typed(model, "A1", "Ali", "=A1", "=$A$1")
    typed(model, "A3", "Bano", "=A3")
    edit(model, {"action": "insert_rows", "sheet": "Sheet1", "at": 0, "count": 2})
    assert shown(model, "B3:C5", "FORMULA") == [["=A3", "=$A$3"], [], ["=A5"]]
    edit(model, {"action": "insert_columns", "sheet": "Sheet1", "at": "A"})
    assert shown(model, "C3:D3", "FORMULA") == [["=B3", "=$B$3"]]
    edit(model, {"action": "move_rows", "sheet": "Sheet1", "at": 2, "to": 9})
    assert shown(model, "C9:D9", "FORMULA") == [["=B9", "=$B$9"]]
    edit(model, {"action": "delete_columns", "sheet": "Sheet1", "at": "B"})
    assert shown(model, "B9:C9", "FORMULA") == [["=#REF!", "=#REF!"]]
    assert shown(model, "B9:C9") == [["#REF!", "#REF!"]]


def test_references_follow_a_sort_and_a_new_title(model: Spreadsheet):
    for row, (name, due) in enumerate([("Name", "Due"), ("Zara", "3"), ("Ali", "1")], 1):
        typed(model, f"A{row}", name, due, f"=A{row}&B{row}")
    edit(model, {"action": "sort", "sheet": "Sheet1", "column": "Due"})
    assert shown(model, "A2:C3") == [["Ali", 1, "Ali1"], ["Zara", 3, "Zara3"]]
    edit(model, {"action": "add_sheet", "sheet": "Other", "rows": [["=Sheet1!A2"]]})
    edit(model, {"action": "rename_sheet", "sheet": "Sheet1", "to": "It's new"})
    assert values.get(model, "Other!A1", "FORMULA")["values"] == [["='It''s new'!A2"]]
    assert values.get(model, "Other!A1")["values"] == [["Ali"]]
