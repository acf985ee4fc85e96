"""Which column is which."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.recipients.columns import OWNED, Columns
from airflow_provider_robosms.spreadsheet.errors import SheetError


def columns(*header: Any) -> Columns:
    return Columns("Recipients", header)


@pytest.mark.parametrize("header", ["Phone", "phone", " PHONE ", "P hone", "\u00a0Phone", "Ｐｈｏｎｅ", "\ufeffPhone"])
def test_headers_are_matched_forgivingly(header: str) -> None:
    assert columns("Name", header).need("Phone") == 1


def test_a_header_may_be_a_number_a_tick_or_missing() -> None:
    found = columns("Phone", 2026, None, True, "")
    assert found.header == ["Phone", "2026", "", "TRUE", ""]
    assert found.only("2026") == 1


def test_a_missing_column_names_those_there_are() -> None:
    with pytest.raises(SheetError, match=r"no column 'Phone' \(columns found: Name, Mobile\)") as caught:
        columns("Name", "", "Mobile").need("Phone")
    assert caught.value.permanent


def test_an_empty_header_row_says_so() -> None:
    with pytest.raises(SheetError, match="none: row 1 is empty"):
        columns().need("Phone")


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ([["Class 5 fee list"]], r"in row 2, and it must be row 1: delete the rows above it \(row 1\)"),
        ([[]], "in row 2"),
        ([["Fees"], ["", "November"], []], r"in row 4, .* \(rows 1 to 3\)"),
    ],
)
def test_a_header_below_other_rows_says_where_it_stands(above: list[list[str]], told: str) -> None:
    first, *below = [*above, ["Name", "phone:"], ["Ali", "0300-1234567"]]
    with pytest.raises(SheetError, match=rf"has its header, with 'Phone', {told}") as caught:
        columns(*first).need("Phone", below)
    assert caught.value.permanent
    with pytest.raises(SheetError, match="has no column 'Mobile'"):
        columns(*first).need("Mobile", below)


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (["Name", "Mobile", "Contact via"], ["Ali", "0300-1234567", "Phone"], "Phone"),
        (["Mobile", "Source"], ["0300-1234567", "Phone"], "Phone"),
        (["Name", "Text"], ["soap", "Body"], "Body"),
        (["Name", "Mobile"], ["Name", "Phone"], "Phone"),
        (["Opted out"], ["Phone"], "Phone"),
    ],
)
def test_a_row_that_may_be_somebodys_is_not_told_to_be_the_header(
    first: list[str], second: list[str], name: str
) -> None:
    with pytest.raises(SheetError, match=f"has no column '{name}' .columns found: {', '.join(first)}.: add it"):
        columns(*first).need(name, [second])


def test_two_columns_of_one_name_are_not_guessed_between() -> None:
    with pytest.raises(SheetError, match=r"2 columns named 'Phone' \(A and C\): rename all but one"):
        columns("Phone", "Name", "phone ").need("Phone")


def test_blank_headers_are_no_duplicates() -> None:
    assert columns("", "Phone", "", None).need("Phone") == 1


def test_a_tag_for_a_duplicate_header_fits_no_column() -> None:
    found = columns("Phone", "Name", "name")
    assert found.only("Name") is None
    assert found.only("Phone") == 0


def test_punctuation_is_forgiven_where_nothing_fits_without() -> None:
    found = columns("Phone No.", "Amount", "Amount (%)", "Due-Date", "?")
    assert [found.only(name) for name in ("phone no", "amount", "Amount (%)", "due date", "?")] == [0, 1, 2, 3, 4]
    assert found.only("Amount %") is None, "two columns fit alike"
    assert found.only("") is None


def test_a_column_that_is_nearly_ours_is_not_written_into_but_a_status_counts() -> None:
    found = columns("Phone", "Code #", "Status:", "Parts?", "Detail")
    assert found.owned == [2, None, None, None, None, 4]


def test_missing_columns_of_our_own() -> None:
    found = columns("Phone", "code", "STATUS")
    assert found.missing == ["Message ID", "Parts", "Sent At", "Detail"]
    assert found.owned == [2, 1, None, None, None, None]


def test_the_cells_of_our_own_wherever_they_stand() -> None:
    found = columns("Detail", "Phone", *OWNED[:5])
    row = ["why", "0300", "SENT", 0.0, "RSMS-1", 2, "2026-11-23 10:00:00"]
    assert found.cells(row) == ("SENT", "0", "RSMS-1", "2", "2026-11-23 10:00:00", "why")
    assert found.cells([]) == ("",) * len(OWNED)


def test_equality_is_by_tab_and_header() -> None:
    assert columns("A", "B") == columns("A", "B")
    assert columns("A", "B") != columns("B", "A")
    assert columns("A") != Columns("Other", ["A"])


@pytest.mark.parametrize("name", ["Message", "Template", "ID", "Phone"])
def test_a_question_is_no_column_of_that_name(name: str) -> None:
    for header in (f"{name}?", f"{name} \u061f"):
        if name == "Phone":
            assert columns("x", header).one(name) is None
        else:
            with pytest.raises(SheetError, match=f"is not taken for '{name}' and would be ignored: rename it"):
                columns("Phone no", header).one(name)
    assert columns("Phone no", f"{name}:").one(name) == 1
    assert columns(f"{name}?", name).one(name) == 1


def test_an_opt_out_may_be_a_question() -> None:
    assert columns("Phone", "Opt out?").one("Opt Out") == 1
