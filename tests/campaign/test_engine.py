"""The engine's decisions, one transition at a time."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from airflow_provider_robosms.campaign.engine import Engine, Request, Settings, Stop
from airflow_provider_robosms.campaign.journal import Journal, MemoryStore
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.campaign.pace import LONGEST_PAUSE, STRIKES
from airflow_provider_robosms.gateway.answers import read_send_answer
from airflow_provider_robosms.gateway.evidence import REASONS
from airflow_provider_robosms.gateway.outcome import SendResult, Status


def answer(code: str) -> SendResult:
    identifier = ', "message_id": "M1"' if code in ("000", "100", "102", "200") else ""  # a refused message has none
    return read_send_answer(200, f'{{"code": "{code}"{identifier}}}'.encode())


def trouble(reason: str, **fields: Any) -> SendResult:
    status, detail = REASONS[reason]
    return SendResult(status, detail=detail, reason=reason, **fields)


def messages(count: int, text: str = "hi") -> list[Message]:
    return [Message(f"k{i}", f"9230000{i:05d}", text) for i in range(count)]


class Bench:
    """An engine with a clock that stands still."""

    def __init__(self, **settings: Any) -> None:
        self.journal = Journal(MemoryStore(), salt="s")
        self.engine = Engine(Settings(**settings), self.journal, random.Random(1))
        self.now = 100.0

    def offer(self, found: list[Message]) -> None:
        self.engine.offer(found, {}, self.now)

    def commit(self, error: BaseException | None = None) -> list[str]:
        records = self.engine.take_commit(self.now)
        if records is None:
            return []
        self.engine.committed(error, self.now)
        return records

    def send(self) -> list[Request]:
        return self.engine.take_sends(self.now)

    def answer(self, request: Request, result: SendResult) -> None:
        self.engine.answered(request, result, self.now, 1_795_000_000)


def test_nothing_is_sent_before_its_intent_is_durable() -> None:
    bench = Bench(concurrency=2)
    bench.offer(messages(3))
    assert bench.send() == []
    records = bench.engine.take_commit(bench.now)
    assert records
    assert bench.send() == []
    bench.engine.committed(None, bench.now)
    assert len(bench.send()) == 2


def test_a_failed_commit_sends_nothing_and_is_made_again() -> None:
    bench = Bench(concurrency=2)
    bench.offer(messages(2))
    bench.commit(OSError())
    assert bench.send() == []
    bench.commit()
    assert len(bench.send()) == 2


@pytest.mark.parametrize("concurrency", [1, 2, 5, 20])
def test_never_more_than_twice_the_concurrency_in_doubt(concurrency: int) -> None:
    """Played at random: intents that are durable without a durable outcome, after every step."""
    rng = random.Random(concurrency)
    bench = Bench(concurrency=concurrency)
    bench.offer(messages(300))
    flying: list[Request] = []
    doubtful: set[str] = set()
    pending: list[str] | None = None
    most = 0
    while not bench.engine.idle:
        bench.now += 0.01
        step = rng.random()
        if step < 0.3 and pending is None:
            pending = bench.engine.take_commit(bench.now)
        elif step < 0.5 and pending is not None:
            for record in pending:
                (doubtful.add if record[0] == "?" else doubtful.discard)(record[1:13])
            bench.engine.committed(None, bench.now)
            pending = None
        elif step < 0.7:
            flying += bench.send()
        elif flying:
            bench.answer(flying.pop(rng.randrange(len(flying))), answer("000"))
        most = max(most, len(doubtful))
    assert most <= 2 * concurrency
    assert bench.engine.counts[Status.SENT] == 300


def test_certainly_not_sent_is_tried_again_up_to_max_attempts() -> None:
    bench = Bench(concurrency=1, max_attempts=3)
    bench.offer(messages(1))
    attempts = 0
    for _ in range(30):
        bench.commit()
        for request in bench.send():
            attempts += 1
            bench.answer(request, answer("101"))
        bench.now += 10
    assert attempts == 3
    assert bench.engine.counts == {Status.FAILED: 1}
    assert next(iter(bench.engine.take_results().values())).code == "101"


@pytest.mark.parametrize(
    "reason", [r for r, (status, _) in REASONS.items() if status is Status.UNKNOWN and r != "code"]
)
def test_a_doubt_is_never_tried_again(reason: str) -> None:
    bench = Bench(concurrency=1)
    bench.offer(messages(1))
    bench.commit()
    (request,) = bench.send()
    bench.answer(request, trouble(reason))
    for _ in range(20):
        bench.now += 60
        bench.commit()
        assert bench.send() == []
    assert bench.engine.counts == {Status.UNKNOWN: 1}


@pytest.mark.parametrize("code", ["203", "204", "205", "206", "210", "212"])
def test_an_account_level_answer_stops_at_once_and_hands_everything_back(code: str) -> None:
    bench = Bench(concurrency=2)
    bench.offer(messages(6))
    bench.commit()
    first, second = bench.send()
    bench.answer(first, answer(code))
    assert bench.engine.stop
    assert code in bench.engine.stop.sentence
    assert bench.engine.stop.permanent == (code in {"203", "206", "210", "212"})
    bench.answer(second, answer("000"))  # what was in flight is waited for
    while not bench.engine.idle:
        bench.commit()
        assert bench.send() == []
    assert bench.engine.counts == {Status.SENT: 1}
    assert set(bench.engine.take_returned()) == {m.key for m in messages(6)} - set(second.keys)


@pytest.mark.parametrize("status", [404, 405, 410])
def test_an_address_that_does_not_take_messages_stops_at_once_and_for_good(status: int) -> None:
    """Nothing is UNKNOWN or FAILED by it, however many were under way."""
    bench = Bench(concurrency=20)
    bench.offer(messages(1000))
    bench.commit()
    wrong = read_send_answer(status, b"<html>", url="https://portal.example.pk/api/send-message")
    first, *others = bench.send()
    assert len(others) == 19
    bench.answer(first, wrong)
    stop = bench.engine.stop
    assert stop
    assert stop.permanent
    assert "https://portal.example.pk/api/send-message" in stop.sentence
    assert f"HTTP {status}" in stop.sentence
    bench.answer(others[0], answer("000"))  # what was in flight is waited for
    for request in others[1:]:
        bench.answer(request, wrong)
    while not bench.engine.idle:
        bench.commit()
        assert bench.send() == []
    assert bench.engine.counts == {Status.SENT: 1}
    assert len(bench.engine.take_returned()) == 999


def test_a_silent_portal_stops_the_campaign_with_little_in_doubt() -> None:
    bench = Bench(concurrency=20)
    bench.offer(messages(500))
    for _ in range(500):
        bench.commit()
        for request in bench.send():
            bench.answer(request, trouble("read_timeout"))
        bench.now += 1.0
    assert bench.engine.stop
    assert not bench.engine.stop.permanent
    assert bench.engine.counts[Status.UNKNOWN] <= 20 + STRIKES


def test_now_and_then_a_lost_answer_changes_nothing() -> None:
    bench = Bench(concurrency=4)
    bench.offer(messages(200))
    sent = 0
    while not bench.engine.idle:
        bench.commit()
        for request in bench.send():
            sent += 1
            bench.answer(request, trouble("connection_lost") if sent % 10 == 0 else answer("000"))
        bench.now += 0.3
    assert bench.engine.stop is None
    assert bench.engine.counts == {Status.SENT: 180, Status.UNKNOWN: 20}


def test_429_waits_as_long_as_it_says() -> None:
    bench = Bench(concurrency=3)
    bench.offer(messages(3))
    bench.commit()
    for request in bench.send():
        bench.answer(request, trouble("rate_limited", retry_after=7.0))
    bench.now += 6.9
    bench.commit()
    assert bench.send() == []
    bench.now += 0.2
    bench.commit()
    assert bench.send()


def test_429_for_very_long_gives_the_worker_back() -> None:
    bench = Bench(concurrency=1)
    bench.offer(messages(2))
    bench.commit()
    (request,) = bench.send()
    bench.answer(request, trouble("rate_limited", retry_after=LONGEST_PAUSE + 1))
    assert bench.engine.stop
    assert len(bench.engine.take_returned()) == 2


def test_the_pace_is_kept() -> None:
    bench = Bench(concurrency=10, max_per_second=4)
    bench.offer(messages(100))
    sent = []
    for _ in range(500):
        bench.commit()
        for request in bench.send():
            sent.append(bench.now)
            bench.answer(request, answer("000"))
        bench.now += 0.01
    assert 19 <= len(sent) <= 21
    assert min(b - a for a, b in itertools.pairwise(sent)) > 0.23


def test_bulk_groups_hold_one_text_and_one_mask() -> None:
    bench = Bench(concurrency=9, bulk_size=3)
    texts = ["a", "b", "a", "a", "b", "a"]
    bench.offer([Message(f"k{i}", f"92300000000{i}", text) for i, text in enumerate(texts)])
    bench.commit()
    groups = sorted([request.keys for request in bench.send()])
    assert groups == [("k0", "k2", "k3"), ("k1", "k4"), ("k5",)]


def test_a_stop_waits_and_abandons_and_a_late_verdict_still_counts() -> None:
    bench = Bench(concurrency=2)
    bench.offer(messages(2))
    bench.commit()
    first, second = bench.send()
    bench.engine.halt(Stop("enough"), bench.now)
    bench.engine.abandon(bench.now, 1_795_000_000)
    bench.commit()
    assert bench.engine.counts == {Status.UNKNOWN: 2}
    assert bench.engine.doubted == {"k0": 1_795_000_000, "k1": 1_795_000_000}
    bench.answer(first, answer("000"))
    bench.answer(second, trouble("read_timeout"))
    bench.commit()
    assert +bench.engine.counts == {Status.UNKNOWN: 1, Status.SENT: 1}
    assert bench.engine.take_results()[first.keys[0]].status is Status.SENT
    assert bench.engine.doubted.keys() == {*second.keys}


@pytest.mark.parametrize(
    "wrong", [{"concurrency": 0}, {"bulk_size": 0}, {"max_attempts": 0}, {"concurrency": True}, {"max_per_second": 0}]
)
def test_impossible_settings_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)
