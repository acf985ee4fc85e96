"""Attacks on the sheet protocol: partitions that take turns, holders that wake too late, columns that lose their names."""

from __future__ import annotations

import random

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.sheets.lock import LOCK_EXPIRES
from tests.protocol.campaigns import run
from tests.protocol.google import Killed, book_of, lost_answer
from tests.protocol.history import play
from tests.protocol.judge import judge
from tests.protocol.partitions import Actor, interleaved
from tests.protocol.people import HEADER, People, rows_of
from tests.protocol.stage import Stage, texted_twice, tries


# Seed 48: a row's own result held the very texts that had hit it, so it was taken for those and put back to blank.
# Seed 111: what had been put back itself was taken for that. 172: two partitions inserted the own columns, each its own set.
# 21 and 37: both partitions ended at once, and neither gave the lock back.
# 17, 170, 291: one wanted to delete what another had deleted already, so that its own tabs stayed.
@pytest.mark.parametrize("seed", [17, 21, 37, 48, 111, 170, 172, 291])
def test_partitions_that_take_turns(seed: int) -> None:
    assert interleaved(seed) == []


# 39 and 98: a partition planned by what it read while another had cells to put back: a text named another's reference, and
# results seemed to stand beside others.
@pytest.mark.parametrize("seed", [39, 98, 100, 132, 193])
def test_a_partition_plans_only_while_no_other_has_cells_to_put_back(seed: int) -> None:
    assert interleaved(seed) == []


# Two partitions hit one row, and each took the other's misplaced result for what a person had typed. 1757: for its own, since
# "SENT" stands in both. 1868: what was written right of all headers was not put back.
@pytest.mark.parametrize("seed", [708, 835, 1167, 1757, 1868])
def test_partitions_that_hit_the_same_row(seed: int) -> None:
    assert interleaved(seed) == []


# 2344: another partition had put a blank over the row's own result, which was taken for a person's. 3078: another had
# written the row's own result meanwhile, and one cell of it was put back to blank.
@pytest.mark.parametrize("seed", [2344, 3078])
def test_a_result_is_not_given_up_for_a_guess(seed: int) -> None:
    assert interleaved(seed) == []


# Broken once, too: a left tab, a lock that stayed, results beside others, UNKNOWN although nothing had crashed.
@pytest.mark.parametrize("seed", [9, 27, 105, 110, 234])
def test_partitions_that_take_turns_where_much_moves(seed: int) -> None:
    assert interleaved(seed) == []


# Two partitions put back what both had hit: each took what the other had put there for a person's, or put it back itself.
@pytest.mark.parametrize("seed", [3136, 3932, 6017])
def test_one_partition_puts_back_for_all(seed: int) -> None:
    assert interleaved(seed) == []


# The plan was read while another had cells to put back, and the lock's own request took so long that all was right by then
# and the other gone. In 4394 somebody was texted what had hit the cell of a tag.
@pytest.mark.parametrize("seed", [3264, 4394])
def test_a_plan_is_not_older_than_what_was_put_right_while_the_lock_was_asked_for(seed: int) -> None:
    assert interleaved(seed) == []


# 29: a cell right of all headers was put back for ever. 394: what a partition had left itself, when it gave the lock back
# before anything was sent, was taken for a dead one's. 1067: all was said to stand by one that did not know the others' last
# batches. 6410: a left tab that stayed.
@pytest.mark.parametrize("seed", [29, 394, 1067, 6410])
def test_partitions_that_stop_each_other(seed: int) -> None:
    assert interleaved(seed) == []


# 456: a dead try's tab that stayed. 708: two plans of one process numbered their batches alike.
@pytest.mark.parametrize("seed", [*range(10), 456, 708, 1364])
def test_partitions_that_die(seed: int) -> None:
    assert interleaved(seed, accidents=True) == []


# 593 and 688: a lock that stayed. 1989: a plan that was read while another had cells to put back, and the lock came ten
# seconds later, when all was right.
@pytest.mark.parametrize("seed", [593, 688, 1989])
def test_a_plan_is_not_older_than_what_was_put_right(seed: int) -> None:
    assert interleaved(seed) == []


# 8040315: the cell of a tag held another's message id when the next try planned, and that was texted. 9053028: what a dead
# run had hit was put right again and again, because its log still told of it.
@pytest.mark.parametrize("seed", [8040315, 9006582, 9053028])
def test_no_text_is_made_of_what_a_dead_run_hit(seed: int) -> None:
    assert play(seed) == []


@pytest.mark.parametrize("calls", [6, 7])
def test_a_partition_that_joins_does_not_doubt_what_another_is_sending(calls: int) -> None:
    stage = Stage(20)

    def partition(number: int) -> Actor:
        def play(me: Actor) -> None:
            def after(call: int, kind: str) -> None:
                if number == 0 and call == calls and kind == "write":
                    raise lost_answer()

            http = stage.http(before=lambda *_: me.pause(), after=after)
            run(http, stage.gateway, store=MemoryStore(), partition=number, partitions=2, chunk=5)

        return Actor(play)

    first, second = partition(0), partition(1)
    for _ in range(calls):
        first.go_on()
    while not (first.done and second.done):
        second.go_on()
        first.go_on()
    assert judge(stage.people, stage.gateway.sent) == []


@pytest.mark.parametrize("calls", [6, 7, 8, 9])
@pytest.mark.parametrize("others", [8, 10, 12])
def test_a_try_that_wakes_up_does_not_take_over_from_the_try_after_it(calls: int, others: int) -> None:
    """Without Airflow's task state, which would refuse the old try's journal."""
    stage = Stage(20)

    def a_try(stalls: int) -> Actor:
        def play(me: Actor) -> None:
            def before(number: int, kind: str) -> None:
                if number == stalls:
                    me.pause()

            run(stage.http(before=before), stage.gateway, chunk=5)

        return Actor(play)

    old, new = a_try(calls), a_try(others)
    old.go_on()
    stage.clock.sleep(60)
    new.go_on()
    old.go_on()
    new.go_on()
    assert old.done
    assert new.done
    tries(stage, "second")
    assert texted_twice(stage) == set()


@pytest.mark.parametrize("calls", [6, 7, 8])
@pytest.mark.parametrize("messages", [1, 3, 5])
def test_a_holder_that_wakes_up_knows_what_whoever_took_over_may_have_sent(calls: int, messages: int) -> None:
    stage = Stage(20)
    stalled: list[int] = []

    def dies(sent: int) -> None:
        if len(stage.gateway.sent) == sent + messages:
            raise Killed

    def before(number: int, kind: str) -> None:
        if number == calls and not stalled:
            stalled.append(number)
            stage.clock.sleep(LOCK_EXPIRES + 1)
            sent = len(stage.gateway.sent)
            stage.gateway.after = lambda: dies(sent)
            with pytest.raises(Killed):
                run(stage.http(), stage.gateway, run_id="other", chunk=5)
            stage.gateway.after = lambda: None

    store = MemoryStore()
    ended = run(
        stage.http(before=before), stage.gateway, store=store, chunk=5,
        is_over=lambda owner: True if owner.run == "other" else None,
    )  # fmt: skip
    assert "ended in the middle" in ended.gave_up
    tries(stage, "first", store=store, chunk=5)
    assert judge(stage.people, stage.gateway.sent, unknown=10, all_sent=False) == []


def renamed_or_deleted(stage: Stage, column: str, how: str) -> None:
    header = stage.people.header()
    if column in header and how == "renamed":
        stage.people.do("rename_column", column=column, to="Another")
    elif column in header:
        stage.people.do("delete_columns", at=header.index(column))


@pytest.mark.parametrize("how", ["renamed", "deleted"])
@pytest.mark.parametrize("calls", range(6, 14))
def test_a_status_column_that_goes_while_its_campaign_runs(how: str, calls: int) -> None:
    stage = Stage(15)

    def before(number: int, kind: str) -> None:
        if number == calls:
            renamed_or_deleted(stage, "Status", how)

    run(stage.http(before=before), stage.gateway, chunk=5)
    tries(stage, "second", chunk=5, is_over=lambda owner: True)
    assert texted_twice(stage) == set()


def with_ids(stage: Stage, *, filled: bool = True) -> None:
    rows = [[f"C{at}" if filled else "", *row] for at, row in enumerate(rows_of(15))]
    stage.book = book_of(stage.clock, Recipients=[["ID", *HEADER], *rows])
    stage.people = People(stage.book, random.Random(1))


@pytest.mark.parametrize("how", ["renamed", "deleted"])
@pytest.mark.parametrize("calls", range(5, 14))
def test_an_id_column_that_goes_while_its_campaign_runs(how: str, calls: int) -> None:
    stage = Stage(15)
    with_ids(stage)

    def before(number: int, kind: str) -> None:
        if number == calls:
            renamed_or_deleted(stage, "ID", how)

    run(stage.http(before=before), stage.gateway, chunk=5)
    tries(stage, "second", chunk=5, is_over=lambda owner: True)
    assert texted_twice(stage) == set()


# A row is known by ID where it has one, else by number, so an ID that is filled in would make another recipient of it.
@pytest.mark.parametrize("calls", [5, 8])
def test_ids_that_are_filled_in_while_a_campaign_runs(calls: int) -> None:
    stage = Stage(15)
    with_ids(stage, filled=False)

    def before(number: int, kind: str) -> None:
        if number == calls:
            stage.people.do("set", cell="A2", values=[[f"C{at}"] for at in range(15)], raw=True)

    run(stage.http(before=before), stage.gateway, chunk=5)
    tries(stage, "second", chunk=5)
    assert texted_twice(stage) == set()
