"""What Airflow's own command line says of the provider."""

from __future__ import annotations

import json

import pytest

from airflow_provider_robosms import __version__

LIST, HOOKS, TEST = "providers list -o json", "providers hooks -o json", "connections test robosms_default"


@pytest.fixture(scope="module")
def commands(program, served):
    fields = {"conn_type": "robosms", "login": "demo@example.pk", "password": "sandbox-key"}
    settings = {
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW_CONN_ROBOSMS_DEFAULT": json.dumps({**fields, "host": served.gateway_url}),
    }
    results = program("airflow_commands", LIST, HOOKS, TEST, **settings)
    assert served.received() == {"posts": 1, "by_to": {}, "balance_checks": 1}  # the POST names nobody
    assert {result["code"] for result in results.values()} == {0}
    return {command: result["output"] for command, result in results.items()}


def test_airflow_lists_the_provider(commands):
    found = {entry["package_name"]: entry for entry in json.loads(commands[LIST])}
    assert found["airflow-provider-robosms"]["version"] == __version__


def test_airflow_knows_the_connection_type(commands):
    found = {entry["connection_type"]: entry for entry in json.loads(commands[HOOKS])}
    assert found["robosms"] == {
        "connection_type": "robosms",
        "class": "airflow_provider_robosms.hooks.robosms.RoboSmsHook",
        "conn_id_attribute_name": "robosms_conn_id",
        "package_name": "airflow-provider-robosms",
        "hook_name": "RoboSMS",
    }


def test_airflow_tests_a_connection_without_sending(commands):
    assert "Connection success!" in commands[TEST]
