"""How a sheet campaign begins, and its plan: as it was read, then corrected by what stood there when the lock was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..campaign.message import Message
from ..gateway.outcome import Status
from ..recipients.columns import DETAIL, STATUS, Cells, Columns
from ..recipients.own_cells import Row, is_free, unknown_cells
from ..recipients.planning import Plan
from ..recipients.refs import ref_in
from ..spreadsheet.errors import SheetError
from .left import LeftTab
from .lock import Busy, Lock, Taken
from .working_tab import key_hash

_STALE = (
    "may have been sent: a run ended without writing what became of it. Look for the message in the RoboSMS portal; clear "
    "this row's Status to send it again"
)


@dataclass
class SheetPlan(Plan):
    """The plan of one partition, and who stood where when the lock was taken.

    :param left: tabs of dead holders, once the lock is taken.
    :param by_hash: the recipients then, by what names them in working tabs.
    """

    left: list[LeftTab] = field(default_factory=list)
    by_hash: dict[str, str] = field(default_factory=dict)
    _cells: dict[str, list[Cells]] = field(default_factory=dict)

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
        own = (place for place in (columns.owned[STATUS], columns.owned[DETAIL]) if place is not None)
        return sorted({*self.keys(columns), *self.reader.protecting(columns), *own})

    def withheld(self, columns: Columns, row: Sequence[Any], message: Message) -> str:
        """Return why a row that was planned must not be texted any more; blank when it may."""
        return self.reader.withheld(columns, row, message)

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

    def given_results(self, taken: Taken) -> list[Row]:
        """Return which rows that were to say that it is not known have been given a result meanwhile."""
        then = Columns(self.columns.tab, taken.header)
        if not self._readable(then, taken):
            return []
        rows = [(self.reader.key_in(then, row), then.cells(row)) for row in taken.rows()]
        given = {key for key, cells in rows if not is_free(cells) and cells[STATUS] != Status.UNKNOWN.value}
        return [row for row in self.notes if row.key in given and not row.extra]

    def _readable(self, then: Columns, taken: Taken) -> bool:
        """Tell whether the lock's answer shows the columns that must be known."""
        shown = [*self.keys(then), *then.owned_places]
        return self.keys(then) == self.keys(self.columns) and all(place in taken.columns for place in shown)

    def confirm(self, taken: Taken, lock: Lock, journal: str) -> bool:
        """Correct the plan by the sheet as it was when the lock was taken; a read may be seconds old.

        :param journal: what names this task's own journal; it knows more than the intents of an earlier try do.
        :returns: False when columns moved since they were read, or cells had to be put back, so that all must be read again.
        :raises SheetError: when a dead holder knew the recipients by another column.
        """
        if taken.late:
            return False
        then = Columns(self.columns.tab, taken.header)
        if not self._readable(then, taken):
            return False
        self._cells, numbers = {}, dict[str, str]()
        for row in taken.rows():
            key = self.reader.key_in(then, row)
            if key is not None:
                self._cells.setdefault(key, []).append(then.cells(row))
                if lock.left and (number := self.reader.number_key_in(then, row)) is not None:
                    numbers.setdefault(key_hash(number), key)
        # An ID may have been filled in since a dead holder knew the row by its number.
        self.by_hash = numbers | {key_hash(key): key for key in self._cells}
        self.left = list(lock.left)
        for key in [key for key in self.messages if key not in self._cells or not self.lacks_result(key)]:
            self.drop(key)
        for row_ in [row_ for row_ in self.notes if not row_.extra and not self.lacks_result(row_.key)]:
            del self.notes[row_]
        for tab in lock.left:
            if (tab.doubtful or tab.log) and tab.record.identity != lock.identity:
                raise SheetError(
                    f"A run that ended knew the recipients of tab {self.columns.tab!r} by column "
                    f"{tab.record.identity or 'Phone'!r}, this one by {lock.identity or 'Phone'!r}, so it cannot be told "
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
            if known and (key is None or key_hash(key) == hashed):
                continue
            if key is not None and self.lacks_result(key):
                self.drop(key)
                # Of all partitions: this one may be the last at work now, and what is left is deleted with the lock.
                self.notes[Row(key)] = self.doubt(key)

    def doubt(self, key: str) -> Cells:
        """Return what the row of a recipient shall say whom a dead holder may have texted."""
        self.unknown += self.mine(key)
        return unknown_cells(_STALE, key)


def begin(lock: Lock, plan: SheetPlan, first: Sequence[str], journal: str) -> Busy | bool:
    """Take the lock; False when the plan does not hold by now: all is to be read again, under this lock.

    :param first: keys that may be sent at once.
    :param journal: as :meth:`~.plan.SheetPlan.confirm` has it.
    :returns: who sends from this tab, when that is another campaign.
    """
    taken = lock.take([key_hash(key) for key in first], plan.columns)
    if isinstance(taken, Busy):
        return taken
    if plan.confirm(taken, lock, journal):
        return True
    lock.wait_for_reads()
    return False
