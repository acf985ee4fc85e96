"""The campaigns that the kills hit: one from a sheet, one from a list."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Param

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

CONCURRENCY = 20
# On a busy machine a killed API server stays away for long, and Airflow starts try after try meanwhile.
DEFAULTS = {"retries": 200, "retry_delay": timedelta(seconds=1)}


def people(first: int, count: int) -> list[dict[str, str]]:
    """Return the messages of a list campaign; the key is the number that the gateway's log shows."""
    numbers = [f"92300{1_000_000 + index}" for index in range(first, first + count)]
    return [{"to": number, "message": f"Dear {number}, your order is ready", "key": number} for number in numbers]


def keep(outcomes: list[dict[str, Any]]) -> None:
    """Append outcomes to the file that the environment names, in one write, so that no kill tears a line."""
    text = "".join(json.dumps(outcome) + "\n" for outcome in outcomes)
    descriptor = os.open(os.environ["ROBOSMS_KILLS_OUTCOMES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


with DAG("kills_sheet", schedule=None, default_args=DEFAULTS, params={"spreadsheet_id": Param("none", type="string")}):
    GoogleSheetsToRoboSmsOperator(
        task_id="send",
        spreadsheet_id="{{ params.spreadsheet_id }}",
        message="{% raw %}Dear {{ First Name }}, your reference is {{ Ref }}{% endraw %}",
        concurrency=CONCURRENCY,
    )

with DAG(
    "kills_list",
    schedule=None,
    default_args=DEFAULTS,
    params={"first": Param(0, type="integer"), "count": Param(1, type="integer")},
    render_template_as_native_obj=True,
    user_defined_macros={"people": people},
):
    RoboSmsSendOperator(
        task_id="send",
        messages="{{ people(params.first, params.count) }}",  # type: ignore[arg-type]  # rendered to the list itself
        on_outcomes=keep,
        concurrency=CONCURRENCY,
    )
