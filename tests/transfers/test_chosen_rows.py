"""The column Send: where it is, only rows that are ticked are texted, and whoever is unticked meanwhile is not."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import run, statuses, table
from tests.transfers.test_faults import once_posted

NOT_CHOSEN = "not chosen: column Send is not ticked"


def ticked(sandbox: RunningSandbox, count: int, ticks: list[int]) -> str:
    """Make a sheet of *count* people in which the rows *ticks* (from 0) have a tick in Send."""
    rows = [["Name", "Phone", "Send"], *([f"N{i}", f"0300-{1000000 + i}", ""] for i in range(count))]
    sheet = sandbox.create_sheet("Chosen", {"Recipients": rows})
    for i in range(count):
        sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell=f"C{i + 2}", value=str(i in ticks).upper())
    return sheet


def test_only_ticked_rows_are_texted(sandbox: RunningSandbox) -> None:
    sheet = ticked(sandbox, 5, [1, 3])
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="C6", value="perhaps")
    preview = run(sheet, message="Hi {{Name}}", dry_run=True)
    assert (preview["pending"], preview["skipped_by_reason"][NOT_CHOSEN]) == (2, 2)
    result = run(sheet, message="Hi {{Name}}")
    assert (result["sent"], result["skipped"]) == (2, 3)
    rows = table(sandbox, sheet)
    assert [row["Status"] for row in rows] == ["SKIPPED", "SENT", "SKIPPED", "SENT", "SKIPPED"]
    assert rows[0]["Detail"].startswith(NOT_CHOSEN)
    assert rows[4]["Detail"].startswith("column Send holds neither a tick nor yes or no")
    assert [row["Send"] for row in rows] == ["FALSE", "TRUE", "FALSE", "TRUE", "perhaps"]
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="C2", value="TRUE")
    assert run(sheet, message="Hi {{Name}}", run_id="second")["sent"] == 1
    assert sorted(message["text"] for message in sandbox.accepted()) == ["Hi N0", "Hi N1", "Hi N3"]


def test_nothing_ticked_texts_nobody(sandbox: RunningSandbox) -> None:
    sheet = ticked(sandbox, 3, [])
    assert run(sheet, message="Hi")["sent"] == 0
    assert sandbox.received()["posts"] == 0


@pytest.mark.usefixtures("hurried")
def test_who_is_unticked_while_the_campaign_runs_is_not_texted(sandbox: RunningSandbox) -> None:
    count = 60
    sheet = ticked(sandbox, count, list(range(count)))
    sandbox.settings(latency_ms=50)

    def untick_the_last() -> bool:
        sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell=f"C{count + 1}", value="FALSE")
        return True

    with once_posted(sandbox, 1, untick_the_last):
        result = run(sheet, message="Hi", concurrency=1)
    assert (result["sent"], result["pending"]) == (count - 1, 1)
    assert statuses(table(sandbox, sheet)) == {"SENT": count - 1, "": 1}


def test_of_rows_with_one_number_the_ticked_one_is_texted(sandbox: RunningSandbox) -> None:
    rows = [["ID", "Child", "Phone", "Send"], ["1", "Ali", "0300-1000001", "no"], ["2", "Zoe", "0300-1000001", "yes"]]
    sheet = sandbox.create_sheet("Chosen", {"Recipients": rows})
    assert run(sheet, message="{{Child}}")["sent"] == 1
    assert [message["text"] for message in sandbox.accepted()] == ["Zoe"]
