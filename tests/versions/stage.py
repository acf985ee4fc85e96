"""What the scenarios of all versions have in common: one Airflow, one sandbox, and which version it is."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.harness.api import ApiError
from tests.harness.stack import LocalAirflow

#: As in dags/list_campaigns.py, which would load Airflow into this process.
PEOPLE = [f"92300{1_000_000 + index:07d}" for index in range(6)]


def airflow_version() -> tuple[int, int]:
    """Return major and minor of the Airflow that is installed here."""
    major, minor = version("apache-airflow-core").split(".")[:2]
    return int(major), int(minor)


@dataclass
class Stage:
    """A real Airflow whose connections lead to a sandbox.

    :ivar dags: its DAGs folder.
    :ivar lists: the file that the DAG ``mapped`` reads its lists from.
    :ivar said: the file that dags/sheet_campaigns.py reads its settings from.
    :ivar drops_on_success: ``[state_store] clear_on_success`` is on.
    """

    airflow: LocalAirflow
    sandbox: RunningSandbox
    dags: Path
    lists: Path
    said: Path
    database: Path
    drops_on_success: bool

    @property
    def has_task_state(self) -> bool:
        return airflow_version() >= (3, 3)

    @property
    def clear_forgets(self) -> bool:
        """Clearing a task deletes its state, unless told to keep it."""
        return airflow_version() >= (3, 4)

    @property
    def task_clear_forgets(self) -> bool:
        """A task that has succeeded and is cleared knows nothing of its earlier tries, though Airflow has task state."""
        return self.has_task_state and (self.clear_forgets or self.drops_on_success)

    def run(self, dag_id: str, conf: dict[str, Any] | None = None) -> tuple[str, str]:
        """Run a DAG to its end and return the run's id and state."""
        self.airflow.wait_for_dag(dag_id)
        run_id = self.airflow.trigger(dag_id, conf)
        return run_id, self.end(dag_id, run_id)

    def end(self, dag_id: str, run_id: str) -> str:
        """Wait for a run's end and return its state."""
        return str(self.airflow.wait_for_run(dag_id, run_id, timeout=90, on_progress=self._keep_scheduler)["state"])

    def _keep_scheduler(self, _: object) -> None:
        """Start a scheduler of 3.1 again: it ends when a task is cleared in the instant in which it looks at it."""
        scheduler = self.airflow.component("scheduler")
        if airflow_version() < (3, 2) and scheduler.exit_code is not None:
            scheduler.restart()

    def clear_task(self, dag_id: str, run_id: str, task_id: str = "send", **options: Any) -> str:
        """Clear a task as the button does, wait for the run's end and return its state."""
        body = {"dry_run": False, "dag_run_id": run_id, "task_ids": [task_id], "only_failed": False, **options}
        self.airflow.api("POST", f"/dags/{quote(dag_id)}/clearTaskInstances", json={**body, "reset_dag_runs": True})
        return self.end(dag_id, run_id)

    def clear_run(self, dag_id: str, run_id: str) -> str:
        """Clear a whole run as the button does, wait for its end and return its state."""
        path = f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}/clear"
        self.airflow.api("POST", path, json={"dry_run": False, "only_failed": False})
        return self.end(dag_id, run_id)

    def run_again(self, dag_id: str, run_id: str, conf: dict[str, Any]) -> str:
        """Delete a run, start one with its id, wait for its end and return its state."""
        self.airflow.api("DELETE", f"/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}")
        body = {"logical_date": None, "dag_run_id": run_id, "conf": conf}
        self.airflow.api("POST", f"/dags/{quote(dag_id)}/dagRuns", json=body)
        return self.end(dag_id, run_id)

    def backfill(self, *dag_ids: str) -> list[str]:
        """Backfill the first day of DAGs of the past, its run included if there is one, and return their runs' states."""
        day = "2026-01-01T00:00:00Z"
        body = {"from_date": day, "to_date": day, "reprocess_behavior": "completed"}
        for dag_id in dag_ids:
            self.airflow.wait_for_dag(dag_id)
        # On SQLite Airflow refuses to begin one while any of its programs writes, and its API server is of no use afterwards.
        writers = [self.airflow.component(name) for name in ("scheduler", "dag-processor", "triggerer")]
        for each in writers:
            each.kill(tree=True)
        numbers = [self.airflow.api("POST", "/backfills", json={**body, "dag_id": dag_id})["id"] for dag_id in dag_ids]
        for each in writers:
            each.restart()
        states = [self.end(dag_id, self._only_run(dag_id)) for dag_id in dag_ids]
        # Airflow looks only every half a minute which backfills are over, and begins no other of the same DAG before.
        for number in numbers:
            try:
                self.airflow.api("PUT", f"/backfills/{number}/cancel")
            except ApiError as error:
                if error.status != requests.codes.conflict:  # it has looked meanwhile
                    raise
        return states

    def _only_run(self, dag_id: str) -> str:
        (run,) = self.airflow.pages(f"/dags/{quote(dag_id)}/dagRuns", "dag_runs")
        return str(run["dag_run_id"])

    def last_log(self, dag_id: str, run_id: str, task_id: str = "send", map_index: int = -1) -> str:
        """Return the log of a task's last try."""
        number = self.airflow.task_instance(dag_id, run_id, task_id, map_index)["try_number"]
        return self.airflow.logs(dag_id, run_id, task_id, number, map_index)

    def texted(self) -> Counter[str]:
        """Return how often each number was texted since the last call, and forget it."""
        texted = Counter(message["to"] for message in self.sandbox.accepted())
        self.sandbox.reset()
        return texted

    def wait_for_accepted(self, count: int, timeout: float = 60) -> None:
        """Wait until the gateway has accepted so many messages; looks often enough to be there while messages leave."""
        until = time.monotonic() + timeout
        while int(self.sandbox.state()["counts"]["accepted"]) < count:
            assert time.monotonic() < until, f"not {count} messages within {timeout:g} s"
            time.sleep(0.02)

    def say(self, **settings: Any) -> None:
        """Give the DAGs of dags/sheet_campaigns.py other settings from now on."""
        self.said.write_text(json.dumps(settings))

    def cut(self, lists: list[list[int]]) -> None:
        """Give the DAG ``mapped`` other lists from now on."""
        self.lists.write_text(json.dumps(lists))

    def announced(self) -> int:
        """Return how many events Airflow has stored of all assets."""
        return int(self.airflow.api("GET", "/assets/events")["total_entries"])

    def watch(self) -> None:
        """Begin to watch the balance: a watcher begins when its DAG's file is parsed after the DAG was unpaused."""
        self.airflow.wait_for_dag("robosms_low_balance_event")
        (self.dags / "robosms_low_balance_event.py").touch()

    def polled(self, times: int) -> None:
        """Wait until the balance was read so often from now on."""
        before = self.sandbox.received()["balance_checks"]
        self.airflow.wait_until(
            "the balance is read", lambda: self.sandbox.received()["balance_checks"] >= before + times, timeout=150
        )
        time.sleep(1)  # for Airflow to store what came of it
