"""
### Text everybody in a Google Sheet, once somebody has approved it

1. Press **Trigger**, paste the address of your spreadsheet and name one of your templates. `preview` reads the sheet, and the
   log of `check` shows what would be sent. The run fails here when nobody has a text, or the balance does not pay for it.
2. `approve` shows the same to a person and waits, for three days at most: open the run, or **Required Actions** in the menu
   of Airflow, and press **Approve** or **Reject**. Whoever's mobile is in the form gets an SMS that you wait.
3. `send` texts everybody and writes the result into each row. `report` adds it up. A tick in the column Stop of the tab
   `Campaigns` stops it in good order.

**Reject** ends the run without a message. Without an answer the run fails, without a message. When nobody is to be texted,
nobody is asked.

The sheet is read again when it is sent, so that what changed meanwhile counts: whoever was opted out is left out. Never are
more messages sent than were approved. Rows that a filter hides are texted like all others.

Whoever leaves **Spreadsheet** empty gets the one in the Airflow Variable `robosms_spreadsheet`. `robosms_sheet_campaign` does
the same without asking.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pendulum
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.campaign.report import preview_page
from airflow_provider_robosms.compat import AirflowSkipException
from airflow_provider_robosms.gateway.protocol import RoboSmsError
from airflow_provider_robosms.hooks.robosms import RoboSmsHook
from airflow_provider_robosms.operators.report import check_preview, report_campaign
from airflow_provider_robosms.sms.phone import InvalidNumber
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

# The form opens with the Params that are in no section; sections are closed at first, so nothing in them is required.
TEXT, TABS = "The text", "Tabs of the spreadsheet"
SPREADSHEET = "params.spreadsheet or var.value.get('robosms_spreadsheet', '')"

#: What preview and send have in common, from the form. Airflow fills these in once: tags in a message stay as they are.
CAMPAIGN = {
    "spreadsheet_id": "{{ " + SPREADSHEET + " }}",
    "recipients_sheet": "{{ params.recipients_sheet or 'Recipients' }}",
    "templates_sheet": "{{ params.templates_sheet or 'Templates' }}",
    "template": "{{ params.template or '' }}",
    "message": "{{ params.message or '' }}",
    "mask": "{{ params.mask or '' }}",
    "send_window": "{{ params.send_window or '' }}",
    "opt_out_line": "{{ params.opt_out_line or var.value.get('robosms_opt_out_line', '') }}",
}

log = logging.getLogger(__name__)


def approval_page(preview: dict[str, Any], params: Mapping[str, Any], spreadsheet: str, requester: str | None) -> str:
    """Return what the person who approves must know.

    :param preview: the result of the task ``preview``.
    :param params: the form.
    :param spreadsheet: its address or key.
    :param requester: who triggered the run, where Airflow knows it.
    """

    def shown(words: object) -> str:  # what somebody typed, in which nothing is taken for Markdown
        return f"`{' '.join(str(words).replace('`', ' ').split())}`"

    sender = params["mask"] or RoboSmsHook().client.account.mask
    is_address = re.fullmatch(r"https?://[\w./:#?=&%-]+", spreadsheet)
    lines = [
        f"- Spreadsheet: {f'<{spreadsheet}>' if is_address else shown(spreadsheet)}",
        f"- From: {shown(sender or 'no sender mask')}, unless a template names another",
        f"- Hours: {shown(params['send_window']) if params['send_window'] else 'any'} (Pakistan time)",
        f"- Asked for by: {shown(requester or 'not known')}",
        "",
        preview_page(preview, at_most=params["limit"]),
    ]
    return "\n".join(lines)


with DAG(
    "robosms_approved_campaign",
    dag_display_name="SMS campaign from a Google Sheet, with approval",
    description="Texts everybody in a Google Sheet once a person has approved the preview",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    # A run that waits for an answer must not hold up other people's. Two on one sheet keep each other out.
    max_active_runs=10,
    user_defined_macros={"approval_page": approval_page},
    tags=["robosms", "campaign"],
    params={
        "spreadsheet": Param(
            "",
            type=["string", "null"],
            title="Spreadsheet",
            description="Its address, copied from the browser, or its key. Empty: the Airflow Variable robosms_spreadsheet.",
        ),
        "template": Param(
            "",
            type=["string", "null"],
            title="Template",
            description="Name of the template, for rows that name none and have no Message of their own.",
        ),
        "approver": Param(
            "",
            type=["string", "null"],
            title="Mobile of who approves",
            description="Gets an SMS as soon as the run waits for an answer. Empty: nobody is told.",
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
            description="Pakistan time, such as 09:00-21:00 or 9 am - 9 pm. Outside these hours the run waits. "
            "Empty: at any hour.",
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
        "opt_out_line": Param(
            "",
            type=["string", "null"],
            title="Opt-out line",
            description="Every text ends with it, such as Reply STOP for no more texts. Empty: the Airflow Variable "
            "robosms_opt_out_line, else no line.",
            section=TEXT,
        ),
        "recipients_sheet": Param(
            "Recipients",
            type=["string", "null"],
            title="Tab with the recipients",
            description="One person a row, with a column Phone. Empty: Recipients.",
            section=TABS,
        ),
        "templates_sheet": Param(
            "Templates",
            type=["string", "null"],
            title="Tab with the templates",
            description="With the columns Name and Body. Empty: Templates.",
            section=TABS,
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

    @task.short_circuit(show_return_value_in_logs=False)
    def check() -> int:
        """Show the preview and return how many messages there are to approve; with none, the run ends here."""
        context = get_current_context()
        limit = context["params"]["limit"]
        pending = check_preview(context, at_most=limit)["pending"]
        return min(pending, limit or pending)

    @task
    def tell_approver() -> None:
        """Text the person who approves, where the form names one."""
        context = get_current_context()
        if not context["params"]["approver"]:
            raise AirflowSkipException("The form names nobody to be told.")
        count = context["ti"].xcom_pull(task_ids="check")
        text = f"An SMS campaign to {count:,} people waits for your answer in Airflow, under Required Actions."
        try:
            result = RoboSmsHook().send(context["params"]["approver"], text, mask=context["params"]["mask"] or None)
        except (InvalidNumber, RoboSmsError) as error:  # who is asked finds the run under Required Actions all the same
            raise AirflowSkipException(f"The approver was not told: {error}") from None
        log.info("The approver was told: %s (%s).", result.status.value, result.detail)

    approve = ApprovalOperator(
        task_id="approve",
        subject="Text {{ ti.xcom_pull('check') }} people?",
        body="{{ approval_page(ti.xcom_pull('preview'), params, " + SPREADSHEET + ", dag_run.triggering_user_name) }}",
        response_timeout=timedelta(days=3),
    )

    send = GoogleSheetsToRoboSmsOperator(
        task_id="send",
        campaigns_tab="Campaigns",
        limit="{{ ti.xcom_pull('check') }}",
        retries=4,
        retry_delay=timedelta(seconds=20),
        retry_exponential_backoff=True,
        **CAMPAIGN,
    )

    # A teardown runs when the send has failed, too, and leaves the run's colour to the send.
    @task(show_return_value_in_logs=False)
    def report() -> dict:
        """Add up what was done."""
        return report_campaign(get_current_context())

    counted = check()
    preview >> counted >> approve >> send >> report().as_teardown()
    counted >> tell_approver()
