"""
### Text everybody in a Google Sheet

Press **Trigger**, paste the address of your spreadsheet, name a template, and press **Trigger** again. With **Only preview**
on you first see what would happen: nothing is sent and nothing is written then.

| step | what it does |
|---|---|
| `preview` | reads the sheet and logs how many would be texted, what it costs, who is left out and why, and three samples |
| `spread` | divides the work into as many parallel tasks as you asked for; with **Only preview** the run ends here |
| `send` | texts everybody whose **Status** is blank, and writes the result into their row |
| `report` | adds everything up in one table (open its log) |

**Nobody is texted twice**: a row that has a Status is never sent again, whatever crashes. To text somebody again, clear the
Status of that row and trigger once more. Rows that say `UNKNOWN` may have been texted: look in the RoboSMS portal first.

**Your sheet**: a tab `Recipients` with a column `Phone` and a column for each thing that the text mentions; a tab
`Templates` with the columns `Name` and `Body`. A body such as `Dear {{ First Name }}, your bill of Rs {{ Due }} is ready.`
takes the words from the columns of the same name. Share the spreadsheet with your service account's e-mail address, as an
editor.

Whoever leaves **Spreadsheet** empty gets the one in the Airflow Variable `robosms_spreadsheet`. To send every morning, set
that Variable and write `schedule="0 10 * * *"` in this file: each run texts the rows that have no Status yet.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pendulum
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.compat import AirflowSkipException
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

COUNTS = ("total", "sent", "rejected", "failed", "unknown", "skipped", "pending", "segments")
# The form opens with the Params that are in no section; sections are closed at first.
TEXT, PACE = "The text", "How it is sent"

log = logging.getLogger(__name__)

#: A limit holds for one task, so it is kept with one.
PARTITIONS = "{{ 1 if params.limit else params.partitions }}"

#: What preview and send have in common, from the form. Airflow fills these in once: tags in a message stay as they are.
CAMPAIGN = {
    "spreadsheet_id": "{{ params.spreadsheet or var.value.get('robosms_spreadsheet', '') }}",
    "recipients_sheet": "{{ params.recipients_sheet }}",
    "templates_sheet": "{{ params.templates_sheet }}",
    "template": "{{ params.template or '' }}",
    "message": "{{ params.message or '' }}",
    "mask": "{{ params.mask or '' }}",
    "limit": "{{ params.limit or '' }}",
    "max_segments": "{{ params.max_segments or '' }}",
}

with DAG(
    "robosms_sheet_campaign",
    description="Texts everybody in a Google Sheet and writes the result into each row",
    doc_md=__doc__,
    schedule=None,  # by hand; "0 10 * * *" is every day at 10 (Pakistan time), see the last paragraph above
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    max_active_runs=1,
    tags=["robosms", "campaign"],
    params={
        "spreadsheet": Param(
            "",
            type=["string", "null"],
            title="Spreadsheet",
            description="Its address, copied from the browser, or its key. Empty: the Airflow Variable robosms_spreadsheet.",
        ),
        "recipients_sheet": Param(
            "Recipients",
            type="string",
            minLength=1,
            title="Tab with the recipients",
            description="One person a row, with a column Phone.",
        ),
        "templates_sheet": Param(
            "Templates",
            type="string",
            minLength=1,
            title="Tab with the templates",
            description="With the columns Name and Body. It may be missing when you write the message below.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Only preview",
            description="Show what would be sent and what it costs. Nothing is sent, nothing is written.",
        ),
        "template": Param(
            "",
            type=["string", "null"],
            title="Template",
            description="Name of the template for rows that name none and have no Message of their own.",
            section=TEXT,
        ),
        "message": Param(
            "",
            type=["string", "null"],
            format="multiline",
            title="Message",
            description="Instead of a template: the text itself, with tags such as {{ First Name }} for the row's own words.",
            section=TEXT,
        ),
        "mask": Param(
            "",
            type=["string", "null"],
            maxLength=11,
            title="Sender mask",
            description="The name the message comes from. Empty: the one of the RoboSMS connection.",
            section=TEXT,
        ),
        "max_segments": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            maximum=10,
            title="Longest text, in parts",
            description="Leave out people whose text is longer. One part is 160 Latin or 70 Urdu characters.",
            section=TEXT,
        ),
        "limit": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            title="At most so many messages",
            description="For a careful first run. The rest waits for the next run. Empty: everybody.",
            section=PACE,
        ),
        "send_window": Param(
            "09:00-21:00",
            type=["string", "null"],
            pattern=r"^$|^\d{2}:\d{2}-\d{2}:\d{2}$",
            title="Hours in which people may be texted",
            description="Pakistan time. Outside these hours the run waits. Empty: at any hour.",
            section=PACE,
        ),
        "partitions": Param(
            1,
            type="integer",
            minimum=1,
            maximum=8,
            title="Parallel tasks",
            description="1 is enough for some ten thousand recipients; more share the work between Airflow's workers. "
            "With a limit it is 1.",
            section=PACE,
        ),
        "max_per_second": Param(
            None,
            type=["number", "null"],
            exclusiveMinimum=0,
            title="Messages per second",
            description="All parallel tasks together. Empty: as fast as the portal takes them.",
            section=PACE,
        ),
    },
):
    preview = GoogleSheetsToRoboSmsOperator(
        task_id="preview", dry_run=True, retries=2, retry_delay=timedelta(seconds=30), **CAMPAIGN
    )

    @task
    def spread(partitions: str) -> list[int]:
        """Return the numbers of the partitions; skip the rest of the run where only a preview was asked for."""
        if get_current_context()["params"]["dry_run"]:
            raise AirflowSkipException("Only a preview was asked for: nothing was sent. It is in the log of `preview`.")
        return list(range(int(partitions)))

    numbers = spread(PARTITIONS)

    # A retry goes on where the last try stopped. The first soon, for a worker that died; the later ones for an outage.
    send = GoogleSheetsToRoboSmsOperator.partial(
        task_id="send",
        partitions=PARTITIONS,
        max_per_second="{{ params.max_per_second or '' }}",
        send_window="{{ params.send_window or '' }}",
        retries=4,
        retry_delay=timedelta(seconds=20),
        retry_exponential_backoff=True,
        **CAMPAIGN,
    ).expand(partition=numbers)

    # A teardown runs when a send has failed, too, and leaves the run's colour to the sends.
    @task
    def report(partitions: str) -> dict:
        """Add up what the partitions did."""
        context = get_current_context()
        if context["params"]["dry_run"]:
            raise AirflowSkipException("Only a preview was asked for.")

        def pull(number: int, key: str) -> dict | None:
            return context["ti"].xcom_pull(task_ids="send", map_indexes=number, key=key)

        ended = {i: pull(i, "return_value") for i in range(int(partitions))}
        # A task that failed on the way left what it had done by then.
        done = {i: summary or pull(i, "summary") for i, summary in ended.items()}
        summaries = [summary for summary in done.values() if summary]
        if not summaries:
            raise AirflowSkipException("No task has finished: see the logs of `preview` and `send`.")
        money = {
            name: [Decimal(summary[name]) for summary in summaries if summary[name] is not None]
            for name in ("estimated_cost", "balance_before", "balance_after")
        }
        total = {
            **{name: sum(summary[name] for summary in summaries) for name in COUNTS},
            "codes": dict(sum((Counter(summary["codes"]) for summary in summaries), Counter())),
            "estimated_cost": str(sum(money["estimated_cost"])),
            # The parallel tasks looked at different moments: the first before, and the last after.
            "balance_before": str(max(money["balance_before"])) if money["balance_before"] else None,
            "balance_after": str(min(money["balance_after"])) if money["balance_after"] else None,
            "seconds": max(summary["seconds"] for summary in summaries),
            "partitions": len(done),
            "partitions_failed": sum(not summary for summary in ended.values()),
        }
        rows = [("task", *COUNTS)]
        rows += [
            (f"send {i}" + ("" if ended[i] else " ✗"), *(s[name] if s else "?" for name in COUNTS))
            for i, s in done.items()
        ]
        rows += [("together", *(total[name] for name in COUNTS))]
        table = "\n".join(f"{row[0]:<10}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in rows)
        log.info(
            "What happened:\n%s\nbalance %s before, %s after",
            table,
            total["balance_before"],
            total["balance_after"],
        )
        if total["partitions_failed"]:
            log.warning("%s of %s tasks failed (✗): see their logs.", total["partitions_failed"], total["partitions"])
        return total

    preview >> numbers
    send >> report(PARTITIONS).as_teardown()
