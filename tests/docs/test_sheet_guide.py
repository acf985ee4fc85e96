"""What the sheet guide tells the sheet's owner, tried out: the operator as a plain call against the sandbox."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import Store, run, table

from .pages import ROOT, section
from .pages import table as table_of

OWN = ["Status", "Code", "Message ID", "Parts", "Sent At", "Detail"]


def texts(sandbox: RunningSandbox) -> dict[str, str]:
    """Return number -> text of what was accepted; a number twice is an error."""
    accepted = sandbox.accepted()
    found = {message["to"]: message["text"] for message in accepted}
    assert len(found) == len(accepted), "somebody was texted twice"
    return found


def column(sandbox: RunningSandbox, sheet: str, name: str) -> list[str]:
    return [row.get(name, "") for row in table(sandbox, sheet)]


def set_cell(sandbox: RunningSandbox, sheet: str, cell: str, value: str) -> None:
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell=cell, value=value)


def test_the_smallest_sheet(sandbox: RunningSandbox) -> None:
    people = [
        ["Phone", "First Name", "Due"],
        ["0300-1234567", "Ayesha", "2,450"],
        ["+92 321 4567890", "Bilal", "1,800"],
    ]
    body = "Dear {{First Name}}, your bill of Rs {{Due}} is due on 30 November. Thank you."
    sheet = sandbox.create_sheet("Bills", {"Recipients": people, "Templates": [["Name", "Body"], ["reminder", body]]})
    run(sheet, template="Reminder")
    assert set(texts(sandbox)) == {"923001234567", "923214567890"}
    assert column(sandbox, sheet, "Status") == ["SENT", "SENT"]
    assert list(table(sandbox, sheet)[0])[-6:] == OWN


def test_the_first_text_that_is_there(sandbox: RunningSandbox) -> None:
    rows = [
        ["phone", "NAME", "Message", "Template"],
        ["0300 1000001", "A", "own for {{name}}", "second"],
        ["0300 1000002", "B", "", "second"],
        ["0300 1000003", "C", "", ""],
    ]
    templates = [["Name", "Body", "Mask"], ["first", "one {{Name}}", ""], ["Second", "two {{ name }}", "RoboSMS"]]
    sheet = sandbox.create_sheet("Texts", {"Recipients": rows, "Templates": templates})
    run(sheet, template="first", message="not used")
    assert texts(sandbox) == {"923001000001": "own for A", "923001000002": "two B", "923001000003": "one C"}
    assert [message["mask"] for message in sorted(sandbox.accepted(), key=lambda m: m["to"])] == [
        "SMS-ALERT",
        "RoboSMS",
        "SMS-ALERT",
    ]


def test_what_the_sheet_shows_is_texted_and_errors_skip(sandbox: RunningSandbox) -> None:
    rows = [["Phone", "Due"], ["0300 1000001", "2,450"], ["0300 1000002", "=NOSUCH()"], ["0300 1000003", "15%"]]
    sheet = sandbox.create_sheet("Amounts", {"Recipients": rows})
    for row in (2, 3, 4):  # as somebody types it
        set_cell(sandbox, sheet, f"B{row}", rows[row - 1][1])
    run(sheet, message="Rs {{Due}}")
    assert texts(sandbox) == {"923001000001": "Rs 2,450", "923001000003": "Rs 15%"}
    assert column(sandbox, sheet, "Detail")[1].startswith("tag {{Due}} holds the error #NAME?: fix the formula")


def test_own_words_in_status_are_left_alone(sandbox: RunningSandbox) -> None:
    rows = [["Phone", *OWN], ["0300 1000001", "HOLD"], ["0300 1000002", "SKIPPED"], ["0300 1000003", ""]]
    sheet = sandbox.create_sheet("Holds", {"Recipients": rows})
    result = run(sheet, message="Hello")
    assert column(sandbox, sheet, "Status") == ["HOLD", "SKIPPED", "SENT"]
    assert (result["sent"], result["already_done"], result["total"]) == (1, 2, 1)


def test_a_cleared_status_is_sent_by_a_new_run_only(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Again", {"Recipients": [["Phone"], ["0300 1000001"], ["0300 1000002"]]})
    store = Store()
    run(sheet, message="Hello", store=store)
    set_cell(sandbox, sheet, "B2", "")
    run(sheet, message="Hello", store=store)  # a retry, or Clear
    assert column(sandbox, sheet, "Status") == ["", "SENT"]
    assert len(sandbox.accepted()) == 2
    run(sheet, message="Hello", run_id="second")
    assert column(sandbox, sheet, "Status") == ["SENT", "SENT"]
    assert [message["to"] for message in sandbox.accepted()].count("923001000001") == 2
    assert len(sandbox.accepted()) == 3


def test_another_campaign_from_a_copy_of_the_tab(sandbox: RunningSandbox) -> None:
    rows = [["Phone", *OWN], ["0300 1000001", "SENT", "000", "m1"], ["0300 1000002", "HOLD"]]
    cleared = [rows[0], ["0300 1000001", "", "000", "m1"], rows[2]]
    tabs = {"Recipients": rows, "Copy of Recipients": cleared, "Opt-outs": [["Phone"], ["0300 1000003"]]}
    sheet = sandbox.create_sheet("Again", tabs)
    run(sheet, message="Hello", recipients_sheet="Copy of Recipients")
    assert set(texts(sandbox)) == {"923001000001"}
    assert [row["Status"] for row in table(sandbox, sheet, "Copy of Recipients")] == ["SENT", "HOLD"]
    assert column(sandbox, sheet, "Message ID") == ["m1", ""], "the tab of the first campaign stays as it was"


def test_a_skipped_row_is_looked_at_again_by_itself(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Blank", {"Recipients": [["Phone", "Name"], ["0300 1000001", ""]]})
    run(sheet, message="Dear {{Name}}")
    assert column(sandbox, sheet, "Status") == ["SKIPPED"]
    assert column(sandbox, sheet, "Detail")[0].startswith("tag {{Name}} is blank (ref ")
    set_cell(sandbox, sheet, "B2", "Hina")
    run(sheet, message="Dear {{Name}}", run_id="second")
    assert texts(sandbox) == {"923001000001": "Dear Hina"}


def test_unknown_is_never_sent_by_itself_and_text_over_it_keeps_it(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Doubt", {"Recipients": [["Phone"], ["0300 1000001"], ["0300 1000002"]]})
    sandbox.set_fault("reset", when="after")
    run(sheet, message="Hello")
    assert column(sandbox, sheet, "Status") == ["UNKNOWN", "UNKNOWN"]
    sandbox.clear_faults()
    set_cell(sandbox, sheet, "B2", "SENT")
    run(sheet, message="Hello", run_id="second")
    assert column(sandbox, sheet, "Status") == ["SENT", "UNKNOWN"]
    assert len(sandbox.accepted()) == 2


def test_without_its_status_column_the_tool_refuses(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Lost", {"Recipients": [["Phone"], ["0300 1000001"]]})
    run(sheet, message="Hello")
    set_cell(sandbox, sheet, "B1", "State")
    with pytest.raises(AirflowFailException, match="has no column 'Status', so everybody would be texted again"):
        run(sheet, message="Hello", run_id="second")
    for cell in ("C1", "D1", "E1", "F1", "G1"):
        set_cell(sandbox, sheet, cell, "old")
    run(sheet, message="Hello", run_id="third")  # all six gone: everybody counts as new
    assert len(sandbox.accepted()) == 2


@pytest.mark.parametrize("typed", ["", "no", "N", "false", "0", "nahi", "Nahin", "نہیں"])
def test_these_words_are_no_opt_out(sandbox: RunningSandbox, typed: str) -> None:
    rows = [["Phone", "Opt Out"], ["0300 1000001", typed], ["0300 1000002", "x"]]
    sheet = sandbox.create_sheet("Words", {"Recipients": rows, "Opt-outs": [["Phone"], ["+92 300 1000003"]]})
    run(sheet, message="Hello")
    assert set(texts(sandbox)) == {"923001000001"}


@pytest.mark.parametrize("typed", [False, True], ids=["plain text", "typed"])
def test_the_moments_of_send_at(sandbox: RunningSandbox, typed: bool) -> None:
    moments = ["2026-11-20 14:00", "2026-11-20", "20 Nov 2026 2:00 PM", "20/11/2026 14:00", "2099-01-01", "03/04/2026"]
    rows = [["Phone", "Send At"], *([f"0300 100000{i}", moment] for i, moment in enumerate(moments, start=1))]
    sheet = sandbox.create_sheet("When", {"Recipients": rows})
    for row, moment in enumerate(moments if typed else [], start=2):
        set_cell(sandbox, sheet, f"B{row}", moment)
    run(sheet, message="Hello")
    # A real date is exact, whatever it looks like; of a text with day and month to be swapped nobody can know.
    last = "SENT" if typed else "SKIPPED"
    assert column(sandbox, sheet, "Status") == ["SENT"] * 4 + ["SKIPPED", last], column(sandbox, sheet, "Detail")
    assert column(sandbox, sheet, "Detail")[4].startswith("not due until 2099-01-01 00:00")


def test_a_preview_writes_nothing(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet(
        "Look", {"Recipients": [["Phone", "Name"], ["0300 1000001", "Ayesha"], ["x", "Bilal"]]}
    )
    before = sandbox.sheet(sheet)
    result = run(sheet, message="Dear {{Name}}", dry_run=True)
    assert sandbox.sheet(sheet) == before
    assert sandbox.accepted() == []
    assert (result["pending"], result["skipped"], result["segments"]) == (1, 1, 1)
    assert result["samples"] == [{"to": "92300****001", "text": "Dear Ayesha", "parts": 1}]


def test_the_reference_lists_what_the_sheet_operator_adds_to_the_summary(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Sum", {"Recipients": [["Phone"], ["0300 1000001"]]})
    preview, done = run(sheet, message="Hello", dry_run=True), run(sheet, message="Hello")
    reference = section((ROOT / "docs" / "reference.md").read_text(encoding="utf-8"), "The summary")
    common = {row["field"] for row in table_of(reference, "field")}
    added = {
        row["field"]: row["meaning"] for row in table_of(reference.partition("The sheet operator adds:")[2], "field")
    }
    assert {f"`{name}`" for name in preview} - common == {
        name for name, meaning in added.items() if "(not in a dry run)" not in meaning
    }
    assert {f"`{name}`" for name in done} - common == {
        name for name, meaning in added.items() if "(dry run only)" not in meaning
    }


def test_too_little_balance_sends_nothing(sandbox: RunningSandbox) -> None:
    sandbox.settings(balance="0.50")
    sheet = sandbox.create_sheet("Poor", {"Recipients": [["Phone"], ["0300 1000001"], ["0300 1000002"]]})
    with pytest.raises(Exception, match=r"The balance of Rs 0\.50 does not pay for this campaign"):
        run(sheet, message="Hello")
    assert sandbox.accepted() == []
