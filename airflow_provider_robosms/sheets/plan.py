"""What a sheet asks for: whom to text with what, who is left out and why, and what it costs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..campaign.message import Message
from .columns import DETAIL, STATUS, Cells, Columns, face_of
from .marks import Run, is_claim, short
from .rows import RowReader, partition_of
from .snapshot import Snapshot, take
from .states import (
    OVERWRITTEN,
    STALE,
    is_free,
    is_released,
    lost_its_status,
    released_cells,
    released_for_another,
    skipped_by_tool,
    skipped_cells,
    unknown_cells,
)

SAMPLES = 3

_NO_PHONE = "bad number: the phone number is blank"


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
    :param without_mask: messages of the backlog that name no sender mask.
    :param settled: keys of the journal that stand in the sheet.
    :param overwritten: those of them whose row holds what was meant for another: their results must be written again.
    :param beyond_limit: rows left for a later run by *limit*.
    :param seen: all keys of the sheet.
    :param twins: key -> keys of other rows with the same number, where only one of them may be texted.
    :param owns: tells of a key whether it belongs to this partition.
    """

    reader: RowReader
    backlog: list[str] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    live_claims: int = 0
    stale_claims: int = 0
    parts: int = 0
    without_mask: int = 0
    samples: list[Message] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    beyond_limit: int = 0
    seen: frozenset[str] = frozenset()
    twins: dict[str, list[str]] = field(default_factory=dict)
    owns: Callable[[str], bool] = lambda key: True
    _rows: tuple[Columns, list[list[Any]], float] | None = None

    def take_rows(self) -> tuple[Columns, list[list[Any]], float] | None:
        """Hand over the rows that were read for planning, and when they were, once."""
        kept, self._rows = self._rows, None
        return kept

    def positional(self, snapshot: Snapshot, run: Run, now: datetime) -> Iterator[tuple[int, Cells]]:
        """Yield (row number, what it shall hold) for rows that no key finds: without a number, or duplicates of another."""
        for number, (key, cells) in snapshot.rows.items():
            if key is None and self.owns(""):
                claim = is_claim(cells[STATUS]) and not run.still_live(cells[STATUS], cells[DETAIL], now)
                if claim or run.foreign_to("", cells[STATUS], cells[DETAIL]):
                    # It landed here, and the task crashed before it could take it back.
                    yield number, released_cells(None)
                elif is_free(cells) and number not in snapshot.nobodys:
                    yield number, skipped_cells(_NO_PHONE)
        for key, numbers in snapshot.where.items():
            if len(numbers) > 1 and self.owns(key):
                for number, reason in _duplicates(key, numbers, snapshot, run):
                    yield number, skipped_cells(reason)
                # Several rows of one recipient with a dead run's claim: the first is seen to by its key.
                claimed = [n for n in numbers if _over(snapshot.rows[n][1], run, now)]
                for number in claimed[1:]:
                    yield number, unknown_cells(STALE, run, key)


def _over(cells: Cells, run: Run, now: datetime) -> bool:
    """Tell whether a row holds a claim of another run that has ended."""
    status, detail = cells[STATUS], cells[DETAIL]
    return is_claim(status) and not run.owns(status) and not run.still_live(status, detail, now)


def _owner(key: str, snapshot: Snapshot, run: Run) -> int:
    """Return which of several rows with one key is the recipient's: one with a status of any kind, else the first."""

    def rank(number: int) -> tuple[bool, bool, int]:
        cells = snapshot.rows[number][1]
        return is_free(cells), run.foreign_to(key, *face_of(cells)), number

    return min(snapshot.where[key], key=rank)


def _duplicates(key: str, numbers: Sequence[int], snapshot: Snapshot, run: Run) -> Iterator[tuple[int, str]]:
    """Yield the rows that repeat a recipient, or hold after a crash what was another's, and why they are left out."""
    owner = _owner(key, snapshot, run)
    for number in numbers:
        cells = snapshot.rows[number][1]
        if number != owner and (is_free(cells) or run.foreign_to(key, *face_of(cells))):
            if key.startswith("id:"):
                yield number, f"duplicate of row {owner} (same ID): give each row an ID of its own"
            else:
                yield number, _same_number(owner, snapshot)


def _same_number(owner: int, snapshot: Snapshot) -> str:
    """Say that a number's message goes to, or went to, the row *owner*."""
    status = snapshot.rows[owner][1][0].split(" ")[0]
    return f"duplicate of row {owner} (same number{f', which is {status}' if status else ''})"


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
    settled: Callable[[str], bool] = lambda key: False,
    trust_leavings: bool = True,
) -> SheetPlan:
    """Plan one partition from all rows of the sheet.

    :param read_at: when the rows were asked for (``SpreadsheetApi.asked_at``).
    :param limit: at most so many messages.
    :param same_number: whether rows with different IDs may text one number.
    :param settled: tells of a key whether the journal of an earlier try knows what became of it.
    :param trust_leavings: whether a skip or a release in a row was meant for that row: not when an earlier try ended before
        it had read back what it wrote, while another run was at work.
    """

    def mine(key: str) -> bool:
        return partition_of(key, partitions) == partition

    snapshot = take(reader, rows)
    plan = SheetPlan(reader, owns=mine, _rows=(reader.columns, rows, read_at))
    plan.seen = frozenset(snapshot.where)
    codes = {short(key) for key in plan.seen}
    skipped = (cells for _, cells in plan.positional(snapshot, run, now) if skipped_by_tool(cells))
    plan.skipped.update(_why(cells[DETAIL]) for cells in skipped)
    holders: dict[str, str] = {}
    if reader.id is not None and not same_number:
        holders, plan.twins = _number_holders(reader, rows, snapshot, run, partitions, settled)
    for key, numbers in snapshot.where.items():
        if not mine(key) or _left_over(plan, run, key, [snapshot.rows[n][1] for n in numbers], now, settled, codes):
            continue
        number = _owner(key, snapshot, run)
        cells = snapshot.rows[number][1]
        if not is_free(cells) and not run.owns(cells[STATUS]):
            plan.done[cells[STATUS].strip()] += 1
            continue
        planned = reader.plan(rows[number - 2], key, now)
        message, skip = planned.message, planned.skip
        if message is not None and (holder := holders.get(message.to, key)) != key:
            message, skip = None, _same_number(_owner(holder, snapshot, run), snapshot)
        if message is None:
            plan.skipped[_why(str(skip))] += 1
            plan.notes[key] = Note(skipped_cells(str(skip)))
        elif not trust_leavings and (skipped_by_tool(cells) or is_released(cells)):
            plan.stale_claims += 1
            plan.notes[key] = Note(unknown_cells(OVERWRITTEN, run, key), replaces=cells[STATUS])
        elif limit is not None and len(plan.backlog) >= limit:
            plan.beyond_limit += 1
        else:
            plan.backlog.append(key)
            plan.parts += message.parts
            plan.without_mask += message.mask is None
            if len(plan.samples) < SAMPLES:
                plan.samples.append(message)
    return plan


def _left_over(
    plan: SheetPlan,
    run: Run,
    key: str,
    rows: list[Cells],
    now: datetime,
    settled: Callable[[str], bool],
    codes: Collection[str],
) -> bool:
    """Deal with what earlier tries and other runs left on the rows of *key*; True when there is nothing more to plan."""
    wrong = next(
        (
            cells
            for cells in rows
            if run.foreign_to(key, *face_of(cells)) or lost_its_status(cells) or released_for_another(cells, key, codes)
        ),
        None,
    )
    if settled(key):
        plan.settled.append(key)
        # A skip of this very run on a recipient whose fate it knows was meant for another row.
        if wrong is not None or all(skipped_by_tool(cells) for cells in rows):
            plan.overwritten.append(key)
        return True
    if wrong is not None:  # an earlier try crashed before it could give the row back what it held
        plan.stale_claims += 1
        plan.notes[key] = Note(unknown_cells(OVERWRITTEN, run, key), replaces=wrong[STATUS])
        return True
    claim = next((cells for cells in rows if is_claim(cells[STATUS]) and not run.owns(cells[STATUS])), None)
    if claim is None:
        return False
    if run.still_live(claim[STATUS], claim[DETAIL], now):
        plan.live_claims += 1
    else:
        plan.stale_claims += 1
        plan.notes[key] = Note(unknown_cells(STALE, run, key), replaces=claim[STATUS])
    return True


def _number_holders(
    reader: RowReader,
    rows: list[list[Any]],
    snapshot: Snapshot,
    run: Run,
    partitions: int,
    settled: Callable[[str], bool],
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return for each number the key of the row that may text it: one with a status, else a blank one, else the first; and
    key -> the other keys with its number, where there are any.

    All partitions must agree without talking to each other, whatever was sorted or skipped in between: with several
    partitions, the choice between rows without a result depends on the keys alone.
    """
    best: dict[str, tuple[tuple[bool, bool, object], str]] = {}
    alike: dict[str, list[str]] = {}
    for key in snapshot.where:
        number = _owner(key, snapshot, run)
        row, cells = rows[number - 2], snapshot.rows[number][1]
        to = reader.number(row[reader.phone] if reader.phone < len(row) else None)
        if not isinstance(to, str):
            continue
        order: object = number if partitions == 1 else hashlib.blake2b(key.encode()).digest()
        free = is_free(cells) and not settled(key) and not lost_its_status(cells)
        rank = (free, partitions == 1 and skipped_by_tool(cells), order)
        if to in best:
            alike.setdefault(to, [best[to][1]]).append(key)
        if to not in best or rank < best[to][0]:
            best[to] = (rank, key)
    twins = {key: [other for other in keys if other != key] for keys in alike.values() for key in keys}
    return {to: key for to, (_, key) in best.items()}, twins


def _why(reason: str) -> str:
    """Return the kind of a reason, for counting: without what differs from row to row."""
    for word in ("duplicate of row", "not due until", "too long"):
        if reason.startswith(word):
            return {"duplicate of row": "duplicate", "not due until": "not due yet"}.get(word, word)
    return reason
