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

The sheet is read again when it is sent, so that what changed meanwhile counts: whoever was opted out is left out, and other
people may take their place. Never are more people texted than were approved; other texts, or more message parts, stop the
run before it sends. Rows that a filter hides are texted like all others.

This form has no test to your own number: for that, set **What to do** to *Test* in `robosms_sheet_campaign`, which does the
same as this without asking anybody.

Whoever leaves **Spreadsheet** empty gets the one in the Airflow Variable `robosms_spreadsheet`.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG

from airflow_provider_robosms.task_groups.form import campaign_form, from_form
from airflow_provider_robosms.task_groups.sheet_campaign import sheet_campaign

FORM = campaign_form(approval=True)

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
    tags=["robosms", "campaign"],
    params=FORM,
):
    sheet_campaign(None, **from_form(FORM), what_to_do="send", approval=True)
