"""What working tabs say of the batches that were applied: in which order, and which of them still say something."""

from __future__ import annotations

from airflow_provider_robosms.campaign.owner import Owner
from airflow_provider_robosms.sheets.left import UNLISTED, Block, LeftTab, batch_name, in_order, read_left
from airflow_provider_robosms.sheets.working_tab import HEAD, LOG, SEEN, Head, Logged, Record, key_hash
from airflow_provider_robosms.spreadsheet.api import Grid

RESULT = ("SENT", "000", "RSMS-1", "1", "2026-11-18 16:06:51", "queued (ref aaaaaa)")


def block(number: int) -> list[list[str]]:
    head = [[Head([], SEEN, "", number).text()], *([""] for _ in range(HEAD - 1))]
    return [*head, [Logged(key_hash(f"key {number}"), 5, []).text(), *RESULT]]


def left(holder: str, *numbers: int) -> LeftTab:
    """Return the tab of a holder whose log tells of batches with these numbers: each one result."""
    lines = [line for number in numbers for line in block(number)]
    record = Record("book", Owner("dag", "run", "send"), holder=holder, end=LOG + len(lines))
    grid = Grid(f"robosms left 0 {holder}", 0, 0, [[record.text()], [""], *map(list, lines)])
    found = read_left(7, grid.title, [grid], record)
    assert found is not None
    return found


def named(found: list[Block]) -> list[str]:
    return [batch_name(one.tab.record.holder, one.number, results_only=one.results_only) for one in found]


def test_batches_of_several_holders_are_in_the_order_of_the_lock() -> None:
    tabs = [left("one", 1, 2), left("two", 5, 6)]
    assert named(in_order(tabs, ["two/5", "one/1", "two/6", "one/2"])) == ["two/5", "one/1", "two/6", "one/2"]


def test_what_the_lock_does_not_list_stands() -> None:
    assert named(in_order([left("one", 1, 2)], ["one/2", "two/9"])) == ["one/2"]
    assert in_order([left("one", 1, 2)], []) == []


def test_of_a_lock_that_a_person_deleted_nothing_is_known_to_stand() -> None:
    assert named(in_order([left("one", 1, 2)], [UNLISTED, "one/2"])) == ["one/1", "one/2"]


def test_of_a_batch_that_was_put_right_the_results_may_still_be_owed() -> None:
    found = in_order([left("one", 1, 2)], ["=one/1", "one/2"])
    assert named(found) == ["=one/1", "one/2"]
    assert [(row.logged.row, row.cells[1:7]) for row in found[0].rows] == [(5, list(RESULT))]
