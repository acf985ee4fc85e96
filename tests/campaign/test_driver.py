"""The driver's threads: what a hang, a stop and a defect leave behind."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from airflow_provider_robosms.campaign import driver as module
from airflow_provider_robosms.campaign.campaign import Campaign
from airflow_provider_robosms.campaign.driver import Driver
from airflow_provider_robosms.campaign.engine import Request, Settings
from airflow_provider_robosms.campaign.journal import Journal, MemoryStore
from airflow_provider_robosms.campaign.ledger import ListLedger
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.gateway.outcome import SendResult, Status

SENT = SendResult(Status.SENT, "000", "M", "queued", "code")


def campaign_of(count: int, store: Any, **settings: Any) -> tuple[Campaign, Journal, ListLedger]:
    ledger = ListLedger([Message(f"k{i}", f"9230000{i:05d}", "hi") for i in range(count)])
    journal = Journal(store, salt="s")
    return Campaign(Settings(**settings), journal, ledger), journal, ledger


def test_everything_is_sent_once() -> None:
    campaign, journal, ledger = campaign_of(500, MemoryStore(), concurrency=8)
    seen: list[str] = []
    lock = threading.Lock()

    def transport(request: Request) -> SendResult:
        with lock:
            seen.extend(request.keys)
        return SENT

    Driver(campaign, journal, transport).run()
    assert sorted(seen) == sorted(ledger.outcomes)
    assert len(set(seen)) == len(seen) == 500


#: Seconds between SIGTERM and SIGKILL that Airflow gives a task that is marked failed.
AIRFLOWS_PATIENCE = 5


def test_the_end_after_a_stop_leaves_airflow_time_to_write_the_results() -> None:
    assert module.STOP_GRACE + module.JOURNAL_GRACE <= AIRFLOWS_PATIENCE - 2


def test_a_journal_that_hangs_when_the_task_is_stopped_does_not_swallow_the_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STOP_GRACE", 0.5)

    class Hanging(MemoryStore):
        hang = threading.Event()
        release = threading.Event()

        def set(self, key: str, value: Any) -> None:
            if self.hang.is_set():
                self.release.wait(30)
            super().set(key, value)

    store = Hanging()
    campaign, journal, ledger = campaign_of(2000, store, concurrency=10)
    answered: set[str] = set()

    def transport(request: Request) -> SendResult:
        time.sleep(0.02)
        answered.update(request.keys)
        if len(answered) == 100:
            store.hang.set()
            driver.request_stop("The task was stopped.")
        return SENT

    driver = Driver(campaign, journal, transport)
    began = time.monotonic()
    driver.run()
    took = time.monotonic() - began
    store.release.set()
    assert {key for key, outcome in ledger.outcomes.items() if outcome.status is Status.SENT} == answered
    assert took < 0.5 + module.JOURNAL_GRACE + 2


def test_an_exception_from_outside_brings_an_orderly_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0.2)
    campaign, journal, ledger = campaign_of(5000, MemoryStore(), concurrency=4)
    sent: list[str] = []

    def transport(request: Request) -> SendResult:
        time.sleep(0.005)
        sent.extend(request.keys)
        return SENT

    calls = 0

    def progress() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyboardInterrupt

    driver = Driver(campaign, journal, transport, on_progress=progress)
    with pytest.raises(KeyboardInterrupt):
        driver.run()
    assert 0 < len(sent) < 5000
    assert set(ledger.outcomes) == set(sent)


def test_a_transport_that_raises_leaves_its_message_unknown_and_stops() -> None:
    campaign, journal, ledger = campaign_of(100, MemoryStore(), concurrency=2)

    def transport(request: Request) -> SendResult:
        if "k5" in request.keys:
            raise ZeroDivisionError
        return SENT

    with pytest.raises(ZeroDivisionError):
        Driver(campaign, journal, transport).run()
    assert ledger.outcomes["k5"].status is Status.UNKNOWN
    assert len(ledger.outcomes) < 100


def test_a_window_that_closes_ends_the_campaign_without_a_failure() -> None:
    campaign, journal, ledger = campaign_of(1000, MemoryStore(), concurrency=2)

    def transport(request: Request) -> SendResult:
        time.sleep(0.01)
        return SENT

    Driver(campaign, journal, transport, deadline=time.monotonic() + 0.5).run()
    assert campaign.stop
    assert not campaign.stop.failure
    assert 0 < len(ledger.outcomes) < 1000
    assert len(ledger.outcomes) + len(set(ledger.returned)) <= 1000
