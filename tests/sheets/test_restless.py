"""Rows and columns move right before every twentieth, or tenth, call of a campaign; how far it holds, the command tells."""

from __future__ import annotations

import pytest

from tests.sheets.restless import CHANCES, play


@pytest.mark.parametrize("chance", CHANCES[:2])
@pytest.mark.parametrize("first", range(0, 240, 40))
def test_a_sheet_that_hardly_rests(first: int, chance: float) -> None:
    for seed in range(first, first + 40):
        assert play(seed, chance) == [], seed
