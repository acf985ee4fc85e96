"""The same alert to the same person once in an interval: across tasks, processes and machines."""

from __future__ import annotations

import json
import multiprocessing
import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from airflow_provider_robosms.notifications import claims
from tests.notifications.alerts import ALI, SARA, context, notifier

pytestmark = pytest.mark.usefixtures("variables")


class TestOncePerInterval:
    def test_the_same_alert_to_the_same_person_goes_once(self, portal, log):
        for task in range(5):
            notifier()(context(f"task_{task}"))
        assert [sent["message"] for sent in portal.sent] == ["Task task_0 failed"]
        suppressed = "RoboSMS alert to 92300****567 suppressed: the same one went out in the last 600 s (min_interval)."
        assert log.text.count(suppressed) == 4

    def test_each_alert_without_an_interval(self, portal, variables):
        for task in range(5):
            notifier(min_interval=0)(context(f"task_{task}"))
        assert len(portal.sent) == 5
        assert variables.calls == []

    @pytest.mark.parametrize("interval", [0.3, timedelta(seconds=0.3)])
    def test_again_after_the_interval(self, portal, interval):
        one = notifier(min_interval=interval)
        one(context())
        one(context())
        time.sleep(0.35)
        one(context())
        assert len(portal.sent) == 2

    def test_what_makes_an_alert_another_one(self, portal):
        notifier()(context())
        notifier(SARA)(context())
        notifier(message="Other {{ ti.task_id }}")(context())
        notifier(mask="RoboSMS")(context())
        notifier()(context(dag_id="stock"))
        assert len(portal.sent) == 5
        notifier([ALI, SARA])(context())
        assert len(portal.sent) == 5

    def test_a_person_who_has_not_got_it_gets_it(self, portal):
        notifier(ALI)(context())
        notifier([ALI, SARA])(context())
        assert [sent["to"] for sent in portal.sent] == [ALI, SARA]

    def test_a_key_of_ones_own(self, portal):
        per_task = "{{ ti.task_id }}"
        for task, dag in (("a", "x"), ("b", "x"), ("a", "x"), ("a", "y")):
            notifier(dedup_key=per_task)(context(task, dag))
        assert [sent["message"] for sent in portal.sent] == ["Task a failed", "Task b failed"]

    def test_the_variable_holds_a_time_and_nothing_personal(self, portal, variables):
        notifier()(context())
        [(name, value)] = variables.values().items()
        assert name.startswith("robosms_alert_")
        [claim] = json.loads(value).values()
        assert set(claim) == {"at", "for", "by", "try", "sent"}
        assert ALI not in name + value

    def test_another_machine_knows_it_by_the_variable(self, portal, variables, monkeypatch, tmp_path):
        notifier()(context())
        (tmp_path / "other home").mkdir()
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "other home"))
        notifier()(context())
        assert len(portal.sent) == 1

    def test_without_variables_the_machine_counts_alone(self, portal, variables, log):
        variables.down = True
        notifier()(context())
        notifier()(context())
        assert len(portal.sent) == 1
        assert "Alerts are counted on this machine only (ConnectionError)." in log.text

    def test_without_a_home_the_variables_count_alone(self, portal, monkeypatch, tmp_path, log):
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "does not exist"))
        notifier()(context())
        notifier()(context())
        assert len(portal.sent) == 1
        assert "Alerts are not counted on this machine (FileNotFoundError)" in log.text

    def test_without_either_the_alert_goes_out(self, portal, variables, monkeypatch, tmp_path):
        variables.down = True
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "does not exist"))
        notifier()(context())
        notifier()(context())
        assert len(portal.sent) == 2

    def test_a_damaged_database_and_a_foreign_variable(self, portal, variables, tmp_path):
        (tmp_path / "home" / "robosms_alerts.sqlite3").write_bytes(b"not a database" * 100)
        notifier()(context())
        [name] = variables.values()
        variables.set(name, "somebody's text", description="")
        notifier()(context())
        assert len(portal.sent) == 2

    @pytest.mark.parametrize("where", ["here", "another machine", "no database"])
    def test_only_what_was_confirmed_is(self, monkeypatch, tmp_path, where):
        """Two alerts share a Variable; of one nobody knows whether it was sent."""
        ids = ["ab1", "ab2", "ab3"]
        claim = claims.Claim(600)
        claim.take(ids[:2])
        assert claim.held == {"ab1", "ab2"}
        claim.end({"ab1": True, "ab2": False})
        if where != "here":
            other = tmp_path / "other"
            monkeypatch.setenv("AIRFLOW_HOME", str(other))
            if where == "another machine":
                other.mkdir()
        other_claim = claims.Claim(600)
        other_claim.take(ids)
        assert other_claim.held == {"ab3"}
        assert {alert: met.sent for alert, met in other_claim.met.items()} == {"ab1": True, "ab2": False}

    def test_the_database_is_private_and_forgets(self, portal, tmp_path):
        path = tmp_path / "home" / "robosms_alerts.sqlite3"
        notifier()(context())
        assert path.stat().st_mode & 0o777 == 0o600
        with sqlite3.connect(path) as database:
            database.execute("UPDATE alert SET at = at - ?", (claims.KEEP_SECONDS + 1,))
        database.close()
        notifier(SARA)(context())
        with sqlite3.connect(path) as database:
            assert database.execute("SELECT count(*) FROM alert").fetchone() == (1,)
        database.close()

    def test_a_clock_that_was_wrong_suppresses_nothing_for_long(self, portal, tmp_path):
        notifier()(context())
        with sqlite3.connect(tmp_path / "home" / "robosms_alerts.sqlite3") as database:
            database.execute("UPDATE alert SET at = at + 86400")
        database.close()
        for file in (tmp_path / "variables").iterdir():
            file.unlink()
        notifier()(context())
        assert len(portal.sent) == 2


def _fail(home: str, number: int, start) -> None:
    """One task process whose callback fires."""
    os.environ["AIRFLOW_HOME"] = home
    start.wait()
    notifier(min_interval=600)(context(f"task_{number}"))


def test_two_machines_that_both_found_no_claim(variables, monkeypatch):
    """The race that a Variable leaves open: both have looked before either has written."""
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 1.0)
    both_have_looked = threading.Barrier(2)
    get, put = variables.get, variables.set
    looked: set[int] = set()

    def slow_get(key: str, default: str) -> str:
        value = get(key, default)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            both_have_looked.wait()
        return value

    def slow_set(key: str, value: str, description: str) -> None:
        if threading.current_thread().name.endswith("_1"):
            time.sleep(0.4)
        put(key, value, description)

    variables.get, variables.set = slow_get, slow_set
    with ThreadPoolExecutor(2, thread_name_prefix="machine") as pool:
        won = list(pool.map(lambda _: claims.Claim(600)._take_everywhere({"alert"}, time.time()), range(2)))
    assert sorted(map(len, won)) == [0, 1]


@pytest.mark.parametrize(
    ("machines", "with_variables", "expected"),
    [(1, False, 1), (30, True, 1), (3, True, 1), (3, False, 3)],
    ids=["one machine", "a pod each", "three machines", "three machines without Variables"],
)
def test_thirty_processes_fail_at_once(portal, variables, monkeypatch, tmp_path, machines, with_variables, expected):
    """Thirty processes at once; *machines* folders that they share."""
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 2.0)
    variables.slowest = 0.3
    variables.down = not with_variables
    homes = [tmp_path / f"machine {number}" for number in range(machines)]
    for home in homes:
        home.mkdir()
    fork = multiprocessing.get_context("fork")
    start = fork.Event()
    processes = [
        fork.Process(target=_fail, args=(str(homes[number % machines]), number, start)) for number in range(30)
    ]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    print(f"{len(processes)} processes on {machines} machines: {len(portal.sent)} texts")
    assert len(portal.sent) == expected
