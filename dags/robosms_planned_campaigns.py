"""
### Send what is planned in a Google Sheet

Looks at a plan every hour, and starts each campaign whose time has come. Nobody has to trigger anything.

**The plan** is a tab `Plan` with these columns, one campaign a line:

| column | what to put there |
|---|---|
| `Spreadsheet` | address of the spreadsheet with the people; blank: the one that the plan is in |
| `Tab` | the tab with the people; blank: `Recipients` |
| `Template` | name of a template of that spreadsheet |
| `When` | when to begin, such as `2026-11-23 14:00`, Pakistan time |
| `Hours` | when people may be texted; blank: `09:00-21:00` |
| `Send` | **a tick: may be sent.** Without it the line is only looked at |

**Set up**: put the address of the plan's spreadsheet into the Airflow Variable `robosms_plan`, and switch the DAG on, which
**Trigger** does, too. As long as nothing is ticked, nothing is sent. Press **Trigger**, and **Trigger** again in the form,
and read the log of `read_plan`: it says what it would do about each line. Then tick. In place of an address the Variable may
hold a JSON list, with the columns as keys:
`[{"spreadsheet": "https://…", "template": "reminder", "when": "2026-11-23 14:00", "send": true}]`

**Each line is sent at most once**: it begins within an hour or so after `When`, in a run of its own, with preview, check and
report as in `robosms_sheet_campaign`. What could not begin within a day is not sent any more. To send it again, give it a new
`When`. A line that waits for its hours holds up no other one.

The tab `Campaigns` of each spreadsheet says what happened. A line of the plan that is not understood is a sentence there, in
the plan's spreadsheet, and the other lines go on. Nothing is written into the plan.
"""

from __future__ import annotations

# Used further in. What a DAG file names itself, Airflow loads once, and not each time it reads the file.
import airflow.providers.standard.operators.trigger_dagrun  # noqa: F401
import pendulum
from airflow.sdk import DAG, Param

from airflow_provider_robosms.task_groups.planned_campaigns import planned_campaigns

CHOICES = {"preview": "Preview: start nothing", "send": "Start what is due"}
WORDS = "Preview shows what would be started now. The runs that come every hour start it, as long as the DAG is on."
PLAN = "Address of the spreadsheet with the tab Plan. Empty: the Airflow Variable robosms_plan."
FORM = {
    "spreadsheet": Param("", PLAN, title="Spreadsheet with the plan", type=["string", "null"]),
    "what_to_do": Param("preview", WORDS, title="What to do", type="string", enum=[*CHOICES], values_display=CHOICES),
}

with DAG(
    "robosms_planned_campaigns",
    dag_display_name="Planned SMS campaigns",
    description="Starts the campaigns of a plan in a Google Sheet, each at its time and at most once",
    doc_md=__doc__,
    schedule="0 * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    is_paused_upon_creation=True,  # once it is on, what is ticked is sent
    # One for each line that is being sent, or waits for the next day, beside the one that reads the plan.
    max_active_runs=100,
    tags=["robosms", "campaign"],
    params=FORM,
):
    planned_campaigns(
        dag_id="robosms_planned_campaigns",
        plan="{{ params.spreadsheet or var.value.get('robosms_plan', '') }}",
        what_to_do="{{ params.what_to_do }}",
        opt_out_line="{{ var.value.get('robosms_opt_out_line', '') }}",
    )
