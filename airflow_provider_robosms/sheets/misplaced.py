"""Writes that landed on another person's row, because the sheet moved between reading and writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ..gateway.outcome import Status
from .columns import BLANK, DETAIL, STATUS, Cells, face_of
from .marks import Run, is_claim, meant_for_another
from .same_rows import Rows, one_cell_apart, same_rows
from .snapshot import Snapshot
from .states import OVERWRITTEN, is_free, is_released, released_cells, unknown_cells

#: Statuses that say for certain what became of a message.
DEFINITE = frozenset({Status.SENT.value, Status.REJECTED.value, Status.FAILED.value})


@dataclass(frozen=True)
class Wish:
    """What a row shall hold, and for whom; without a key, for a row that has no recipient.

    :param then: what it shall hold once this was seen there; see :func:`~.states.emptied_at_once`.
    """

    key: str | None
    cells: Cells
    kind: Literal["claim", "result", "release", "note", "repair", "clearing"]
    then: Cells | None = None

    @property
    def face(self) -> tuple[str, str]:
        """Status and Detail: every write sets these two, so by them a misplaced write is recognised."""
        return face_of(self.cells)


def other_refs(run: Run, snapshot: Snapshot) -> set[str]:
    """Return the references of all claims and results of other runs."""
    rows = snapshot.rows.values()
    return {ref for _, cells in rows if (ref := run.of_another(cells[STATUS], cells[DETAIL]))}


def _explain(cells: Cells, held: Iterable[Cells], wish: Wish) -> bool:
    """Tell whether a row holds what it *held* and what this *wish* wrote over it, in whatever column, and nothing of anybody
    else's.

    :param held: what it held, and what stood there meanwhile.
    """
    return all(now in wish.cells or now in was for now, *was in zip(cells, *held, strict=True))


class _Owners:
    """Tells whose row it was, where a number was corrected in the moment of a write."""

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self._before, self._after = before, after
        self._origins: dict[int, int] | None = None

    def of(self, number: int, key: str) -> str:
        """Return the key that the row had before; of a row that was not there, the key it has now."""
        before, after = self._before, self._after
        if key in before.where or before.whole is None or after.whole is None:
            return key
        then, now = Rows(before.columns, before.whole), Rows(after.columns, after.whole)
        if self._origins is None:
            self._origins = same_rows(then, now)
        origin = self._origins.get(number)
        former = before.rows[origin][0] if origin in before.rows else None
        if origin is None or former is None or former in after.where:
            return key
        return former if one_cell_apart(then, origin, now, number) else key


class Misplaced:
    """Remembers which rows hold what was meant for others, and what they held before.

    :param owns: tells of a key whether this partition is the only one that writes to it.
    """

    def __init__(self, run: Run, owns: Callable[[str], bool]) -> None:
        self._run = run
        self._owns = owns
        self._held: dict[tuple[str, tuple[str, str]], Cells] = {}
        self._strays: set[tuple[str, str]] = set()
        #: What rows are being given back, until it was seen whole: a part of it may have missed its column.
        self._given_back: dict[str, tuple[tuple[str, str], Cells]] = {}
        #: This run's results that were seen in their rows, and whether anything has missed its cells since the start.
        self._results: dict[str, Cells] = {}
        self.disturbed = False
        self._first: set[Cells] | None = None

    def find(self, before: Snapshot, after: Snapshot, wishes: Iterable[Wish], unresolved: Iterable[Wish]) -> list[Wish]:
        """Look for rows that hold, after a write, what one of its *wishes* meant for another recipient.

        Return the wishes that did reach their recipient's row, although that has another key now.

        :param unresolved: those that were not seen in their rows. One that was seen did not land elsewhere: should its
            row have another key now, then a person has corrected the number.
        """
        suspects = {wish.face for wish in unresolved}
        meant: dict[tuple[str, str], list[Wish]] = {}
        for wish in wishes:
            meant.setdefault(wish.face, []).append(wish)
        missing: dict[str, list[Cells]] = {}
        alone: bool | None = None
        owners = _Owners(before, after)
        landed = []
        for number, (key, cells) in after.rows.items():
            face = face_of(cells)
            if face not in suspects or any(wish.key == key for wish in meant[face]):
                continue
            if key is None:
                self._strays.add(face)
                continue
            if any(face_of(cells) == face for cells in before.all_cells_of(key)):
                continue  # it was so before this write
            owner = owners.of(number, key)
            if owner != key and (own := [wish for wish in meant[face] if wish.key == owner]):
                landed += own
                continue
            if owner not in missing:
                # Of a recipient with several rows, what tells most comes first.
                missing[owner] = sorted(before.missing_from(after, owner), key=is_free)
            # What was blank gets a Detail of ours: should that write miss its row too, the row that it hits tells of it.
            held = missing[owner].pop(0) if missing[owner] else BLANK
            held = released_cells(owner) if held == BLANK else held
            if alone is None:
                alone = self._alone(before, after)
            definite = held[STATUS] in DEFINITE and not meant_for_another(owner, *face_of(held))
            known = (alone and self._owns(owner)) or definite
            stood = [held, *(before.rows[number][1] for number in before.where.get(owner, ()))]
            known = known and any(_explain(cells, stood, wish) for wish in meant[face])
            if self._run.foreign_to(owner, *face_of(held)) or not known:
                # Another run or partition writes there too: what it held is not to be trusted, and must not be sent.
                held = unknown_cells(OVERWRITTEN, self._run, key)
            if face_of(held) != face:
                self._held[key, face] = held
                self.disturbed = True
        return landed

    def _alone(self, before: Snapshot, after: Snapshot) -> bool:
        """Tell whether no other run was at work between two looks: it neither holds rows nor wrote results meanwhile."""
        statuses = (cells[STATUS] for look in (before, after) for _, cells in look.rows.values())
        if any(is_claim(status) and not self._run.owns(status) for status in statuses):
            return False
        if other_refs(self._run, after) - other_refs(self._run, before):
            return False
        return not self._run.others_at_work()

    def expect(self, wishes: Iterable[Wish]) -> None:
        """Note what rows shall hold that are about to be emptied."""
        for wish in wishes:
            if wish.then is not None:
                if wish.key is None:
                    self._strays.add(wish.face)
                else:
                    self._held[wish.key, wish.face] = wish.then

    def mark(self, snapshot: Snapshot) -> None:
        """Mark the rows of *snapshot* that hold what was meant for others with what they held before."""
        for (key, face), held in list(self._held.items()):
            places = [number for number in snapshot.where.get(key, ()) if face_of(snapshot.rows[number][1]) == face]
            if places:
                snapshot.undone[places[0]] = held
                self._given_back[key] = (face, held)
            else:
                del self._held[key, face]
        for key, (face, held) in self._given_back.items():
            for number in snapshot.where.get(key, ()):
                cells = snapshot.rows[number][1]
                partly = all(now in pair for now, *pair in zip(face_of(cells), face, face_of(held), strict=True))
                if partly and cells != held and number not in snapshot.undone:
                    snapshot.undone[number] = held
                    break
        if self.disturbed:
            self._mark_torn_results(snapshot)
        if self._strays:
            for number, (key_there, cells) in snapshot.rows.items():
                if key_there is None and face_of(cells) in self._strays:
                    snapshot.undone[number] = BLANK
        self._mark_nobodys_rows(snapshot)

    def _mark_nobodys_rows(self, snapshot: Snapshot) -> None:
        """Mark blank rows on which something landed. They are blanked in steps, so that each of them can be known by what it
        leaves, should it miss its row.

        Cells that stood somewhere when this try began, and results, may be of a row that a person has blanked.
        """
        if self._first is None:
            self._first = {cells for _, cells in snapshot.rows.values()}
        for number in snapshot.nobodys:
            cells = snapshot.rows[number][1]
            kept = cells in self._first or cells in self._results.values() or self._run.of_another(*face_of(cells))
            if is_released(cells):
                snapshot.undone[number] = BLANK
            elif number in snapshot.undone or (self.disturbed and not kept):
                snapshot.undone[number] = released_cells(None)

    def _mark_torn_results(self, snapshot: Snapshot) -> None:
        """Mark the rows that hold the Status of their result, or their claim again, and in other columns something else."""
        for key, result in self._results.items():
            for number in snapshot.where.get(key, ()):
                status = snapshot.held(number)[STATUS]
                if status in (result[STATUS], self._run.mark(key)) and snapshot.rows[number][1] != result:
                    snapshot.undone[number] = result

    def settled(self, wish: Wish) -> None:
        """Note that a row holds its own content now."""
        if wish.key is not None and wish.then is None:
            self._held.pop((wish.key, wish.face), None)
            if wish.kind == "repair":
                self._given_back.pop(wish.key, None)
            elif wish.kind == "result":
                self._results[wish.key] = wish.cells
