"""One sandbox and one real Airflow for all tests of what Airflow itself texts: its failures, and a low balance."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.harness.settings import connection
from tests.harness.stack import LocalAirflow
from tests.sensors.portal import no_secret_in_any_log

TESTS = Path(__file__).parents[1]
EXAMPLES = ("robosms_failure_alert", "robosms_balance_alert", "robosms_low_balance_event")
ALI, SARA = "923001234567", "923337654321"
KEY = "sandbox-key-that-no-log-may-show"
BALANCE = "500.00"

#: What the example DAGs do every few minutes, they do here every few seconds.
QUICKER = {
    "POLL_SECONDS = 300": "POLL_SECONDS = 1",
    "MIN_MESSAGES = 500": "MIN_MESSAGES = 4",
    "POLL_EVERY = timedelta(minutes=15)": "POLL_EVERY = timedelta(seconds=2)",
    "WATCH_FOR = timedelta(hours=10)": "WATCH_FOR = timedelta(seconds=6)",
}


@dataclass
class Stage:
    """The two servers, and the folder of the DAGs."""

    sandbox: RunningSandbox
    airflow: LocalAirflow
    dags: Path


@contextmanager
def running_stage(folder: Path) -> Iterator[Stage]:
    """Start the two, with what they need in an empty folder; at their end no log may hold a secret."""
    dags = folder / "dags"
    for own in ("notifications", "triggers"):
        shutil.copytree(TESTS / own / "dags", dags, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in EXAMPLES:
        text = (TESTS.parent / "dags" / f"{name}.py").read_text()
        for slow, quick in QUICKER.items():
            text = text.replace(slow, quick)
        (dags / f"{name}.py").write_text(text)
    account = {"login": "demo@example.pk", "password": KEY, "extra": {"mask": "SMS-ALERT"}}
    with running_sandbox(key=KEY, balance=BALANCE, rate="0.50") as sandbox:
        env = {
            # With one triggerer nobody takes its triggers while it is busy, and a restarted one has them back sooner. Only
            # triggerers are killed here: a scheduler in a storm of failures needs Airflow's own patience.
            "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
            "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "3",
            "AIRFLOW_CONN_ROBOSMS_DEFAULT": connection("robosms", host=sandbox.gateway_url, **account),
            "AIRFLOW_CONN_ROBOSMS_NOWHERE": connection("robosms", host="http://127.0.0.1:9", **account),
            "AIRFLOW_VAR_ROBOSMS_ALERT_NUMBERS": f"0{ALI[2:]}, {SARA}",
        }
        with LocalAirflow(dags, env=env) as airflow:
            yield Stage(sandbox, airflow, dags)
            assert airflow.import_errors() == {}
            no_secret_in_any_log(airflow.home, (KEY, ALI, SARA, ALI[2:], "7654321"))
