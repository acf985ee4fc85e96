"""A person reads why a task fails in the words of the form that they filled in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, Param
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.context import set_current_context

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.operators.reason import FAILURE, in_words_of_the_form
from airflow_provider_robosms.operators.report import asks_to_send, sentences
from airflow_provider_robosms.task_groups.form import campaign_form
from tests.operators.stage import TEXT, StateStore, context, numbers, operator


def running(params: dict[str, Any] | None = None) -> Any:
    """Return the context of a task of a DAG with this form, by default that of a campaign from a sheet."""
    given = context(StateStore())
    given["dag"] = DAG("bills", schedule=None, params=campaign_form() if params is None else params)
    given["ti"].left = {}
    given["ti"].xcom_push = lambda key, value: given["ti"].left.update({key: value})
    return given


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "max_per_second must be a number from 0.001 to 10,000, not 0.",
            "Messages per second must be a number from 0.001 to 10,000, not 0.",
        ),
        ("test_to must be one mobile number: x.", "Mobile for the test must be one mobile number: x."),
        ("opt_out_line must be one line without tags.", "Opt-out line must be one line without tags."),
        ("limit came out as None: nothing.", "At most so many messages came out as None: nothing."),
        ("message: tag {{Due}} is not a column.", "Message: tag {{Due}} is not a column."),
        ("mask holds half a character.", "Sender mask holds half a character."),
        ("concurrency must be a whole number.", "concurrency must be a whole number."),  # no field of this form
        ("messages[0] must have 'to'.", "messages[0] must have 'to'."),
        ("The limit is reached.", "The limit is reached."),
        ("", ""),
    ],
)
def test_a_field_has_the_name_of_the_form(sentence: str, told: str) -> None:
    assert in_words_of_the_form(sentence, running()) == told


def test_without_a_title_or_a_form_the_sentence_stays() -> None:
    sentence = "limit must be a whole number from 1, not 0."
    for params in ({}, {"limit": 5}, {"limit": Param(5, type="integer")}):
        assert in_words_of_the_form(sentence, running(params)) == sentence
    for where in ({}, {"dag": None}, {"dag": SimpleNamespace(params={})}):
        assert in_words_of_the_form(sentence, where) == sentence


def test_a_task_that_sends_says_it_in_the_log_the_error_and_the_report(sandbox, caplog) -> None:
    given, told = running(), "Messages per second must be a number from 0.001 to 10,000, not 0."
    with (
        set_current_context(given),
        caplog.at_level("ERROR"),
        pytest.raises(AirflowFailException, match=f"^{told}$"),
    ):
        operator(to=numbers(1), message=TEXT, max_per_second=0).execute(given)
    assert given["ti"].left[FAILURE] == told
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("permanent", [True, False])
def test_a_task_of_python_says_it_there_too(caplog, permanent: bool) -> None:
    given, told = running(), "At most so many messages must be a whole number from 1, not 0."
    kind: type[Exception] = AirflowFailException if permanent else RoboSmsError
    with set_current_context(given), caplog.at_level("ERROR"), pytest.raises(kind), sentences(passing=True):
        raise RoboSmsError("limit must be a whole number from 1, not 0.", permanent=permanent)
    assert given["ti"].left[FAILURE] == told
    assert told in caplog.text


def test_a_test_beside_a_send_is_told_to_the_report() -> None:
    given = running()
    with set_current_context(given), pytest.raises(AirflowFailException) as caught:
        asks_to_send({"what_to_do": "send", "test_to": "0300-1234567"})
    assert given["ti"].left[FAILURE] == str(caught.value)
    with (
        set_current_context(given),
        pytest.raises(AirflowFailException, match=r"^What to do must be preview or test"),
    ):
        asks_to_send({"what_to_do": "sned"})
