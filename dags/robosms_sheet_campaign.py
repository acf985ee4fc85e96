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

**To send every morning**, copy this file and change in the copy:

- the DAG's id, the first line in `DAG(…)`;
- `dag_display_name`, so that Airflow's pages tell the two apart;
- `schedule="0 10 * * *"`, for 10 o'clock in Pakistan;
- the first values of the form: `campaign_form(template="reminder", what_to_do="send")`, with your template's name;
- the spreadsheet: put its address into the Airflow Variable `robosms_spreadsheet`, or give it as one more first value,
  `spreadsheet="https://…"`.

Whoever has a Status is not texted again: each morning, only those whose Status is blank are, and rows that were SKIPPED are
looked at again. A scheduled run of this file as it is only previews.
"""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG

from airflow_provider_robosms.task_groups.form import campaign_form, from_form
from airflow_provider_robosms.task_groups.sheet_campaign import sheet_campaign

FORM = campaign_form()

with DAG(
    "robosms_sheet_campaign",
    dag_display_name="SMS campaign from a Google Sheet",
    description="Texts everybody in a Google Sheet and writes the result into each row; a preview first",
    doc_md=__doc__,
    schedule=None,  # see the end of the text above before you change this
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    # A run that waits for its hours must not hold up other people's. Two on one sheet keep each other out.
    max_active_runs=10,
    tags=["robosms", "campaign"],
    params=FORM,
):
    sheet_campaign(None, **from_form(FORM))
