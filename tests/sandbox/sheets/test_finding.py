"""appendCells and findReplace find their cells by contents; COUNTIF and COUNTIFS count them."""

import pytest

from airflow_provider_robosms.sandbox.sheets import requests, values
from airflow_provider_robosms.sandbox.sheets.attachments import validations
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put

TICK = {"condition": {"type": "BOOLEAN"}}


def apply(book, *wanted, user=None):
    return requests.batch_update(book, list(wanted), user=user)


def typed(book: Spreadsheet, cell: str, *rows: list) -> None:
    put(book, cell, list(rows), option="USER_ENTERED")


def cells(book: Spreadsheet, text: str = "Sheet1", render: str = "UNFORMATTED_VALUE") -> list:
    return values.get(book, text, render).get("values", [])


def replace(find: str, replacement: str, **fields) -> dict:
    return {
        "findReplace": {
            "find": find,
            "replacement": replacement,
            "searchByRegex": True,
            "matchCase": True,
            "sheetId": 0,
            **fields,
        }
    }


def appended(*rows: list[dict], fields: str = "userEnteredValue") -> dict:
    return {"appendCells": {"sheetId": 0, "rows": [{"values": row} for row in rows], "fields": fields}}


def test_cells_are_appended_after_the_last_row_with_data(model: Spreadsheet) -> None:
    typed(model, "Sheet1!A1", ["Head"], [], ["last"])
    tick = {"userEnteredValue": {"boolValue": False}, "dataValidation": TICK}
    apply(
        model, appended([{"userEnteredValue": {"stringValue": "=new"}}, tick], fields="userEnteredValue,dataValidation")
    )
    assert cells(model) == [["Head"], [], ["last"], ["=new", False]]
    [rule] = validations(model.sheets[0], model.sheets[0].whole())
    assert (rule.range.top, rule.range.left, rule.data) == (3, 1, TICK)


def test_the_grid_grows_where_it_ends(model: Spreadsheet) -> None:
    model.sheets[0].resize(2, 1)
    typed(model, "Sheet1!A1", ["one"], ["two"])
    apply(model, appended([{}, {"userEnteredValue": {"numberValue": 3}}]))
    assert (model.sheets[0].row_count, model.sheets[0].column_count) == (3, 2)
    assert cells(model) == [["one"], ["two"], ["", 3]]


def test_a_text_is_found_wherever_it_stands_and_replaced_as_if_typed(model: Spreadsheet) -> None:
    typed(model, "Sheet1!A1", ["a [x:s]", "'=A1"], ["b [y:s]", '="c [x:s]"'])
    [reply] = apply(model, replace(r"^.*\[x:s\]$", "1,240"))
    assert reply == {"findReplace": {"valuesChanged": 1, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 1}}
    assert cells(model) == [[1240, "=A1"], ["b [y:s]", "c [x:s]"]]
    assert apply(model, replace("nowhere", "x")) == [{"findReplace": {}}], "which is no error"


def test_groups_and_escapes_are_those_of_java(model: Spreadsheet) -> None:
    typed(model, "Sheet1!A1", ["Google Sheets"], ["cost"])
    apply(model, replace("o.* (.*)", "$1 Rocks"), replace("cost", r"\$1 \\ 2"), replace("google", "x"))
    assert cells(model) == [["GSheets Rocks"], [r"$1 \ 2"]]


@pytest.mark.parametrize(
    "wanted",
    [
        replace("", "x"),
        replace("(", "x"),
        replace("x", "y", searchByRegex=False),
        replace("x", "y", matchCase=False),
        replace("x", "y", allSheets=True),
        appended([{}], fields="color"),
    ],
)
def test_what_is_refused(model: Spreadsheet, wanted: dict) -> None:
    version = model.version
    with pytest.raises(GoogleError) as raised:
        apply(model, wanted)
    assert (raised.value.code, model.version) == (400, version)


def test_counting(model: Spreadsheet) -> None:
    typed(model, "Sheet1!A1", ["k1-1", "TRUE"], ["k1-2", "FALSE"], ["k2", "TRUE"], ["=1/0", "'TRUE"], [1, 1])
    apply(model, {"addSheet": {"properties": {"sheetId": 7, "title": "Work"}}})
    formulas = ['=COUNTIF(Sheet1!A:A,"k1-1")', '=COUNTIFS(Sheet1!A:A,"k1*",Sheet1!B:B,TRUE)', "=COUNTIF(Sheet1!A:A,1)"]
    typed(model, "Work!A1", formulas)
    assert cells(model, "Work") == [[1, 1, 1]]
    typed(model, "Sheet1!A6", ["k1-3", "yes"], ["k1-4", 1], ["k1-5", 0], ["k1-6", ""])
    typed(model, "Work!A2", [f'=COUNTIFS(Sheet1!A:A,"k1*",Sheet1!B:B,{goal})' for goal in ('"?*"', '">0"', "TRUE")])
    assert cells(model, "Work")[1] == [1, 1, 1]
    model.sheets[0].rows = model.sheets[0].rows[:5]
    typed(model, "Work!A2", ["", "", ""])
    # They follow a tab that is renamed and columns that are moved.
    model.rename_sheet(model.sheets[0], "My lines")
    edit(model, {"action": "move_columns", "sheet": "My lines", "at": 0, "to": 3})
    assert cells(model, "Work") == [[1, 1, 1]]
    apply(model, {"deleteSheet": {"sheetId": 0}})
    assert cells(model, "Work") == [["#REF!", "#REF!", "#REF!"]]
