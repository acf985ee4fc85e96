"""Each scenario of human edits once, in short; ``python -m tests.sheets.scenarios --seeds 25`` prints the whole table."""

from __future__ import annotations

import pytest

from tests.sheets.judge import MUST_BE_ZERO, Verdict
from tests.sheets.people import SCENARIOS
from tests.sheets.scenarios import SHORT, play

pytestmark = pytest.mark.edits


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    work = [(scenario.name, seed) for seed, scenario in enumerate(SCENARIOS)]
    return {verdict.scenario: verdict for verdict in play(work, SHORT, processes=2)}


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_scenario(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[name]
    assert verdict.counts["sent"] > 0
    assert verdict.counts["edits"] > 0
    assert not any(verdict.counts[what] for what in MUST_BE_ZERO), verdict.remarks
