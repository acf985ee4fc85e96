"""Watchers of one connection and one of another, each with a DAG of its own (an asset without a DAG is not watched)."""

from __future__ import annotations

from airflow.sdk import DAG, Asset, AssetWatcher, task

from airflow_provider_robosms.triggers.robosms import RoboSmsLowBalanceEventTrigger

WATCHERS = {
    "low": {"min_balance": "100"},
    "low_twin": {"min_balance": "100"},  # the same parameters: Airflow makes one trigger with two assets of both
    "low_wide": {"min_balance": "100", "margin_percent": "20"},
    "low_messages": {"min_messages": 200},
    "low_far": {"min_balance": "1"},
    "low_edited": {"min_balance": "100", "robosms_conn_id": "robosms_edited"},
}

for name, parameters in WATCHERS.items():
    trigger = RoboSmsLowBalanceEventTrigger(**parameters, poll_interval=1)
    asset = Asset(name, watchers=[AssetWatcher(name=name, trigger=trigger)])
    with DAG(f"on_{name}", schedule=[asset]) as dag:

        @task
        def note(triggering_asset_events=None) -> list:
            """Return the payloads that this run was started by."""
            return [event.extra["payload"] for events in triggering_asset_events.values() for event in events]

        note()
    globals()[dag.dag_id] = dag
