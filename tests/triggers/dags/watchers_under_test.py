"""Watchers of one connection, and one of another. An asset that no DAG is scheduled by is not watched.

The first five share a DAG that never runs, as it would need an event of each and ``low_far`` has none: the runs of
``robosms_low_balance_event`` are tested, not these.
"""

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

ASSETS = {
    name: Asset(
        name,
        watchers=[AssetWatcher(name=name, trigger=RoboSmsLowBalanceEventTrigger(**parameters, poll_interval=1))],
    )
    for name, parameters in WATCHERS.items()
}
TOGETHER = [asset for name, asset in ASSETS.items() if name != "low_edited"]

for dag_id, assets in (("watchers", TOGETHER), ("on_low_edited", [ASSETS["low_edited"]])):
    with DAG(dag_id, schedule=assets) as dag:

        @task
        def note(triggering_asset_events=None) -> list:
            """Return the payloads that this run was started by."""
            return [event.extra["payload"] for events in triggering_asset_events.values() for event in events]

        note()
    globals()[dag_id] = dag
