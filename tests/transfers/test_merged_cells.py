"""Merged cells show one value over several rows, and only the first has it: what the others seem to say must be heeded."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.spreadsheet.api import GoogleSpreadsheet
from airflow_provider_robosms.transfers.failure_line import open_spreadsheet
from airflow_provider_robosms.transfers.planned import read_tab
from tests.sheets.campaigns import operator
from tests.transfers.test_planned import COLUMNS

HEADER = [
    "ID",
    "Phone",
    "Name",
    "Class",
    "Opt Out",
    "Send At",
    "Send",
    "Template",
    "Message",
    "Status",
    "Detail",
    "Notes",
]
NUMBERS = [f"0300-100000{row}" for row in range(1, 5)]


def rows(**second: str) -> list[list[Any]]:
    """Return four people; *second* is what stands in cells of the first of them."""
    first = {"ID": "1", "Phone": NUMBERS[0], "Name": "Ali", "Send": "yes", **second}
    found = [[first.get(name.replace(" ", "_"), "") for name in HEADER]]
    found += [[str(row), NUMBERS[row - 1], "Sara", "", "", "", "yes"] for row in (2, 3, 4)]
    return [HEADER, *found]


def tab_of(sandbox: RunningSandbox, sheet: str, title: str) -> gspread.Worksheet:
    """Return a tab as gspread has it."""
    api = open_spreadsheet(sheet)
    assert isinstance(api, GoogleSpreadsheet)
    return gspread.Spreadsheet(api._http, {"id": sheet}).worksheet(title)


def run(sheet: str, **settings: Any) -> Any:
    return operator(spreadsheet_id=sheet, **settings).execute({"run_id": "merged", "task_state_store": None})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Opt Out", "yes"),
        ("Send At", "2030-01-01 10:00"),
        ("Template", "other"),
        ("Message", "Only for Ali"),
        ("Class", "5"),
        ("ID", "1"),
        ("Phone", NUMBERS[0]),
        ("Status", ""),
        ("Detail", ""),
    ],
)
def test_what_a_merge_covers_stops_the_campaign(sandbox: RunningSandbox, column: str, value: str) -> None:
    people = rows(**{column.replace(" ", "_"): value})
    letter = chr(ord("A") + HEADER.index(column))
    templates = [["Name", "Body"], ["plain", "Dear {{Name}}"], ["other", "Bye {{Name}}"]]
    sheet = sandbox.create_sheet("Merged", {"Recipients": people, "Templates": templates})
    tab_of(sandbox, sheet, "Recipients").merge_cells(f"{letter}2:{letter}4")
    with pytest.raises(AirflowFailException, match=rf"Row 3 of tab 'Recipients' has a merged cell in column {letter} "):
        run(sheet, message="Dear {{Name}} of {{Class|none}}")
    assert not sandbox.accepted()


def test_once_unmerged_it_is_sent(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Merged", {"Recipients": rows(Opt_Out="yes")})
    tab = tab_of(sandbox, sheet, "Recipients")
    tab.merge_cells("E2:E4")
    tab.unmerge_cells("E2:E4")
    run(sheet, message="Dear {{Name}}")
    assert len(sandbox.accepted()) == 3


def test_a_send_over_several_rows_is_a_tick_of_the_first(sandbox: RunningSandbox) -> None:
    """The others are left out, and the preview says so."""
    sheet = sandbox.create_sheet("Merged", {"Recipients": rows()})
    tab_of(sandbox, sheet, "Recipients").merge_cells("G2:G4")
    assert run(sheet, message="Dear all")["skipped_by_reason"] == {"not chosen: column Send is not ticked": 2}
    assert len(sandbox.accepted()) == 2


@pytest.mark.parametrize(
    ("people", "cells"),
    [
        ([["Name", "Phone", "Fees"], ["Ali", NUMBERS[0], "5"], ["Total", "", "5"]], "A3:B3"),
        ([["Name", "Phone", "Fees"], ["Class 5", "", "Teacher: Mrs Khan"], ["Ali", NUMBERS[0], "5"]], "A2:B2"),
        ([["ID", "Name", "Phone"], ["Class 5", "", ""], ["1", "Ali", NUMBERS[0]]], "A2:C2"),
        ([["Phone", "Name"], ["Class 5", ""], [NUMBERS[0], "Ali"]], "A2:B2"),
        ([["Name", "Phone", "Fees", ""], ["", "", "Paid", "Due"], ["Ali", NUMBERS[0], "5", "0"]], "A1:A2"),
        ([["Name", "Phone", "Fees", ""], ["", "", "Paid", "Due"], ["Ali", NUMBERS[0], "5", "0"]], "B1:B2"),
        ([["Name", "Phone", "Fees", ""], ["", "", "Paid", "Due"], ["Ali", NUMBERS[0], "5", "0"]], "C1:D1"),
        # Not texted anyway.
        (
            [["Name", "Phone", "Opt Out"], ["Ali", NUMBERS[0], ""], ["B", NUMBERS[1], "yes"], ["C", NUMBERS[2], "yes"]],
            "A3:A4",
        ),
    ],
)
def test_headings_totals_and_titles_stop_nobody(sandbox: RunningSandbox, people: list[list[str]], cells: str) -> None:
    sheet = sandbox.create_sheet("Merged", {"Recipients": people})
    tab_of(sandbox, sheet, "Recipients").merge_cells(cells)
    run(sheet, message="Dear {{Name}}")
    assert len(sandbox.accepted()) == 1


@pytest.mark.parametrize("name", ["Opt Out", "Send At"])
def test_a_header_over_several_columns_stops(sandbox: RunningSandbox, name: str) -> None:
    people = [["Name", "Phone", name, ""], ["Ali", NUMBERS[0], "", "yes"]]
    sheet = sandbox.create_sheet("Merged", {"Recipients": people})
    tab_of(sandbox, sheet, "Recipients").merge_cells("C1:D1")
    with pytest.raises(
        AirflowFailException, match=f"The header '{name}' of tab 'Recipients' is merged over several columns"
    ):
        run(sheet, message="Dear all")
    assert not sandbox.accepted()


def test_a_merge_beside_the_table_where_results_will_stand_stops(sandbox: RunningSandbox) -> None:
    people = [["Name", "Phone", "Notes"], ["Ali", NUMBERS[0], "long"]]
    sheet = sandbox.create_sheet("Merged", {"Recipients": people})
    tab_of(sandbox, sheet, "Recipients").merge_cells("C2:D2")
    with pytest.raises(AirflowFailException, match="Row 2 of tab 'Recipients' has a merged cell in column D"):
        run(sheet, message="Dear all")
    assert not sandbox.accepted()


@pytest.mark.parametrize(("cells", "place"), [("D2:E2", None), ("D1:F1", None), ("C1:E1", "The header 'Notes'")])
def test_where_results_will_stand_a_merge_is_in_the_way_only_across_it(
    sandbox: RunningSandbox, cells: str, place: str | None
) -> None:
    """Columns that are inserted in the middle of a merge become a part of it."""
    sheet = sandbox.create_sheet("Merged", {"Recipients": [["Name", "Phone", "Notes"], ["Ali", NUMBERS[0], "long"]]})
    tab_of(sandbox, sheet, "Recipients").merge_cells(cells)
    if place is None:
        run(sheet, message="Dear all")
        assert len(sandbox.accepted()) == 1
        return
    with pytest.raises(AirflowFailException, match=f"{place} of tab 'Recipients' is merged over several columns"):
        run(sheet, message="Dear all")
    assert not sandbox.accepted()


@pytest.mark.parametrize(
    ("column", "value", "sent"), [("Opt Out", "yes", 0), ("Status", "SENT", 0), ("Opt Out", "", 1)]
)
def test_a_round_number_protects_and_counts_all_the_same(
    sandbox: RunningSandbox, column: str, value: str, sent: int
) -> None:
    """It is not texted, since it may be a stranger's, but who it names has opted out, or has been texted."""
    people = [["ID", "Phone", column], ["1", 923001000000, value], ["2", "0300-1000000", ""]]
    sheet = sandbox.create_sheet("Round", {"Recipients": people})
    run(sheet, message="Dear all")
    assert len(sandbox.accepted()) == sent


def test_a_body_over_the_blank_mask_beside_it_hides_no_mask(sandbox: RunningSandbox) -> None:
    templates = [["Name", "Body", "Mask"], ["one", "Dear {{Name}}", ""]]
    sheet = sandbox.create_sheet("Merged", {"Recipients": rows(), "Templates": templates})
    tab_of(sandbox, sheet, "Templates").merge_cells("B2:C2")
    assert run(sheet, template="one", message=None)["sent"] == 4


@pytest.mark.parametrize("cells", ["L2:L5", "L1:L5", "K9:L9", "C6:L6", "C2:C2"])
def test_merges_that_hide_nothing_are_left_alone(sandbox: RunningSandbox, cells: str) -> None:
    """Notes, the heading of a class across the tab, and what stands below the people."""
    sheet = sandbox.create_sheet("Merged", {"Recipients": rows()})
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="C6", value="Class 6")
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="B7", values=[["0300-1000009", "", "", "", "", "yes"]])
    tab_of(sandbox, sheet, "Recipients").merge_cells(cells)
    run(sheet, message="Dear all")
    assert len(sandbox.accepted()) == 5


def test_a_phone_that_is_shared_by_a_merge_stops(sandbox: RunningSandbox) -> None:
    """Without an ID the second row would be nobody's, its Opt Out included."""
    people = [["Phone", "Name", "Opt Out"], [NUMBERS[0], "Ali", ""], ["", "Sara", "yes"]]
    sheet = sandbox.create_sheet("Merged", {"Recipients": people})
    tab_of(sandbox, sheet, "Recipients").merge_cells("A2:A3")
    with pytest.raises(AirflowFailException, match="Row 3 of tab 'Recipients' has a merged cell in column A"):
        run(sheet, message="Dear {{Name}}")
    assert not sandbox.accepted()


def test_a_mask_of_several_templates_stops(sandbox: RunningSandbox) -> None:
    templates = [["Name", "Body", "Mask"], ["one", "Dear {{Name}}", "SHOP"], ["two", "Bye", ""]]
    sheet = sandbox.create_sheet("Merged", {"Recipients": rows(), "Templates": templates})
    tab_of(sandbox, sheet, "Templates").merge_cells("C2:C3")
    with pytest.raises(AirflowFailException, match="Row 3 of tab 'Templates' has a merged cell for its Mask"):
        run(sheet, template="two")
    assert not sandbox.accepted()


@pytest.mark.parametrize("column", COLUMNS)
def test_a_line_of_a_plan_with_a_merged_cell_is_not_understood(sandbox: RunningSandbox, column: str) -> None:
    line = ["", "People", "reminder", "2026-11-23 14:00", "10:00-20:00", "yes"]
    sheet = sandbox.create_sheet("Plans", {"Plan": [[*COLUMNS], line, line]})
    letter = chr(ord("A") + COLUMNS.index(column))
    tab_of(sandbox, sheet, "Plan").merge_cells(f"{letter}2:{letter}3")
    first, second = read_tab(open_spreadsheet(sheet), sheet)
    assert not first.trouble
    assert second.trouble
    if column != "Send":
        assert column in second.trouble


def test_a_part_of_a_merge_is_refused_as_google_does(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Merged", {"Recipients": rows()})
    tab = tab_of(sandbox, sheet, "Recipients")
    tab.merge_cells("B2:B4")
    with pytest.raises(gspread.exceptions.APIError, match="You must select all cells in a merged range"):
        tab.merge_cells("B4:B5")
    assert tab.get("B2:B5") == [[NUMBERS[0]], [], [], [NUMBERS[3]]]
