"""The tool's own hidden tabs of one recipients' tab: their titles, and requests that have to do with them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..recipients.columns import Columns
from ..spreadsheet.api import WORKING_TAB, Grid, Tab
from ..spreadsheet.requests import add_tab, copy, delete_tab, insert_columns, put, region, rename_tab
from .left import fence_off


class OwnTabs:
    """The titles of the tabs that a campaign with so many partitions has beside one recipients' tab.

    :param draw: returns a random id for a tab.
    """

    def __init__(self, recipients: Tab, partitions: int, draw: Callable[[], int]) -> None:
        self.lock = f"{WORKING_TAB}lock {recipients.sheet_id}"
        self.work = f"{WORKING_TAB}work {recipients.sheet_id} "
        self.left = f"{WORKING_TAB}left {recipients.sheet_id} "
        self._partitions, self.draw = partitions, draw

    def work_of(self, partition: int) -> str:
        """Return the title of a partition's working tab."""
        return f"{self.work}{partition + 1} of {self._partitions}"

    def left_now(self, now: float, sheet_id: int) -> str:
        """Return the title of a tab that is left: in the order of these, they were left."""
        return f"{self.left}{int(now * 1000):011x} {sheet_id:x}"

    def relock(self, old: int, fresh: int, record: str, beat: str) -> list[dict[str, Any]]:
        """Return the requests that give the lock a new id: whoever knows only the old one cannot write any more."""
        kept = [rename_tab(old, f"{WORKING_TAB}was {old}"), *fence_off(old, fresh, self.lock)]
        return [*kept, put(fresh, 0, 0, [[record, beat]])]

    def none_at_work(self) -> list[dict[str, Any]]:
        """Return what changes nothing, but is refused while a partition is at work: adding a tab of the same title."""
        tabs = [(self.work_of(partition), self.draw()) for partition in range(self._partitions)]
        return [request for title, fresh in tabs for request in (add_tab(title, fresh, 1, 1), delete_tab(fresh))]

    def listed(self, grids: Iterable[Grid]) -> list[str]:
        """Return the batches that the lock lists, from an answer that shows its column A."""
        lock = next((grid for grid in grids if grid.title == self.lock), None)
        return [str(row[0]) for row in lock.rows[1:] if row and row[0]] if lock else []


def prove_right(recipients: Tab, columns: Columns) -> list[dict[str, Any]]:
    """Return what changes nothing, but is refused where own columns are protected, or where they cannot be inserted."""
    spans = [region(recipients.sheet_id, 1, max(2, recipients.rows), at, at + 1) for at in columns.owned_places]
    copies = [copy(span, span, "PASTE_NORMAL") for span in spans] if recipients.rows > 1 else []
    inserts = insert_columns(recipients.sheet_id, len(columns.header), columns.missing, 0, recipients.columns)
    deletes = [{"deleteDimension": {"range": one["insertDimension"]["range"]}} for one in inserts[:1]]
    return [*copies, *inserts, *deletes]


def telling(columns: Columns, names: Sequence[str]) -> list[int]:
    """Return the columns that tell who a row is, by these headers, and what became of it."""
    places = {*map(columns.only, names), *columns.owned}
    return sorted(place for place in places if place is not None)
