"""
### Tell somebody when the RoboSMS balance is low

Every morning at 8 (Pakistan time) this DAG begins to watch the balance, for ten hours. When it is below **Message parts**,
`alert` runs: once a day at most. When it stays high enough, the watch ends as *skipped*, which is the good news.

The sensor takes no worker slot while it waits (`mode="reschedule"`; with `deferrable=True` it would wait in the triggerer).

**Make it yours**: put the numbers to text into the Airflow Variable `robosms_alert_numbers` (separated by commas), or
replace the body of `alert` by what your team reads: e-mail, Slack, a ticket.

`robosms_low_balance_event` does the same without a schedule, at the moment when the balance falls.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier
from airflow_provider_robosms.operators.report import check_form
from airflow_provider_robosms.sensors.robosms import RoboSmsBalanceSensor

POLL_EVERY = timedelta(minutes=15)
WATCH_FOR = timedelta(hours=10)
NUMBERS = "Such as 0300 1234567, several with commas. Empty: the Variable robosms_alert_numbers, or only the log."
TO = "{{ params.alert_to if (params.alert_to or '') | wordcount else var.value.get('robosms_alert_numbers', '') }}"
TEXT = "RoboSMS balance is low: {{ balance.balance }}, enough for {{ balance.messages }} message parts. Please top up."
FORM = {
    "min_messages": Param(500, "Alert below so many.", type="integer", minimum=1, title="Message parts"),
    "alert_to": Param("", NUMBERS, type=["string", "null"], title="Numbers to text"),
    "robosms_conn_id": Param("robosms_default", "Whose balance is watched.", type="string", title="RoboSMS connection"),
}

log = logging.getLogger(__name__)

with DAG(
    "robosms_balance_alert",
    dag_display_name="SMS every day that the balance is low",
    description="Watches the RoboSMS balance every day and tells somebody when it is low",
    doc_md=__doc__,
    schedule="0 8 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    max_active_runs=3,  # one that is started by hand does not wait for the end of the day's watch
    tags=["robosms", "alerting"],
    params=FORM,
) as dag:
    balance_is_low = RoboSmsBalanceSensor(
        task_id="balance_is_low",
        min_messages="{{ params.min_messages }}",
        condition="below",
        robosms_conn_id="{{ params.robosms_conn_id }}",
        mode="reschedule",
        poke_interval=POLL_EVERY,
        pre_execute=check_form,  # Airflow ignores what this form does not have
        timeout=WATCH_FOR,
        soft_fail=True,  # enough balance until the end of the watch: skipped, not failed
    )

    @task
    def alert(balance: dict) -> None:
        """Tell somebody; replace this by what your team reads."""
        log.warning("RoboSMS balance is low: %s, enough for %s message parts.", balance["balance"], balance["messages"])
        # Each parameter is a template: what somebody typed goes through the context and is never one itself.
        same = {"dedup_key": "robosms balance is low", "min_interval": timedelta(hours=6)}
        alert = RoboSmsNotifier(TO, TEXT, robosms_conn_id="{{ params.robosms_conn_id }}", **same)
        alert.tell({**get_current_context(), "balance": balance})

    alert(balance_is_low.output)
