"""The alerting example DAGs parse without asking anybody, and their trigger form explains itself."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

import pytest
from airflow.sdk import DAG, BaseHook, Variable
from airflow.serialization.serialized_objects import DagSerialization

DAGS = Path(__file__).parents[2] / "dags"
NAMES = ("robosms_balance_alert", "robosms_low_balance_event", "robosms_failure_alert")


@pytest.fixture(params=NAMES)
def dag(request, monkeypatch) -> DAG:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("parsing a DAG file must ask nobody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(BaseHook, "get_connection", refuse)
    monkeypatch.setattr(Variable, "get", refuse)
    spec = importlib.util.spec_from_file_location(request.param, DAGS / f"{request.param}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.dag.dag_id == request.param
    return module.dag


def test_it_parses_and_serializes(dag):
    restored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert set(restored.task_dict) == set(dag.task_dict)


def test_its_form_explains_itself(dag):
    assert dag.doc_md.strip().startswith("###")
    assert dag.description
    dag.params.validate()
    for name in dag.params:
        param = dag.params.get_param(name)
        assert param.schema["title"], name
        assert param.description.endswith("."), name
