"""``messages`` as a function: called when the task runs, its numbers shown nowhere; and each keyed one has an outcome."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.exceptions import RoboSmsError
from tests.operators.stage import TEXT, StateStore, context, numbers, operator, run, texted


def source(context):
    return ({"key": index, "to": number, "message": context["run_id"]} for index, number in enumerate(numbers(3)))


def test_a_function_gives_the_messages_when_the_task_runs(sandbox):
    assert run(StateStore(), messages=source)["sent"] == 3
    assert {message["text"] for message in sandbox.accepted()} == {"manual__2026-11-23"}


def test_rendering_neither_calls_it_nor_shows_what_it_gives(sandbox):
    calls = []

    def people(context):
        calls.append(context["run_id"])
        return [{"key": "7", "to": numbers(1)[0], "message": TEXT}]

    task = operator(messages=people, mask="{{ run_id }}")
    given = context(StateStore(), "SMS-ALERT")
    task.render_template_fields(given)
    assert calls == []
    assert (task.messages, task.mask) == ("messages of the function people", "SMS-ALERT")
    assert task.execute(given)["sent"] == 1
    assert calls == ["SMS-ALERT"]


def test_an_error_of_the_function_is_the_task_s(sandbox):
    def broken(context):
        raise LookupError("no such table")

    with pytest.raises(LookupError, match="no such table"):
        run(StateStore(), messages=broken)


def test_a_function_that_gives_no_list_is_named(sandbox):
    with pytest.raises(AirflowFailException, match="messages must be a list"):
        run(StateStore(), messages=lambda context: None)


def test_unusable_messages_with_a_key_come_as_skipped(sandbox):
    told = []
    good, *_ = numbers(1)
    messages = [
        {"key": "a", "to": "0300-12", "message": TEXT},
        {"key": "b", "to": good, "message": " "},
        {"key": "c", "to": good, "message": TEXT},
        {"key": "c", "to": good, "message": TEXT},  # a duplicate must not hide what became of the first
        {"to": "0300-12", "message": TEXT},  # nobody could tell whose outcome that would be
    ]
    assert run(StateStore(), messages=messages, on_outcomes=told.extend)["skipped"] == 4
    assert texted(sandbox) == {good: 1}
    assert [(row["key"], row["status"]) for row in told] == [("a", "SKIPPED"), ("b", "SKIPPED"), ("c", "SENT")]
    assert told[0]["detail"].startswith("bad number: the wrong number of digits")
    assert set(told[0]) == set(told[2])


def test_skipped_ones_are_told_when_nothing_can_be_sent(sandbox):
    told = []
    with pytest.raises(AirflowFailException, match="Nothing can be sent"):
        run(StateStore(), messages=[{"key": 1, "to": "x", "message": TEXT}], on_outcomes=told.extend)
    assert [(row["key"], row["status"]) for row in told] == [("1", "SKIPPED")]


def test_a_preview_tells_nothing(sandbox):
    told = []
    messages = [{"key": 1, "to": "x", "message": TEXT}, {"key": 2, "to": numbers(1)[0], "message": TEXT}]
    run(StateStore(), messages=messages, on_outcomes=told.extend, dry_run=True)
    assert told == []


def test_nothing_is_sent_when_skipped_ones_cannot_be_told(sandbox):
    def broken(rows):
        raise OSError

    messages = [{"key": 1, "to": "x", "message": TEXT}, {"key": 2, "to": numbers(1)[0], "message": TEXT}]
    with pytest.raises(RoboSmsError, match="on_outcomes failed with OSError: fix it and run the task again"):
        run(StateStore(), messages=messages, on_outcomes=broken)
    assert texted(sandbox) == {}
