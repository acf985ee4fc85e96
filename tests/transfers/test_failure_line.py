"""The line of a campaign that did not begin: appended once, in the tab Campaigns and nowhere else."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.campaigns_tab.plain_line import append_line
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.transfers.failure_line import open_spreadsheet
from tests.sheets.campaigns import recipients, run, table

REASON = "No such template: correct it."


def append(sheet: str, name: str = "aaaaaa") -> bool:
    return append_line(open_spreadsheet(sheet), "Campaigns", name, {"By": "ali", "Template": "=1+1"}, REASON)


def test_it_is_written_once_and_makes_the_tab(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(2)})
    before = table(sandbox, sheet)
    assert [append(sheet), append(sheet), append(sheet, "bbbbbb")] == [True, False, True]
    first, second = table(sandbox, sheet, "Campaigns")
    assert (first["Campaign"], first["Reason"], first["By"], first["Sent"]) == ("aaaaaa", REASON, "ali", "")
    assert first["State"].startswith("failed")
    assert first["Template"] == "'=1+1"  # stays text in an export, too
    assert second["Campaign"] == "bbbbbb"
    assert table(sandbox, sheet) == before


def test_it_goes_below_the_lines_of_campaigns_wherever_the_columns_are(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(2)})
    run(sheet, campaigns_tab="Campaigns")
    sandbox.edit_sheet(sheet, "move_columns", sheet="Campaigns", at=1, to=6)
    [done] = table(sandbox, sheet, "Campaigns")
    append(sheet)
    lines = table(sandbox, sheet, "Campaigns")
    assert lines[0] == done
    assert (lines[1]["Campaign"], lines[1]["Reason"]) == ("aaaaaa", REASON)


def test_a_tab_of_somebody_else_is_left_alone(sandbox: RunningSandbox) -> None:
    theirs = [["Name", "Budget"], ["Eid", "5000"]]
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(1), "campaigns": theirs})
    before = sandbox.sheet(sheet)
    assert append(sheet) is False
    assert sandbox.sheet(sheet) == before


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_tab_that_somebody_makes_meanwhile_is_used(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(1)})
    api = open_spreadsheet(sheet)
    batch, raced = api.batch, []

    def racing(requests, *arguments, **named):
        if not raced:
            raced.append(append(sheet, "bbbbbb" if moment == "before" else "aaaaaa"))
        return batch(requests, *arguments, **named)

    monkeypatch.setattr(api, "batch", racing)
    # By another line first; or by this very one, as an earlier try of the task does whose answer was lost.
    assert append_line(api, "Campaigns", "aaaaaa", {}, REASON) is (moment == "before")
    names = [one["Campaign"] for one in table(sandbox, sheet, "Campaigns")]
    assert names == (["bbbbbb", "aaaaaa"] if moment == "before" else ["aaaaaa"])
