"""Watchers under Airflow's own shared-stream manager, against a real socket; what they see is scripted poll by poll."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
from airflow.triggers.shared_stream import SharedStreamManager

from airflow_provider_robosms.triggers import polling, robosms
from airflow_provider_robosms.triggers.robosms import RoboSmsLowBalanceEventTrigger
from tests.sensors.portal import KEY, Portal
from tests.triggers.watcher import Store, watcher

#: Seconds from one poll to the next; a user's are at least 1.
INTERVAL = 0.3


@pytest.fixture
def portal(monkeypatch):
    monkeypatch.setattr(polling, "SIBLINGS_SECONDS", 0.1)
    with Portal(balance="500") as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        monkeypatch.setenv("AIRFLOW_CONN_OTHER", portal.connection())
        yield portal


async def until(condition) -> None:
    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 20)


@asynccontextmanager
async def watched(triggers, stored: asyncio.Event | None = None):
    """Do what the triggerer's runner and supervisor do, and yield the balances that each trigger has announced.

    :param stored: set when events reach Airflow's database; None: at once.
    """
    manager = SharedStreamManager()
    announced: dict[int, list[str]] = {number: [] for number in range(len(triggers))}

    async def confirm(seq: int) -> None:
        await (stored.wait() if stored else asyncio.sleep(0.02))
        manager.confirm_persisted([seq])

    async def run(number: int, trigger: RoboSmsLowBalanceEventTrigger) -> None:
        key = trigger.shared_stream_key()
        stream = manager.subscribe(trigger_id=number, trigger=trigger, key=key)
        async for event in trigger.filter_shared_stream(stream):
            announced[number].append(event.payload["balance"])
            seq = manager.bind_pending_event(trigger_id=number, key=key)
            assert seq is not None
            confirmations.append(asyncio.create_task(confirm(seq)))

    confirmations: list[asyncio.Task] = []
    tasks = [asyncio.create_task(run(number, trigger)) for number, trigger in enumerate(triggers)]
    yield announced
    for task in tasks:
        assert not task.done()
    for task in (*tasks, *confirmations):
        task.cancel()
    await asyncio.gather(*tasks, *confirmations, return_exceptions=True)
    await manager.stop_all()


def watch(portal, triggers, polls: int) -> tuple[dict[int, list[str]], float]:
    """Watch until the balance was read so often and half an interval longer, for what the last poll brings.

    :return: the balances announced, and the seconds from the first poll to the last.
    """

    async def main() -> tuple[dict[int, list[str]], float]:
        async with watched(triggers) as announced:
            await until(lambda: portal.balance_checks >= polls)
            await asyncio.sleep(INTERVAL / 2)
            return announced, portal.checked_at[polls - 1] - portal.checked_at[0]

    return asyncio.run(main())


def watchers(*parameters: dict) -> list[RoboSmsLowBalanceEventTrigger]:
    triggers = [watcher(Store(), **each) for each in parameters]
    for trigger in triggers:
        trigger.poll_interval = INTERVAL
    return triggers


def test_many_watchers_of_a_connection_share_one_poll(portal):
    triggers = watchers(*[{"min_balance": 100 + number} for number in range(20)])
    portal.script = ["500", "500", "50", "50", "500", "500", "110", "110"]
    announced, seconds = watch(portal, triggers, polls=8)
    print(f"20 watchers, one poll in {INTERVAL:g} s each: 8 polls in {seconds:.1f} s")
    # 110 is low for those above 110 only.
    assert announced == {number: ["50"] if number <= 10 else ["50", "110"] for number in range(20)}
    assert portal.balance_checks == 8
    # Seven intervals; a second poll in each would halve them.
    assert 5 * INTERVAL < seconds < 10.5 * INTERVAL


def test_it_is_noted_as_announced_only_when_it_is_stored(portal):
    portal.balance = "50"
    [trigger] = watchers({"min_balance": 100})

    def status() -> str:
        [note] = trigger.asset_state_store.values.values()
        return note["status"]

    async def main() -> None:
        stored = asyncio.Event()
        async with watched([trigger], stored) as announced:
            await until(lambda: announced == {0: ["50"]})
            await asyncio.sleep(3 * INTERVAL)
            assert status() == "announcing"
            stored.set()
            await until(lambda: status() == "announced")
            await until(lambda: portal.balance_checks >= 3)
            assert announced == {0: ["50"]}

    asyncio.run(main())


def test_a_slow_portal_does_not_stretch_the_interval(portal):
    portal.delay = 0.6 * INTERVAL
    _, seconds = watch(portal, watchers({"min_balance": 1}), polls=6)
    # Five intervals, and with the delays added to them eight.
    assert seconds < 7 * INTERVAL


def test_another_connection_has_a_poll_of_its_own(portal):
    triggers = watchers({"min_balance": 1}, {"min_balance": 1, "robosms_conn_id": "other"})
    _, seconds = watch(portal, triggers, polls=6)
    # Three polls each. One for both would take five intervals, and more than one each would take less than two.
    assert 1.5 * INTERVAL < seconds < 4 * INTERVAL


def test_errors_are_one_sentence_each_and_the_poll_goes_on(portal, caplog):
    caplog.set_level(logging.INFO)
    portal.script = [None, "code 203", "50"]
    announced, _ = watch(portal, watchers({"min_balance": 100}), polls=3)
    assert announced == {0: ["50"]}
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert [line.partition(":")[0] for line in lines] == [
        "The RoboSMS portal answered the balance check with HTTP 503",
        "RoboSMS refused the API key (code 203)",
    ]
    assert all(line.endswith(f"The balance is read again in {INTERVAL:g} s.") for line in lines)
    assert all(record.exc_info is None for record in caplog.records)
    assert KEY not in caplog.text


def test_a_connection_that_appears_or_is_mended_is_taken_up(portal, monkeypatch, caplog):
    good = portal.connection()
    monkeypatch.delenv("AIRFLOW_CONN_ROBOSMS_DEFAULT")
    portal.balance = "50"

    async def main() -> None:
        async with watched(watchers({"min_balance": 100})) as announced:
            await until(lambda: "does not exist" in caplog.text)
            monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", good)
            await until(lambda: announced == {0: ["50"]})

    asyncio.run(main())


def test_alone_without_shared_streams(portal, monkeypatch):
    monkeypatch.setattr(robosms, "UNCONFIRMED_SECONDS", 0.1)
    [alone] = watchers({"min_balance": 100})
    portal.script = ["500", "50", "50", "500", "40"]

    async def two() -> list[str]:
        run = alone.run()
        return [(await anext(run)).payload["balance"] for _ in range(2)]

    assert asyncio.run(asyncio.wait_for(two(), 20)) == ["50", "40"]
