"""The event trigger: its states one by one, and with kills at any moment."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from decimal import Decimal

import pytest
from airflow.sdk import Asset, AssetWatcher
from airflow.triggers.base import BaseEventTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.outcome import Balance
from airflow_provider_robosms.triggers import robosms
from airflow_provider_robosms.triggers.polling import Stored
from airflow_provider_robosms.triggers.robosms import RoboSmsLowBalanceEventTrigger
from tests.triggers.watcher import Store, watcher

INTERVAL = "poll_interval must be a number of seconds from 1 to 10000000"


def balance(amount: str | int, rate: str | None = "0.50") -> Balance:
    return Balance(Decimal(amount), None if rate is None else Decimal(rate), "shop")


def events(trigger: RoboSmsLowBalanceEventTrigger, *amounts: str | int) -> list[str]:
    """Feed balances, each followed by Airflow's confirmation, and return the balances that were announced."""

    async def stream():
        for amount in amounts:
            yield amount if isinstance(amount, Balance) else balance(amount)
            yield Stored()

    async def collect() -> list[str]:
        return [event.payload["balance"] async for event in trigger.filter_shared_stream(stream())]

    return asyncio.run(collect())


def test_one_event_for_each_fall():
    assert events(watcher(Store()), 500, 99, 98, 50, 99, 500, 500, 70, 60) == ["99", "70"]


def test_a_low_balance_at_the_first_look_is_an_event():
    assert events(watcher(Store()), 99, 99, 98) == ["99"]


def test_the_threshold_itself_is_enough():
    assert events(watcher(Store()), 100, "99.99", 100, "99.99") == ["99.99"]


@pytest.mark.parametrize(
    ("margin", "expected"),
    [({}, ["99", "97"]), ({"margin_percent": 20}, ["99"]), ({"margin_percent": 0}, ["99", "98", "97"])],
)
def test_it_is_armed_again_above_the_margin(margin, expected):
    amounts = (500, 99, 109, 98, 110, 97)
    assert events(watcher(Store(), min_balance=100, **margin), *amounts) == expected


def test_messages():
    assert events(watcher(Store(), min_messages=200), 100, "99.99", 109, 90, 110, 99) == ["99.99", "99"]


def test_messages_without_a_rate_are_one_sentence_and_it_goes_on(capfd):
    trigger = watcher(Store(), min_messages=200)
    assert events(trigger, balance(500, None), 50) == ["50"]
    assert "set min_balance instead" in capfd.readouterr().out


def test_the_payload():
    async def first() -> dict:
        async def stream():
            yield balance("12.50")

        return (await anext(watcher(Store(), min_messages=30).filter_shared_stream(stream()))).payload

    payload = asyncio.run(first())
    assert payload.pop("since").endswith("+00:00")
    assert payload == {
        "balance": "12.50",
        "rate": "0.50",
        "messages": 25,
        "username": "shop",
        "min_balance": None,
        "min_messages": 30,
        "robosms_conn_id": "robosms_default",
    }


class TestMemory:
    def test_a_restarted_triggerer_knows_what_was_announced(self):
        store = Store()
        assert events(watcher(store), 500, 99) == ["99"]
        assert events(watcher(store), 98, 97) == []
        assert events(watcher(store), 500) == []
        assert events(watcher(store), 96) == ["96"]

    def test_a_fall_while_no_triggerer_ran_is_announced(self):
        store = Store()
        assert events(watcher(store), 99, 500) == ["99"]
        assert events(watcher(store), 98) == ["98"]

    def test_watchers_of_one_asset_do_not_share_it(self):
        store = Store()
        assert events(watcher(store), 99) == ["99"]
        assert events(watcher(store, min_balance=200), 99) == ["99"]
        assert events(watcher(store, min_messages=400), 99) == ["99"]
        assert len(store.values) == 3

    def test_without_a_store_the_process_remembers(self):
        assert events(watcher(None), 99, 98, 500, 97) == ["99", "97"]

    def test_nothing_is_announced_before_the_store_can_be_read(self, capfd):
        store = Store()
        assert events(watcher(store), 99) == ["99"]
        store.broken = True
        assert events(watcher(store), 98, 97) == []
        assert "The asset's state could not be read (ConnectionError)" in capfd.readouterr().out

    def test_a_store_that_cannot_be_written_keeps_no_alert_back(self, caplog):
        store = Store()

        async def run() -> list[str]:
            async def stream():
                yield balance(500)
                store.broken = True
                for amount in (99, 98):
                    yield balance(amount)
                    yield Stored()

            return [event.payload["balance"] async for event in watcher(store).filter_shared_stream(stream())]

        assert asyncio.run(run()) == ["99"]
        assert "The asset's state could not be stored (ConnectionError)" in caplog.text

    def test_equal_watchers_on_two_assets_are_one_trigger(self):
        """As Airflow injects it then: its short form refuses more than one asset."""
        from airflow.sdk.execution_time.context import AssetStateStoreAccessors

        accessors = AssetStateStoreAccessors(inlets=[Asset("one"), Asset("two")])
        stores = {"one": Store(), "two": Store()}
        accessors._by_name = stores
        assert events(watcher(accessors), 99) == ["99"]
        assert [next(iter(store.values.values()))["status"] for store in stores.values()] == ["announced"] * 2
        assert events(watcher(accessors), 98) == []


# What happens after a poll: Airflow stores the event and says so; or the triggerer dies, before or after storing it.
ENDINGS = ("confirmed", "confirmed", "confirmed", "killed unstored", "killed stored")


def falls_of(polls: list[tuple[int, str]]) -> list[bool]:
    """What a person would call the falls: of each, whether the triggerer lived long enough to announce it."""
    heard: list[bool] = []
    low = False
    for amount, ending in polls:
        if not low and amount < 100:
            low = True
            heard.append(False)
        elif low and amount >= 110:
            low = False
        if low and amount < 100 and ending != "killed unstored":
            heard[-1] = True
    return heard


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([50, 90, 105, 300]), st.sampled_from(ENDINGS)), max_size=30))
def test_with_kills_at_any_moment(polls):
    store, numbers = Store(), itertools.count()
    stored: list[str] = []  # "since" of the events in Airflow's database
    queue = list(polls)
    risky: Counter[str] = Counter()  # kills between storing an event and noting it

    async def life() -> None:
        handed: list[str] = []

        async def stream():
            while queue:
                amount, ending = queue.pop(0)
                yield balance(amount)
                if ending != "killed unstored":
                    stored.extend(handed)
                if ending == "killed stored":
                    risky.update(handed)
                if ending != "confirmed":
                    return
                handed.clear()
                yield Stored()

        async for event in watcher(store).filter_shared_stream(stream()):
            handed += [event.payload["since"]]  # at once, for the stream to see it

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robosms, "_now", lambda: f"fall {next(numbers)}")
        while queue:
            asyncio.run(life())

    heard = falls_of(polls)
    assert set(stored) == {f"fall {number}" for number, said in enumerate(heard) if said}
    for since, count in Counter(stored).items():
        assert count <= 1 + risky[since]
    if not risky:
        assert len(stored) == sum(heard)


class TestParameters:
    @pytest.mark.parametrize(
        ("parameters", "sentence"),
        [
            ({}, "Set either min_balance or min_messages: none is set."),
            ({"min_messages": 0}, "min_messages must be a number above 0, not 0."),
            ({"min_balance": 1, "margin_percent": -5}, "margin_percent must be a number from 0, not -5."),
            ({"min_balance": 1, "margin_percent": "x"}, "margin_percent must be a number from 0, not 'x'."),
            (
                {"min_balance": 1, "poll_interval": 0.5},
                f"{INTERVAL}, not 0.5.",
            ),
            (
                {"min_balance": 1, "poll_interval": "a"},
                f"{INTERVAL}, not 'a'.",
            ),
        ],
    )
    def test_bad_ones_are_one_sentence_when_the_dag_is_parsed(self, parameters, sentence):
        with pytest.raises(RoboSmsError) as error:
            RoboSmsLowBalanceEventTrigger(**parameters)
        assert str(error.value) == sentence

    @pytest.mark.parametrize("threshold", [{"min_balance": Decimal("12.50")}, {"min_messages": "30"}])
    def test_it_survives_serialization_unchanged(self, threshold):
        one = RoboSmsLowBalanceEventTrigger(**threshold, margin_percent=Decimal("12.5"), poll_interval=60)
        classpath, parameters = one.serialize()
        again = RoboSmsLowBalanceEventTrigger(**parameters)
        assert classpath == "airflow_provider_robosms.triggers.robosms.RoboSmsLowBalanceEventTrigger"
        assert again.serialize() == one.serialize()
        assert BaseEventTrigger.hash(*again.serialize()) == BaseEventTrigger.hash(*one.serialize())
        assert {type(value) for value in parameters.values()} <= {str, int, float, type(None)}
        assert AssetWatcher(name="low", trigger=one).trigger is one
