"""Each kind of edits in process; ``python -m tests.protocol.edits --campaigns 25 --lag 5`` plays more seeds."""

from __future__ import annotations

import pytest

from tests.protocol.edits import BY_NAME, play
from tests.protocol.kinds import KINDS


@pytest.mark.parametrize("lag", [0.0, 5.0])
@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_people_edit_the_sheet_meanwhile(name: str, lag: float) -> None:
    played = play(BY_NAME[name], 0, lag)
    assert played.wrong == []
    assert played.counts["edits"] > 0
    assert played.counts["texts of the first run"] > 0


@pytest.mark.parametrize("seed", [10, 17, 27, 33, 39, 43, 45])
def test_a_column_that_is_named_after_it_was_hit(seed: int) -> None:
    assert play(BY_NAME["slowly insert columns"], seed).wrong == []


@pytest.mark.parametrize("seed", [28, 31, 63, 64, 109, 122])
def test_a_recipient_who_is_typed_into_a_row_after_it_was_hit(seed: int) -> None:
    assert play(BY_NAME["slowly insert rows and type recipients"], seed).wrong == []
