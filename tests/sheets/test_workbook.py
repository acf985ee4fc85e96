"""Opening a spreadsheet: tabs, templates, opt-outs, and what is wrong with them in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.sheets.errors import SheetError
from airflow_provider_robosms.sheets.workbook import Workbook, open_workbook, spreadsheet_key
from tests.sheets.model import ModelApi, book_of

PEOPLE = [["Name", "Phone"], ["Ali", "0300-1234567"]]


def opened(main: str = "Recipients", **tabs: Any) -> Workbook:
    return open_workbook(ModelApi(book_of(**tabs)), main, "Templates")


@pytest.mark.parametrize(
    "text",
    [
        "1AbC_d-efghijklmnop",
        "https://docs.google.com/spreadsheets/d/1AbC_d-efghijklmnop/edit#gid=0",
        "https://docs.google.com/spreadsheets/d/1AbC_d-efghijklmnop",
        "http://127.0.0.1:8099/spreadsheets/d/1AbC_d-efghijklmnop/edit?usp=sharing",
        "  1AbC_d-efghijklmnop ",
    ],
)
def test_key_or_address(text: str) -> None:
    assert spreadsheet_key(text) == "1AbC_d-efghijklmnop"


@pytest.mark.parametrize("text", ["", "  ", None, "My sheet", "https://example.com/x", "short"])
def test_neither_key_nor_address(text: Any) -> None:
    with pytest.raises(SheetError, match="neither a spreadsheet's address nor its key: copy the address"):
        spreadsheet_key(text)


def test_two_reads_open_everything() -> None:
    api = ModelApi(book_of(Recipients=PEOPLE, Templates=[["Name", "Body"], ["a", "Hi"]], **{"Opt-outs": [["Phone"]]}))
    open_workbook(api, "Recipients", "Templates")
    assert api.calls == ["tabs", "read"]


def test_rows_and_columns() -> None:
    book = opened(Recipients=PEOPLE)
    assert book.columns.header == ["Name", "Phone"]
    assert book.rows == [["Ali", "0300-1234567"]]


@pytest.mark.parametrize("title", ["recipients", " RECIPIENTS ", "Reci pients"])
def test_the_tab_is_found_forgivingly(title: str) -> None:
    assert opened(**{title: PEOPLE}).columns.tab == title


@pytest.mark.parametrize("title", ["It's November", "A1", "R1C1", "مہم", "a!b", "'quoted'", '"x"', "100%"])
def test_tabs_with_quotes_and_other_marks_in_the_name(title: str) -> None:
    book = opened(main=title, **{title: PEOPLE, "Other": [["x"]]})
    assert book.rows == [["Ali", "0300-1234567"]]


def test_a_missing_tab_names_those_there_are() -> None:
    with pytest.raises(
        SheetError, match=r"no tab 'Recipients' \(tabs found: People, Notes\): rename the tab"
    ) as caught:
        opened(People=PEOPLE, Notes=[])
    assert caught.value.permanent


def test_two_tabs_that_look_alike_are_not_guessed_between() -> None:
    with pytest.raises(SheetError, match="no tab 'Recipients'"):
        opened(**{"recipients": PEOPLE, "Reci-pients": PEOPLE})


@pytest.mark.parametrize("rows", [[], [[]], [["Name", "Phone"]]])
def test_empty_sheets_open(rows: list[list[Any]]) -> None:
    assert opened(Recipients=rows).rows == []


def test_templates() -> None:
    rows = [["Body", "name", "Mask"], ["Hi {{Name}}", " Hello ", "RoboSMS"], ["", "empty", ""], ["nameless", "", ""]]
    found = opened(Recipients=PEOPLE, Templates=rows).templates
    assert set(found) == {"hello"}
    assert (found["hello"].body, found["hello"].mask, found["hello"].name) == ("Hi {{Name}}", "RoboSMS", "Hello")


def test_two_templates_of_one_name() -> None:
    with pytest.raises(SheetError, match=r"two templates named 'HELLO' \(row 3\): rename one"):
        opened(Recipients=PEOPLE, Templates=[["Name", "Body"], ["hello", "a"], ["HELLO", "b"]])


def test_a_templates_tab_without_its_columns() -> None:
    with pytest.raises(SheetError, match=r"Tab 'Templates' has no column 'Body' \(columns found: Name, Text\)"):
        opened(Recipients=PEOPLE, Templates=[["Name", "Text"], ["a", "b"]])


def test_no_templates_tab_is_no_error() -> None:
    assert opened(Recipients=PEOPLE).templates == {}


@pytest.mark.parametrize("title", ["Opt-outs", "opt outs", "OptOuts"])
def test_opt_outs(title: str) -> None:
    rows = [["When", "Phone"], ["x", "0300-1234567"], ["y", 3011234567.0], ["z", ""], ["w", "bad"]]
    book = opened(Recipients=PEOPLE, **{title: rows})
    assert book.opted_out == {"923001234567", "923011234567"}
    assert book.unreadable_opt_outs == [5]


def test_an_opt_outs_tab_without_phone_column_stops() -> None:
    with pytest.raises(SheetError, match="Tab 'Opt-outs' has no column 'Phone'"):
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Number"], ["0300-1234567"]]})


def test_the_recipients_tab_may_be_the_templates_tab_by_mistake() -> None:
    assert opened(main="Templates", Templates=PEOPLE).templates == {}
