"""What the tests of the notifier text, to whom, and in which task."""

from __future__ import annotations

from types import SimpleNamespace

from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier

ALI, SARA = "923001234567", "923337654321"


def context(
    task_id: str = "load", dag_id: str = "sales", try_number: int = 1, run_id: str = "r1", start_date: str = "Monday"
) -> dict:
    ti = SimpleNamespace(task_id=task_id, dag_id=dag_id, try_number=try_number)
    run = SimpleNamespace(dag_id=dag_id, run_id=run_id, start_date=start_date)
    return {"ti": ti, "dag_run": run, "params": {"to": "0300 1234567"}}


def notifier(to=ALI, message="Task {{ ti.task_id }} failed", **parameters) -> RoboSmsNotifier:
    return RoboSmsNotifier(to, message, **parameters)
