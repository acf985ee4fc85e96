"""List campaigns: what Clear, a retry, a database that is away and a mapped list that changes do to them, by version."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.harness.demo import CUSTOMERS
from tests.versions.stage import PEOPLE, Stage

SQL = "robosms_sql_campaign"
ONCE = dict.fromkeys(PEOPLE, 1)
NO_STATE = "before version 3.3 Airflow keeps no record"
FORGOTTEN = "Airflow has deleted the record of whom it texted"


def a_cleared_list_campaign(stage: Stage) -> None:
    """Clear of the task: nobody twice; where Airflow forgets, it is refused with what to do."""
    run_id, state = stage.run("plain")
    assert (state, stage.texted()) == ("success", ONCE)
    state = stage.clear_task("plain", run_id)
    assert stage.texted() == {}
    if stage.has_task_state and not stage.task_clear_forgets:
        assert state == "success"
        return
    assert state == "failed"
    assert (FORGOTTEN if stage.has_task_state else NO_STATE) in stage.last_log("plain", run_id)
    # It fails without retry.
    assert stage.airflow.task_instance("plain", run_id, "send")["try_number"] == 2


def a_cleared_run(stage: Stage) -> None:
    """Clear of the whole run, and of the task with its state kept: nobody twice, and no refusal where Airflow remembers."""
    run_id, state = stage.run("plain")
    assert (state, stage.texted()) == ("success", ONCE)
    states = [stage.clear_run("plain", run_id)]
    if stage.clear_forgets:
        states.append(stage.clear_task("plain", run_id, keep_task_state=True))
    remembers = stage.has_task_state and not stage.drops_on_success
    assert set(states) == {"success" if remembers else "failed"}
    assert stage.texted() == {}
    if stage.drops_on_success:
        assert "clear_on_success is on" in stage.last_log("plain", run_id)


def a_retry(stage: Stage) -> None:
    """A try that dies before its first message is followed by another where Airflow remembers; else nobody is texted."""
    run_id, state = stage.run("fails_once")
    assert (state, stage.texted()) == (("success", ONCE) if stage.has_task_state else ("failed", {}))
    if not stage.has_task_state:
        assert NO_STATE in stage.last_log("fails_once", run_id)


def lists_cut_otherwise(stage: Stage) -> None:
    """A mapped campaign whose run is cleared: over the same lists nobody twice, over other lists neither."""
    stage.cut([[1, 2], [3, 4]])
    run_id, state = stage.run("mapped")
    assert (state, stage.texted()) == ("success", dict.fromkeys(PEOPLE[1:5], 1))
    stage.clear_run("mapped", run_id)
    assert stage.texted() == {}
    stage.cut([[0, 1], [2, 3], [4]])
    assert stage.clear_run("mapped", run_id) == "failed"
    assert stage.texted() == {}
    assert "may have been sent under another map index" in stage.last_log("mapped", run_id, map_index=2)


def a_lost_write_back(stage: Stage) -> None:
    """``robosms_sql_campaign`` has sent, its database is away: cleared, it writes the results back or names them UNKNOWN."""
    if stage.clear_forgets:
        run_id = _lose_write_back(stage)
        assert stage.clear_task(SQL, run_id, keep_task_state=True) == "success"
        _written_back(stage)
    run_id = _lose_write_back(stage)
    state = stage.clear_task(SQL, run_id)
    if stage.has_task_state and not stage.clear_forgets:
        assert state == "success"
        _written_back(stage)
    else:
        assert state == "success"
        assert _customers(stage) == [("UNKNOWN", None)] * len(PEOPLE)
        assert stage.texted() == ONCE


def dags_test_twice(stage: Stage) -> None:
    """``airflow dags test`` of a campaign that needs two tries: refused where there is no task state, else sent once."""
    stage.airflow.pause("fails_once")
    command = ["dags", "test", "fails_once", "2026-02-01"]
    try:
        told = stage.airflow.cli(*command)
    except RuntimeError as error:  # the run has failed
        told = str(error)
    assert stage.texted() == (ONCE if stage.has_task_state else {})
    assert (NO_STATE in told) is not stage.has_task_state


def _lose_write_back(stage: Stage) -> str:
    """Run the SQL campaign until it fails because no result can be written, and return the run's id."""
    with closing(sqlite3.connect(stage.database)) as database:
        database.executescript(f"""
            DROP TABLE IF EXISTS customers; {CUSTOMERS};
            CREATE TRIGGER away BEFORE UPDATE ON customers WHEN NEW.sms_status <> 'SENDING'
            BEGIN SELECT RAISE(ABORT, 'the database is away'); END;
        """)
        people = [(f"Name{number}", number, "1") for number in PEOPLE]
        database.executemany("INSERT INTO customers (name, phone, due) VALUES (?, ?, ?)", people)
        database.commit()
        run_id, state = stage.run(SQL, {"what_to_do": "send", "send_window": ""})
        assert state == "failed"
        assert len(stage.sandbox.accepted()) == len(PEOPLE)
        assert _customers(stage) == [("SENDING", None)] * len(PEOPLE)
        database.execute("DROP TRIGGER away")
        database.commit()
    return run_id


def _written_back(stage: Stage) -> None:
    ids = {message["to"]: message["message_id"] for message in stage.sandbox.accepted()}
    assert _customers(stage) == [("SENT", ids[number]) for number in PEOPLE]
    assert stage.texted() == ONCE


def _customers(stage: Stage) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(stage.database)) as database:
        return database.execute("SELECT sms_status, sms_message_id FROM customers ORDER BY id").fetchall()
