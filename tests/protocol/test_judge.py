"""The judge can fail: each promise broken by hand after a good campaign is told, and by its name."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.sandbox.sheets.cells import full
from airflow_provider_robosms.sandbox.sheets.person import add_tab
from tests.protocol.campaigns import run
from tests.protocol.judge import WRONGS, judge
from tests.protocol.people import People
from tests.protocol.stage import Stage


def put(stage: Stage, header: str, value: str, row: int = 2) -> None:
    stage.people.do("set", row=row, column=stage.people.header().index(header), value=value, raw=True)


def swap(stage: Stage) -> None:
    """Take the results of two rows for each other's."""
    look, header = stage.people.look(), stage.people.header()
    for row, other in ((1, 2), (2, 1)):
        for name in header[header.index("Status") :]:
            put(stage, name, look.cell(other, name), row)


def unformat(stage: Stage) -> None:
    with stage.book.change():
        sheet = stage.book.sheets[0]
        at = stage.people.header().index("Amount")
        sheet.put(2, [(at, full(sheet.cell(2, at)).value)])


def left(stage: Stage) -> None:
    with stage.book.change():
        add_tab(stage.book, "robosms lock 0", [], raw=True)


def unsaid(stage: Stage) -> None:
    """Delete a row whose result nobody has seen in it."""
    ref = stage.people.look().cell(2, "Ref")
    stage.people.do("delete_rows", at=2, count=1)
    stage.people.notes.removed[ref] = ""
    stage.people.forget(ref)


def text_again(stage: Stage) -> None:
    stage.gateway.sent.append(stage.gateway.sent[0])


def text_another(stage: Stage) -> None:
    first = stage.gateway.sent[0]
    stage.gateway.sent[0] = Message(first.key, first.to, "Dear Omar, your reference is R009")


BREAKS: dict[str, tuple[Callable[[Stage], Any], str]] = {
    "texted twice": (text_again, "duplicate"),
    "somebody else's text": (text_another, "wrong text"),
    "another's result": (swap, "wrong row"),
    "a result in a row of nobody": (lambda stage: put(stage, "Status", "SENT", row=20), "wrong row"),
    "a result that is gone": (
        lambda stage: stage.people.do("clear", range="H3:M3"),
        "lost code",
    ),
    "no column for codes": (lambda stage: put(stage, "Code", "Kode", row=0), "lost code"),
    "somebody who was left out": (lambda stage: stage.gateway.sent.pop(), "wrong row"),
    "a person's text": (lambda stage: put(stage, "City", "000"), "person's cell"),
    "a person's formula": (lambda stage: put(stage, "Double", "200"), "person's cell"),
    "a person's format": (unformat, "person's cell"),
    "a row that is gone": (lambda stage: stage.people.do("delete_rows", at=3, count=1), "person's cell"),
    "a row of nobody": (lambda stage: put(stage, "Ref", "R077", row=20), "person's cell"),
    "a result without a row that nobody tells": (unsaid, "orphan misreported"),
    "UNKNOWN": (lambda stage: put(stage, "Status", "UNKNOWN"), "UNKNOWN"),
    "a tab that stays": (left, "tab left"),
}


@pytest.fixture
def stage() -> Stage:
    found = Stage()
    run(found.http(), found.gateway, store=MemoryStore())
    found.people = People(found.book, random.Random(1))
    assert judge(found.people, found.gateway.sent) == []
    return found


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_told(stage: Stage, name: str) -> None:
    do, what = BREAKS[name]
    do(stage)
    assert what in {wrong.what for wrong in judge(stage.people, stage.gateway.sent)}


def test_somebody_who_was_not_texted_is_missed(stage: Stage) -> None:
    stage.people.do("clear", range="H3:M3")
    to = next(
        text for text in stage.gateway.sent if text.to.endswith(f"{int(stage.people.look().cell(2, 'Ref')[1:]):06d}")
    )
    stage.gateway.sent.remove(to)
    assert {wrong.what for wrong in judge(stage.people, stage.gateway.sent)} == {"not texted"}
    assert judge(stage.people, stage.gateway.sent, all_sent=False) == []


def test_a_row_that_is_there_has_no_result_without_a_row(stage: Stage) -> None:
    key = f"tel:{stage.gateway.sent[0].to}"
    assert {wrong.what for wrong in judge(stage.people, stage.gateway.sent, orphans=[key])} == {"orphan misreported"}


def test_each_promise_is_tried_here() -> None:
    assert {what for _, what in BREAKS.values()} | {"not texted"} == set(WRONGS)
