"""Planned campaigns as ready-made, but every minute."""

from __future__ import annotations

import pendulum
from airflow.sdk import DAG

from airflow_provider_robosms.task_groups.planned_campaigns import planned_campaigns

with DAG(
    "planned_each_minute",
    schedule="* * * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Karachi"),
    catchup=False,
    max_active_runs=10,
):
    planned_campaigns(dag_id="planned_each_minute", plan="{{ var.value.get('plan_of_each_minute', '[]') }}")
