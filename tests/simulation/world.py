"""A small world in one thread: a gateway, a sheet with people in it, and Airflow tasks that crash.

Every call that leaves a task (to the sheet, to the task state, to the gateway) is a point at which the scheduler may let
another task, a person or an accident go first. All chance comes from one seed, and time is virtual.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import greenlet

from airflow_provider_robosms.gateway.evidence import REASONS
from airflow_provider_robosms.gateway.outcome import SendResult, Status
from airflow_provider_robosms.gateway.protocol import read_send_answer
from airflow_provider_robosms.sheets.api import Tab
from airflow_provider_robosms.sheets.errors import SheetUnavailable, WriteInDoubt, WriteTooLate

EPOCH = datetime(2026, 11, 23, 6, 0, tzinfo=timezone.utc)
OWNED = ("Status", "Code", "Message ID", "Parts", "Sent At", "Detail")


class Killed(greenlet.GreenletExit):
    """The process is gone: nothing of it runs any more."""


class Row(list):
    """A row that remembers who it is, whatever is typed into it."""

    def __init__(self, values: Sequence[Any], who: int) -> None:
        super().__init__(values)
        self.who = who


@dataclass
class Chances:
    """How often things go wrong, each between 0 and 1."""

    edit: float = 0.0
    crash: float = 0.0
    sheet_fault: float = 0.0
    store_fault: float = 0.0
    lost_answer: float = 0.0
    refused: float = 0.0
    busy: float = 0.0
    account: float = 0.0
    stop: float = 0.0


class Sheet:
    """A spreadsheet's recipients tab, edited by people and read and written by tasks."""

    title = "Recipients"

    def __init__(self, world: World, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.world = world
        self.header = list(header)
        self.rows = [Row(values, who) for who, values in enumerate(rows)]
        self.width = 26
        self.asked_at = 0.0

    # SpreadsheetApi

    def tabs(self) -> list[Tab]:
        self.world.pause("sheet")
        return [Tab(self.title, 0, 1000, self.width)]

    def read(self, ranges: Sequence[str]) -> list[list[list[Any]]]:
        asked_at = self.world.now
        self.world.sheet_fault(write=False)
        self.asked_at = asked_at  # read by whoever asked before anybody else goes on
        # From a look at the sheet to the write it leads to; reading some rows ("A2:F9") is no such look.
        if not any(re.search(r"!A\d", text) for text in ranges):
            self.world.about_to_write[self.world.current.task] = True
        return [self._range(text) for text in ranges]

    def write(self, blocks: Sequence[tuple[str, list[list[Any]]]], *, by: float | None = None) -> None:
        if by is not None and self.world.now > by:
            raise WriteTooLate("Google Sheets took too long to take a claim.")
        applied = self.world.sheet_fault(write=True)
        self.world.about_to_write[self.world.current.task] = False
        if applied is not False:
            for text, values in blocks:
                top, left, _, _ = self._bounds(text)
                for down, line in enumerate(values):
                    for right, value in enumerate(line):
                        if value is not None:
                            self._put(top + down, left + right, value)
        if applied is not None:
            raise WriteInDoubt("Google Sheets is in trouble (HTTP 503).")

    def resize(self, sheet_id: int, columns: int) -> None:
        self.world.pause("sheet")
        self.width = columns

    def _bounds(self, text: str) -> tuple[int, int, int | None, int | None]:
        match = re.fullmatch(r"'Recipients'(?:!([A-Z]*)(\d*):?([A-Z]*)(\d*))?", text)
        assert match, text
        left, top, right, bottom = match.groups()
        return (
            int(top) if top else 1,
            _column(left) if left else 0,
            int(bottom) if bottom else (int(top) if top and right and not bottom else None),
            _column(right) if right else None,
        )

    def _range(self, text: str) -> list[list[Any]]:
        top, left, bottom, right = self._bounds(text)
        lines = []
        for line in [self.header, *self.rows][top - 1 : bottom]:
            values = list(line[left : right + 1 if right is not None else None])
            while values and values[-1] in ("", None):
                values.pop()
            lines.append(values)
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _put(self, number: int, column: int, value: Any) -> None:
        while len(self.rows) + 1 < number:
            self.rows.append(Row([], self.world.new_who()))
        line = self.header if number == 1 else self.rows[number - 2]
        line.extend([""] * (column + 1 - len(line)))
        line[column] = value

    # For people and for the judge

    def column(self, name: str) -> int:
        return self.header.index(name)

    def get(self, row: Row, name: str) -> Any:
        place = self.header.index(name) if name in self.header else None
        return row[place] if place is not None and place < len(row) else ""

    def put(self, row: Row, name: str, value: Any) -> None:
        place = self.column(name)
        row.extend([""] * (place + 1 - len(row)))
        row[place] = value


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class Store:
    """A task's state in Airflow's database: a write is applied or not, and says so or not."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        self.world.pause("store")
        return self.values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        self.world.pause("store")
        if self.world.happens(self.world.chances.store_fault):
            if self.world.happens(0.5):
                self.values[key] = value
            raise OSError("the API server is away")
        self.values[key] = value
        self.world.pause("store")  # a crash after it was written and before the task knows


@dataclass
class Accepted:
    """One message that the gateway took, or that it may have taken."""

    to: str
    run: str
    message_id: str


class Gateway:
    """Accepts messages and answers, or not."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.accepted: list[Accepted] = []
        self.posts = 0

    def send(self, run: str, numbers: Sequence[str]) -> SendResult:
        """One POST; the greenlet of a sender calls it."""
        world = self.world
        world.sleep(world.rng.uniform(0.02, 0.3), "send")
        chances = world.chances
        if world.happens(chances.refused):
            return self._error("refused")
        self.posts += 1
        if world.happens(chances.busy):
            return read_send_answer(429, b"", world.rng.choice([None, 1.0, 3.0]))
        if world.happens(chances.account):
            return read_send_answer(200, b'{"code": "205"}')
        if world.happens(0.02):
            return read_send_answer(200, b'{"code": 215}')
        if world.happens(chances.lost_answer / 2):
            world.sleep(1.0, "send")
            return self._error(world.rng.choice(["read_timeout", "connection_lost"]))
        number = f"RSMS-{len(self.accepted) + 1}"
        self.accepted += [Accepted(to, run, number) for to in numbers]
        world.sleep(world.rng.uniform(0.02, 0.3), "send")  # a crash here: accepted, and nobody knows
        if world.happens(chances.lost_answer / 2):
            world.sleep(1.0, "send")
            if world.happens(0.3):
                return read_send_answer(502, b"<html>")
            return self._error(world.rng.choice(["read_timeout", "connection_lost", "bad_answer"]))
        return read_send_answer(200, f'{{"sms": {{"code": "000", "response": "{number}"}}}}'.encode())

    def _error(self, reason: str) -> SendResult:
        status, detail = REASONS[reason]
        return SendResult(status, detail=detail, reason=reason)


@dataclass(eq=False)
class Strand:
    """A thread of a task."""

    task: int
    run: Any
    wake: float = 0.0
    what: str = ""


class World:
    """The scheduler: picks by chance who goes next."""

    def __init__(self, seed: int, chances: Chances) -> None:
        self.rng = random.Random(seed)
        self.chances = chances
        self.now = 0.0
        self.strands: list[Strand] = []
        self.hub = greenlet.getcurrent()
        self.current: Strand | None = None
        self.edit: Callable[[], None] = lambda: None
        self.crashed: list[int] = []
        self.trace: list[str] = []
        self.cleared: Counter[str] = Counter()
        self.asked_at: dict[str, list[float]] = defaultdict(list)
        self.about_to_write: dict[int, bool] = {}
        self.edited: set[int] = set()
        # A row of a twin (two rows with one number) was deleted or renumbered: what it told of the other is gone.
        self.evidence_removed: Counter[str] = Counter()
        self.renumbered: set[str] = set()
        self._whos = 10_000

    def new_who(self) -> int:
        self._whos += 1
        return self._whos

    def happens(self, chance: float) -> bool:
        return chance > 0 and self.rng.random() < chance

    def wall(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now)

    # Called inside strands

    def pause(self, what: str) -> None:
        self.sleep(self.rng.uniform(0.0, 0.05), what)

    def sleep(self, seconds: float, what: str = "") -> None:
        strand = self.current
        assert strand is not None
        strand.wake, strand.what = self.now + seconds, what
        self.hub.switch()

    def sheet_fault(self, *, write: bool) -> bool | None:
        """Wait as a call does; raise, or say of a write whether it is applied although it fails (None: it does not)."""
        self.pause("sheet")
        if not self.happens(self.chances.sheet_fault):
            return None
        if self.happens(0.3):  # Google is slow today
            self.sleep(self.rng.uniform(0.0, 10.0), "sheet")
            return None
        if not write or self.happens(0.3):
            raise SheetUnavailable("Google Sheets could not be reached.")
        return self.happens(0.5)

    # The hub

    def spawn(self, task: int, work: Callable[[], None]) -> Strand:
        strand = Strand(task, greenlet.greenlet(work, parent=self.hub), self.now)
        self.strands.append(strand)
        return strand

    def kill(self, task: int) -> None:
        """Nothing of the task runs any more. What is on the wire may still arrive."""
        for strand in [strand for strand in self.strands if strand.task == task]:
            self.strands.remove(strand)
            if strand.what == "send" and self.happens(0.5):
                strand.task = -1  # the request goes its way; nobody waits for the answer
                self.strands.append(strand)
            else:
                strand.run.throw(Killed)

    def run(self, alive: Callable[[], bool]) -> None:
        """Let everything happen until no strand is left or *alive* says no."""
        while alive() and self.strands:
            if self.happens(self.chances.edit):
                self.edit()
            self.strands.sort(key=lambda strand: strand.wake)
            soon = [s for s in self.strands if s.wake <= max(self.now, self.strands[0].wake)]
            strand = self.rng.choice(soon)
            self.now = max(self.now, strand.wake)
            if strand.task >= 0 and strand.what and self.happens(self.chances.crash):
                self.crashed.append(strand.task)
                self.kill(strand.task)
                continue
            self.current = strand
            strand.run.switch()
            self.current = None
            if strand.run.dead:
                self.strands.remove(strand)


def numbers(count: int, first: int = 0) -> Iterator[str]:
    """Yield Pakistani mobile numbers as people type them."""
    for index in range(first, first + count):
        yield f"0300{1000000 + index}"


__all__ = ["OWNED", "Chances", "Gateway", "Killed", "Row", "Sheet", "Status", "Store", "World", "numbers"]
