"""The tab Campaigns: a line for each campaign, written beside the results, and the tick that stops one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.transfers.campaign_line import last_words
from tests.operators.stage import wait_until
from tests.sheets.campaigns import Store, disagreements, google_calls, recipients, reset_google, run, statuses, table
from tests.transfers.test_faults import once_posted

TAB = "Campaigns"
HEADER = [
    "Campaign", "Stop", "Started", "By", "Template", "Planned", "Sent", "Unknown", "Skipped", "Cost", "Balance", "State",
    "Reason", "Run",
]  # fmt: skip
#: So many that a tick is there long before the end, however slow the machine is.
MANY = 800


def campaign(sandbox: RunningSandbox, count: int, **tabs: Any) -> str:
    return sandbox.create_sheet("Campaign", {"Recipients": recipients(count), **tabs})


def lines(sandbox: RunningSandbox, sheet: str, tab: str = TAB) -> list[dict[str, str]]:
    return table(sandbox, sheet, tab)


def titles(sandbox: RunningSandbox, sheet: str) -> list[str]:
    return [one["title"] for one in sandbox.sheet(sheet)["sheets"]]


def tick(sandbox: RunningSandbox, sheet: str, row: int = 2, typed: str = "TRUE") -> Callable[[], bool]:
    """Return what ticks Stop in a row of the tab, as soon as there is one."""

    def deed() -> bool:
        sandbox.edit_sheet(sheet, "set", sheet=TAB, cell=f"B{row}", value=typed)
        return True

    return deed


def test_a_campaign_leaves_a_line(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [*recipients(3), ["R", "Bad", "0300-1", ""]]})
    result = run(sheet, campaigns_tab=TAB)
    assert result["sent"] == 3
    assert disagreements(sandbox, sheet) == []
    assert titles(sandbox, sheet) == ["Recipients", TAB]
    [line] = lines(sandbox, sheet)
    assert list(line) == HEADER
    assert re.fullmatch(r"[a-z2-7]{6}", line["Campaign"])
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", line["Started"])
    told = {
        name: line[name] for name in ("Stop", "Template", "Planned", "Sent", "Unknown", "Skipped", "Cost", "Balance")
    }
    assert told == {
        "Stop": "FALSE", "Template": "own text", "Planned": "3", "Sent": "3", "Unknown": "0", "Skipped": "1",
        "Cost": "1.5", "Balance": "998.5",
    }  # fmt: skip
    assert (line["State"], line["Reason"]) == (f"done [{line['Campaign']}:t]", "")
    run(sheet, run_id="second", campaigns_tab=TAB)
    assert len(lines(sandbox, sheet)) == 1, "nothing was to be done"
    sandbox.edit_sheet(sheet, "clear", sheet="Recipients", range="E2:E2")
    run(sheet, run_id="third", campaigns_tab=TAB)
    assert [line["Sent"] for line in lines(sandbox, sheet)] == ["3", "1"]


def test_without_the_setting_there_is_no_tab(sandbox: RunningSandbox) -> None:
    sheet = campaign(sandbox, 2)
    run(sheet)
    run(campaign(sandbox, 2), dry_run=True, campaigns_tab=TAB)
    assert titles(sandbox, sheet) == ["Recipients"]


def test_it_costs_no_calls(sandbox: RunningSandbox) -> None:
    calls = []
    for settings in ({}, {"campaigns_tab": TAB}, {"campaigns_tab": TAB, "run_id": "again"}):
        sheet = campaign(sandbox, 400)
        if "run_id" in settings:  # a tab that is there already
            sandbox.edit_sheet(sheet, "add_sheet", sheet=TAB, rows=[HEADER])
        reset_google(sandbox)
        sandbox.top_up("500")
        run(sheet, **settings)
        found = google_calls(sandbox)
        calls.append((found["reads"], found["writes"]))
    # The number of chunks follows the speed of the machine, so the calls of a run may differ by a look and a batch.
    assert all(abs(reads - calls[0][0]) <= 1 and abs(writes - calls[0][1]) <= 1 for reads, writes in calls), calls


@pytest.mark.edits
def test_whatever_is_typed_for_a_tick_stops_it(sandbox: RunningSandbox) -> None:
    # Other forms: tests/sandbox/sheets/test_finding.py.
    sheet = campaign(sandbox, MANY, **{TAB: [HEADER]})
    sandbox.settings(latency_ms=50)

    def stop() -> bool:
        wait_until(lambda: lines(sandbox, sheet))
        return tick(sandbox, sheet, typed="yes")()

    with once_posted(sandbox, 1, stop), pytest.raises(Exception, match="Somebody ticked Stop for this campaign"):
        run(sheet, campaigns_tab=TAB, concurrency=2)
    assert len(sandbox.accepted()) < MANY


def test_the_tick_stops_a_campaign_in_good_order(sandbox: RunningSandbox) -> None:
    sheet = campaign(sandbox, MANY, **{TAB: [HEADER]})
    sandbox.settings(latency_ms=50)
    store = Store()

    def ticked() -> bool:
        wait_until(lambda: lines(sandbox, sheet))
        return tick(sandbox, sheet)()

    with (
        once_posted(sandbox, 1, ticked),
        pytest.raises(Exception, match="Somebody ticked Stop for this campaign") as caught,
    ):
        run(sheet, store=store, campaigns_tab=TAB, concurrency=2)
    assert type(caught.value).__name__ == "AirflowFailException", "a retry would go on against that wish"
    found = statuses(table(sandbox, sheet))
    assert set(found) == {"SENT", ""}
    assert found["SENT"] == len(sandbox.accepted()) < MANY
    sandbox.settings(latency_ms=0)
    assert disagreements(sandbox, sheet) == []
    assert titles(sandbox, sheet) == ["Recipients", TAB], "the lock was given back"
    [line] = lines(sandbox, sheet)
    assert (line["Sent"], line["Stop"]) == (str(found["SENT"]), "TRUE")
    assert line["State"].startswith("stopped [")
    assert line["Reason"].startswith("Somebody ticked Stop")
    # Cleared, the same run does not go on against the tick; a new run does.
    before = len(sandbox.accepted())
    with pytest.raises(Exception, match="Somebody ticked Stop"):
        run(sheet, store=store, campaigns_tab=TAB)
    assert len(sandbox.accepted()) == before
    assert titles(sandbox, sheet) == ["Recipients", TAB]
    run(sheet, run_id="second", campaigns_tab=TAB)
    assert max(Counter(message["to"] for message in sandbox.accepted()).values()) == 1
    assert statuses(table(sandbox, sheet)) == {"SENT": MANY}


def test_the_line_shows_how_far_it_is(sandbox: RunningSandbox) -> None:
    sheet = campaign(sandbox, 120)
    sandbox.settings(latency_ms=50)
    seen: list[dict[str, str]] = []

    def look() -> bool:
        wait_until(lambda: TAB in titles(sandbox, sheet) and lines(sandbox, sheet))
        seen.extend(lines(sandbox, sheet))
        return True

    with once_posted(sandbox, 1, look):
        run(sheet, campaigns_tab=TAB, concurrency=2)
    mark = re.escape(f"[{seen[0]['Campaign']}")
    assert re.fullmatch(rf"sending, \d+ of 120, .+ left {mark}:t\]", seen[0]["State"])
    assert re.fullmatch(rf"\d+ {mark}:s\]", seen[0]["Sent"])
    assert lines(sandbox, sheet)[0]["Sent"] == "120"


PEOPLE = {
    "rename": {"action": "rename_sheet", "to": "History"},
    "delete": {"action": "delete_sheet"},
    "delete the line": {"action": "delete_rows", "at": 1},
    "move columns": {"action": "move_columns", "at": 0, "to": 3},
    "sort": {"action": "sort", "column": "Sent"},
    "insert a row": {"action": "insert_rows", "at": 1},
    "edit our cell": {"action": "set", "cell": "G2", "value": "mine"},
    "protect": {"action": "protect", "range": "A1:Z99"},
}
OTHERS = [["aaaaaa", True, "", "", "", 1, "old"], ["note of a person", False, "", "", "", "=1+1"], ["zzzzzz", False]]


@pytest.mark.edits
@pytest.mark.parametrize("deed", PEOPLE)
def test_people_at_work_in_the_tab(sandbox: RunningSandbox, deed: str) -> None:
    sheet = campaign(sandbox, 120, **{TAB: [HEADER, *OTHERS]})
    sandbox.settings(latency_ms=50)
    edit = dict(PEOPLE[deed])
    action = str(edit.pop("action"))

    def done() -> bool:
        wait_until(lambda: len(lines(sandbox, sheet)) == 4)
        if deed in ("delete the line", "edit our cell"):
            edit.update({"at": 4} if "at" in edit else {"cell": "G5"})
        sandbox.edit_sheet(sheet, action, sheet=TAB, **edit)
        return True

    with once_posted(sandbox, 1, done):
        assert run(sheet, campaigns_tab=TAB, concurrency=2)["sent"] == 120
    assert disagreements(sandbox, sheet) == []
    tab = "History" if deed == "rename" else TAB
    if deed == "delete":
        assert titles(sandbox, sheet) == ["Recipients"]
        return
    found = {line["Campaign"]: line for line in lines(sandbox, sheet, tab)}
    assert (found["aaaaaa"]["Stop"], found["aaaaaa"]["Sent"]) == ("TRUE", "old")
    assert found["note of a person"]["Planned"] in ("2", "=1+1")
    assert set(found) >= {"aaaaaa", "note of a person", "zzzzzz"}
    [own] = [line for name, line in found.items() if name not in {row[0] for row in OTHERS}]
    if deed == "edit our cell":
        assert own["Sent"] == "mine"
    elif deed == "protect":
        assert "sending" in own["State"]
    else:
        assert (own["Sent"], own["State"].split(" ")[0]) == ("120", "done")


def test_a_tab_of_somebody_elses_is_left_alone(sandbox: RunningSandbox) -> None:
    theirs = [["Autumn", "Winter"], ["10%", "20%"]]
    sheet = campaign(sandbox, 3, **{TAB: theirs})
    assert run(sheet, campaigns_tab=TAB)["sent"] == 3
    assert sandbox.sheet(sheet)["sheets"][1]["rows"] == theirs


@pytest.mark.parametrize("title", ["Recipients", "Templates"])
def test_it_cannot_be_a_tab_that_is_read(sandbox: RunningSandbox, title: str) -> None:
    sheet = campaign(sandbox, 3, Templates=[["Name", "Body"], ["a", "b"]])
    with pytest.raises(Exception, match="go into a tab of that name: rename it"):
        run(sheet, campaigns_tab=title)
    assert sandbox.received()["posts"] == 0


def test_a_line_is_not_simply_done_when_somebody_has_no_text(sandbox: RunningSandbox) -> None:
    sheet, store = campaign(sandbox, 4), Store()
    sandbox.set_fault("code", code="215", numbers=["923001000001", "923001000002"])
    run(sheet, store=store, campaigns_tab=TAB)
    [line] = lines(sandbox, sheet)
    assert (line["Sent"], line["State"]) == ("2", f"done, 2 rejected [{line['Campaign']}:t]")
    run(sheet, store=store, campaigns_tab=TAB)
    assert lines(sandbox, sheet) == [line], "a later try knows it for its own"
    words = {"sent": 2, "unknown": 0, "segments": 2, "balance_after": None, "rejected": 1, "failed": 1_000}
    assert last_words(words, None, None)["State"] == "done, 1 rejected, 1,000 failed"


def test_why_it_failed_stands_in_the_line_and_a_retry_goes_on_in_it(sandbox: RunningSandbox) -> None:
    sheet, store = campaign(sandbox, 6), Store()
    sandbox.settings(balance="1.00")
    with pytest.raises(Exception, match="balance is used up"):
        run(sheet, store=store, campaigns_tab=TAB, check_balance=False, concurrency=1)
    [line] = lines(sandbox, sheet)
    assert line["Reason"].startswith("The RoboSMS balance is used up (code 205)")
    assert line["State"].startswith("stopped, may go on by itself [")
    assert line["Sent"].startswith("2 [")
    sandbox.top_up("10")
    assert run(sheet, store=store, campaigns_tab=TAB)["sent"] == 6
    [line] = lines(sandbox, sheet)
    assert (line["Sent"], line["Reason"], line["State"].split(" [")[0]) == ("6", "", "done")


def test_each_partition_has_a_line_and_one_tick_stops_all(sandbox: RunningSandbox) -> None:
    sheet = campaign(sandbox, 40)
    for partition in range(2):
        run(sheet, partition=partition, partitions=2, campaigns_tab=TAB)
    found = lines(sandbox, sheet)
    assert [line["Campaign"][6:] for line in found] == ["-1", "-2"]
    assert sum(int(line["Sent"]) for line in found) == 40
    sandbox.edit_sheet(sheet, "clear", sheet="Recipients", range="E2:E41")
    tick(sandbox, sheet, row=3)()
    with pytest.raises(Exception, match="Somebody ticked Stop"):
        run(sheet, partition=0, partitions=2, campaigns_tab=TAB)
    assert len(sandbox.accepted()) == 40
