"""A1 notation: the addresses of cells."""

from __future__ import annotations

from collections.abc import Iterable


def column_letters(index: int) -> str:
    """Return the letters of a column, counted from 0: ``A``, ``Z``, ``AA``."""
    letters = ""
    index += 1
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def in_tab(title: str, cells: str = "") -> str:
    """Return a range in a tab; the title is quoted, so that any title is safe (``It's`` becomes ``'It''s'``)."""
    quoted = "'" + title.replace("'", "''") + "'"
    return f"{quoted}!{cells}" if cells else quoted


def runs(numbers: Iterable[int], most: int | None = None) -> list[tuple[int, int]]:
    """Return *numbers* as inclusive runs (first, last), in order.

    :param most: at most so many runs: those with the smallest gaps are joined, which covers further numbers.
    """
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    if most is not None and len(found) > most:
        gaps = sorted(found[i + 1][0] - found[i][1] for i in range(len(found) - 1))
        widest = gaps[-(most - 1)] if most > 1 else gaps[-1] + 1
        joined = [found[0]]
        for first, last in found[1:]:
            if first - joined[-1][1] < widest or len(joined) >= most:
                joined[-1] = (joined[-1][0], last)
            else:
                joined.append((first, last))
        found = joined
    return found
