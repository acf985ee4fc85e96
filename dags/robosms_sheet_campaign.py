"""
### Text everybody in a Google Sheet

1. Press **Trigger**, paste the address of your spreadsheet, name one of your templates, and press **Trigger** again.
   Nothing is sent: the log of `check` shows how many people would be texted, what it costs, who is left out and why, and
   three texts.
   With **What to do** set to *Test*, the first three texts also go to the mobile in **Mobile for the test**.
2. When that is what you want, trigger once more with **What to do** set to *Send*.
3. The log of `report` says what happened. Each row of the sheet has its own Status, and the tab `Campaigns` a line for each
   campaign: it shows how far it is, and **a tick in its column Stop** stops it in good order.

| step | what it does |
|---|---|
| `preview` | reads the sheet and the balance; changes nothing |
| `check` | shows the preview; fails when nobody has a text, or when the balance does not pay for it. A preview ends here |
| `send` | texts everybody whose **Status** is blank, and writes the result into their row |
| `report` | adds everything up: sent, left out and why, cost, balance, why something failed |

**Nobody is texted twice**: a row that has a Status is never sent again, whatever crashes. To text somebody again, clear the
Status of that row and trigger once more. Rows that say `UNKNOWN` may have been texted: look in the RoboSMS portal first.
Rows that a filter hides are texted like all others.

**Your sheet**: a tab `Recipients` with a column `Phone` and a column for each thing that the text mentions; a tab
`Templates` with the columns `Name` and `Body`. A body such as `Dear {{ First Name }}, your bill of Rs {{ Due }} is ready.`
takes the words from the columns of the same name. Share the spreadsheet with your service account's e-mail address, as an
editor.

Whoever leaves **Spreadsheet** empty gets the one in the Airflow Variable `robosms_spreadsheet`.

**To send every morning**, copy this file and change four things in the copy: the DAG's id, `schedule="0 10 * * *"` (at 10
in Pakistan), and the first values of `template` (the template's name) and of `what_to_do` (`"send"`). A scheduled run of
this file as it is only previews.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.compat import AirflowSkipException
from airflow_provider_robosms.operators.report import asks_to_send, check_preview, report_campaign
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

# The form opens with the Params that are in no section; sections are closed at first, so nothing in them is required.
TEXT, PACE, TABS = "The text", "How it is sent", "Tabs of the spreadsheet"

#: A limit holds for one task, so it is kept with one.
PARTITIONS = "{{ 1 if params.limit else params.partitions or 1 }}"

#: What preview and send have in common, from the form. Airflow fills these in once: tags in a message stay as they are.
CAMPAIGN = {
    "spreadsheet_id": "{{ params.spreadsheet or var.value.get('robosms_spreadsheet', '') }}",
    "recipients_sheet": "{{ params.recipients_sheet or 'Recipients' }}",
    "templates_sheet": "{{ params.templates_sheet or 'Templates' }}",
    "template": "{{ params.template or '' }}",
    "message": "{{ params.message or '' }}",
    "mask": "{{ params.mask or '' }}",
    "limit": "{{ params.limit or '' }}",
    "max_segments": "{{ params.max_segments or '' }}",
    "send_window": "{{ params.send_window or '' }}",
    "opt_out_line": "{{ params.opt_out_line or var.value.get('robosms_opt_out_line', '') }}",
}

with DAG(
    "robosms_sheet_campaign",
    dag_display_name="SMS campaign from a Google Sheet",
    description="Texts everybody in a Google Sheet and writes the result into each row; a preview first",
    doc_md=__doc__,
    schedule=None,  # see the last paragraph above before you change this
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    # A run that waits for its hours must not hold up other people's. Two on one sheet keep each other out.
    max_active_runs=10,
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
        "what_to_do": Param(
            "preview",
            type="string",
            enum=["preview", "test", "send"],
            values_display={"preview": "Preview: send nothing", "test": "Test: text my own mobile", "send": "Send"},
            title="What to do",
            description="Preview shows what would be sent and what it costs, and changes nothing. Test is a preview that "
            "also sends the first three texts to your own mobile. Send texts people.",
        ),
        "test_to": Param(
            "",
            type=["string", "null"],
            title="Mobile for the test",
            description="Yours, where What to do is Test. Nobody else is texted, and the sheet is not changed.",
        ),
        "limit": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            title="At most so many messages",
            description="For a careful first run. The rest waits for the next run. Empty: everybody.",
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
        "max_segments": Param(
            None,
            type=["integer", "null"],
            minimum=1,
            maximum=10,
            title="Longest text, in parts",
            description="Leave out people whose text is longer. One part is 160 Latin or 70 Urdu characters.",
            section=TEXT,
        ),
        "partitions": Param(
            1,
            type=["integer", "null"],
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
            description="With the columns Name and Body. It may be missing when you write the message in this form. "
            "Empty: Templates.",
            section=TABS,
        ),
    },
):
    preview = GoogleSheetsToRoboSmsOperator(
        task_id="preview",
        dry_run=True,
        # Without a number this is a preview only, whatever the form says.
        test_to="{{ params.test_to or '' if params.what_to_do == 'test' else '' }}",
        test_messages=3,
        retries=2,
        retry_delay=timedelta(seconds=30),
        **CAMPAIGN,
    )

    @task(show_return_value_in_logs=False)
    def check(partitions: str) -> list[int]:
        """Show the preview and return the numbers of the partitions: none, where only a preview was asked for."""
        context = get_current_context()
        check_preview(context, at_most=context["params"]["limit"])
        return list(range(int(partitions))) if asks_to_send(context["params"]) else []

    numbers = check(PARTITIONS)

    # A retry goes on where the last try stopped. The first soon, for a worker that died; the later ones for an outage.
    send = GoogleSheetsToRoboSmsOperator.partial(
        task_id="send",
        campaigns_tab="Campaigns",
        partitions=PARTITIONS,
        max_per_second="{{ params.max_per_second or '' }}",
        retries=4,
        retry_delay=timedelta(seconds=20),
        retry_exponential_backoff=True,
        **CAMPAIGN,
    ).expand(partition=numbers)

    # A teardown runs when a send has failed, too, and leaves the run's colour to the sends.
    @task(show_return_value_in_logs=False)
    def report(partitions: str) -> dict:
        """Add up what the partitions did."""
        context = get_current_context()
        if context["params"]["what_to_do"] != "send":
            raise AirflowSkipException("No campaign was asked for, nobody else was texted: see the log of check.")
        return report_campaign(context, partitions=int(partitions))

    preview >> numbers
    send >> report(PARTITIONS).as_teardown()
