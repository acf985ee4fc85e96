"""The sandbox for the tests of the command, with the Google connection to it in the environment, as in Airflow."""

from __future__ import annotations

import json

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.sandbox.server import RunningSandbox


@pytest.fixture
def sandbox(served: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    served.reset()
    # Several probes within a minute are more than Google allows one account.
    served._call("POST", "/sandbox/sheets/quota", {"enabled": False})
    extra = {"key_path": str(served.key_file), "api_endpoint": served.url}
    connection = {"conn_type": "google_cloud_platform", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT", json.dumps(connection))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    return served
