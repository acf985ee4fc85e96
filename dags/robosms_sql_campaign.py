"""
### Text people from a database table

Each run texts the rows of the table `customers` that were not texted yet, and writes what became of each message into its
row.

**Set up**: an Airflow connection `robosms_sql` and a table as below, or change the SQL in this file. Type *sqlite* with the
file's path as host works at once; for PostgreSQL install its Airflow provider and make the connection one of type *postgres*.

    CREATE TABLE customers (
        id INTEGER PRIMARY KEY, name TEXT, phone TEXT, due TEXT, opted_out_at TEXT,
        sms_status TEXT, sms_run TEXT, sms_code TEXT, sms_message_id TEXT, sms_parts INTEGER, sms_detail TEXT)

**How it stays safe**: a run first claims its rows (`sms_status` becomes `SENDING`, `sms_run` its own id) and then sends only
what it has claimed, so that no other run texts the same person. If it is killed, Airflow's retry of the task goes on where
it stopped. If it fails for good, the rows still `SENDING` are that run's: **clear its task `send`** and it sends the rest,
nobody twice. To text somebody again, set `sms_status` to NULL.

The numbers go from the database to the gateway: neither XCom nor the Airflow UI sees them.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.sdk import DAG, BaseHook, Param, get_current_context, task
from sqlalchemy import URL, NullPool, create_engine, text

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.sms.merge import MergeError, render

if TYPE_CHECKING:
    from airflow.sdk import Context
    from sqlalchemy import Engine

BEGUN = "SELECT count(*) FROM customers WHERE sms_run = :run"
# That a row is still free is asked twice: PostgreSQL looks at a row again that another run has claimed meanwhile, but makes
# the list of rows only once.
CLAIM = """
    UPDATE customers SET sms_status = 'SENDING', sms_run = :run
    WHERE sms_status IS NULL
    AND id IN (SELECT id FROM customers WHERE sms_status IS NULL AND opted_out_at IS NULL ORDER BY id LIMIT :at_most)
"""
# Each column but id and phone may be a tag of the message. What this run has claimed and a first try has sent already comes
# again where the result was not written back: the task remembers it, and writes it back without sending.
CLAIMED = "SELECT id, phone, name, due FROM customers WHERE sms_run = :run AND sms_status = 'SENDING' ORDER BY id"
RESULT = """
    UPDATE customers
    SET sms_status = :status, sms_code = :code, sms_message_id = :message_id, sms_parts = :parts, sms_detail = :detail
    WHERE id = :key AND sms_run = :run
"""
COUNT = "SELECT coalesce(sms_status, 'waiting'), count(*) FROM customers GROUP BY sms_status ORDER BY sms_status"
EVERYBODY = 1_000_000

log = logging.getLogger(__name__)


def database(context: Context) -> Engine:
    """Open the database of the connection in the form."""
    connection = BaseHook.get_connection(context["params"]["sql_conn_id"])
    if connection.conn_type == "sqlite":  # comes with Python; Airflow's own hook for it is in a provider of its own
        return create_engine(URL.create("sqlite", database=connection.host), poolclass=NullPool)
    return connection.get_hook().get_sqlalchemy_engine({"poolclass": NullPool})


def claimed_messages(context: Context) -> list[dict[str, Any]]:
    """Claim this run's rows and return a message for each of those that have no result yet."""
    params, run = context["params"], {"run": context["run_id"]}
    messages, unfit = [], []
    # An error in the message, such as an unknown tag, undoes the claim.
    with database(context).begin() as db:
        if not db.execute(text(BEGUN), run).scalar():  # a retry keeps to what the first try has claimed
            db.execute(text(CLAIM), {**run, "at_most": params["limit"] or EVERYBODY})
        rows = db.execute(text(CLAIMED), run).mappings().all()
        if rows:
            render(params["message"], dict.fromkeys(rows[0], "x"))
        for row in rows:
            values = {column: "" if value is None else str(value) for column, value in row.items()}
            try:
                message = render(params["message"], values)
            except MergeError as error:  # a blank field
                unfit.append({"key": row["id"], "status": "SKIPPED", "detail": str(error)})
            else:
                messages.append({"key": row["id"], "to": row["phone"], "message": message})
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
    description="Texts the people in a database table and writes each outcome into its row",
    doc_md=__doc__,
    schedule=None,  # by hand; "0 10 * * *" is every day at 10 (Pakistan time)
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    max_active_runs=1,
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
        "mask": Param(
            "",
            type=["string", "null"],
            maxLength=11,
            title="Sender mask",
            description="The name the message comes from. Empty: the one of the RoboSMS connection.",
        ),
        "limit": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            title="At most so many messages",
            description="The rest waits for the next run. Empty: everybody.",
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
    @task
    def report() -> dict[str, int]:
        """Count the rows of the table by status."""
        with database(get_current_context()).connect() as db:
            counts = dict(db.execute(text(COUNT)).tuples().all())
        log.info("The table now:\n%s", "\n".join(f"{status:<10}{count:>10,}" for status, count in counts.items()))
        return counts

    send >> report().as_teardown()
