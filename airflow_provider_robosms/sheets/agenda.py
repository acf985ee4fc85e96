"""What this run wants the rows to hold: claims, results, releases and notes, and where each of them belongs by now."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo

from ..campaign.message import Outcome
from ..gateway.outcome import Status
from .cells import inert
from .columns import BLANK, DETAIL, STATUS, Cells
from .exclusion import Exclusion
from .marks import Run, is_claim
from .misplaced import DEFINITE, Wish
from .plan import Note, SheetPlan
from .snapshot import Snapshot
from .states import (
    OVERWRITTEN,
    TAKEN,
    clearing_cells,
    emptied_at_once,
    is_free,
    is_released,
    released_cells,
    skipped_by_tool,
    skipped_cells,
    unknown_cells,
)

_TOO_LATE = "another run may have texted them while Google was slow; they are UNKNOWN"


class Agenda:
    """Everything that is still to be written, by key, until it was seen in the sheet.

    :param zone: time zone of Sent At.
    :param now: the wall clock, aware.
    """

    def __init__(
        self, plan: SheetPlan, run: Run, exclusion: Exclusion, *, zone: tzinfo, now: Callable[[], datetime]
    ) -> None:
        self.results: dict[str, Outcome] = {}
        self.releases: set[str] = set()
        #: Rows that this flush is to claim.
        self.claims: dict[str, None] = {}
        #: Keys whose result was seen in the sheet.
        self.delivered: list[str] = []
        #: Rows that were planned and not sent after all, by reason.
        self.dropped: Counter[str] = Counter()
        #: Rows that turned out to be skipped when their claim was verified, by reason.
        self.skipped: Counter[str] = Counter()
        self._plan = plan
        self._run = run
        self._exclusion = exclusion
        self._zone = zone
        self._now = now
        self._backlog = deque(plan.backlog)
        self._notes: dict[str, Note] = dict(plan.notes)
        self._claimed: dict[str, str] = {}
        # Those whose fate this run knows: a claim of theirs that stands again is never released.
        self._answered = set(plan.settled)
        #: Whether the rows that have no key of their own were seen to.
        self.begun = False
        #: Whether skips wait for claims to be gone, and whether any that belong to a place, not to a key, wait by now.
        self.skips_wait = self.begin_again = False

    # The rows that are still to be sent.

    def claim_next(self, count: int) -> None:
        """Put the next rows of the backlog among the claims."""
        self.claims = dict.fromkeys(self._backlog.popleft() for _ in range(min(count, len(self._backlog))))

    def put_claims_back(self) -> None:
        """Return claims that could not be verified to the backlog: the sheet keeps moving."""
        self._backlog.extendleft(reversed(self.claims))
        self.claims = {}

    @property
    def idle(self) -> bool:
        """Whether no row can be claimed now."""
        return not self._backlog

    @property
    def exhausted(self) -> bool:
        """Whether no row is left to claim, now or later."""
        return self.idle and not self._exclusion.waiting

    def drop(self, key: str, reason: str) -> None:
        """Send nothing to *key* in this run."""
        self.claims.pop(key, None)
        self.dropped[reason] += 1

    def hold_late(self) -> None:
        """Take claims that arrived too late to rely on out of this flush."""
        for key in self._exclusion.late:
            self.claims.pop(key, None)

    def give_back(self) -> None:
        """At the end, release every claim that still stands without a result. One that arrived late and was never relied on
        is given up: another run may have texted those people."""
        for key in self._exclusion.late.keys() - self.releases:
            self.drop(key, _TOO_LATE)
        self.releases |= {*self._claimed.values(), *self._exclusion.late} - self.results.keys()

    def skip(self, key: str, reason: str) -> None:
        """Leave *key* out and say why in its row."""
        self.skipped[reason] += 1
        self._notes[key] = Note(skipped_cells(reason))

    # What rows shall hold.

    def wishes(self, snapshot: Snapshot, *, final: bool) -> dict[int, Wish]:
        """Return row number -> what it shall hold, as the rows stand in *snapshot*."""
        wishes: dict[int, Wish] = {}
        self._backlog.extendleft(self._exclusion.look_for_others(snapshot))
        self.skips_wait = not (self.begun and not self._notes) and self._claims_stand(snapshot, final=final)
        self.begin_again = False
        if not self.begun:
            wishes.update(self._positional_notes(snapshot))
        for key, note in list(self._notes.items()):
            self._wish_note(snapshot, wishes, key, note)
        self._wish_releases(snapshot, wishes)
        for key, outcome in list(self.results.items()):
            self._wish_result(snapshot, wishes, key, outcome)
        detail = self._run.detail(self._now())
        for key in list(self.claims):
            self._wish_claim(snapshot, wishes, key, detail)
        for number, held in snapshot.undone.items():
            wishes.setdefault(number, Wish(snapshot.rows[number][0], held, "repair"))
        if final:
            self._wish_no_claims(snapshot, wishes)
        for number, wish in wishes.items():
            if emptied_at_once(snapshot.rows[number][1], wish.cells):
                wishes[number] = Wish(wish.key, clearing_cells(self._run, wish.key), "clearing", then=wish.cells)
            elif number in snapshot.nobodys and is_released(wish.cells):
                wishes[number] = replace(wish, then=BLANK)
        return wishes

    def _positional_notes(self, snapshot: Snapshot) -> dict[int, Wish]:
        """Rows that have no key of their own: without a number, or duplicates of another row."""
        notes = {}
        for number, cells in self._plan.positional(snapshot, self._run, self._now()):
            key, present = snapshot.rows[number]
            if present == cells or number in snapshot.undone:
                continue
            if self.skips_wait and skipped_by_tool(cells):
                self.begin_again = True
            else:
                notes[number] = Wish(key, cells, "note")
        return notes

    def _claims_stand(self, snapshot: Snapshot, *, final: bool) -> bool:
        """Tell whether claims stand that are this partition's to see to, or of a run that has ended; at the end, only the
        former.

        Of a skip that lands on a claim nothing would tell, should this task be killed before it sees that: it leaves a trace
        of a result, and none of a claim. A live run or partition still knows whom it claimed.
        """
        run, now = self._run, self._now()
        for key, cells in snapshot.rows.values():
            status = cells[STATUS]
            if is_claim(status):
                ours = self._plan.owns(key or "")
                if ours if run.owns(status) else (ours or not final) and not run.still_live(status, cells[DETAIL], now):
                    return True
        return False

    def _wish_note(self, snapshot: Snapshot, wishes: dict[int, Wish], key: str, note: Note) -> None:
        """A skip or a left-over claim: written only over what it was planned for, never over a status that came since."""
        waits = self.skips_wait and skipped_by_tool(note.cells)
        for number in snapshot.where.get(key, ()):
            present = snapshot.held(number)
            if waits:
                if present[STATUS] == self._run.mark(key) and key not in self._answered and key not in self.results:
                    wishes[number] = self._given_back(key, present)
                continue
            if note.replaces is not None:
                fits = present[0] == note.replaces
            else:
                fits = not present[0].strip() or skipped_by_tool(present) or self._run.owns(present[0])
            if fits and snapshot.rows[number][1] != note.cells and number not in wishes:
                wishes[number] = Wish(key, note.cells, "note")
                return
        if not waits:
            del self._notes[key]

    def _wish_releases(self, snapshot: Snapshot, wishes: dict[int, Wish]) -> None:
        for key in list(self.releases):
            places = [n for n in snapshot.where.get(key, ()) if snapshot.rows[n][1][0] == self._run.mark(key)]
            if places:
                late = key in self._exclusion.late
                cells = unknown_cells(TAKEN, self._run, key) if late else released_cells(key)
                wishes[places[0]] = Wish(key, cells, "release")
            elif key in snapshot.where:
                self.releases.discard(key)

    def _wish_result(self, snapshot: Snapshot, wishes: dict[int, Wish], key: str, outcome: Outcome) -> None:
        place = self._place(snapshot, key)
        if place is None:
            return
        held = snapshot.held(place)
        answered = held[STATUS] in DEFINITE and not self._run.foreign_to(key, held[STATUS], held[DETAIL])
        if outcome.reason == "crash" and answered:
            self._deliver(key)  # a try that was thought dead has written the gateway's answer
        else:
            wishes[place] = Wish(key, self._result_cells(key, outcome), "result")

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

    def _wish_claim(self, snapshot: Snapshot, wishes: dict[int, Wish], key: str, detail: str) -> None:
        places = snapshot.where.get(key)
        if not places:
            self.drop(key, "deleted from the sheet")
            return
        mark = self._run.mark(key)
        self._claimed[mark] = key
        own = [n for n in places if snapshot.rows[n][1][0] == mark]
        if own and any(snapshot.rows[own[0]][1][1:5]):
            self._exclusion.overran(key)
        elif own:
            self._exclusion.found(key, snapshot.rows[own[0]][1], snapshot)
        if own and key in self._exclusion.late:
            del self.claims[key]
        elif not all(n in own or is_free(snapshot.held(n)) for _, n in self.places_of(key, snapshot)):
            self.drop(key, "got a status meanwhile")
        elif own:
            wishes[own[0]] = Wish(key, snapshot.rows[own[0]][1], "claim")
        else:
            wishes[places[0]] = Wish(key, (mark, "", "", "", "", detail), "claim")

    def places_of(self, key: str, snapshot: Snapshot) -> list[tuple[str, int]]:
        """Return key and number of all rows of a recipient: another run may claim another of them than we do."""
        keys = [key, *self._plan.twins.get(key, ())]
        return [(one, number) for one in keys for number in snapshot.where.get(one, ())]

    def _wish_no_claims(self, snapshot: Snapshot, wishes: dict[int, Wish]) -> None:
        """At the end, no row carries a claim of ours for somebody else: a person has put another number there since. Should
        the row's own recipient have stood in the sheet before, then what it held is not known any more."""
        for number, (key, cells) in snapshot.rows.items():
            if number not in wishes and self._claimed.get(cells[0], key) != key:
                new = key not in self._plan.seen
                held = released_cells(key) if new else unknown_cells(OVERWRITTEN, self._run, key)
                wishes[number] = Wish(key, held, "repair")
            elif key is not None and number not in wishes and self._is_unused(key, cells):
                wishes[number] = self._given_back(key, cells)

    def _is_unused(self, key: str, cells: Cells) -> bool:
        """Tell whether a row holds a claim of an earlier try that this one has no use for: it is beyond the limit by now."""
        status = cells[STATUS]
        known = status in self._claimed or key in self._answered or key in self.results
        return is_claim(status) and not known and self._plan.owns(key) and status == self._run.mark(key)

    def _given_back(self, key: str, cells: Cells) -> Wish:
        """Return what becomes of a claim for which nothing was sent."""
        unsure = key in self._exclusion.late or self._exclusion.is_unproven(cells)
        return Wish(key, unknown_cells(TAKEN, self._run, key) if unsure else released_cells(key), "release")

    # What has come true.

    def settle(self, key: str, wish: Wish) -> None:
        """Note that the row of *key* holds what was wished, or that somebody changed it since."""
        if wish.kind == "result":
            self._deliver(key)
        elif wish.kind == "release":
            self.releases.discard(key)
        elif wish.kind == "note" and key in self._notes and self._notes[key].cells == wish.cells:
            del self._notes[key]

    def _deliver(self, key: str) -> None:
        self.results.pop(key, None)
        self.delivered.append(key)
        self._answered.add(key)

    def take_delivered(self) -> list[str]:
        """Return the keys whose results were seen in the sheet since the last call."""
        delivered, self.delivered = self.delivered, []
        return delivered

    def give_up_vanished(self, snapshot: Snapshot) -> list[str]:
        """Return the keys whose results have no row any more, and forget them."""
        homeless = [key for key in self.results if key not in snapshot.where]
        for key in homeless:
            self._deliver(key)
        self.releases = {key for key in self.releases if key in snapshot.where}
        return homeless

    @property
    def open(self) -> bool:
        """Whether results or claims of ours still are where they should not be."""
        return bool(self.results or self.releases)
