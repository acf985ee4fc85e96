"""Kills, retries, Clear and runs at the same time: the table decides, and the gateway's own book is the truth."""

from __future__ import annotations

import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_robosms.campaign.message import Outcome
from airflow_provider_robosms.gateway.outcome import Status
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.transfers.sql_hook import db_hook
from airflow_provider_robosms.transfers.sql_table import SENDING, CampaignTable, Names
from tests.operators.stage import FileStore, StateStore, accepted_count, before_request, wait_until
from tests.transfers.sql_stage import Database, context, numbers, operator, texted

COUNT, CONCURRENCY = 300, 8


@pytest.fixture
def database(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database(tmp_path / "customers.db")
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_SQL", database.connection())
    return database


def attempt(store: Any, run_id: str = "first", states: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """Make one try of a task."""
    return operator(concurrency=CONCURRENCY, **fields).execute(context(store, run_id, states))


@contextmanager
def running(store: Any, run_id: str = "first") -> Iterator[BaseProcess]:
    """Make one try in a process of its own, forked like Airflow's."""
    process = multiprocessing.get_context("fork").Process(target=attempt, args=(store, run_id))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def kill_in_the_middle(sandbox: RunningSandbox, store: Any, accepted: int, run_id: str = "first") -> None:
    with running(store, run_id) as process:
        wait_until(lambda: accepted_count(sandbox) >= accepted, seconds=60)
        process.kill()
        process.join()


def check(sandbox: RunningSandbox, database: Database) -> Counter[str | None]:
    """See that nobody was texted twice, no code was lost and nothing is called SENT that was not; return the statuses."""
    assert set(sandbox.received()["by_to"].values()) == {1}, "somebody was posted twice"
    accepted = {message["to"]: message for message in sandbox.accepted()}
    for row in database.rows():
        number = "92" + row["phone"].replace("-", "")[1:]
        if row["sms_status"] == "SENT":
            assert row["sms_message_id"] == accepted[number]["message_id"]
        elif row["sms_status"] == "UNKNOWN":
            assert row["sms_code"] is None
        elif row["sms_status"] != SENDING:
            assert number not in accepted, f"row {row['id']} was sent and says {row['sms_status']}"
    return database.statuses()


def test_a_retry_goes_on_where_a_killed_try_stopped(
    sandbox: RunningSandbox, database: Database, tmp_path: Path
) -> None:
    sandbox.settings(latency_ms=[20, 60])
    database.crowd(COUNT)
    store = FileStore(tmp_path / "state")
    for accepted in (30, 100, 200):
        kill_in_the_middle(sandbox, store, accepted)
    summary = attempt(store)
    statuses = check(sandbox, database)
    assert statuses["SENT"] + statuses["UNKNOWN"] == COUNT
    assert statuses["UNKNOWN"] <= 3 * 2 * CONCURRENCY
    assert (summary["sent"], summary["unknown"]) == (statuses["SENT"], statuses["UNKNOWN"])
    assert len(summary["unknown_rows"]) <= summary["unknown"]


@pytest.mark.parametrize("store", ["gone", "none"])
def test_cleared_and_forgotten_the_table_decides(
    sandbox: RunningSandbox, database: Database, tmp_path: Path, store: str
) -> None:
    """Clear deletes the task's state from Airflow 3.4 on; before 3.3 there is none."""
    sandbox.settings(latency_ms=[20, 60])
    database.crowd(COUNT)
    kill_in_the_middle(sandbox, FileStore(tmp_path / "state") if store == "gone" else None, 40)
    claimed = database.statuses()[SENDING]
    assert claimed
    summary = attempt(StateStore() if store == "gone" else None)
    statuses = check(sandbox, database)
    assert statuses == {"SENT": COUNT - claimed, "UNKNOWN": claimed}
    assert summary["unknown"] == claimed
    detail = database.rows("sms_status = 'UNKNOWN'")[0]["sms_detail"]
    assert detail.startswith("may have been sent")
    # Cleared after it has ended well: nobody is left.
    assert attempt(StateStore())["total"] == 0
    check(sandbox, database)


@pytest.mark.parametrize(("state", "settled"), [("failed", True), ("running", False), ("up_for_retry", False)])
def test_the_next_run_names_unknown_what_a_dead_one_has_claimed(
    sandbox: RunningSandbox, database: Database, tmp_path: Path, state: str, settled: bool
) -> None:
    sandbox.settings(latency_ms=[20, 60])
    database.crowd(COUNT)
    kill_in_the_middle(sandbox, FileStore(tmp_path / "state"), 40)
    claimed = {row["id"] for row in database.rows("sms_status = 'SENDING'")}
    summary = attempt(StateStore(), "second", {"first": state})
    statuses = check(sandbox, database)
    assert statuses["UNKNOWN" if settled else SENDING] == len(claimed)
    assert statuses["SENT"] == COUNT - len(claimed)
    assert set(summary["unknown_rows"]) == (claimed if settled else set())


def test_what_an_unknown_run_has_claimed_is_left_alone_for_a_day(sandbox: RunningSandbox, database: Database) -> None:
    database.crowd(4)
    claim = "UPDATE customers SET sms_status = 'SENDING', sms_run = ? WHERE id = ?"
    database.do(claim, ["other/send/-1/x#1-ab.c", 1])
    database.do(claim, ["other/send/-1/x#99999999999-ab.c", 2])
    database.do(claim, ["somebody's own", 3])
    attempt(StateStore())
    assert {key: status for key, (status, _) in database.said().items()} == {
        1: "UNKNOWN", 2: SENDING, 3: "UNKNOWN", 4: "SENT"
    }  # fmt: skip


def test_a_late_result_replaces_unknown(sandbox: RunningSandbox, database: Database, monkeypatch: Any) -> None:
    """Another run takes a slow one for dead: what the slow one then knows stands in the row."""
    database.crowd(5)
    before_request(monkeypatch, 3, lambda: attempt(StateStore(), "second", {"first": "failed"}))
    attempt(StateStore())
    assert check(sandbox, database) == {"SENT": 5}


def test_two_runs_at_once_share_no_row(sandbox: RunningSandbox, database: Database, tmp_path: Path) -> None:
    sandbox.settings(latency_ms=[5, 20])
    database.crowd(COUNT)
    errors: list[BaseException] = []
    ready = threading.Barrier(3)

    def go(run_id: str) -> None:
        try:
            ready.wait(30)
            attempt(StateStore(), run_id, dict.fromkeys(("a", "b", "c"), "running"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=go, args=(run_id,)) for run_id in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert check(sandbox, database) == {"SENT": COUNT}
    assert set(texted(sandbox)) == numbers(COUNT)


def test_two_runs_that_claim_one_number_in_two_rows_text_it_once(
    sandbox: RunningSandbox, database: Database, monkeypatch: Any
) -> None:
    """Both have planned it, and each has claimed its own row before it looks at the other's."""
    database.add(("Ali", "0300-1000000"), ("Ali again", "+92 300 1000000"))
    both = threading.Barrier(2)
    claim = CampaignTable.claim

    def claiming(self: CampaignTable, keys: Any) -> Any:
        claimed = claim(self, keys)
        both.wait(30)
        return claimed

    states = {"one": "running", "two": "running"}
    due = "SELECT id, phone, name, due FROM customers WHERE id = {}"
    with monkeypatch.context() as patch:
        patch.setattr(CampaignTable, "claim", claiming)
        threads = [
            threading.Thread(target=attempt, args=(StateStore(), run, states), kwargs={"sql": due.format(number)})
            for number, run in enumerate(states, 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert texted(sandbox).total() <= 1
    attempt(StateStore(), "three", states)
    assert texted(sandbox) == {"923001000000": 1}
    assert sorted(str(status) for status, _ in database.said().values()) in (["SENT", "SKIPPED"], ["None", "SENT"])


def test_a_kill_between_claim_and_sending_leaves_nobody_out(
    sandbox: RunningSandbox, database: Database, monkeypatch: Any
) -> None:
    """The journal knows of nothing that was begun, so those rows were certainly not sent."""
    database.crowd(6)
    store = StateStore()

    class Killed(BaseException):
        pass

    spoken_for = CampaignTable.spoken_for

    def dying(self: CampaignTable, *, own: bool) -> Any:
        if own:  # for the plan
            return spoken_for(self, own=own)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(CampaignTable, "spoken_for", dying)
        patch.setattr(CampaignTable, "release", lambda self, claims: None)
        with pytest.raises(Killed):
            attempt(store)
    assert database.statuses() == {SENDING: 6}
    assert attempt(store)["sent"] == 6
    assert check(sandbox, database) == {"SENT": 6}


def test_an_old_try_that_wakes_up_gives_back_nothing_of_a_new_one(
    sandbox: RunningSandbox, database: Database, monkeypatch: Any
) -> None:
    """A machine that stood still, so that Airflow began another try: its journal is refused, and it ends in good order."""
    database.crowd(6)
    store = StateStore()
    old: list[CampaignTable] = []

    class Asleep(BaseException):
        pass

    def falling_asleep(self: CampaignTable, keys: Any) -> Any:
        old.append(self)
        claim(self, keys)
        raise Asleep

    claim = CampaignTable.claim
    with monkeypatch.context() as patch:
        patch.setattr(CampaignTable, "claim", falling_asleep)
        patch.setattr(CampaignTable, "release", lambda self, claims: None)
        with pytest.raises(Asleep):
            attempt(store)
    assert database.statuses() == {SENDING: 6}

    def waking_up() -> None:
        assert database.statuses() == {SENDING: 6}
        old[0].release((key, old[0].run) for key in range(1, 7))

    before_request(monkeypatch, 3, waking_up)
    assert attempt(store)["without_row"] == 0
    assert check(sandbox, database) == {"SENT": 6}


def test_a_retry_does_not_read_with_each_chunk_whom_the_try_before_it_has_texted(
    sandbox: RunningSandbox, database: Database, tmp_path: Path, monkeypatch: Any
) -> None:
    sandbox.settings(latency_ms=[20, 60])
    database.crowd(COUNT)
    store = FileStore(tmp_path / "state")
    kill_in_the_middle(sandbox, store, 150)
    before = database.statuses()
    assert before["SENT"]
    read = []
    spoken_for = CampaignTable.spoken_for

    def noted(self: CampaignTable, *, own: bool) -> Any:
        found = spoken_for(self, own=own)
        read.append((own, len(found)))
        return found

    monkeypatch.setattr(CampaignTable, "spoken_for", noted)
    attempt(store)
    check(sandbox, database)
    assert max(count for own, count in read if own) >= before["SENT"], "the plan must know them"
    assert max(count for own, count in read if not own) <= before[SENDING]


def test_what_an_old_try_texts_after_a_new_one_has_begun_is_seen(database: Database) -> None:
    """Only what it had texted by then is taken over."""
    database.crowd(4)
    names = Names("customers", "id", "phone", "sms_")
    old, new = (CampaignTable(db_hook("robosms_sql"), names, run) for run in ("a#1-f.old", "a#1-f.new"))
    old.claim([1, 2, 3])
    outcomes = {1: Status.SENT, 2: Status.UNKNOWN}
    old.write({(key, old.run): Outcome(status, "000", "id", at=1) for key, status in outcomes.items()}, lambda _: None)
    new.adopt([old.run])
    assert {(one.key, one.status) for one in new.spoken_for(own=False)} == {(2, "UNKNOWN"), (3, SENDING)}
    assert {one.key for one in new.spoken_for(own=True)} == {1, 2, 3}
    old.claim([4])
    sent = Outcome(Status.SENT, "000", "id", at=1)
    assert old.write({(key, old.run): sent for key in (2, 3, 4)}, lambda _: None) == []
    assert {(one.key, one.status) for one in new.spoken_for(own=False)} == {(2, "SENT"), (3, "SENT"), (4, "SENT")}


@pytest.mark.parametrize("when", ["before the plan", "after the plan"])
def test_a_number_that_another_run_is_texting_waits(
    sandbox: RunningSandbox, database: Database, monkeypatch: Any, when: str
) -> None:
    """That run may give its row back, so this one must not be settled for it."""
    database.add(("Ali", "0300-1000000"), ("Ali again", "+92 300 1000000"), ("Sana", "0300-1000001"))

    def claimed_elsewhere() -> None:
        database.do(
            "UPDATE customers SET sms_status = 'SENDING', sms_run = 'campaign/send/-1/other#1-ab.c' WHERE id = 1"
        )

    due = "SELECT id, phone, name, due FROM customers WHERE id > 1"
    if when == "before the plan":
        claimed_elsewhere()
    else:
        claim = CampaignTable.claim
        monkeypatch.setattr(CampaignTable, "claim", lambda self, keys: (claimed_elsewhere(), claim(self, keys))[1])
    summary = attempt(StateStore(), "this", {"other": "running"}, sql=due)
    assert database.said()[2] == (None, None)
    assert (summary["sent"], summary["skipped"], summary["pending"]) == (1, 0, 1)
    assert texted(sandbox) == {"923001000001": 1}
