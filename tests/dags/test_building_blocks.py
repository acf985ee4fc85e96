"""The asset event of a campaign, the SMS to its approver, and planned campaigns, on a real Airflow."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.dags.conftest import KEY, Stage
from tests.sheets.campaigns import statuses, table

pytestmark = pytest.mark.airflow

SHEET, APPROVED, SQL = "robosms_sheet_campaign", "robosms_approved_campaign", "robosms_sql_campaign"
GROUPED = "grouped_campaign"
PLANNED, EACH_MINUTE, AFTER = "robosms_planned_campaigns", "planned_each_minute", "after_a_campaign"
MESSAGE = "Dear {{ First Name }}, come to {{City}}."
TEMPLATES = [["Name", "Body"], ["bill", MESSAGE], ["wrong", "Dear {{ Frist Name }}"]]
COLUMNS = ["Spreadsheet", "Tab", "Template", "When", "Hours", "Send"]


@pytest.fixture(autouse=True)
def _fresh_inbox(stage: Stage) -> None:
    stage.sandbox.reset()
    stage.sandbox.settings(key=KEY, latency_ms=50)


def told(stage: Stage) -> list[dict[str, Any]]:
    """Return what the DAG that runs after campaigns was told, over all its runs."""
    runs = stage.airflow.api("GET", f"/dags/{AFTER}/dagRuns", params={"state": "success"})["dag_runs"]
    return [extra for run in runs for extra in stage.airflow.xcom(AFTER, run["dag_run_id"], "what_happened")]


@pytest.fixture
def _after(stage: Stage) -> Iterator[None]:
    """The DAG that waits for campaigns takes notice of them while one test runs."""
    stage.airflow.wait_for_dag(AFTER)
    yield
    stage.airflow.pause(AFTER)


@pytest.mark.usefixtures("_after")
def test_a_campaign_that_has_finished_and_no_other_starts_what_waits_for_it(stage: Stage) -> None:
    sheet = stage.sheet(4, Templates=TEMPLATES)
    # None from a preview, a test to one's own number, a campaign that did not begin, and one that failed.
    assert stage.run(SHEET, spreadsheet=sheet, template="bill", what_to_do="preview")[1] == "success"
    mine = stage.typed_phone()
    assert stage.run(SHEET, spreadsheet=sheet, template="bill", what_to_do="test", test_to=mine)[1] == "success"
    assert stage.run(SHEET, spreadsheet=sheet, template="wrong")[1] == "failed"
    third = stage.rows(sheet)[2]["Phone"].replace("-", "")[1:]
    stage.sandbox.set_fault("code", code="210", numbers=[f"92{third}"])
    run_id, state = stage.run(SHEET, spreadsheet=sheet, template="bill", max_per_second=5)
    assert (state, stage.states(SHEET, run_id)["report"]) == ("failed", {"success"})
    stage.sandbox.clear_faults()
    # The rest of it, which finishes.
    left = statuses(stage.rows(sheet))[""]
    run_id, state = stage.run(SHEET, spreadsheet=sheet, template="bill", partitions=2)
    assert state == "success"
    stage.airflow.wait_until("somebody is told", lambda: told(stage), 60)
    [event] = told(stage)
    assert (event["sent"], event["failed"], event["headline"]) == (left, 0, f"{left} sent")
    assert (event["spreadsheet"], event["template"]) == (sheet, "bill")
    assert event["balance_after"] == stage.sandbox.state()["balance"]
    assert not re.search(r"3\d{9}", json.dumps({name: value for name, value in event.items() if name != "spreadsheet"}))
    [raised] = stage.airflow.api("GET", "/assets/events", params={"source_dag_id": SHEET})["asset_events"]
    assert raised["source_run_id"] == run_id


def test_a_group_among_other_tasks(stage: Stage) -> None:
    stage.airflow.wait_for_dag(GROUPED)
    sheet, mine = stage.sheet(4, Templates=TEMPLATES), stage.typed_phone()
    for what, number in (("preview", ""), ("test", mine)):
        run_id, state = stage.run(GROUPED, spreadsheet=sheet, template="bill", what_to_do=what, test_to=number)
        states = stage.states(GROUPED, run_id)
        assert (state, states["bills.send"], states["after"]) == ("success", {"skipped"}, {"skipped"}), stage.told(
            GROUPED, run_id
        )
    assert {message["to"] for message in stage.sandbox.accepted()} == {"92" + mine.replace("-", "")[1:]}
    run_id, state = stage.run(GROUPED, spreadsheet=sheet, template="bill", partitions=2, limit=3, max_segments=1)
    assert (state, stage.states(GROUPED, run_id)["after"]) == ("success", {"success"})
    assert statuses(stage.rows(sheet)) == {"SENT": 3, "": 1}
    report = stage.airflow.xcom(GROUPED, run_id, "bills.report")
    assert (report["sent"], report["pending"], report["partitions"]) == (3, 1, 1)
    run_id, state = stage.run(GROUPED, spreadsheet=sheet, template="wrong")
    states = stage.states(GROUPED, run_id)
    assert (state, states["bills.preview"], states["after"]) == ("failed", {"failed"}, {"upstream_failed"})
    run_id, state = stage.run(GROUPED, spreadsheet=sheet, template="bill", what_to_do="send", test_to=mine)
    assert (state, stage.states(GROUPED, run_id)["bills.check"]) == ("failed", {"failed"})
    assert len(stage.sandbox.accepted()) == 6


def approver_is_told(stage: Stage, approver: str) -> str:
    """Start a campaign that asks, wait until it does, and return the run id."""
    sheet = stage.sheet(5)
    run_id = stage.trigger(APPROVED, spreadsheet=sheet, message=MESSAGE, approver=approver)
    stage.airflow.wait_for_task(APPROVED, run_id, "approve", "awaiting_input", timeout=180)
    return run_id


def test_the_approver_is_told_once_and_nobody_else(stage: Stage) -> None:
    boss = stage.typed_phone()
    run_id = approver_is_told(stage, boss)
    [sms] = stage.sandbox.accepted()
    assert sms["to"] == "92" + boss.replace("-", "")[1:]
    link = f"{stage.airflow.url}/dags/{APPROVED}/runs/{quote(run_id, safe=':+')}/tasks/approve/required_actions"
    assert re.fullmatch(
        rf".+ asks to text 5 people for Rs 2\.50 from Campaign\. Your answer: {re.escape(link)}", sms["text"]
    )
    time.sleep(5)  # Airflow 3.3.2 fails the task when it is cleared before the scheduler has noticed that it waits
    stage.airflow.api(
        "POST",
        f"/dags/{APPROVED}/clearTaskInstances",
        json={"dry_run": False, "dag_run_id": run_id, "task_ids": ["approve"], "only_failed": False},
    )
    stage.airflow.wait_until(
        "it waits again",
        lambda: (
            stage.airflow.task_instance(APPROVED, run_id, "approve")["state"] == "awaiting_input"
            and stage.airflow.task_instance(APPROVED, run_id, "approve")["try_number"] == 2
        ),
        120,
    )
    assert len(stage.sandbox.accepted()) == 1
    assert "suppressed" in stage.airflow.logs(APPROVED, run_id, "approve", 2)


def test_nobody_is_told_when_nobody_is_named(stage: Stage) -> None:
    approver_is_told(stage, "")
    assert stage.sandbox.received()["posts"] == 0


def planned_runs(stage: Stage) -> dict[str, str]:
    """Return run id -> state of the runs that are for one line."""
    runs = stage.airflow.api("GET", f"/dags/{PLANNED}/dagRuns", params={"limit": 200})["dag_runs"]
    return {run["dag_run_id"]: run["state"] for run in runs if run["dag_run_id"].startswith("planned__")}


def plan_is_read(stage: Stage, plan: str, what: str) -> str:
    """Have the plan read by hand, and return the log."""
    run_id = stage.airflow.trigger(PLANNED, {"spreadsheet": plan, "what_to_do": what})
    assert stage.airflow.wait_for_run(PLANNED, run_id, timeout=200)["state"] == "success", stage.told(PLANNED, run_id)
    states = stage.states(PLANNED, run_id)
    assert (states["read_plan"], states["planned"], states["report"]) == ({"success"}, {"skipped"}, {"skipped"})
    return " ".join(stage.airflow.logs(PLANNED, run_id, "read_plan").split())


def test_each_line_of_a_plan_is_sent_once_and_what_is_unclear_stops_no_other(stage: Stage) -> None:
    stage.airflow.wait_for_dag(PLANNED)
    now = datetime.now(ZoneInfo("Asia/Karachi"))
    due, later = (f"{moment:%Y-%m-%d %H:%M}" for moment in (now - timedelta(minutes=5), now + timedelta(days=2)))
    away = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    one, two, three, four = (stage.sheet(count, Templates=TEMPLATES) for count in (3, 2, 2, 2))
    lines = [
        [one, "", "bill", due, "00:00-24:00", "yes"],
        [f"{stage.sandbox.url}/spreadsheets/d/{two}/edit", "recipients", "Bill", due, "00:00-24:00", "TRUE"],
        [three, "", "bill", later, "00:00-24:00", "yes"],
        [three, "", "bill", due, "00:00-24:00", ""],
        [three, "", "bill", due, away, "yes"],
        [three, "", "{{ conn.robosms_default.password }}", due, "nine to five", "yes"],
        [three, "", "bill", due, "00:00-24:00", "maybe"],
        [four, "", "wrong", due, "00:00-24:00", "yes"],
        [three, "", "thanks", due, "00:00-24:00", "yes"],
        [three, "", "thanks", due, "", "yes"],
    ]
    lines[4][2] = "Bill "  # is alike line 4, unless that says another moment
    lines[3][3] = f"{now - timedelta(minutes=6):%Y-%m-%d %H:%M}"
    plan = stage.sandbox.create_sheet("Plans", {"Plan": [COLUMNS, *lines], "Notes": [["mine"]]})
    before = table(stage.sandbox, plan, "Plan")

    log = plan_is_read(stage, plan, "preview")
    assert stage.sandbox.received()["posts"] == 0
    assert planned_runs(stage) == {}
    for words in (
        "Row 2 of the plan, template bill: would start now",
        "Row 3 of the plan, template Bill: would start now",
        f"Row 4 of the plan, template bill: waits until {later}",
        "Row 5 of the plan, template bill: is not sent, because its Send is not ticked",
        f"waits for its hours, {away}",
        "'nine to five', are not two times of day",
        "Row 8 of the plan, template bill: Send holds neither a tick nor yes or no",
        "another line has the same Spreadsheet, Tab, Template and When",
    ):
        assert words in log, words
    assert KEY not in log

    plan_is_read(stage, plan, "send")
    stage.airflow.wait_until("three have run", lambda: len(planned_runs(stage)) == 3, 60)
    for run_id in planned_runs(stage):
        stage.airflow.wait_for_run(PLANNED, run_id, timeout=200)
    assert sorted(planned_runs(stage).values()) == ["failed", "success", "success"]
    assert [statuses(stage.rows(sheet)) for sheet in (one, two)] == [{"SENT": 3}, {"SENT": 2}]
    assert len(stage.sandbox.accepted()) == 5
    assert table(stage.sandbox, plan, "Plan") == before
    [line] = table(stage.sandbox, one, "Campaigns")
    assert (line["Template"], line["Sent"], line["By"]) == ("bill", "3", "the plan")
    assert "/runs/planned__" in line["Run"]
    # What is not understood, in the tab Campaigns: of the line in the plan's spreadsheet, of the campaign in its own.
    [failed] = table(stage.sandbox, four, "Campaigns")
    assert failed["State"].startswith("failed")
    assert "did you mean {{First Name}}?" in failed["Reason"]
    reasons = [one["Reason"] for one in table(stage.sandbox, plan, "Campaigns")]
    assert [re.match(r"Row (\d+) of the plan", reason)[1] for reason in reasons] == ["7", "8", "10", "11"]

    # Nobody is texted again: not by another look, not when rows are added, not when the same line comes back elsewhere.
    people = stage.sandbox.sheet(one)["sheets"][0]["rows"]
    stage.sandbox.edit_sheet(
        one, "set", sheet="Recipients", cell=f"A{len(people) + 1}", values=[["New", stage.phones(1)[0], "Multan"]]
    )
    assert "Row 2 of the plan, template bill: was started before" in plan_is_read(stage, plan, "send")
    assert (len(planned_runs(stage)), len(stage.sandbox.accepted())) == (3, 5)
    assert len(table(stage.sandbox, plan, "Campaigns")) == 4


def test_a_scheduled_run_starts_what_is_due_without_being_told_to(stage: Stage) -> None:
    due = f"{datetime.now(ZoneInfo('Asia/Karachi')) - timedelta(minutes=5):%Y-%m-%d %H:%M}"
    sheet = stage.sheet(3, Templates=TEMPLATES)
    entry = {"spreadsheet": sheet, "template": "bill", "when": due, "hours": "00:00-24:00", "send": True}
    stage.airflow.api("POST", "/variables", json={"key": "plan_of_each_minute", "value": json.dumps([entry])})
    stage.airflow.wait_for_dag(EACH_MINUTE)
    try:
        stage.airflow.wait_until("it is sent", lambda: statuses(stage.rows(sheet)) == {"SENT": 3}, 200)
    finally:
        stage.airflow.pause(EACH_MINUTE)
    runs = stage.airflow.api("GET", f"/dags/{EACH_MINUTE}/dagRuns")["dag_runs"]
    assert {run["run_type"] for run in runs if not run["dag_run_id"].startswith("planned__")} == {"scheduled"}


def test_runs_at_once_start_a_line_of_a_variable_once(stage: Stage) -> None:
    stage.airflow.wait_for_dag(PLANNED)
    before = planned_runs(stage)
    due = f"{datetime.now(ZoneInfo('Asia/Karachi')) - timedelta(minutes=5):%Y-%m-%d %H:%M}"
    sheet = stage.sheet(4, Templates=TEMPLATES)
    entry = {"spreadsheet": sheet, "template": "bill", "when": due, "hours": "00:00-24:00", "send": True}
    stage.airflow.api("POST", "/variables", json={"key": "robosms_plan", "value": json.dumps([entry])})
    runs = [stage.airflow.trigger(PLANNED, {"what_to_do": "send"}) for _ in range(3)]
    states = [stage.airflow.wait_for_run(PLANNED, run_id, timeout=200)["state"] for run_id in runs]
    assert states == ["success"] * 3
    [new] = set(planned_runs(stage)) - set(before)
    assert stage.airflow.wait_for_run(PLANNED, new, timeout=200)["state"] == "success", stage.told(PLANNED, new)
    assert (statuses(stage.rows(sheet)), len(stage.sandbox.accepted())) == ({"SENT": 4}, 4)
    # Its conf under another run sends nothing.
    conf = stage.airflow.run(PLANNED, new)["conf"]
    stage.sandbox.edit_sheet(sheet, "clear", sheet="Recipients", range="D2:D2")
    again = stage.airflow.trigger(PLANNED, conf)
    assert stage.airflow.wait_for_run(PLANNED, again, timeout=200)["state"] == "failed"
    assert "A line is sent by its own run only" in stage.airflow.logs(PLANNED, again, "planned")
    assert len(stage.sandbox.accepted()) == 4


def test_a_campaign_that_waits_for_its_hours_holds_up_nobody(stage: Stage) -> None:
    now = datetime.now(ZoneInfo("Asia/Karachi"))
    away = f"{now + timedelta(hours=2):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    waiting = [stage.trigger(SHEET, spreadsheet=stage.sheet(2), message=MESSAGE, send_window=away) for _ in range(3)]
    for run_id in waiting:
        stage.airflow.wait_for_task(SHEET, run_id, "send", "deferred", map_index=0, timeout=180)
    sheet = stage.sheet(2)
    assert stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, what_to_do="preview")[1] == "success"
    assert stage.run(SHEET, spreadsheet=sheet, message=MESSAGE)[1] == "success"
    assert len(stage.sandbox.accepted()) == 2
    assert {stage.airflow.run(SHEET, run_id)["state"] for run_id in waiting} == {"running"}
    assert "Outside the send window: waiting until" in stage.airflow.logs(SHEET, waiting[0], "send", map_index=0)


def test_what_make_up_puts_on_the_page_of_connections(stage: Stage) -> None:
    from tests.harness import demo

    demo._show_connections(stage.airflow, demo._environment(stage.sandbox))
    shown = {one["connection_id"]: one for one in stage.airflow.pages("/connections", "connections")}
    assert {"robosms_default", "google_cloud_default", "robosms_sql"} <= set(shown)
    assert shown["robosms_default"]["host"] == stage.sandbox.gateway_url
    assert KEY not in json.dumps(shown)
