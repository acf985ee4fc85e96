"""The sheet as a campaign's ledger: it hands out who may be texted next, and displays what became of each in its row.

Each flush is one look and one batch, which copies into the working tab what is about to be overwritten and the rows as they
stand then, writes results and the next intents, and shows in its answer what it hit: :mod:`.desired` has that put right.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from ..campaign.engine import Stop
from ..campaign.ledger import Flushed
from ..campaign.message import Message, Outcome
from ..gateway.outcome import Status
from ..recipients.columns import DETAIL, OWNED, STATUS, Columns, find_header
from ..recipients.own_cells import Row, is_free, result_cells
from ..recipients.refs import ref_in
from ..spreadsheet.api import Grid, SpreadsheetApi
from ..spreadsheet.errors import SheetError, TabGone, WriteInDoubt
from ..spreadsheet.requests import a1
from .batch import requests_of, shown_of
from .desired import Desired, Look, Op, Written
from .hits import Source
from .left import batch_name, in_order, written_by
from .lock import LAG, Lock
from .looking import Looking
from .plan import SheetPlan
from .working_tab import HEAD, LOG, OWN, SEEN, columns_hash, images_at, key_hash

#: Rounds of one flush; more are only needed while people keep moving rows under it.
ROUNDS = 4
#: Rounds of the last flush.
LAST_ROUNDS = 40
#: Rows of one batch: 2.5 MB. Google has no limit, and recommends about 2 MB.
MOST_ROWS = 6000
#: A chunk is what is sent in so many seconds: what a run that dies for good leaves UNKNOWN.
CHUNK_SECONDS = 10.0


class SheetResults:
    """The recipients' tab of one spreadsheet, while its lock is held.

    :param plan: what is to be sent, as the lock's own answer confirmed it.
    :param first: keys whose intents were written when the lock was taken.
    :param chunk: rows that the first flush hands out; later ones follow the campaign's speed.
    :param zone: time zone of Sent At.
    :raises SheetError: when a formula lists the recipients, see :meth:`~..recipients.planning.Plan.check_listed`.
    """

    tracks_delivery = True

    def __init__(
        self,
        api: SpreadsheetApi,
        lock: Lock,
        plan: SheetPlan,
        first: Sequence[str],
        *,
        chunk: int,
        most_chunk: int = MOST_ROWS,
        zone: tzinfo,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chunk = chunk
        #: Keys whose result found no row: the recipient was deleted from the sheet.
        self.orphans: list[str] = []
        #: Key -> number of the row that says UNKNOWN, as it stood when that was written.
        self.unknown_rows: dict[str, int] = {}
        #: Rows that were planned and not sent after all, by reason.
        self.dropped: Counter[str] = Counter()
        self._least, self._most_chunk = chunk, most_chunk
        self._api, self.lock, self._plan = api, lock, plan
        self._zone, self._sleep, self._clock = zone, sleep, clock
        self._looking, self._desired = Looking(api, lock, plan, clock), Desired(plan.key_of)
        self._tell, self._outstanding = set[str](), set[str]()
        self._delivered, self._wanted = list[str](), list[str]()
        self._doubted: dict[str, float] = {}
        self._placeless: float | None = None
        self._first, self._began = list(first), False
        self._backlog: Iterator[str] = iter(())
        # Whether a batch did not do all that it meant to, and that is not put right yet: so the log is kept.
        self._astray = False
        # Whether what has to be put back is all that any partition has hit, and none can write just now.
        self._gathered = False
        # Whether it is not known what the last batch did.
        self._in_doubt = False
        # The batches of which the log tells, and where it ends.
        self._logged, self._next_row = list[int](), LOG
        # Batches of other tabs some of whose results found no row: name -> whether they are ours to write.
        self._owed: dict[str, bool] = {}
        self._paced_at, self._exhausted = clock(), False
        self._judge_logs()
        if not self._desired:
            plan.check_listed()  # else it may be a dead holder's batch that put results beside others
        self._begin_anew()
        #: Whether the plan was made of cells that a dead holder hit: see :meth:`put_right`.
        self.planned_by_hits = bool(self._desired.hits)
        for row, cells in plan.notes.items():
            if row not in self._desired.results and not self.planned_by_hits:
                self._desired.want(row, cells)

    def put_right(self) -> None:
        """Put right what others hit. All is to be read and planned anew then: a text may hold what hit a cell."""
        self.flush({}, (), claim=False, final=True)
        self.lock.wait_for_reads()

    @property
    def settled(self) -> bool:
        """Whether all that is known stands in the sheet, so that the lock and what it remembers can go."""
        return not self._desired and not self._outstanding and not self._in_doubt

    # What the campaign asks for.

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        """Write results and, with *claim*, the next intents; see :class:`~..campaign.ledger.Ledger`."""
        self._pace(len(results))
        for key, outcome in results.items():
            self._desired.want(Row(key), result_cells(outcome, key, self._zone))
        self._tell.update(results)
        self._outstanding.difference_update(results, returned)
        if final or not self._desired:
            self._placeless = None
        flushed = Flushed()
        if claim and not self._stopped():
            self._wanted += self._next_chunk()
        self._rounds(flushed, final=final)
        flushed.delivered, self._delivered = self._delivered, []
        if (stop := self._stopped()) is not None:
            flushed.stop = stop
            self._wanted.clear()
        flushed.exhausted = self._exhausted and not self._wanted
        if claim and self._wanted and not flushed.messages:
            self._sleep(1.0)  # rows that are not what was planned are looked at again
        return flushed

    def _stopped(self) -> Stop | None:
        """Return how the campaign ends when somebody has ticked Stop in its line."""
        line = self.lock.line
        return Stop(line.stop_sentence, permanent=True) if line and line.stop_asked else None

    def _next_chunk(self) -> list[str]:
        if self._wanted:
            return []
        if not self._began:
            first = [key for key in self._first if key in self._plan.messages]
            rest = set(first)
            self._backlog = iter([key for key in self._plan.messages if key not in rest])
            self._exhausted = len(first) == len(self._plan.messages)
            if first or self._exhausted:
                return first
            self._began = True
        # What a run that dies for good leaves UNKNOWN is two chunks at most, however late its results come.
        most = max(1, min(self.chunk, 2 * self._most_chunk - len(self._outstanding)))
        keys = list(itertools.islice(self._backlog, most))
        self._exhausted = len(keys) < most
        return keys

    def _pace(self, results: int) -> None:
        """Let a chunk be what is sent in some ten seconds, by the results since the last flush began."""
        now = self._clock()
        passed, self._paced_at = now - self._paced_at, now
        if results and passed > 0:
            self.chunk = max(self._least, min(self._most_chunk, int(results / passed * CHUNK_SECONDS)))

    # Rounds.

    def _rounds(self, flushed: Flushed, *, final: bool) -> None:
        if final:
            self._wanted.clear()
        if self._wanted and not self._began:
            # Their intents were written in the batch that took the lock, and its answer showed that they may be texted.
            self._began = True
            self._grant(self._wanted, flushed)
            return
        asked = False
        for _ in range(LAST_ROUNDS if final else ROUNDS):
            if not (self._desired or self._astray or self._in_doubt) and (asked or not self._wanted):
                return
            over, told = self._round(flushed, final=final)
            if over:
                return
            asked = asked or told
        if final and self._desired:
            raise SheetError("The sheet changed too fast to write the results into it: run the task again.")

    def _round(self, flushed: Flushed, *, final: bool) -> tuple[bool, bool]:
        """Look, and write what has its place: return whether no other round helps, and whether it was seen who may be texted.

        The look ends with the round: at 100,000 rows two of them are too many.
        """
        try:
            if self._in_doubt:
                self._recover(None)
            self._put_right()
            self._read_formulas()
            look = self._looking.look(self._desired)
        except (WriteInDoubt, TabGone) as error:
            self._recover(error)
            return False, False
        if look.columns.missing and self._desired.results:
            if self._looking.lags:  # they must not be inserted twice
                self._looking.distrust_reads()
                return False, False
            look = self._with_own_columns(look)
        # While rows hold what was meant for others, nothing can be said of those that are still to be texted.
        told = not self._desired.hits
        allowed = self._allowed(look) if told else []
        ops = self._desired.place(look, MOST_ROWS)
        if ops or allowed:
            self._placeless = None
            if written := self._write(look, ops, allowed):
                self._grant(allowed, flushed)
            if look.inserted:
                self._looking.distrust_reads()
            # Results that did not fit into the batch go with the next one, unless there is none.
            return written and len(ops) >= MOST_ROWS and not (final or self._desired.hits), told
        # What is left has no row or column just now; reads lag, so it may be there all the same.
        self._placeless = self._placeless or self._clock()
        if self._clock() - self._placeless > LAG:
            if self._desired.hits:
                self._desired.hits.clear()  # they went with the row or the column that they belonged to
                return False, told
            if final:
                self._give_up()
            return True, told
        if not final and not self._desired.hits:
            return True, told
        self._sleep(1.0)
        return False, told

    def _with_own_columns(self, look: Look) -> Look:
        """Have the batch insert own columns that are not there (yet, or because somebody deleted them)."""
        if look.columns.owned[STATUS] is None and any(ref_in(look.cells(place)[DETAIL]) for place in look.rows):
            # With a new, blank Status beside them, all these would be texted again by the next run.
            raise SheetError(
                f"Column {OWNED[STATUS]!r} of tab {look.columns.tab!r} was renamed or deleted beside results: give it its "
                "name back, then run the task again.",
                permanent=True,
            )
        return look.with_own_columns(self._plan.key_of, self._desired)

    def _grant(self, keys: Iterable[str], flushed: Flushed) -> None:
        if self._stopped() is not None:  # the very batch that announced them showed the tick
            return
        granted = set(keys)
        self._outstanding |= granted
        flushed.messages += [self._plan.messages[key] for key in self._wanted if key in granted]
        self._wanted = [key for key in self._wanted if key not in granted]

    def _give_up(self) -> None:
        """Report results without a row."""
        self._looking.check_identity(self._looking.columns)
        gone = [row.key for row in self._desired.results if row.key in self._tell and not row.extra]
        self.orphans += gone
        self._delivered += gone
        self._desired.results.clear()

    def _allowed(self, look: Look) -> list[str]:
        """Return who may still be texted: neither deleted, nor given a status, nor opted out, nor another number by now.

        Reads lag: only what is seen for longer than that is believed.
        """
        allowed, waiting = [], []
        for key in self._wanted:
            reason = self._withheld(self._plan.messages[key], look)
            since = self._doubted.setdefault(key, self._clock()) if reason else 0.0
            if not reason:
                allowed.append(key)
                waiting.append(key)
            elif self._clock() - since > LAG:
                self.dropped[reason] += 1
            else:
                waiting.append(key)
        self._wanted = waiting
        return allowed

    def _withheld(self, message: Message, look: Look) -> str:
        places = look.where.get(message.key)
        if not places:
            return "the row was deleted or its number was changed"
        if any(not is_free(look.cells(place)) for place in places):
            return "the row has a status by now"
        return self._plan.withheld(look.columns, look.rows[places[0]], message)

    # Writing.

    def _write(self, look: Look, ops: list[Op], allowed: Sequence[str]) -> bool:
        """Make one batch; True when it was applied. What it hit is taken in either way."""
        base = self._next_row if self._astray else LOG
        self._logged = self._logged if self._astray else []
        end = self._next_row = base + (HEAD + len(ops) if ops else 0)
        intents = [key_hash(key) for key in (*self._outstanding, *allowed)]
        number = self.lock.next_batch()
        self._logged += [number] if ops else []
        requests = requests_of(look, ops, base, self.lock.tab.sheet_id, self.lock.sheet_id, number)
        shown, width = shown_of(self.lock.title, look, ops, base, self._plan.keys(look.columns)), look.width
        anew = bool(ops and look.inserted) and self._plan.partitions > 1
        try:
            grids = self.lock.write(requests, shown, intents, end, width, listed=number if ops else 0, anew=anew)
        except (WriteInDoubt, TabGone) as error:
            self._recover(error)
            return False
        except SheetError as error:
            if "grid" in str(error):  # rows or columns were deleted since the look
                self._looking.grid = 0
                return False
            raise
        if ops and not self._as_meant(grids, look, ops, base):
            try:
                grids = self.lock.show([a1(self.lock.title, base, base + HEAD + len(ops), 0, images_at(width) + OWN)])
            except (WriteInDoubt, TabGone) as error:
                self._recover(error)
                return False
            self._judge(grids, look, ops, base)
            self._astray = True
        try:
            self._put_right()
        except (WriteInDoubt, TabGone) as error:
            self._recover(error)
            return False
        return True

    def _put_right(self) -> None:
        """Begin to put back what was hit, alone and for all partitions, or let the others write once all stands.

        One at a time: two could not tell what the other has put back from what a person has typed.
        """
        if self._desired.hits and not self._gathered:
            self._astray = True  # also when it was a dead holder's batch
            if self._plan.partitions > 1:
                self.lock.stand_alone()
                self._desired.hits.clear()
                self._judge_logs()
            self._gathered = True
        if self._gathered and not self._desired.hits:
            pending = bool(self._desired.results)
            owed = [name for name, mine in self._owed.items() if pending or not mine]
            owed += [self.lock.name_of(number, results_only=True) for number in self._logged if pending]
            self.lock.free(owed, log_ends=not pending)
            self._gathered = False
        if not self._desired:
            self._astray = False

    def _recover(self, error: WriteInDoubt | TabGone | None) -> None:
        """Find out what a batch did whose answer was lost, or go on after somebody deleted a working tab.

        The working tab is taken over from ourselves, so that nothing that is still under way can be applied later.
        """
        if isinstance(error, TabGone) and error.sheet_id == self.lock.tab.sheet_id:
            raise self._looking.tab_gone() from None
        self._in_doubt = True  # until it is known: Google may be away for longer than this try
        taken = self.lock.refresh([key_hash(key) for key in self._outstanding], self._looking.columns)
        # Others may have held the lock meanwhile: what they wrote must be seen before anybody is texted, and reads lag.
        self._looking.distrust_reads()
        for row in self._plan.given_results(taken):
            if self._desired.results.get(row) == self._plan.notes[row]:
                del self._desired.results[row]
        # The tab that was just left holds what was known, too: so all is told anew, as another process would have to.
        self._next_row, self._logged = LOG, []
        self._desired.hits.clear()
        self._judge_logs()
        self._begin_anew()
        self._in_doubt = False

    def _begin_anew(self) -> None:
        """Take in whether the lock is another's who was putting right, and died, or our own."""
        self._gathered = self.lock.alone and not self._desired.hits
        self._astray = bool(self._desired) or self.lock.alone

    def _as_meant(self, grids: Sequence[Grid], look: Look, ops: list[Op], base: int) -> bool:
        """Tell whether the columns and all rows were the meant ones; then the entries leave at once."""
        head, *told = [grid for grid in grids if grid.title == self.lock.title]
        rows = [head.line(base + at) for at in range(HEAD)]
        at = find_header(rows)
        if at is None or any(op.images for op in ops):
            return False
        then = Columns(look.columns.tab, rows[at])
        if then.owned != look.columns.owned or self._plan.keys(then) != self._plan.keys(look.columns):
            return False
        for number, op in enumerate(ops):
            row: list[Any] = [None] * (max(self._plan.keys(then)) + 1)
            for grid in told:
                row[grid.column - SEEN] = grid.at(base + HEAD + number, grid.column)
            if self._plan.key_of(then, row) != op.row.key:
                return False
        for op in ops:
            self._desired.landed(op.row)
            self._landed(op)
        return True

    def _judge(self, grids: Sequence[Grid], look: Look, ops: list[Op], base: int) -> None:
        images = images_at(look.width)
        grid = next(grid for grid in grids if grid.title == self.lock.title)
        rows = [grid.line(base + at)[SEEN:images] for at in range(HEAD)]
        header = rows[at] if (at := find_header(rows)) is not None else []
        moved = columns_hash(header) != columns_hash(look.columns.header)
        batch = []
        for number, op in enumerate(ops):
            line = grid.line(base + HEAD + number)
            sources = [Source(self.lock.sheet_id, base + HEAD + number, images + at) for at in range(OWN)]
            batch.append(Written(op, header, line[SEEN:images], sources, line[images : images + OWN], moved))
        for op in self._desired.judge(batch):
            self._landed(op)

    def _read_formulas(self) -> None:
        """Read the formulas of people's cells that were hit: their columns may be moved before they are put back."""
        images = [(header, image) for hit in self._desired.hits for header, image in hit.images.items()]
        unread = [image for header, image in images if image.formula is None and header.name not in OWNED]
        titles = self.lock.titles
        cells = {
            (titles[source.sheet_id], source.row, source.column)
            for source in (image.source for image in unread)
            if source.sheet_id in titles
        }
        if not cells:
            return
        shown = [a1(title, row, row + 1, column, column + 1) for title, row, column in sorted(cells)]
        typed = {(grid.title, grid.row, grid.column): grid for grid in self.lock.show(shown, typed=True)}
        for image in unread:
            source = image.source
            grid = typed.get((titles.get(source.sheet_id, ""), source.row, source.column))
            image.formula = str(grid.at(source.row, source.column) or "") if grid else ""

    def _landed(self, op: Op) -> None:
        if op.values is not None and op.values[STATUS] == Status.UNKNOWN.value and self._plan.mine(op.row.key):
            self.unknown_rows[op.row.key] = op.place + 1
        if op.values is not None and op.row.key in self._tell and not op.row.extra:
            self._delivered.append(op.row.key)

    def _judge_logs(self) -> None:
        """Take in what batches of dead holders and of other partitions did, and those of ours whose answers were lost."""
        self._owed = {}
        own = {self.lock.title, *(tab.title for tab in self.lock.left)}
        for block in in_order(self.lock.logs, self.lock.order):
            batch = [written_by(block.tab, row, self._key_by_hash) for row in block.rows]
            known = {row.key for row, cells in self._desired.results.items() if cells[STATUS] != Status.UNKNOWN.value}
            landed = (Desired(self._plan.key_of) if block.results_only else self._desired).judge(batch)
            # A row whose number this batch hit is known only now.
            hit = {_nobody(key_hash(hit.key)): Row(hit.key) for hit in self._desired.hits}
            mine = block.tab.title in own
            for op in (written.op for written in batch if written.op.values is not None):
                row = hit.get(op.row.key, op.row)
                if op in landed:
                    self._desired.landed(op.row)
                    self._landed(op)
                    continue
                self._owed[batch_name(block.tab.record.holder, block.number, results_only=True)] = mine
                if mine and row.key not in known and op.values and self._may_hold(row.key, op.values):
                    self._desired.want(row, op.values)

    def _may_hold(self, key: str, values: Sequence[str]) -> bool:
        """Tell whether a result that found no row may be written: not over what a person or a later run put there."""
        own = self._desired.own_of(key)
        return self._plan.may_hold(key, values[STATUS], [own] if own else None)

    def _key_by_hash(self, hashed: str, then: Columns, seen: Sequence[Any]) -> str:
        if not hashed:
            return ""
        keys = [self._plan.key_of(then, seen) or "", *(hit.key for hit in self._desired.hits)]
        found = next((key for key in keys if key_hash(key) == hashed), None)
        return found or self._plan.by_hash.get(hashed) or _nobody(hashed)


def _nobody(hashed: str) -> str:
    """Return what stands for a recipient whom no row is just now."""
    return f"\0{hashed}"
