"""One mapped task a recipient, as somebody writes it who has Airflow and requests: nothing of this provider is loaded.

As many tasks at once as Airflow's own default allows in all (32), and not the 16 of one DAG.
"""

from __future__ import annotations

from typing import Any

import requests
from airflow.sdk import DAG, Param, task

with DAG(
    "bench_mapped",
    schedule=None,
    max_active_tasks=32,
    params={"count": Param(10, type="integer"), "url": Param("", type="string")},
):

    @task
    def recipients(**context: Any) -> list[dict[str, str]]:
        """Return whom to text."""
        return [
            {"to": f"92300{1_000_000 + i}", "message": f"Dear Name{i}, your order is ready"}
            for i in range(context["params"]["count"])
        ]

    @task
    def send(one: dict[str, str], **context: Any) -> str:
        """Text one of them."""
        account = {"email": "demo@example.pk", "key": "benchmark-key", "mask": "SMS-ALERT"}
        url = context["params"]["url"] + "/api/send-message"
        code: str = requests.post(url, json={**account, **one}, timeout=30).json()["code"]
        if code != "000":
            raise RuntimeError(code)
        return code

    send.expand(one=recipients())
