"""The tab of opt-outs: whom it protects, and what on it would protect nobody."""

from __future__ import annotations

import time
from typing import Any

import pytest

from airflow_provider_robosms.recipients.opt_outs_tab import check_list
from airflow_provider_robosms.recipients.workbook import open_workbook
from airflow_provider_robosms.sms.phone import normalise
from airflow_provider_robosms.spreadsheet.errors import SheetError, SheetUnavailable
from tests.protocol.google import spreadsheet
from tests.recipients.books import PEOPLE, http_of, opened


@pytest.mark.parametrize("title", ["Opt-outs", "opt outs", "OptOuts"])
def test_opt_outs(title: str) -> None:
    rows = [["When", "Phone"], ["x", "0300-1234567"], ["y", 3011234567.0], ["", " \u200b"], [False, ""], ["FALSE"]]
    book = opened(Recipients=PEOPLE, **{title: rows})
    assert book.opted_out == {"923001234567", "923011234567"}


@pytest.mark.parametrize("raw", ["bad", "0300-12345", True, "#N/A", "0300-1234567 / 0301-1234567"])
def test_an_opt_out_that_cannot_be_read_stops(raw: Any) -> None:
    with pytest.raises(SheetError, match=r"'Opt-outs' has a number that cannot be read \(row 3 and 1 more\)") as caught:
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone"], ["0300-1234567"], [raw], [raw]]})
    assert caught.value.permanent


@pytest.mark.parametrize(
    "raw", ["+3001234567", "+300 1234567", "00300-1234567", "+93001234567", "+1 300 1234567", 923001000000]
)
def test_an_opt_out_behind_a_wrong_prefix_is_not_one_of_another_country(raw: str | int) -> None:
    with pytest.raises(SheetError, match=r"has a number that cannot be read \(row 2\)"):
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone"], [raw]]})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["Phone", "Phone 2"], ["0300-1234567", "0301-1234567"]], r"outside its column Phone \(row 2\)"),
        (
            [["Name", "Phone", "Mobile"], ["Ali", "0300-1234567"], ["Bano", "", "0301-1234567"]],
            r"without a number \(row 3\)",
        ),
        ([["Name", "Phone"], ["Ali", ""]], r"without a number \(row 2\), so whoever is meant would be texted"),
    ],
)
def test_the_list_of_opt_outs_means_nobody_whom_its_phone_column_does_not_name(
    rows: list[list[Any]], words: str
) -> None:
    with pytest.raises(SheetError, match=words) as caught:
        opened(Recipients=PEOPLE, **{"Opt-outs": rows})
    assert caught.value.permanent


@pytest.mark.parametrize(
    "header", ["Mobile 2", "WhatsApp", "Contact", "Number", "Cell", "Other no / number", "Tel.", "Note"]
)
@pytest.mark.parametrize(
    "cell",
    [
        "0300-1234567/0311-1111111", "0301-7654321, 0300-1234567", "O300-1234567", "03OO-l234567", "0300-1234567 (father)",
        "Ali (0300-1234567)", "Muhammad Ali Khan: 0300 1234567", "03001234567,", "+923001234567;", "whatsapp: 0300-1234567",
        "+92 (0) 300 1234567 Ali", "\u0660\u0663\u0660\u0660-1234567 x",
    ],
)  # fmt: skip
def test_a_number_beside_the_list_however_it_is_decorated(header: str, cell: str) -> None:
    for text, listed in ((cell, False), (cell.replace("1111111", "7654321"), True)):
        rows = [["Phone", header], ["0301-7654321", text], *([["0300-1234567"], ["0311-7654321"]] if listed else [])]
        if listed:
            assert len(opened(Recipients=PEOPLE, **{"Opt-outs": rows}).opted_out) == 3
        else:
            with pytest.raises(SheetError, match=r"outside its column Phone \(row 2\), in column '") as caught:
                opened(Recipients=PEOPLE, **{"Opt-outs": rows})
            assert caught.value.permanent


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Mobile", "0300-12345"),
        ("Phone 2", "called 0300-1234567 on 2026-11-26"),
        ("WhatsApp", "3001234"),
        ("Cell", "0300 123456O"),
    ],
)
def test_a_column_of_numbers_holds_no_notes(header: str, cell: str) -> None:
    with pytest.raises(SheetError, match="outside its column Phone"):
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone", header], ["0301-7654321", cell]]})


def test_an_error_among_numbers_and_a_number_for_a_header() -> None:
    with pytest.raises(SheetError, match=r"has an error in place of a number \(row 2\), in column 'Mobile'"):
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone", "Mobile"], ["0301-7654321", "#ERROR!"]]})
    with pytest.raises(SheetError, match=r"outside its column Phone \(row 1\)"):
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone", "0300-1234567"], ["0301-7654321", ""]]})
    rows = [["Phone", "Due"], ["0301-7654321", "#N/A"]]
    assert opened(Recipients=PEOPLE, **{"Opt-outs": rows}).opted_out


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Note", "asked by 0300-1234567"), ("Note", "told us that 0300-1234567 is her new number"),
        ("Mobile", "042-35761234"),
        ("CNIC", "35202-1234567-1"), ("Date", "30-11-2026 10:00:00"), ("Date", "2026-11-30 10:00"), ("WhatsApp", "yes"),
        ("Roll Number", "3001234567890"), ("Contact", "father, 5th"), ("Number", "12"), ("Contact date", "30.11.2026"),
    ],
)  # fmt: skip
def test_a_note_beside_the_list_is_its_owners(header: str, cell: str) -> None:
    rows = [["Phone", header], ["0301-7654321", cell]]
    assert opened(Recipients=PEOPLE, **{"Opt-outs": rows}).opted_out == {"923017654321"}


@pytest.mark.parametrize("raw", [447911123456, 12025550123.0, 971501234567])
def test_a_foreign_number_that_lost_its_plus_says_how_to_keep_it(raw: float) -> None:
    told = "row 2: a number of another country .* format the cell as plain text and type it with the"
    with pytest.raises(SheetError, match=told) as caught:
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone"], [raw]]})
    assert str(int(raw)) not in str(caught.value)
    assert opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone"], [f"'+{int(raw)}"]]}).opted_out == frozenset()


@pytest.mark.parametrize(
    "title", ["Opt-outs", "opt outs", "Opted Out", "DND list", "Blocked Nos", "\u041ept-outs", "Do not text"]
)
def test_nobody_is_texted_from_the_list_of_opt_outs(title: str) -> None:
    with pytest.raises(
        SheetError, match="is named as the tab with the recipients, but by its title it may list those who"
    ) as caught:
        opened(main=title, **{title: PEOPLE})
    assert caught.value.permanent
    with pytest.raises(SheetError, match="is named as the tab with the templates, but by its title"):
        open_workbook(spreadsheet(http_of(Recipients=PEOPLE, **{title: [["Name", "Body"]]})), "Recipients", title)


@pytest.mark.parametrize("title", ["On hold", "Hold", "Blocked Cards", "Refused COD", "No WhatsApp", "بلاک"])
def test_orders_that_wait_may_be_the_recipients(title: str) -> None:
    assert opened(main=title, **{title: PEOPLE}).rows


@pytest.mark.parametrize("header", ["Mobile", "WhatsApp", "Contact"])
def test_numbers_beside_the_list_that_are_still_calculated_wait(header: str) -> None:
    with pytest.raises(SheetUnavailable, match=rf"is still being calculated \(row 2\), in column '{header}'") as caught:
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone", header], ["0300-1234567", "Loading..."]]})
    assert not caught.value.permanent


def test_opt_outs_with_notes_are_looked_at_fast() -> None:
    numbers = [f"0300 {number:07d}" for number in range(2_000)]
    rows = [["Phone", "Note"], *([number, f"called {number} on 2026-11-26"] for number in numbers)]
    rows += [[number, "x 0300 " * 20] for number in numbers]
    listed = frozenset(map(normalise, numbers))
    started = time.process_time()
    check_list("Opt-outs", rows, 0, listed)
    assert time.process_time() - started < 1


def test_those_who_agreed_may_be_the_recipients() -> None:
    assert opened(main="SMS consent", **{"SMS consent": PEOPLE}).rows


def test_what_stands_beside_the_numbers_of_opt_outs() -> None:
    rows = [["Phone", "Also", "Note"], ["0300-1234567", "0300 1234567", "called 0301-1234567 on 2026-11-26"]]
    assert opened(Recipients=PEOPLE, **{"Opt-outs": rows}).opted_out == {"923001234567"}


@pytest.mark.parametrize("raw", ["042-35761234", "+1 202 555 0123", "+44 7400 123456"])
def test_an_opt_out_that_nobody_texts_anyway_does_not(raw: str) -> None:
    assert opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone"], [raw]]}).opted_out == frozenset()


def test_opt_outs_that_are_still_calculated_wait() -> None:
    with pytest.raises(SheetUnavailable, match="'Opt-outs' is still being calculated") as caught:
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Phone"], ["Loading..."]]})
    assert not caught.value.permanent


def test_an_opt_outs_tab_without_phone_column_stops() -> None:
    with pytest.raises(SheetError, match="Tab 'Opt-outs' has no column 'Phone'"):
        opened(Recipients=PEOPLE, **{"Opt-outs": [["Number"], ["0300-1234567"]]})
