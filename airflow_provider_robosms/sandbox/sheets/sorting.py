"""Sorting rows as Google Sheets does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from .a1 import GridRange
from .cells import EMPTY_LAST, AnyCell, sort_key, with_formula
from .formulas import copied
from .sheet import Sheet
from .spreadsheet import Spreadsheet


def sort_rows(book: Spreadsheet, sheet: Sheet, area: GridRange, specs: Sequence[tuple[int, bool]]) -> None:
    """Sort the rows of *area* (inside the grid) by columns, each from 0 and with whether it goes down, the most
    important first.

    Ascending: numbers (dates are numbers), texts whatever their case, FALSE, TRUE, errors; empty cells are always last.
    Equal rows keep their order. Values, formats and notes move together; a formula's references without $ move along.
    """
    order = list(range(area.top, min(area.end_row or 0, len(sheet.rows))))
    for col, descending in reversed(specs):
        keys = {row: sort_key(book.computed(sheet, row, col).value) for row in order}
        order.sort(key=keys.__getitem__, reverse=descending)
        order.sort(key=lambda row, keys=keys: keys[row] == EMPTY_LAST)  # type: ignore[misc]
    old = [_cut(sheet, row, area) for row in order]
    for at, (row, cells) in enumerate(zip(order, old, strict=True)):
        follow = partial(copied, rows=area.top + at - row, cols=0)
        sheet.put(area.top + at, [(area.left + i, with_formula(cell, follow)) for i, cell in enumerate(cells)])


def _cut(sheet: Sheet, row: int, area: GridRange) -> list[AnyCell]:
    cells = list(sheet.rows[row][area.left : area.end_col])
    return cells + [None] * ((area.end_col or 0) - area.left - len(cells))
