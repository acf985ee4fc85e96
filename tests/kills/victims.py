"""What is killed, and how it comes back. All kills are SIGKILL."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from tests.harness.api import ApiError
from tests.harness.processes import lives
from tests.harness.stack import LocalAirflow, TaskProcesses


def running_try(airflow: LocalAirflow, dag_id: str, run_id: str, after: int) -> tuple[int, TaskProcesses] | None:
    """Return the number and the processes of a running try later than *after*, or None while there is none."""
    instance = airflow.task_instance(dag_id, run_id, "send")
    if instance["state"] != "running" or instance["try_number"] <= after or not instance["pid"]:
        return None
    try:
        task = psutil.Process(instance["pid"])
        supervisor = task.parent()
    except psutil.NoSuchProcess:
        return None
    if supervisor is None or supervisor.pid == 1 or not lives(task):
        return None
    return instance["try_number"], TaskProcesses(task, supervisor)


def _task(airflow: LocalAirflow, pids: TaskProcesses) -> None:
    pids.task.kill()


def _worker(airflow: LocalAirflow, pids: TaskProcesses) -> None:
    pids.supervisor.kill()
    pids.task.kill()


def _supervisor(airflow: LocalAirflow, pids: TaskProcesses) -> None:
    pids.supervisor.kill()


def _api_server(airflow: LocalAirflow, pids: TaskProcesses) -> None:
    server = airflow.component("api-server")
    server.kill(tree=True)
    server.restart()
    time.sleep(1)
    airflow.wait_until("the API server is back", lambda: _execution_api(airflow), timeout=120)


def _scheduler(airflow: LocalAirflow, pids: TaskProcesses) -> None:
    scheduler = airflow.component("scheduler")
    scheduler.kill(tree=True)
    scheduler.restart()


def _scheduler_alone(airflow: LocalAirflow, pids: TaskProcesses) -> None:
    scheduler = airflow.component("scheduler")
    scheduler.kill()
    scheduler.restart()


def _execution_api(airflow: LocalAirflow) -> bool:
    """Tell whether the API for tasks answers; the first request builds it, for seconds."""
    try:
        return bool(airflow.api("GET", "/monitor/health"))
    except ApiError:
        return False


#: Kind -> (what the table calls it, how it is done, whether the try ends by it).
KINDS: dict[str, tuple[str, Callable[[LocalAirflow, TaskProcesses], None], bool]] = {
    "task": ("the task's process", _task, True),
    "worker": ("the worker: supervisor and task", _worker, True),
    "supervisor": ("the supervisor alone (the task runs on)", _supervisor, True),
    "api-server": ("the API server", _api_server, False),
    "scheduler": ("the scheduler with its workers", _scheduler, True),
    "scheduler-alone": ("the scheduler alone (the task runs on)", _scheduler_alone, True),
}
