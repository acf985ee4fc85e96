"""What a sheet asks for: whom to text with what, who is left out and why, and what it costs."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..campaign.message import Message
from ..gateway.outcome import Status
from .cells import inert
from .columns import BLANK, Cells, Columns
from .marks import Run, is_claim
from .rows import RowReader, partition_of
from .snapshot import Snapshot, take

SAMPLES = 3

_STALE = (
    "may have been sent: the run that claimed this row ended without writing what became of it. Look for the message in the "
    "RoboSMS portal; clear this row's Status to send it again"
)
_OVERWRITTEN = "not known any more: rows were moved while a status was written. Clear this row's Status to send to it"
_NO_PHONE = "bad number: the phone number is blank"


def skipped_cells(reason: str) -> Cells:
    """Return what the tool's columns hold for a row that is left out."""
    return (Status.SKIPPED.value, "", "", "", "", inert(reason))


def unknown_cells(detail: str) -> Cells:
    """Return what the tool's columns hold for a row whose fate only the sheet could have told."""
    return (Status.UNKNOWN.value, "", "", "", "", inert(detail))


def skipped_by_tool(cells: Cells) -> bool:
    """Tell whether the tool left this row out, with a reason; a person's own "SKIPPED" has none and is left alone."""
    return cells[0] == Status.SKIPPED.value and cells[5] != ""


@dataclass(frozen=True)
class Note:
    """Something to write that is not the outcome of a message.

    :param replaces: the status that must stand there; None for blank, a skip of ours, or this run's claim.
    """

    cells: Cells
    replaces: str | None = None


@dataclass
class SheetPlan:
    """The plan of one partition.

    :param backlog: keys of the rows to text, in the sheet's order.
    :param notes: what to write beside results, by key.
    :param skipped: reason -> rows.
    :param done: rows that have a status already.
    :param live_claims: rows that another run is sending now.
    :param parts: message parts of the backlog.
    :param longest: the longest text's parts.
    :param settled: keys of the journal that stand in the sheet.
    :param beyond_limit: rows left for a later run by *limit*.
    """

    reader: RowReader
    backlog: list[str] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    live_claims: int = 0
    stale_claims: int = 0
    parts: int = 0
    samples: list[Message] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    beyond_limit: int = 0
    _mine: Callable[[str], bool] = lambda key: True
    _rows: tuple[Columns, list[list[Any]], float] | None = None

    def take_rows(self, age: float) -> tuple[Columns, list[list[Any]]] | None:
        """Hand over the rows that were read for planning, once, unless they are older than *age* seconds."""
        kept, self._rows = self._rows, None
        if kept is None or time.monotonic() - kept[2] > age:
            return None
        return kept[0], kept[1]

    def positional(self, snapshot: Snapshot) -> Iterator[tuple[int, str]]:
        """Yield (row number, reason) for rows that no key finds: without a number, or duplicates of another row."""
        for number, (key, cells) in snapshot.rows.items():
            if key is None and self._mine("") and _free(cells):
                yield number, _NO_PHONE
        for key, numbers in snapshot.where.items():
            if len(numbers) > 1 and self._mine(key):
                for number, reason in _duplicates(key, numbers, snapshot):
                    yield number, reason


def _free(cells: Cells) -> bool:
    return not cells[0].strip() or skipped_by_tool(cells)


def _owner(numbers: Sequence[int], snapshot: Snapshot) -> int:
    """Return which of several rows with one key is the recipient's: one with a status of any kind, else the first."""
    return min(numbers, key=lambda number: (_free(snapshot.rows[number][1]), number))


def _duplicates(key: str, numbers: Sequence[int], snapshot: Snapshot) -> Iterator[tuple[int, str]]:
    owner = _owner(numbers, snapshot)
    status = snapshot.rows[owner][1][0].split(" ")[0]
    told = f", which is {status}: to send another message to it, give each row an ID" if status else ""
    what = "ID" if key.startswith("id:") else "number"
    for number in numbers:
        if number != owner and _free(snapshot.rows[number][1]):
            yield number, f"duplicate of row {owner} (same {what}){told}"


def make_plan(
    reader: RowReader,
    rows: list[list[Any]],
    run: Run,
    *,
    now: datetime,
    read_at: float,
    partition: int = 0,
    partitions: int = 1,
    limit: int | None = None,
    same_number: bool = False,
    run_started: str = "",
    settled: Callable[[str], bool] = lambda key: False,
) -> SheetPlan:
    """Plan one partition from all rows of the sheet.

    :param read_at: when the rows were read (``time.monotonic()``).
    :param limit: at most so many messages.
    :param same_number: whether rows with different IDs may text one number.
    :param run_started: local time as in Sent At; rows sent since then belong to this run (for duplicates).
    :param settled: tells of a key whether the journal of an earlier try knows what became of it.
    """

    def mine(key: str) -> bool:
        return partition_of(key, partitions) == partition

    snapshot = take(reader, rows)
    plan = SheetPlan(reader, _mine=mine, _rows=(reader.columns, rows, read_at))
    plan.skipped.update(_why(reason) for _, reason in plan.positional(snapshot))
    holders = (
        {}
        if reader.id is None or same_number
        else _number_holders(reader, rows, snapshot, run, partitions, run_started)
    )
    for key, numbers in snapshot.where.items():
        if not mine(key):
            continue
        if settled(key):
            plan.settled.append(key)
            continue
        number = _owner(numbers, snapshot)
        cells = snapshot.rows[number][1]
        status = cells[0].strip()
        if is_claim(status) and not (run.owns(status) and status == run.mark(key)):
            _plan_claim(plan, run, key, cells, now)
            continue
        if status and not skipped_by_tool(cells) and not is_claim(status):
            plan.done[status] += 1
            continue
        row = rows[number - 2]
        planned = reader.plan(row, key, now)
        message, skip = planned.message, planned.skip
        if message is not None and (holder := holders.get(message.to, key)) != key:
            message, skip = None, f"duplicate of row {_owner(snapshot.where[holder], snapshot)} (same number)"
        if message is None:
            plan.skipped[_why(str(skip))] += 1
            plan.notes[key] = Note(skipped_cells(str(skip)))
        elif limit is not None and len(plan.backlog) >= limit:
            plan.beyond_limit += 1
        else:
            plan.backlog.append(key)
            plan.parts += message.parts
            if len(plan.samples) < SAMPLES:
                plan.samples.append(message)
    return plan


def _plan_claim(plan: SheetPlan, run: Run, key: str, cells: Cells, now: datetime) -> None:
    """A claim that is not ours to continue."""
    if run.owns(cells[0]):  # an earlier try of ours crashed while this claim stood on the wrong row
        plan.stale_claims += 1
        plan.notes[key] = Note(unknown_cells(_OVERWRITTEN), replaces=cells[0])
    elif run.still_live(cells[0], cells[5], now):
        plan.live_claims += 1
    else:
        plan.stale_claims += 1
        plan.notes[key] = Note(unknown_cells(_STALE), replaces=cells[0])


def _number_holders(
    reader: RowReader, rows: list[list[Any]], snapshot: Snapshot, run: Run, partitions: int, run_started: str
) -> dict[str, str]:
    """Return for each number which of the rows that would text it in this run may do so.

    All partitions must agree without talking to each other, whatever was sorted in between: with several partitions, the
    choice depends on the keys alone.
    """
    best: dict[str, tuple[tuple[bool, object], str]] = {}
    for key, numbers in snapshot.where.items():
        number = _owner(numbers, snapshot)
        row, cells = rows[number - 2], snapshot.rows[number][1]
        to = reader.number(row[reader.phone] if reader.phone < len(row) else None)
        ours = run.owns(cells[0]) or (bool(run_started) and cells[4] >= run_started)
        if not isinstance(to, str) or not (_free(cells) or ours):
            continue
        order: object = number if partitions == 1 else hashlib.blake2b(key.encode()).digest()
        rank = (not ours, order)
        if to not in best or rank < best[to][0]:
            best[to] = (rank, key)
    return {to: key for to, (_, key) in best.items()}


def _why(reason: str) -> str:
    """Return the kind of a reason, for counting: without what differs from row to row."""
    for word in ("duplicate of row", "not due until", "too long"):
        if reason.startswith(word):
            return {"duplicate of row": "duplicate", "not due until": "not due yet"}.get(word, word)
    return reason


__all__ = ["BLANK", "Note", "SheetPlan", "make_plan", "skipped_by_tool", "skipped_cells", "unknown_cells"]
