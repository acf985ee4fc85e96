"""The local Airflow does what its README says: runs, is killed, recovers, and is gone afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.harness.api import ApiError
from tests.harness.processes import lives, marked
from tests.harness.settings import QUICK_DETECTION
from tests.harness.stack import LocalAirflow

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).parent / "dags"
DAG = "harness_smoke"


@pytest.fixture(scope="module")
def dags(tmp_path_factory) -> Path:
    return shutil.copytree(DAGS, tmp_path_factory.mktemp("a folder") / "dags")


@pytest.fixture(scope="module")
def airflow(dags) -> Iterator[LocalAirflow]:
    with LocalAirflow(dags, env=QUICK_DETECTION) as stack:
        stack.wait_for_dag(DAG)
        yield stack
        home, processes = stack.home, stack.processes()
        assert len(processes) > 8
    assert marked(str(home)) == []
    assert psutil.wait_procs(filter(lives, processes), timeout=10)[1] == []
    assert not home.exists()


def test_a_run_with_a_death_a_retry_and_mapped_tasks(airflow):
    seen = []
    run_id = airflow.trigger(DAG)
    run = airflow.wait_for_run(DAG, run_id, on_progress=lambda tis: seen.append({t["state"] for t in tis}))

    assert run["state"] == "success"
    assert any("running" in states for states in seen)
    tries = {(t["task_id"], t["map_index"]): t["try_number"] for t in airflow.task_instances(DAG, run_id)}
    assert tries == {("remember", -1): 2, ("square", 0): 1, ("square", 1): 1, ("square", 2): 1}
    assert airflow.task_state(DAG, run_id, "remember") == {"tries": [1, 2]}
    assert airflow.task_state(DAG, run_id, "square", map_index=2) == {"square": 9}
    assert airflow.xcom(DAG, run_id, "remember") == {"tries": [1, 2]}
    assert airflow.xcom(DAG, run_id, "square", map_index=1) == 4
    assert "try 1 knows of [1]" in airflow.logs(DAG, run_id, "remember", 1)
    assert "Process exited abnormally" in airflow.logs(DAG, run_id, "remember", 1)
    assert "try 2 knows of [1, 2]" in airflow.logs(DAG, run_id, "remember", 2)
    with pytest.raises(ApiError, match="404"):
        airflow.xcom(DAG, run_id, "remember", "no_such_key")


@pytest.mark.parametrize("victim", ["task", "worker", "scheduler", "scheduler and its workers"])
def test_a_killed_process_leads_to_a_second_try(airflow, victim):
    run_id = airflow.trigger(DAG, {"seconds": 600})
    pids = airflow.task_pids(DAG, run_id, "remember")
    airflow.wait_until("the task has stored its try", lambda: airflow.task_state(DAG, run_id, "remember"), timeout=30)
    if victim == "task":
        pids.task.kill()
    elif victim == "worker":
        pids.supervisor.kill()
        pids.task.kill()
    else:
        airflow.component("scheduler").kill(tree=victim != "scheduler")
        assert lives(pids.task) == (victim == "scheduler")
        airflow.component("scheduler").restart()

    assert airflow.wait_for_run(DAG, run_id)["state"] == "success"
    assert airflow.task_state(DAG, run_id, "remember") == {"tries": [1, 2]}


def test_the_api_server_comes_back(airflow):
    airflow.component("api-server").kill()
    with pytest.raises(requests.ConnectionError):
        airflow.health()
    airflow.component("api-server").restart()
    airflow.wait_until("the API server answers", airflow.health, timeout=60)


def test_a_browser_gets_in_without_a_password(airflow):
    browser = requests.Session()
    browser.trust_env = False
    page = browser.get(f"{airflow.url}/auth/token/login?next={airflow.url}/")
    assert page.ok
    assert '<div id="root"' in page.text
    assert "_token" in browser.cookies


def test_servers_listen_on_loopback_only(airflow):
    listening = [c.laddr.ip for p in airflow.processes() for c in p.net_connections() if c.status == "LISTEN"]
    assert set(listening) == {"127.0.0.1"}


def test_the_command_line_talks_to_the_same_airflow(airflow):
    assert DAG in airflow.cli("dags", "list")
    with pytest.raises(RuntimeError, match="airflow dags unpause --yes failed:"):
        airflow.cli("dags", "unpause", "--yes")


def test_a_broken_dag_file_is_named(airflow, dags):
    (dags / "broken.py").write_text("from airflow.sdk import DAG\nimport no_such_module\n")
    with pytest.raises(TimeoutError, match=r"(?s)DAG broken is parsed.*broken\.py:.*No module named 'no_such_module'"):
        airflow.wait_for_dag("broken", timeout=5)
