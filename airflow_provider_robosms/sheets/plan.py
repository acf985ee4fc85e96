"""What a sheet asks for: whom to text with what, who is left out and why, and what it costs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..campaign.message import Message
from ..gateway.outcome import Status
from ..recipients.columns import DETAIL, STATUS, Cells, Columns
from ..recipients.reasons import count
from ..recipients.refs import ref, ref_in, with_ref
from ..recipients.rows import RowReader, partition_of
from ..spreadsheet.cells import inert
from ..spreadsheet.errors import SheetError
from .desired import Row, is_free
from .lock import LeftTab, Taken
from .working_tab import key_hash

SAMPLES = 3
#: So many results that name somebody else, and more than a tenth of all, are no corrected numbers: the rows are not static.
_MANY = 3

_STALE = (
    "may have been sent: a run ended without writing what became of it. Look for the message in the RoboSMS portal; clear "
    "this row's Status to send it again"
)
_ELSEWHERE = (
    "may have been sent: a result of this recipient stands in another row. Look for the message in the RoboSMS portal; clear "
    "this row's Status to send it again"
)


def skipped_cells(reason: str, key: str) -> Cells:
    """Return what the own columns hold for a row that is left out."""
    return (Status.SKIPPED.value, "", "", "", "", inert(with_ref(reason, key)))


def unknown_cells(detail: str, key: str) -> Cells:
    """Return what the own columns hold for a row whose fate is not known."""
    return (Status.UNKNOWN.value, "", "", "0", "", inert(with_ref(detail, key)))


@dataclass
class SheetPlan:
    """The plan of one partition.

    :param messages: what to send, by key, in the sheet's order.
    :param notes: what to write beside results: skips, and what is UNKNOWN.
    :param skipped: reason -> rows.
    :param skipped_rows: reason -> the numbers of the first rows, as they stood when the sheet was read.
    :param done: rows that have a status already, by status.
    :param unknown: rows that may have been sent by a run that is over.
    :param unknown_rows: key -> number of a row that says UNKNOWN since an earlier try of this task.
    :param foreign: rows whose result names another recipient: a number or ID was changed since.
    :param listed: whether there are so many of these that the recipients must be moving under their results.
    :param parts: message parts of the messages.
    :param without_mask: messages that name no sender mask.
    :param beyond_limit: rows left for a later run by *limit*.
    :param settled: keys of this partition that the journal of an earlier try knows.
    :param left: tabs of dead holders, once the lock is taken.
    """

    reader: RowReader
    messages: dict[str, Message] = field(default_factory=dict)
    notes: dict[Row, Cells] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    skipped_rows: dict[str, list[int]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    unknown_rows: dict[str, int] = field(default_factory=dict)
    foreign: int = 0
    listed: bool = False
    parts: int = 0
    without_mask: int = 0
    samples: list[Message] = field(default_factory=list)
    beyond_limit: int = 0
    settled: list[str] = field(default_factory=list)
    left: list[LeftTab] = field(default_factory=list)
    by_hash: dict[str, str] = field(default_factory=dict)
    mine: Callable[[str], bool] = lambda key: True
    _cells: dict[str, list[Cells]] = field(default_factory=dict)

    @property
    def columns(self) -> Columns:
        """The columns as they were read."""
        return self.reader.columns

    def key_of(self, columns: Columns, row: Sequence[Any]) -> str | None:
        """Return the key of a row of a tab with these columns; None without one, or without a column to tell it."""
        key = self.reader.key_in(columns, row)
        if key is not None and key not in self._cells and self._cells:
            number = self.reader.number_key_in(columns, row)
            return number if number in self._cells else key  # its ID was filled in while the campaign ran
        return key

    def keys(self, columns: Columns) -> list[int]:
        """Return the columns that identify rows."""
        return self.reader.identity(columns)

    def deciding(self, columns: Columns) -> list[int]:
        """Return the columns that decide whether a row may still be texted, and those that identify it."""
        return sorted({*self.keys(columns), *self.reader.protecting(columns), *self._own(columns)})

    @staticmethod
    def _own(columns: Columns) -> list[int]:
        return [place for place in (columns.owned[STATUS], columns.owned[DETAIL]) if place is not None]

    def withheld(self, columns: Columns, row: Sequence[Any], message: Message) -> str:
        """Return why a row that was planned must not be texted any more; blank when it may."""
        return self.reader.withheld(columns, row, message)

    @property
    def known(self) -> Container[str]:
        """The keys of all recipients, as they were when the lock was taken."""
        return self._cells

    def lacks_result(self, key: str) -> bool:
        """Tell whether no row of *key* had a result when the lock was taken."""
        return all(is_free(cells) for cells in self._cells.get(key, []))

    def may_hold(self, key: str, status: Any, rows: Sequence[Cells] | None = None) -> bool:
        """Tell whether the row of *key* had no result when the lock was taken, or UNKNOWN, or one of that status.

        :param rows: what its own cells really hold, where a misplaced batch hit them, or hit what it is known by.
        """
        rows = self._cells.get(key, []) if rows is None else rows
        return bool(rows) and all(
            is_free(cells)
            or cells[STATUS] == status
            or (cells[STATUS] == Status.UNKNOWN.value and ref_in(cells[DETAIL]) is not None)
            for cells in rows
        )

    def drop(self, key: str) -> None:
        """Take a message out of the plan."""
        message = self.messages.pop(key, None)
        if message is not None:
            self.parts -= message.parts
            self.without_mask -= message.mask is None

    def check_listed(self) -> None:
        """See that recipients stay where their results are.

        :raises SheetError: when many results stand beside recipients that they do not name.
        """
        if self.listed:
            raise SheetError(
                f"In tab {self.columns.tab!r} {self.foreign} results stand beside recipients that they do not name, so "
                "nothing is sent: the recipients' columns were sorted without the results, or a formula lists them. Sort "
                "whole rows, or paste the list as values; then clear Status and Detail of rows that are to be texted.",
                permanent=True,
            )

    def confirm(self, taken: Taken, journal: str) -> bool:
        """Correct the plan by the sheet as it was when the lock was taken; a read may be seconds old.

        :param journal: what names this task's own journal; it knows more than the intents of an earlier try do.
        :returns: False when columns moved since they were read, so that all must be read again.
        :raises SheetError: see :meth:`check_listed`; what a dead holder left may still have to be put right.
        """
        if not taken.left:
            self.check_listed()
        then = Columns(self.columns.tab, taken.header)
        shown = [*self.keys(then), *then.owned_places]
        if self.keys(then) != self.keys(self.columns) or any(place not in taken.columns for place in shown):
            return False
        self._cells, numbers = {}, dict[str, str]()
        width = max(taken.columns) + 1
        for at in range(max(map(len, taken.columns.values()), default=0)):
            row: list[Any] = [None] * width
            for place, column in taken.columns.items():
                row[place] = column[at] if at < len(column) else None
            key = self.reader.key_in(then, row)
            if key is not None:
                self._cells.setdefault(key, []).append(then.cells(row))
                if taken.left and (number := self.reader.number_key_in(then, row)) is not None:
                    numbers.setdefault(key_hash(number), key)
        # An ID may have been filled in since a dead holder knew the row by its number.
        self.by_hash = numbers | {key_hash(key): key for key in self._cells}
        self.left = taken.left
        for key in [key for key in self.messages if key not in self._cells or not self.lacks_result(key)]:
            self.drop(key)
        for row_ in [row_ for row_ in self.notes if not row_.extra and not self.lacks_result(row_.key)]:
            del self.notes[row_]
        for tab in taken.left:
            if (tab.doubtful or tab.log) and tab.record.identity != taken.identity:
                raise SheetError(
                    f"A run that ended knew the recipients of tab {self.columns.tab!r} by column "
                    f"{tab.record.identity or 'Phone'!r}, this one by {taken.identity or 'Phone'!r}, so it cannot be told "
                    "whom it may have texted, and nothing is sent: give that column its header back, then run it again.",
                    permanent=True,
                )
            self._doubt(tab, journal)
        return True

    def _doubt(self, tab: LeftTab, journal: str) -> None:
        """Name what a dead holder may have sent, unless this task's journal knows it."""
        for row in tab.log:  # what did not land where it was meant to is written again
            key = self.by_hash.get(row.logged.key)
            if key is not None and not row.logged.cells:
                self.drop(key)
        known = bool(journal) and tab.record.journal == journal
        for hashed in tab.doubtful:
            key = self.by_hash.get(hashed)
            if key is None or (known and key_hash(key) == hashed):
                continue
            if self.lacks_result(key):
                self.drop(key)
                # Of all partitions: this one may be the last at work now, and what is left is deleted with the lock.
                self.notes[Row(key)] = unknown_cells(_STALE, key)
                self.unknown += self.mine(key)


def make_plan(
    reader: RowReader,
    rows: Sequence[Sequence[Any]],
    *,
    now: datetime,
    partition: int = 0,
    partitions: int = 1,
    limit: int | None = None,
    same_number: bool = False,
    settled: Callable[[str], bool] = lambda key: False,
) -> SheetPlan:
    """Plan one partition from all rows of the sheet.

    :param limit: at most so many messages.
    :param same_number: whether rows with different IDs may text one number.
    :param settled: tells of a key whether the journal of an earlier try knows what became of it.
    """
    plan = SheetPlan(reader, mine=lambda key: partition_of(key, partitions) == partition)
    where = _rows_by_key(reader, rows)
    cells_of = reader.columns.cells
    elsewhere = _foreign(plan, where, rows)
    holders = {} if same_number else _number_holders(reader, where, rows, partitions)
    for key, numbers in where.items():
        if not plan.mine(key):
            continue
        numbers.sort(key=lambda number: is_free(cells_of(rows[number])))
        first, *others = numbers
        cells = cells_of(rows[first])
        for extra, number in enumerate(others, 1):
            if is_free(cells_of(rows[number])):
                _skip(plan, Row(key, extra), _duplicate(key, first, cells), cells_of(rows[number]), number)
        if settled(key):
            plan.settled.append(key)
            if cells[STATUS] == Status.UNKNOWN.value:
                plan.unknown_rows[key] = first + 2
        elif not is_free(cells):
            plan.done[cells[STATUS].strip()] += 1
        elif ref(key) in elsewhere:
            plan.unknown += 1
            plan.notes[Row(key)] = unknown_cells(_ELSEWHERE, key)
        else:
            _plan_row(plan, key, first, rows[first], now, holders, limit, cells)
    return plan


def _plan_row(
    plan: SheetPlan,
    key: str,
    number: int,
    row: Sequence[Any],
    now: datetime,
    holders: dict[str, tuple[str, int, Cells]],
    limit: int | None,
    cells: Cells,
) -> None:
    planned = plan.reader.plan(row, key, now)
    message, skip = planned.message, planned.skip
    if message is not None and message.to in holders and holders[message.to][0] != key:
        _, holder, held = holders[message.to]
        message, skip = None, _same_number(holder, held)
    if message is None:
        _skip(plan, Row(key), str(skip), cells, number)
    elif limit is not None and len(plan.messages) >= limit:
        plan.beyond_limit += 1
    else:
        plan.messages[key] = message
        plan.parts += message.parts
        plan.without_mask += message.mask is None
        if len(plan.samples) < SAMPLES:
            plan.samples.append(message)


def _skip(plan: SheetPlan, row: Row, reason: str, cells: Cells, number: int) -> None:
    count(plan.skipped, reason, plan.skipped_rows, number + 2)
    wanted = skipped_cells(reason, row.key)
    if cells != wanted:
        plan.notes[row] = wanted


def _rows_by_key(reader: RowReader, rows: Sequence[Sequence[Any]]) -> dict[str, list[int]]:
    """Return key -> indexes of its rows."""
    where: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        key = reader.key(row)
        if key is not None:
            where.setdefault(key, []).append(number)
    return where


def _foreign(plan: SheetPlan, where: dict[str, list[int]], rows: Sequence[Sequence[Any]]) -> set[str]:
    """Return the references that stand beside another recipient."""
    found, named = set(), 0
    for key, numbers in where.items():
        own = {ref(key)}
        for number in numbers:
            cells = plan.columns.cells(rows[number])
            written = ref_in(cells[DETAIL]) if cells[DETAIL] else None
            named += written is not None
            if written is None or written in own or is_free(cells):
                continue
            before = plan.reader.number_key_in(plan.columns, rows[number])
            if before is None or written != ref(before):  # not of this row, from before it had an ID
                found.add(written)
                plan.foreign += 1
    plan.listed = plan.foreign >= _MANY and plan.foreign * 10 > named
    return found


def _duplicate(key: str, first: int, cells: Cells) -> str:
    if key.startswith("id:"):
        return f"duplicate of row {first + 2} (same ID): give each row an ID of its own"
    return _same_number(first, cells)


def _same_number(holder: int, cells: Cells) -> str:
    """Say that a number's message goes to, or went to, another row."""
    status = cells[STATUS].strip()
    return f"duplicate of row {holder + 2} (same number{f', which is {status}' if status else ''})"


def _number_holders(
    reader: RowReader, where: dict[str, list[int]], rows: Sequence[Sequence[Any]], partitions: int
) -> dict[str, tuple[str, int, Cells]]:
    """Return for each number that several keys have: the key that may text it, its row, and that row's own cells.

    It is one with a result, else the first whose Send is ticked, else the first. Partitions must agree without talking to
    each other, whatever was sorted or ticked in between: with several, the choice among rows without a result depends on the
    keys alone.
    """
    best: dict[str, tuple[tuple[bool, Any], str, int]] = {}
    shared: set[str] = set()
    for key, numbers in where.items():
        row = rows[number := numbers[0]]
        to = reader.number(reader.phone_of(row))
        if not isinstance(to, str):
            continue
        free = is_free(reader.columns.cells(row))
        rank: tuple[bool, Any] = (free, hashlib.blake2b(key.encode()).digest())
        if partitions == 1:
            rank = (free, (not reader.chosen(row), number))
        if to in best:
            shared.add(to)
        if to not in best or rank < best[to][0]:
            best[to] = (rank, key, number)
    return {to: (best[to][1], best[to][2], reader.columns.cells(rows[best[to][2]])) for to in shared}
