"""The balance sensor against a real socket, in its three modes."""

from __future__ import annotations

import datetime
import logging
import time
from decimal import Decimal
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferralError,
    TaskDeferred,
)

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sensors import robosms as sensors
from airflow_provider_robosms.sensors.robosms import BACKSTOP_SECONDS, RoboSmsBalanceSensor
from airflow_provider_robosms.triggers.robosms import RoboSmsBalanceTrigger
from tests.sensors.portal import KEY, Portal

TIMEOUT = {"status": "timeout", "detail": "too late"}
PERMANENT = {"status": "failed", "detail": "bad key", "permanent": True}
PASSING = {"status": "failed", "detail": "no answer", "permanent": False}
ENOUGH = {"balance": "12.50", "rate": "0.50", "messages": 25, "username": "shop"}


@pytest.fixture
def portal(monkeypatch):
    with Portal() as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        yield portal


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(sensors, "SHORTEST_POLL", 0.01)


class Run:
    """What Airflow keeps of a task between its processes."""

    def __init__(self) -> None:
        self.state: dict = {}
        self.try_number = 1
        self.first_reschedule = None

    def context(self) -> dict:
        store = SimpleNamespace(get=self.state.get, set=self.state.__setitem__)
        ti = SimpleNamespace(
            try_number=self.try_number, get_first_reschedule_date=lambda context: self.first_reschedule
        )
        return {"ti": ti, "task_state_store": store}


def sensor(**parameters) -> RoboSmsBalanceSensor:
    parameters = {"poke_interval": 0.01, "timeout": 5, "deferrable": False, **parameters}
    return RoboSmsBalanceSensor(task_id="wait", **parameters)


@pytest.mark.parametrize(
    "threshold",
    [{"min_balance": Decimal("12.50")}, {"min_balance": "12.5"}, {"min_balance": 12.5}, {"min_messages": 25}],
)
def test_poke_returns_the_balance(portal, threshold):
    assert sensor(**threshold).execute(Run().context()) == ENOUGH
    assert portal.balance_checks == 1


def test_poke_waits_until_there_is_enough(portal):
    portal.script = ["1.00", "2.00", "12.49"]
    assert sensor(min_messages=25).execute(Run().context()) == ENOUGH
    assert portal.balance_checks == 4


def test_below_waits_for_a_low_balance(portal):
    portal.script = ["12.50", "12.00"]
    portal.balance = "11.99"
    result = sensor(min_balance="12", condition="below").execute(Run().context())
    assert result["balance"] == "11.99"
    assert portal.balance_checks == 3


def test_a_used_up_balance_is_a_low_one(portal):
    portal.balance = "code 205"
    result = sensor(min_messages=10, condition="below").execute(Run().context())
    assert result == {"balance": "0", "rate": None, "messages": 0, "username": ""}


def test_timeout_and_soft_fail(portal):
    with pytest.raises(AirflowSensorTimeout):
        sensor(min_balance=100, timeout=0).execute(Run().context())
    with pytest.raises(AirflowSkipException):
        sensor(min_balance=100, timeout=0, soft_fail=True).execute(Run().context())


@pytest.mark.parametrize("code", ["203", "206", "210"])
@pytest.mark.parametrize("deferrable", [False, True])
def test_what_only_a_person_can_mend_fails_at_once(portal, code, deferrable):
    portal.balance = f"code {code}"
    with pytest.raises(AirflowFailException, match=rf"code {code}\)"):
        sensor(min_balance=1, deferrable=deferrable).execute(Run().context())
    assert portal.balance_checks == 1


def test_a_missing_connection_fails_at_once():
    with pytest.raises(AirflowFailException, match="Connection 'nowhere' does not exist"):
        sensor(min_balance=1, robosms_conn_id="nowhere").execute(Run().context())


@pytest.mark.parametrize("mode", [{}, {"mode": "reschedule"}, {"deferrable": True}])
@pytest.mark.parametrize("condition", ["at_least", "below"])
@pytest.mark.parametrize("rate", [None, "0", "0.00"])
def test_no_rate_and_messages(portal, mode, condition, rate):
    portal.rate = rate
    with pytest.raises(AirflowFailException, match="set min_balance instead"):
        sensor(min_messages=1, condition=condition, **mode).execute(Run().context())
    assert sensor(min_balance=12, **mode).execute(Run().context()) == {**ENOUGH, "rate": None, "messages": None}


def test_failed_polls_in_a_row_are_tolerated(portal, capfd):
    portal.script = [None, None, "1", None, None, None, "12.50"]
    assert sensor(min_balance=12, max_failed_polls=3).execute(Run().context()) == ENOUGH
    assert "Failed polls in a row: 3 of 3 tolerated" in capfd.readouterr().out


def test_one_failed_poll_too_many(portal):
    portal.balance = None
    with pytest.raises(RoboSmsError, match="HTTP 503"):
        sensor(min_balance=12, max_failed_polls=2).execute(Run().context())
    assert portal.balance_checks == 3


def test_never_fail_skips_after_one_failed_poll_too_many(portal):
    portal.balance = None
    with pytest.raises(AirflowSkipException):
        sensor(min_balance=12, max_failed_polls=0, never_fail=True).execute(Run().context())


@pytest.mark.parametrize("path", ["/sms", "/sms/", "/resellers/a%20b/"])
@pytest.mark.parametrize("mode", [{}, {"mode": "reschedule"}, {"deferrable": True}])
def test_a_portal_below_a_path(portal, monkeypatch, path, mode):
    """Requests go below it, and the link on the task leads to it."""
    host = f"{portal.url}{path}"
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection().replace(portal.url, host))
    one = sensor(min_balance=12, **mode)
    assert one.execute(Run().context()) == ENOUGH
    assert portal.paths == [f"{path.rstrip('/')}/api/check-balance"]
    [link] = one.operator_extra_links
    assert link.get_link(one, ti_key=None) == host.rstrip("/")


def test_the_key_reaches_no_log_and_no_error(portal, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    portal.script = [None, "1"]
    portal.balance = "code 203"
    with pytest.raises(AirflowFailException) as error:
        sensor(min_balance=100).execute(Run().context())
    assert "check-balance" in caplog.text  # urllib3's own line, which shows the URL
    shown = capfd.readouterr()
    assert "Failed polls in a row" in shown.out
    for text in (caplog.text, shown.out, shown.err, str(error.value), repr(error.value)):
        assert KEY not in text
        assert "top-secret-api-key" not in text


class TestReschedule:
    def poke(self, run: Run, **parameters):
        """One process of the task, as Airflow runs it."""
        return sensor(mode="reschedule", poke_interval=60, **parameters).execute(run.context())

    def test_it_gives_its_slot_back(self, portal):
        run = Run()
        portal.script = ["1", "2"]
        for _ in range(2):
            with pytest.raises(AirflowRescheduleException) as error:
                self.poke(run, min_balance=12)
            wait = error.value.reschedule_date - datetime.datetime.now(datetime.timezone.utc)
            assert 58 < wait.total_seconds() <= 60
        assert self.poke(run, min_balance=12) == ENOUGH

    def test_the_count_of_failed_polls_outlives_the_process(self, portal):
        run = Run()
        portal.script = [None, None, "1", None, None, None]
        for _ in range(5):
            with pytest.raises(AirflowRescheduleException):
                self.poke(run, min_balance=12, max_failed_polls=2)
        with pytest.raises(RoboSmsError, match="503"):
            self.poke(run, min_balance=12, max_failed_polls=2)
        assert portal.balance_checks == 6

    def test_a_new_try_counts_anew(self, portal):
        run = Run()
        portal.balance = None
        for run.try_number in (1, 2):
            with pytest.raises(AirflowRescheduleException):
                self.poke(run, min_balance=12, max_failed_polls=1)
            with pytest.raises(RoboSmsError, match="503"):
                self.poke(run, min_balance=12, max_failed_polls=1)

    @pytest.mark.parametrize("note", [{}, "x", [], 5, {"try": 1}, {"try": 1, "count": "2"}])
    def test_a_note_that_is_damaged_costs_some_polls(self, portal, note):
        run = Run()
        portal.balance = None
        context = run.context()
        context["task_state_store"].set("failed_polls", note)
        with pytest.raises(AirflowRescheduleException):
            sensor(mode="reschedule", min_balance=12, max_failed_polls=1).execute(context)

    def test_without_a_state_store_it_goes_on(self, portal):
        run = Run()
        portal.balance = None
        context = run.context()
        del context["task_state_store"]
        for _ in range(3):
            with pytest.raises(AirflowRescheduleException):
                sensor(mode="reschedule", min_balance=12, max_failed_polls=1).execute(context)

    def test_the_timeout_counts_from_the_first_poke(self, portal):
        run = Run()
        run.first_reschedule = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=6)
        with pytest.raises(AirflowSensorTimeout):
            self.poke(run, min_balance=100, timeout=5)


class TestDeferrable:
    def defer(self, **parameters) -> TaskDeferred:
        with pytest.raises(TaskDeferred) as deferred:
            sensor(deferrable=True, **parameters).execute(Run().context())
        return deferred.value

    def test_it_polls_once_first(self, portal):
        assert sensor(min_balance=12, deferrable=True).execute(Run().context()) == ENOUGH

    def test_it_defers_with_a_deadline(self, portal):
        before = time.time()
        deferred = self.defer(
            min_balance=Decimal("100.50"), condition="at_least", poke_interval=30, timeout=600, max_failed_polls=2
        )
        classpath, parameters = deferred.trigger.serialize()
        assert classpath == "airflow_provider_robosms.triggers.robosms.RoboSmsBalanceTrigger"
        deadline = parameters.pop("deadline")
        assert before + 600 <= deadline <= time.time() + 600
        assert parameters == {
            "robosms_conn_id": "robosms_default",
            "min_balance": "100.50",
            "min_messages": None,
            "condition": "at_least",
            "poll_interval": 30,
            "max_failed_polls": 2,
            "failed_polls": 0,
        }
        assert deferred.timeout == datetime.timedelta(seconds=600 + BACKSTOP_SECONDS)
        assert isinstance(deferred.trigger, RoboSmsBalanceTrigger)

    def test_a_failed_first_poll_counts(self, portal):
        portal.balance = None
        assert self.defer(min_balance=1).trigger.failed_polls == 1
        assert self.defer(min_balance=1, silent_fail=True).trigger.max_failed_polls is None
        with pytest.raises(RoboSmsError, match="503"):
            sensor(deferrable=True, min_balance=1, max_failed_polls=0).execute(Run().context())

    def resume(self, event: dict | None, portal=None, method="execute_complete", **parameters):
        kwargs = {"event": event} if event else {"error": "Trigger timeout"}
        return sensor(min_balance=1, deferrable=True, **parameters).resume_execution(method, kwargs, Run().context())

    def test_met(self, portal):
        assert self.resume({"status": "met", "balance": ENOUGH}) == ENOUGH

    @pytest.mark.parametrize(
        ("event", "error"),
        [(TIMEOUT, AirflowSensorTimeout), (PERMANENT, AirflowFailException), (PASSING, RoboSmsError)],
    )
    def test_endings(self, portal, event, error):
        with pytest.raises(error, match=event["detail"]):
            self.resume(event)

    def test_soft_fail_skips_as_in_the_other_modes(self, portal):
        with pytest.raises(AirflowSkipException):
            self.resume(TIMEOUT, soft_fail=True)

    def test_soft_fail_does_not_skip_what_only_a_person_can_mend(self, portal):
        with pytest.raises(AirflowFailException, match="bad key"):
            self.resume(PERMANENT, soft_fail=True)

    def test_soft_fail_does_not_hide_a_portal_that_is_down(self, portal):
        with pytest.raises(RoboSmsError):
            self.resume(PASSING, soft_fail=True)

    @pytest.mark.parametrize("event", [TIMEOUT, PERMANENT, PASSING])
    def test_never_fail_skips(self, portal, event):
        with pytest.raises(AirflowSkipException):
            self.resume(event, never_fail=True)

    def test_airflows_own_timeout(self, portal):
        with pytest.raises(AirflowSensorTimeout):
            self.resume(None, method="__fail__")
        with pytest.raises(AirflowSensorTimeout, match="could not be read"):
            self.resume(None, method="__fail__", soft_fail=True)
        with pytest.raises(TaskDeferralError):
            sensor(min_balance=1, deferrable=True).resume_execution("__fail__", {"error": "x"}, Run().context())
