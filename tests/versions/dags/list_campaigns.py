"""List campaigns for tests/versions: plain, failing before the first message, and mapped over lists that may change."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, get_current_context, task

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator

PEOPLE = [f"92300{1_000_000 + index:07d}" for index in range(6)]
TEXT = "Aap ka order tayyar hai"
LISTS = Path(os.environ.get("ROBOSMS_VERSIONS_LISTS", ""))


def fails_once(context: Any) -> list[dict[str, str]]:
    """Return messages, but not on the first try: a database is away."""
    if context["ti"].try_number == 1:
        raise ConnectionError("the database is away")
    return [{"to": number, "message": TEXT} for number in PEOPLE]


with DAG("plain", schedule=None):
    RoboSmsSendOperator(task_id="send", to=PEOPLE, message=TEXT, retries=1, retry_delay=timedelta(seconds=1))

with DAG("fails_once", schedule=None):
    RoboSmsSendOperator(task_id="send", messages=fails_once, retries=1, retry_delay=timedelta(seconds=1))

with DAG("mapped", schedule=None):

    @task
    def lists() -> list[list[dict[str, str]]]:
        """Return lists of messages, as the file cuts them now."""
        get_current_context()
        cut = json.loads(LISTS.read_text())
        return [[{"key": str(i), "to": PEOPLE[i], "message": TEXT} for i in people] for people in cut]

    RoboSmsSendOperator.partial(task_id="send").expand(messages=lists())
