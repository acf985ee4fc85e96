"""Each kind of edits once over HTTP; ``python -m tests.protocol.over_http`` plays more seeds."""

from __future__ import annotations

import pytest

from tests.protocol.edits import Played
from tests.protocol.kinds import KINDS
from tests.protocol.over_http import play_one
from tests.protocol.seeds import in_processes

pytestmark = pytest.mark.edits
NAMES = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def played() -> dict[str, Played]:
    # They wait for each other's answers: seven keep two cores busy.
    work = [(name, seed) for seed, name in enumerate(NAMES)]
    return {one.kind: one for one in in_processes(play_one, work, 7)}


@pytest.mark.parametrize("name", NAMES)
def test_people_edit_the_sheet_meanwhile(played: dict[str, Played], name: str) -> None:
    assert played[name].wrong == []
    assert played[name].counts["edits"] > 0
    assert played[name].counts["texts of the first run"] > 0
