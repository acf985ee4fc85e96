"""
### An SMS when something fails

Three alerts, each one line of a DAG:

* `on_failure_callback` of a task: this task has failed.
* `on_failure_callback` of the DAG: the run has failed.
* a deadline: the run takes longer than an hour.

The same alert goes to the same person at most once in ten minutes (`min_interval`), so a hundred tasks that fail at once cost
one SMS and not a hundred; the log names those that were held back. A text is shortened to one message part
(`max_segments`). If the alert itself cannot be sent, that is one line in the log and the task's own error stays in sight.

Put the numbers into the Airflow Variable `robosms_alert_numbers` (separated by commas), or give some in the form. Trigger it
to see it: `breaks` fails on purpose, unless the form says otherwise.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.compat import deadline_names
from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier

# On Airflow 3.2 and newer: from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference
AsyncCallback, DeadlineAlert, DeadlineReference = deadline_names()

NUMBERS = "{{ params.alert_to if (params.alert_to or '') | wordcount else var.value.get('robosms_alert_numbers', '') }}"

with DAG(
    "robosms_failure_alert",
    dag_display_name="SMS when something fails",
    description="Shows SMS alerts for a failed task, a failed run and a missed deadline",
    doc_md=__doc__,
    schedule=None,
    tags=["robosms", "alerting"],
    params={
        "alert_to": Param(
            "",
            type=["string", "null"],
            title="Numbers to text",
            description="Such as 0300 1234567, several separated by commas. Empty: those of the Variable "
            "robosms_alert_numbers; without that, nobody is texted and the log says so.",
        ),
        "fail": Param(True, type="boolean", title="Fail", description="Whether the task fails, to see the alerts."),
    },
    on_failure_callback=RoboSmsNotifier(to=NUMBERS, message="Airflow: run {{ run_id }} of {{ dag.dag_id }} failed."),
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=1),
        callback=AsyncCallback(
            RoboSmsNotifier,
            kwargs={
                "to": NUMBERS,
                "message": "Airflow: run {{ dag_run.dag_run_id }} of {{ dag_run.dag_id }} takes more than an hour.",
            },
        ),
    ),
) as dag:

    @task(
        on_failure_callback=RoboSmsNotifier(
            to=NUMBERS, message="Airflow: {{ dag.dag_id }}.{{ ti.task_id }} failed: {{ exception }}"
        )
    )
    def breaks() -> None:
        """Fail on purpose."""
        if get_current_context()["params"]["fail"]:
            raise RuntimeError("this task fails so that you can see the alert")

    breaks()
