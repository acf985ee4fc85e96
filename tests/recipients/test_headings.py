"""Headings in two rows: a name that protects people in row 2 stops; a remark on a person does not."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.recipients.workbook import open_workbook
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.recipients.books import opened
from tests.sheets.grids import C, GridApi


@pytest.mark.parametrize("name", ["Opt Out", "opt-out?", "Send At", "Send"])
@pytest.mark.parametrize("header", [["Phone", "Choices", ""], ["Phone", "Choices", "When"], ["Phone", "", ""]])
def test_a_second_row_of_headings_stops(name: str, header: list[str]) -> None:
    for first in ("", "Phone"):
        with pytest.raises(
            SheetError, match=r"headings of tab 'Recipients' stand in two rows: .* in cell B2 "
        ) as caught:
            opened(Recipients=[header, [first, name, "x"], ["0300-1234567", "yes", ""]])
        assert caught.value.permanent
    with pytest.raises(SheetError, match="in cell B3 "):
        opened(Recipients=[header, [], ["", name], ["0300-1234567", "yes", ""]])


@pytest.mark.parametrize("phone", ["Mobile No", "03xx-xxxxxxx", "\u0641\u0648\u0646", "Mobile 1", "(11 digits)"])
def test_a_second_row_of_headings_may_say_something_below_phone(phone: str) -> None:
    people = ["0300-1234567", "yes", ""]
    with pytest.raises(SheetError, match=r"stand in two rows: 'Opt Out' in cell B2 "):
        opened(Recipients=[["Phone", "Prefs", ""], [phone, "Opt Out", "Send"], people])
    with pytest.raises(SheetError, match=r"stand in two rows: 'Opt Out' in cell C2 "):
        opened(Recipients=[["ID", "Phone", "Prefs"], ["Roll", phone, "Opt Out"], ["7", *people]])


@pytest.mark.parametrize(
    ("header", "second"),
    [
        (["Name", "Phone", "Action"], ["", "", "Opt Out"]),
        (["Name", "Phone", "Action"], ["Name", "", "Opt Out"]),
        (["Name", "Phone", "Action"], ["(full name)", "", "Opt Out"]),
        (["Name", "Phone", "Action", "When"], ["Ali", "", "Opt Out", "Send At"]),
        (["Name", "Phone", "Action"], ["text", "number", "Opt Out"]),
        (["Name", "Phone", "Choices", ""], ["Ali", "", "Opt Out", "Send"]),
        (["Name", "Phone", ""], ["Class 5", "", "Opt Out"]),
        (["Student", "Phone", "Preference"], ["Full name", "", "Opt Out"]),
        (["Name", "Phone", "Preference"], ["First Name", "", "Opt Out"]),
        (["\u0646\u0627\u0645", "Phone", "Preference"], ["\u0646\u0627\u0645", "", "Opt Out"]),
        (["Name", "Phone", "Preference"], ["required", "required", "Opt Out"]),
        (["Name", "Phone", "Preference"], ["A", "B", "Opt Out"]),
    ],
)
def test_a_row_with_more_than_one_heading_is_nobody(header: list[str], second: list[str]) -> None:
    with pytest.raises(SheetError, match=r"stand in two rows: 'Opt Out' in cell C2 "):
        opened(Recipients=[header, second, ["Sara", "0300-1234567", "yes", ""]])


@pytest.mark.parametrize("tick", ["yes", "no", "x", "TRUE", "\u2713", "\u274c", "haan", True])
def test_a_column_of_yes_and_no_holds_no_remarks(tick: Any) -> None:
    header, second = ["Student", "Phone", "Preference"], ["Full name", "", "Opt Out"]
    with pytest.raises(SheetError, match=r"stand in two rows: 'Opt Out' in cell C2 "):
        opened(Recipients=[header, second, ["A", "0300-1234567", ""], ["B", "0300-1234568", tick]])
    assert opened(Recipients=[header, second, ["A", "0300-1234567", "asked us"], ["B", "0300-1234568", tick]]).rows


@pytest.mark.parametrize(
    ("header", "second"),
    [
        (["Name", "Phone", "Choice"], ["First Name", "", "Send"]),
        (["Student", "Phone", "Choice"], ["Student name", "", "Opt Out"]),
        (["Name", "Phone", "When"], ["Ali", "", "Send At"]),
    ],
)
def test_a_heading_above_cells_that_are_blank_yet(header: list[str], second: list[str]) -> None:
    with pytest.raises(SheetError, match=r"stand in two rows: .* in cell C2 "):
        opened(Recipients=[header, second, ["Sara", "0300-1234567", ""]])


@pytest.mark.parametrize(
    ("heading", "who"),
    [
        ("Name", "Ali (Class 5)"),
        ("Name", "Ali S/O Khan"),
        ("House", "H 5/2"),
        ("Shop", "Khan Store"),
        ("Store", "Khan Store"),
        ("Class", "Class 5"),
    ],
)
def test_a_remark_on_a_person_without_a_number_is_none(heading: str, who: str) -> None:
    for remark in ("Opt Out", "Send"):
        rows = [[heading, "City", "Phone", "Action"], [who, "Lahore", "", remark], ["7", "Lahore", "0300-1234567", ""]]
        assert opened(Recipients=rows).rows
        if heading != "House":
            assert opened(Recipients=[[row[0], *row[2:]] for row in rows]).rows


@pytest.mark.parametrize("name", ["Opted out", "Do not text", "Message", "Template", "SMS (Y/N)", "Send on", "Status"])
def test_in_a_second_row_what_only_resembles_them_stops_below_a_heading_of_several(name: str) -> None:
    with pytest.raises(SheetError, match=r"stand in two rows: .* in cell C2 "):
        opened(Recipients=[["Phone", "Choices", ""], ["", "x", name], ["0300-1234567", "", "yes"]])
    with pytest.raises(SheetError, match=r"stand in two rows: .* in cell B2 "):
        opened(Recipients=[["Phone", "Choices", ""], ["", name, "x"], ["0300-1234567", "yes", ""]])
    assert opened(Recipients=[["Phone", "Reply", "Due"], ["", name, "x"], ["0300-1234567", "yes", ""]]).rows


@pytest.mark.parametrize(
    "rows",
    [
        [["Phone", "Fees", ""], ["", "Paid", "Due"], ["0300-1234567", "5", "0"]],
        [["Phone", "Opt Out"], ["", "Opt Out"], ["0300-1234567", "no"]],
        [["Phone", "Reply", ""], ["0300-1234567", "Opt Out", "Send"]],
        [["ID", "Phone", "Reply", ""], ["7", "", "Opt Out", "Send"], ["8", "0300-1234567", "", ""]],
        [["Phone", "Class"], ["", "Class 5"], ["0300-1234567", "Send"]],
        [["Phone", "Reply"], ["N/A", "Opt Out"], ["0300-1234567", "no"]],
        [["Phone", "Reply"], [C(3001234567, "3E+09"), "Opt Out"], ["0300-1234567", "no"]],
        [["Phone", "Reply"], ["0300-12345", "Opt Out"], ["0300-1234567", "no"]],
        [["Phone", "Note"], ["not known", "asked us"], ["0300-1234567", "no"]],
        # A person without a number, of whom somebody has noted what to do.
        [["Name", "Phone", "Action"], ["Ali", "", "Opt Out"], ["Sara", "0300-1234567", ""]],
        [["Name", "Phone", "Remarks"], ["Ali", "", "Send"], ["Sara", "0300-1234567", ""]],
        [["Name", "Phone", "Remarks"], ["Ali", "not given", "send"], ["Sara", "0300-1234567", ""]],
        [["Name", "Phone", "Remarks", ""], ["Ali", "", "Opt Out"], ["Sara", "0300-1234567", "", "x"]],
        [["Class", "Phone", "Action"], ["5", "", "Opt Out"], ["6", "0300-1234567", ""]],
        [["City", "Fee", "Phone", "Action"], ["Lahore", "500", "", "Opt Out"], ["Lahore", "5", "0300-1234567", ""]],
    ],
)
def test_rows_that_are_no_headings(rows: list[list[Any]]) -> None:
    assert open_workbook(GridApi(Recipients=rows), "Recipients", "Templates").rows
