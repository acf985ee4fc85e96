"""One sheet over partitions; each message names in its mask the Celery worker that sent it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import psutil
from airflow.sdk import DAG, Param, task

from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator
from tests.benchmarks.measure import TEXT

PARTITIONS = "{{ params.partitions }}"


def worker() -> str:
    """Return the name of the Celery worker that this task runs on, such as ``WORKER-1``."""
    for process in psutil.Process().parents():
        if found := re.search(r"\b(worker-\d+)@", " ".join(process.cmdline())):  # an option, or in Celery's own title
            return found[1].upper()
    raise RuntimeError("this task runs on no Celery worker of the harness")


class OnWorker(GoogleSheetsToRoboSmsOperator):
    """The sheet operator, with the worker's name as the sender mask."""

    def execute(self, context: Any, event: Any = None) -> dict[str, Any]:
        self.mask = worker()
        return super().execute(context, event)


with DAG(
    "bench_distributed",
    schedule=None,
    params={
        "sheet": Param("", type="string"),
        "partitions": Param(1, type="integer"),
        "pace": Param(None, type=["number", "null"]),
    },
):

    @task
    def shares(**context: Any) -> list[int]:
        """Return the numbers of the partitions."""
        return list(range(context["params"]["partitions"]))

    OnWorker.partial(
        task_id="send",
        spreadsheet_id="{{ params.sheet }}",
        message="{% raw %}" + TEXT + "{% endraw %}",
        partitions=PARTITIONS,
        max_per_second="{{ params.pace or '' }}",
        retries=10,
        retry_delay=timedelta(seconds=1),
    ).expand(partition=shares())
