"""The sheet protocol under people's hands, kills, lost answers, stalls and lagging reads; the long runs are commands."""

from __future__ import annotations

import contextlib

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.sheets.lock import LOCK_EXPIRES, Busy
from airflow_provider_robosms.spreadsheet.errors import SheetUnavailable
from tests.protocol.campaigns import run
from tests.protocol.google import Killed
from tests.protocol.history import play as play_history
from tests.protocol.judge import judge
from tests.protocol.restless import play
from tests.protocol.stage import Stage


@pytest.mark.parametrize("lag", [0.0, 5.0])
@pytest.mark.parametrize("chance", [0.05, 0.1])
@pytest.mark.parametrize("first", [0, 15])
def test_a_sheet_that_hardly_rests(first: int, chance: float, lag: float) -> None:
    for seed in range(first, first + 15):
        assert play(seed, chance, lag) == [], seed


@pytest.mark.parametrize(
    "seed", [120, 229, 995, 2236, 2247, 6336, 10303, 12657, 13095, 14203, 2001381, 2010605, 3000503, 4002863, 4007005]
)
def test_histories_that_were_broken_once(seed: int) -> None:
    assert play_history(seed) == []


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_histories_in_each_of_which_a_holder_stalls(first: int) -> None:
    for seed in range(first, first + 20):
        assert play_history(seed, stall=True) == [], seed


@pytest.mark.parametrize("first", range(0, 200, 25))
def test_histories(first: int) -> None:
    for seed in range(first, first + 25):
        assert play_history(seed) == [], seed


def test_few_calls() -> None:
    stage = Stage()
    asked: list[tuple[int, int]] = []
    http = stage.http(before=lambda number, kind: asked.append((number, len(stage.gateway.sent))))
    run(http, stage.gateway, store=MemoryStore(), chunk=10)
    before_first = sum(1 for _, sent in asked if sent == 0)
    after_last = sum(1 for _, sent in asked if sent == 10)
    assert before_first <= 6, "tabs, three reads, the lock, and once the new columns"
    assert after_last <= 3, "a look, the batch, the release"
    assert judge(stage.people, stage.gateway.sent) == []


def test_an_own_columns_campaign_needs_five_calls_before_the_first_message() -> None:
    stage = Stage()
    run(stage.http(), stage.gateway, store=MemoryStore(), chunk=10)
    stage.people.do("insert_rows", at=1)
    stage.people.do("set", cell="A2", values=[["R900", "New", "0300-1000900", "Here", 1, 46000, ""]], raw=True)
    asked: list[int] = []
    http = stage.http(before=lambda number, kind: asked.append(len(stage.gateway.sent)))
    run(http, stage.gateway, run_id="second", store=MemoryStore(), chunk=10)
    assert asked.count(10) <= 5
    assert len(stage.gateway.sent) == 11


def killed_after(stage: Stage, messages: int, **settings: object) -> None:
    """Let a try die right after so many messages."""

    def after() -> None:
        if len(stage.gateway.sent) == messages:
            raise Killed

    stage.gateway.after = after
    with pytest.raises(Killed):
        run(stage.http(), stage.gateway, **settings)  # type: ignore[arg-type]
    stage.gateway.after = lambda: None


def test_a_second_campaign_waits_and_holds_nothing() -> None:
    stage = Stage()
    killed_after(stage, 3)
    tabs = stage.tabs()
    ended = run(stage.http(), stage.gateway, run_id="other")
    assert isinstance(ended.busy, Busy)
    assert ended.busy.owner.run == "first"
    assert stage.tabs() == tabs
    assert len(stage.gateway.sent) == 3


@pytest.mark.parametrize("how", ["by what Airflow knows", "by its age"])
def test_a_dead_lock_is_taken_over(how: str) -> None:
    stage = Stage()
    killed_after(stage, 3, chunk=5)
    if how == "by its age":
        stage.clock.sleep(LOCK_EXPIRES + 1)
    ended = run(
        stage.http(), stage.gateway, run_id="other", is_over=lambda owner: True if how != "by its age" else None
    )
    assert ended.busy is None
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []


def test_a_retry_with_its_journal_leaves_the_engines_doubt_only() -> None:
    stage = Stage()
    store = MemoryStore()
    killed_after(stage, 3, chunk=5, store=store)
    ended = run(stage.http(), stage.gateway, store=store)
    assert not ended.gave_up
    assert judge(stage.people, stage.gateway.sent, unknown=4, all_sent=False) == []


def test_a_run_that_starts_when_another_has_just_ended_texts_nobody_again() -> None:
    for seed in range(10):
        stage = Stage(lag=5.0)
        run(stage.http(), stage.gateway, store=MemoryStore(), seed=seed)
        run(stage.http(), stage.gateway, run_id="second", store=MemoryStore(), seed=seed)
        assert judge(stage.people, stage.gateway.sent) == []


@pytest.mark.parametrize("what", ["robosms lock 0", "robosms work 0 1 of 1"])
def test_a_person_deletes_a_working_tab(what: str) -> None:
    stage = Stage()

    def before(number: int, kind: str) -> None:
        if number == 6:
            stage.book.sheets[:] = [sheet for sheet in stage.book.sheets if sheet.title != what]

    stage.book.sheets[0].sheet_id = 0
    ended = run(stage.http(before=before), stage.gateway, store=MemoryStore())
    assert not ended.gave_up
    assert judge(stage.people, stage.gateway.sent, unknown=0) == []


def test_partitions_share_the_lock_and_the_last_one_gives_it_back() -> None:
    stage = Stage(20)
    for partition in range(3):
        ended = run(stage.http(), stage.gateway, store=MemoryStore(), partition=partition, partitions=3, chunk=20)
        assert ended.busy is None
    assert judge(stage.people, stage.gateway.sent) == []


def test_partitions_that_die_again_before_they_wrote_anything_do_not_wait_for_each_other() -> None:
    stage = Stage(40)
    stores = [MemoryStore(), MemoryStore()]
    for sent in (6, 9, 12, 15):  # each dies after some results, and again right after it went on
        partition = sent // 3 % 2
        killed_after(stage, sent, store=stores[partition], partition=partition, partitions=2)
    for partition in (0, 1):
        ended = run(stage.http(), stage.gateway, store=stores[partition], partition=partition, partitions=2)
        assert not ended.gave_up
    assert judge(stage.people, stage.gateway.sent, unknown=16, all_sent=False) == []
    assert stage.tabs() == []


def test_a_copied_spreadsheets_lock_is_no_lock() -> None:
    stage = Stage()
    killed_after(stage, 3, chunk=5)
    for sheet in stage.book.sheets:
        if sheet.title.startswith("robosms "):
            text = str(sheet.cell(0, 0)).replace("spreadsheet-in-memory", "the-original")
            sheet.put(0, [(0, text)])
    stage.gateway.sent.clear()  # nobody was texted from the copy
    assert run(stage.http(), stage.gateway, run_id="other").busy is None
    assert judge(stage.people, stage.gateway.sent) == []


def test_a_mapped_twin_on_the_same_tab_waits() -> None:
    stage = Stage()
    twins = []

    def after() -> None:
        if len(stage.gateway.sent) == 3 and not twins:
            twins.append(run(stage.http(), stage.gateway, map_index=1))

    stage.gateway.after = after
    assert not run(stage.http(), stage.gateway, map_index=0).gave_up
    assert isinstance(twins[0].busy, Busy)
    assert twins[0].busy.owner.map_index == 0
    assert judge(stage.people, stage.gateway.sent) == []


def test_a_mapped_twin_that_died_is_taken_over_when_its_lock_has_expired() -> None:
    stage = Stage()
    killed_after(stage, 3, chunk=5, map_index=0)
    assert run(stage.http(), stage.gateway, map_index=1).busy is not None
    stage.clock.sleep(LOCK_EXPIRES + 1)
    assert run(stage.http(), stage.gateway, map_index=1).busy is None
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []


def test_the_partitions_of_an_earlier_cut_are_taken_over() -> None:
    stage = Stage(20)
    killed_after(stage, 1, chunk=20, partition=1, partitions=4)
    for partition in range(2):
        run(stage.http(), stage.gateway, partition=partition, partitions=2, chunk=20)
    # One chunk of the dead partition may have been sent.
    assert judge(stage.people, stage.gateway.sent, unknown=20, all_sent=False) == []


@pytest.mark.parametrize("seed", range(25))
def test_what_several_dead_tries_left_is_known_although_reads_lag(seed: int) -> None:
    stage = Stage(lag=5.0)
    stage.book.lag.configure(5.0, seed)
    killed_after(stage, 3, chunk=5)
    calls = []

    def after(number: int, kind: str) -> None:
        calls.append(kind)
        if any(title.startswith("robosms left ") for title in stage.tabs()):
            raise Killed  # right after the takeover

    def a_try(**watched: object) -> None:
        for _ in range(3):
            with contextlib.suppress(SheetUnavailable):  # reads that lag never agreed: as Airflow tries again
                run(stage.http(**watched), stage.gateway, chunk=5)  # type: ignore[arg-type]
                return
            stage.clock.sleep(60)

    with pytest.raises(Killed):
        a_try(after=after)
    a_try()
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []


def test_peoples_tab_stays_the_first_while_ours_are_copied() -> None:
    """Other tools may take the first tab for the recipients', such as gspread's ``sheet1``."""
    stage, first = Stage(), set[str]()
    killed_after(stage, 3, chunk=5)
    run(stage.http(after=lambda number, kind: first.add(stage.book.sheets[0].title)), stage.gateway, chunk=5)
    assert first == {"Recipients"}


def test_a_left_tab_that_a_person_deletes_holds_up_nobody() -> None:
    stage = Stage()
    killed_after(stage, 3, chunk=5)

    def after(number: int, kind: str) -> None:
        if any(title.startswith("robosms left ") for title in stage.tabs()):
            raise Killed

    with pytest.raises(Killed):
        run(stage.http(after=after), stage.gateway, chunk=5)
    stage.book.sheets[:] = [sheet for sheet in stage.book.sheets if not sheet.title.startswith("robosms left ")]
    ended = run(stage.http(), stage.gateway, chunk=5)
    assert (ended.busy, ended.gave_up) == (None, "")
    assert stage.tabs() == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("partitions", [1, 4])
def test_partitions_that_run_one_after_the_other_know_what_a_dead_run_may_have_sent(
    order: tuple[int, ...], partitions: int
) -> None:
    stage = Stage(20)
    killed_after(stage, 2, chunk=20, partitions=partitions)
    for partition in order:
        ended = run(
            stage.http(), stage.gateway, run_id="other", partition=partition, partitions=3, chunk=20,
            is_over=lambda owner: True,
        )  # fmt: skip
        assert ended.busy is None
    assert judge(stage.people, stage.gateway.sent, unknown=20, all_sent=False) == []


def test_a_slow_answer_to_the_lock_costs_one_more_look_at_most() -> None:
    """A sheet of 100,000 rows takes Google many seconds; its plan would else be made anew each time."""
    calls = []
    for seconds in (0, 20, 30):
        stage = Stage()

        def before(number: int, kind: str, stage: Stage = stage, seconds: int = seconds) -> None:
            if kind == "write":
                stage.clock.sleep(seconds)

        ended = run(stage.http(before=before), stage.gateway, store=MemoryStore())
        assert judge(stage.people, stage.gateway.sent) == []
        calls.append(ended.calls)
    assert calls[0] == calls[1]
    assert calls[2] == calls[0] + 6, "three reads, and the lock that is held already: tabs, its record, the batch"
