"""What is known of an alert that somebody else has claimed: it is not called sent before it is, nor forgotten too soon."""

from __future__ import annotations

import json
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.client import GatewayClient
from airflow_provider_robosms.notifications import claims
from airflow_provider_robosms.notifications import robosms as module
from tests.notifications.alerts import ALI, SARA, context, notifier

pytestmark = pytest.mark.usefixtures("variables")
MAYBE = "the same one may have been sent in the last 600 s"
BEGUN = "the same one was begun, and may have been sent, in the last 600 s"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Change to another machine."""

    def change(name: str) -> None:
        (tmp_path / name).mkdir(exist_ok=True)
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / name))

    return change


@pytest.fixture
def clock(monkeypatch):
    """Let time pass, for claims."""
    passed = [0.0]
    own = SimpleNamespace(time=lambda: time.time() + passed[0], sleep=time.sleep)
    monkeypatch.setattr(claims, "time", own)
    return lambda seconds: passed.__setitem__(0, passed[0] + seconds)


class Sending:
    """Something happens while the portal is asked for the first time."""

    def __init__(self, monkeypatch, happens: Any) -> None:
        send, self.begun = GatewayClient.send, threading.Event()

        def sending(*args: Any) -> Any:
            if not self.begun.is_set():
                self.begun.set()
                happens()
            return send(*args)

        monkeypatch.setattr(GatewayClient, "send", sending)


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_nobody_is_called_told_who_may_not_have_been(portal, log, machine, where):
    """A new run, so it is its first try."""
    portal.send_codes = ["201"]
    notifier()(context())
    machine("home" if where == "here" else where)
    notifier()(context())
    assert f"RoboSMS alert to 92300****567 suppressed: {MAYBE} (min_interval)." in log.text
    with pytest.raises(RoboSmsError, match=MAYBE):
        notifier().tell(context(run_id="r2"))
    assert "went out" not in log.text
    assert len(portal.sent) == 1


@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize(("code", "posts"), [("000", 1), ("203", 2), ("201", 1)])
def test_a_task_waits_for_one_that_is_under_way(portal, log, monkeypatch, machine, where, code, posts):
    """Not before it has told the others: two tasks would wait for each other."""
    portal.send_codes = ["000", code]

    def until_another_has_got_it() -> None:
        while not portal.sent:
            time.sleep(0.01)
        time.sleep(0.1)

    sending = Sending(monkeypatch, until_another_has_got_it)
    first = threading.Thread(target=lambda: notifier()(context()))
    first.start()
    assert sending.begun.wait(10)
    machine("home" if where == "here" else where)
    if code == "201":
        with pytest.raises(RoboSmsError, match=MAYBE):
            notifier([ALI, SARA]).tell(context())
    else:
        notifier([ALI, SARA]).tell(context())
    first.join()
    assert sorted(sent["to"] for sent in portal.sent) == [ALI] * posts + [SARA]


def test_it_does_not_wait_for_ever(portal, log, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.2)

    def meanwhile() -> None:
        notifier()(context())
        with pytest.raises(RoboSmsError, match=BEGUN):
            notifier().tell(context())

    Sending(monkeypatch, meanwhile)
    notifier()(context())
    assert f"suppressed: {BEGUN} (min_interval)." in log.text
    assert len(portal.sent) == 1


def test_who_loses_keeps_no_claim(portal, monkeypatch, machine):
    """The one who won is refused: then either machine may text."""

    def meanwhile() -> None:
        machine("elsewhere")
        notifier()(context())
        machine("home")

    portal.send_codes = ["203"]
    Sending(monkeypatch, meanwhile)
    notifier()(context())
    assert len(portal.sent) == 1
    machine("elsewhere")
    notifier().tell(context())
    assert len(portal.sent) == 2


@pytest.mark.parametrize("error", [AirflowTaskTimeout("Timeout"), SystemExit(1), KeyboardInterrupt()])
@pytest.mark.parametrize("when", ["read", "write", "wait"])
@pytest.mark.parametrize("how", ["callback", "task"])
def test_what_is_interrupted_before_it_texts_claims_nothing(portal, variables, monkeypatch, error, when, how):
    def interrupted(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        if when == "wait":
            patch.setattr(claims, "time", SimpleNamespace(time=time.time, sleep=interrupted))
        else:
            name = {"read": "get", "write": "set"}[when]
            real, calls = getattr(variables, name), []

            def once(*args: Any, **kwargs: Any) -> Any:
                calls.append(args)
                return real(*args, **kwargs) if len(calls) > 1 else interrupted()

            patch.setattr(variables, name, once)
        with pytest.raises(type(error)):
            (notifier().tell if how == "task" else notifier())(context())
    assert portal.sent == []
    assert variables.values() == {}
    notifier().tell(context(try_number=2))
    assert len(portal.sent) == 1


def test_a_refused_one_whose_claim_stays_is_not_called_sent(portal, variables, log, monkeypatch, machine):
    portal.send_codes = ["203"]
    monkeypatch.setattr(module, "PATIENCE", 0)

    def down(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(variables, "delete", down)
        notifier()(context())
    assert "How an alert ended cannot be noted for other machines (ConnectionError)." in log.text
    machine("elsewhere")
    notifier()(context())
    with pytest.raises(RoboSmsError, match=BEGUN):
        notifier().tell(context())
    assert "went out" not in log.text


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_what_a_callback_has_texted_is_told_for_a_retry(portal, log, machine, where):
    notifier()(context())
    machine("home" if where == "here" else where)
    notifier().tell(context(try_number=2))
    assert "went out in the last 600 s" in log.text
    assert len(portal.sent) == 1


@pytest.mark.parametrize("where", ["here", "elsewhere"])
class TestRetriesLaterThanTheInterval:
    def test_tell_only_who_was_not_told(self, portal, machine, clock, where):
        portal.send_codes = ["215", "000", "215"]
        with pytest.raises(RoboSmsError, match="not sent: invalid number format"):
            notifier([ALI, SARA]).tell(context())
        for number in (2, 3):
            clock(86_400)
            notifier("03001112223")(context())  # which leaves out what is over
            machine("home" if where == "here" else where)
            notifier([ALI, SARA]).tell(context(try_number=number))
        assert [sent["to"] for sent in portal.sent if ALI in sent["to"]] == [f"{ALI},{SARA}", ALI]
        assert [sent["to"] for sent in portal.sent].count(SARA) == 2

    def test_do_not_repeat_what_may_have_been_sent(self, portal, machine, clock, where):
        portal.send_codes = ["201"]
        for number in (1, 2, 3):
            with pytest.raises(RoboSmsError, match="may have been sent"):
                notifier().tell(context(try_number=number))
            clock(86_400)
            machine("home" if where == "here" else where)
        assert len(portal.sent) == 1

    @pytest.mark.parametrize(
        "another",
        [{"run_id": "r2"}, {"task_id": "other"}, {"start_date": "Tuesday"}, {"try_number": 1}, {"dag_id": "b"}],
    )
    def test_are_not_other_runs_or_calls(self, portal, machine, clock, where, another):
        """Nor a run that was cleared, nor a task that runs for long."""
        one = notifier(dedup_key="balance is low")
        one.tell(context())
        clock(601)
        machine("home" if where == "here" else where)
        one.tell(context(**{"try_number": 2, **another}))
        assert len(portal.sent) == 2


def test_nobody_ends_a_claim_of_somebody_else(portal, monkeypatch, clock):
    """The first takes longer than its interval, and is refused when another one has gone out."""

    def meanwhile() -> None:
        clock(700)
        notifier()(context())

    portal.send_codes = ["000", "203"]
    Sending(monkeypatch, meanwhile)
    notifier()(context())
    notifier()(context())
    assert len(portal.sent) == 2


def test_the_longest_interval_is_kept_here(portal, variables, clock):
    variables.down = True
    notifier(min_interval=10_000_000)(context())
    clock(9_999_000)
    notifier(SARA)(context())
    notifier(min_interval=10_000_000)(context())
    assert [sent["to"] for sent in portal.sent] == [ALI, SARA]


def test_variables_are_not_asked_more_often_than_needed(portal, variables, machine):
    """One person: claim, look whether it stands, and note how it ended."""
    notifier()(context())
    assert variables.calls == ["get", "set", "get", "get", "set"]
    notifier()(context())
    assert len(variables.calls) == 5
    machine("elsewhere")
    notifier().tell(context(try_number=2))
    assert variables.calls[5:] == ["get"]


def test_tries_are_opaque(portal, variables):
    notifier().tell(context(run_id=f"for {ALI}"))
    [value] = variables.values().values()
    [claim] = json.loads(value).values()
    assert len(claim["try"]) == 32
    assert ALI not in value
