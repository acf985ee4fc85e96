"""Which row is which in two looks at a sheet."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.sheets.columns import OWNED, Columns
from airflow_provider_robosms.sheets.same_rows import Rows, one_cell_apart, same_rows

HEADER = ["Name", "Phone", "City", *OWNED]
ALI, BANO, CHAND = ["Ali", "1", "Lahore"], ["Bano", "2", "Quetta"], ["Chand", "3", "Lahore"]


def look(*rows: list[Any], header: list[str] = HEADER) -> Rows:
    return Rows(Columns("Recipients", header), rows)


BEFORE = look(ALI, BANO, CHAND)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (look(ALI, BANO, CHAND), {2: 2, 3: 3, 4: 4}),
        (look(CHAND, [], ALI, BANO), {2: 4, 4: 2, 5: 3}),
        (look(["Ali", "SENDING x", "Lahore"], BANO, CHAND), {2: 2, 3: 3, 4: 4}),
        (look(["SENT", "000", "Quetta"], CHAND, ALI), {2: 3, 3: 4, 4: 2}),
        (look(CHAND, ALI, ["x", "y", "z"]), {2: 4, 3: 2, 4: 3}),
        (look(ALI, CHAND), {2: 2, 3: 4}),
        (look(["1", "", "Ali", "Lahore"], header=["Phone", "New", "Name", "City", *OWNED]), {2: 2}),
        (look(ALI, ["Dar", "4", "Multan"], BANO, CHAND), {2: 2, 4: 3, 5: 4}),
    ],
    ids=[
        "as it was",
        "moved",
        "one cell hit",
        "two cells hit",
        "all cells hit",
        "one deleted",
        "columns moved",
        "one added",
    ],
)
def test_rows_are_known_by_what_is_in_them(after: Rows, expected: dict[int, int]) -> None:
    assert same_rows(BEFORE, after) == expected


def test_equal_rows_keep_their_numbers() -> None:
    assert same_rows(look(ALI, ALI, BANO), look(BANO, ALI, ALI)) == {2: 4, 3: 3, 4: 2}


def test_what_the_tool_wrote_does_not_make_another_row() -> None:
    assert same_rows(look(ALI, BANO), look([*BANO, "SENT", "000"], [*ALI, "SENDING"])) == {2: 3, 3: 2}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["Ali", "9", "Lahore", "SENT"], True),
        (ALI, False),
        (["Ali", "9", "Multan"], False),
        (["Dar", "9", "Quetta"], False),
    ],
)
def test_a_correction_changes_one_cell(row: list[Any], expected: bool) -> None:
    assert one_cell_apart(BEFORE, 2, look(row), 2) is expected
