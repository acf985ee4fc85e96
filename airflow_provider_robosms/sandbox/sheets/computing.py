"""What the cells of a spreadsheet show: formulas computed, and array formulas spilled into the cells beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from .a1 import cell_name
from .cells import AnyCell, Cell, CellError, Row, Value, is_empty, with_value
from .cells import number_format as format_of
from .evaluate import FormulaError, Result, Scene, evaluate
from .formulas import Reference, spills
from .sheet import Sheet, plain_value

Place = tuple[int, int, int]
# Array formulas that read each other settle after as many rounds as they stand behind each other.
_ROUNDS = 10


class SpillError(CellError):
    """``#REF!`` in the cell of an array formula that had no room, with Google's sentence for it."""

    def __new__(cls, message: str) -> SpillError:
        found = super().__new__(cls, "#REF!")
        found.message = message
        return found

    message: str


class _Spilled:
    """What array formulas show in their own cells, and beside them (tab's id → row → column → value)."""

    def __init__(self) -> None:
        self.anchors: dict[Place, Value] = {}
        self.cells: dict[int, dict[int, dict[int, Value]]] = {}

    def same(self, other: _Spilled) -> bool:
        return self.anchors == other.anchors and self.cells == other.cells


class Calculator:
    """The formulas of one spreadsheet. Array formulas are computed once after a change, others whenever they are read."""

    def __init__(self, book: Any) -> None:
        # A :class:`.spreadsheet.Spreadsheet`.
        self._book = book
        self._computing: set[Place] = set()
        self._spilled = _Spilled()
        self._seen: Any = None
        self._busy = False

    # Cells

    def computed(self, sheet: Sheet, row: int, col: int) -> Result:
        """The value of a cell with its formula computed; a circle of references is ``#REF!``."""
        cell = sheet.cell(row, col)
        if not isinstance(cell, Cell) or not cell.formula:
            value = plain_value(cell)
            if value is None and self.has_arrays:
                value = self._spills().cells.get(sheet.sheet_id, {}).get(row, {}).get(col)
            return Result(value, format_of(cell))
        place = (sheet.sheet_id, row, col)
        if sheet.has_arrays and spills(cell.formula):
            return Result(self._spills().anchors.get(place), format_of(cell))
        found = self._guarded(sheet, place, cell.formula)
        return Result(found.value, format_of(cell) or found.number_format)

    def rows(self, sheet: Sheet, start: int, end: int) -> Sequence[Row]:
        """Rows as they show, spilled values in them; empty rows and cells at the end may be left out."""
        stored = sheet.rows[start:end]
        fresh = self._spills().cells.get(sheet.sheet_id) if self.has_arrays else None
        if not fresh:
            return stored
        last = min(end, max(fresh) + 1)
        stored += [()] * (last - start - len(stored))
        return [_overlaid(cells, fresh[row]) if row in fresh else cells for row, cells in enumerate(stored, start)]

    @property
    def has_arrays(self) -> bool:
        """Whether there may be an array formula."""
        for sheet in self._book.sheets:  # noqa: SIM110 - asked for each blank cell, and any() is slow
            if sheet.has_arrays:
                return True
        return False

    # Formulas

    def _guarded(self, sheet: Sheet, place: Place, formula: str) -> Result:
        if place in self._computing:
            return Result(CellError("#REF!"))
        self._computing.add(place)
        scene = Scene(partial(self._referenced, sheet), partial(self._area, sheet))
        try:
            return evaluate(formula, scene)
        except RecursionError:
            return Result(CellError("#REF!"))
        finally:
            self._computing.discard(place)

    def _tab(self, home: Sheet, ref: Reference) -> Sheet | None:
        return self._book.sheet(ref.sheet) if ref.sheet else home

    def _referenced(self, home: Sheet, ref: Reference) -> Result:
        sheet = self._tab(home, ref)
        if sheet is None or ref.area.top >= sheet.row_count or ref.area.left >= sheet.column_count:
            return Result(CellError("#REF!"))
        return self.computed(sheet, ref.area.top, ref.area.left)

    def _area(self, home: Sheet, ref: Reference) -> list[list[Value]]:
        sheet = self._tab(home, ref)
        if sheet is None or ref.area.top >= sheet.row_count or ref.area.left >= sheet.column_count:
            raise FormulaError("#REF!")
        area = ref.area.clip(sheet.row_count, sheet.column_count)
        width = area.right - area.left
        rows = []
        for row, line in enumerate(self.rows(sheet, area.top, area.bottom), area.top):
            found = [
                self.computed(sheet, row, col).value if isinstance(cell, Cell) else cell
                for col, cell in enumerate(line[area.left : area.end_col], area.left)
            ]
            rows.append(found + [None] * (width - len(found)))
        return rows + [[None] * width for _ in range(area.bottom - area.top - len(rows))]

    # Array formulas

    def _spills(self) -> _Spilled:
        if self._busy:
            return self._spilled
        now = [(sheet.sheet_id, sheet.title, sheet.stamp) for sheet in self._book.sheets]
        if now != self._seen:
            self._busy, self._spilled = True, _Spilled()
            try:
                self._settle(list(self._anchors()))
            finally:
                self._busy = False
            self._seen = now
        return self._spilled

    def _anchors(self) -> Iterator[tuple[Sheet, int, int, str]]:
        for sheet in self._book.sheets:
            for row, cells in enumerate(sheet.rows) if sheet.has_arrays else ():
                for col, cell in enumerate(cells):
                    if isinstance(cell, Cell) and cell.formula and spills(cell.formula):
                        yield sheet, row, col, cell.formula

    def _settle(self, anchors: list[tuple[Sheet, int, int, str]]) -> None:
        for _ in range(_ROUNDS):
            fresh = _Spilled()
            for sheet, row, col, formula in anchors:
                place = (sheet.sheet_id, row, col)
                value = self._guarded(sheet, place, formula).value
                fresh.anchors[place] = _spill(fresh, sheet, place, value) if isinstance(value, list) else value
            before, self._spilled = self._spilled, fresh
            if len(anchors) == 1 or fresh.same(before):
                return


def _overlaid(stored: Row, fresh: dict[int, Value]) -> Row:
    cells: list[AnyCell] = [*stored, *[None] * (max(fresh) + 1 - len(stored))]
    for col, value in fresh.items():
        cells[col] = with_value(cells[col], value)
    return cells


def _spill(fresh: _Spilled, sheet: Sheet, place: Place, rows: list[list[Value]]) -> Value:
    """Lay an array over the cells beside the formula, if there is room; the value of the formula's own cell."""
    _, top, left = place
    width = len(rows[0])
    lacking = {"rows": top + len(rows) - sheet.row_count, "columns": left + width - sheet.column_count}
    for what, count in lacking.items():
        if count > 0:
            return SpillError(f"Result was not automatically expanded, please insert more {what} ({count}).")
    taken = fresh.cells.setdefault(sheet.sheet_id, {})
    for row in range(top, top + len(rows)):
        there = taken.get(row, {})
        for col in range(left, left + width):
            if (row, col) != (top, left) and (col in there or not is_empty(sheet.cell(row, col))):
                where = cell_name(row, col)
                return SpillError(f"Array result was not expanded because it would overwrite data in {where}.")
    for row, line in enumerate(rows, top):
        there = taken.setdefault(row, {})
        there |= {col: value for col, value in enumerate(line, left) if value is not None and (row, col) != (top, left)}
        if not there:
            del taken[row]
    return rows[0][0]
