"""One tab: its grid of cells, and what is attached to parts of it (protections, filters, rules)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal

from .a1 import GridRange, range_name
from .cells import AnyCell, Cell, Row, Value
from .errors import GoogleError, Json, invalid
from .formulas import spills
from .moves import Delete, Shift, shift_span

Dimension = Literal["ROWS", "COLUMNS"]
MAX_COLUMNS = 18_278
_STAMPS = count(1)


@dataclass(frozen=True, slots=True)
class Attached:
    """Something that belongs to a range and moves with it: a ``protection``, ``filter``, ``merge`` or ``validation``.

    *data* is Google's JSON of it without the range; of a protection, who may edit.
    """

    kind: str
    range: GridRange
    data: Json = field(default_factory=dict)


class Sheet:
    """A tab.

    Attributes:
        rows: The cells; short rows and missing rows at the end are empty. A row is replaced, never changed in place.
        stamp: Another number after every change of the cells or the grid.
        frozen_rows: How many rows stay in view, and out of a person's sorting.
    """

    def __init__(self, sheet_id: int, title: str, row_count: int = 1000, column_count: int = 26) -> None:
        self.sheet_id = sheet_id
        self.title = title
        self.row_count = row_count
        self.column_count = column_count
        self.rows: list[Row] = []
        self.frozen_rows = 0
        self.hidden = False
        self.attached: list[Attached] = []
        # Scanning a large sheet for formulas costs time; most have none.
        self.has_formulas = self.has_arrays = False
        self.stamp = next(_STAMPS)

    def clone(self) -> Sheet:
        """A copy that later changes of this sheet do not reach; rows are shared, since they are never changed in place."""
        copied = Sheet.__new__(Sheet)
        copied.__dict__.update(self.__dict__)
        copied.rows, copied.attached = list(self.rows), list(self.attached)
        return copied

    # Cells

    def cell(self, row: int, col: int) -> AnyCell:
        """The cell, None when it is empty or outside what is filled."""
        if row < len(self.rows) and col < len(self.rows[row]):
            return self.rows[row][col]
        return None

    def put(self, row: int, cells: Iterable[tuple[int, AnyCell]]) -> None:
        """Replace cells of one row, given as (column, cell)."""
        while len(self.rows) <= row:
            self.rows.append(())
        fresh = list(self.rows[row])
        for col, cell in cells:
            if col >= len(fresh):
                if cell is None:
                    continue
                fresh.extend([None] * (col + 1 - len(fresh)))
            fresh[col] = cell
            if isinstance(cell, Cell) and cell.formula:
                self.has_formulas = True
                self.has_arrays = self.has_arrays or spills(cell.formula)
        while fresh and fresh[-1] is None:
            fresh.pop()
        self.rows[row] = fresh
        self.stamp = next(_STAMPS)

    def replace_rows(self, rows: list[Row]) -> None:
        """Put other rows in the place of all."""
        self.rows = rows
        self.stamp = next(_STAMPS)
        formulas = [cell.formula for row in rows for cell in row if isinstance(cell, Cell) and cell.formula]
        self.has_formulas, self.has_arrays = bool(formulas), any(map(spills, formulas))

    def map_cells(self, area: GridRange, change: Callable[[int, int, AnyCell], AnyCell]) -> None:
        """Replace every cell of *area* (inside the grid) by what *change* (row, column, cell) makes of it."""
        for row in range(area.top, area.bottom):
            cols = range(area.left, area.right)
            self.put(row, [(col, change(row, col, self.cell(row, col))) for col in cols])

    def whole(self) -> GridRange:
        """The grid as a range."""
        return GridRange(0, self.row_count, 0, self.column_count)

    def within(self, area: GridRange) -> GridRange:
        """*area*, cut to the grid; Google refuses one that begins outside, and cuts one that only ends outside."""
        if area.top >= self.row_count or area.left >= self.column_count:
            raise self.beyond(area)
        return area.clip(self.row_count, self.column_count)

    def beyond(self, area: GridRange) -> GoogleError:
        """A 400 for a range that is not inside the grid."""
        limits = f"Max rows: {self.row_count}, max columns: {self.column_count}"
        return invalid(f"Range ({range_name(self.title, area)}) exceeds grid limits. {limits}")

    # Rows and columns

    def size(self, dimension: Dimension) -> int:
        """How many rows or columns the grid has."""
        return self.row_count if dimension == "ROWS" else self.column_count

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the grid at its end; what falls outside is gone."""
        if rows < 1 or columns < 1:
            raise invalid("You can't delete all the rows or columns on the sheet.")
        if columns > MAX_COLUMNS:
            raise invalid(f"A sheet can't have more than {MAX_COLUMNS} columns.")
        if rows < self.row_count:
            self.shift("ROWS", Delete(rows, self.row_count))
        if columns < self.column_count:
            self.shift("COLUMNS", Delete(columns, self.column_count))
        self.row_count, self.column_count = rows, columns
        self.stamp = next(_STAMPS)

    def shift(self, dimension: Dimension, change: Shift) -> None:
        """Insert, delete or move rows or columns, with everything that is attached to them; formulas are the workbook's."""
        if dimension == "ROWS":
            self.rows = change.apply(self.rows, ())
            self.row_count += change.growth
        else:
            self.rows = [change.apply(list(row), None) for row in self.rows]
            self.column_count += change.growth
        self.attached = [
            replace(item, range=area)
            for item in self.attached
            if (area := shifted(item.range, dimension, change)) is not None
        ]
        self.stamp = next(_STAMPS)

    # Attached things

    def of_kind(self, kind: str) -> list[Attached]:
        """The attached things of one kind."""
        return [item for item in self.attached if item.kind == kind]

    def drop(self, unwanted: Callable[[Attached], Any]) -> list[Attached]:
        """Take away the attached things that *unwanted* picks, and return them."""
        gone = [item for item in self.attached if unwanted(item)]
        self.attached = [item for item in self.attached if item not in gone]
        return gone


def shifted(area: GridRange, dimension: Dimension, change: Shift) -> GridRange | None:
    """Where cells are after rows or columns were inserted, deleted or moved; None when they are gone."""
    if dimension == "ROWS":
        span = shift_span(change, (area.start_row, area.end_row))
        return span and replace(area, start_row=span[0], end_row=span[1])
    span = shift_span(change, (area.start_col, area.end_col))
    return span and replace(area, start_col=span[0], end_col=span[1])


def plain_value(cell: AnyCell) -> Value:
    """The stored value of a cell, formulas not computed."""
    return cell.value if isinstance(cell, Cell) else cell
