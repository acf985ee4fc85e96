"""One sheet over partitions; each message names in its mask the Celery worker and the partition that sent it."""

from __future__ import annotations

import os
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from airflow.sdk import DAG, Param, task

from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator
from tests.benchmarks.measure import TEXT

PARTITIONS = "{{ params.partitions }}"


def worker() -> str:
    """Return the number of the Celery worker that this task runs on."""
    for process in psutil.Process().parents():
        if found := re.search(r"\bworker-(\d+)@", " ".join(process.cmdline())):  # an option, or in Celery's own title
            return found[1]
    raise RuntimeError("this task runs on no Celery worker of the harness")


class OnWorker(GoogleSheetsToRoboSmsOperator):
    """The sheet operator, with worker and partition as the sender mask (``W1-P3``).

    In the folder of the variable ``BENCH_CALLS`` a file for each partition, over all its tries, gets a line for each of its
    Sheets calls: its kind, and how long it waited for the partition's share of Google's quota (seconds).
    """

    def execute(self, context: Any, event: Any = None) -> dict[str, Any]:
        self.mask = f"W{worker()}-P{self.partition}"
        return super().execute(context, event)

    def _open_api(self) -> Any:
        api = super()._open_api()
        path = Path(os.environ["BENCH_CALLS"]) / str(self.partition)
        for kind, budget in api._budgets.items():

            def wait(calls: int = 1, *, kind: str = kind, wait: Any = budget.wait) -> None:
                began = time.monotonic()
                wait(calls)
                if calls == 1:  # more are asked for ahead, and made one by one
                    with path.open("a") as file:
                        file.write(f"{kind} {time.monotonic() - began:.3f}\n")

            budget.wait = wait  # type: ignore[method-assign]
        return api


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
