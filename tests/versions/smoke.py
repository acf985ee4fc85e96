"""``python -m tests.versions.smoke [--clear-on-success] [SCENARIO …]``: run scenarios, or all, on the installed Airflow.

With ``--clear-on-success`` Airflow drops the state of a task that has succeeded. See run.py.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from airflow_provider_robosms.sandbox.server import running_sandbox
from tests.harness.settings import QUICK_DETECTION, connection, sandbox_connections
from tests.harness.stack import LocalAirflow
from tests.sheets.campaigns import reset_google
from tests.versions.scenarios import DAGS, scenarios, the_low_balance_watcher
from tests.versions.stage import Stage, airflow_version

CLEAR_ON_SUCCESS = "--clear-on-success"


def main(names: Sequence[str]) -> int:
    """Return the exit code: 0 when every scenario has passed. One that fails does not keep the others from running."""
    drops_on_success = CLEAR_ON_SUCCESS in names
    names = [name for name in names if name != CLEAR_ON_SUCCESS]
    settings = {"AIRFLOW__STATE_STORE__CLEAR_ON_SUCCESS": "True"} if drops_on_success else {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    failed = 0
    with tempfile.TemporaryDirectory() as place, running_sandbox(latency_ms=50) as sandbox:
        folder, lists, said, database = (
            Path(place) / name for name in ("dags", "lists.json", "said.json", "people.db")
        )
        for source in (DAGS, Path(__file__).parent / "dags"):
            shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        change(folder / "robosms_low_balance_event.py", "POLL_SECONDS = 300", "POLL_SECONDS = 1")
        change(folder / "robosms_sql_campaign.py", "retries=4", "retries=0")
        env = {
            **QUICK_DETECTION,
            **sandbox_connections(sandbox),
            **settings,
            "AIRFLOW_CONN_ROBOSMS_SQL": connection("sqlite", host=str(database)),
            "ROBOSMS_VERSIONS_LISTS": str(lists),
            "ROBOSMS_VERSIONS_SAID": str(said),
        }
        with LocalAirflow(folder, env=env) as airflow:
            print(f"{_since(began)} Airflow {version('apache-airflow-core')} runs", flush=True)
            airflow.wait_for_dag("plain")
            stage = Stage(airflow, sandbox, folder, lists, said, database, drops_on_success=drops_on_success)
            chosen = [one for one in scenarios(airflow_version()) if not names or one.__name__ in names]
            if the_low_balance_watcher in chosen:
                stage.watch()  # it takes Airflow a while to begin, and then it polls each second
            for scenario in chosen:
                try:
                    scenario(stage)
                except Exception:
                    failed += 1
                    print(f"{_since(began)} FAILED: {scenario.__name__}\n{traceback.format_exc()}", flush=True)
                    print(f"The API server's log:\n{airflow.component('api-server').log_tail()}", flush=True)
                else:
                    print(f"{_since(began)} {scenario.__name__}", flush=True)
                sandbox.reset()
                reset_google(sandbox)  # a scenario must not wait for the quota that another has used up
    return 1 if failed else 0


def change(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text()
    assert text.count(old) == 1, f"{path.name}: {old}"
    path.write_text(text.replace(old, new))


def _since(began: float) -> str:
    return f"{time.monotonic() - began:6.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
