"""Sheet campaigns for tests/versions: by itself, and mapped over spreadsheets and partitions that may change."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

SAID = Path(os.environ.get("ROBOSMS_VERSIONS_SAID", ""))
PEOPLE = [f"92300{1_000_000 + index:07d}" for index in range(6)]
DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)
#: Runs only when it is backfilled: the scheduler has no run of its own to make.
PAST = {"schedule": "@daily", "start_date": DAY, "end_date": DAY + timedelta(days=2), "catchup": False}
CAMPAIGN: dict[str, Any] = {
    "message": "{% raw %}Dear {{ First Name }}, your reference is {{ Ref }}{% endraw %}",
    "concurrency": 4,
    "retries": 2,
    "retry_delay": timedelta(seconds=1),
}


def said(what: str) -> Any:
    """Return what the scenario says now."""
    return json.loads(SAID.read_text())[what]


with DAG("sheet", schedule=None, params={"spreadsheet_id": Param("none", type="string")}):
    GoogleSheetsToRoboSmsOperator(task_id="send", spreadsheet_id="{{ params.spreadsheet_id }}", **CAMPAIGN)

with DAG("sheets", schedule=None):

    @task
    def spreadsheets() -> list[str]:
        """Return the spreadsheets that there are now."""
        get_current_context()
        return said("spreadsheets")

    GoogleSheetsToRoboSmsOperator.partial(task_id="send", **CAMPAIGN).expand(spreadsheet_id=spreadsheets())

with DAG("partitions", schedule=None, user_defined_macros={"said": said}):

    @task
    def numbers() -> list[int]:
        """Return the partitions that there are now."""
        get_current_context()
        return list(range(said("partitions")))

    GoogleSheetsToRoboSmsOperator.partial(
        task_id="send",
        spreadsheet_id="{{ said('spreadsheets')[0] }}",
        partitions="{{ said('partitions') }}",
        **CAMPAIGN,
    ).expand(partition=numbers())

with DAG("daily_sheet", user_defined_macros={"said": said}, **PAST):
    GoogleSheetsToRoboSmsOperator(task_id="send", spreadsheet_id="{{ said('spreadsheets')[0] }}", **CAMPAIGN)

with DAG("daily_list", **PAST):
    RoboSmsSendOperator(task_id="send", to=PEOPLE, message="Aap ka order tayyar hai")
