"""Airflow keeps and shows the rendered template fields: numbers and texts must not be in them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk import DAG
from airflow.sdk.execution_time.task_runner import _serialize_rendered_fields

from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from tests.operators.stage import TEXT, StateStore, context, numbers, operator, texted

PERSONAL = ("3001000", "0300", "Ali")


def rendered(task: RoboSmsSendOperator, **extra: object) -> tuple[RoboSmsSendOperator, dict[str, object]]:
    """Do what Airflow's task runner does before each try; return the task and what Airflow would store."""
    task = task.prepare_for_execution()
    task.render_template_fields({**context(StateStore()), **extra})
    return task, _serialize_rendered_fields(task)


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        ("923001000000", "92300****000"),
        ("0300 1000000", "****000"),
        ("{{ params.to }}", "92300****000"),
        (923001000000, "92300****000"),
        (["923001000000"], ["92300****000"]),
        (("923001000000", "0300 1000001"), ["92300****000", "****001"]),
        ([], []),
        ({"Ali": "923001000000"}, "92300****000"),
    ],
)
def test_to_shows_masked_numbers(to, shown):
    _, fields = rendered(operator(to=to, message=TEXT), params={"to": "923001000000"})
    assert fields["to"] == shown
    assert fields["message"] == TEXT
    assert fields["messages"] is None


def test_a_long_list_is_cut(sandbox):
    task, fields = rendered(operator(to=numbers(1234), message=TEXT, bulk_size=500))
    assert fields["to"] == [*("92300****" + number[-3:] for number in numbers(10)), "and 1,224 more"]
    assert task.execute({**context(StateStore()), "params": {}})["sent"] == 1234


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        ([{"to": "923001000000", "message": "Salam Ali", "key": "Ali"}] * 1000, "1,000 messages"),
        ([], "0 messages"),
        ("[{'to': '923001000000', 'message': 'Salam Ali'}]", "not a list"),
        ({"to": "923001000000", "message": "Salam Ali"}, "not a list"),
    ],
)
def test_messages_are_counted(messages, shown):
    _, fields = rendered(operator(messages=messages))
    assert fields["messages"] == shown
    assert not [word for word in PERSONAL if word in json.dumps(fields)]


def test_the_real_values_are_sent(sandbox):
    task, _ = rendered(operator(to=numbers(20), message="{{ params.greeting }}"), params={"greeting": "Salam"})
    assert task.execute(context(StateStore()))["sent"] == 20
    assert texted(sandbox) == dict.fromkeys(numbers(20), 1)
    assert {message["text"] for message in sandbox.accepted()} == {"Salam"}


def test_the_real_messages_are_sent(sandbox):
    messages = [{"to": "{{ params.to }}", "message": "Salam {{ params.name }}"}]
    task, _ = rendered(operator(messages=messages), params={"to": numbers(1)[0], "name": "Ali"})
    assert task.execute(context(StateStore()))["sent"] == 1
    assert [(message["to"], message["text"]) for message in sandbox.accepted()] == [(numbers(1)[0], "Salam Ali")]


def test_they_stay_hidden_after_the_task_has_run(sandbox):
    """Airflow may store the fields once more at the end."""
    task, before = rendered(operator(messages=[{"to": numbers(1)[0], "message": "Salam Ali"}]))
    task.execute(context(StateStore()))
    assert _serialize_rendered_fields(task) == before


def test_the_next_try_renders_the_original_anew(sandbox):
    original, store = operator(to="{{ params.to }}", message=TEXT), StateStore()
    for number in numbers(2):
        task, _ = rendered(original, params={"to": number})
        task.execute(context(store))
    assert texted(sandbox) == dict.fromkeys(numbers(2), 1)
    assert original.to == "{{ params.to }}"


def test_mapped_tasks_hide_them_too(sandbox):
    """A mapped operator does not call the task's render_template_fields()."""
    with DAG("campaign", start_date=datetime(2026, 11, 23, tzinfo=timezone.utc), schedule=None) as dag:
        mapped = RoboSmsSendOperator.partial(task_id="send", message=TEXT).expand(to=[numbers(2), numbers(4)[2:]])
    for index in range(2):
        own = {**context(StateStore()), "dag": dag, "dag_run": SimpleNamespace(conf={})}
        own["ti"].map_index = index
        mapped.render_template_fields(own)
        task = own["ti"].task
        assert isinstance(task, RoboSmsSendOperator)
        fields = _serialize_rendered_fields(task)
        assert fields["to"] == [f"92300****{number[-3:]}" for number in numbers(4)[2 * index : 2 * index + 2]]
        assert task.execute(own)["sent"] == 2
    assert texted(sandbox) == dict.fromkeys(numbers(4), 1)
