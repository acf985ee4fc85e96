"""Undoing a write that landed in the wrong columns, because somebody moved columns between our reading and our writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .a1 import column_letters, in_tab
from .cells import text_of
from .columns import Cells, Columns
from .snapshot import written_values


def undo(
    before: Columns,
    rows_before: Sequence[Sequence[Any]],
    written: dict[int, tuple[Cells, Cells]],
    after: Columns,
    rows_after: Sequence[Sequence[Any]],
) -> list[tuple[str, list[list[Any]]]]:
    """Return the writes that give other columns back what they held.

    :param before, rows_before: the sheet as it was read before the write; its rows from row 2 on.
    :param written: row number -> what it held and what was written, in the tool's columns as they stood *before*.
    :param after, rows_after: the sheet as it was read after the write.
    """
    blocks = []
    own = set(after.owned_places)
    for number, (present, cells) in written.items():
        values = written_values(before, present, cells)
        texts = {text_of(value) for value in values.values()} - {""}
        for place in range(max(len(after.header), max(values, default=-1) + 1)):
            now = text_of(_at(rows_after, number, place))
            # A text that we wrote is known wherever it moved since; of a cell that we cleared, only the place is known.
            if place in own or not (now in texts or (now == "" and values.get(place) == "")):
                continue
            name = after.header[place] if place < len(after.header) else ""
            origin = before.first(name) if name else None
            held = _at(rows_before, number, origin) if origin is not None else ""
            if text_of(held) != now:
                blocks.append((in_tab(after.tab, f"{column_letters(place)}{number}"), [[held]]))
    return blocks


def _at(rows: Sequence[Sequence[Any]], number: int, place: int) -> Any:
    row = rows[number - 2] if number - 2 < len(rows) else ()
    return row[place] if place < len(row) and row[place] is not None else ""
