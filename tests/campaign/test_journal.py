"""The journal: what was written comes back, in order, whatever failed in between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_robosms.campaign.journal import Journal, MemoryStore
from airflow_provider_robosms.campaign.message import Outcome, doubt
from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.outcome import Status

SENT = Outcome(Status.SENT, "000", "RSMS-1", "code", 1_795_000_000, 2)


def journal_on(store: Any, **kwargs: Any) -> Journal:
    return Journal(store, salt="dag/run/task", **kwargs)


def test_an_empty_store_holds_nothing() -> None:
    assert not journal_on(MemoryStore()).load()


def test_what_was_written_comes_back() -> None:
    store = MemoryStore()
    journal = journal_on(store)
    unknown = doubt("crash", 1_795_000_001)
    journal.commit([journal.intent("a"), journal.intent("b"), journal.intent("c"), journal.intent("d")])
    journal.commit([journal.outcome("a", SENT), journal.released("b", 2), journal.outcome("d", unknown)])
    journal.commit([journal.delivered("a")])
    state = journal_on(store).load()
    key = journal.opaque
    assert state.outcomes == {key("a"): SENT, key("d"): unknown}
    assert state.in_doubt == {key("c")}
    assert state.attempts == {key("b"): 2}
    assert state.undelivered == {key("d")}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SKIPPED])
def test_each_status_that_a_request_can_have_comes_back(status: Status) -> None:
    store = MemoryStore()
    journal = journal_on(store)
    journal.commit([journal.outcome("a", Outcome(status))])
    assert journal_on(store).load().outcomes[journal.opaque("a")].status is status


def test_keys_are_opaque_and_differ_between_runs() -> None:
    one, other = journal_on(MemoryStore()), Journal(MemoryStore(), salt="dag/other run/task")
    assert one.opaque("tel:923001234567") != other.opaque("tel:923001234567")
    assert "923001234567" not in one.opaque("tel:923001234567")


def test_no_value_is_near_airflows_limit_and_no_number_is_in_it() -> None:
    store = MemoryStore()
    journal = journal_on(store)
    numbers = [f"9230{i:08d}" for i in range(3000)]
    for start in range(0, len(numbers), 40):
        some = numbers[start : start + 40]
        journal.commit([journal.intent(f"tel:{n}") for n in some])
        journal.commit([journal.outcome(f"tel:{n}", SENT) for n in some])
    assert len(store.values) > 3
    assert all(len(json.dumps(value)) < 65_535 for value in store.values.values())
    assert not any(number in value for value in store.values.values() for number in numbers)
    assert len(journal_on(store).load().outcomes) == 3000


def test_a_failed_write_leaves_no_trace_after_the_next() -> None:
    class Failing(MemoryStore):
        fail = False

        def set(self, key: str, value: Any) -> None:
            super().set(key, value)
            if self.fail:
                raise OSError("applied, and nobody knows")

    store = Failing()
    journal = journal_on(store, segment_chars=40)
    journal.commit([journal.intent("a")])
    store.fail = True
    with pytest.raises(OSError, match="applied"):
        journal.commit([journal.intent("ghost one"), journal.intent("ghost two")])
    store.fail = False
    journal.commit([journal.outcome("a", SENT)])
    state = journal_on(store).load()
    assert not state.in_doubt
    assert state.outcomes == {journal.opaque("a"): SENT}


@pytest.mark.parametrize("damage", [
    "?short", "x" + "k" * 12, "=" + "k" * 12 + "\tS\t000", "!" + "k" * 12 + "many", "=" + "k" * 12 + "\tX\t000\t\t\t0\t1",
    "?" + "k" * 12 + "?" + "l" * 12, "." + "k" * 12 + "x",
    "", " \n", None, {}, [], 0,
])  # fmt: skip
def test_a_damaged_journal_is_refused(damage: Any) -> None:
    store = MemoryStore()
    store.set("journal.00000", damage)
    with pytest.raises(
        RoboSmsError, match=r"^The task's journal holds a damaged record; nothing was sent: start a new run"
    ):
        journal_on(store).load()


_RECORDS = st.lists(st.tuples(st.sampled_from("?!=."), st.integers(0, 6)), max_size=60)


@settings(max_examples=200)
@given(_RECORDS, st.lists(st.integers(1, 5), min_size=60, max_size=60))
def test_replay_is_the_same_however_the_records_were_grouped(records: list[tuple[str, int]], sizes: list[int]) -> None:
    def lines(journal: Journal) -> list[str]:
        make = {
            "?": journal.intent,
            "!": lambda key: journal.released(key, 1),
            "=": lambda key: journal.outcome(key, SENT),
            ".": journal.delivered,
        }
        return [make[kind](str(number)) for kind, number in records]

    whole, pieces = MemoryStore(), MemoryStore()
    journal_on(whole).commit(lines(journal_on(whole)))
    journal, rest = journal_on(pieces, segment_chars=60), lines(journal_on(pieces))
    for size in sizes:
        journal.commit(rest[:size])
        rest = rest[size:]
    assert journal_on(whole).load() == journal_on(pieces, segment_chars=60).load()
