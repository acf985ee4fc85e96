"""
### Text everybody in a Google Sheet, once somebody has approved it

1. `preview` reads the sheet: recipients, cost, balance, who is left out and why, three samples. Nothing is sent.
2. `approve` shows that to a person and waits, for three days at most: open the run, or **Required Actions** in the menu of
   Airflow, and press **Approve** or **Reject**.
3. `send` texts them and writes the result into each row.

**Reject** ends the run without a message. Without an answer the run fails, without a message. When nobody is to be texted,
nobody is asked.

The sheet is read again when it is sent, so that what changed meanwhile counts: whoever was opted out is left out. Never are
more messages sent than were approved.

Whoever leaves **Spreadsheet** empty gets the one in the Airflow Variable `robosms_spreadsheet`. `robosms_sheet_campaign` does
the same without asking.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pendulum
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

#: What preview and send have in common, from the form. Airflow fills these in once: tags in a message stay as they are.
CAMPAIGN = {
    "spreadsheet_id": "{{ params.spreadsheet or var.value.get('robosms_spreadsheet', '') }}",
    "recipients_sheet": "{{ params.recipients_sheet }}",
    "templates_sheet": "{{ params.templates_sheet }}",
    "template": "{{ params.template or '' }}",
    "message": "{{ params.message or '' }}",
    "mask": "{{ params.mask or '' }}",
}


def as_markdown(preview: dict[str, Any], approved: int) -> str:
    """Return what the person who approves must know.

    :param preview: the result of the task ``preview``.
    :param approved: messages that will be sent at most.
    """
    lines = [
        f"**{approved:,}** people will be texted.",
        "",
        "| | |",
        "|---|---:|",
        f"| Message parts | {preview['segments']:,} |",
        f"| Cost | {preview['estimated_cost'] or 'not known'} |",
        f"| Balance | {preview['balance_before']} |",
        f"| Texted already | {preview['already_done']:,} |",
        f"| Left out | {preview['skipped']:,} |",
    ]
    if preview["estimated_cost"] and Decimal(preview["estimated_cost"]) > Decimal(preview["balance_before"]):
        lines += ["", "**The balance does not pay for it**: top up before you approve, or the run will fail."]
    if preview["skipped_by_reason"]:
        lines += ["", "Left out:", ""]
        lines += [
            f"- {count:,} × `{reason.replace('`', ' ')}`" for reason, count in preview["skipped_by_reason"].items()
        ]
    for sample in preview["samples"]:
        lines += ["", f"To {sample['to']}, {sample['parts']} {'part' if sample['parts'] == 1 else 'parts'}:", ""]
        # Indented, so that nothing in a text is taken for Markdown.
        lines += [f"    {line}" for line in sample["text"].splitlines()]
    return "\n".join(lines)


with DAG(
    "robosms_approved_campaign",
    description="Texts everybody in a Google Sheet once a person has approved the preview",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    max_active_runs=1,
    user_defined_macros={"as_markdown": as_markdown},
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
            description="The tab's name, as it stands at the bottom of the spreadsheet.",
        ),
        "templates_sheet": Param(
            "Templates",
            type="string",
            minLength=1,
            title="Tab with the templates",
            description="The tab's name, as it stands at the bottom of the spreadsheet.",
        ),
        "template": Param(
            "",
            type=["string", "null"],
            title="Template",
            description="Name of the template for rows that name none and have no Message of their own.",
        ),
        "message": Param(
            "",
            type=["string", "null"],
            format="multiline",
            title="Message",
            description="Instead of a template: the text itself, with tags such as {{ First Name }} for the row's own words.",
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
        "send_window": Param(
            "09:00-21:00",
            type=["string", "null"],
            pattern=r"^$|^\d{2}:\d{2}-\d{2}:\d{2}$",
            title="Hours in which people may be texted",
            description="Pakistan time. Outside these hours the run waits. Empty: at any hour.",
        ),
    },
):
    preview = GoogleSheetsToRoboSmsOperator(
        task_id="preview",
        dry_run=True,
        limit="{{ params.limit or '' }}",
        retries=2,
        retry_delay=timedelta(seconds=30),
        **CAMPAIGN,
    )

    @task.short_circuit
    def recipients() -> int:
        """Return how many messages there are to approve; with none, the run ends here."""
        context = get_current_context()
        pending = context["ti"].xcom_pull(task_ids="preview")["pending"]
        return min(pending, context["params"]["limit"] or pending)

    approve = ApprovalOperator(
        task_id="approve",
        subject="Text {{ ti.xcom_pull('recipients') }} people?",
        body="{{ as_markdown(ti.xcom_pull('preview'), ti.xcom_pull('recipients')) }}",
        response_timeout=timedelta(days=3),
    )

    send = GoogleSheetsToRoboSmsOperator(
        task_id="send",
        limit="{{ ti.xcom_pull('recipients') }}",
        send_window="{{ params.send_window or '' }}",
        retries=4,
        retry_delay=timedelta(seconds=20),
        retry_exponential_backoff=True,
        **CAMPAIGN,
    )

    preview >> recipients() >> approve >> send
