"""The balance sensor's parameters: what cannot be used is one sentence when the DAG is parsed."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import (
    AirflowFailException,
)

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sensors.robosms import RoboSmsBalanceSensor
from tests.sensors.portal import Portal
from tests.sensors.test_balance_sensor import ENOUGH, Run, sensor

SECONDS = "must be a number of seconds from 0 to 10000000"


@pytest.fixture
def portal(monkeypatch):
    with Portal() as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        yield portal


class TestParameters:
    @pytest.mark.parametrize(
        ("parameters", "sentence"),
        [
            ({}, "Set either min_balance or min_messages: none is set."),
            ({"min_balance": "a lot"}, "min_balance must be a number above 0, not 'a lot'."),
            ({"min_balance": 1, "condition": "above"}, "condition must be at_least or below, not 'above'."),
            ({"min_balance": 1, "max_failed_polls": -1}, "max_failed_polls must be a whole number from 0, not -1."),
            (
                {"min_balance": 1, "poke_interval": -1},
                f"poke_interval {SECONDS}, not -1.",
            ),
            (
                {"min_balance": 1, "poke_interval": datetime.timedelta(days=-1)},
                f"poke_interval {SECONDS}, not -86400.0.",
            ),
            (
                {"min_balance": 1, "poke_interval": float("inf")},
                f"poke_interval {SECONDS}, not inf.",
            ),
            ({"min_balance": 1, "timeout": -5}, f"timeout {SECONDS}, not -5."),
            (
                {"min_balance": 1, "timeout": "1e99"},
                f"timeout {SECONDS}, not '1e99'.",
            ),
            ({"min_messages": "1e999999"}, "min_messages must be a number above 0, not '1e999999'."),
            ({"min_balance": 1, "deferrable": "maybe"}, "deferrable must be True or False, not 'maybe'."),
            ({"min_balance": 1, "deferrable": None}, "deferrable must be True or False, not None."),
            ({"min_balance": 1, "soft_fail": "tru"}, "soft_fail must be True or False, not 'tru'."),
            ({"min_balance": 1, "never_fail": "{{ x }}"}, "never_fail must be True or False, not '{{ x }}'."),
            ({"min_balance": 1, "max_failed_polls": 1.5}, "max_failed_polls must be a whole number from 0, not 1.5."),
        ],
    )
    def test_bad_ones_are_one_sentence_when_the_dag_is_parsed(self, parameters, sentence):
        with pytest.raises(RoboSmsError) as error:
            sensor(**parameters)
        assert str(error.value) == sentence

    def test_the_word_false_is_no_yes(self, monkeypatch):
        monkeypatch.undo()
        task = sensor(min_balance=1, deferrable="False", soft_fail="no", never_fail="off", silent_fail="0")
        assert (task.deferrable, task.soft_fail, task.never_fail, task.silent_fail) == (False,) * 4
        assert sensor(min_balance=1, soft_fail="True").soft_fail is True

    @pytest.mark.parametrize("interval", [0, 0.2, datetime.timedelta(0)])
    @pytest.mark.parametrize("mode", ["poke", "reschedule"])
    def test_the_balance_is_read_once_a_second_at_most(self, monkeypatch, interval, mode):
        monkeypatch.undo()
        assert sensor(min_balance=1, poke_interval=interval, mode=mode).poke_interval == 1
        assert sensor(min_balance=1, poke_interval=datetime.timedelta(minutes=2)).poke_interval == 120

    def test_airflows_default_timeout_is_kept(self):
        assert RoboSmsBalanceSensor(task_id="wait", min_balance=1).timeout == datetime.timedelta(days=7).total_seconds()

    def test_templates_are_checked_when_the_task_runs(self, portal):
        task = sensor(min_messages="{{ params.n }}", min_balance="{{ params.amount }}")
        task.render_template_fields({"params": {"n": "25", "amount": ""}})
        assert task.execute(Run().context()) == ENOUGH
        task = sensor(min_messages="{{ params.n }}")
        task.render_template_fields({"params": {"n": "many"}})
        with pytest.raises(AirflowFailException, match="min_messages must be a number above 0, not 'many'"):
            task.execute(Run().context())

    def test_it_serializes_with_its_dag(self):
        from airflow.serialization.serialized_objects import DagSerialization

        with DAG("d", schedule=None) as dag:
            sensor(min_balance=Decimal("12.50"))
            RoboSmsBalanceSensor.partial(task_id="mapped", condition="below").expand(min_messages=[1, 2])
        restored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert set(restored.task_dict) == {"wait", "mapped"}
