"""Runs after each campaign, as the alerting page shows it."""

from __future__ import annotations

from airflow.sdk import DAG, Asset, task

with DAG("after_a_campaign", schedule=[Asset("robosms_campaign")], max_active_runs=1):

    @task
    def what_happened(triggering_asset_events) -> list[dict]:
        """Return what the events tell."""
        return [event.extra for event in triggering_asset_events[Asset("robosms_campaign")]]

    what_happened()
