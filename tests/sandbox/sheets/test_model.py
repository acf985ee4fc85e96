"""The model as plain Python: without a web framework, quick, small, and true to a naive model of a grid."""

import subprocess
import sys
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.moves import Delete, Insert, Move
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put


def test_the_model_needs_no_web_framework():
    code = (
        "import sys\n"
        "from airflow_provider_robosms.sandbox.sheets import values, person, requests, resource\n"
        "print([name for name in ('fastapi', 'starlette', 'uvicorn', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


def unformatted(book, text="Sheet1"):
    return values.get(book, text, "UNFORMATTED_VALUE").get("values", [])


def small_book() -> Spreadsheet:
    book = Spreadsheet("x", "x")
    with book.change():
        book.add_sheet("Sheet1", rows=12, columns=8)
    return book


CELL = st.one_of(st.none(), st.just(""), st.text(max_size=3), st.integers(-9, 9), st.booleans())
WRITE = st.tuples(st.integers(0, 7), st.integers(0, 4), st.lists(st.lists(CELL, max_size=4), min_size=1, max_size=5))


@settings(deadline=None)
@given(st.lists(WRITE, max_size=6))
def test_writes_and_reads_agree_with_a_naive_grid(writes):
    book, naive = small_book(), [[""] * 8 for _ in range(12)]
    for top, left, rows in writes:
        name = f"Sheet1!{'ABCDE'[left]}{top + 1}"
        put(book, name, rows, option="RAW")
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                if value is not None:
                    naive[top + down][left + right] = value
    trimmed = [row[: max((i + 1 for i, value in enumerate(row) if value != ""), default=0)] for row in naive]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    assert unformatted(book) == trimmed


STEP = st.one_of(
    st.tuples(st.just("insert_rows"), st.integers(0, 12), st.integers(1, 2)),
    st.tuples(st.just("delete_rows"), st.integers(0, 8), st.integers(1, 2)),
    st.tuples(st.just("move_rows"), st.integers(0, 8), st.integers(1, 3), st.integers(0, 11)),
    st.tuples(st.just("sort"), st.booleans()),
    st.tuples(st.just("insert_columns"), st.integers(0, 2), st.integers(1, 2)),
)


@settings(deadline=None)
@given(st.lists(STEP, max_size=6))
def test_rows_stay_together_whatever_a_person_does(steps):
    """Each row holds a name and a formula that doubles it: the two never part, and only deletions lose names."""
    book = small_book()
    names = ["d", "a", "c", "b", "e"]
    rows = [[name, f"=A{row}&A{row}"] for row, name in enumerate(names, 1)]
    put(book, "A1", rows, option="USER_ENTERED")
    deleted = 0
    for kind, *rest in steps:
        action = {"action": kind, "sheet": "Sheet1"}
        if kind == "sort":
            last = max((index for row in unformatted(book) for index, cell in enumerate(row) if cell != ""), default=1)
            action |= {"column": last - 1, "descending": rest[0], "header_rows": 0}
        else:
            action |= dict(zip(("at", "count", "to"), rest, strict=False))
        # Some steps are not possible: a move into itself, or past the end.
        with suppress(GoogleError):
            edit(book, action)
            deleted += rest[1] if kind == "delete_rows" else 0
    pairs = [row for row in ([cell for cell in row if cell != ""] for row in unformatted(book)) if row]
    assert pairs == [[row[0], row[0] * 2] for row in pairs]
    left = {row[0] for row in pairs}
    assert len(pairs) == len(left)
    assert left <= set(names)
    assert len(left) >= len(names) - deleted


def test_a_range_grows_only_when_rows_are_inserted_inside_it():
    # Rows 2 to 4: new rows before or behind it are not its own.
    assert Insert(2, 1).span(2, 5) == (3, 6)
    assert Insert(3, 1).span(2, 5) == (2, 6)
    assert Insert(5, 1).span(2, 5) == (2, 5)


@given(st.integers(2, 12), st.data())
def test_moves_are_permutations_and_deletions_drop_exactly_their_rows(size, data):
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    to = data.draw(st.integers(0, size).filter(lambda index: not start < index < end))
    move = Move(start, end, to)
    assert sorted(move.index(index) for index in range(size)) == list(range(size))
    moved = move.apply(list(range(size)), None)
    assert [moved[move.index(index)] for index in range(size)] == list(range(size))
    # What is left of any span is where its rows are, which a list of them tells.
    for change in (Delete(start, end), Insert(start, 3), move):
        after = change.apply(list(range(size)), None)
        low, high = change.span(start, end)
        inside = [after.index(index) for index in range(start, end) if index in after]
        assert all(low <= index < high for index in inside)
        assert (low < high) == bool(inside)
