"""
### Text people from a database table

1. Press **Trigger**, and **Trigger** again in the form: the log of `check` shows how many rows of the table `customers` would
   be texted, what it costs, and who is left out and why. Nothing is sent and nothing is written.
2. Trigger once more with **What to do** set to *Send*: whoever was not texted yet is, and each row gets its result.

**Set up**: an Airflow connection `robosms_sql` and a table as below, or change the SQL in this file. Type *sqlite* with the
file's path as host works at once; for PostgreSQL install its Airflow provider and make the connection one of type *postgres*.

    CREATE TABLE customers (
        id INTEGER PRIMARY KEY, name TEXT, phone TEXT, due TEXT, opted_out_at TEXT,
        sms_status TEXT, sms_run TEXT, sms_code TEXT, sms_message_id TEXT, sms_parts INTEGER, sms_detail TEXT)

**One number is texted once**, however many rows have it and however they write it, until the `sms_status` of its rows is set
to NULL again. Whoever has opted out in one row is texted in none.

**How it stays safe**: a run first claims its rows (`sms_status` becomes `SENDING`, `sms_run` its own id) and then sends only
what it has claimed, so that no other run texts the same person. If it is killed, Airflow's retry of the task goes on where
it stopped. If it fails for good, the rows still `SENDING` are that run's: **clear its task `send`**, from Airflow 3.4 on with
"keep task state" ticked, and it sends the rest, nobody twice. Without that record (Airflow 3.1 and 3.2 keep none) it refuses:
look those rows up in the RoboSMS portal. To text somebody again, set `sms_status` to NULL.

Before the hours in the form nothing is claimed and the run waits; what has begun is finished, even if it takes longer.
The numbers go from the database to the gateway: neither XCom nor the Airflow UI sees them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pendulum
from airflow.sdk import DAG, BaseHook, BaseSensorOperator, Param, get_current_context, task
from sqlalchemy import URL, NullPool, create_engine, text

from airflow_provider_robosms.gateway.protocol import RoboSmsError
from airflow_provider_robosms.hooks.robosms import RoboSmsHook
from airflow_provider_robosms.operators.report import check_preview, report_campaign
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.sms.merge import MergeError, render
from airflow_provider_robosms.sms.phone import InvalidNumber, mask, normalise
from airflow_provider_robosms.sms.segments import measure
from airflow_provider_robosms.sms.sendable import tag_text
from airflow_provider_robosms.transfers.window import SendWindow

if TYPE_CHECKING:
    from airflow.sdk import Context
    from sqlalchemy import Connection as Database
    from sqlalchemy import Engine, RowMapping

# Each column but id and phone may be a tag of the message.
COLUMNS = "SELECT id, phone, name, due FROM customers"
BEGUN = "SELECT count(*) FROM customers WHERE sms_run = :run"
# That a row is still free is asked twice: PostgreSQL looks at a row again that another run has claimed meanwhile, but makes
# the list of rows only once.
CLAIM = """
    UPDATE customers SET sms_status = 'SENDING', sms_run = :run
    WHERE sms_status IS NULL
    AND id IN (SELECT id FROM customers WHERE sms_status IS NULL AND opted_out_at IS NULL ORDER BY id LIMIT :at_most)
"""
# What a first try has sent already comes again where the result was not written back: the task remembers it, and writes it
# back without sending.
CLAIMED = COLUMNS + " WHERE sms_run = :run AND sms_status = 'SENDING' ORDER BY id"
PREVIEWED = COLUMNS + " WHERE sms_status IS NULL AND opted_out_at IS NULL ORDER BY id LIMIT :at_most"
# Numbers that must not be texted from any row: opted out, texted already, or perhaps.
SPOKEN_FOR = """
    SELECT id, phone, opted_out_at, sms_status FROM customers
    WHERE opted_out_at IS NOT NULL OR sms_status IN ('SENT', 'UNKNOWN')
    OR (sms_status = 'SENDING' AND sms_run <> :run)
"""
RESULT = """
    UPDATE customers
    SET sms_status = :status, sms_code = :code, sms_message_id = :message_id, sms_parts = :parts, sms_detail = :detail
    WHERE id = :key AND sms_run = :run
"""
COUNT = """
    SELECT coalesce(sms_status, CASE WHEN opted_out_at IS NULL THEN 'waiting' ELSE 'opted out' END) AS state, count(*)
    FROM customers GROUP BY 1 ORDER BY 1
"""
EVERYBODY = 1_000_000

log = logging.getLogger(__name__)


def database(context: Context) -> Engine:
    """Open the database of the connection in the form."""
    connection = BaseHook.get_connection(context["params"]["sql_conn_id"])
    if connection.conn_type == "sqlite":  # comes with Python; Airflow's own hook for it is in a provider of its own
        return create_engine(URL.create("sqlite", database=connection.host), poolclass=NullPool)
    return connection.get_hook().get_sqlalchemy_engine({"poolclass": NullPool})


def hours(context: Context) -> SendWindow | None:
    """Return the hours in which people may be texted, from the form."""
    return SendWindow.parse(context["params"]["send_window"], ZoneInfo("Asia/Karachi"))


class HoursSensor(BaseSensorOperator):
    """Waits until people may be texted."""

    def poke(self, context: Context) -> bool:
        """Tell whether they may now."""
        window = hours(context)
        return window is None or window.is_open(datetime.now(timezone.utc))


def plan(
    db: Database, rows: Sequence[RowMapping], context: Context
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the messages for *rows*, and the rows that are left out, as outcomes."""
    template = context["params"]["message"]
    spoken_for: dict[str, str] = {}
    for row in db.execute(text(SPOKEN_FOR), {"run": context["run_id"]}).mappings():
        try:
            number = normalise(row["phone"])
        except InvalidNumber:
            continue
        if row["opted_out_at"] is not None:
            spoken_for[number] = f"opted out in row {row['id']}"
        else:
            spoken_for.setdefault(number, f"same number as row {row['id']}, which is {row['sms_status']}")
    messages, unfit = [], []
    for row in rows:
        values = {column: tag_text(value) for column, value in row.items()}
        try:
            number = normalise(row["phone"])
            message = render(template, values)
        except InvalidNumber as error:
            why: str | None = f"bad number: {error}"
        except MergeError as error:  # a blank field
            why = str(error)
        else:
            why = spoken_for.get(number)
        if why:
            unfit.append({"key": row["id"], "status": "SKIPPED", "detail": why})
        else:
            spoken_for[number] = f"same number as row {row['id']}"
            messages.append({"key": row["id"], "to": number, "message": message})
    return messages, unfit


def check_message(context: Context) -> None:
    """Refuse a message with a tag that is no column, before anything is claimed."""
    try:
        render(context["params"]["message"], dict.fromkeys(("id", "phone", "name", "due"), "x"))
    except MergeError as error:
        raise RoboSmsError(f"The field Message is wrong: {error}.", permanent=True) from None


def claimed_messages(context: Context) -> list[dict[str, Any]]:
    """Claim this run's rows and return a message for each of those that have no result yet."""
    check_message(context)
    run = {"run": context["run_id"]}
    with database(context).begin() as db:
        begun = db.execute(text(BEGUN), run).scalar()
        if not begun:  # a retry keeps to what the first try has claimed
            db.execute(text(CLAIM), {**run, "at_most": context["params"]["limit"] or EVERYBODY})
    # The claim is seen by others before this run looks at theirs: of two that claim one number at once, one sees the other.
    with database(context).connect() as db:
        messages, unfit = plan(db, db.execute(text(CLAIMED), run).mappings().all(), context)
    if begun:  # whom somebody has opted out or changed since: the first try may have texted them, and nobody can tell
        doubt = "an earlier try may have texted it, and it was not tried again: "
        unfit = [{**one, "status": "UNKNOWN", "detail": doubt + one["detail"]} for one in unfit]
    write_back(unfit)
    return messages


def write_back(outcomes: list[dict[str, Any]]) -> None:
    """Write outcomes into the table. The same outcome may come again after a crash: it is simply written again."""
    context = get_current_context()
    blank = {"code": None, "message_id": None, "parts": None, "run": context["run_id"]}
    if outcomes:
        with database(context).begin() as db:
            db.execute(text(RESULT), [{**blank, **outcome} for outcome in outcomes])


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
    params={
        "message": Param(
            "Dear {{ name }}, your bill of Rs {{ due }} is ready. Thank you.",
            type="string",
            minLength=1,
            format="multiline",
            title="Message",
            description="A tag such as {{ name }} takes the value of that column.",
        ),
        "what_to_do": Param(
            "preview",
            type="string",
            enum=["preview", "send"],
            values_display={"preview": "Preview: send nothing", "send": "Send"},
            title="What to do",
            description="Preview shows what would be sent and what it costs, and changes nothing. Send texts people.",
        ),
        "limit": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            title="At most so many messages",
            description="The rest waits for the next run. Empty: everybody.",
        ),
        "send_window": Param(
            "09:00-21:00",
            type=["string", "null"],
            title="Hours in which people may be texted",
            description="Pakistan time, such as 09:00-21:00 or 9 am - 9 pm. Outside these hours a run waits before it "
            "begins. Empty: at any hour.",
        ),
        "mask": Param(
            "",
            type=["string", "null"],
            maxLength=11,
            title="Sender mask",
            description="The name the message comes from. Empty: the one of the RoboSMS connection.",
        ),
        "sql_conn_id": Param(
            "robosms_sql",
            type="string",
            minLength=1,
            title="Database connection",
            description="The Airflow connection to the database with the table.",
        ),
    },
):

    @task(show_return_value_in_logs=False)
    def preview() -> dict[str, Any]:
        """Return what would be sent: counts, cost and three samples, no whole number. Writes nothing."""
        context = get_current_context()
        hours(context)
        check_message(context)
        with database(context).connect() as db:
            at_most = {"at_most": context["params"]["limit"] or EVERYBODY}
            messages, unfit = plan(db, db.execute(text(PREVIEWED), at_most).mappings().all(), context)
        parts = [measure(message["message"]).parts for message in messages]
        balance = RoboSmsHook().get_balance()
        reasons = Counter(one["detail"] for one in unfit)
        return {
            "pending": len(messages),
            "skipped": len(unfit),
            "skipped_by_reason": dict(reasons),
            "skipped_rows": {why: [one["key"] for one in unfit if one["detail"] == why] for why in list(reasons)[:20]},
            "segments": sum(parts),
            "estimated_cost": None if balance.rate is None else str(balance.rate * sum(parts)),
            "balance_before": str(balance.amount),
            "samples": [
                {"to": mask(message["to"]), "text": message["message"], "parts": count}
                for message, count in list(zip(messages, parts, strict=True))[:3]
            ],
        }

    @task.short_circuit(show_return_value_in_logs=False)
    def check() -> bool:
        """Show the preview, and end the run here where only that was asked for."""
        context = get_current_context()
        check_preview(context)
        return context["params"]["what_to_do"] == "send"

    wait_for_hours = HoursSensor(task_id="wait_for_hours", mode="reschedule", poke_interval=60)

    send = RoboSmsSendOperator(
        task_id="send",
        messages=claimed_messages,
        on_outcomes=write_back,
        mask="{{ params.mask or '' }}",
        retries=4,
        retry_delay=timedelta(seconds=20),
        retry_exponential_backoff=True,
    )

    # A teardown runs when the send has failed, too, and leaves the run's colour to the send.
    @task(show_return_value_in_logs=False)
    def report() -> dict[str, int]:
        """Say what this run did, and count the rows of the table by status."""
        context = get_current_context()
        report_campaign(context)
        with database(context).connect() as db:
            counts = dict(db.execute(text(COUNT)).all())
        log.info("The table now:\n%s", "\n".join(f"{status:<10}{count:>10,}" for status, count in counts.items()))
        return counts

    preview() >> check() >> wait_for_hours >> send >> report().as_teardown()
