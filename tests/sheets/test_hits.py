"""Rows that were hit by a misplaced batch: what they are known by, and what is put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from airflow_provider_robosms.recipients.columns import OWNED, Columns, Header, headers
from airflow_provider_robosms.recipients.own_cells import Row
from airflow_provider_robosms.recipients.refs import ref
from airflow_provider_robosms.sheets.desired import Desired, Look, Op, Written
from airflow_provider_robosms.sheets.hits import Hit, Image, Source

HEADER = ["Phone", "Name", "City", *OWNED]
NAMED = headers(HEADER)
RESULT = ("SENT", "000", "RSMS-1", "1", "2026-11-18 16:06:51", f"queued (ref {ref('1')})")


def row(phone: str, name: str, city: str, own: Sequence[str] = ("",) * len(OWNED)) -> list[str]:
    return [phone, name, city, *own]


def hit(key: str, was: Sequence[str], **overwritten: str | None) -> Hit:
    """Return a row that was *was*, in which columns were overwritten: header -> what it shows now."""
    found = Hit(key)
    found.saw(NAMED, was)
    for name, shown in overwritten.items():
        column = HEADER.index(name)
        found.images[Header(name, 0)] = Image(Source(9, 7, 20), shown, was[column], column, NAMED)
    return found


def key_of(columns: Columns, cells: Sequence[Any]) -> str | None:
    place = columns.only("Phone")
    return str(cells[place]) or None if place is not None and place < len(cells) else None


def own_of(values: Sequence[str]) -> dict[str, str | None]:
    return dict(zip(OWNED, values, strict=True))


def recognised(hits: Sequence[Hit], *rows: Sequence[str], pending: str = "") -> dict[int, Hit]:
    desired = Desired(key_of)
    desired.hits += hits
    if pending:
        desired.want(Row(pending), RESULT)
    return desired.recognise(Columns("", HEADER), NAMED, enumerate(rows))


def test_a_row_whose_number_was_overwritten_is_known_by_its_other_cells() -> None:
    ali = hit("1", row("1", "Ali", "Lahore"), Phone="SENT")
    found = recognised([ali], row("2", "Bano", "Karachi"), row("SENT", "Ali", "Lahore"))
    assert found == {1: ali}


def test_of_two_rows_with_each_others_numbers_each_is_known() -> None:
    ali = hit("1", row("1", "Ali", "Lahore"), Phone="2")
    bano = hit("2", row("2", "Bano", "Karachi"), Phone="1")
    desired = Desired(key_of)
    desired.hits += [ali, bano]
    rows = [row("2", "Ali", "Lahore"), row("1", "Bano", "Karachi")]
    look = Look(Columns("", HEADER), 0, enumerate(rows, 1), key_of, desired)
    assert (look.find(Row("1")), look.find(Row("2"))) == (1, 2)
    assert (look.find_hit(ali), look.find_hit(bano)) == (1, 2)


def test_a_blank_row_that_holds_a_result_is_not_the_row_whose_result_it_is() -> None:
    """Else that row's result would be blanked, and its recipient texted again."""
    blank = hit("", row("", "", ""), **own_of(RESULT))
    theirs = row("1", "Ali", "", RESULT)
    assert recognised([blank], theirs) == {}
    assert recognised([blank], theirs, row("", "", "", RESULT)) == {1: blank}


@pytest.mark.parametrize("typed", [row("", "Sara", ""), row("3", "Sara", "Multan")])
def test_a_blank_row_into_which_somebody_has_typed_since_is_known_by_the_result_of_another(typed: list[str]) -> None:
    blank = hit("", row("", "", ""), **own_of(RESULT))
    filled = [*typed[:3], *RESULT]
    assert recognised([blank], row("2", "Bano", ""), filled, row("1", "Ali", "", RESULT)) == {1: blank}
    assert recognised([blank], filled, row("", "", "", RESULT)) == {1: blank}


def test_a_row_whose_own_result_is_still_to_be_written_may_show_that_of_another() -> None:
    blank = hit("", row("", "", ""), **own_of(RESULT))
    assert recognised([blank], row("3", "Sara", "Multan", RESULT), pending="3") == {}


def test_a_recipient_typed_into_a_row_that_was_hit_in_part_is_somebody_else() -> None:
    blank = hit("", row("", "", ""), Status="SENT", Code="000")
    assert recognised([blank], row("3", "", "", ("SENT", "000", "", "", "", ""))) == {}


def test_two_blank_rows_that_were_hit_alike_are_two_rows() -> None:
    hits = [hit("", row("", "", ""), Code="SENT") for _ in range(2)]
    rows = [row("", "", "", ("", "SENT", "", "", "", "")) for _ in range(2)]
    assert set(recognised(hits, *rows).values()) == set(hits)


def test_the_blank_row_in_which_fewer_cells_were_hit_is_not_the_other() -> None:
    """Else one of the two is put right twice, and the other never."""
    few = hit("", row("", "", ""), Status="SENT", Code="000", City=None)
    many = hit("", row("", "", ""), **own_of(RESULT), City=None)
    rows = [row("", "", "0", RESULT), row("", "", "0", ("SENT", "000", "", "", "", ""))]
    for hits in ([few, many], [many, few]):
        assert recognised(hits, *rows) == {0: many, 1: few}


def test_a_formula_that_was_put_into_a_wrong_row_may_show_anything() -> None:
    blank = hit("", row("", "", ""), City=None)
    assert recognised([blank], row("", "", ""), row("", "", "0")) == {1: blank}


def test_a_column_without_a_header_says_nothing() -> None:
    named = headers(["Phone", "", "City"])
    found = Hit("1")
    found.saw(named, ["1", "note", "Lahore"])
    assert found.cells == {Header("Phone", 0): "1", Header("City", 0): "Lahore"}


def written(op: Op, seen: Sequence[str], *, header: Sequence[str] = HEADER, moved: bool = False) -> Written:
    before = [seen[column] if column < len(seen) else "" for column in op.columns]
    return Written(op, header, seen, [Source(9, 7, 20 + at) for at in range(len(op.columns))], before, moved)


def test_a_result_in_the_wrong_row_is_put_right_in_both() -> None:
    desired = Desired(key_of)
    desired.want(Row("1"), RESULT)
    op = Op(Row("1"), 1, list(range(3, 9)), RESULT)
    assert desired.judge([written(op, row("2", "Bano", "Karachi"))]) == []
    rows = [row("2", "Bano", "Karachi", RESULT), row("1", "Ali", "Lahore")]
    ops = desired.place(Look(Columns("", HEADER), 0, enumerate(rows, 1), key_of, desired), 100)
    assert [(one.row.key, one.place, one.values) for one in ops] == [("1", 2, RESULT), ("2", 1, None)]
    assert [image.text for _, image in ops[1].images] == [""] * len(OWNED)
    batch = [written(one, rows[one.place - 1]) for one in ops]
    assert desired.judge(batch) == [ops[0]]
    assert not desired


@pytest.mark.parametrize("moved", [False, True])
def test_a_formula_is_put_back_again_when_its_columns_moved_meanwhile(moved: bool) -> None:
    desired = Desired(key_of)
    ali = hit("1", row("1", "Ali", "Lahore"), City="SENT")
    ali.images[Header("City", 0)].formula = "=A2"
    desired.hits.append(ali)
    (op,) = desired.place(Look(Columns("", HEADER), 0, [(1, row("1", "Ali", "SENT"))], key_of, desired), 100)
    desired.judge([written(op, row("1", "Ali", "SENT"), moved=moved)])
    assert bool(desired) is moved


def test_what_a_person_wrote_over_it_stays() -> None:
    desired = Desired(key_of)
    desired.hits.append(hit("1", row("1", "Ali", "Lahore"), City="SENT"))
    (op,) = desired.place(Look(Columns("", HEADER), 0, [(1, row("1", "Ali", "SENT"))], key_of, desired), 100)
    desired.judge([written(op, row("1", "Ali", "Multan"))])
    ((image,),) = [hit.images.values() for hit in desired.hits]
    assert image.text == "Multan"


def test_what_the_own_cells_really_hold() -> None:
    desired = Desired(key_of)
    desired.hits.append(hit("1", row("1", "Ali", "Lahore", RESULT), Status="UNKNOWN", Phone="000"))
    assert desired.own_of("1") == RESULT
    assert desired.own_of("2") is None


OTHERS = ("SENT", "000", "RSMS-2", "1", "2026-11-18 16:06:52", f"queued (ref {ref('2')})")


def own_texts(desired: Desired) -> list[list[str]]:
    owned = [Header(name, 0) for name in OWNED]
    return [[hit.images[header].text for header in owned if header in hit.images] for hit in desired.hits]


def test_what_a_person_typed_over_a_rows_own_result_stays() -> None:
    desired = Desired(key_of)
    desired.hits.append(hit("1", row("1", "Ali", "Lahore", RESULT), **own_of(OTHERS)))
    (op,) = desired.place(Look(Columns("", HEADER), 0, [(1, row("1", "Ali", "Lahore", OTHERS))], key_of, desired), 100)
    paid = ("Paid", *OTHERS[1:-1], "at the till")
    desired.judge([written(op, row("1", "Ali", "Lahore", paid))])
    assert [{at.name: image.text for at, image in hit.images.items()} for hit in desired.hits] == [
        {"Status": "Paid", "Detail": "at the till"}
    ]


def test_what_hit_a_cell_right_of_all_headers_is_put_back_there() -> None:
    """Once: a blank over a blank was put back again and again, since the two looks named that column differently."""
    desired = Desired(key_of)
    nowhere = Op(Row("1"), 1, [*range(3, 8), 10], (*RESULT[:-1], ""))
    assert desired.judge([written(nowhere, row("2", "Bano", "Karachi"))]) == []
    look = Look(Columns("", HEADER), 0, [(1, row("2", "Bano", "Karachi", RESULT))], key_of, desired, grid=20)
    ops = desired.place(look, 100)
    assert [op.columns for op in ops] == [nowhere.columns]
    desired.judge([written(ops[0], row("2", "Bano", "Karachi", (*RESULT[:-1], "")))])
    assert not desired


def test_nothing_older_is_put_back_where_a_row_has_its_own_result_again() -> None:
    """Once: what was overwritten and what was put back took each other's place in every round."""
    desired = Desired(key_of)
    ali = hit("1", row("1", "Ali", "Lahore"), **{"Message ID": "46010"})
    desired.hits.append(ali)
    op = Op(Row("1"), 1, [5], images=[(Header("Message ID", 0), ali.images[Header("Message ID", 0)])])
    desired.judge([written(op, row("1", "Ali", "Lahore", RESULT))])
    assert own_texts(desired) == [["RSMS-1"]]
    op = Op(Row("1"), 1, [5], images=[(Header("Message ID", 0), ali.images[Header("Message ID", 0)])])
    desired.judge([written(op, row("1", "Ali", "Lahore", (*RESULT[:2], "", *RESULT[3:])))])
    assert not desired


def test_anothers_result_that_a_misplaced_blank_has_hit_comes_back() -> None:
    """A person may have sorted some columns only: it is the one place where that result stands."""
    desired = Desired(key_of)
    nobody = hit("", row("", "", ""), **own_of(RESULT))
    desired.hits.append(nobody)
    (op,) = desired.place(Look(Columns("", HEADER), 0, [(1, row("", "", "", RESULT))], key_of, desired), 100)
    desired.judge([written(op, row("1", "Ali", "Lahore", OTHERS))])
    assert list(OTHERS) in own_texts(desired)
