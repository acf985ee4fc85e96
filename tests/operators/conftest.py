"""The sandbox, reset before each test, and a connection to it."""

from __future__ import annotations

import json

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.operators.stage import CONNECTION


@pytest.fixture
def sandbox(served: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """A reset sandbox that ``robosms_default`` points at."""
    from airflow.sdk._shared.secrets_masker import reset_secrets_masker

    reset_secrets_masker()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    served.reset()
    fields = {**CONNECTION, "host": served.gateway_url, "extra": {"mask": "SMS-ALERT", "timeout": 10}}
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", json.dumps(fields))
    return served
