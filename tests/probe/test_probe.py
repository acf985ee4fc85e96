"""The probe: each assumption that does not hold has a cross, no other tab is touched, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_robosms.probe.assumptions import assumptions
from airflow_provider_robosms.probe.command import probe
from airflow_provider_robosms.probe.scratch import Scratch
from airflow_provider_robosms.sandbox.sheets import requests, resource
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.probe.variants import LATE, VARIANTS, Google, Variant
from tests.protocol.google import Clock, Killed, book_of, lost_answer, spreadsheet

PHONE = "03151231015"
ROWS = [["Phone", "Sum", "Twice", "List"], [PHONE, 1234.5, "=B2*2", "=ARRAYFORMULA(B2:B3*10)"], ["03451231015", 7]]


class Stage:
    """A spreadsheet of people, and a probe of it in virtual time."""

    def __init__(self, variant: Variant | None = None, *, lag: float = 0.0, **further: Any) -> None:
        self.clock = Clock()
        self.book = book_of(self.clock, lag=lag, raw=False, Recipients=ROWS, Notes=[["Call"], ["=Recipients!C2"]])
        tab = self.book.sheet("Recipients")
        money = {"numberFormat": {"type": "CURRENCY", "pattern": "Rs #,##0.00"}, "textFormat": {"bold": True}}
        area = {
            "sheetId": tab.sheet_id,
            "startRowIndex": 0,
            "endRowIndex": 5,
            "startColumnIndex": 0,
            "endColumnIndex": 6,
        }
        cell = {"range": area, "cell": {"userEnteredFormat": money, "note": "ours"}}
        condition = {"condition": {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]}}
        changes = [
            {"repeatCell": {**cell, "fields": "userEnteredFormat,note"}},
            {"setDataValidation": {"range": area, "rule": condition}},
            {"setBasicFilter": {"filter": {"range": area}}},
        ]
        requests.batch_update(self.book, changes, user=None)
        self.before = self.people()
        self.google = Google(self.book, self.clock, variant, **further)
        self.lines: list[str] = []

    def people(self) -> Any:
        """Return all that there is of all tabs, the probe's (if there are any) too."""
        return resource.get(self.book, grid_data=True)

    def probe(self, trials: int = 2) -> bool:
        rival = spreadsheet(Google(self.book, self.clock))
        return probe(
            spreadsheet(self.google), rival, trials, self.lines.append, clock=self.clock, sleep=self.clock.sleep
        )

    def crosses(self) -> set[str]:
        return {line[2:].partition(":")[0] for line in self.lines if line.startswith("✗")}

    def ticks(self) -> int:
        return sum(line.startswith("✓") for line in self.lines)


def test_all_hold_in_the_sandbox_and_no_other_tab_is_touched():
    stage = Stage()
    assert stage.probe()
    assert stage.ticks() == len(assumptions(1))
    assert stage.lines[-1] == f"{stage.ticks()} of {stage.ticks()} hold; the probe's tabs are deleted."
    assert stage.people() == stage.before
    assert PHONE not in "\n".join(stage.lines)
    assert "Recipients" not in "\n".join(stage.lines)


def test_every_assumption_has_a_variant():
    assert {*VARIANTS, LATE} == {assumption.text for assumption in assumptions(1)}


@pytest.mark.parametrize("line", VARIANTS)
def test_what_does_not_hold_has_a_cross(line: str):
    variant, also = VARIANTS[line]
    stage = Stage(variant)
    assert not stage.probe()
    assert stage.crosses() == {line, *also}, stage.lines
    means = {assumption.text: assumption.means for assumption in assumptions(1)}
    at = next(number for number, said in enumerate(stage.lines) if said.startswith(f"✗ {line}"))
    assert stage.lines[at + 1] == f"    That means: {means[line]}."
    assert stage.people() == stage.before


def test_reads_that_lag_are_measured():
    stage = Stage(lag=4)
    assert stage.probe(), stage.lines
    assert stage.people() == stage.before
    [line] = [line for line in stage.lines if LATE in line]
    largest = float(line.partition("largest ")[2].partition(" s")[0])
    assert 0 < largest <= 4


def test_reads_that_lag_too_long_are_a_cross():
    stage = Stage(lag=9)
    assert not stage.probe(trials=4)
    assert stage.crosses() == {LATE}, stage.lines
    assert stage.people() == stage.before


def _calls(stage: Stage) -> int:
    stage.probe(1)
    return stage.google.calls


def _once(number: int, raised: Callable[[], BaseException]) -> Callable[[int, str], None]:
    """Return what happens once, at that call or, where Google refuses it, after the next."""
    left = [raised]

    def act(at: int, kind: str) -> None:
        if at >= number and left:
            raise left.pop()()

    return act


@pytest.mark.parametrize("when", ["before", "after"])
def test_nothing_is_left_after_ctrl_c_at_any_call(when: str):
    first_of_cleaning = _calls(Stage()) - 2
    for number in range(first_of_cleaning):
        stage = Stage(**{when: _once(number, KeyboardInterrupt)})
        with pytest.raises(KeyboardInterrupt):
            stage.probe(1)
        assert stage.people() == stage.before, number


def test_nothing_is_left_when_an_answer_is_lost():
    unknown = 0
    for number in range(_calls(Stage())):
        stage = Stage(after=_once(number, lost_answer))
        try:
            done = stage.probe(1)
        except SheetError:
            assert number == 1  # the tabs could not be added for certain
            done = False
        else:  # what is not known is neither a tick nor a cross
            assert done != any(line.startswith("?") for line in stage.lines), (number, stage.lines)
        assert stage.people() == stage.before, (number, stage.lines)
        assert not stage.crosses(), (number, stage.lines)
        unknown += not done
    assert unknown


def test_what_a_killed_probe_left_is_removed():
    alive = True

    def dies(number: int, kind: str) -> None:
        nonlocal alive
        alive = alive and number < 30
        if not alive:
            raise Killed

    stage = Stage(before=dies)
    with pytest.raises(Killed):
        stage.probe(1)
    left = len(stage.book.sheets) - 2
    assert left >= 2
    assert stage.lines[-1].startswith("A hidden tab that begins with 'robosms probe' may be left")
    stage.google.before = lambda number, kind: None
    assert stage.probe(1)
    assert f"Removed {left} hidden tab(s) of a probe that was killed." in stage.lines
    assert stage.people() == stage.before


@pytest.mark.parametrize(
    "title",
    ["robosms probe", "robosms probe x0123456789ab", "robosms work 7 1 of 1", "robosms probe x0123456789ab My notes"],
)
def test_other_tabs_are_not_taken_for_left_ones(title: str):
    stage = Stage()
    add = {"addSheet": {"properties": {"title": title, "hidden": True}}}
    requests.batch_update(stage.book, [add], user=None)
    before = stage.people()
    assert stage.probe(1)
    assert stage.people() == before


def test_a_check_that_does_not_understand_an_answer_is_a_cross(monkeypatch: pytest.MonkeyPatch):
    def broken(scratch: Scratch) -> Any:
        raise KeyError("data")

    monkeypatch.setattr("airflow_provider_robosms.probe.locking.hidden", broken)
    stage = Stage()
    assert not stage.probe(1)
    assert any("the answer was not understood (KeyError)" in line for line in stage.lines)
    assert stage.people() == stage.before
