"""Addresses of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.sandbox.sheets.a1 import column_index
from airflow_provider_robosms.spreadsheet.a1 import column_letters, in_tab, runs


@pytest.mark.parametrize(
    ("index", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (18277, "ZZZ")],
)
def test_column_letters(index: int, letters: str) -> None:
    assert column_letters(index) == letters


@given(st.integers(0, 18_277))
def test_column_letters_are_what_the_sandbox_reads(index: int) -> None:
    assert column_index(column_letters(index)) == index


@pytest.mark.parametrize(
    ("title", "cells", "address"),
    [
        ("Recipients", "A1:B2", "'Recipients'!A1:B2"),
        ("Recipients", "", "'Recipients'"),
        ("It's here", "A:A", "'It''s here'!A:A"),
        ("A1", "1:1", "'A1'!1:1"),
        ("''", "A1", "''''''!A1"),
        ("مہم ! نومبر", "A1", "'مہم ! نومبر'!A1"),
    ],
)
def test_any_title_is_quoted(title: str, cells: str, address: str) -> None:
    assert in_tab(title, cells) == address


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], []), ([5], [(5, 5)]), ([3, 1, 2, 2], [(1, 3)]), ([1, 3, 4, 9], [(1, 1), (3, 4), (9, 9)])],
)
def test_runs(numbers: list[int], expected: list[tuple[int, int]]) -> None:
    assert runs(numbers) == expected


def test_runs_joins_where_the_gaps_are_smallest() -> None:
    assert runs([1, 3, 100, 102, 200], most=3) == [(1, 3), (100, 102), (200, 200)]
    assert runs([1, 3, 100, 102, 200], most=1) == [(1, 200)]


@given(st.sets(st.integers(1, 3000), min_size=1), st.integers(1, 60))
def test_joined_runs_cover_every_number_and_are_few(numbers: set[int], most: int) -> None:
    found = runs(numbers, most)
    assert len(found) <= most
    assert numbers <= {number for first, last in found for number in range(first, last + 1)}
    assert all(first in numbers and last in numbers for first, last in found)
    assert all(found[i][1] + 1 < found[i + 1][0] for i in range(len(found) - 1))
