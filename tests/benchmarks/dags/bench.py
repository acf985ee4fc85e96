"""The two sending operators, measured in their own task processes."""

from __future__ import annotations

import gc
from typing import Any

from airflow.sdk import DAG, Param

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.operators.sending import SendingOperator
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator
from tests.benchmarks.measure import TEXT, measured, people

SIZE = {"count": Param(10, type="integer"), "concurrency": Param(20, type="integer"), "latency": Param(50)}


class Measured(SendingOperator):
    """Takes its settings from the run's params and returns what its ``execute`` cost."""

    def execute(self, context: Any) -> dict[str, Any]:
        params = context["params"]
        # Python's own setting, as in the contestants without Airflow: the harness has another one for what it starts.
        gc.set_threshold(700, 10, 10)
        self.concurrency = params["concurrency"]
        self.robosms_conn_id = f"robosms_{params['latency']}"
        found = measured(lambda: super(Measured, self).execute(context))
        if found["result"]["sent"] != params["count"]:
            raise RuntimeError(f"not all were sent: {found['result']}")
        return found


class ListCampaign(Measured, RoboSmsSendOperator):
    """The list operator, measured."""


class SheetCampaign(Measured, GoogleSheetsToRoboSmsOperator):
    """The sheet operator, measured."""


with DAG("bench_list", schedule=None, params=SIZE):
    ListCampaign(task_id="send", messages=lambda context: people(context["params"]["count"]))

with DAG("bench_sheet", schedule=None, params={**SIZE, "sheet": Param("", type="string")}):
    SheetCampaign(task_id="send", spreadsheet_id="{{ params.sheet }}", message="{% raw %}" + TEXT + "{% endraw %}")
