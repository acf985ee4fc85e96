"""Run by ``.ci/wheel`` with the installed wheel, outside of this folder: all that a user imports, and a few answers."""

from __future__ import annotations

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
    "triggers.robosms": "RoboSmsLowBalanceEventTrigger",
    "notifications.robosms": "RoboSmsNotifier",
}


def main() -> None:
    """Fail when something is missing that a user's DAG needs."""
    package = Path(airflow_provider_robosms.__file__).parent
    assert "site-packages" in package.parts, f"{package} is not the installed wheel"
    assert version("airflow-provider-robosms") == airflow_provider_robosms.__version__
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


if __name__ == "__main__":
    main()
