"""Which row is which in two looks at a sheet, by what is in it: rows and columns may have moved, and cells been written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .cells import text_of
from .columns import Columns

#: A value that so many rows hold tells nothing of any of them.
_COMMON = 20


class Rows(NamedTuple):
    """A tab's columns and its rows from row 2 on."""

    columns: Columns
    rows: Sequence[Sequence[Any]]


def cell(row: Sequence[Any], place: int) -> Any:
    """Return a cell of a row whose trailing blank cells may be absent."""
    return row[place] if place < len(row) and row[place] is not None else ""


def same_rows(before: Rows, after: Rows) -> dict[int, int]:
    """Return row number after -> row number before, for the rows that were there before.

    Rows that are alike in all columns of people are the same, those of the same number first; of the rest, those that have
    most in common; and at last two that are left over.
    """
    pairs = _pairs(before.columns, after.columns)
    persons = _of_persons(pairs, after.columns)
    found = _alike(before.rows, after.rows, persons)
    taken = set(found.values())
    old_rows = [number for number, row in enumerate(before.rows, start=2) if number not in taken and _filled(row)]
    new_rows = [number for number, row in enumerate(after.rows, start=2) if number not in found and _filled(row)]
    for number, origin in _most_in_common(before.rows, after.rows, pairs, old_rows, new_rows):
        if number not in found and origin not in taken:
            found[number] = origin
            taken.add(origin)
    old_rows = [number for number in old_rows if number not in taken]
    new_rows = [number for number in new_rows if number not in found]
    if len(old_rows) == len(new_rows) == 1:
        found[new_rows[0]] = old_rows[0]
    return found


def one_cell_apart(before: Rows, old: int, after: Rows, new: int) -> bool:
    """Tell whether of what people have typed into a row just one cell differs, as after a correction."""
    pairs = _of_persons(_pairs(before.columns, after.columns), after.columns)
    row, now = before.rows[old - 2], after.rows[new - 2]
    cells = [(text_of(cell(row, was)), text_of(cell(now, at))) for was, at in pairs]
    return sum(was != text for was, text in cells) == 1 and any(was == text != "" for was, text in cells)


def _pairs(before: Columns, after: Columns) -> list[tuple[int, int]]:
    """Return the places, before and after, of the columns that are in both."""
    shared = [(before.only(name), at) for at, name in enumerate(after.header) if name and after.only(name) == at]
    return [(old, at) for old, at in shared if old is not None]


def _of_persons(pairs: list[tuple[int, int]], after: Columns) -> list[tuple[int, int]]:
    own = set(after.owned_places)
    return [(old, at) for old, at in pairs if at not in own]


def _alike(
    before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]], pairs: list[tuple[int, int]]
) -> dict[int, int]:
    numbers: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(before, start=2):
        if any(content := tuple(text_of(cell(row, old)) for old, _ in pairs)):
            numbers[content].append(number)
    moved: list[tuple[int, list[int]]] = []
    found = {}
    for number, row in enumerate(after, start=2):
        alike = numbers.get(tuple(text_of(cell(row, at)) for _, at in pairs))
        if alike and number in alike:
            found[number] = number
            alike.remove(number)
        elif alike:
            moved.append((number, alike))
    for number, alike in moved:
        if alike:
            found[number] = alike.pop(0)
    return found


def _most_in_common(
    before: Sequence[Sequence[Any]],
    after: Sequence[Sequence[Any]],
    pairs: list[tuple[int, int]],
    old_rows: Iterable[int],
    new_rows: Iterable[int],
) -> list[tuple[int, int]]:
    """Return (row number after, row number before), those with most cells in common first."""
    holders: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for number in old_rows:
        for old, _ in pairs:
            if text := text_of(cell(before[number - 2], old)):
                holders[old, text].append(number)
    ranked = []
    for number in new_rows:
        alike: Counter[int] = Counter()
        for old, at in pairs:
            rows = holders.get((old, text_of(cell(after[number - 2], at))), [])
            if len(rows) <= _COMMON:
                alike.update(rows)
        ranked += [(-count, origin != number, number, origin) for origin, count in alike.items()]
    return [(number, origin) for _, _, number, origin in sorted(ranked)]


def _filled(row: Sequence[Any]) -> bool:
    return any(text_of(value) for value in row)
