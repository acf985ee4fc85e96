"""Several tries of one task, and what stands between them: accounts that refuse, portals that go, state that fails."""

from __future__ import annotations

import threading

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.campaign import campaign, driver, pace
from airflow_provider_robosms.exceptions import RoboSmsError
from tests.operators.stage import (
    TEXT,
    StateStore,
    accepted_count,
    before_request,
    context,
    numbers,
    operator,
    run,
    texted,
    wait_until,
)


@pytest.fixture
def _impatient(monkeypatch):
    """A portal counts as gone after half a second instead of a quarter of a minute."""
    monkeypatch.setattr(pace, "BACKOFF_BASE", 0.05)


def test_a_later_try_sends_nothing_again(sandbox):
    store = StateStore()
    first = run(store, to=numbers(20), message=TEXT)
    second = run(store, to=numbers(20), message=TEXT)
    # Of an earlier try only the moments of its outcomes are known.
    assert second.pop("began") - first.pop("began") in (0, 1)
    assert {**first, "seconds": 0, "balance_before": 0} == {**second, "seconds": 0, "balance_before": 0}
    assert sandbox.received()["posts"] == 20


def test_another_run_of_the_dag_sends_anew(sandbox):
    for run_id in ("monday", "tuesday"):
        operator(to=numbers(3), message=TEXT).execute(context(StateStore(), run_id))
    assert texted(sandbox) == dict.fromkeys(numbers(3), 2)


def test_without_task_state_it_still_sends(sandbox):
    assert operator(to=numbers(3), message=TEXT).execute({})["sent"] == 3
    assert texted(sandbox) == dict.fromkeys(numbers(3), 1)


# The account refuses.


@pytest.mark.parametrize("bulk_size", [1, 3])
def test_the_balance_runs_out_in_the_middle(sandbox, bulk_size):
    many, store = numbers(30), StateStore()
    sandbox.settings(balance="6.00", latency_ms=5)
    fields = {"to": many, "message": TEXT, "check_balance": False, "concurrency": 4, "bulk_size": bulk_size}
    with pytest.raises(RoboSmsError, match=r"balance is used up \(code 205\): top up the account"):
        run(store, **fields)
    assert texted(sandbox).total() == 12
    # It stops at once: only what was under way meets the refusal, too.
    assert sandbox.received()["posts"] <= 12 / bulk_size + 4
    sandbox.top_up("100.00")
    result = run(store, **fields)
    assert (result["sent"], result["unknown"], result["failed"], result["pending"]) == (30, 0, 0, 0)
    assert texted(sandbox) == dict.fromkeys(many, 1)


def test_codes_204_and_205_may_be_retried_by_airflow(sandbox):
    for code in ("204", "205"):
        sandbox.reset()
        sandbox.set_fault("code", code=code, count=1)
        store = StateStore()
        with pytest.raises(RoboSmsError, match=f"code {code}") as caught:
            run(store, to=numbers(5), message=TEXT, concurrency=1)
        assert type(caught.value) is RoboSmsError
        assert sandbox.received()["posts"] == 1
        assert run(store, to=numbers(5), message=TEXT)["sent"] == 5


@pytest.mark.parametrize(
    ("code", "settings", "words"),
    [
        ("203", {"key": "another"}, "refused the API key"),
        ("206", {"suspended": True}, "suspended or blocked"),
        ("210", {"ip_whitelisted": False}, "whitelist"),
        ("212", {"masks": ["OTHER"]}, "sender mask is not authorised"),
    ],
)
@pytest.mark.parametrize("check_balance", [True, False])
def test_permanent_codes_end_the_task_without_retries(sandbox, code, settings, words, check_balance):
    sandbox.settings(**settings)
    store = StateStore()
    with pytest.raises(AirflowFailException, match=words) as caught:
        run(store, to=numbers(50), message=TEXT, check_balance=check_balance, concurrency=4)
    assert f"code {code}" in str(caught.value)
    assert caught.value.__cause__ is None
    assert sandbox.received()["posts"] <= 4
    sandbox.reset()
    assert run(store, to=numbers(50), message=TEXT)["sent"] == 50
    assert texted(sandbox) == dict.fromkeys(numbers(50), 1)


# The portal goes.


def test_a_portal_that_refuses_for_a_moment(sandbox, monkeypatch):
    many = numbers(80)
    before_request(monkeypatch, 40, lambda: sandbox.set_fault("refuse", seconds=0.6))
    result = run(StateStore(), to=many, message=TEXT, concurrency=4)
    assert (result["sent"], result["unknown"]) == (80, 0)
    assert texted(sandbox) == dict.fromkeys(many, 1)


@pytest.mark.usefixtures("_impatient")
def test_a_portal_that_refuses_for_good_in_the_middle(sandbox, monkeypatch):
    """Nothing is lost: the rest is sent when it is back."""
    many, store = numbers(200), StateStore()
    fields = {"to": many, "message": TEXT, "concurrency": 4, "check_balance": False}
    before_request(monkeypatch, 80, lambda: sandbox.set_fault("refuse"))
    with pytest.raises(RoboSmsError, match="has stopped answering"):
        run(store, **fields)
    assert texted(sandbox).total() == 79
    sandbox.clear_faults()
    result = run(store, **fields)
    assert (result["sent"], result["unknown"], result["failed"]) == (200, 0, 0)
    assert texted(sandbox) == dict.fromkeys(many, 1)


@pytest.mark.usefixtures("_impatient")
def test_a_portal_that_swallows_messages_leaves_a_handful_in_doubt(sandbox):
    """500 after 500: each may have been sent, so the campaign must not go through its list like that."""
    many, store = numbers(200), StateStore()
    fields = {"to": many, "message": TEXT, "concurrency": 4, "check_balance": False}
    sandbox.set_fault("http-500", when="after")
    with pytest.raises(RoboSmsError, match=r"has stopped answering .*server error"):
        run(store, **fields)
    in_doubt = sandbox.received()["posts"]
    assert in_doubt <= 20
    sandbox.clear_faults()
    result = run(store, **fields)
    assert (result["sent"], result["unknown"]) == (200 - in_doubt, in_doubt)
    assert texted(sandbox) == dict.fromkeys(many, 1)


def test_an_unreachable_portal_is_found_out_before_the_first_message(sandbox):
    sandbox.set_fault("refuse")
    store = StateStore()
    with pytest.raises(RoboSmsError, match="balance could not be read: no connection"):
        run(store, to=numbers(3), message=TEXT)
    assert [key for key in store.values if key.startswith("journal")] == []
    sandbox.clear_faults()
    assert run(store, to=numbers(3), message=TEXT)["sent"] == 3


# Airflow's task state fails.


@pytest.fixture
def _resigned(monkeypatch):
    """Task state counts as gone after two failed writes, a second apart, instead of four."""
    monkeypatch.setattr(campaign, "JOURNAL_TRIES", 2)


class Flaky(StateStore):
    """Fails each write of the journal while *broken*."""

    broken = False

    def set(self, key, value, *, retention=None):
        if self.broken and key.startswith("journal"):
            self.writes += 1
            raise ConnectionError("the API server is not there")
        super().set(key, value, retention=retention)


def test_task_state_that_fails_for_a_while(sandbox):
    store = StateStore()
    store.failures = [ConnectionError("the API server is not there")]
    result = run(store, to=numbers(20), message=TEXT)
    assert (result["sent"], result["unknown"]) == (20, 0)
    assert sandbox.received()["by_to"] == dict.fromkeys(numbers(20), 1)


@pytest.mark.usefixtures("_resigned")
def test_without_task_state_nothing_leaves(sandbox):
    store = Flaky()
    store.broken = True
    with pytest.raises(
        RoboSmsError, match="task state could not be written, so nothing more was sent: run the task again"
    ):
        run(store, to=numbers(20), message=TEXT)
    assert sandbox.received()["posts"] == 0
    store.broken = False
    assert run(store, to=numbers(20), message=TEXT)["sent"] == 20


@pytest.mark.usefixtures("_resigned")
def test_task_state_that_is_lost_in_the_middle(sandbox):
    many, store = numbers(150), Flaky()
    sandbox.settings(latency_ms=20)
    fields = {"to": many, "message": TEXT, "concurrency": 5}

    def break_it() -> None:
        wait_until(lambda: accepted_count(sandbox) >= 40)
        store.broken = True

    breaker = threading.Thread(target=break_it)
    breaker.start()
    with pytest.raises(RoboSmsError, match="task state could not be written"):
        run(store, **fields)
    breaker.join()
    store.broken = False
    assert texted(sandbox).total() < 150
    result = run(store, **fields)
    assert result["sent"] + result["unknown"] == 150
    # Their intents were written and their outcomes could not be.
    assert result["unknown"] <= 2 * 5 + 1
    assert max(texted(sandbox).values()) == 1
    assert 150 - texted(sandbox).total() <= result["unknown"]


def test_a_damaged_journal_stops_everything(sandbox):
    store = StateStore()
    run(store, to=numbers(5), message=TEXT)
    store.values["journal.00000"] = "?cut"
    with pytest.raises(AirflowFailException, match="damaged record; nothing was sent"):
        run(store, to=numbers(6), message=TEXT)
    assert sandbox.received()["posts"] == 5


# Airflow stops the task (on_kill, which its SIGTERM handler calls).


def stopped_after(sandbox, accepted: int, store: StateStore, **fields: object) -> tuple[Exception, float]:
    """Run the operator, call on_kill after so many messages; return what it raised and how long it took from there."""
    task = operator(**fields)
    seconds: list[float] = []

    def stop() -> None:
        wait_until(lambda: accepted_count(sandbox) >= accepted)
        seconds.append(driver.time.monotonic())
        task.on_kill()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(RoboSmsError) as caught:
        task.execute(context(store))
    stopper.join()
    return caught.value, driver.time.monotonic() - seconds[0]


def test_on_kill_ends_in_good_order(sandbox):
    many, store = numbers(200), StateStore()
    sandbox.settings(latency_ms=40)
    fields = {"to": many, "message": TEXT, "concurrency": 8}
    error, seconds = stopped_after(sandbox, 40, store, **fields)
    assert str(error) == "The task was stopped; run it again to send the rest."
    assert not error.permanent
    assert seconds < 5
    assert texted(sandbox).total() < 200
    result = run(store, **fields)
    # What was in flight was waited for, so nothing is in doubt.
    assert (result["sent"], result["unknown"]) == (200, 0)
    assert texted(sandbox) == dict.fromkeys(many, 1)


def test_on_kill_does_not_wait_for_a_portal_that_hangs(sandbox):
    many, store = numbers(100), StateStore()
    sandbox.settings(latency_ms=10)
    sandbox.set_fault("hang", numbers=many[40:60], when="after")
    fields = {"to": many, "message": TEXT, "concurrency": 4}
    error, seconds = stopped_after(sandbox, 44, store, **fields)
    assert "was stopped" in str(error)
    assert seconds < 5
    sandbox.clear_faults()
    result = run(store, **fields)
    assert result["sent"] + result["unknown"] == 100
    assert 1 <= result["unknown"] <= 8
    assert texted(sandbox) == dict.fromkeys(many, 1)
