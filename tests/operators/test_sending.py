"""Outcomes, codes, and the pace: one try of the task."""

from __future__ import annotations

from datetime import datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.campaign import pace
from airflow_provider_robosms.exceptions import RoboSmsError
from tests.operators.stage import TEXT, StateStore, numbers, run, texted


def arrivals(sandbox) -> list[float]:
    return [datetime.fromisoformat(message["time"]).timestamp() for message in sandbox.accepted()]


def test_every_outcome_is_counted_with_its_code(sandbox):
    many = numbers(12)
    sandbox.set_fault("code", code="215", numbers=many[0:2])
    sandbox.set_fault("code", code="201", numbers=many[2:5])
    sandbox.set_fault("code", code="999", numbers=many[5:6])
    sandbox.set_fault("http-502", numbers=many[6:7])
    sandbox.set_fault("code", code="101", numbers=many[7:8])
    result = run(StateStore(), to=many, message=TEXT, max_attempts=1)
    assert result["codes"] == {"000": 4, "101": 1, "201": 3, "215": 2, "999": 1}
    counts = {name: result[name] for name in ("sent", "rejected", "unknown", "failed", "pending")}
    assert counts == {"sent": 4, "rejected": 2, "unknown": 5, "failed": 1, "pending": 0}
    assert texted(sandbox) == dict.fromkeys(many[8:], 1)


@pytest.mark.parametrize("code", ["000", "100", "102", "200"])
def test_all_four_codes_of_acceptance(sandbox, code):
    sandbox.settings(accepted_code=code, code_type="integer", answer_shape="wrapped-response")
    assert run(StateStore(), to=numbers(3), message=TEXT)["codes"] == {code: 3}


@pytest.mark.parametrize("fault", [{"kind": "http-429"}, {"kind": "code", "code": "101"}])
def test_what_was_certainly_not_sent_is_tried_again(sandbox, monkeypatch, fault):
    monkeypatch.setattr(pace, "BACKOFF_BASE", 0.05)
    sandbox.set_fault(**fault, numbers=numbers(3)[:1], count=2)
    assert run(StateStore(), to=numbers(3), message=TEXT, max_attempts=3)["sent"] == 3
    assert texted(sandbox) == dict.fromkeys(numbers(3), 1)
    assert sandbox.received()["by_to"] == {**dict.fromkeys(numbers(3), 1), numbers(3)[0]: 3}


def test_attempts_come_to_an_end(sandbox, monkeypatch):
    monkeypatch.setattr(pace, "BACKOFF_BASE", 0.05)
    sandbox.set_fault("code", code="101", numbers=numbers(3)[:1])
    result = run(StateStore(), to=numbers(3), message=TEXT, max_attempts=2)
    assert (result["sent"], result["failed"], result["codes"]) == (2, 1, {"000": 2, "101": 1})
    assert sandbox.received()["by_to"][numbers(3)[0]] == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset", "when": "after"},
        {"kind": "reset", "when": "before"},
        {"kind": "http-500", "when": "after"},
        {"kind": "http-503", "retry_after": 1},
        {"kind": "broken-json"},
        {"kind": "cut-body"},
        {"kind": "bad-gzip"},
        {"kind": "empty-body"},
        {"kind": "redirect", "status": 307, "when": "after"},
        {"kind": "code", "code": "201"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_what_is_in_doubt_is_never_posted_again(sandbox, fault):
    """Not within the try and not by a later one."""
    store = StateStore()
    sandbox.set_fault(**fault, numbers=numbers(4)[:1])
    for _ in range(2):
        result = run(store, to=numbers(4), message=TEXT)
        assert (result["sent"], result["unknown"], result["failed"]) == (3, 1, 0)
    assert sandbox.received()["by_to"] == dict.fromkeys(numbers(4), 1)


def test_none_accepted_fails_the_task(sandbox):
    sandbox.settings(max_characters=5)
    with pytest.raises(AirflowFailException, match=r"None of 3 messages was accepted; the last: .*\(code 213\)"):
        run(StateStore(), to=numbers(3), message=TEXT)


def test_none_accepted_but_another_try_could_help(sandbox):
    sandbox.set_fault("code", code="101")
    store = StateStore()
    with pytest.raises(RoboSmsError, match="None of 3 messages was accepted"):
        run(store, to=numbers(3), message=TEXT, max_attempts=1)
    sandbox.clear_faults()
    assert run(store, to=numbers(3), message=TEXT)["sent"] == 3


# The pace.


@pytest.mark.parametrize(("rate", "bulk_size"), [(20, 1), (40, 4)])
def test_max_per_second(sandbox, rate, bulk_size):
    count = rate * 2
    run(StateStore(), to=numbers(count), message=TEXT, max_per_second=rate, bulk_size=bulk_size, concurrency=20)
    times = arrivals(sandbox)
    assert len(times) == count
    # The first request starts at once and the last after all intervals but one; a tenth is for the clocks.
    shortest = (count - bulk_size) / rate
    assert 0.9 * shortest <= max(times) - min(times) <= 2 * shortest + 1
    fullest = max(sum(start <= at < start + 1 for at in times) for start in times)
    assert fullest <= rate * 1.2 + bulk_size


def test_without_a_limit_it_is_quick(sandbox):
    run(StateStore(), to=numbers(60), message=TEXT)
    times = arrivals(sandbox)
    assert max(times) - min(times) < 2


def test_at_most_concurrency_requests_are_under_way(sandbox):
    sandbox.settings(latency_ms=100)
    result = run(StateStore(), to=numbers(30), message=TEXT, concurrency=5)
    # 30 messages, five at a time, 0.1 s each. The gateway enters a message in the middle of that time, so that one
    # sender's messages are at least 0.1 s apart in its book.
    assert result["seconds"] >= 0.5
    times = arrivals(sandbox)
    assert max(sum(start <= at < start + 0.08 for at in times) for start in times) == 5


def test_retry_after_is_honoured(sandbox):
    sandbox.set_fault("http-429", retry_after=2, count=1)
    result = run(StateStore(), to=numbers(5), message=TEXT, concurrency=1)
    assert result["sent"] == 5
    assert result["seconds"] >= 2
    assert sandbox.received()["posts"] == 6


def test_a_long_retry_after_is_not_sat_out(sandbox):
    sandbox.set_fault("http-429", retry_after=3600, count=1)
    store = StateStore()
    with pytest.raises(RoboSmsError, match="asks to wait 3600 s"):
        run(store, to=numbers(5), message=TEXT, concurrency=1)
    assert sandbox.received()["posts"] == 1
    assert run(store, to=numbers(5), message=TEXT)["sent"] == 5
    assert texted(sandbox) == dict.fromkeys(numbers(5), 1)


def test_a_portal_that_slows_us_down_gets_everything_in_the_end(sandbox, monkeypatch):
    monkeypatch.setattr(pace, "BACKOFF_BASE", 0.05)
    sandbox.set_fault("http-429", probability=0.3, seed=3)
    result = run(StateStore(), to=numbers(60), message=TEXT, max_attempts=10)
    assert result["sent"] == 60
    assert texted(sandbox) == dict.fromkeys(numbers(60), 1)
