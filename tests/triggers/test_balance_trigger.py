"""The sensor's trigger: its real coroutine against a real socket."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.triggers import robosms as triggers
from airflow_provider_robosms.triggers.robosms import RoboSmsBalanceTrigger
from tests.sensors.portal import KEY, Portal


@pytest.fixture
def portal(monkeypatch):
    with Portal() as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        yield portal


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(triggers, "SHORTEST_POLL", 0.02)


def trigger(**parameters) -> RoboSmsBalanceTrigger:
    defaults = {"robosms_conn_id": "robosms_default", "poll_interval": 0.02, "deadline": time.time() + 10}
    return RoboSmsBalanceTrigger(**{**defaults, **parameters})


def events(trigger: RoboSmsBalanceTrigger) -> list[dict]:
    """Run the trigger to its end."""

    async def collect() -> list[dict]:
        return [event.payload async for event in trigger.run()]

    return asyncio.run(asyncio.wait_for(collect(), 20))


def test_one_event_when_it_is_met(portal):
    portal.script = ["1", "2"]
    expected = {"balance": "12.50", "rate": "0.50", "messages": 25, "username": "shop"}
    assert events(trigger(min_balance="12.50")) == [{"status": "met", "balance": expected}]
    assert portal.balance_checks == 3


def test_below(portal):
    portal.script = ["12", "12"]
    portal.balance = "1"
    assert events(trigger(min_messages=10, condition="below"))[0]["balance"]["messages"] == 2
    assert portal.balance_checks == 3


def test_the_deadline_is_one_event_after_a_last_poll(portal):
    started = time.time()
    assert events(trigger(min_balance="100", deadline=started + 0.3, poll_interval=60)) == [
        {
            "status": "timeout",
            "detail": "The RoboSMS balance did not reach a balance of 100 before the sensor's timeout.",
        }
    ]
    assert 0.3 <= time.time() - started < 3
    assert portal.balance_checks == 1


def test_the_deadline_survives_a_restart(portal):
    first = trigger(min_balance="100", deadline=time.time() + 0.5)

    async def killed() -> None:
        run = asyncio.ensure_future(anext(first.run()))
        await asyncio.sleep(0.2)
        run.cancel()

    asyncio.run(killed())
    classpath, parameters = first.serialize()
    assert classpath.endswith(".RoboSmsBalanceTrigger")
    restarted = RoboSmsBalanceTrigger(**json.loads(json.dumps(parameters)))
    started = time.time()
    assert events(restarted)[0]["status"] == "timeout"
    assert time.time() - started < 3


def test_a_deadline_that_passed_while_no_triggerer_ran_still_looks_once(portal):
    assert events(trigger(min_balance="12", deadline=time.time() - 60))[0]["status"] == "met"
    assert events(trigger(min_balance="100", deadline=time.time() - 60))[0]["status"] == "timeout"
    assert portal.balance_checks == 2


@pytest.mark.parametrize("most", [3, None])
def test_a_deadline_with_an_unread_balance_is_a_failure(portal, most):
    """The sensor may skip after a timeout, as if the balance were fine."""
    late = trigger(min_balance="12", deadline=time.time() + 0.05, poll_interval=60, max_failed_polls=most)
    portal.script = [None]
    [event] = events(late)
    assert event["status"] == "failed"


def test_the_balance_is_read_once_a_second_at_most(portal, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
    one = trigger(min_balance="100", poll_interval=0, deadline=time.time() + 1.5)
    assert events(one)[0]["status"] == "timeout"
    assert portal.balance_checks == 2


@pytest.mark.parametrize("interval", [-1, float("nan"), float("inf"), "soon", None, True])
def test_a_poll_interval_that_is_none(interval):
    with pytest.raises(RoboSmsError, match=r"^poll_interval must be a number of seconds from 0 to 10000000, not "):
        trigger(min_balance="1", poll_interval=interval)


def test_failed_polls_are_tolerated_in_a_row(portal):
    portal.script = [None, None, "1", None, None]
    assert events(trigger(min_balance="12", max_failed_polls=2))[0]["status"] == "met"


@pytest.mark.parametrize(("already", "polls"), [(0, 3), (1, 2), (2, 1)])
def test_one_failed_poll_too_many(portal, already, polls):
    portal.balance = None
    event = events(trigger(min_balance="12", max_failed_polls=2, failed_polls=already))
    assert event == [
        {
            "status": "failed",
            "detail": "The RoboSMS portal answered the balance check with HTTP 503: check the connection's host "
            f"({portal.url}/api/check-balance), or try later.",
            "permanent": False,
        }
    ]
    assert portal.balance_checks == polls


def test_any_number_of_failed_polls(portal):
    portal.script = [None] * 10
    assert events(trigger(min_balance="12", max_failed_polls=None))[0]["status"] == "met"


@pytest.mark.parametrize("code", ["203", "206", "210"])
def test_what_only_a_person_can_mend_ends_it_at_once(portal, code):
    portal.balance = f"code {code}"
    [event] = events(trigger(min_balance="12"))
    assert (event["status"], event["permanent"]) == ("failed", True)
    assert f"(code {code})" in event["detail"]


def test_a_missing_or_broken_connection(portal, monkeypatch):
    assert events(trigger(min_balance="1", robosms_conn_id="nowhere")) == [
        {
            "status": "failed",
            "detail": "Connection 'nowhere' does not exist: create it with the type RoboSMS.",
            "permanent": True,
        }
    ]
    monkeypatch.setenv("AIRFLOW_CONN_NO_KEY", '{"conn_type": "robosms", "login": "a@b.pk"}')
    [event] = events(trigger(min_balance="1", robosms_conn_id="no_key"))
    assert event["permanent"]
    assert event["detail"].startswith("Connection 'no_key' has no API key")


def test_an_unreachable_portal_is_a_passing_failure(portal, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection().replace(portal.url, "http://127.0.0.1:9"))
    [event] = events(trigger(min_balance="1", max_failed_polls=1))
    assert not event["permanent"]
    assert event["detail"].startswith("The RoboSMS balance could not be read: no connection")


def test_it_leaves_the_event_loop_free(portal):
    """A portal that does not answer must not hold up the triggerer's other triggers."""

    async def main() -> float:
        run = asyncio.ensure_future(anext(trigger(min_balance="100", robosms_conn_id="slow").run()))
        longest, last = 0.0, time.monotonic()
        for _ in range(50):
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        run.cancel()
        return longest

    import socket

    with socket.socket() as silent, pytest.MonkeyPatch.context() as patch:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        patch.setenv("AIRFLOW_CONN_SLOW", portal.connection(timeout=1).replace(portal.url, url))
        assert asyncio.run(main()) < 0.3


def test_the_key_is_in_nothing_that_is_stored_or_logged(portal, caplog, capfd):
    caplog.set_level("DEBUG")
    portal.script = [None, "1"]
    portal.balance = "code 203"
    one = trigger(min_balance="12")
    texts = [str(events(one)), repr(one), str(one.serialize()), caplog.text, *capfd.readouterr()]
    assert "check-balance" in "".join(texts)
    for text in texts:
        assert KEY not in text
        assert "top-secret-api-key" not in text


@pytest.mark.parametrize("condition", ["at least", "Below", "", None])
def test_an_unknown_condition_is_not_taken_for_the_other(condition):
    with pytest.raises(RoboSmsError, match=r"^condition must be at_least or below"):
        trigger(min_messages=10, condition=condition)
