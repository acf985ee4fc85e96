"""on_outcomes: results handed to the user's own function, which may fail."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from tests.operators.stage import TEXT, StateStore, numbers, run, texted


class Database:
    """A handler that keeps the rows, or fails while *broken*."""

    def __init__(self, *, broken: bool = False) -> None:
        self.rows: dict[str, dict[str, object]] = {}
        self.broken = broken
        self.calls = 0

    def __call__(self, rows: list[dict[str, object]]) -> None:
        self.calls += 1
        if self.broken:
            raise RuntimeError(f"no connection to db://me:secret@host for {rows[0]}")
        self.rows.update({str(row["key"]): row for row in rows})


def messages(count: int) -> list[dict[str, object]]:
    return [{"key": f"customer-{index}", "to": number, "message": TEXT} for index, number in enumerate(numbers(count))]


def test_each_outcome_is_handed_over_once(sandbox):
    many = numbers(6)
    sandbox.set_fault("code", code="213", numbers=many[:1])
    sandbox.set_fault("code", code="201", numbers=many[1:2])
    sandbox.set_fault("http-502", numbers=many[2:3])
    handled: list[dict[str, object]] = []
    run(StateStore(), messages=messages(6), on_outcomes=handled.extend, concurrency=1)
    ids = {message["to"]: message["message_id"] for message in sandbox.accepted()}
    expected = [
        ("REJECTED", "213", None, "not sent: character limit exceeded (code 213)"),
        ("UNKNOWN", "201", None, "may have been sent: general API error (code 201)"),
        ("UNKNOWN", None, None, "may have been sent: the portal answered with a server error (HTTP 5xx)"),
        *(("SENT", "000", ids[number], "queued") for number in many[3:]),
    ]
    assert sorted(handled, key=lambda row: str(row["key"])) == [
        {"key": f"customer-{index}", "status": status, "code": code, "message_id": id_, "detail": detail, "parts": 1}
        for index, (status, code, id_, detail) in enumerate(expected)
    ]


def test_what_was_handed_over_does_not_come_again(sandbox):
    store, database = StateStore(), Database()
    run(store, messages=messages(5), on_outcomes=database)
    assert len(database.rows) == 5
    again = Database()
    run(store, messages=messages(5), on_outcomes=again)
    assert (again.calls, sandbox.received()["posts"]) == (0, 5)


def test_a_handler_that_fails_loses_nothing(sandbox):
    store, database = StateStore(), Database(broken=True)
    with pytest.raises(
        RoboSmsError, match="on_outcomes failed with RuntimeError: fix it and run the task again"
    ) as caught:
        run(store, messages=messages(20), on_outcomes=database)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    posts = sandbox.received()["posts"]
    database.broken = False
    result = run(store, messages=messages(20), on_outcomes=database)
    assert (result["sent"], result["unknown"]) == (20, 0)
    assert set(database.rows) == {f"customer-{index}" for index in range(20)}
    assert {row["status"] for row in database.rows.values()} == {"SENT"}
    assert texted(sandbox) == dict.fromkeys(numbers(20), 1)
    assert posts <= 20


def test_a_handler_that_fails_at_the_end(sandbox):
    """Everything is sent by then: the next try has nothing to do but to hand over."""
    store, database = StateStore(), Database(broken=True)
    with pytest.raises(RoboSmsError, match="on_outcomes failed"):
        run(store, messages=messages(3), on_outcomes=database)
    assert sandbox.received()["posts"] == 3
    database.broken = False
    assert run(store, messages=messages(3), on_outcomes=database)["sent"] == 3
    assert (len(database.rows), sandbox.received()["posts"]) == (3, 3)


def test_results_of_a_stopped_campaign_are_handed_over(sandbox):
    sandbox.settings(balance="2.00")
    database, store = Database(), StateStore()
    fields = {"messages": messages(10), "on_outcomes": database, "check_balance": False, "concurrency": 1}
    with pytest.raises(RoboSmsError, match="code 205"):
        run(store, **fields)
    assert len(database.rows) == 4
    sandbox.top_up("100")
    run(store, **fields)
    assert len(database.rows) == 10
