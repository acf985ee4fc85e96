"""One campaign at a time: the lock of a recipients' tab, and the working tab of the one who holds it.

The lock is a hidden tab whose title is fixed for the recipients' tab; ``addSheet`` fails when it exists, so one campaign
takes it. Beside it each partition of the campaign has a working tab. Both have random ids, and every batch of the campaign
touches both by id: Google refuses a batch as a whole when one of its tabs is gone (``No grid with id``). So whoever was taken
over (its tabs deleted by the one who took over) cannot write any more: the ids are fencing tokens.

Taking over keeps what the dead holder remembered: its working tab is duplicated under a new id before it is deleted.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..campaign.owner import Owner
from ..campaigns_tab.carried import Requests, batch_with, begin_with
from ..campaigns_tab.line import CampaignLine
from ..recipients.columns import Columns
from ..sms.merge import normalise_header
from ..spreadsheet.a1 import column_letters, in_tab
from ..spreadsheet.api import WORKING_TAB, Grid, SpreadsheetApi, Tab
from ..spreadsheet.errors import LockLost, SheetError, SheetUnavailable, TabExists, TabGone, WriteInDoubt
from ..spreadsheet.requests import add_tab, copy, delete_tab, insert_columns, put, region, resize_tab
from .left import LeftTab, fence_off, read_left
from .working_tab import LOG, Record, columns_for, pack

#: A lock whose holder Airflow does not know (another Airflow, say) counts as dead after so long without a batch (seconds).
LOCK_EXPIRES = 900.0
#: A tab that exists may be missing in a read for so long: Google's reads lag behind its writes (seconds).
LAG = 6.0
#: Longer in sum than the lag, since each waits for a quarter of it.
_TRIES = 8
#: Rows of a new working tab; it grows when a batch needs more.
_ROWS = 200


@dataclass(frozen=True)
class Busy:
    """Who holds the lock: since when, and when it last wrote (seconds since the epoch)."""

    owner: Owner
    since: float
    seen: float


@dataclass
class Taken:
    """The recipients' tab at the instant in which the lock was taken, and what dead holders left.

    :param header: row 1.
    :param columns: index -> the column's cells from row 2 on.
    :param identity: the column by which recipients are known; blank for Phone.
    :param beginning: whether one of these may be about to put right what dead holders hit, or the lock was long waited for.
    :param siblings: the working tabs of the campaign's other partitions that are at work, and what they know to be left.
    """

    header: list[Any]
    columns: dict[int, list[Any]]
    left: list[LeftTab]
    identity: str = ""
    siblings: Sequence[LeftTab] = ()
    beginning: bool = False


class Lock:
    """The lock of one recipients' tab.

    :param tab: the recipients' tab.
    :param key_column: header of the column that identifies a row, where it is neither ``Phone`` nor ``ID``.
    :param journal: what names the journal in Airflow's task state, if there is one.
    :param is_over: tells whether a run known to this Airflow has ended: True, False, or None when it is not known.
    :param now: the wall clock, in seconds since the epoch.
    """

    def __init__(
        self,
        api: SpreadsheetApi,
        spreadsheet: str,
        tab: Tab,
        owner: Owner,
        *,
        key_column: str | None = None,
        journal: str = "",
        is_over: Callable[[Owner], bool | None] = lambda owner: None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.tab = tab
        #: This campaign's line in the tab Campaigns; it travels in the batches. None for no such tab.
        self.line: CampaignLine | None = None
        self.left: list[LeftTab] = []
        self._api, self._is_over, self._now, self.sleep = api, is_over, now, sleep
        self._rng = rng or random.SystemRandom()
        self._record = Record(spreadsheet, owner, journal, holder=f"{self._rng.getrandbits(64):x}", since=int(now()))
        self._lock_title = f"{WORKING_TAB}lock {tab.sheet_id}"
        self._prefix = f"{WORKING_TAB}work {tab.sheet_id} "
        self._left_prefix = f"{WORKING_TAB}left {tab.sheet_id} "
        self.title = self._work_title(owner.partition)
        self._lock_id = 0
        self.sheet_id = 0
        self._lost = ""
        self._rows, self._width = _ROWS, columns_for(tab.columns + 3)
        self._names = ("Phone", "ID", *([key_column] if key_column else []))
        self._records: dict[str, Record] = {}
        self._packed, self._columns, self._begun, self._late = list[str](), Columns(tab.title, []), 0.0, False

    def _work_title(self, partition: int) -> str:
        return f"{self._prefix}{partition + 1} of {self._record.owner.partitions}"

    def _draw(self) -> int:
        return self._rng.randrange(1 << 20, 1 << 31)

    # Taking it.

    def take(self, intents: Iterable[str], columns: Columns) -> Taken | Busy:
        """Take the lock, join the campaign's other partitions, or take a dead holder's over; or say who holds it.

        :param intents: hashes of what may be sent once this returns.
        :param columns: the columns as they were read.
        """
        self._packed, self._columns, self._begun = pack(intents), columns, self._now()
        self._record.identity = self._identity(columns)
        for _ in range(_TRIES):
            try:
                return self._create()
            except (TabExists, WriteInDoubt):
                pass
            try:
                found = self._join()
                if found is not None:
                    return found
            except (TabGone, TabExists, WriteInDoubt):
                pass  # somebody was faster, or Google did not say: look again
            self.sleep(LAG / 4)
        raise SheetUnavailable("The sheet's lock could not be taken, because it changes hands all the time: try again.")

    def _create(self) -> Taken:
        return self._finish(self._own(self._new_lock(lock_id := self._draw()), lock_id))

    def _new_lock(self, lock_id: int) -> list[dict[str, Any]]:
        return [add_tab(self._lock_title, lock_id, 1, 3), put(lock_id, 0, 0, [[self._record.text()]])]

    def _own(self, requests: list[dict[str, Any]], lock_id: int, others: Sequence[str] = ()) -> list[Grid]:
        """Add the working tab, and show what the protocol starts from, with *others* of its tabs."""
        columns, sheet_id = self._columns, self._draw()
        # Who held it meanwhile may have hit what the plan was read from. Not how long Google takes to answer.
        self._record.end, self._late = LOG, self._now() - self._begun > LAG
        requests = [
            *requests,
            self._beat(lock_id),
            add_tab(self.title, sheet_id, _ROWS, self._width),
            put(sheet_id, 0, 0, [[self._record.text()], self._packed]),
            *self._prove_right(columns),
        ]
        shown = [in_tab(columns.tab, "1:1")]
        shown += [in_tab(columns.tab, f"{column_letters(at)}:{column_letters(at)}") for at in self._told_by(columns)]
        shown += [in_tab(self._lock_title, "A1:C1"), *(in_tab(title) for title in others)]
        grids = begin_with(self.line, self._api, requests, shown, sheet_id, self.title)
        self._lock_id, self.sheet_id, self._rows = lock_id, sheet_id, _ROWS
        return grids

    def _prove_right(self, columns: Columns) -> list[dict[str, Any]]:
        """Return what changes nothing, but is refused where own columns are protected, or where they cannot be inserted."""
        spans = [region(self.tab.sheet_id, 1, max(2, self.tab.rows), at, at + 1) for at in columns.owned_places]
        copies = [copy(span, span, "PASTE_NORMAL") for span in spans] if self.tab.rows > 1 else []
        inserts = insert_columns(self.tab.sheet_id, len(columns.header), columns.missing, 0, self.tab.columns)
        deletes = [{"deleteDimension": {"range": one["insertDimension"]["range"]}} for one in inserts[:1]]
        return [*copies, *inserts, *deletes]

    def _finish(self, grids: list[Grid], siblings: Sequence[LeftTab] = (), beginning: bool = False) -> Taken:
        header, *told = [grid for grid in grids if grid.title == self._columns.tab]
        cells = {grid.column: [row[0] if row else None for row in grid.rows[1:]] for grid in told}
        return Taken(header.line(0), cells, list(self.left), self._record.identity, siblings, beginning or self._late)

    def _join(self) -> Taken | Busy | None:
        """Decide about a lock that exists; None when it, or what belongs to it, cannot be seen: longer than reads lag, and
        a person deleted it."""
        tabs = self._api.tabs()
        lock = next((tab for tab in tabs if tab.title == self._lock_title), None)
        works = [tab for tab in tabs if tab.title.startswith(self._prefix)]
        lefts = sorted((tab for tab in tabs if tab.title.startswith(self._left_prefix)), key=lambda tab: tab.title)
        self._records = {}
        record, seen = self._look_at(lock, works) if lock else (None, 0.0)
        if lock is None and not works:
            return None
        named = {title for found in self._records.values() for title in found.left}
        if not named <= {tab.title for tab in lefts} and self._now() - self._begun < LAG:
            return None  # the read lags: what a dead holder may have sent must be known first
        if record is not None and record.spreadsheet == self._record.spreadsheet:
            mine, theirs = self._record.owner, record.owner
            if theirs.campaign == mine.campaign:
                peer = self._records.get(self.title)
                if peer is not None and self.sheet_id and peer.holder != self._record.holder:
                    return Busy(peer.owner, record.since, seen)  # a later try of this very task, which knows more
                if peer is None or peer.owner.map_index == mine.map_index or self._now() - seen >= LOCK_EXPIRES:
                    return self._share(lock, works, lefts)
                return Busy(peer.owner, record.since, seen)
            if not self._is_over(theirs) and self._now() - seen < LOCK_EXPIRES:
                return Busy(theirs, record.since, seen)
        return self._take_over(lock, works, lefts)

    def _look_at(self, lock: Tab, works: Sequence[Tab]) -> tuple[Record | None, float]:
        """Return what a lock says now; reads lag, so it is asked for in the answer of a write beside it."""
        shown = [in_tab(lock.title, "A1:B1"), *(in_tab(tab.title, "A1") for tab in works)]
        grids = self._api.batch([put(lock.sheet_id, 0, 2, [[f"{self._draw()}"]])], shown)
        cells = next((grid for grid in grids if grid.title == lock.title), None)
        self._records = {grid.title: found for grid in grids if (found := Record.parse(grid.at(0, 0))) is not None}
        beat = str(cells.at(0, 1) or "0") if cells else "0"
        return Record.parse(cells.at(0, 0)) if cells else None, float(beat) if beat.isdigit() else 0.0

    def _share(self, lock: Tab | None, works: Sequence[Tab], lefts: Sequence[Tab]) -> Taken:
        """Join a lock of this very campaign; what an earlier try of this partition left is taken over."""
        mine = self._record.owner
        own = [tab for tab in works if tab.title == self.title]
        known = [(tab, r) for tab in works if (r := self._records.get(tab.title))]
        taken = [*own, *(tab for tab, record in known if record.owner.partitions != mine.partitions)]
        at_work = [tab for tab, _ in known if tab not in taken]
        return self._take_over(lock, taken, lefts, at_work)

    def _take_over(
        self, lock: Tab | None, works: Sequence[Tab], lefts: Sequence[Tab], at_work: Sequence[Tab] | None = None
    ) -> Taken:
        """Take working tabs over, and the lock, too, unless the partitions *at_work* hold it."""
        requests: list[dict[str, Any]] = []
        left = [(tab.sheet_id, tab.title) for tab in lefts]
        for tab in works:
            fresh = self._draw()
            # In the order in which they were left: what is put back must be the latest that is known.
            left.append((fresh, f"{self._left_prefix}{int(self._now() * 1000):011x} {fresh:x}"))
            requests += fence_off(tab.sheet_id, *left[-1])
        self._record.left = [title for _, title in left]
        lock_id = lock.sheet_id if lock is not None and at_work is not None else self._draw()
        if at_work is None:
            requests += [delete_tab(lock.sheet_id)] if lock is not None else []
            requests += self._new_lock(lock_id)
        at_work = at_work or []
        shown = [*self._record.left, *(tab.title for tab in at_work)]
        grids = self._own(requests, lock_id, shown)
        found = [one for at in left if (one := read_left(*at, grids, self._record)) is not None]
        siblings = [one for tab in at_work if (one := read_left(tab.sheet_id, tab.title, grids, self._record))]
        righted = {title for one in (*found, *siblings) for title in one.record.righted}
        found = [replace(one, log=[]) if one.title in righted else one for one in found]
        # What a partition that is at work left before is its own to settle: it knows more.
        busy = {one.record.owner.partition for one in siblings}
        self.left = [one for one in found if not (self._sibling(one) and one.record.owner.partition in busy)]
        known = {title for one in siblings for title in one.record.left}
        # Of those that died or wait, the logs speak.
        young = any(one.record.left and not one.log and self._now() - one.record.since <= 3 * LAG for one in siblings)
        return self._finish(grids, [*siblings, *(one for one in found if one.title in known)], young)

    def _sibling(self, tab: LeftTab) -> bool:
        mine, theirs = self._record.owner, tab.record.owner
        same = (theirs.campaign, theirs.partitions) == (mine.campaign, mine.partitions)
        return same and theirs.partition != mine.partition

    def _identity(self, columns: Columns) -> str:
        names = [normalise_header(name) for name in self._names[:0:-1] if columns.only(name) is not None]
        return names[0] if names and names[0] != "phone" else ""

    def _told_by(self, columns: Columns) -> list[int]:
        """Return the columns that tell who a row is and what became of it."""
        places = {*map(columns.only, self._names), *columns.owned}
        return sorted(place for place in places if place is not None)

    # Holding it.

    def _beat(self, lock_id: int) -> dict[str, Any]:
        """Touch the lock by its id; the cell tells others when its holder last wrote."""
        if self._lost:
            raise LockLost(self._lost)
        return put(lock_id, 0, 1, [[str(int(self._now()))]])

    def write(
        self,
        requests: Requests,
        show: Sequence[str],
        intents: Iterable[str],
        end: int,
        width: int,
        *,
        anew: bool = False,
    ) -> list[Grid]:
        """Apply a batch that only the holder of the lock can apply.

        :param intents: hashes of what may be sent until the next batch.
        :param end: where the working tab's log ends after it (index of the row).
        :param width: cells of the recipients' rows that it copies.
        :param anew: give the lock a new id, so that no batch which another partition has made by the same look is applied.
        :raises TabGone: when the lock was lost; nothing was applied.
        :raises WriteInDoubt: see :meth:`refresh`.
        """
        record = replace(self._record, end=end)
        rows, columns = max(self._rows, end), max(self._width, columns_for(width))
        grown = (rows, columns) != (self._rows, self._width)
        lock_id = self._draw() if anew else self._lock_id
        state = [
            *([delete_tab(self._lock_id), *self._new_lock(lock_id)] if anew else []),
            self._beat(lock_id),
            *([resize_tab(self.sheet_id, rows, columns)] if grown else []),
            put(self.sheet_id, 0, 0, [[record.text()], pack(intents)]),
        ]
        found = self._batch([*state, *requests], show, self.sheet_id)
        self._record, self._rows, self._width, self._lock_id = record, rows, columns, lock_id
        return found

    def _batch(self, requests: Requests, show: Sequence[str], working: int) -> list[Grid]:
        return batch_with(self.line, self._api, requests, show, working, self.title)

    def tell_line(self) -> None:
        """Write the campaign's line by itself: at the end of a campaign that keeps its lock for a retry."""
        if self.line is not None and self.line.trouble is None and self.sheet_id:
            with contextlib.suppress(SheetError):  # the line is to be looked at, and no more
                self._batch([self._beat(self._lock_id), self._touch()], [], self.sheet_id)

    def _touch(self) -> dict[str, Any]:
        return put(self.sheet_id, 0, 0, [[self._record.text()]])

    def stand(self) -> None:
        """Note that all stands which dead holders asked for."""
        self._record.righted = list(self._record.left)
        self.write([], [], [], LOG, 0)

    def show(self, show: Sequence[str], *, typed: bool = False) -> list[Grid]:
        """Return ranges of the spreadsheet as they are now, in the answer of a write: a read might lag."""
        return self._api.batch([self._beat(self._lock_id), self._touch()], show, typed=typed)

    def refresh(self, intents: Iterable[str], columns: Columns) -> Taken:
        """Take this holder's own working tab over, after a batch of which it is not known whether it was applied: from now on
        it cannot be applied any more, and what it did stands in the tab that is left.

        :raises LockLost: when another campaign has the lock by now.
        """
        self._packed, self._columns, self._begun = pack(intents), columns, self._now()
        known = {tab.title for tab in self.left}
        for _ in range(_TRIES):
            try:
                found = self._join() or self._create()
            except (TabGone, TabExists, WriteInDoubt):
                self.sleep(LAG / 4)
                continue
            if isinstance(found, Busy):
                raise LockLost(
                    f"Another campaign has taken the sheet's lock over: {found.owner}. Nothing more is sent by this one."
                )
            met = [tab for tab in found.left if tab.doubtful and tab.title not in known and not self._sibling(tab)]
            if met:
                self._lost = (
                    f"Another campaign had taken the sheet's lock over, and ended in the middle: {met[0].record.owner}. "
                    "Nothing more is sent by this one: run the task again."
                )
                self.sheet_id = 0  # not to be released: whoever comes next must know what that one may have sent
                raise LockLost(self._lost)
            return found
        raise SheetUnavailable("The working tab in the spreadsheet could not be written: run the task again.")

    def let_go(self) -> None:
        """Give back what was taken before anything was sent: nothing is in doubt then. What dead holders left stays."""
        # What this very process left, by a first batch without an answer.
        own = [tab for tab in self.left if tab.record.holder == self._record.holder]
        kept = [tab.title for tab in self.left if tab not in own]
        with contextlib.suppress(SheetError):
            if not (self.sheet_id and kept):
                self.release()
                return
            self._record.left = kept
            for _ in range(3):
                with contextlib.suppress(WriteInDoubt):
                    self.write([delete_tab(tab.sheet_id) for tab in own], [], [], LOG, 0)
                    return

    def release(self) -> None:
        """Give the lock back; only once nothing is left to be put right."""
        if not self.sheet_id:
            return
        count, own = self._record.owner.partitions, self._record.owner.partition
        left = {tab.sheet_id for tab in self.left}
        if count > 1:
            left |= {tab.sheet_id for tab in self._api.tabs() if tab.title.startswith(self._left_prefix)}
        alone: list[dict[str, Any]] = []
        for partition in range(count):
            if partition != own:  # adding another partition's tab fails while that partition is at work
                fresh = self._draw()
                alone += [add_tab(self._work_title(partition), fresh, 1, 1), delete_tab(fresh)]
        rest = [*map(delete_tab, sorted(left)), delete_tab(self._lock_id)]
        if not self._released([*alone, delete_tab(self.sheet_id), *rest]):
            self._released([self._beat(self._lock_id), delete_tab(self.sheet_id)])
            self._released([*alone, *rest])  # the other may have tried at the same time, and found this one at work
        self.sheet_id, self.left = 0, []

    def _released(self, requests: Requests) -> bool:
        """Apply the last batch; False when another partition is at work."""
        requests, doubts = list(requests), 0
        while doubts < 3:
            try:
                self._batch(requests, [], 0)
            except TabExists:
                return False
            except TabGone as error:
                gone = delete_tab(error.sheet_id or 0)
                if gone not in requests or error.sheet_id in (self._lock_id, self.sheet_id):
                    return True  # an answer was lost, or a person was faster
                requests.remove(gone)  # the read of what is left lagged
            except WriteInDoubt:
                doubts += 1
            else:
                return True
        return True
