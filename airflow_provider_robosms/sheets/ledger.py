"""The sheet as a campaign's ledger: claim rows, verify the claims, write results to where the recipients are now.

Sheets offers no compare-and-set, and a range resolves when the server applies it: between reading and writing, a person may
sort, insert or delete. So every write goes through the same round::

    snapshot (who stands where) ──▶ write ──▶ read the written rows back ──▶ anything not as wanted? again

* Only a row whose recipient and claim were both read back is sent, with the text that the row had then.
* A write that landed on another person's row is recognised in the next snapshot, and that row gets back what it held.
* Of two runs that claim the same row at once, at most one sends (Fischer's mutual exclusion): claims wait :data:`SETTLE`
  seconds before they are read back, and who needed :data:`ARRIVE_WITHIN` from looking to writing does not rely on its claim.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from typing import Any

from ..campaign.ledger import Flushed, LedgerError
from ..campaign.message import Outcome
from ..gateway.outcome import Status
from . import moved_columns
from .api import SpreadsheetApi
from .cells import inert
from .columns import DETAIL, OWNED, RELEASED, STATUS, Cells, Columns
from .errors import SheetError, WriteInDoubt, WriteTooLate
from .layout import ensure_columns
from .marks import Run
from .misplaced import DEFINITE, Misplaced, Wish, other_refs
from .plan import OVERWRITTEN, TAKEN, Note, SheetPlan, skipped_by_tool, skipped_cells, unknown_cells
from .rows import RowReader
from .snapshot import Snapshot, blocks_of, read_all, read_places, read_rows, take

#: Between the write of a claim and its read-back (seconds). No shorter than :data:`ARRIVE_WITHIN`.
SETTLE = 4.0
#: The most between a look at the sheet and the arrival of a claim that rests on it (seconds). It is begun in half of that.
ARRIVE_WITHIN = 4.0
#: Rounds of one flush; more are only needed while people keep moving rows under it.
ROUNDS = 6
_TOO_LATE = "another run may have taken them while Google was slow; the next run sends to them if not"


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
    ) -> None:
        self.chunk = chunk
        #: Keys whose result found no row: the recipient was deleted from the sheet.
        self.orphans: list[str] = []
        #: Rows that were planned and not sent after all, by reason.
        self.dropped: Counter[str] = Counter()
        #: Rows that turned out to be skipped when their claim was verified, by reason.
        self.skipped_late: Counter[str] = Counter()
        self._api = api
        self._plan = plan
        self._reader_for = reader_for
        self._reader = plan.reader
        self._run = run
        self._zone = zone
        self._now = now
        self._sleep = sleep
        self._clock = clock
        self._looked_at = 0.0
        self._backlog = deque(plan.backlog)
        self._notes: dict[str, Note] = dict(plan.notes)
        self._results: dict[str, Outcome] = {}
        self._releases: set[str] = set()
        # Claims that arrived too late to rely on. They stand until the end, lest a third run takes such a row for free; what
        # other runs had written by then tells at the end whether one of them was at work meanwhile.
        self._late: set[str] = set()
        self._settled: set[str] = set()
        self._others_before: set[str] = set()
        self._misplaced = Misplaced(run, plan.owns)
        self._claimed: dict[str, str] = {}
        self._seen: frozenset[str] = plan.seen
        self._first = True
        self._large = False
        self._last = Snapshot(plan.reader.columns)
        # The last round that is not known to have come true; also from one flush to the next, should Google fail in between.
        self._previous = _Round()

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        """Write results, take claims back, claim the next chunk; see :class:`~..campaign.ledger.Ledger`."""
        self._results.update(results)
        self._releases.update(returned)
        if final:
            self._releases |= self._late
        claims = (
            dict.fromkeys(self._backlog.popleft() for _ in range(min(self.chunk, len(self._backlog)))) if claim else {}
        )
        flushed = Flushed()
        try:
            self._rounds(claims, flushed, final=final)
        except SheetError as error:
            self._releases.update(claims)
            raise LedgerError(str(error), permanent=error.permanent) from None
        self._backlog.extendleft(reversed(claims))  # claims that could not be verified: the sheet keeps moving
        if final:
            self._report_orphans(flushed)
        flushed.exhausted = not self._backlog
        return flushed

    def _report_orphans(self, flushed: Flushed) -> None:
        snapshot = self._last
        homeless = [key for key in self._results if key not in snapshot.where]
        for key in homeless:
            del self._results[key]
        self.orphans += homeless
        flushed.delivered += homeless
        self._releases = {key for key in self._releases if key in snapshot.where}
        if self._results or self._releases:
            raise LedgerError("The sheet changed too fast to write the results into it: run the task again.")

    def _rounds(self, claims: dict[str, None], flushed: Flushed, *, final: bool) -> None:
        for attempt in range(ROUNDS):
            previous, this, done = self._previous, _Round(), False
            try:
                done = self._round(previous, this, claims, flushed, final=final)
            except WriteInDoubt:
                if attempt == ROUNDS - 1:
                    raise
                self._sleep(2.0**attempt)
            finally:
                self._previous = _Round() if done else this if this.snapshot else previous
            if done:
                return

    def _round(self, previous: _Round, this: _Round, claims: dict[str, None], flushed: Flushed, *, final: bool) -> bool:
        """Look, write and read back once; *this* is filled as it goes. Return whether all is as wished."""
        snapshot = self._last = self._snapshot()
        if previous.snapshot is None:
            self._misplaced.mark(snapshot)
        elif self._compare(previous, previous.snapshot, snapshot, claims, flushed):
            return False
        wishes = self._wishes(snapshot, claims, flushed, final=final)
        self._first = False
        if not wishes:
            return True
        this.snapshot = snapshot
        writes: dict[int, tuple[Cells, Cells]] = {}
        for number, wish in wishes.items():
            present = snapshot.rows[number][1]
            if present != wish.cells:
                writes[number] = (present, wish.cells)
        claimed = {number: wish for number, wish in wishes.items() if wish.kind == "claim"}
        others = {number: wish for number, wish in wishes.items() if wish.kind != "claim"}
        if writes and not self._write(this, wishes, writes, claimed):
            return False
        # Everything but claims is read back at once: should it have landed on another row, that row must not wait.
        unresolved = self._verify(snapshot, others, claims, flushed)
        for wish in claimed.values():
            if wish.key in self._late and wish.key in claims:
                self._drop(claims, wish.key, _TOO_LATE)
        claimed = {number: wish for number, wish in claimed.items() if wish.key in claims}
        # A claim of ours that we did not write is from a try that died; perhaps just now, before it had settled.
        keys = {wish.key for wish in claimed.values() if wish.key is not None}
        if claimed.keys() & writes.keys() or not keys <= self._settled:
            self._sleep(SETTLE)
            self._settled |= keys
        this.unresolved = unresolved | self._verify(snapshot, claimed, claims, flushed)
        return not this.unresolved

    def _write(
        self,
        this: _Round,
        wishes: dict[int, Wish],
        writes: dict[int, tuple[Cells, Cells]],
        claimed: dict[int, Wish],
    ) -> bool:
        """Write what this round wishes; tell whether it was done, for a claim must not rest on an old look at the sheet."""
        snapshot = this.snapshot
        assert snapshot is not None  # noqa: S101 - set by the caller
        new = [number for number in claimed if number in writes]
        by = None
        if new:
            if self._clock() > self._looked_at + ARRIVE_WITHIN / 2 and not self._still_so(snapshot, new):
                return False
            by = self._looked_at + ARRIVE_WITHIN / 2
        this.wishes, this.writes, this.unresolved = wishes, writes, wishes
        try:
            self._api.write(list(blocks_of(snapshot.columns, writes)), by=by)
        except WriteTooLate:
            this.wishes, this.writes, this.unresolved = {}, {}, {}
            return False
        finally:
            if this.writes:
                keys = {key for number in new if (key := claimed[number].key) is not None}
                if self._clock() < self._looked_at + ARRIVE_WITHIN:
                    self._late -= keys
                else:
                    if keys and not self._late:
                        self._others_before = other_refs(self._run, snapshot)
                    self._late |= keys
        return True

    def _still_so(self, snapshot: Snapshot, numbers: Sequence[int]) -> bool:
        """Look again at rows that are about to be claimed; tell whether they are as in the snapshot."""
        rows = read_rows(self._api, snapshot.columns, numbers)
        self._looked_at = self._api.asked_at
        return rows is not None and all(
            (self._reader.key(rows[number]), snapshot.columns.cells(rows[number])) == snapshot.rows[number]
            for number in numbers
        )

    def _compare(
        self, previous: _Round, before: Snapshot, snapshot: Snapshot, claims: dict[str, None], flushed: Flushed
    ) -> bool:
        """Hold the sheet against the round before; tell whether that called for a write that needs another look."""
        moved = snapshot.columns != before.columns
        if moved and self._undo_columns(before, snapshot, previous.writes):
            return True
        if previous.unresolved:
            self._misplaced.find(before, snapshot, previous.wishes.values())
        self._misplaced.mark(snapshot)
        if not moved:
            self._find_changed(before, snapshot, previous.unresolved, claims, flushed)
        return False

    # Round, step 1: what is there.

    def _snapshot(self) -> Snapshot:
        if not self._first and self._large:
            snapshot = read_places(self._api, self._reader)
            self._looked_at = self._api.asked_at
            if snapshot is not None:
                return snapshot
        # The first time, or the columns have moved: look at everything.
        kept = self._plan.take_rows()
        if kept is not None and self._clock() <= kept[2] + ARRIVE_WITHIN / 2:
            columns, rows, self._looked_at = kept
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
        self._looked_at = self._api.asked_at
        return columns, rows

    def _undo_columns(self, before: Snapshot, after: Snapshot, writes: dict[int, tuple[Cells, Cells]]) -> bool:
        """Give other columns back what they held, should columns have been moved just before our write; tell if any."""
        if before.whole is None or after.whole is None:
            return False
        blocks = moved_columns.undo(before.columns, before.whole, writes, after.columns, after.whole)
        if blocks:
            self._api.write(blocks)
        return bool(blocks)

    # Step 2: what should be there.

    def _wishes(self, snapshot: Snapshot, claims: dict[str, None], flushed: Flushed, *, final: bool) -> dict[int, Wish]:
        wishes: dict[int, Wish] = {}
        if self._first:
            wishes.update(self._positional_notes(snapshot))
        for key, note in list(self._notes.items()):
            self._wish_note(snapshot, wishes, key, note)
        self._wish_releases(snapshot, wishes)
        for key, outcome in list(self._results.items()):
            place = self._place(snapshot, key)
            if place is None:
                continue
            held = snapshot.held(place)
            answered = held[STATUS] in DEFINITE and not self._run.foreign_to(key, held[STATUS], held[DETAIL])
            if outcome.reason == "crash" and answered:
                self._delivered(key, flushed)  # a try that was thought dead has written the gateway's answer
                continue
            wishes[place] = Wish(key, self._result_cells(key, outcome), "result")
        detail = self._run.detail(self._now())
        for key in list(claims):
            self._wish_claim(snapshot, wishes, claims, key, detail)
        for number, held in snapshot.undone.items():
            wishes.setdefault(number, Wish(snapshot.rows[number][0], held, "repair"))
        if final:
            self._wish_no_claims(snapshot, wishes)
        return wishes

    def _wish_no_claims(self, snapshot: Snapshot, wishes: dict[int, Wish]) -> None:
        """At the end, no row carries a claim of ours for somebody else: a person has put another number there since. Should
        the row's own recipient have stood in the sheet before, then what it held is not known any more."""
        for number, (key, cells) in snapshot.rows.items():
            if number not in wishes and self._claimed.get(cells[0], key) != key:
                wishes[number] = Wish(
                    key, unknown_cells(OVERWRITTEN, self._run, key) if key in self._seen else RELEASED, "repair"
                )

    def _positional_notes(self, snapshot: Snapshot) -> dict[int, Wish]:
        """Rows that have no key of their own: without a number, or duplicates of another row."""
        notes = {}
        for number, cells in self._plan.positional(snapshot, self._run, self._now()):
            key, present = snapshot.rows[number]
            if present != cells:
                notes[number] = Wish(key, cells, "note")
        return notes

    def _wish_note(self, snapshot: Snapshot, wishes: dict[int, Wish], key: str, note: Note) -> None:
        """A skip or a left-over claim: written only over what it was planned for, never over a status that came since."""
        for number in snapshot.where.get(key, ()):
            present = snapshot.held(number)
            if note.replaces is not None:
                fits = present[0] == note.replaces
            else:
                fits = not present[0].strip() or skipped_by_tool(present) or self._run.owns(present[0])
            if fits and snapshot.rows[number][1] != note.cells and number not in wishes:
                wishes[number] = Wish(key, note.cells, "note")
                return
        del self._notes[key]

    def _wish_releases(self, snapshot: Snapshot, wishes: dict[int, Wish]) -> None:
        others = self._late & self._releases and other_refs(self._run, snapshot) - self._others_before
        for key in list(self._releases):
            places = [n for n in snapshot.where.get(key, ()) if snapshot.rows[n][1][0] == self._run.mark(key)]
            if places:
                # Our claim came late, and over what another run had put there: it may have texted them.
                doubtful = key in self._late and (others or any(snapshot.rows[places[0]][1][1:5]))
                cells = unknown_cells(TAKEN, self._run, key) if doubtful else RELEASED
                wishes[places[0]] = Wish(key, cells, "release")
            elif key in snapshot.where:
                self._releases.discard(key)

    def _wish_claim(
        self, snapshot: Snapshot, wishes: dict[int, Wish], claims: dict[str, None], key: str, detail: str
    ) -> None:
        places = snapshot.where.get(key)
        if not places:
            self._drop(claims, key, "deleted from the sheet")
            return
        mark = self._run.mark(key)
        self._claimed[mark] = key
        own = [n for n in places if snapshot.rows[n][1][0] == mark]
        if own and key in self._late:
            self._drop(claims, key, _TOO_LATE)
            return
        if own:
            wishes[own[0]] = Wish(key, snapshot.rows[own[0]][1], "claim")
            return
        free = [n for n in places if not snapshot.held(n)[0].strip() or skipped_by_tool(snapshot.held(n))]
        if len(free) < len(places):
            self._drop(claims, key, "got a status meanwhile")
            return
        wishes[free[0]] = Wish(key, (mark, "", "", "", "", detail), "claim")

    def _place(self, snapshot: Snapshot, key: str) -> int | None:
        """Return the row for the result of *key*: the one with our claim, else the likeliest."""
        places = snapshot.where.get(key)
        if not places:
            return None
        mark = self._run.mark(key)

        def rank(number: int) -> tuple[int, int]:
            cells = snapshot.held(number)
            if cells[0] == mark:
                return (0, number)
            if self._run.foreign_to(key, cells[STATUS], cells[DETAIL]):
                return (1, number)  # a crash left on it what was meant for another row
            return (3 if skipped_by_tool(cells) else 2, number)

        return min(places, key=rank)

    # Step 3: did it come true?

    def _verify(
        self, snapshot: Snapshot, wishes: dict[int, Wish], claims: dict[str, None], flushed: Flushed
    ) -> dict[int, Wish]:
        """Read the written rows back; settle what is as wished and return the rest."""
        if not wishes:
            return {}
        rows = read_rows(self._api, snapshot.columns, list(wishes))
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
                claims.pop(wish.key)
                planned = self._reader.plan(row, wish.key, now)
                if planned.message is not None:
                    flushed.messages.append(planned.message)
                else:
                    reason = planned.skip or ""
                    self.skipped_late[reason] += 1
                    self._notes[wish.key] = Note(skipped_cells(reason))
            else:
                self._settle(wish, flushed)
        return unresolved

    def _settle(self, wish: Wish, flushed: Flushed) -> None:
        if wish.key is None:
            return
        self._misplaced.settled(wish)
        if wish.kind == "result":
            self._delivered(wish.key, flushed)
        elif wish.kind == "release":
            self._releases.discard(wish.key)
        elif wish.kind == "note" and wish.key in self._notes and self._notes[wish.key].cells == wish.cells:
            del self._notes[wish.key]

    def _delivered(self, key: str, flushed: Flushed) -> None:
        self._results.pop(key, None)
        flushed.delivered.append(key)

    def _drop(self, claims: dict[str, None], key: str, reason: str) -> None:
        claims.pop(key, None)
        self.dropped[reason] += 1

    # Step 4, if not: was it changed since?

    def _find_changed(
        self,
        before: Snapshot,
        after: Snapshot,
        unresolved: dict[int, Wish],
        claims: dict[str, None],
        flushed: Flushed,
    ) -> None:
        """Settle what did arrive and was then changed, by a person or by another run: that is theirs to do."""
        for wish in unresolved.values():
            if wish.key is None:
                continue
            now = after.all_cells_of(wish.key)
            if not now or wish.cells in now or any(cells in now for cells in before.all_cells_of(wish.key)):
                continue  # gone, arrived, or not arrived yet: the next wishes see to it
            if wish.kind == "claim":
                if all(cells[STATUS] != self._run.mark(wish.key) for cells in now):
                    self._drop(claims, wish.key, "claimed by another run or changed by a person")
            elif wish.kind == "result" and any(not cells[STATUS].strip() for cells in now):
                continue  # a blank Status would be sent again by the next run: better that a person clears it twice
            else:
                self._settle(wish, flushed)

    def _result_cells(self, key: str, outcome: Outcome) -> Cells:
        sent = datetime.fromtimestamp(outcome.at, self._zone) if outcome.status is Status.SENT else None
        return (
            outcome.status.value,
            outcome.code or "",
            inert(outcome.message_id or ""),
            str(outcome.parts),
            f"{sent:%Y-%m-%d %H:%M:%S}" if sent else "",
            inert(f"{outcome.detail} (ref {self._run.ref(key)})"),
        )
