"""Airflow settings that make a local stack quick, quiet and reachable from this machine only.

Each is an option of Airflow's own ``config.yml``; what is left out keeps Airflow's default.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from airflow_provider_robosms.sandbox.server import RunningSandbox

QUICK: dict[str, str] = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    # Two cores: eight tasks at once are plenty, and Airflow forks all its workers at start.
    "AIRFLOW__CORE__PARALLELISM": "8",
    # Airflow's own default asks the name service for this machine's full name.
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
    # No password: whoever reaches the loopback port is an administrator, the browser too.
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
    "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
    # A supervisor notices the end of its task only at its next heartbeat, and holds the worker until then.
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    # The database is new: no program need load all migrations to see so.
    "AIRFLOW__DATABASE__CHECK_MIGRATIONS": "False",
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.4",
    "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "2",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    # A changed or new file is still seen within a second; an unchanged one need not be parsed again.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "1",
    "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
    "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
}

# For tests that kill: how soon the scheduler notices a dead worker, task or scheduler. Airflow's own
# figures are minutes. Lower ones than these take a busy machine for a dead one.
QUICK_DETECTION: dict[str, str] = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
}


def environment(home: Path, dags_folder: Path, port: int, extra: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of the stack's processes.

    :param extra: variables that go over the others, such as ``AIRFLOW_CONN_…`` and ``AIRFLOW__…``.
    """
    # The settings of a developer's own Airflow must not reach the stack.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {
        **inherited,
        # Process titles otherwise overwrite the very memory in which the mark of `processes` is looked for.
        "SPT_NOENV": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        **QUICK,
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        **extra,
    }


def connection(conn_type: str, **fields: object) -> str:
    """Return a connection as the JSON that an ``AIRFLOW_CONN_…`` variable takes.

    :param fields: ``host``, ``login``, ``password``, ``schema``, ``port`` and ``extra`` (a dict).
    """
    return json.dumps({"conn_type": conn_type, **fields})


def sandbox_connections(sandbox: RunningSandbox) -> dict[str, str]:
    """Return the two connections to a sandbox, with the account that it has now, as ``AIRFLOW_CONN_…`` variables."""
    account = sandbox.state()["settings"]
    return {
        "AIRFLOW_CONN_ROBOSMS_DEFAULT": connection(
            "robosms",
            host=sandbox.gateway_url,
            login=account["email"],
            password=account["key"],
            extra={"mask": account["masks"][0]},
        ),
        "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": connection(
            "google_cloud_platform", extra={"key_path": str(sandbox.key_file), "api_endpoint": sandbox.url}
        ),
    }
