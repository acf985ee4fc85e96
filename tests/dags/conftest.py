"""One sandbox and one real Airflow for all tests of the example DAGs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.harness.services import postgresql
from tests.harness.settings import QUICK_DETECTION, connection, sandbox_connections
from tests.harness.shared import Shared
from tests.harness.stack import LocalAirflow
from tests.sheets.campaigns import table

if TYPE_CHECKING:
    from tests.dags.distributed import Distributed

DAGS = Path(__file__).parents[2] / "dags"
OWN_DAGS = Path(__file__).parent / "dags"
CAMPAIGNS = ("robosms_sheet_campaign", "robosms_approved_campaign", "robosms_sql_campaign")
KEY = "key-that-nobody-may-see-7421"
FIRST_NUMBER = 3001000000


@dataclass
class Stage:
    """The two servers, the database of the SQL campaign, and every number that was used.

    :ivar numbers: the subscriber's ten digits of everybody who was to be texted.
    :ivar typed: the same of those that were typed into a form.
    """

    sandbox: RunningSandbox
    airflow: LocalAirflow
    database: Path
    numbers: set[str] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)

    def phones(self, count: int) -> list[str]:
        """Return numbers that no test has used yet, as people type them."""
        return self._fresh(count, self.numbers)

    def typed_phone(self) -> str:
        """Return such a number for somebody to type into a form."""
        return self._fresh(1, self.typed)[0]

    def _fresh(self, count: int, kept: set[str]) -> list[str]:
        first = FIRST_NUMBER + len(self.numbers) + len(self.typed)
        fresh = [str(first + i) for i in range(count)]
        kept.update(fresh)
        return [f"0{number[:3]}-{number[3:]}" for number in fresh]

    def sheet(self, count: int, **tabs: list[list[Any]]) -> str:
        """Make a spreadsheet of so many people and return its id."""
        rows = [[f"Name{i}", phone, "Lahore"] for i, phone in enumerate(self.phones(count))]
        return self.sandbox.create_sheet("Campaign", {"Recipients": [["First Name", "Phone", "City"], *rows], **tabs})

    def rows(self, sheet_id: str) -> list[dict[str, str]]:
        """Return the rows of the tab Recipients."""
        return table(self.sandbox, sheet_id)

    def trigger(self, dag_id: str, **conf: Any) -> str:
        """Start a run of a DAG that sends, at any hour of the day."""
        sends = {} if dag_id == "robosms_approved_campaign" else {"what_to_do": "send"}
        return self.airflow.trigger(dag_id, {"send_window": "", **sends, **conf})

    def run(self, dag_id: str, **conf: Any) -> tuple[str, str]:
        """Run a DAG to its end and return run id and state."""
        run_id = self.trigger(dag_id, **conf)
        return run_id, self.airflow.wait_for_run(dag_id, run_id, timeout=300)["state"]

    def states(self, dag_id: str, run_id: str) -> dict[str, set[str]]:
        """Return the states of each task's instances."""
        found: dict[str, set[str]] = {}
        for one in self.airflow.task_instances(dag_id, run_id):
            found.setdefault(one["task_id"], set()).add(one["state"])
        return found

    def told(self, dag_id: str, run_id: str) -> str:
        """Return the state of each task, with the end of the log of those that failed, for a failed assertion."""
        lines = []
        for one in self.airflow.task_instances(dag_id, run_id):
            lines.append(f"{one['task_id']}[{one['map_index']}] {one['state']}, try {one['try_number']}")
            if one["state"] == "failed":
                log = self.airflow.logs(dag_id, run_id, one["task_id"], one["try_number"], one["map_index"])
                lines += log.splitlines()[-15:]
        return "\n".join(lines)


def quick_dags(folder: Path) -> Path:
    """Copy the example DAGs, with a second between two tries instead of many, and what the tests add; return their folder."""
    for path in (*DAGS.glob("*.py"), *OWN_DAGS.glob("*.py")):
        quick, changed = re.subn(
            r"retry_delay=timedelta\(seconds=\d+\)", "retry_delay=timedelta(seconds=1)", path.read_text()
        )
        assert changed or "retry_delay" not in quick
        (folder / path.name).write_text(quick)
    return folder


@contextmanager
def running_stage(folder: Path) -> Iterator[Stage]:
    """Start the two servers, with what they need in an empty folder."""
    database = folder / "customers.db"
    (folder / "dags").mkdir()
    with running_sandbox(key=KEY, latency_ms=50) as sandbox:
        env = {
            **QUICK_DETECTION,
            **sandbox_connections(sandbox),
            "AIRFLOW_CONN_ROBOSMS_SQL": connection("sqlite", host=str(database)),
        }
        # On SQLite the API server may wait for itself, for as long as it has patience: a request has written and is to be
        # committed by the event loop, in which another one waits to write (the log of actions does).
        with postgresql() as metadata, LocalAirflow(quick_dags(folder / "dags"), env=env, database=metadata) as airflow:
            for dag_id in CAMPAIGNS:
                airflow.wait_for_dag(dag_id)
            yield Stage(sandbox, airflow, database)


@pytest.fixture(scope="module")
def stage(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return shared(running_stage, tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def distributed(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Distributed:
    from tests.dags.distributed import running_distributed  # it needs what only CI has

    return shared(running_distributed, tmp_path_factory.mktemp("dags"))
