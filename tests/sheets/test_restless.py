"""Rows and columns move right before every twentieth call of a campaign; how far beyond that it holds, the command tells."""

from __future__ import annotations

import pytest

from tests.sheets.restless import CHANCES, play


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_a_sheet_that_hardly_rests(first: int) -> None:
    for seed in range(first, first + 40):
        assert play(seed, CHANCES[0]) == [], seed
