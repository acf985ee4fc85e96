"""References of a formula that is put back in another place."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.spreadsheet.moved_formulas import moved


def one_right_of_b(place: int, fixed: bool) -> int:
    """A column was inserted right of B: C and all that follow moved by one."""
    return place + 1 if place >= 2 else place


@pytest.mark.parametrize(
    ("formula", "now"),
    [
        ("=E2*2", "=F4*2"),
        ("=B2&C2", "=B4&D4"),
        ("=$E$2+E2", "=$F$2+F4"),
        ('=IF(E2>1,"E2",A2)', '=IF(F4>1,"E2",A4)'),
        ("=LOG10(E2)", "=LOG10(F4)"),
        ("=SUM(C$1:E2)", "=SUM(D$1:F4)"),
        ("=Other!E2", "=Other!E2"),
    ],
)
def test_references_follow_their_columns(formula: str, now: str) -> None:
    assert moved(formula, 2, one_right_of_b) == now


@pytest.mark.parametrize(("formula", "rows"), [("=E1", -1), ("=A2", 0)])
def test_a_reference_that_leaves_the_sheet_is_an_error(formula: str, rows: int) -> None:
    assert moved(formula, rows, lambda place, fixed: place - 1) == "=#REF!"
