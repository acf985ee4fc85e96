"""Who is broken off while putting right, goes on while Google is away, or finds its lock deleted."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.protocol.campaigns import run
from tests.protocol.google import Killed, book_of, lost_answer
from tests.protocol.judge import judge
from tests.protocol.partitions import Actor
from tests.protocol.people import HEADER, People, dress, rows_of
from tests.protocol.stage import Stage, texted_twice, tries

Before = Callable[[int, str], None]


def delete_lock(stage: Stage) -> None:
    for title in stage.tabs():
        if title.startswith("robosms lock "):
            stage.people.do("delete_sheet", tab=title)


@pytest.mark.parametrize("dies", [True, False])
@pytest.mark.parametrize("waits_at", [5, 7])
def test_a_partition_makes_a_lock_that_a_person_deleted_anew_and_leaves_the_others_their_tabs(
    waits_at: int, dies: bool
) -> None:
    stage = Stage(30)

    def partition(number: int, before: Callable[[Actor], Before]) -> Actor:
        def go(me: Actor) -> None:
            with contextlib.suppress(Killed):
                run(
                    stage.http(before=before(me)), stage.gateway, partition=number, partitions=2, chunk=5,
                    store=MemoryStore(),
                )  # fmt: skip

        return Actor(go)

    def waits(me: Actor) -> Before:
        def before(call: int, kind: str) -> None:
            if call == waits_at:  # with messages sent whose results are not displayed
                me.pause()
                if dies:
                    raise Killed

        return before

    def deletes(me: Actor) -> Before:
        return lambda call, kind: delete_lock(stage) if call == 7 else None

    one, other = partition(1, waits), partition(0, deletes)
    one.go_on()
    other.go_on()
    if dies:
        one.go_on()
        stage.clock.sleep(1000)
    tries(stage, "second", is_over=lambda owner: True if dies else None)
    one.go_on()
    tries(stage, "third", is_over=lambda owner: True)
    assert texted_twice(stage) == set()
    assert stage.tabs() == []


@pytest.mark.parametrize(("partitions", "later"), [(2, 1), (1, 2), (2, 3)])
def test_a_run_of_another_cut_sees_what_a_deleted_lock_has_left(partitions: int, later: int) -> None:
    stage = Stage(30)

    def before(call: int, kind: str) -> None:
        if call == 5:
            raise Killed

    with pytest.raises(Killed):
        run(stage.http(before=before), stage.gateway, partitions=partitions, chunk=5, store=MemoryStore())
    delete_lock(stage)
    stage.clock.sleep(10)
    for partition in range(later):
        tries(stage, "second", partition=partition, partitions=later, is_over=lambda owner: owner.run == "first")
    assert texted_twice(stage) == set()
    assert stage.tabs() == []


def dies_after_hitting(stage: Stage, store: MemoryStore, call: int, **settings: int) -> None:
    def before(number: int, kind: str) -> None:
        if number == call:
            stage.people.do("sort", column="Name")
        if number == call + 1:
            raise Killed

    with pytest.raises(Killed):
        run(stage.http(before=before), stage.gateway, store=store, chunk=5, **settings)  # type: ignore[arg-type]
    stage.clock.sleep(60)


@pytest.mark.parametrize("call", [5, 7, 9])
@pytest.mark.parametrize(("partition", "partitions", "sorted_at"), [(0, 1, 8), (0, 2, 10), (1, 2, 10)])
def test_who_is_broken_off_while_putting_right_leaves_what_it_has_hit_itself(
    call: int, partition: int, partitions: int, sorted_at: int
) -> None:
    """Its batch is hit by a sort, and in the next call somebody has renamed the column Phone."""
    stage, stores = Stage(20), [MemoryStore() for _ in range(partitions)]
    dies_after_hitting(stage, stores[0], call, partitions=partitions)

    def before(number: int, kind: str) -> None:
        if number == sorted_at:
            stage.people.do("sort", column="Ref")
        if number == sorted_at + 1:
            stage.people.do("rename_column", column="Phone", to="Fone")

    with contextlib.suppress(SheetError):
        run(
            stage.http(before=before), stage.gateway, store=stores[partition], chunk=5, partition=partition,
            partitions=partitions,
        )  # fmt: skip
    stage.people.do("rename_column", column="Fone", to="Phone")
    for number in range(partitions):  # no partition waits for another that is not there
        ended = tries(stage, "first", store=stores[number], partition=number, partitions=partitions)
        assert not isinstance(ended, SheetError)
        assert ended.busy is None
    tries(stage, "second", is_over=lambda owner: True)
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []


@pytest.mark.parametrize("seconds", [14, 20, 60])
@pytest.mark.parametrize("later", [1, 2, 3])
@pytest.mark.parametrize("edit", [("sort", {"column": "Name"}), ("insert_rows", {"at": 1})])
def test_an_outage_after_a_batch_that_hit_other_cells(
    seconds: int, later: int, edit: tuple[str, dict[str, object]]
) -> None:
    """Google applies writes and answers 503: what the batch has hit is found out when Google is back."""
    stage, store, away = Stage(20), MemoryStore(), list[float]()

    def before(number: int, kind: str) -> None:
        if number == 5:
            stage.people.do(edit[0], **edit[1])
        if number == 5 + later:
            away.append(stage.clock.now)

    def after(number: int, kind: str) -> None:
        if away and kind == "write" and stage.clock.now < away[0] + seconds:
            raise lost_answer()

    with contextlib.suppress(SheetError):
        run(stage.http(before=before, after=after), stage.gateway, store=store, chunk=5)
    stage.clock.sleep(60)
    tries(stage, "first", store=store)
    tries(stage, "second", is_over=lambda owner: True)
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []


@pytest.mark.parametrize(("moved_at", "dies_at"), [(5, 9), (6, 10), (7, 12), (9, 13)])
def test_results_in_exchanged_columns_are_known_after_a_crash(moved_at: int, dies_at: int) -> None:
    """Nothing has to be put back, since all cells are those of results still to be written: the log is kept all the same."""
    stage = Stage(20)
    stage.book = book_of(stage.clock, lag=5.0, seed=1, Recipients=[HEADER + list(OWNED), *rows_of(20)])
    dress(stage.book)
    stage.clock.sleep(10)
    stage.people = People(stage.book, random.Random(1))

    def before(number: int, kind: str) -> None:
        if number == moved_at:
            stage.people.do("move_columns", at=8, count=1, to=7)

    def after(number: int, kind: str) -> None:
        if number == dies_at:
            raise Killed

    with pytest.raises(Killed):
        run(stage.http(before=before, after=after), stage.gateway, chunk=5)
    stage.clock.sleep(60)
    tries(stage, "first")
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []
