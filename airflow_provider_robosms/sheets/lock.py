"""One campaign at a time: the lock of a recipients' tab, and the working tab of the one who holds it.

The lock is a hidden tab whose title is fixed for the recipients' tab; ``addSheet`` fails when it exists, so one campaign
takes it. Beside it each partition of the campaign has a working tab. Both have random ids, and every batch of the campaign
touches both by id: Google refuses a batch as a whole when one of its tabs is gone (``No grid with id``). So whoever was taken
over (its tabs deleted by the one who took over) cannot write any more: the ids are fencing tokens.

Taking over keeps what the dead holder remembered: its working tab is duplicated under a new id before it is deleted.

Column A of the lock lists, from row 2 on and in the order in which they were applied, the batches of all partitions since all
last stood. When cells have to be put back, one partition does it, for all: it gives the lock a new id, so that the others
cannot write, and another one when all stands.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..campaign.owner import Owner
from ..campaigns_tab.carried import Requests, batch_with, begin_with
from ..campaigns_tab.line import CampaignLine
from ..recipients.columns import Columns
from ..sms.merge import normalise_header
from ..spreadsheet.a1 import column_letters, in_tab
from ..spreadsheet.api import Grid, SpreadsheetApi, Tab
from ..spreadsheet.errors import LockLost, SheetError, SheetUnavailable, TabExists, TabGone, WriteInDoubt
from ..spreadsheet.requests import add_tab, append, delete_tab, hide_tab, put, resize_tab
from .left import UNLISTED, LeftTab, batch_name, fence_off, holder_of, read_left
from .tabs import OwnTabs, prove_right, telling
from .working_tab import LOG, Record, columns_for, pack

#: A lock whose holder Airflow does not know (another Airflow, say) counts as dead after so long without a batch (seconds).
LOCK_EXPIRES = 900.0
#: A tab that exists may be missing in a read for so long: Google's reads lag behind its writes (seconds).
LAG = 6.0
#: Whoever puts right what was hit keeps the lock for so long afterwards: a plan that was read before is too old by then.
REST = 5 * LAG
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
    """The recipients' tab at the instant in which the lock was taken.

    :param header: row 1.
    :param columns: index -> the column's cells from row 2 on.
    :param late: whether the plan may have been read while cells had to be put back.
    """

    header: list[Any]
    columns: dict[int, list[Any]]
    late: bool

    def rows(self) -> Iterator[list[Any]]:
        """Yield the rows below the header, as far as these columns show them."""
        width = max(self.columns) + 1
        for at in range(max(map(len, self.columns.values()), default=0)):
            row: list[Any] = [None] * width
            for place, column in self.columns.items():
                row[place] = column[at] if at < len(column) else None
            yield row


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
        #: What all working tabs say that were read: those left, and those of the campaign's other partitions.
        self.logs: list[LeftTab] = []
        #: The batches since all last stood, in their order, see :func:`~.left.in_order`.
        self.order: list[str] = []
        #: Title of each tab in which an image may be, by its id.
        self.titles: dict[int, str] = {}
        #: Whether only this partition may write.
        self.alone = False
        self._freed, self._settles = 0, 0.0
        # Whether there are batches of this process that may not stand.
        self._unsettled = False
        self._api, self._is_over, self._now, self.sleep = api, is_over, now, sleep
        self._rng = rng or random.SystemRandom()
        self._record = Record(spreadsheet, owner, journal, holder=f"{self._rng.getrandbits(64):x}", since=int(now()))
        self._tabs = OwnTabs(tab, owner.partitions, self._draw)
        self.title = self._tabs.work_of(owner.partition)
        self._lock_id = 0
        self.sheet_id = 0
        self._lost = ""
        self._rows, self._width = _ROWS, columns_for(tab.columns + 3)
        self._names = ("Phone", "ID", *([key_column] if key_column else []))
        self._records: dict[str, Record] = {}
        self._packed, self._columns, self._begun = list[str](), Columns(tab.title, []), 0.0
        self._read_at, self._in_use, self._held, self._batches = 0.0, False, False, 0

    def next_batch(self) -> int:
        """Return the number of another batch: none of this process has it twice."""
        self._batches += 1
        return self._batches

    @property
    def identity(self) -> str:
        """The column by which recipients are known; blank for Phone."""
        return self._record.identity

    def name_of(self, number: int, *, results_only: bool = False) -> str:
        """Return what names a batch of this process, see :func:`~.left.batch_name`."""
        return batch_name(self._record.holder, number, results_only=results_only)

    def _draw(self) -> int:
        return self._rng.randrange(1 << 20, 1 << 31)

    # Taking it.

    def plan_read(self, tab: Tab, at: float, *, in_use: bool) -> None:
        """Take in that a plan was made of what was read.

        :param tab: the recipients' tab.
        :param at: when reading began, in seconds since the epoch.
        :param in_use: whether there was a lock then, or a working tab.
        """
        self.tab, self._read_at, self._in_use = tab, at, in_use

    def take(self, intents: Iterable[str], columns: Columns) -> Taken | Busy:
        """Take the lock, join the campaign's other partitions, or take a dead holder's over; or say who holds it.

        Whoever has it already has its intents changed, and is told how the tab stands now.

        :param intents: hashes of what may be sent once this returns.
        :param columns: the columns as they were read.
        """
        self._record.identity = self._identity(columns)
        return self._hold(intents, columns)

    def _hold(self, intents: Iterable[str], columns: Columns) -> Taken | Busy:
        self._packed, self._columns, self._begun = pack(intents), columns, self._now()
        self._held = self.sheet_id != 0
        waits: Busy | None = None
        doubt: WriteInDoubt | None = None
        tries = 0
        while tries < _TRIES:
            try:
                if not (self._held or self._in_use):
                    return self._create()
            except TabExists:
                pass  # somebody was faster
            except WriteInDoubt as error:
                doubt = error
            try:
                found = self._join()
                if found is None and (self._held or self._in_use):
                    found = self._create()
            except (TabGone, TabExists):
                found = None  # somebody was faster: look again
            except WriteInDoubt as error:
                found, doubt = None, error
            waits = found if isinstance(found, Busy) and self._puts_right(found) else None
            if found is not None and waits is None:
                return found
            # Whoever has a working tab stays until the other partition is done.
            tries += 0 if waits is not None and self._held else 1
            self.sleep(LAG / 4)
        if waits is not None:
            return waits
        raise doubt or SheetUnavailable("The sheet's lock changes hands all the time: run the task again.")

    def _puts_right(self, busy: Busy) -> bool:
        """Tell whether it is another partition of this campaign, which puts right what was hit: that does not take long."""
        mine, theirs = self._record.owner, busy.owner
        return theirs.campaign == mine.campaign and theirs.partition != mine.partition

    def _create(self) -> Taken:
        grids = self._own(self._new_lock(lock_id := self._draw(), [UNLISTED], alone=False, freed=0), lock_id)
        self._freed, self.alone = 0, False
        return self._finish(grids)

    def _new_lock(self, lock_id: int, listed: Sequence[str], *, alone: bool, freed: int) -> list[dict[str, Any]]:
        rows = [[replace(self._record, alone=alone, freed=freed).text()], *([one] for one in listed)]
        return [add_tab(self._tabs.lock, lock_id, len(rows), 3), put(lock_id, 0, 0, rows)]

    def _relocked(self, old: int, fresh: int, *, alone: bool) -> list[dict[str, Any]]:
        record = replace(self._record, alone=alone, freed=self._freed).text()
        return self._tabs.relock(old, fresh, record, self._beaten())

    def _own(
        self, requests: list[dict[str, Any]], lock_id: int, left: Sequence[str] = (), others: Sequence[str] = ()
    ) -> list[Grid]:
        """Add the working tab, and show what the protocol starts from, with what is *left* and *others* of its tabs."""
        columns, sheet_id = self._columns, self._draw()
        record = replace(self._record, end=LOG, left=list(left))
        requests = [
            *requests,
            self._beat(lock_id),
            add_tab(self.title, sheet_id, _ROWS, self._width),
            put(sheet_id, 0, 0, [[record.text()], self._packed]),
            *prove_right(self.tab, columns),
        ]
        shown = [in_tab(columns.tab, "1:1")]
        shown += [
            in_tab(columns.tab, f"{column_letters(at)}:{column_letters(at)}") for at in telling(columns, self._names)
        ]
        shown += [in_tab(self._tabs.lock, "A:A"), *(in_tab(title) for title in (*left, *others))]
        grids = begin_with(self.line, self._api, requests, shown, sheet_id, self.title)
        self._lock_id, self.sheet_id, self._rows, self._record = lock_id, sheet_id, _ROWS, record
        self.order, self.logs, self.titles = self._tabs.listed(grids), [], {sheet_id: self.title}
        return grids

    def _finish(self, grids: list[Grid]) -> Taken:
        header, *told = [grid for grid in grids if grid.title == self._columns.tab]
        cells = {grid.column: [row[0] if row else None for row in grid.rows[1:]] for grid in told}
        # What was read until then may be what cells held that were hit; reads lag. Of a lock that is gone nobody knows when
        # that was, but it was kept for some time after. And who joined a moment ago may have been in none of the reads.
        late = self._freed > self._read_at - LAG
        if not self._held:
            unseen = {holder_of(name) for name in self.order} - {UNLISTED, *(tab.record.holder for tab in self.logs)}
            late = late or bool(unseen) or self._now() - self._read_at > REST - LAG
            self._settles = self._now() if unseen else 0.0
        return Taken(header.line(0), cells, late)

    def wait_for_reads(self) -> None:
        """Wait until reads show nothing any more that had to be put back, and everybody who may have to."""
        self.sleep(max(0.0, max(self._freed, self._settles) + LAG - self._now()))

    def _join(self) -> Taken | Busy | None:
        """Decide about a lock that exists; None when it, or what belongs to it, cannot be seen: longer than reads lag, and
        a person deleted it."""
        tabs = self._api.tabs()
        lock = next((tab for tab in tabs if tab.title == self._tabs.lock), None)
        works = [tab for tab in tabs if tab.title.startswith(self._tabs.work)]
        lefts = sorted((tab for tab in tabs if tab.title.startswith(self._tabs.left)), key=lambda tab: tab.title)
        self._records = {}
        if lock is None and not works:
            return None
        record, seen = self._look_at(lock, works)
        named = {title for found in self._records.values() for title in found.left}
        if not named <= {tab.title for tab in lefts} and self._now() - self._begun < LAG:
            return None  # the read lags: what a dead holder may have sent must be known first
        self._freed, self.alone = record.freed if record is not None else 0, False
        if lock is None and any(one.owner.campaign == self._record.owner.campaign for one in self._records.values()):
            return self._share(None, works, lefts)  # a person deleted the lock, and nobody holds another
        if record is not None and record.spreadsheet == self._record.spreadsheet:
            mine, theirs = self._record.owner, record.owner
            if theirs.campaign == mine.campaign:
                peer = self._records.get(self.title)
                if peer is not None and self.sheet_id and peer.holder != self._record.holder:
                    return Busy(peer.owner, record.since, seen)  # a later try of this very task, which knows more
                if record.alone and theirs.partition != mine.partition and self._now() - seen < LOCK_EXPIRES:
                    return Busy(theirs, record.since, seen)
                self.alone = record.alone
                if peer is None or peer.owner.map_index == mine.map_index or self._now() - seen >= LOCK_EXPIRES:
                    return self._share(lock, works, lefts)
                return Busy(peer.owner, record.since, seen)
            if not self._is_over(theirs) and self._now() - seen < LOCK_EXPIRES:
                return Busy(theirs, record.since, seen)
        return self._take_over(lock, works, lefts)

    def _look_at(self, lock: Tab | None, works: Sequence[Tab]) -> tuple[Record | None, float]:
        """Return what a lock says now; reads lag, so it is asked for in the answer of a write that changes nothing."""
        shown = [in_tab(self._tabs.lock, "A1:B1")] if lock is not None else []
        shown += [in_tab(tab.title, "A1") for tab in works]
        grids = self._api.batch([hide_tab((lock or works[0]).sheet_id)], shown)
        cells = next((grid for grid in grids if grid.title == self._tabs.lock), None)
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
            left.append((fresh, self._tabs.left_now(self._now(), fresh)))
            requests += fence_off(tab.sheet_id, *left[-1])
        lock_id = self._draw()
        if lock is None:
            requests += self._new_lock(lock_id, [UNLISTED], alone=False, freed=0)
        elif at_work is None or self.alone:
            requests += self._relocked(lock.sheet_id, lock_id, alone=self.alone)
        else:
            lock_id = lock.sheet_id
        others = [(tab.sheet_id, tab.title) for tab in at_work or []]
        grids = self._own(requests, lock_id, [title for _, title in left], [title for _, title in others])
        found = [one for at in left if (one := read_left(*at, grids, self._record)) is not None]
        siblings = [one for at in others if (one := read_left(*at, grids, self._record)) is not None]
        # What a partition that is at work left before is its own to settle: it knows more.
        busy = {one.record.owner.partition for one in siblings}
        self.left = [one for one in found if not (self._sibling(one) and one.record.owner.partition in busy)]
        self.logs = [*found, *siblings]
        self.titles |= dict([*left, *others])
        return self._finish(grids)

    def _cut(self, tab: LeftTab) -> int | None:
        """Return which partition of this very campaign has left a tab; None for another campaign, or one cut otherwise."""
        mine, theirs = self._record.owner, tab.record.owner
        same = (theirs.campaign, theirs.partitions) == (mine.campaign, mine.partitions)
        return theirs.partition if same else None

    def _sibling(self, tab: LeftTab) -> bool:
        return self._cut(tab) not in (None, self._record.owner.partition)

    def _identity(self, columns: Columns) -> str:
        names = [normalise_header(name) for name in self._names[:0:-1] if columns.only(name) is not None]
        return names[0] if names and names[0] != "phone" else ""

    # Holding it.

    def _beat(self, lock_id: int) -> dict[str, Any]:
        """Touch the lock by its id; the cell tells others when its holder last wrote."""
        if self._lost:
            raise LockLost(self._lost)
        return put(lock_id, 0, 1, [[self._beaten()]])

    def _beaten(self) -> str:
        return str(int(self._now()))

    def write(
        self,
        requests: Requests,
        show: Sequence[str],
        intents: Iterable[str],
        end: int,
        width: int,
        *,
        listed: int = 0,
        anew: bool = False,
    ) -> list[Grid]:
        """Apply a batch that only the holder of the lock can apply.

        :param intents: hashes of what may be sent until the next batch.
        :param end: where the working tab's log ends after it (index of the row).
        :param width: cells of the recipients' rows that it copies.
        :param listed: its number; 0 for a batch that writes no rows, and is not listed.
        :param anew: give the lock a new id, so that no batch which another partition has made by the same look is applied.
        :raises TabGone: when the lock was lost; nothing was applied.
        :raises WriteInDoubt: see :meth:`refresh`.
        """
        record = replace(self._record, end=end)
        rows, columns = max(self._rows, end), max(self._width, columns_for(width))
        grown = (rows, columns) != (self._rows, self._width)
        lock_id = self._draw() if anew else self._lock_id
        state = [
            self._beat(self._lock_id),
            *([append(self._lock_id, self.name_of(listed))] if listed else []),
            *(self._relocked(self._lock_id, lock_id, alone=self.alone) if anew else []),
            *([resize_tab(self.sheet_id, rows, columns)] if grown else []),
            put(self.sheet_id, 0, 0, [[record.text()], pack(intents)]),
        ]
        found = self._batch([*state, *requests], show, self.sheet_id)
        self._record, self._rows, self._width, self._lock_id = record, rows, columns, lock_id
        self._unsettled = self._unsettled or listed > 0
        return found

    def _batch(self, requests: Requests, show: Sequence[str], working: int) -> list[Grid]:
        return batch_with(self.line, self._api, requests, show, working, self.title)

    def leave(self) -> None:
        """End a campaign that keeps its lock for a retry: let others write, and write the campaign's line by itself."""
        if self.alone and self.sheet_id:
            with contextlib.suppress(SheetError):
                let_write = self._relocked(self._lock_id, fresh := self._draw(), alone=False)
                self._api.batch([self._beat(self._lock_id), self._touch(self._record), *let_write])
                self._lock_id, self.alone = fresh, False
        if self.line is not None and self.line.trouble is None and self.sheet_id:
            with contextlib.suppress(SheetError):  # the line is to be looked at, and no more
                self._batch([self._beat(self._lock_id), self._touch(self._record)], [], self.sheet_id)

    def _touch(self, record: Record) -> dict[str, Any]:
        return put(self.sheet_id, 0, 0, [[record.text()]])

    def stand_alone(self) -> None:
        """Let only this partition write, until :meth:`free`, and read what all have written and left."""
        relocked = self._relocked(self._lock_id, fresh := self._draw(), alone=True)
        tabs = self._api.batch_tabs([self._beat(self._lock_id), self._touch(self._record), *relocked])
        self._lock_id, self.alone = fresh, True
        ours = [tab for tab in tabs if tab.title.startswith((self._tabs.work, self._tabs.left))]
        self.titles = {tab.sheet_id: tab.title for tab in ours}
        grids = self.show([in_tab(self._tabs.lock, "A:A"), *map(in_tab, self.titles.values())])
        self.order = self._tabs.listed(grids)
        self.logs = [one for at in self.titles.items() if (one := read_left(*at, grids, self._record)) is not None]

    def free(self, owed: Sequence[str], *, log_ends: bool) -> None:
        """Take in that nothing has to be put back any more, so that no batch so far says what was hit; let others write.

        :param owed: names of batches some of whose results are still to be written.
        :param log_ends: whether none of these is in the log of this working tab.
        """
        fresh, old = self._draw(), self._lock_id
        record = replace(self._record, end=LOG if log_ends else self._record.end)
        freed = int(self._now()) + 1
        lock = [delete_tab(old), *self._new_lock(fresh, owed, alone=False, freed=freed), self._beat(fresh)]
        self._api.batch([self._beat(old), self._touch(record), *lock])
        self._lock_id, self._record, self.alone, self._freed, self._unsettled = fresh, record, False, freed, False

    def show(self, show: Sequence[str], *, typed: bool = False) -> list[Grid]:
        """Return ranges of the spreadsheet as they are now, in the answer of a write: a read might lag."""
        return self._api.batch([self._beat(self._lock_id), self._touch(self._record)], show, typed=typed)

    def refresh(self, intents: Iterable[str], columns: Columns) -> Taken:
        """Take this holder's own working tab over, after a batch of which it is not known whether it was applied: from now on
        it cannot be applied any more, and what it did stands in the tab that is left.

        :raises LockLost: when another campaign has the lock by now.
        """
        known = {tab.title for tab in self.left}
        found = self._hold(intents, columns)
        if isinstance(found, Busy):
            raise LockLost(
                f"Another campaign has taken the sheet's lock over: {found.owner}. Nothing more is sent by this one."
            )
        met = [tab for tab in self.left if tab.doubtful and tab.title not in known and not self._sibling(tab)]
        if met:
            self._lost = (
                f"Another campaign had taken the sheet's lock over, and ended in the middle: {met[0].record.owner}. "
                "Nothing more is sent by this one: run the task again."
            )
            self.sheet_id = 0  # not to be released: whoever comes next must know what that one may have sent
            raise LockLost(self._lost)
        return found

    def let_go(self) -> None:
        """Give back what was taken before anything was sent: nothing is in doubt then. What dead holders left stays, and all
        while something is being put right."""
        if self._unsettled or self.alone:
            self.leave()
            return
        # What this very process left, by a first batch without an answer.
        own = [tab for tab in self.left if tab.record.holder == self._record.holder]
        kept = [tab.title for tab in self.left if tab not in own]
        with contextlib.suppress(SheetError):
            if not (self.sheet_id and kept):
                self.release()
                return
            self._record = replace(self._record, left=kept)
            for _ in range(3):
                with contextlib.suppress(WriteInDoubt):
                    self.write([delete_tab(tab.sheet_id) for tab in own], [], [], LOG, 0)
                    return

    def release(self) -> None:
        """Give the lock back; only once nothing is left to be put right."""
        for _ in range(_TRIES):
            if not self.sheet_id:
                return
            # Whoever begins next must not plan by what was hit, and may have begun to read before it was put right.
            self.sleep(max(0.0, self._freed + REST - self._now()))
            try:
                self._release()
                self.sheet_id, self.left = 0, []
            except TabGone:  # another partition has given the lock a new id
                self.refresh((), self._columns)

    def _release(self) -> None:
        mine, lock = delete_tab(self.sheet_id), delete_tab(self._lock_id)
        if self._record.owner.partitions == 1:
            self._delete([mine, *(delete_tab(tab.sheet_id) for tab in self.left), lock])
            return
        # What this partition left, when it died or after a batch without an answer, is settled by now.
        own = [delete_tab(tab.sheet_id) for tab in self.left if self._cut(tab) == self._record.owner.partition]
        self._delete([self._beat(self._lock_id), mine, *own])
        with contextlib.suppress(TabGone, TabExists, WriteInDoubt):  # another partition has done it, or will
            tabs = self._api.batch_tabs([self._beat(self._lock_id)])
            if not any(tab.title.startswith(self._tabs.work) for tab in tabs):
                left = [delete_tab(tab.sheet_id) for tab in tabs if tab.title.startswith(self._tabs.left)]
                # Without the line, whose last words stand by now.
                self._delete([self._beat(self._lock_id), *self._tabs.none_at_work(), *left, lock], told=True)

    def _delete(self, requests: list[dict[str, Any]], *, told: bool = False) -> None:
        """Apply a last batch; what people have deleted, or what this did whose answer was lost, is gone already.

        :param told: whether the campaign's line has its last words by now.
        """
        doubts = 0
        while requests and doubts < 3:
            try:
                self._api.batch(requests) if told else self._batch(requests, [], 0)
            except WriteInDoubt:
                doubts += 1
            except TabGone as error:
                gone = delete_tab(error.sheet_id or 0)
                if gone not in requests:
                    raise
                requests.remove(gone)
            else:
                return
