"""The short version of `python -m tests.kills.run`: what a crash costs on a real Airflow, by the gateway's own log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kills.arena import Arena, arena

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def field() -> Iterator[Arena]:
    with arena(seed=3, latency_ms=(20, 80)) as started:
        yield started


@pytest.mark.parametrize(("kind", "source"), [("task", "sheet"), ("worker", "list")])
def test_a_killed_campaign_texts_everybody_once_and_loses_no_code(field, kind, source):
    verdict = field.campaign(kind, source, rows=300, kills=1)
    assert verdict.faults() == []
    assert len(verdict.kills) == 1
    assert verdict.tries == 2
    assert verdict.accepted + verdict.unknown_unsent == 300
