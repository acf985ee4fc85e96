"""The notifier on a real Airflow: task callbacks, DAG callbacks and deadlines, and forty tasks that fail at once.

Each test prints the figures that it has measured (``pytest -rP``).
"""

from __future__ import annotations

import time
from collections import Counter

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.harness.shared import Shared
from tests.harness.stack import LocalAirflow
from tests.notifications.stage import ALI, SARA, Stage, running_stage

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def stage(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return shared(running_stage, tmp_path_factory.mktemp("alerts"))


@pytest.fixture(scope="module")
def sandbox(stage: Stage) -> RunningSandbox:
    return stage.sandbox


@pytest.fixture(scope="module")
def airflow(stage: Stage) -> LocalAirflow:
    return stage.airflow


def texts(sandbox: RunningSandbox, after: int) -> list[tuple[str, str]]:
    return [(message["to"], message["text"]) for message in sandbox.accepted()[after:]]


def suppressed(airflow: LocalAirflow) -> int:
    """Return how many alerts were held back so far, whichever process did so: their lines stand in that one's log."""
    # Some logs can be reached by two paths; a line has its time to the microsecond.
    lines = {line for path in airflow.home.rglob("*.log") for line in path.read_text(errors="replace").splitlines()}
    return sum("suppressed: the same one " in line for line in lines)


def test_forty_tasks_fail_at_once(airflow, sandbox):
    airflow.wait_for_dag("storm")
    sent, started = len(sandbox.accepted()), time.monotonic()
    run_id = airflow.trigger("storm", {"numbers": ALI})
    airflow.wait_for_run("storm", run_id, timeout=1200)

    # A task is done for the scheduler before its callbacks are.
    def all_told() -> bool:
        return len(texts(sandbox, sent)) + suppressed(airflow) >= 80

    airflow.wait_until("each of the two alerts is out or held back", all_told, timeout=120)
    counts = Counter(text.partition(":")[0] for _, text in texts(sandbox, sent))
    # A scheduler that is starved of processor time takes tasks for lost and runs them again; then they fail again.
    tries = {task["map_index"]: task["try_number"] for task in airflow.task_instances("storm", run_id)}
    logs = [
        airflow.logs("storm", run_id, "fail", n, index) for index, last in tries.items() for n in range(1, last + 1)
    ]
    failed = [log for log in logs if "The task fails" in log]
    held_back = sum("suppressed: the same one " in log for log in failed)
    print(
        f"{len(failed)} failures of {len(tries)} tasks within {time.monotonic() - started:.0f} s: texts without "
        f"min_interval {counts['Each']}, with it {counts['Once']}, suppressed {held_back}"
    )
    assert len(tries) == 40
    assert counts == {"Each": len(failed), "Once": 1}
    assert held_back == len(failed) - 1


def test_the_alerts_own_failure_hides_nothing(airflow):
    airflow.wait_for_dag("unreachable")
    run_id = airflow.trigger("unreachable")
    assert airflow.wait_for_run("unreachable", run_id)["state"] == "failed"

    def log() -> str:
        text = airflow.logs("unreachable", run_id, "break_in_sight")
        return text if "RoboSMS alert to" in text else ""

    text = airflow.wait_until("the log is complete", log, timeout=60)
    assert "the task's own error" in text
    assert "RoboSMS alert to 92300****321: not sent: no connection to the RoboSMS portal could be made." in text


def test_a_missing_connection_hides_nothing(airflow):
    dag, task = "unconnected", "break_without_connection"
    airflow.wait_for_dag(dag)
    run_id = airflow.trigger(dag)
    assert airflow.wait_for_run(dag, run_id)["state"] == "failed"

    def log() -> str:
        text = airflow.logs(dag, run_id, task)
        return text if "was not texted" in text else ""

    text = airflow.wait_until("the log is complete", log, timeout=60)
    assert "the task's own error" in text
    assert text.index("the task's own error") < text.index("The RoboSMS alert was not texted: ")
    assert "Connection 'robosms_that_nobody_made' does not exist" in text
    assert airflow.task_instance(dag, run_id, task)["state"] == "failed"

    # The DAG's own callback has no connection either; the Dag processor says so and goes on.
    def told() -> set[str]:
        logs = airflow.home.glob("logs/dag_processor/*/*/failures_under_test.py.log")  # one folder is called "latest"
        return {line for log in logs for line in log.read_text().splitlines() if "was not texted" in line}

    [line] = airflow.wait_until("the Dag processor has said so", told, timeout=60)
    assert "Connection 'robosms_that_nobody_made' does not exist" in line
    assert airflow.health()["dag_processor"] == "healthy"


def test_deadlines(airflow, sandbox):
    """Two runs are late at once: each alert reaches each person once, whether triggerer or executor runs it."""
    airflow.wait_for_dag("late")
    sent, before = len(sandbox.accepted()), suppressed(airflow)
    run_ids = [airflow.trigger("late"), airflow.trigger("late")]
    for run_id in run_ids:
        assert airflow.wait_for_run("late", run_id)["state"] == "success"

    def all_told() -> bool:
        return len(texts(sandbox, sent)) + suppressed(airflow) - before >= 8

    airflow.wait_until("two alerts a run are out or held back, for each of two people", all_told, timeout=60)
    expected = {(number, f"{kind}: late is late") for number in (ALI, SARA) for kind in ("Async", "Sync")}
    assert sorted(texts(sandbox, sent)) == sorted(expected)


def test_the_example(airflow, sandbox):
    dag = "robosms_failure_alert"
    airflow.wait_for_dag(dag)
    sent, before = len(sandbox.accepted()), suppressed(airflow)
    run_ids = [airflow.trigger(dag), airflow.trigger(dag)]
    for run_id in run_ids:
        assert airflow.wait_for_run(dag, run_id)["state"] == "failed"

    def all_told() -> bool:
        return len(texts(sandbox, sent)) + suppressed(airflow) - before >= 8

    airflow.wait_until("the alerts of both runs are out or held back", all_told, timeout=60)
    heard = [text for number, text in texts(sandbox, sent) if number == ALI]
    assert len(heard) == 2  # one for the task, one for a run; the other run's are the same alerts
    task = "Airflow: robosms_failure_alert.breaks failed: this task fails so that you can see the alert"
    assert task in heard
    assert any(f"Airflow: run {run_id} of {dag} failed." in heard for run_id in run_ids)
    assert len(texts(sandbox, sent)) == 4

    fine = airflow.trigger(dag, {"fail": False})
    assert airflow.wait_for_run(dag, fine)["state"] == "success"
    time.sleep(3)
    assert len(texts(sandbox, sent)) == 4


def test_claims_are_variables_without_numbers(airflow):
    variables = list(airflow.pages("/variables", "variables"))
    claims = [variable for variable in variables if variable["key"].startswith("robosms_alert_")]
    assert claims
    for claim in claims:
        assert ALI not in str(claim)
        assert SARA not in str(claim)
        assert "May be deleted" in claim["description"]
