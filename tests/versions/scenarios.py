"""What is shown on each version. A scenario is a function that takes the stage and asserts; add it to SCENARIOS."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.versions.stage import PEOPLE, Stage

DAGS = Path(__file__).parents[2] / "dags"
ONCE = dict.fromkeys(PEOPLE, 1)
NO_STATE = "before version 3.3 Airflow keeps no record"
FORGOTTEN = "Airflow has deleted the record of whom it texted"

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


def a_cleared_list_campaign(stage: Stage) -> None:
    """Clear of the task: nobody twice; where Airflow forgets, it is refused with what to do."""
    run_id, state = stage.run("plain")
    assert (state, stage.texted()) == ("success", ONCE)
    state = stage.clear_task("plain", run_id)
    assert stage.texted() == {}
    if stage.has_task_state and not stage.clear_forgets:
        assert state == "success"
        return
    assert state == "failed"
    assert (FORGOTTEN if stage.has_task_state else NO_STATE) in stage.last_log("plain", run_id)
    # It fails without retry.
    assert stage.airflow.task_instance("plain", run_id, "send")["try_number"] == 2


def a_cleared_run(stage: Stage) -> None:
    """Clear of the whole run, and of the task with its state kept: nobody twice, and no refusal where Airflow remembers."""
    run_id, state = stage.run("plain")
    assert (state, stage.texted()) == ("success", ONCE)
    states = [stage.clear_run("plain", run_id)]
    if stage.clear_forgets:
        states.append(stage.clear_task("plain", run_id, keep_task_state=True))
    assert set(states) == {"success" if stage.has_task_state else "failed"}
    assert stage.texted() == {}


def a_retry(stage: Stage) -> None:
    """A try that dies before its first message is followed by another where Airflow remembers; else nobody is texted."""
    run_id, state = stage.run("fails_once")
    assert (state, stage.texted()) == (("success", ONCE) if stage.has_task_state else ("failed", {}))
    if not stage.has_task_state:
        assert NO_STATE in stage.last_log("fails_once", run_id)


def lists_cut_otherwise(stage: Stage) -> None:
    """A mapped campaign whose run is cleared: over the same lists nobody twice, over other lists neither."""
    stage.cut([[1, 2], [3, 4]])
    run_id, state = stage.run("mapped")
    assert (state, stage.texted()) == ("success", dict.fromkeys(PEOPLE[1:5], 1))
    stage.clear_run("mapped", run_id)
    assert stage.texted() == {}
    stage.cut([[0, 1], [2, 3], [4]])
    assert stage.clear_run("mapped", run_id) == "failed"
    assert stage.texted() == {}
    assert "may have been sent under another map index" in stage.last_log("mapped", run_id, map_index=2)


def the_low_balance_watcher(stage: Stage) -> None:
    """A low balance is announced once, also after the triggerer has started again (from 3.3 on, where it remembers)."""
    stage.sandbox.settings(balance="1.00")
    stage.airflow.wait_for_dag("robosms_low_balance_event")
    # A watcher begins when its DAG's file is parsed after the DAG was unpaused.
    (stage.dags / "robosms_low_balance_event.py").touch()
    stage.airflow.wait_until("the low balance is announced", lambda: stage.announced() == 1, timeout=150)
    stage.polled(2)
    if not stage.has_task_state:
        return
    triggerer = stage.airflow.component("triggerer")
    triggerer.kill(tree=True)
    triggerer.restart()
    stage.polled(2)
    assert stage.announced() == 1


SCENARIOS: list[Callable[[Stage], None]] = [
    every_module_imports,
    every_dag_parses,
    a_cleared_list_campaign,
    a_cleared_run,
    a_retry,
    lists_cut_otherwise,
    the_low_balance_watcher,
]
