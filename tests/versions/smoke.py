"""``python -m tests.versions.smoke [SCENARIO …]``: run scenarios, or all, on the installed Airflow. See run.py."""

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
from tests.harness.settings import QUICK_DETECTION, sandbox_connections
from tests.harness.stack import LocalAirflow
from tests.versions.scenarios import DAGS, SCENARIOS
from tests.versions.stage import Stage


def main(names: Sequence[str]) -> int:
    """Return the exit code: 0 when every scenario has passed. One that fails does not keep the others from running."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    failed = 0
    with tempfile.TemporaryDirectory() as place, running_sandbox() as sandbox:
        folder, lists = Path(place) / "dags", Path(place) / "lists.json"
        for source in (DAGS, Path(__file__).parent / "dags"):
            shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        event = folder / "robosms_low_balance_event.py"
        event.write_text(event.read_text().replace("POLL_SECONDS = 300", "POLL_SECONDS = 1"))
        env = {
            **QUICK_DETECTION,
            **sandbox_connections(sandbox),
            "ROBOSMS_VERSIONS_LISTS": str(lists),
        }
        with LocalAirflow(folder, env=env) as airflow:
            print(f"{_since(began)} Airflow {version('apache-airflow-core')} runs", flush=True)
            airflow.wait_for_dag("plain")
            stage = Stage(airflow, sandbox, folder, lists)
            for scenario in [one for one in SCENARIOS if not names or one.__name__ in names]:
                try:
                    scenario(stage)
                except Exception:
                    failed += 1
                    print(f"{_since(began)} FAILED: {scenario.__name__}\n{traceback.format_exc()}", flush=True)
                else:
                    print(f"{_since(began)} {scenario.__name__}", flush=True)
                sandbox.reset()
    return 1 if failed else 0


def _since(began: float) -> str:
    return f"{time.monotonic() - began:6.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
