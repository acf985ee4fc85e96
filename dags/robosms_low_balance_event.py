"""
### React at the moment when the RoboSMS balance falls

No schedule and no waiting task: Airflow's triggerer reads the balance every `POLL_SECONDS` and starts this DAG **once** each
time it falls below `MIN_MESSAGES`. As long as it stays low nothing more happens; after a top-up the next fall counts again.

The DAG logs the event and texts it to **Numbers to text**, or to the numbers in the Airflow Variable `robosms_alert_numbers`
(separated by commas). The threshold belongs to the watcher, so it stands at the top of the file and not in the form. Any
number of DAGs may watch the same connection: they share one poll.

Started by hand, it texts that it is a test.
"""

from __future__ import annotations

import logging

from airflow.sdk import DAG, Asset, AssetWatcher, Param, Variable, get_current_context, task

from airflow_provider_robosms.operators.report import check_form
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.triggers.robosms import RoboSmsLowBalanceEventTrigger

MIN_MESSAGES = 500
POLL_SECONDS = 300

log = logging.getLogger(__name__)

trigger = RoboSmsLowBalanceEventTrigger(
    min_messages=MIN_MESSAGES, poll_interval=POLL_SECONDS, robosms_conn_id="robosms_default"
)
low_balance = Asset("robosms_low_balance", watchers=[AssetWatcher(name="robosms_low_balance", trigger=trigger)])

NUMBERS = "Such as 0300 1234567, several with commas. Empty: the Variable robosms_alert_numbers, or only the log."

with DAG(
    "robosms_low_balance_event",
    dag_display_name="SMS at the moment when the balance falls",
    description="Runs once each time the RoboSMS balance falls below a threshold",
    doc_md=__doc__,
    schedule=[low_balance],
    render_template_as_native_obj=True,  # so that the numbers arrive as a list
    tags=["robosms", "alerting"],
    params={"alert_to": Param("", NUMBERS, type=["string", "null"], title="Numbers to text")},
) as dag:

    @task(pre_execute=check_form)
    def describe() -> str:
        """Log the event and return the text."""
        events = get_current_context()["triggering_asset_events"][low_balance]
        balance = events[-1].extra.get("payload") if events else None
        if not balance:
            return "RoboSMS balance alert: this is a test."
        left, parts = float(balance["balance"]), int(balance["messages"])
        text = f"RoboSMS balance is low: {left:.2f}, enough for {parts} message parts."
        log.warning("%s Noticed at %s.", text, balance["since"])
        return f"{text} Please top up."

    @task.short_circuit
    def somebody_to_text() -> bool:
        """Without numbers there is nothing to send; the numbers themselves stay out of XCom."""
        return bool(get_current_context()["params"]["alert_to"] or Variable.get("robosms_alert_numbers", default=""))

    send = RoboSmsSendOperator(
        task_id="send",
        to="{{ (params.alert_to if (params.alert_to or '') | wordcount else "
        "var.value.get('robosms_alert_numbers', '')).split(',') }}",
        message="{{ ti.xcom_pull('describe') }}",
        check_balance=False,  # the balance is low, that is the news
    )

    describe() >> somebody_to_text() >> send
