"""Undoing a write that landed in the wrong columns, because somebody moved columns between our reading and our writing.

Rows may have moved in the same moment, so that a row is known by what the write left alone of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .a1 import column_letters, in_tab
from .cells import text_of
from .columns import DETAIL, STATUS, Cells, Columns
from .snapshot import written_values

Rows = Sequence[Sequence[Any]]


def undo(
    before: Columns,
    rows_before: Rows,
    written: dict[int, tuple[Cells, Cells]],
    after: Columns,
    rows_after: Rows,
) -> list[tuple[str, list[list[Any]]]]:
    """Return the writes that give the cells that were hit by mistake back what they held.

    :param before, rows_before: the sheet as it was read before the write; its rows from row 2 on.
    :param written: row number -> what it held and what was written, in the tool's columns as they stood *before*.
    :param after, rows_after: the sheet as it was read after the write.
    """
    blocks = []
    texts_of = {number: written_values(before, *cells) for number, cells in written.items()}
    touched = {place for values in texts_of.values() for place in values}
    origins = _Origins(before, rows_before, after, touched)
    landed = _faces(after, rows_after)
    landed.subtract(_faces(before, rows_before))
    for number, (_, cells) in written.items():
        if landed[cells[STATUS], cells[DETAIL]] > 0:  # in the right columns, in whatever row: they moved afterwards
            landed[cells[STATUS], cells[DETAIL]] -= 1
            continue
        row = rows_after[number - 2] if number - 2 < len(rows_after) else ()
        values = texts_of[number]
        texts = {text_of(value) for value in values.values()} - {""}
        was = origins.of(number, row)
        for place in range(max(len(after.header), max(values, default=-1) + 1)):
            now = text_of(_at(row, place))
            # A text that we wrote is known wherever it moved since; of a cell that we cleared, only the place is known.
            if not (now in texts or (now == "" and values.get(place) == "")):
                continue
            name = after.header[place] if place < len(after.header) else ""
            origin = before.first(name) if name else None
            held = _at(was, origin) if origin is not None else ""
            if text_of(held) != now:
                blocks.append((in_tab(after.tab, f"{column_letters(place)}{number}"), [[held]]))
    return blocks


def _faces(columns: Columns, rows: Rows) -> Counter[tuple[str, str]]:
    """Count what stands in Status and Detail."""
    return Counter((cells[STATUS], cells[DETAIL]) for cells in map(columns.cells, rows))


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


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) and row[place] is not None else ""
