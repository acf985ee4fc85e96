"""
### Text people from a database table

1. Press **Trigger**, and **Trigger** again in the form: the log of `check` shows how many rows of the table `customers` would
   be texted, what it costs, and who is left out and why; a row is named by its `id`. Nothing is sent or written.
2. Trigger once more with **What to do** set to *Send*: whoever was not texted yet is, and each row gets its result.

**Set up**: `pip install apache-airflow-providers-postgres`, or the Airflow provider of your database; an Airflow connection
`robosms_sql` to it; and a table as below, or change the SQL in this file.

    CREATE TABLE customers (
        id INTEGER PRIMARY KEY, name TEXT, phone TEXT, due TEXT, opted_out_at TEXT,
        sms_status TEXT, sms_run TEXT, sms_code TEXT, sms_message_id TEXT, sms_parts INTEGER,
        sms_sent_at TEXT, sms_detail TEXT)

**One number is texted once**, however many rows have it and however they write it, until the `sms_status` of its rows is set
to NULL again. Whoever has opted out in one row is texted in none.

**How it stays safe**: a run claims rows in the table (`sms_status` becomes `SENDING`) before it sends them, and only a row
whose `sms_status` is NULL can be claimed. So nobody is texted twice, however often runs are killed, retried, cleared or
started at once. What a killed run had begun and nobody can tell becomes `UNKNOWN`: look those rows up in the RoboSMS portal.
To text somebody again, set `sms_status` to NULL.

A line such as `Reply STOP for no more texts` must stand in **Message** itself: this form has no field for it, and the Airflow
Variable `robosms_opt_out_line` is for sheets.

Outside the hours in the form nothing is claimed and the run waits; what is left when they end waits for the next day.
The numbers go from the database to the gateway: neither XCom nor the Airflow UI sees them.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.operators import report as campaign_report
from airflow_provider_robosms.transfers.sql_to_robosms import SqlToRoboSmsOperator

#: What preview and send have in common. Airflow fills in the form once: tags in the message stay as they are.
CAMPAIGN = {
    "sql_conn_id": "robosms_sql",  # not in the form: whoever triggers must not choose among all connections
    "table": "customers",
    "sql": "SELECT id, phone, name, due FROM customers WHERE sms_status IS NULL AND opted_out_at IS NULL ORDER BY id",
    "opted_out_sql": "SELECT phone FROM customers WHERE opted_out_at IS NOT NULL",
    **{name: f"{{{{ params.{name} or '' }}}}" for name in ("message", "limit", "send_window", "mask")},
}
MESSAGE = "Dear {{ name }}, your bill of Rs {{ due }} is ready. Thank you."
CHOICES = {"preview": "Preview: send nothing", "send": "Send"}
WORDS = "Preview shows what would be sent and what it costs, and changes nothing. Send texts people."
HOURS = "Pakistan time, such as 09:00-21:00 or 9 am - 9 pm. Outside, a run waits. Empty: at any hour."
FORM = {
    "message": Param(MESSAGE, "A tag is the name of a column.", title="Message", type="string", format="multiline"),
    "what_to_do": Param("preview", WORDS, title="What to do", type="string", enum=[*CHOICES], values_display=CHOICES),
    "limit": Param(None, "Empty: everybody.", title="At most so many messages", type=["integer", "null"], minimum=1),
    "send_window": Param("09:00-21:00", HOURS, title="Hours in which people may be texted", type=["string", "null"]),
    "mask": Param("", "Empty: the one of the RoboSMS connection.", title="Sender mask", type=["string", "null"]),
}

with DAG(
    "robosms_sql_campaign",
    dag_display_name="SMS campaign from a database table",
    description="Texts the people in a database table and writes each outcome into its row; a preview first",
    doc_md=__doc__,
    schedule=None,  # by hand; before you change this, read about scheduled runs in robosms_sheet_campaign
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    max_active_runs=10,
    tags=["robosms", "campaign"],
    params=FORM,
):
    preview = SqlToRoboSmsOperator(task_id="preview", dry_run=True, **CAMPAIGN)
    send = SqlToRoboSmsOperator(task_id="send", retries=4, retry_delay=timedelta(seconds=60), **CAMPAIGN)

    @task.short_circuit(show_return_value_in_logs=False)
    def check() -> bool:
        params = (context := get_current_context())["params"]
        campaign_report.check_preview(context, at_most=params["limit"])
        return campaign_report.asks_to_send(params)

    # A teardown runs when the send has failed, too, and leaves the run's colour to the send.
    @task(outlets=[campaign_report.CAMPAIGN_FINISHED], show_return_value_in_logs=False)
    def report() -> dict[str, object]:
        total = campaign_report.report_campaign(context := get_current_context())
        campaign_report.announce(context, total, table=CAMPAIGN["table"])
        return total

    preview >> check() >> send >> report().as_teardown()
