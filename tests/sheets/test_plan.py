"""A whole sheet: who is texted, who is left out and why, and what was found of earlier runs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from airflow_provider_robosms.sheets.columns import DETAIL
from airflow_provider_robosms.sheets.errors import SheetError
from airflow_provider_robosms.sheets.marks import LEASE, Run
from airflow_provider_robosms.sheets.rows import Wording, partition_of
from airflow_provider_robosms.sheets.snapshot import take
from airflow_provider_robosms.sheets.states import released_cells
from tests.sheets.rows_of import NOW, WITH_OWN, notes, plan, result

HEAD = ["Name", "Phone"]


def row(index: int, *own: str) -> list[Any]:
    return [f"N{index}", f"0300-{1000000 + index}", *own]


def key(index: int) -> str:
    return f"tel:92300{1000000 + index}"


def positional(found: Any, header: list[str], rows: list[list[Any]]) -> dict[int, str]:
    from airflow_provider_robosms.sheets.snapshot import take

    snapshot = take(found.reader, rows)
    return {number: cells[5] for number, cells in found.positional(snapshot, Run("this run"), NOW)}


def test_the_backlog_is_in_the_sheets_order() -> None:
    found = plan(HEAD, row(3), row(1), row(2))
    assert found.backlog == [key(3), key(1), key(2)]
    assert found.parts == 3
    assert [sample.text for sample in found.samples] == ["Hello N3", "Hello N1", "Hello N2"]


def test_three_samples_are_enough() -> None:
    assert len(plan(HEAD, *map(row, range(10))).samples) == 3


@pytest.mark.parametrize("rows", [[], [[]], [["", ""]], [["", "", "", ""]] * 5])
def test_an_empty_sheet_has_nothing_to_send(rows: list[list[Any]]) -> None:
    found = plan(HEAD, *rows)
    assert (found.backlog, found.notes, found.skipped.total()) == ([], {}, 0)


def test_a_sheet_without_a_header_is_a_sentence() -> None:
    with pytest.raises(SheetError, match="no column 'Phone'"):
        plan([])


def test_200_columns() -> None:
    header = [f"Column {index}" for index in range(199)] + ["Phone"]
    rows = [[f"v{index}" for index in range(199)] + [f"0300-{1000000 + number}"] for number in range(3)]
    found = plan(header, *rows, wording=Wording(message="{{ Column 7 }} {{column198}}"))
    assert [sample.text for sample in found.samples] == ["v7 v198"] * 3


def test_a_merged_header_leaves_blank_headers_behind() -> None:
    # Google gives a merged cell's value to its first cell; the others are blank.
    found = plan(
        ["Person", "", "Phone", ""], ["Ali", "Khan", "0300-1234567", "x"], wording=Wording(message="{{Person}}")
    )
    assert found.samples[0].text == "Ali"


def test_every_reason_is_counted_and_written() -> None:
    header = ["Name", "Phone", "Opt Out", "Send At"]
    found = plan(
        header,
        ["Ali", "0300-1234567", "", ""],
        ["Bad", "0300-12", "", ""],
        ["Two", "0300-1111111/0300-1111112", "", ""],
        ["Out", "0300-1111113", "yes", ""],
        ["Tab", "0300-1111114", "", ""],
        ["", "0300-1111115", "", ""],
        ["#N/A", "0300-1111116", "", ""],
        ["Later", "0300-1111117", "", "2026-12-24 10:00"],
        ["Vague", "0300-1111118", "", "03/04/2026"],
        opted_out=frozenset({"923001111114"}),
    )
    assert found.backlog == ["tel:923001234567"]
    assert found.skipped.total() == len(found.notes) == 8
    told = {detail for _, detail in notes(found).values()}
    assert {status for status, _ in notes(found).values()} == {"SKIPPED"}
    for beginning in ("bad number: the wrong", "bad number: two or more", "opted out: column", "opted out: the number",
                      "tag {{Name}} is blank", "tag {{Name}} holds the error #N/A", "not due until 2026-12-24 10:00",
                      "the date in Send At can be read in two ways"):  # fmt: skip
        assert any(detail.startswith(beginning) for detail in told), beginning
    assert found.skipped["not due yet"] == 1


def test_a_reason_that_begins_like_a_formula_stays_text() -> None:
    found = plan(["Name", "Phone", "Template"], ["x", "0300-1234567", "=cmd()"], wording=Wording(message="m"))
    assert not notes(found)["tel:923001234567"][1].startswith(("=", "+", "-", "@"))


# Duplicates


def test_the_first_row_of_a_number_is_texted_and_the_others_say_so() -> None:
    rows = [row(1), row(2), ["Twin", "+92 300 1000001"], ["Triplet", 3001000001]]
    found = plan(HEAD, *rows)
    assert found.backlog == [key(1), key(2)]
    told = positional(found, HEAD, rows)
    assert set(told) == {4, 5}
    assert all(re.match(r"duplicate of row 2 \(same number", reason) for reason in told.values())
    assert found.skipped == {"duplicate": 2}


def test_a_duplicate_of_a_row_that_was_sent_is_left_out_and_told() -> None:
    rows = [row(2), [*row(1), "", "", ""], [*row(1), *result("SENT")]]
    found = plan(WITH_OWN, *rows)
    assert found.backlog == [key(2)]
    assert "duplicate of row 4 (same number, which is SENT" in positional(found, WITH_OWN, rows)[3]


def test_duplicates_by_id() -> None:
    header = ["ID", *HEAD]
    rows = [["A", *row(1)], ["B", *row(2)], ["A", *row(3)]]
    found = plan(header, *rows)
    assert found.backlog == ["id:A", "id:B"]
    assert positional(found, header, rows)[4].startswith("duplicate of row 2 (same ID)")


def test_two_ids_with_one_number() -> None:
    rows = [["A", *row(1)], ["B", *row(2)], ["C", *row(1)]]
    found = plan(["ID", *HEAD], *rows)
    assert found.backlog == ["id:A", "id:B"]
    assert notes(found)["id:C"][1].startswith("duplicate of row 2 (same number")


def test_two_ids_may_text_one_number_when_told_so() -> None:
    found = plan(["ID", *HEAD], ["A", *row(1)], ["C", *row(1)], same_number=True)
    assert found.backlog == ["id:A", "id:C"]


@pytest.mark.parametrize("partitions", [2, 4])
def test_partitions_agree_on_who_texts_a_number(partitions: int) -> None:
    rows = [[f"I{index}", *row(index % 50)] for index in range(200)]
    backlog = [
        one for i in range(partitions) for one in plan(["ID", *HEAD], *rows, partition=i, partitions=partitions).backlog
    ]
    to = [1000000 + int(one.removeprefix("id:I")) % 50 for one in backlog]
    assert len(to) == len(set(to)) == 50


# What stands in Status already


@pytest.mark.parametrize("status", ["SENT", "REJECTED", "FAILED", "UNKNOWN", "hold", "sent by hand", "0", "SKIPPED"])
def test_a_row_with_any_status_is_left_alone(status: str) -> None:
    found = plan(WITH_OWN, [*row(1), status], row(2))
    assert found.backlog == [key(2)]
    assert found.done == {status: 1}
    assert found.notes == {}


@pytest.mark.parametrize("status", ["", " ", None])
def test_a_blank_status_asks_for_sending(status: Any) -> None:
    assert plan(WITH_OWN, [*row(1), status, "000", "RSMS-1"]).backlog == [key(1)]


def test_a_skip_of_an_earlier_run_is_looked_at_again() -> None:
    found = plan(
        WITH_OWN, [*row(1), *result("SKIPPED", "bad number: it was")], [*row(2)[:1], "x", *result("SKIPPED", "old")]
    )
    assert found.backlog == [key(1)]
    assert notes(found)["raw:x"][1].startswith("bad number: no digits")


def test_claims_of_others() -> None:
    live, dead = Run("another run", is_over=lambda code: False), Run("dead run")
    rows = [
        [*row(1), *result(live.mark(key(1)), live.detail(NOW))],
        [*row(2), *result(dead.mark(key(2)), dead.detail(NOW - LEASE - timedelta(minutes=1)))],
        row(3),
    ]
    found = plan(WITH_OWN, *rows)
    assert (found.live_claims, found.stale_claims) == (1, 1)
    assert found.backlog == [key(3)]
    assert notes(found)[key(2)][0] == "UNKNOWN"
    assert "may have been sent" in notes(found)[key(2)][1]


def test_a_claim_of_our_own_is_gone_on_with() -> None:
    run = Run("this run")
    found = plan(WITH_OWN, [*row(1), *result(run.mark(key(1)), run.detail(NOW))], run=run)
    assert found.backlog == [key(1)]


def test_a_claim_of_our_own_on_somebody_elses_row_is_not_believed() -> None:
    run = Run("this run")
    found = plan(WITH_OWN, [*row(1), *result(run.mark(key(2)), run.detail(NOW))], run=run)
    assert found.backlog == []
    assert notes(found)[key(1)][0] == "UNKNOWN"


def test_what_the_journal_knows_is_not_sent_again() -> None:
    found = plan(HEAD, row(1), row(2), settled=lambda one: one == key(1))
    assert (found.backlog, found.settled) == ([key(2)], [key(1)])


def test_every_dead_claim_on_rows_of_one_number_is_named() -> None:
    dead = Run("dead run", is_over=lambda code: True)
    claim = result(dead.mark(key(1)), dead.detail(NOW))
    run = Run("this run", is_over=lambda code: True)
    found = plan(WITH_OWN, [*row(1), *claim], [*row(1), *claim], run=run)
    assert (found.backlog, notes(found)[key(1)][0]) == ([], "UNKNOWN")
    snapshot = take(found.reader, [[*row(1), *claim], [*row(1), *claim]])
    assert [(number, cells[0]) for number, cells in found.positional(snapshot, run, NOW)] == [(3, "UNKNOWN")]


@pytest.mark.parametrize("status", ["SENDING aaaaaa.bbbbbbccc", "SKIPPED", ""])
def test_what_landed_on_a_result_is_not_sent(status: str) -> None:
    detail = "claimed, or left out" if status else released_cells(key(1))[DETAIL]
    found = plan(WITH_OWN, [*row(1), status, "000", "RSMS-1", "1", "", detail])
    assert (found.backlog, notes(found)[key(1)][0]) == ([], "UNKNOWN")


def test_a_number_that_this_run_has_texted_is_held_by_its_row_whatever_stands_there() -> None:
    # The journal knows A; a stray write has made its row look left out, and B has the same number.
    rows = [["A", *row(1), *result("SKIPPED", "duplicate of row 9")], ["B", *row(1), *result("")]]
    found = plan(["ID", *WITH_OWN], *rows, settled=lambda one: one == "id:A")
    assert found.settled == ["id:A"]
    assert found.backlog == []


def test_partitions_agree_on_the_row_of_a_number_whatever_was_skipped_meanwhile() -> None:
    def holder(*skipped: bool) -> list[str]:
        cells = [result("SKIPPED", "a reason") if one else result("") for one in skipped]
        rows = [[name, *row(1), *own] for name, own in zip("AB", cells, strict=True)]
        plans = [plan(["ID", *WITH_OWN], *rows, partition=i, partitions=2) for i in range(2)]
        return [one for part in plans for one in part.backlog]

    assert holder(False, False) == holder(True, False) == holder(False, True)


# Shares


@pytest.mark.parametrize("partitions", [1, 2, 4, 25])
def test_partitions_are_disjoint_and_complete_for_any_sheet(partitions: int) -> None:
    rows: list[list[Any]] = [row(index) for index in range(300)]
    rows += [["bad", f"0300-{index}"] for index in range(20)] + [["none", ""], row(5), row(5)]
    plans = [plan(HEAD, *rows, partition=i, partitions=partitions) for i in range(partitions)]
    backlog = [one for found in plans for one in found.backlog]
    assert len(backlog) == len(set(backlog)) == 300
    for i, found in enumerate(plans):
        assert all(partition_of(one, partitions) == i for one in [*found.backlog, *found.notes])
    assert sum(len(found.notes) for found in plans) == 20
    assert sum(found.skipped.total() for found in plans) == 23
    said = [number for found in plans for number in positional(found, HEAD, rows)]
    assert sorted(said) == [322, 323, 324]


def test_partitions_are_stable_whatever_is_sorted() -> None:
    rows = [row(index) for index in range(200)]
    before = plan(HEAD, *rows, partition=1, partitions=3).backlog
    after = plan(HEAD, *reversed(rows), [], partition=1, partitions=3).backlog
    assert sorted(before) == sorted(after)


def test_limit() -> None:
    found = plan(HEAD, *map(row, range(10)), ["bad", "x"], limit=4)
    assert len(found.backlog) == 4
    assert (found.beyond_limit, found.skipped.total(), found.parts) == (6, 1, 4)


def test_a_skip_that_landed_on_a_result_that_the_journal_knows_is_written_over() -> None:
    rows = [[*row(1), *result("SKIPPED", "duplicate of row 9 (same number)")], [*row(2), *result("SENT", "queued")]]
    found = plan(WITH_OWN, *rows, settled=lambda one: True)
    assert (found.settled, found.overwritten) == ([key(1), key(2)], [key(1)])


@pytest.mark.parametrize(
    "left",
    [result("SKIPPED", "opted out: column Opt Out is set"), list(released_cells(key(1)))],
)
def test_what_a_killed_try_may_have_left_on_the_wrong_row_is_not_sent(left: list[str]) -> None:
    assert plan(WITH_OWN, [*row(1), *left]).backlog == [key(1)]
    found = plan(WITH_OWN, [*row(1), *left], [*row(2)], trust_leavings=False)
    assert found.backlog == [key(2)]
    assert notes(found)[key(1)][0] == "UNKNOWN"


def test_a_release_that_was_meant_for_another_row_is_not_sent() -> None:
    # The task was killed for good in the instant in which rows moved: row 1 was sent, and its claim is gone.
    found = plan(WITH_OWN, [*row(1), *released_cells(key(2))], [*row(2)], run=Run("a later run"))
    assert found.backlog == [key(2)]
    assert notes(found)[key(1)][0] == "UNKNOWN"


def test_a_released_row_whose_number_was_corrected_is_sent() -> None:
    found = plan(WITH_OWN, [*row(1), *released_cells(key(3))], [*row(2)])
    assert found.backlog == [key(1), key(2)]


def test_a_row_that_lost_its_result_is_not_called_a_duplicate() -> None:
    lost = ["SKIPPED", "000", "RSMS-1", "1", "", "duplicate of row 9 (same number)"]
    found = plan(WITH_OWN, [*row(1), *result("")], [*row(1), *lost])
    assert found.backlog == []
    assert positional(found, WITH_OWN, [[*row(1), *result("")], [*row(1), *lost]]) == {
        2: "duplicate of row 3 (same number, which is SKIPPED)"
    }


def test_what_a_crash_left_on_the_second_row_of_a_recipient_is_taken_back() -> None:
    run = Run("this run")
    another = ["SENT", "000", "RSMS-9", "1", "", f"queued (ref {run.ref(key(7))})"]
    rows = [[*row(1), *another], [*row(1), *result(run.mark(key(1)), run.detail(NOW))]]
    found = plan(WITH_OWN, *rows)
    assert positional(found, WITH_OWN, rows) == {2: "duplicate of row 3 (same number, which is SENDING)"}


def test_rows_of_one_number_know_of_each_other() -> None:
    found = plan(["ID", *HEAD], ["A", *row(1)], ["B", *row(1)], ["C", *row(2)], ["D", *row(1)])
    assert found.twins == {"id:A": ["id:B", "id:D"], "id:B": ["id:A", "id:D"], "id:D": ["id:A", "id:B"]}
