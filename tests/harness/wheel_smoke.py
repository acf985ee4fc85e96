"""Run by ``.ci/wheel`` with the installed wheel, outside of this folder.

``without`` the extra ``sandbox``: all that a user imports, and a few answers, none of which may load the sandbox.
``with`` it: a text through the sandbox that the wheel holds.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timezone
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

import airflow_provider_robosms

PUBLIC = {
    "hooks.robosms": "RoboSmsHook",
    "hooks.gsheets": "GoogleSheetsHook",
    "operators.robosms": "RoboSmsSendOperator",
    "transfers.gsheets_to_robosms": "GoogleSheetsToRoboSmsOperator",
    "sensors.robosms": "RoboSmsBalanceSensor",
    "transfers.sql_to_robosms": "SqlToRoboSmsOperator",
    "triggers.robosms": "RoboSmsLowBalanceEventTrigger",
    "notifications.robosms": "RoboSmsNotifier",
}


def installed() -> None:
    """See that what is imported is the wheel and not this folder."""
    package = Path(airflow_provider_robosms.__file__).parent
    assert "site-packages" in package.parts, f"{package} is not the installed wheel"
    assert version("airflow-provider-robosms") == airflow_provider_robosms.__version__


def without() -> None:
    """Fail when something is missing that a user's DAG needs."""
    for module, name in PUBLIC.items():
        assert getattr(import_module(f"airflow_provider_robosms.{module}"), name)

    from airflow.sdk import DAG

    from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
    from airflow_provider_robosms.sms.phone import normalise
    from airflow_provider_robosms.sms.segments import measure

    with DAG("smoke", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), schedule=None) as dag:
        RoboSmsSendOperator(task_id="send", to="0300 1234567", message="Salam")
    assert list(dag.task_ids) == ["send"]
    assert normalise("0300 1234567") == "923001234567"
    assert measure("Salam").parts == 1
    [provider] = [
        e for e in entry_points(group="apache_airflow_provider") if e.value.startswith("airflow_provider_robosms")
    ]
    assert provider.load()()["package-name"] == "airflow-provider-robosms"
    assert [name for name in sys.modules if name.startswith("airflow_provider_robosms.sandbox")] == []


def with_sandbox() -> None:
    """Fail when the sandbox does not serve, its page included, or the provider cannot send through it."""
    import requests

    from airflow_provider_robosms.hooks.robosms import RoboSmsHook
    from airflow_provider_robosms.sandbox.server import running_sandbox

    [script] = [e for e in entry_points(group="console_scripts") if e.name == "robosms-sandbox"]
    assert callable(script.load())
    with running_sandbox() as sandbox:
        account = {"conn_type": "robosms", "login": "demo@example.pk", "password": "sandbox-key"}
        connection = {**account, "host": sandbox.gateway_url, "extra": {"mask": "SMS-ALERT"}}
        os.environ["AIRFLOW_CONN_ROBOSMS_DEFAULT"] = json.dumps(connection)
        assert str(RoboSmsHook().send("0300 1000001", "Salam").status) == "SENT"
        assert [message["text"] for message in sandbox.accepted()] == ["Salam"]
        page = requests.get(sandbox.url, timeout=10)
        assert page.ok, page.status_code
        assert "<html" in page.text


if __name__ == "__main__":
    installed()
    {"without": without, "with": with_sandbox}[sys.argv[1]]()
