"""What is shown on which version. A scenario is a function that takes the stage and asserts; add it to a list below."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from tests.versions import list_scenarios as lists
from tests.versions import sheet_scenarios as sheets
from tests.versions.stage import Stage

DAGS = Path(__file__).parents[2] / "dags"

_IMPORT_ALL = """
import importlib, pkgutil, airflow_provider_robosms as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from airflow.providers_manager import ProvidersManager
assert ProvidersManager().hooks["robosms"].connection_type == "robosms"
"""


def every_module_imports(stage: Stage) -> None:
    """All modules of the provider import, and Airflow offers its connection type."""
    environment = stage.airflow.environment
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL], env=environment, check=False, timeout=150, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def every_dag_parses(stage: Stage) -> None:
    """All example DAGs are there, without an import error."""
    for path in DAGS.glob("*.py"):
        stage.airflow.wait_until(path.stem, lambda path=path: stage.airflow.api("GET", f"/dags/{path.stem}"), 1)
    assert stage.airflow.import_errors() == {}


def a_connection_form_without_own_fields(stage: Stage) -> None:
    """3.1 shows no fields of a provider's own: its form says in which of the standard ones they go."""
    headers = {"Authorization": f"Bearer {stage.airflow.token()}"}
    (form,) = [
        one
        for one in requests.get(f"{stage.airflow.url}/ui/connections/hook_meta", headers=headers, timeout=60).json()
        if one["connection_type"] == "robosms"
    ]
    assert not form["extra_fields"]
    assert form["standard_fields"]["password"]["title"] == "API key"
    assert 'the sender mask goes into Extra: {"mask": "SMS-ALERT"}' in form["standard_fields"]["description"]["title"]


def an_approved_campaign(stage: Stage) -> None:
    """The DAG that asks a person works on the oldest version, too."""
    dag_id = "robosms_approved_campaign"
    book = sheets.Book(stage, 4)
    stage.airflow.wait_for_dag(dag_id)
    run_id = stage.airflow.trigger(
        dag_id, {"spreadsheet": book.id, "message": "Dear {{ First Name }}", "send_window": ""}
    )
    stage.airflow.wait_for_question(dag_id, run_id, "approve", "deferred", timeout=90)
    asked = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/approve/-1/hitlDetails"
    assert stage.airflow.api("GET", asked)["subject"] == "Text 4 people?"
    stage.airflow.api("PATCH", asked, json={"chosen_options": ["Approve"], "params_input": {}})
    assert stage.end(dag_id, run_id) == "success"
    assert book.all_sent()
    sheets.promised(stage, book)


def a_planned_campaign(stage: Stage) -> None:
    """A line of a plan is sent once, in a run of its own, and an event of the asset tells of it."""
    dag_id = "robosms_planned_campaigns"
    book = sheets.Book(stage, 4)
    due = datetime.now(ZoneInfo("Asia/Karachi")) - timedelta(minutes=5)
    lines = [
        ["Spreadsheet", "Tab", "Template", "When", "Hours", "Send"],
        [book.id, "", "bill", f"{due:%Y-%m-%d %H:%M}", "00:00-24:00", "yes"],
    ]
    stage.sandbox.edit_sheet(
        book.id, "add_sheet", sheet="Templates", rows=[["Name", "Body"], ["bill", "Dear {{First Name}}"]]
    )
    plan = stage.sandbox.create_sheet("Plans", {"Plan": lines})
    before = stage.announced()
    for _ in range(2):
        assert stage.run(dag_id, {"spreadsheet": plan, "what_to_do": "send"})[1] == "success"
    runs = [run["dag_run_id"] for run in stage.airflow.pages(f"/dags/{dag_id}/dagRuns", "dag_runs")]
    [planned] = [run_id for run_id in runs if run_id.startswith("planned__")]
    assert stage.end(dag_id, planned) == "success"
    assert book.all_sent()
    sheets.promised(stage, book)
    stage.airflow.wait_until("the event is there", lambda: stage.announced() == before + 1, timeout=30)
    [event] = stage.airflow.api("GET", "/assets/events", params={"source_dag_id": dag_id})["asset_events"]
    assert (event["source_run_id"], event["extra"]["sent"]) == (planned, 4)


def the_low_balance_watcher(stage: Stage) -> None:
    """A low balance is announced once, also after the triggerer has started again (from 3.3 on, where it remembers)."""
    stage.sandbox.settings(balance="1.00")
    stage.airflow.wait_until("the low balance is announced", lambda: stage.announced() == 1, timeout=150)
    stage.polled(2)
    if not stage.has_task_state:
        assert "announces a balance that is still low once more" in stage.airflow.component("triggerer").log.read_text()
        return
    triggerer = stage.airflow.component("triggerer")
    triggerer.kill(tree=True)
    triggerer.restart()
    stage.polled(2)
    assert stage.announced() == 1


Scenario = Callable[[Stage], None]
EVERYWHERE: list[Scenario] = [
    every_module_imports,
    every_dag_parses,
    sheets.a_killed_sheet_campaign,
    lists.a_cleared_list_campaign,
    lists.a_cleared_run,
    lists.a_retry,
    lists.lists_cut_otherwise,
    the_low_balance_watcher,
]
#: What depends on task state alone: shown on the oldest version, which has none, and on the newest.
ENDS: list[Scenario] = [
    sheets.spreadsheets_that_become_more,
    sheets.partitions_that_become_fewer,
    sheets.two_instances_on_one_spreadsheet,
    sheets.a_backfill,
    a_planned_campaign,
    lists.a_lost_write_back,
]
#: What is missing there is absent with a sentence, and the rest works.
OLDEST: list[Scenario] = [a_connection_form_without_own_fields, an_approved_campaign]
WITHOUT_SCHEDULER: list[Scenario] = [sheets.dags_test, lists.dags_test_twice]


def scenarios(version: tuple[int, int]) -> list[Scenario]:
    """Return what is shown on a version of Airflow."""
    return [
        *EVERYWHERE,
        *(ENDS if version in ((3, 1), (3, 4)) else []),
        *(OLDEST if version == (3, 1) else []),
        *(WITHOUT_SCHEDULER if version in ((3, 1), (3, 2), (3, 4)) else []),
    ]
