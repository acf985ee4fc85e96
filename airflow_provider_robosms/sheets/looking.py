"""Looking at the recipients' tab while people edit it: by reads, which may lag, or by answers of batches, which do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..recipients.columns import Columns, find_header
from ..spreadsheet.a1 import in_tab
from ..spreadsheet.api import Region, SpreadsheetApi
from ..spreadsheet.errors import SheetError, TabGone
from .desired import Desired, Look
from .lock import LAG, Lock
from .plan import SheetPlan
from .working_tab import HEAD


class Looking:
    """What is known of where columns and rows are.

    :ivar columns: the columns as last seen, with the title of the tab.
    :ivar grid: columns that the tab has; 0 when that is not known any more.
    :ivar lags: whether the last look was a read.
    """

    def __init__(self, api: SpreadsheetApi, lock: Lock, plan: SheetPlan, clock: Callable[[], float]) -> None:
        self.columns, self.grid = plan.columns, lock.tab.columns
        self._api, self._lock, self._plan, self._clock = api, lock, plan, clock
        self._top, self.lags = 0, True
        # Until then a read may still show what was before the last change of ours to where things are.
        self._lags_until = clock() + LAG if plan.columns.missing else float("-inf")

    def distrust_reads(self) -> None:
        """Take in that a read may lag behind something that must be seen."""
        self._lags_until = self._clock() + LAG

    def look(self, desired: Desired) -> Look:
        """Read who stands where: everything while something must be put back, else the columns that decide.

        :raises SheetError: when the tab, its Phone or the column by which rows are known is gone.
        """
        if desired.hits:
            self.distrust_reads()
        if self._clock() < self._lags_until:
            return self._look_at_all(desired)
        self.lags = True
        for _ in range(4):
            columns, top = self.columns, self._top
            places = self._plan.deciding(columns)
            regions: list[Region] = [(0, max(HEAD, top + 1), 0, None)]
            regions += [(top + 1, None, place, place + 1) for place in places]
            try:
                head, *found = self._api.look(self._lock.tab.sheet_id, regions)
            except TabGone:
                raise self.tab_gone() from None
            at = self._header_in(head)
            now = Columns(columns.tab, head[at])
            same = now == columns and at == top
            self.columns, self._top = now, at
            if same:
                return Look(now, at, _rows(places, found, at + 1), self._plan.key_of, grid=self.grid)
        return self._look_at_all(desired)  # columns move all the time, or reads lag behind them

    def _look_at_all(self, desired: Desired) -> Look:
        """Read the whole tab as it is now: what was hit by mistake must not be put back by a read that lags."""
        self.lags = False
        try:
            grids = self._lock.show([in_tab(self.columns.tab)])
        except TabGone as error:
            if error.sheet_id is not None:
                raise
            # The tab has another title by now.
            title = next((tab.title for tab in self._api.tabs() if tab.sheet_id == self._lock.tab.sheet_id), None)
            if title is None:
                raise self.tab_gone() from None
            self.columns = Columns(title, self.columns.header)
            grids = self._lock.show([in_tab(title)])
        rows = grids[0].rows
        at = self._header_in(rows, checked=not desired.hits)
        self.columns, self._top = Columns(self.columns.tab, rows[at]), at
        return Look(self.columns, at, enumerate(rows[at + 1 :], at + 1), self._plan.key_of, desired, self.grid)

    def _header_in(self, rows: Sequence[Sequence[Any]], *, checked: bool = True) -> int:
        at = find_header(rows)
        if at is None:
            raise SheetError(
                f"Tab {self.columns.tab!r} has no column 'Phone' any more: give it its header back in row 1, then run the "
                "task again.",
                permanent=True,
            )
        if checked:
            self.check_identity(Columns("", rows[at]))
        return at

    def check_identity(self, columns: Columns) -> None:
        """See that the column by which rows are known is there.

        :raises SheetError: when it is not.
        """
        if not self._plan.keys(columns):
            raise SheetError(
                f"The column by which rows of tab {self.columns.tab!r} are known was renamed or deleted, or there are two "
                "of that name: give it its header back, then run the task again.",
                permanent=True,
            )

    def tab_gone(self) -> SheetError:
        """Return the error for a recipients' tab that is gone."""
        return SheetError(
            f"Tab {self.columns.tab!r} was deleted while its campaign ran: nothing more is sent.", permanent=True
        )


def _rows(places: Sequence[int], found: Sequence[list[list[Any]]], first: int) -> Iterable[tuple[int, list[Any]]]:
    """Put columns that were read one by one together to rows."""
    width = max(places, default=0) + 1
    for at in range(max(map(len, found), default=0)):
        row: list[Any] = [None] * width
        for place, column in zip(places, found, strict=True):
            if at < len(column) and column[at]:
                row[place] = column[at][0]
        yield first + at, row
