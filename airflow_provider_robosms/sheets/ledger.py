"""The sheet as a campaign's ledger: claim rows, verify the claims, write results to where the recipients are now.

Sheets offers no compare-and-set, and a range resolves when the server applies it: between reading and writing, a person may
sort, insert or delete. So every write goes through the same round::

    snapshot (who stands where) ──▶ write ──▶ read the written rows back ──▶ anything not as wanted? again

* Only a row whose recipient and claim were both read back is sent, with the text that the row had then.
* A write that landed on another person's row is recognised in the next snapshot, and that row gets back what it held
  (:mod:`.misplaced`, :mod:`.moved_columns`).
* Of two runs that claim the same row at once, at most one sends (:mod:`.exclusion`).

What the rows shall hold is the :mod:`.agenda`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from typing import Any

from ..campaign.ledger import Flushed, LedgerError
from ..campaign.message import Outcome
from . import moved_columns
from .agenda import Agenda
from .api import SpreadsheetApi
from .columns import DETAIL, OWNED, STATUS, Cells, Columns, face_of
from .errors import NotNoted, SheetError, WriteInDoubt, WriteTooLate
from .exclusion import Exclusion, Unproven
from .layout import ensure_columns
from .marks import Run, claimed_at
from .misplaced import Misplaced, Wish
from .plan import SheetPlan
from .rows import RowReader
from .snapshot import Snapshot, blocks_of, read_all, read_places, read_rows, take
from .states import is_free, is_released

#: Rounds of one flush; more are only needed while people keep moving rows under it.
ROUNDS = 6
#: Rounds of the last flush, after which nobody gives back what was hit by mistake.
LAST_ROUNDS = 20
#: Between two looks while only late claims are left (seconds): a stop must be heard in between.
LATE_LOOK = 2.0
#: A claim that arrived late may have been too large: the next ones are halved, down to this many rows.
LEAST_CHUNK = 100


@dataclass
class _Round:
    """One look at the sheet and what followed from it."""

    snapshot: Snapshot | None = None
    wishes: dict[int, Wish] = field(default_factory=dict)
    writes: dict[int, tuple[Cells, Cells]] = field(default_factory=dict)
    unresolved: dict[int, Wish] = field(default_factory=dict)


class SheetLedger:
    """The recipients' tab of one spreadsheet.

    :param reader_for: makes a row reader for the columns as they are now.
    :param chunk: rows that one flush claims.
    :param zone: time zone of Sent At.
    :param now: the wall clock, aware.
    :param clock: the steady clock of *api*.
    :param unproven: what the task's state knows of earlier tries' writes.
    """

    tracks_delivery = True
    #: Sheets of up to this many cells are read whole each time, so that whatever a write hits by mistake can be given back.
    #: Of larger ones only the columns that identify rows and the tool's own are read.
    whole_up_to = 100_000

    def __init__(
        self,
        api: SpreadsheetApi,
        plan: SheetPlan,
        reader_for: Callable[[Columns], RowReader],
        run: Run,
        *,
        chunk: int,
        zone: tzinfo,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        unproven: Unproven | None = None,
    ) -> None:
        self.chunk = chunk
        #: Keys whose result found no row: the recipient was deleted from the sheet.
        self.orphans: list[str] = []
        self._api = api
        self._plan = plan
        self._reader_for = reader_for
        self._reader = plan.reader
        self._run = run
        self._now = now
        self._sleep = sleep
        self._unproven = unproven or Unproven()
        self._exclusion = Exclusion(run, clock, self._unproven)
        self._agenda = Agenda(plan, run, self._exclusion, zone=zone, now=now)
        #: Rows that were planned and not sent after all, by reason; and those that a late look at their row left out.
        self.dropped, self.skipped_late = self._agenda.dropped, self._agenda.skipped
        self._misplaced = Misplaced(run, plan.owns)
        self._large = False
        self._last = Snapshot(plan.reader.columns)
        # The last round that is not known to have come true; also from one flush to the next, should Google fail in between.
        self._previous = _Round()
        self._undoing = moved_columns.Undoing(run)

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        """Write results, take claims back, claim the next chunk; see :class:`~..campaign.ledger.Ledger`."""
        agenda = self._agenda
        agenda.results.update(results)
        agenda.releases.update(returned)
        if final:
            agenda.give_back()
        if claim:
            agenda.claim_next(self.chunk)
        flushed = Flushed()
        try:
            self._rounds(flushed, final=final)
        except SheetError as error:
            agenda.releases.update(agenda.claims)
            agenda.releases.update(message.key for message in flushed.messages)
            agenda.claims = {}
            raise LedgerError(str(error), permanent=error.permanent) from None
        agenda.put_claims_back()
        if final:
            self.orphans += agenda.give_up_vanished(self._last)
            if agenda.open:
                raise LedgerError("The sheet changed too fast to write the results into it: run the task again.")
        flushed.delivered += agenda.take_delivered()
        flushed.exhausted = agenda.exhausted
        if claim and agenda.idle and not flushed.exhausted:
            self._sleep(LATE_LOOK)
        return flushed

    def _rounds(self, flushed: Flushed, *, final: bool) -> None:
        rounds = LAST_ROUNDS if final else ROUNDS
        for attempt in range(rounds):
            previous, this, done = self._previous, _Round(), False
            try:
                done = self._round(previous, this, flushed, final=final)
            except (WriteInDoubt, NotNoted):
                if attempt >= ROUNDS - 1:
                    raise
                self._sleep(2.0**attempt)
            finally:
                self._previous = _Round() if done else this if this.snapshot else previous
            if done:
                self._agenda.begun = not self._agenda.begin_again
                if not self._exclusion.late:
                    self._unproven.end()
                return

    def _round(self, previous: _Round, this: _Round, flushed: Flushed, *, final: bool) -> bool:
        """Look, write and read back once; *this* is filled as it goes. Return whether all is as wished."""
        snapshot = self._last = self._snapshot()
        if previous.snapshot is None:
            self._misplaced.mark(snapshot)
        elif self._compare(previous, previous.snapshot, snapshot):
            return False
        wishes = self._agenda.wishes(snapshot, final=final)
        self._misplaced.expect(wishes.values())
        if not wishes:
            return True
        this.snapshot = snapshot
        claimed = {number: wish for number, wish in wishes.items() if wish.kind == "claim"}
        others = {number: wish for number, wish in wishes.items() if wish.kind != "claim"}
        if not self._write(this, snapshot, wishes, claimed):
            return False
        # Everything but claims is read back at once: should it have landed on another row, that row must not wait.
        unresolved = self._verify(snapshot, others, flushed)
        self._agenda.hold_late()
        claimed = {number: wish for number, wish in claimed.items() if wish.key in self._agenda.claims}
        if claimed:
            keys = [wish.key for wish in claimed.values() if wish.key is not None]
            self._exclusion.settle(bool(claimed.keys() & this.writes.keys()), keys, self._sleep)
        this.unresolved = unresolved | self._verify(snapshot, claimed, flushed)
        more = any(wish.then is not None for wish in wishes.values()) or (
            final and self._agenda.skips_wait and this.writes
        )
        return not this.unresolved and not more

    def _write(self, this: _Round, snapshot: Snapshot, wishes: dict[int, Wish], claimed: dict[int, Wish]) -> bool:
        """Write what this round wishes; tell whether it was done, for a claim must not rest on an old look at the sheet."""
        writes: dict[int, tuple[Cells, Cells]] = {}
        for number, wish in wishes.items():
            present = snapshot.rows[number][1]
            if present != wish.cells:
                writes[number] = (present, wish.cells)
        if not writes:
            this.wishes, this.unresolved = wishes, wishes
            return True
        new = {number: wish.key for number, wish in claimed.items() if number in writes and wish.key is not None}
        self._note_unproven([wish for number, wish in wishes.items() if number in writes])
        if new and self._exclusion.is_old() and not self._still_so(snapshot, list(new)):
            return False
        by = self._exclusion.begin_by if new else None
        this.wishes, this.writes, this.unresolved = wishes, writes, wishes
        try:
            self._api.write(list(blocks_of(snapshot.columns, writes)), by=by)
        except WriteTooLate:
            this.wishes, this.writes, this.unresolved = {}, {}, {}
            return False
        finally:
            if this.writes:
                self._exclusion.arrived(new.values(), snapshot)
                if self._exclusion.late.keys() & set(new.values()):
                    self.chunk = max(min(self.chunk, LEAST_CHUNK), self.chunk // 2)
        return True

    def _note_unproven(self, wishes: Iterable[Wish]) -> None:
        """Tell the next try of what is about to be written and will not tell by itself whom it was meant for.

        Results and releases are written even when the task's state is away; claims are not.
        """
        wishes = list(wishes)
        now = claimed_at(self._run.detail(self._now()))
        moments = {claimed_at(wish.cells[DETAIL]) or now for wish in wishes if wish.kind != "result"}
        try:
            self._unproven.begin(filter(None, moments))
        except Exception:  # noqa: BLE001 - whatever keeps Airflow's task state away
            if any(wish.kind == "claim" for wish in wishes):
                sentence = "Airflow's task state could not be written, so no row was claimed: run the task again."
                raise NotNoted(sentence) from None

    def _still_so(self, snapshot: Snapshot, numbers: Sequence[int]) -> bool:
        """Look again at rows that are about to be claimed; tell whether they are as in the snapshot."""
        rows = read_rows(self._api, snapshot.columns, numbers)
        self._exclusion.looked(self._api.asked_at)
        return rows is not None and all(
            (self._reader.key(rows[number]), snapshot.columns.cells(rows[number])) == snapshot.rows[number]
            for number in numbers
        )

    def _compare(self, previous: _Round, before: Snapshot, snapshot: Snapshot) -> bool:
        """Hold the sheet against the round before; tell whether that called for a write that needs another look."""
        moved = snapshot.columns != before.columns
        suspected = moved or bool(previous.unresolved)
        wishes, writes = previous.wishes.values(), previous.writes
        if mends := self._undoing.mends(before, snapshot, wishes, writes, suspected=suspected):
            self._misplaced.disturbed = True
            self._misplaced.expect(self._undoing.clearing)
            self._api.write(list(moved_columns.blocks_of(snapshot.columns, mends)))
            return True
        if previous.unresolved:
            for wish in self._misplaced.find(before, snapshot, wishes, previous.unresolved.values()):
                if wish.kind != "claim":
                    self._settle(wish)
        self._misplaced.mark(snapshot)
        if not moved:
            self._find_changed(before, snapshot, previous.unresolved)
        return False

    # What is there.

    def _snapshot(self) -> Snapshot:
        if self._large:
            snapshot = read_places(self._api, self._reader)
            self._exclusion.looked(self._api.asked_at)
            if snapshot is not None:
                return snapshot
        # Not known to be large yet, or the columns have moved: look at everything.
        kept = self._plan.take_rows()
        if kept is not None and not self._exclusion.is_old(kept[2]):
            columns, rows, looked_at = kept
            self._exclusion.looked(looked_at)
        else:
            columns, rows = self._read_all(self._reader.columns.tab)
        if columns.missing:
            columns, rows = self._read_all(columns.tab)  # as fresh as can be: headers are about to be written
            columns = ensure_columns(self._api, columns, rows)
        columns.one(OWNED[STATUS])  # with two of them, moving a column would make all rows look unsent
        if columns != self._reader.columns:
            self._reader = self._reader_for(columns)
        self._large = len(rows) * len(columns.header) > self.whole_up_to
        return take(self._reader, rows)

    def _read_all(self, tab: str) -> tuple[Columns, list[list[Any]]]:
        columns, rows = read_all(self._api, tab)
        self._exclusion.looked(self._api.asked_at)
        return columns, rows

    # Did it come true?

    def _verify(self, snapshot: Snapshot, wishes: dict[int, Wish], flushed: Flushed) -> dict[int, Wish]:
        """Read the written rows back; settle what is as wished and return the rest."""
        if not wishes:
            return {}
        claimed = [wish.key for wish in wishes.values() if wish.kind == "claim" and wish.key is not None]
        numbers = {number for key in claimed for _, number in self._agenda.places_of(key, snapshot)}
        rows = read_rows(self._api, snapshot.columns, sorted(numbers | wishes.keys()))
        if rows is None:
            return wishes
        unresolved = {}
        now = self._now()
        for number, wish in wishes.items():
            row = rows[number]
            if self._reader.key(row) != wish.key or snapshot.columns.cells(row) != wish.cells:
                unresolved[number] = wish  # the row has moved, or was changed: only a look at the whole sheet can tell
            elif wish.kind == "claim":
                assert wish.key is not None  # noqa: S101 - claims are made for keys
                if not self._free_elsewhere(wish.key, number, snapshot, rows):
                    unresolved[number] = wish
                    continue
                del self._agenda.claims[wish.key]
                planned = self._reader.plan(row, wish.key, now)
                if planned.message is not None:
                    flushed.messages.append(planned.message)
                else:
                    self._agenda.skip(wish.key, planned.skip or "")
            else:
                self._settle(wish)
        return unresolved

    def _free_elsewhere(self, key: str, number: int, snapshot: Snapshot, rows: Mapping[int, Sequence[Any]]) -> bool:
        """Tell whether the recipient's rows beside the claimed one are theirs still, and claimed by nobody else."""
        for key_there, twin in self._agenda.places_of(key, snapshot):
            cells = snapshot.columns.cells(rows[twin])
            fine = is_free(cells) or cells[STATUS] == self._run.mark(key)
            if twin != number and not (fine and self._reader.key(rows[twin]) == key_there):
                return False
        return True

    def _settle(self, wish: Wish) -> None:
        if wish.key is not None:
            self._misplaced.settled(wish)
            self._agenda.settle(wish.key, wish)

    def _find_changed(self, before: Snapshot, after: Snapshot, unresolved: dict[int, Wish]) -> None:
        """Settle what did arrive and was then changed, by a person or by another run: that is theirs to do."""
        for wish in unresolved.values():
            if wish.key is None:
                continue
            now = after.all_cells_of(wish.key)
            if not now or wish.cells in now or any(cells in now for cells in before.all_cells_of(wish.key)):
                continue  # gone, arrived, or not arrived yet: the next wishes see to it
            if wish.kind == "claim":
                if not any(is_released(cells) or cells[STATUS] == self._run.mark(wish.key) for cells in now):
                    self._agenda.drop(wish.key, "claimed by another run or changed by a person")
            elif wish.kind == "result" and any(
                not cells[STATUS].strip() or cells[STATUS] == self._run.mark(wish.key) for cells in now
            ):
                continue  # a blank Status would be sent again by the next run: better that a person clears it twice
            elif wish.kind == "result" and any(face_of(cells) == wish.face for cells in now):
                continue  # the rest of it landed in columns that have moved back since
            else:
                self._settle(wish)
