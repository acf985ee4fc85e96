"""Opening a spreadsheet: its tabs and rows, and what is wrong with them in one sentence."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from airflow_provider_robosms.recipients.identity import ListedByFormula
from airflow_provider_robosms.recipients.workbook import _LOOKS as LOOKS
from airflow_provider_robosms.recipients.workbook import open_workbook
from airflow_provider_robosms.sms.phone import normalise
from airflow_provider_robosms.spreadsheet.address import spreadsheet_key
from airflow_provider_robosms.spreadsheet.api import Render
from airflow_provider_robosms.spreadsheet.cells import Exact, text_of, value_of
from airflow_provider_robosms.spreadsheet.errors import SheetError, SheetUnavailable
from tests.protocol.google import spreadsheet
from tests.recipients.books import PEOPLE, http_of, opened
from tests.sheets.grids import C, GridApi, formula
from tests.sheets.rows_of import reader


@pytest.mark.parametrize(
    "text",
    [
        "1AbC_d-efghijklmnop",
        "https://docs.google.com/spreadsheets/d/1AbC_d-efghijklmnop/edit#gid=0",
        "https://docs.google.com/spreadsheets/d/1AbC_d-efghijklmnop",
        "http://127.0.0.1:8099/spreadsheets/d/1AbC_d-efghijklmnop/edit?usp=sharing",
        "  1AbC_d-efghijklmnop ",
        "https://docs.google.com/spreadsheets/u/1/d/1AbC_d-efghijklmnop/edit?gid=7#gid=7",
        "https://docs.google.com/a/example.pk/spreadsheets/d/1AbC_d-efghijklmnop/edit",
        "1AbC_d-efghijklmnop/edit#gid=0",
        "1AbC_d-efghijklmnop#gid=5",
    ],
)
def test_key_or_address(text: str) -> None:
    two = f"{text}, https://docs.google.com/spreadsheets/d/1Other_-sheet/edit"
    if "spreadsheets" in text:
        with pytest.raises(SheetError, match="Two spreadsheets are named where one is wanted"):
            spreadsheet_key(two)
        assert spreadsheet_key(f"{text} {text}") == "1AbC_d-efghijklmnop"
    assert spreadsheet_key(text) == "1AbC_d-efghijklmnop"


@pytest.mark.parametrize("text", ["", "  ", None, "My sheet", "https://example.com/x", "short"])
def test_neither_key_nor_address(text: Any) -> None:
    with pytest.raises(SheetError, match="neither by its address nor by its key: copy the address"):
        spreadsheet_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://docs.google.com/spreadsheets/d/e/2PACX-1vQabcdefghijkl/pubhtml",
        "https://docs.google.com/spreadsheets/u/0/d/e/2PACX-1vQabcdefghijkl/pub?output=csv",
        "2PACX-1vQabcdefghijkl",
    ],
)
def test_a_published_copy_cannot_be_written(text: str) -> None:
    with pytest.raises(SheetError, match="published copy, which cannot be written: open the spreadsheet itself"):
        spreadsheet_key(text)


def test_three_calls_open_everything() -> None:
    http = http_of(Recipients=PEOPLE, Templates=[["Name", "Body"], ["a", "Hi"]], **{"Opt-outs": [["Phone"]]})
    open_workbook(spreadsheet(http), "Recipients", "Templates")
    assert http.calls == 3


@pytest.mark.parametrize(
    ("phone", "calls"),
    [
        ("0300-1234567", 3),
        (C("0300-1234567", "0300-1234567", "'0300-1234567"), 3),
        (C(3001234567, "3,001,234,567"), 3),
        (formula('=TEXT(A2,"0")', "0300-1234567"), 4),
        (formula("=A2", 3001234567, "3.0E+09"), 5),
    ],
)
def test_what_was_typed_is_the_value_and_what_a_formula_makes_is_read(phone: Any, calls: int) -> None:
    api = GridApi(Recipients=[["Name", "Phone"], ["Ali", phone]], **{"Opt-outs": [["Phone"], ["0301-7654321"]]})
    book = open_workbook(api, "Recipients", "Templates")
    assert normalise(value_of(book.rows[0][1])) == "923001234567"
    assert book.opted_out == {"923017654321"}
    assert len(api.calls) == calls


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
        SheetError,
        match=r"no tab 'Recipients' \(tabs found: People, Notes\): rename it, or name yours as the tab with the recipients",
    ) as caught:
        opened(People=PEOPLE, Notes=[])
    assert caught.value.permanent


def test_two_tabs_that_look_alike_are_not_guessed_between() -> None:
    told = "2 tabs that 'Recipients' may mean \\('recipients', 'Reci-pients'\\): rename all but one, or give the exact title"
    with pytest.raises(SheetError, match=told):
        opened(**{"recipients": PEOPLE, "Reci-pients": PEOPLE})
    assert opened(**{"Recipients": PEOPLE, "recipients ": []}).columns.tab == "Recipients"


@pytest.mark.parametrize("rows", [[], [[]]])
def test_an_empty_tab_says_so(rows: list[list[Any]]) -> None:
    with pytest.raises(SheetError, match=r"no column 'Phone' \(columns found: none: row 1 is empty\)"):
        opened(Recipients=rows)


def test_a_tab_without_rows_opens() -> None:
    assert opened(Recipients=[["Name", "Phone"]]).rows == []


def test_the_recipients_tab_may_be_the_templates_tab_by_mistake() -> None:
    assert opened(main="Templates", Templates=PEOPLE).templates == {}


# What is shown and what is exact, in one row


def test_rows_hold_what_is_shown_and_where_it_matters_what_is_exact() -> None:
    header = ["ID", "Phone", "Due", "Send At", "Opt Out", "Status"]
    row = [
        C(1001, "INV-1001"), C(3001234567, "0300-1234567"), C(1234.5, "Rs 1,234.50"), C(46349.5, "23/11/26"),
        C(False, "FAUX"), C("SENT", ""),
    ]  # fmt: skip
    book = open_workbook(GridApi(Recipients=[header, row]), "Recipients", "Templates")
    assert book.rows == [[
        Exact(1001, "INV-1001"), Exact(3001234567, "0300-1234567"), "Rs 1,234.50", Exact(46349.5, "23/11/26"),
        Exact(False, "FAUX"), Exact("SENT", ""),
    ]]  # fmt: skip
    assert book.columns.cells(book.rows[0])[0] == "SENT", "what a format hides was sent all the same"


def test_a_chosen_key_column_is_exact() -> None:
    api = GridApi(Recipients=[["Order", "Phone"], [C(7, "No 7"), "0300-1234567"]])
    assert open_workbook(api, "Recipients", "Templates", key_column="order").rows[0][0] == Exact(7, "No 7")


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("value", ["Loading...", "Wird geladen...", "Loading\u2026"])
def test_recipients_that_are_still_calculated_wait(place: int, value: str) -> None:
    row: list[Any] = ["A", "0300-1234567"]
    row[place] = formula("=C2", value)
    with pytest.raises(SheetUnavailable, match=r"still shows 'Loading|Wird") as caught:
        open_workbook(GridApi(Recipients=[["ID", "Phone", "x"], [*row, "y"]]), "Recipients", "Templates")
    assert not caught.value.permanent


def test_results_without_their_status_column_stop() -> None:
    rows = [["Phone", "Sent", "Detail"], ["0300-1234567", "SENT", "accepted (ref abcdef)"]]
    with pytest.raises(SheetError, match="no column 'Status', so everybody would be texted again"):
        opened(Recipients=rows)
    assert opened(Recipients=[["Phone", "Detail"], ["0300-1234567", "a person's own"]]).rows


# Tabs that are the tool's own


def test_working_tabs_are_nobodys() -> None:
    api = GridApi(**{"Recipients": PEOPLE, "robosms Opt-outs": [["x"]], "robosms notes": [["x"]]})
    api.hidden = {"robosms Opt-outs"}
    book = open_workbook(api, "Recipients", "Templates")
    assert [tab.title for tab in book.tabs] == ["Recipients", "robosms notes"]
    assert book.tab.title == "Recipients"


# Edits between the reads


SHEET = [
    ["Name", "Phone", "Due"],
    ["Ali", "0300-1234567", "5"],
    ["Sara", C(3011234567, "0301-1234567"), "6"],
    ["Zain", "03021234567", "7"],
]
EDITS: dict[str, Callable[[list[list[Any]]], list[list[Any]]]] = {
    "sorted": lambda rows: [rows[0], *rows[:0:-1]],
    "row inserted": lambda rows: [rows[0], ["New", "0303-1234567", "8"], *rows[1:]],
    "row added": lambda rows: [*rows, ["New", "0303-1234567", "8"]],
    "row deleted": lambda rows: [rows[0], *rows[2:]],
    "last row deleted": lambda rows: rows[:-1],
    "column inserted": lambda rows: [[row[0], "x", *row[1:]] for row in rows],
    "columns swapped": lambda rows: [row[::-1] for row in rows],
    "header renamed": lambda rows: [["First", *rows[0][1:]], *rows[1:]],
}


@pytest.mark.parametrize("at", [2, 3])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_between_two_reads_is_read_again(name: str, at: int) -> None:
    def before(number: int) -> None:
        if number == at:
            api.tabs_of["Recipients"] = EDITS[name](SHEET)

    api = GridApi(before, Recipients=[list(row) for row in SHEET])
    book = open_workbook(api, "Recipients", "Templates")
    due, phone, first = (book.columns.header.index(text) for text in ("Due", "Phone", book.columns.header[0]))
    found = {(text_of(row[phone]), row[due]) for row in book.rows}
    assert found <= {("0300-1234567", "5"), ("0301-1234567", "6"), ("03021234567", "7"), ("0303-1234567", "8")}
    assert len(api.calls) <= 4 + 3
    assert first >= 0


def test_a_row_that_was_cut_before_a_read_and_not_before_the_next_is_read_again() -> None:
    class Behind(GridApi):
        """Its reads of exact values lag for one look: there, the row is not cut yet."""

        def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
            self.tabs_of = {"Recipients": before if render != "FORMATTED_VALUE" and len(self.calls) < 5 else after}
            return super().read(ranges, render=render)

    before = [["Name", "Phone"], ["Ali", "0300-1234567"], ["Sara", "0301-1234567"]]
    after = [["Name", "Phone"], ["", ""], ["Sara", "0301-1234567"], ["Ali", "0300-1234567"]]
    book = open_workbook(Behind(Recipients=after), "Recipients", "Templates")
    assert book.rows == [[], ["Sara", "0301-1234567"], ["Ali", "0300-1234567"]]


def test_a_sheet_that_never_rests_is_given_up() -> None:
    def before(number: int) -> None:
        api.tabs_of["Recipients"] = [SHEET[0], *SHEET[:0:-1]] if number % 2 else [list(row) for row in SHEET]

    api = GridApi(before, Recipients=SHEET)
    with pytest.raises(SheetUnavailable, match="were moved each time it was read: run the task again") as caught:
        open_workbook(api, "Recipients", "Templates")
    assert not caught.value.permanent
    assert len(api.calls) == 1 + 2 * LOOKS


@pytest.mark.parametrize("at", [2, 3, 4])
def test_rows_whose_format_hides_them_are_compared_cell_by_cell(at: int) -> None:
    def before(number: int) -> None:
        if number == at:
            api.tabs_of["Recipients"] = [rows[0], *rows[:0:-1]]

    rows = [["Name", "Phone"], ["Ali", C(3001234567, "3.0E+09")], ["Sara", C(3011234567, "3.0E+09")]]
    api = GridApi(before, Recipients=rows)
    book = open_workbook(api, "Recipients", "Templates")
    assert {(name, value_of(phone)) for name, phone in book.rows} == {("Ali", 3001234567), ("Sara", 3011234567)}
    assert len(api.calls) <= 1 + 2 * 4


class ShowsTheMark(GridApi):
    """Shows in a read of formulas the ``'`` by which a person keeps a number a text; Google does not say whether it does."""

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        found = super().read(ranges, render=render)
        if render != "FORMULA":
            return found
        return [
            [[f"'{cell}" if isinstance(cell, str) and cell else cell for cell in row] for row in grid] for grid in found
        ]


def test_texts_typed_with_a_mark_are_the_texts() -> None:
    api = ShowsTheMark(Recipients=[["ID", "Phone"], ["0017", "03001234567"]])
    assert open_workbook(api, "Recipients", "Templates").rows == [["0017", "03001234567"]]


def test_rows_filled_far_below_the_data_are_nobodys() -> None:
    rows = [["Phone", "Paid", "Tick", "Total"], ["0300-1234567", "No", False, 5]]
    rows += [["", "No", False, formula("=C3*2", 0)] for _ in range(50)]
    book = open_workbook(GridApi(Recipients=rows), "Recipients", "Templates")
    one = reader(book.columns.header)
    assert [row for row in book.rows if one.key(row) is not None] == [["0300-1234567", "No", "FALSE", "5"]]


class Lagging(GridApi):
    """Each read is of one of the last three states, whichever Google has at hand."""

    def __init__(self, rng: random.Random, **tabs: list[list[Any]]) -> None:
        super().__init__(**tabs)
        self.rng = rng
        self.states = [self.tabs_of]

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        if self.rng.random() < 0.4:
            rows = self.states[-1]["Recipients"]
            edit = self.rng.choice(list(EDITS.values())[:5])
            body = edit(rows)
            self.rng.shuffle(tail := body[1:])
            self.states.append({"Recipients": [body[0], *tail]})
        self.tabs_of = self.rng.choice(self.states[-3:])
        return super().read(ranges, render=render)


def test_a_restless_sheet_with_reads_that_lag_never_mixes_two_people() -> None:
    numbers = {number: f"92300{1234500 + number}" for number in range(8)}
    true = {(phone, str(number)) for number, phone in numbers.items()} | {("923031234567", "8")}
    for seed in range(300):
        rng = random.Random(seed)
        phones: list[Any] = [f"0300-12345{number:02d}" for number in range(8)]
        if seed % 3 == 0:
            phones = [C(3001234500 + number, f"0300-12345{number:02d}") for number in range(8)]
        if seed % 3 == 1:
            phones = [C(3001234500 + number, "3.0E+09") for number in range(8)]
        people = [[f"Name {number}", phone, str(number)] for number, phone in enumerate(phones)]
        api = Lagging(rng, Recipients=[["Name", "Phone", "Due"], *people])
        try:
            book = open_workbook(api, "Recipients", "Templates")
        except (SheetUnavailable, ListedByFormula):
            continue  # twice a read that lags may look like a formula's list: refused, not mixed
        assert {(normalise(value_of(phone)), due) for _, phone, due in book.rows} <= true, seed
