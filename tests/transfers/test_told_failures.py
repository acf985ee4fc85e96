"""What the tasks of a campaign from a sheet, and of a plan, tell the sheet's owner when nothing was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.task_groups import planned_campaigns as plans
from airflow_provider_robosms.task_groups import sheet_campaign as campaigns
from airflow_provider_robosms.transfers.planned import COLUMNS, ZONE
from tests.sheets.campaigns import operator, recipients, run, table

REASON = "Google refuses it: share the spreadsheet."


class Instance(SimpleNamespace):
    """A task instance that pulls what is given, by task and key."""

    def xcom_pull(self, task_ids: str, key: str = "return_value", map_indexes: int | None = None) -> Any:
        return self.left.get((task_ids, key, map_indexes))

    def get_dr_count(self, **_: Any) -> int:
        return 0


def called(monkeypatch: pytest.MonkeyPatch, module: Any, task: Any, *given: Any, left: Any = None, **run: Any) -> Any:
    """Call a task's function with a context in which other tasks have left that."""
    run = {"run_id": "r", "run_type": "manual", "conf": {}, "start_date": datetime.now(ZONE), **run}
    context = {
        "ti": Instance(dag_id="bills", run_id=run["run_id"], left=left or {}),
        "dag": task.dag,
        "dag_run": SimpleNamespace(**run),
        "run_id": run["run_id"],
        "task": SimpleNamespace(render_template=lambda value, _: value),
    }
    monkeypatch.setattr(module, "get_current_context", lambda: context)
    return task.python_callable(*given)


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return what runs the last task of a campaign, whose send has left that."""
    monkeypatch.setattr(campaigns, "announce", lambda *_, **__: None)

    def reported(sheet: str, *reasons: str | None) -> Any:
        with DAG("bills") as dag:
            campaigns.sheet_campaign(None, spreadsheet_id=sheet, template="bill", what_to_do="send")
        left: dict[Any, Any] = {("send", "failure", at): why for at, why in enumerate(reasons)}
        left["check", "return_value", None] = list(range(len(reasons)))
        return called(monkeypatch, campaigns, dag.get_task("report"), left=left)

    return reported


def test_a_send_that_failed_before_it_had_the_lock_has_a_line(sandbox: RunningSandbox, report: Any) -> None:
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(2)})
    before = table(sandbox, sheet)
    for _ in range(2):
        report(sheet, REASON)
    [line] = table(sandbox, sheet, "Campaigns")
    assert (line["Template"], line["Planned"]) == ("bill", "")
    assert line["State"].startswith("failed")
    assert line["Reason"].startswith(REASON)
    assert table(sandbox, sheet) == before


def test_the_report_tells_when_sending_began_and_not_when_the_run_did(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A run may have waited all night for its hours, or for days for an approval."""
    monkeypatch.setattr(campaigns, "announce", lambda *_, **__: None)
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(2)})
    with DAG("bills") as dag:
        campaigns.sheet_campaign(None, spreadsheet_id=sheet, template="bill", what_to_do="send")
    last_week = datetime.now(ZONE) - timedelta(days=7)
    left = {("send", "return_value", 0): run(sheet), ("check", "return_value", None): [0]}
    with caplog.at_level("INFO"):
        called(monkeypatch, campaigns, dag.get_task("report"), left=left, start_date=last_week)
    assert "- Time: " in caplog.text
    assert f"{last_week:%Y-%m-%d}" not in caplog.text


def test_each_parallel_task_has_its_own(sandbox: RunningSandbox, report: Any) -> None:
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(2)})
    report(sheet, REASON, "Another one.")
    first, second = table(sandbox, sheet, "Campaigns")
    assert (first["Campaign"][:6], first["Campaign"][6:], second["Campaign"][6:]) == (
        second["Campaign"][:6],
        "-1",
        "-2",
    )


def test_the_line_is_that_of_the_campaign(sandbox: RunningSandbox, report: Any) -> None:
    """A campaign that has its line is not told twice; one that is told of and cleared goes on in that line."""
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(2)})
    report(sheet, REASON)
    ti = SimpleNamespace(dag_id="bills", run_id="r", map_index=0)
    operator(sheet, campaigns_tab="Campaigns").execute({"ti": ti})
    [line] = table(sandbox, sheet, "Campaigns")
    assert (line["Sent"], line["Reason"], line["State"].split(" [")[0]) == ("2", "", "done")
    report(sheet, REASON)
    assert table(sandbox, sheet, "Campaigns") == [line]


@pytest.mark.parametrize(
    ("template", "message", "both"),
    [
        ("bill", "Hello", True),
        ("bill", " ", False),
        ("", "Hello", False),
        (None, "Hello", False),
        ("bill", None, False),
    ],
)
def test_a_form_with_two_texts_stops_the_run(
    monkeypatch: pytest.MonkeyPatch, template: str | None, message: str | None, both: bool
) -> None:
    """The template went out, and whoever had written a message for today was not told."""
    monkeypatch.setattr(campaigns, "check_preview", lambda *_, **__: {"pending": 1})
    with DAG("bills") as dag:
        campaigns.sheet_campaign(None, spreadsheet_id="x" * 20, template=template, message=message)
    check = partial(called, monkeypatch, campaigns, dag.get_task("check"), "send", None, 1)
    if not both:
        assert check() == [0]
        return
    with pytest.raises(AirflowFailException, match=r"^Template and Message are both filled in, so nothing was sent"):
        check()


# A plan.


def planned_dag(plan: str) -> Any:
    with DAG("plans") as dag:
        plans.planned_campaigns(dag_id="plans", plan=plan, what_to_do="send")
    return dag


@pytest.mark.parametrize("kind", ["scheduled", "manual"])
def test_a_plan_that_is_refused_as_a_whole_says_so_once_a_day(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    sheet = sandbox.create_sheet("Plans", {"Plan": [[*COLUMNS, "Stop"]]})
    read = planned_dag(sheet).get_task("read_plan")
    for _ in range(2):
        with pytest.raises(AirflowFailException, match="may be meant for 'Send'"):
            called(monkeypatch, plans, read, sheet, "preview" if kind == "scheduled" else "send", run_type=kind)
    [line] = table(sandbox, sheet, "Campaigns")
    assert line["Reason"].startswith("Nothing of the plan is sent: Column G of tab 'Plan' is named 'Stop'")
    assert line["Template"] == ""


def test_a_preview_of_it_writes_nothing(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = sandbox.create_sheet("Plans", {"Plan": [[*COLUMNS, "Stop"]]})
    before = sandbox.sheet(sheet)
    with pytest.raises(AirflowFailException):
        called(monkeypatch, plans, planned_dag(sheet).get_task("read_plan"), sheet, "preview")
    assert sandbox.sheet(sheet) == before


def test_a_list_of_a_variable_writes_into_no_spreadsheet_that_it_names(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = sandbox.create_sheet("Bills", {"Recipients": recipients(1)})
    before = sandbox.sheet(sheet)
    broken = json.dumps([{"spreadsheet": f"https://docs.google.com/spreadsheets/d/{sheet}/edit"}]) + "]"
    with pytest.raises(AirflowFailException, match="JSON list"):
        called(monkeypatch, plans, planned_dag(sheet).get_task("read_plan"), broken, "send")
    assert sandbox.sheet(sheet) == before


def test_a_line_that_was_held_up_says_so_and_its_send_looks_again(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(ZONE)
    lines = [["", "", name, f"{when:%Y-%m-%d %H:%M}", "00:00-24:00", "yes"] for name, when in
             (("late", now - timedelta(days=1, minutes=2)), ("due", now - timedelta(hours=1)))]  # fmt: skip
    sheet = sandbox.create_sheet("Plans", {"Plan": [[*COLUMNS], *lines]})
    dag = planned_dag(sheet)
    late, due = plans.read_tab(plans.open_spreadsheet(sheet), sheet)
    for one in (late, late):
        with pytest.raises(AirflowFailException, match="more than a day after its moment"):
            called(monkeypatch, plans, dag.get_task("planned"), sheet, run_id=one.run_id, conf={"line": one.id})
    [line] = table(sandbox, sheet, "Campaigns")
    assert (line["Template"], line["Reason"].split(",")[0]) == ("late", "It is more than a day after its moment")
    said = called(monkeypatch, plans, dag.get_task("planned"), sheet, run_id=due.run_id, conf={"line": due.id})
    assert datetime.fromisoformat(said["latest"]) == due.when + timedelta(days=1)
    assert dag.get_task("send").partial_kwargs["not_after"] == "{{ ti.xcom_pull('planned')['latest'] }}"
