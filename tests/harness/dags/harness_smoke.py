"""What the harness itself is tested with; it needs nothing but Airflow."""

from __future__ import annotations

import os
import time

from airflow.sdk import DAG, Param, get_current_context, task

with DAG(
    "harness_smoke",
    schedule=None,
    params={
        "seconds": Param(0, type="number", description="How long `remember` works on its first try"),
        "square_seconds": Param(0, type="number", description="How long each `square` works"),
    },
    default_args={"retries": 2, "retry_delay": 0},
):

    @task
    def remember() -> dict:
        """Keep a value in the task state store over the death of its process."""
        context = get_current_context()
        store = context["task_state_store"]
        tries = [*(store.get("tries") or []), context["ti"].try_number]
        store.set("tries", tries)
        print(f"try {context['ti'].try_number} knows of {tries}")
        if len(tries) == 1:
            time.sleep(context["params"]["seconds"])
            os._exit(1)
        return {"tries": tries}

    @task
    def square(number: int) -> int:
        """One mapped task instance for each number."""
        context = get_current_context()
        context["task_state_store"].set("square", number * number)
        time.sleep(context["params"]["square_seconds"])
        return number * number

    remember() >> square.expand(number=[1, 2, 3])
