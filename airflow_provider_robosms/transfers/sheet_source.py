"""The sheet of a campaign: opened, planned and locked. It is loaded when a campaign runs, not with a DAG file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from ..campaign.journal import Memory, MemoryStore, Store
from ..campaign.owner import Owner
from ..campaigns_tab.line import CampaignLine
from ..operators.state import noted
from ..recipients.columns import check_own_columns
from ..recipients.merged import check_merged
from ..recipients.planning import plan_rows
from ..recipients.rows import RowReader
from ..recipients.wording import Wording
from ..recipients.workbook import Workbook, open_workbook
from ..sheets.lock import Busy, Lock
from ..sheets.plan import SheetPlan, begin
from ..sheets.results import CHUNK_SECONDS, MOST_ROWS, SheetResults
from ..spreadsheet.api import GoogleSpreadsheet

#: Reads and writes from the first look at a spreadsheet until a partition has joined the others. Waiting in between for a
#: share of the quota would make the plan too old for the lock, each time again.
_TO_THE_LOCK = (5, 4)
#: With a pace, a chunk is never smaller than this.
_LEAST_CHUNK = 50


@dataclass(frozen=True)
class SheetSettings:
    """What is asked for, once each setting is understood.

    :param spreadsheet: its key.
    :param recipients, templates, campaigns: titles of tabs; None for no tab of campaigns.
    :param key_column: the column that identifies a row; None for ID or Phone.
    :param partition, partitions: which share of the rows, from 0, and into how many they are split.
    :param limit: at most so many messages; None for all.
    :param same_number: whether rows with different keys may text one number.
    :param wording: where the texts come from; its templates are those of the sheet once that is read.
    :param zone: time zone of Send At and Sent At.
    """

    spreadsheet: str
    recipients: str
    templates: str
    campaigns: str | None
    key_column: str | None
    partition: int
    partitions: int
    limit: int | None
    same_number: bool
    wording: Wording
    zone: ZoneInfo


class SheetSource:
    """The sheet of one task.

    :param memory: what lasts of the task; None for a preview, which keeps and writes nothing.
    :param is_over: as :class:`~..sheets.lock.Lock` has it.
    """

    def __init__(
        self,
        api: GoogleSpreadsheet,
        wanted: SheetSettings,
        owner: Owner,
        memory: Memory | None,
        is_over: Callable[[Owner], bool | None],
    ) -> None:
        self._api, self._wanted, self._owner, self._memory, self._is_over = api, wanted, owner, memory, is_over
        self._key, self._read_at = "", 0.0
        self._lock: Lock | None = None

    def __enter__(self) -> SheetSource:
        return self

    def __exit__(self, *error: object) -> None:
        """Give a lock back that was taken for a plan that did not hold."""
        if self._lock is not None:
            self._lock.let_go()

    def open(self) -> Workbook:
        """Read the spreadsheet, with room for the calls up to the lock.

        A retry keeps to the key column that the first try used, whatever was renamed since.
        """
        wanted, chosen, memory = self._wanted, self._wanted.key_column, self._memory
        if memory is not None and memory.recovered and (first := noted(memory.store, "key_column")):
            chosen = first
        self._api.make_room(*_TO_THE_LOCK)
        self._read_at = time.time()
        book = open_workbook(
            self._api, wanted.recipients, wanted.templates, key_column=chosen, campaigns=wanted.campaigns
        )
        check_own_columns(book.columns, book.rows)
        self._key = chosen or ("ID" if book.columns.only("ID") is not None else "Phone")
        if memory is not None and not memory.recovered:
            memory.store.set("key_column", self._key)
        return book

    def plan(self, book: Workbook) -> SheetPlan:
        """Plan this task's share of what was read."""
        wanted, limit = self._wanted, self._wanted.limit

        def settled(key: str) -> bool:
            return self._memory is not None and self._memory.settles(key)

        wording = replace(
            wanted.wording,
            templates=book.templates,
            templates_tab=wanted.templates,
            has_templates_tab=book.has_templates_tab,
        )
        reader = RowReader(book.columns, wording, key_column=self._key, opted_out=book.opted_out, zone=wanted.zone)
        wording.check(book.columns)
        if limit is not None and self._memory is not None:  # what earlier tries of this run did counts, too
            limit = max(0, limit - self._memory.recovered.count)
        now = datetime.now(timezone.utc)
        plan = plan_rows(
            SheetPlan(reader, wanted.partition, wanted.partitions),
            book.rows,
            now=now,
            limit=limit,
            same_number=wanted.same_number,
            settled=settled,
        )
        check_merged(book.tab.merges, book.rows, reader, now)
        return plan

    def take(
        self, book: Workbook, plan: SheetPlan, line: CampaignLine | None, journal: str, chunks: Chunks
    ) -> SheetResults | Busy | None:
        """Take the lock, and return the sheet as the campaign's ledger; None when all must be read again, under the lock.

        :param line: the campaign's line in the tab Campaigns.
        :param journal: what names the journal, see :class:`~..sheets.plan.SheetPlan`.
        """
        lock = self._lock or Lock(
            self._api,
            self._wanted.spreadsheet,
            book.tab,
            self._owner,
            key_column=self._key,
            journal=journal,
            is_over=self._is_over,
        )
        lock.plan_read(book.tab, self._read_at, in_use=book.unsettled)
        lock.line = line
        first = list(plan.messages)[: chunks.first]
        self._lock = lock  # also when the plan is refused
        begun = begin(lock, plan, first, journal)
        if isinstance(begun, Busy):
            self._lock = None
            return begun
        if not begun:
            return None
        zone = self._wanted.zone
        found = SheetResults(self._api, lock, plan, first, chunk=len(first) or 1, most_chunk=chunks.most, zone=zone)
        if found.planned_by_hits:
            found.put_right()
            return None
        self._lock = None
        return found


@dataclass(frozen=True)
class Chunks:
    """How many rows are announced at once.

    :param first: by the lock's own batch: what keeps all senders busy while the next takes two calls, at 15 ms a message or
        more; or what a pace allows.
    :param most: what a crash leaves UNKNOWN where Airflow keeps no journal of the task.
    """

    first: int
    most: int

    @classmethod
    def of(cls, concurrency: int, max_per_second: float | None, store: Store) -> Chunks:
        """Return it for a campaign with these settings."""
        most = 5 * concurrency if isinstance(store, MemoryStore) else MOST_ROWS
        if max_per_second is not None:
            most = min(most, max(_LEAST_CHUNK, int(max_per_second * CHUNK_SECONDS)))
        return cls(min(most, 40 * concurrency), most)
