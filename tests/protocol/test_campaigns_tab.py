"""The tab Campaigns under people's hands, kills, lost answers and lagging reads: nobody's cell is changed."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.campaigns_tab.line import COLUMNS
from airflow_provider_robosms.sandbox.sheets.person import add_tab, edit
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.protocol.campaigns import run
from tests.protocol.google import lost_answer
from tests.protocol.history import play
from tests.protocol.judge import judge
from tests.protocol.readers import Readers
from tests.protocol.stage import Stage

#: In this history the tab is renamed and another campaign makes a new one, before the first goes on.
TWO_TABS = 7058275


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_histories_with_lines(first: int) -> None:
    for seed in range(first, first + 20):
        assert play(seed, lines=True) == [], seed


@pytest.mark.parametrize("seed", [7057465, 7057868, 7057921, 7058085, 7058194])
def test_a_line_beside_its_columns_is_known_to_a_retry(seed: int) -> None:
    assert play(seed, lines=True) == []


@pytest.mark.xfail(strict=True, reason="formulas look at the tab of that title, which is another campaign's by then")
def test_a_tab_that_is_renamed_while_another_campaign_makes_one() -> None:
    assert play(TWO_TABS, lines=True) == []


def lines(stage: Stage, title: str = "Campaigns") -> list[list[Any]]:
    sheet = stage.book.sheet(title)
    assert sheet is not None
    return [list(row) for row in sheet.rows[1:] if row]


@pytest.mark.parametrize("lost", range(12))
def test_a_lost_answer_makes_no_second_line(lost: int) -> None:
    stage, writes = Stage(), []

    def after(number: int, kind: str) -> None:
        writes.append(number) if kind == "write" else None
        if kind == "write" and len(writes) == lost + 1:
            raise lost_answer()

    store = MemoryStore()
    for _ in range(2):
        with contextlib.suppress(SheetError):  # as Airflow tries again
            run(stage.http(after=after), stage.gateway, store=store, lines=True, chunk=3)
            break
    assert judge(stage.people, stage.gateway.sent) == []
    assert len(lines(stage)) == 1, lost


@pytest.mark.parametrize("lag", [0.0, 5.0])
def test_somebody_else_makes_the_tab_meanwhile(lag: float) -> None:
    stage = Stage(lag=lag)

    def before(number: int, kind: str) -> None:
        if number == 5:
            with stage.book.change():
                add_tab(stage.book, "Campaigns", [list(COLUMNS), ["theirs"]], raw=True)

    ended = run(stage.http(before=before), stage.gateway, store=MemoryStore(), lines=True, chunk=3)
    assert not ended.gave_up
    assert judge(stage.people, stage.gateway.sent) == []
    assert lines(stage)[0] == ["theirs"]
    assert len(lines(stage)) == 2


def test_the_tick_is_seen_in_the_answer_of_the_next_batch() -> None:
    stage = Stage(count=14)
    ticked = []

    def before(number: int, kind: str) -> None:
        if not ticked and stage.book.sheet("Campaigns") is not None and lines(stage):
            ticked.append(len(stage.gateway.sent))
            edit(stage.book, {"action": "set", "sheet": "Campaigns", "cell": "B2", "value": "TRUE"})

    ended = run(stage.http(before=before), stage.gateway, store=MemoryStore(), lines=True, chunk=3)
    assert "Somebody ticked Stop" in ended.gave_up
    assert ticked
    assert len(stage.gateway.sent) <= ticked[0] + 2 * 3
    assert judge(stage.people, stage.gateway.sent, all_sent=False) == []


def test_what_people_wrote_is_missed_when_it_is_gone() -> None:
    """The judge can fail."""
    stage = Stage()
    readers = Readers(stage.book, random.Random(1))
    if not readers.expected:
        readers._begin()
    assert readers.judge() == []
    edit(stage.book, {"action": "set", "sheet": "Campaigns", "cell": "D2", "value": "Omar"})
    assert "Note 1 is not as it was" in readers.judge()


def test_partitions_that_make_the_tab_in_the_same_moment_all_have_lines() -> None:
    stage, other = Stage(), []

    def before(number: int, kind: str) -> None:
        if stage.gateway.sent and not other:  # this one has looked, and found no tab
            other.append(True)
            run(stage.http(), stage.gateway, lines=True, partition=1, partitions=2, map_index=1)

    run(stage.http(before=before), stage.gateway, lines=True, partition=0, partitions=2, map_index=0)
    assert other
    assert judge(stage.people, stage.gateway.sent) == []
    assert sorted(str(line[0])[6:] for line in lines(stage)) == ["-1", "-2"]
