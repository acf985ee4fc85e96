"""Undoing a write that landed in the wrong columns, because somebody moved columns between our reading and our writing.

Rows may have moved in the same moment, once or several times, and columns may have moved back since. So nothing is taken
from positions: a column is known by its header, which is never written to, and a row by what the write left alone of it. A
cell that now holds one of the written texts, where it was not due, is given back what it held before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .a1 import column_letters, in_tab, runs
from .cells import text_of
from .columns import DETAIL, STATUS, Cells, Columns, face_of
from .marks import Run, is_claim
from .misplaced import Wish
from .same_rows import Rows, cell, same_rows
from .snapshot import Snapshot, written_values
from .states import clearing_cells, emptied_at_once, released_cells

#: Row number (from 2 on) and place of the column (from 0 on) -> what is written there.
Written = Mapping[tuple[int, int], Any]
Mends = dict[tuple[int, int], Any]
#: How often in a row something is given back.
_MOST_GIVEN_BACK = 12


def blocks_of(columns: Columns, mends: Written) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield the ranges and values that write *mends*."""
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    for number, place in mends:
        numbers[place].append(number)
    for place, rows in numbers.items():
        letters = column_letters(place)
        for top, bottom in runs(rows):
            values = [[mends[number, place]] for number in range(top, bottom + 1)]
            yield in_tab(columns.tab, f"{letters}{top}:{letters}{bottom}"), values


class Undoing:
    """Finds what the last write hit by mistake, look by look: what is given back may miss its cells, too."""

    def __init__(self, run: Run) -> None:
        #: Of what was returned last: the rows that are emptied by it, and what they shall hold then.
        self.clearing: list[Wish] = []
        self._run = run
        self._emptied: set[tuple[str, str]] = set()
        self._before: Snapshot | None = None
        #: Rows, by their numbers before, that were seen to be hit: what told of it may be overwritten since.
        self._hit: set[int] = set()
        #: What was given back, the latest last, with the look that it rested on and the rows that it hit by mistake.
        self._given_back: list[tuple[Snapshot, Mends, set[int]]] = []

    def mends(
        self,
        before: Snapshot,
        after: Snapshot,
        wishes: Collection[Wish],
        written: Mapping[int, tuple[Cells, Cells]],
        *,
        suspected: bool,
    ) -> Mends:
        """Return the cells that have to be given back now, with what they held.

        :param before, after: the whole sheet as it was read before the write, and as it is now.
        :param wishes: what was to be written.
        :param written: row number -> what it held and what was written, in the tool's columns as they stood *before*.
        :param suspected: whether the write may have missed its cells.
        """
        if before is not self._before:
            self._before, self._hit = before, set()
        mends: Mends = {}
        while self._given_back and not mends:
            looked, given, hit = self._given_back[-1]
            texts = {text_of(value) for value in given.values()}
            mends = self._named(after, _strays(looked, after, given, texts, set(), hit))
            if not mends:
                self._given_back.pop()
        if not mends and suspected:
            mends = self._named(after, self._hit_by_mistake(before, after, wishes, written))
        if len(self._given_back) >= _MOST_GIVEN_BACK:
            mends = {}  # the sheet never rests, or it is not what it seems: leave it to people
        if mends:
            self._given_back.append((after, mends, set()))
        return mends

    def _hit_by_mistake(
        self,
        before: Snapshot,
        after: Snapshot,
        wishes: Collection[Wish],
        written: Mapping[int, tuple[Cells, Cells]],
    ) -> Mends:
        values = {
            (number, place): value
            for number, (present, wished) in written.items()
            for place, value in written_values(before.columns, present, wished).items()
        }
        # Every write sets Status and Detail: a row that was hit holds the one or the other somewhere.
        telling = {wish.cells[DETAIL] for wish in wishes}
        telling |= {wish.cells[STATUS] for wish in wishes if is_claim(wish.cells[STATUS])}
        return _strays(before, after, values, telling, {wish.face for wish in wishes} | self._emptied, self._hit)

    def _named(self, after: Snapshot, mends: Mends) -> Mends:
        """Have the Detail of each row written along, and that of a row that is emptied first: should a mend miss its row,
        the row that it hits tells of it. Return nothing when the cells hold all that already."""
        self.clearing = []
        status, detail = (after.columns.owned[place] for place in (STATUS, DETAIL))
        if status is None or detail is None or after.whole is None:
            return mends
        named, width = dict(mends), len(after.columns.header)
        for number in {number for number, _ in mends}:
            row = after.whole[number - 2]
            key = after.rows[number][0] if number in after.rows else None
            mended = [mends.get((number, at), cell(row, at)) for at in range(max(len(row), width))]
            cells = after.columns.cells(mended)
            if face_of(cells) == ("", "") and any(map(text_of, mended)):
                cells = (*cells[:DETAIL], released_cells(key)[DETAIL])
            if emptied_at_once(after.columns.cells(row), cells):
                wish = Wish(key, clearing_cells(self._run, key), "clearing", then=cells)
                self.clearing.append(wish)
                self._emptied.add(wish.face)
                named[number, status], named[number, detail] = wish.face
            elif cells[DETAIL]:
                named[number, detail] = cells[DETAIL]
        new = any(text_of(held) != text_of(cell(after.whole[number - 2], at)) for (number, at), held in named.items())
        return named if new else {}


def _strays(
    before: Snapshot,
    after: Snapshot,
    written: Written,
    telling: set[str],
    faces: set[tuple[str, str]],
    hit: set[int],
) -> Mends:
    """Return the cells of *after* that hold something *written* which was not meant for them, with what they held before.

    :param telling: texts by which a row is known to have been hit.
    :param faces: Status and Detail of what was written, for :class:`~.misplaced.Misplaced` says what a row held whose own
        columns did not move.
    :param hit: rows that are known to have been hit; those that are found are added.
    """
    if before.whole is None or after.whole is None:
        return {}
    telling = telling - {""}
    texts = {text_of(value) for value in written.values()}
    origins = same_rows(Rows(before.columns, before.whole), Rows(after.columns, after.whole))
    own = set(after.columns.owned_places)
    at_rest = after.columns == before.columns
    places = [before.columns.only(name) if name else None for name in after.columns.header]
    mends: Mends = {}
    for number, row in enumerate(after.whole, start=2):
        origin = origins.get(number)
        if origin not in hit and telling.isdisjoint(map(text_of, row)):
            continue
        face = face_of(after.columns.cells(row))
        landed = face in faces or (at_rest and faces)
        if origin is not None and not landed:  # another run or partition may have written there since
            ours = texts | {*face_of(before.columns.cells(before.whole[origin - 2]))}
            landed = face[1] not in ours or (is_claim(face[0]) and face[0] not in ours)
        for at in range(max(len(row), len(places))):
            if landed and at in own:
                continue
            now, place = text_of(cell(row, at)), places[at] if at < len(places) else None
            was = cell(before.whole[origin - 2], place) if origin is not None and place is not None else ""
            due = written.get((origin, place), was) if origin is not None and place is not None else was
            if now in texts and now not in (text_of(was), text_of(due)):
                mends[number, at] = was
                if origin is not None:
                    hit.add(origin)
    return mends
