"""What a sheet asks for: whom to text with what, who is left out and why, and what it costs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from ..campaign.message import Message
from ..gateway.outcome import Status
from ..sms.folding import plain
from ..spreadsheet.errors import SheetError
from .columns import DETAIL, STATUS, Cells, Columns
from .own_cells import Row, is_free, skipped_cells, unknown_cells
from .reasons import count
from .refs import ref, ref_in
from .rows import RowReader, partition_of

SAMPLES = 3
#: So many results that name somebody else, and more than a tenth of all, are no corrected numbers: the rows are not static.
_MANY = 3

#: What campaigns write into Status.
OWN = frozenset(status.value for status in Status) - {Status.SKIPPED.value}

_ELSEWHERE = (
    "may have been sent: a result of this recipient stands in another row. Look for the message in the RoboSMS portal; clear "
    "this row's Status to send it again"
)


@dataclass
class Plan:
    """The plan of one partition.

    :param partition, partitions: which share of the rows it is, from 0, and of how many.
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
    :param others: recipients of the other partitions who have no result yet.
    :param wordings: what the messages are made of, see :class:`~.rows.Planned`.
    :param later: likewise, of those that *limit* leaves for a later run.
    """

    reader: RowReader
    partition: int = 0
    partitions: int = 1
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
    others: int = 0
    wordings: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)

    @property
    def texts(self) -> list[str]:
        """What tells the texts apart that the messages are made of: a short hash of each."""
        return hashes_of(self.wordings)

    @property
    def theirs(self) -> int:
        """How many rows have a Status that no campaign has written, such as ``HOLD`` or ``Active``."""
        return sum(count for status, count in self.done.items() if status not in OWN)

    @property
    def columns(self) -> Columns:
        """The columns as they were read."""
        return self.reader.columns

    @property
    def parts_of_all(self) -> int:
        """Message parts that all partitions have still to send, reckoned by this one's rows without a result."""
        due = len(self.messages) + self.skipped.total() + self.beyond_limit
        return self.parts + (round(self.others * self.parts / due) if due else 0)

    def mine(self, key: str) -> bool:
        """Tell whether a recipient is of this partition."""
        return partition_of(key, self.partitions) == self.partition

    def drop(self, key: str) -> None:
        """Take a message out of the plan."""
        message = self.messages.pop(key, None)
        if message is not None:
            self.parts -= message.parts
            self.without_mask -= message.mask is None

    def check_listed(self) -> None:
        """See that recipients stay where their results are.

        :raises SheetError: when many results stand next to recipients that they do not name.
        """
        if self.listed:
            raise SheetError(
                f"In tab {self.columns.tab!r} {self.foreign} results stand next to recipients that they do not name, so "
                "nothing is sent: the recipients' columns were sorted without the results, or a formula lists them. Sort "
                "whole rows, or paste the list as values; then clear Status and Detail of rows that are to be texted.",
                permanent=True,
            )


def hashes_of(wordings: Iterable[str]) -> list[str]:
    """Return a short hash of each text, in their order; enough to see that a text is none of a few thousand."""
    hashes = (hashlib.blake2b(one.encode("utf-8", "surrogatepass"), digest_size=4) for one in wordings)
    return sorted({one.hexdigest() for one in hashes})


P = TypeVar("P", bound=Plan)


def plan_rows(
    plan: P,
    rows: Sequence[Sequence[Any]],
    *,
    now: datetime,
    limit: int | None = None,
    same_number: bool = False,
    settled: Callable[[str], bool] = lambda key: False,
) -> P:
    """Plan one partition from all rows of the sheet; returns the *plan*, which was empty.

    :param limit: at most so many messages.
    :param same_number: whether rows with different IDs may text one number.
    :param settled: tells of a key whether the journal of an earlier try knows what became of it.
    """
    plan.reader.heed(rows)
    where = _rows_by_key(plan.reader, rows)
    cells_of = plan.columns.cells
    elsewhere = _foreign(plan, where, rows)
    if same_number:
        _check_alike(plan.reader, where, rows)
    holders = {} if same_number else _number_holders(plan.reader, where, rows, plan.partitions)
    for key, numbers in where.items():
        if not plan.mine(key):
            plan.others += is_free(cells_of(rows[numbers[0]]))
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
    plan: Plan,
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
        plan.later.add(planned.wording)
    else:
        plan.messages[key] = message
        plan.wordings.add(planned.wording)
        plan.parts += message.parts
        plan.without_mask += message.mask is None
        if len(plan.samples) < SAMPLES:
            plan.samples.append(message)


def _skip(plan: Plan, row: Row, reason: str, cells: Cells, number: int) -> None:
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


def _foreign(plan: Plan, where: dict[str, list[int]], rows: Sequence[Sequence[Any]]) -> set[str]:
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


def _check_alike(reader: RowReader, where: dict[str, list[int]], rows: Sequence[Sequence[Any]]) -> None:
    """See that no two IDs of a number are one to whoever reads them, such as ``A1`` and ``a1``: it would be texted twice.

    :raises SheetError: when two are.
    """
    seen: dict[object, str] = {}
    for key, numbers in where.items():
        number = reader.number(reader.phone_of(rows[numbers[0]]))
        other = seen.setdefault((plain(key).casefold(), number if isinstance(number, str) else key), key)
        if other != key:
            one, two = where[other][0] + 2, numbers[0] + 2
            raise SheetError(
                f"The IDs in rows {one} and {two} of tab {reader.columns.tab!r} look alike, so one person may be "
                "texted twice: write both alike, or make them differ.",
                permanent=True,
            )


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
        free = is_free(reader.columns.cells(row))
        to = reader.to_text(row) if free else reader.number(reader.phone_of(row))
        if not isinstance(to, str):
            continue
        rank: tuple[bool, Any] = (free, hashlib.blake2b(key.encode()).digest())
        if partitions == 1:
            rank = (free, (not reader.chosen(row), number))
        if to in best:
            shared.add(to)
        if to not in best or rank < best[to][0]:
            best[to] = (rank, key, number)
    return {to: (best[to][1], best[to][2], reader.columns.cells(rows[best[to][2]])) for to in shared}
