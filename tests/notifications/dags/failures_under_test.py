"""Tasks, runs and deadlines that fail, with notifiers on them."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import (
    DAG,
    AsyncCallback,
    DeadlineAlert,
    DeadlineReference,
    Param,
    SyncCallback,
    get_current_context,
    task,
)

from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier

NUMBERS = "{{ params.numbers or var.value.get('robosms_alert_numbers', '') }}"
FORM = {"numbers": Param("", type="string")}

with DAG("storm", schedule=None, params=FORM, max_active_tasks=100):

    @task(
        on_failure_callback=[
            RoboSmsNotifier(NUMBERS, "Each: {{ ti.task_id }}[{{ ti.map_index }}] failed", min_interval=0),
            RoboSmsNotifier(NUMBERS, "Once: {{ ti.task_id }}[{{ ti.map_index }}] failed"),
        ]
    )
    def fail(number: int) -> None:
        """Fail."""
        raise RuntimeError("The task fails")

    fail.expand(number=list(range(40)))


with DAG("unreachable", schedule=None):

    @task(
        on_failure_callback=RoboSmsNotifier("0300 7654321", "never", robosms_conn_id="robosms_nowhere", min_interval=0)
    )
    def break_in_sight() -> None:
        """Fail while the alert fails too."""
        raise RuntimeError("the task's own error")

    break_in_sight()


with DAG(
    "unconnected",
    schedule=None,
    on_failure_callback=RoboSmsNotifier("0300 7654321", "never", robosms_conn_id="robosms_that_nobody_made"),
):

    @task(on_failure_callback=RoboSmsNotifier("0300 7654321", "never", robosms_conn_id="robosms_that_nobody_made"))
    def break_without_connection() -> None:
        """Fail while the alert has no connection."""
        raise RuntimeError("the task's own error")

    break_without_connection()


def deadline(callback) -> DeadlineAlert:
    return DeadlineAlert(reference=DeadlineReference.DAGRUN_QUEUED_AT, interval=timedelta(seconds=3), callback=callback)


MESSAGE = {"to": "{{ var.value.robosms_alert_numbers }}"}

with DAG(
    "late",
    schedule=None,
    deadline=[
        deadline(AsyncCallback(RoboSmsNotifier, kwargs={**MESSAGE, "message": "Async: {{ dag_run.dag_id }} is late"})),
        deadline(SyncCallback(RoboSmsNotifier, kwargs={**MESSAGE, "message": "Sync: {{ dag_run.dag_id }} is late"})),
    ],
):

    @task
    def take_long() -> None:
        """Take longer than the deadline."""
        import time

        get_current_context()
        time.sleep(8)

    take_long()
