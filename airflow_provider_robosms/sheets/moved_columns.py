"""Undoing a write that landed in the wrong columns, because somebody moved columns between our reading and our writing.

Rows may have moved in the same moment, so that a row is known by what the write left alone of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .a1 import column_letters, in_tab
from .cells import text_of
from .columns import DETAIL, RELEASED, STATUS, Cells, Columns, face_of
from .misplaced import Wish
from .snapshot import Snapshot, written_values

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Mend:
    """A cell and what it is given back.

    :param number: of the row, from 2 on.
    :param place: of the column, from 0 on.
    """

    number: int
    place: int
    held: Any


def blocks_of(columns: Columns, mends: Iterable[Mend]) -> list[tuple[str, list[list[Any]]]]:
    """Return the ranges and values that write *mends*."""
    return [(in_tab(columns.tab, f"{column_letters(one.place)}{one.number}"), [[one.held]]) for one in mends]


def undo(
    before: Snapshot, after: Snapshot, wishes: Mapping[int, Wish], written: Mapping[int, tuple[Cells, Cells]]
) -> list[Mend]:
    """Return the cells that were hit by mistake, with what they held.

    :param before, after: the whole sheet as it was read before and after the write.
    :param wishes: row number in *before* -> what it was to hold, as far as it was not seen to hold it.
    :param written: row number -> what it held and what was written, in the tool's columns as they stood *before*.
    """
    if before.whole is None or after.whole is None:
        return []
    mends = []
    texts_of = {number: written_values(before.columns, *written[number]) for number in wishes if number in written}
    touched = {place for values in texts_of.values() for place in values}
    origins = _Origins(before.columns, before.whole, after.columns, touched)
    header, header_before = after.columns.header, before.columns.header
    own = set(after.columns.owned_places)
    for number, values in texts_of.items():
        row = after.whole[number - 2] if number - 2 < len(after.whole) else ()
        astray = not _landed(wishes[number], number, after) and _astray(wishes[number], row, after.columns)
        texts = {text_of(value) for value in values.values()} - {""}
        was = origins.of(number, row)
        mended: dict[int, Any] = {}
        for place in range(max(len(header), max(values, default=-1) + 1)):
            name, now = _name(header, place), text_of(_at(row, place))
            # Where it was written there is another column now; or, wherever it moved since, it is one of our texts.
            hit = place in values and now == text_of(values[place]) and name != _name(header_before, place)
            if hit or (now in texts and (astray or place not in own)):
                origin = before.columns.first(name) if name else None
                held = _at(was, origin) if origin is not None else ""
                if text_of(held) != now:
                    mended[place] = held
        status, detail = (after.columns.owned[place] for place in (STATUS, DETAIL))
        if any(was) and mended.get(-1 if status is None else status) == "" and detail is not None:
            mended[detail] = RELEASED[DETAIL]  # should this miss its row too, the row that it hits tells of it
        mends += [Mend(number, at, held) for at, held in mended.items()]
    return mends


def undo_mends(before: Snapshot, after: Snapshot, mends: Sequence[Mend]) -> list[Mend]:
    """Return what has to be given back because *mends* hit the wrong columns: they moved once more.

    :param before: the whole sheet as it was read before the mends were written.
    """
    if before.whole is None or after.whole is None or before.columns == after.columns:
        return []
    origins = _Origins(before.columns, before.whole, after.columns, {one.place for one in mends})
    header, header_before = after.columns.header, before.columns.header
    found = []
    for one in mends:
        name, meant = _name(header, one.place), _name(header_before, one.place)
        row = after.whole[one.number - 2] if one.number - 2 < len(after.whole) else ()
        if name == meant or text_of(_at(row, one.place)) != text_of(one.held):
            continue
        origin = before.columns.first(name) if name else None
        held = _at(origins.of(one.number, row), origin) if origin is not None else ""
        if text_of(held) != text_of(one.held):
            found.append(Mend(one.number, one.place, held))
    return found


def _landed(wish: Wish, number: int, after: Snapshot) -> bool:
    """Tell whether a write is in the right columns, in whatever row its recipient stands now: columns moved afterwards."""
    numbers = after.where.get(wish.key, ()) if wish.key is not None else (number,)
    return any((found := after.rows.get(n)) and face_of(found[1]) == wish.face for n in numbers)


def _astray(wish: Wish, row: Sequence[Any], columns: Columns) -> bool:
    """Tell whether what names the wish stands in a wrong column: the Status of a claim, otherwise the Detail."""
    telling = STATUS if wish.kind == "claim" else DETAIL
    return any(text_of(cell) == wish.cells[telling] and at != columns.owned[telling] for at, cell in enumerate(row))


class _Origins:
    """Finds what a row held before the write, by the cells that were not written to."""

    def __init__(self, before: Columns, rows_before: Rows, after: Columns, touched: Iterable[int]) -> None:
        own = {*before.owned_places}
        # Columns of people that are in both, and that the write missed.
        places = [(before.only(name), at) for at, name in enumerate(after.header) if name and after.only(name) == at]
        self._places = [(old, at) for old, at in places if old is not None and old not in own and at not in touched]
        self._rows = rows_before
        self._numbers: dict[tuple[str, ...], list[int]] = {}
        for number, row in enumerate(rows_before, start=2):
            self._numbers.setdefault(tuple(text_of(_at(row, old)) for old, _ in self._places), []).append(number)

    def of(self, number: int, row: Sequence[Any]) -> Sequence[Any]:
        """Return what the *row* that now has this number was: if rows cannot be told apart, the one of that number."""
        rest = tuple(text_of(_at(row, at)) for _, at in self._places)
        alike = self._numbers.get(rest, [])
        if not alike and not any(rest):
            return ()  # it was inserted
        found = number if number in alike or len(alike) != 1 else alike[0]
        return self._rows[found - 2] if found - 2 < len(self._rows) else ()


def _name(header: Sequence[str], place: int) -> str:
    return header[place] if place < len(header) else ""


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) and row[place] is not None else ""
