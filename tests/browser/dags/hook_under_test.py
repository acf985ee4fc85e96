"""What the hook finds in a connection, and what its test says; run by the browser tests."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from airflow_provider_robosms.hooks.robosms import RoboSmsHook, account_of

with DAG("hook_under_test", schedule=None, params={"robosms_conn_id": Param("robosms_default", type="string")}):

    @task
    def look() -> dict[str, Any]:
        """Return the account without its key; that the test of the connection succeeds shows the key to be right."""
        hook = RoboSmsHook(get_current_context()["params"]["robosms_conn_id"])
        account = account_of(hook.get_connection(hook.robosms_conn_id))
        found = {name: getattr(account, name) for name in ("email", "host", "mask", "timeout", "send_parameters")}
        return {**found, "test": list(hook.test_connection())}

    look()
