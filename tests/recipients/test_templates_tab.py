"""The tab of templates: what it holds, and what of it nobody would heed."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.recipients.templates_tab import read_templates
from airflow_provider_robosms.recipients.wording import Wording
from airflow_provider_robosms.spreadsheet.api import Merge, Tab
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.recipients.books import PEOPLE, opened
from tests.sheets.rows_of import reader, skip
from tests.sheets.rows_of import text as text_for


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


def templates(*rows: list[Any]) -> Any:
    return opened(Recipients=PEOPLE, Templates=list(rows)).templates


@pytest.mark.parametrize(
    "header",
    ["Send At", "Send", "Opt Out", "send-at?", "Do not send", "When to send", "SMS schedule", "To be sent", "Include",
     "S\u0435nd", "Not before", "Hold until"],
)  # fmt: skip
def test_a_template_is_neither_timed_nor_held_back_by_a_column(header: str) -> None:
    with pytest.raises(
        SheetError, match=r"Column C of tab 'Templates' is named .* nobody heeds that on the tab"
    ) as caught:
        templates(["Name", "Body", header], ["eid", "Eid Mubarak", ""])
    assert caught.value.permanent


@pytest.mark.parametrize(
    "header",
    ["Status", "Approved", "Approved?", "Active", "Ready to use", "Valid until", "Expiry date", "Template status",
     "Start date", "Review?", "Published"],
)  # fmt: skip
def test_a_template_that_somebody_holds_back_stops(header: str) -> None:
    found = templates(["Name", "Body", header], ["eid", "Eid Mubarak", ""], ["bill", "Pay", "no"])
    with pytest.raises(
        SheetError, match=r"Column C .* holds 'no' beside template 'bill' in row 3, so its text may not be meant"
    ) as caught:
        found["bill"].check()
    assert caught.value.permanent
    found["eid"].check()
    assert len(templates(["Name", "Body", header], ["eid", "Eid Mubarak", ""], ["", "", "FALSE"])) == 1
    templates(["Name", "Body", f"Note {header}"], ["eid", "Eid Mubarak", "no"])["eid"].check()


@pytest.mark.parametrize(
    ("header", "go", "stop"),
    [
        (
            "Status",
            [
                "Active",
                "approved",
                "Yes",
                "Live",
                "FINAL",
                "Ready",
                "TRUE",
                "\u2713",
                "Approved 2026-11-01",
                "In use",
                "Current",
                "\u0645\u0646\u0638\u0648\u0631 \u0634\u062f\u06c1",
                "Manzoor shuda",
                "Active - 2026",
                "approved by Ali",
                "Approved 1 Nov 2026",
                "currently in use",
                "Approved by Ali",
                "Approved by PTA on 1 Nov 2026",
                "Approved on 1 Nov",
                "Live since 1 Nov",
            ],
            [
                "Draft",
                "No",
                "Hold",
                "Done",
                "?",
                "Not in use",
                "not approved",
                "approved with changes",
                "Approved by PTA, pending fees",
                "Active until May",
                "Rejected",
                "Old",
                "Ready by Friday",
                "Approved by Friday",
                "Approved by 1 Dec",
                "Live by 1 Dec",
                "Live on 1 Dec",
                "Live 2026-12-01",
                "Active Dec",
                "Use in Dec",
                "Yes in Dec",
                "Approved by Ali if unpaid",
                "Approved by Ali, revise first",
                "Approved by Ali - see notes",
                "Approved, live on 1 Dec",
                "Approved by Ali as soon as the fee is paid",
            ],
        ),
        ("Active", ["TRUE", "Yes"], ["No", "FALSE", "maybe", "until May"]),
        ("Approved?", ["Yes", "y", "Approved", "\u2713"], ["no", "not yet", "by Ali"]),
        ("Draft", ["No", "FALSE", ""], ["Yes", "TRUE", "Final", "x"]),
        ("Do not use", ["No", "FALSE", ""], ["Yes", "x", "old"]),
        ("Not in use", ["No", "FALSE", ""], ["Yes", "x", "old"]),
        ("No longer used", ["No", ""], ["Yes"]),
        ("Not for use", ["No", ""], ["Yes"]),
        ("In use", ["Yes", "TRUE"], ["No", "FALSE"]),
        ("Rejected", ["No"], ["Yes"]),
        ("Approval no", ["PTA-123", "5"], []),
        ("Approved (yes/no)", ["yes"], ["no"]),
        (
            "State",
            ["Punjab", "Sindh", "KPK", "Balochistan", "Islamabad", "Lahore", "Approved"],
            [
                "Draft",
                "on hold",
                "no",
                "?",
                "not approved",
                "Rejected",
                "Off",
                "None",
                "In progress",
                "Incomplete",
                "Deleted",
                "Blocked",
                "Closed",
                "Rough",
                "Awaiting PTA",
                "\u0645\u0646\u0633\u0648\u062e",
            ],
        ),
        ("Use in", ["Lahore", "Fee reminder"], ["No", "Dec", "Draft"]),
        ("Hold", ["no"], ["yes", "until Monday"]),
        ("On hold", ["no"], ["yes"]),
        ("Not approved", ["FALSE"], ["TRUE"]),
        ("Status (draft/final)", ["Final"], ["Draft", "Yes"]),
        ("Hold status", [], ["Active", "No"]),
        ("Review?", [], ["yes", "no"]),
        ("Valid until", [], ["Yes", "2027-01-01"]),
    ],
)
def test_a_template_is_held_back_only_by_what_says_so(header: str, go: list[str], stop: list[str]) -> None:
    for cell in go:
        templates(["Name", "Body", header], ["eid", "Eid Mubarak", cell], ["bill", "Pay", ""])["eid"].check()
    for cell in stop:
        with pytest.raises(SheetError, match="so its text may not be meant to be sent: name another template"):
            templates(["Name", "Body", header], ["eid", "Eid Mubarak", cell])["eid"].check()


def test_only_a_template_that_is_used_stops() -> None:
    """One in the making, beside those of other campaigns; rows may name theirs."""
    found = templates(["Name", "Body", "Status"], ["eid", "Eid Mubarak", "Approved"], ["bill", "Pay", "Draft"])
    people = reader(["Phone", "Template"], Wording(template="eid", templates=found))
    Wording(template="eid", templates=found).check(people.columns)
    Wording(message="Hello", templates=found).check(people.columns)
    assert text_for({"Phone": "0300-1234567", "Template": "eid"}, Wording(templates=found)) == "Eid Mubarak"
    for why in (
        lambda: Wording(template="bill", templates=found).check(people.columns),
        lambda: text_for({"Phone": "0300-1234567", "Template": "bill"}, Wording(template="eid", templates=found)),
    ):
        with pytest.raises(SheetError, match="holds 'Draft' beside template 'bill' in row 3") as caught:
            why()
        assert caught.value.permanent
    assert "opted out" in skip(
        {"Phone": "0300-1234567", "Template": "bill", "Opt Out": "yes"}, Wording(templates=found)
    ), "nobody is texted with it"


def test_a_merged_status_holds_back_all_its_templates() -> None:
    tab = Tab("Templates", 1, 9, 9, merges=(Merge(1, 3, 2, 3),))
    found = read_templates(tab, [["Name", "Body", "Status"], ["eid", "Eid Mubarak", "Draft"], ["bill", "Pay", ""]])
    for one in found.values():
        with pytest.raises(SheetError, match="holds 'Draft' beside"):
            one.check()


@pytest.mark.parametrize(
    "header", ["Sender Mask", "MASK ID", "Sender", "Mask?", "Sender ID", "From", "M\u0430sk", "Masking", "Maks"]
)
def test_a_column_that_may_be_the_mask_says_so(header: str) -> None:
    rows = [["Name", "Body", header], ["eid", "Eid Mubarak", "RoboSMS"]]
    with pytest.raises(SheetError, match=r"Column C of tab 'Templates' .* rename it to 'Mask'"):
        templates(*rows)
    if header != "M\u0430sk":
        assert templates([*rows[0], "Mask"], [*rows[1], "Shop"])["eid"].mask == "Shop"


@pytest.mark.parametrize(
    "header",
    ["Notes", "Category", "Language", "Approved by", "Used for", "Last used", "Task", "Subject", "Parts", "Date",
     "Message type", "Title", "Audience", "Message?"],
)  # fmt: skip
def test_what_else_stands_beside_templates(header: str) -> None:
    assert templates(["Name", "Body", "Mask", header], ["eid", "Eid Mubarak", "", "x"])["eid"].mask is None


@pytest.mark.parametrize(
    "mask", ["N/A", "-", "None", "TRUE", "{{Branch}}", "Ro\u200bbo", "null", "nil", "--", "same", "?", "False", "<na>"]
)
def test_a_mask_that_is_none_names_its_row(mask: str) -> None:
    with pytest.raises(
        SheetError, match=r"The Mask in row 3 of tab 'Templates' is .* which is no mask: write one as"
    ) as caught:
        templates(["Name", "Body", "Mask"], ["eid", "Eid Mubarak", "RoboSMS"], ["bill", "Pay", mask])
    assert caught.value.permanent


@pytest.mark.parametrize("mask", ["", " ", "\u200b"])
def test_a_template_without_mask(mask: str) -> None:
    assert templates(["Name", "Body", "Mask"], ["eid", "Eid Mubarak", mask])["eid"].mask is None
