"""A list campaign that may have sent, and whose memory is gone, does not start again; every other try is as usual.

What Airflow itself does on each of its versions is tested in tests/versions.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms import compat
from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.operators.state import noted
from tests.operators.stage import TEXT, StateStore, numbers, operator, texted

FORGOTTEN = 'deleted the record of whom it texted.* "keep task state".* Start a new run .*resend_when_cleared=True'
NO_STATE = "not the task's first try, and before version 3.3 Airflow keeps no record"
NO_RECORD = "This run was cleared and map index 2 has no record .* another map index"
ANOTHER_LIST = "map index 0 now has another list than at first"


def attempt(store: StateStore | None, number: int, *, retries: int = 2, cleared: int = 0, index: int = -1) -> Any:
    """Return a try's context.

    :param number: which try it is.
    :param cleared: after which try the task was cleared; 0 for never.
    """
    ti = SimpleNamespace(
        dag_id="campaign",
        run_id="manual",
        task_id="send",
        map_index=index,
        try_number=number,
        max_tries=cleared + retries,
        task=SimpleNamespace(retries=retries),
    )
    state = {} if store is None else {"task_state_store": store}
    return {**state, "ti": ti, "run_id": "manual", "dag_run": SimpleNamespace(clear_number=int(cleared > 0))}


def messages(*people: int) -> list[dict[str, str]]:
    """Return messages with keys to some of ``numbers(9)``."""
    return [{"key": str(person), "to": numbers(9)[person], "message": TEXT} for person in people]


@pytest.mark.parametrize("many", [{"to": numbers(3), "message": TEXT}, {"messages": messages(0, 1, 2)}])
class TestClearedAndForgotten:
    def test_nobody_is_texted_again(self, sandbox, many):
        operator(**many).execute(attempt(StateStore(), 1))
        for forgotten in (StateStore(), None):
            with pytest.raises(AirflowFailException, match=NO_STATE if forgotten is None else FORGOTTEN):
                operator(**many).execute(attempt(forgotten, 2, cleared=1))
        assert texted(sandbox) == dict.fromkeys(numbers(3), 1)

    def test_it_stays_refused(self, sandbox, many):
        forgotten = StateStore()
        for number in (2, 3):
            with pytest.raises(AirflowFailException, match=FORGOTTEN):
                operator(**many).execute(attempt(forgotten, number, cleared=number - 1))
        assert texted(sandbox) == {}

    def test_whoever_asks_for_it_texts_everybody_again(self, sandbox, many):
        operator(**many).execute(attempt(StateStore(), 1))
        forgotten = StateStore()
        operator(resend_when_cleared=True, **many).execute(attempt(forgotten, 2, cleared=1))
        assert texted(sandbox) == dict.fromkeys(numbers(3), 2)
        # From then on it remembers again, and needs no leave.
        operator(**many).execute(attempt(forgotten, 3, cleared=1))
        assert texted(sandbox) == dict.fromkeys(numbers(3), 2)

    def test_with_its_state_kept_it_goes_on(self, sandbox, many):
        store = StateStore()
        operator(**many).execute(attempt(store, 1))
        assert operator(**many).execute(attempt(store, 2, cleared=1))["sent"] == 3
        assert texted(sandbox) == dict.fromkeys(numbers(3), 1)

    def test_a_dry_run_is_never_refused(self, sandbox, many):
        assert operator(dry_run=True, **many).execute(attempt(StateStore(), 2, cleared=1))["pending"] == 3


def test_a_task_that_is_cleared_while_it_runs_leaves_a_part_of_its_journal(sandbox):
    """Airflow deletes the state at once; the old try, until it is stopped, writes on what it has not yet written."""
    store = StateStore()
    operator(to=numbers(3), message=TEXT).execute(attempt(store, 1))
    store.values = {key: value for key, value in store.values.items() if key.startswith("journal")}
    with pytest.raises(AirflowFailException, match=FORGOTTEN):
        operator(to=numbers(5), message=TEXT).execute(attempt(store, 2, cleared=1))
    assert texted(sandbox) == dict.fromkeys(numbers(3), 1)


@pytest.mark.parametrize("note", [{}, "", "x", None, [], 0, False, {"list": 5}, {"list": []}, {"other": "x"}])
@pytest.mark.parametrize("number", [1, 2])
def test_a_damaged_memory_is_no_empty_one(sandbox, note, number):
    store = StateStore()
    store.values["campaign_list"] = note
    with pytest.raises(
        AirflowFailException, match=r"task's own record of whom it texted .* is damaged. Nothing was sent"
    ) as told:
        operator(to=numbers(3), message=TEXT).execute(attempt(store, number))
    assert "resend_when_cleared=True" in str(told.value)
    assert texted(sandbox) == {}
    operator(to=numbers(3), message=TEXT, resend_when_cleared=True).execute(attempt(store, number))
    assert texted(sandbox) == dict.fromkeys(numbers(3), 1)


@pytest.mark.parametrize("note", ["", " ", None, {}, [], 0])
def test_nor_is_another_note_of_the_task(note):
    store = StateStore()
    assert noted(store, "journal_id") == ""
    store.values["journal_id"] = note
    with pytest.raises(
        RoboSmsError, match=r"own record \(journal_id in its task state\) is damaged, and nothing was sent"
    ) as told:
        noted(store, "journal_id")
    assert told.value.permanent


@pytest.mark.parametrize("number", ["2", 2.0, "many", [], float("inf")])
def test_a_try_whose_number_is_unclear_is_no_first_one(sandbox, number):
    with pytest.raises(AirflowFailException, match=NO_STATE):
        operator(to=numbers(2), message=TEXT).execute(attempt(None, number))
    assert texted(sandbox) == {}


@pytest.mark.parametrize("number", [1, "1", 1.0, None, 0])
def test_a_try_whose_number_is_one_or_missing_is_the_first(sandbox, number):
    assert operator(to=numbers(2), message=TEXT).execute(attempt(None, number))["sent"] == 2


class TestNoFalseAlarm:
    def test_a_retry_after_a_try_that_died_before_it_did_anything(self, sandbox):
        assert operator(to=numbers(3), message=TEXT).execute(attempt(StateStore(), 2))["sent"] == 3

    @pytest.mark.parametrize("cleared", [0, 1])
    def test_a_try_that_failed_before_its_first_message(self, sandbox, cleared):
        def database_is_away(context):
            raise ConnectionError("no database")

        store = StateStore()
        with pytest.raises(ConnectionError):
            operator(messages=database_is_away).execute(attempt(store, 1))
        sandbox.set_fault("refuse")
        with pytest.raises(RoboSmsError, match="no connection"):
            operator(messages=messages(0, 1)).execute(attempt(store, 2))
        sandbox.clear_faults()
        assert operator(messages=messages(0, 1)).execute(attempt(store, 3, cleared=2 * cleared))["sent"] == 2

    def test_a_list_that_is_written_back_becomes_shorter_from_try_to_try(self, sandbox):
        store = StateStore()
        operator(messages=messages(0, 1, 2)).execute(attempt(store, 1, index=0))
        assert operator(messages=messages(2, 3)).execute(attempt(store, 2, index=0))["sent"] == 2
        assert texted(sandbox) == dict.fromkeys(numbers(4), 1)

    def test_when_nothing_would_be_sent_the_results_come_once_more(self, sandbox):
        store, given = StateStore(), []
        operator(messages=messages(0, 1)).execute(attempt(store, 1, index=0))
        again = operator(messages=messages(1), on_outcomes=given.extend)
        assert again.execute(attempt(store, 2, cleared=1, index=0))["sent"] == 1
        assert [(row["key"], row["status"]) for row in given] == [("1", "SENT")]

    def test_a_state_that_cannot_be_written_at_first(self, sandbox):
        store = StateStore()
        store.failures = [ConnectionError("away")]
        assert operator(to=numbers(2), message=TEXT).execute(attempt(store, 1))["sent"] == 2


class TestMapped:
    """The run is cleared and expanded again, over ``[[0, 1], [2, 3], [4]]`` instead of ``[[1, 2], [3, 4]]``."""

    def test_lists_that_are_cut_otherwise_text_nobody_twice(self, sandbox):
        stores = [StateStore(), StateStore(), StateStore()]
        for index, people in enumerate([(1, 2), (3, 4)]):
            operator(messages=messages(*people)).execute(attempt(stores[index], 1, index=index))
        for index, (people, words) in enumerate(
            [((0, 1), ANOTHER_LIST), ((2, 3), "map index 1 now"), ((4,), NO_RECORD)]
        ):
            number = 1 if index == 2 else 2
            context = attempt(stores[index], number, cleared=number - 1, index=index)
            context["dag_run"].clear_number = 1
            with pytest.raises(AirflowFailException, match=words):
                operator(messages=messages(*people)).execute(context)
        assert texted(sandbox) == dict.fromkeys(numbers(5)[1:], 1)

    def test_the_same_lists_go_on(self, sandbox):
        store = StateStore()
        sandbox.set_fault("refuse")
        with pytest.raises(RoboSmsError):
            operator(messages=messages(1, 2)).execute(attempt(store, 1, index=0))
        sandbox.clear_faults()
        assert operator(messages=messages(2, 1)).execute(attempt(store, 2, cleared=1, index=0))["sent"] == 2

    def test_whoever_asks_for_it_gets_the_rest_sent(self, sandbox):
        store = StateStore()
        operator(messages=messages(1, 2)).execute(attempt(store, 1, index=0))
        again = operator(messages=messages(0, 1), resend_when_cleared=True)
        assert again.execute(attempt(store, 2, cleared=1, index=0))["sent"] == 2
        assert texted(sandbox) == dict.fromkeys(numbers(3), 1)


class TestWithoutTaskState:
    """Airflow 3.1 and 3.2."""

    def test_a_second_try_is_refused(self, sandbox):
        assert operator(to=numbers(2), message=TEXT).execute(attempt(None, 1))["sent"] == 2
        with pytest.raises(AirflowFailException, match=NO_STATE):
            operator(to=numbers(2), message=TEXT).execute(attempt(None, 2))
        assert texted(sandbox) == dict.fromkeys(numbers(2), 1)

    def test_another_map_index_of_a_cleared_run_is_refused(self, sandbox):
        context = attempt(None, 1, index=2)
        context["dag_run"].clear_number = 1
        with pytest.raises(AirflowFailException, match=NO_RECORD):
            operator(to=numbers(2), message=TEXT).execute(context)

    def test_outside_airflow_each_call_is_a_first_try(self, sandbox):
        assert operator(to=numbers(2), message=TEXT).execute({})["sent"] == 2


@pytest.mark.parametrize(
    ("number", "max_tries", "clear_number", "cleared"),
    [(1, 2, 0, False), (1, 2, 1, False), (2, 2, 0, False), (2, 3, 0, True), (2, 2, 1, True), (4, 5, 1, True)],
)
def test_when_a_task_counts_as_cleared(number, max_tries, clear_number, cleared):
    context = attempt(None, number)
    context["ti"].max_tries, context["dag_run"].clear_number = max_tries, clear_number
    assert compat.has_been_cleared(context) is cleared
