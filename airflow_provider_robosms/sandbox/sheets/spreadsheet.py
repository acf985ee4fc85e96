"""A spreadsheet: its tabs, who may see and change it, and a version that counts its changes."""

from __future__ import annotations

import copy
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from .a1 import GridRange, parse_cells, split_title, unparsable
from .cells import Cell, Row, with_formula
from .computing import Calculator
from .errors import GoogleError, invalid, protected
from .evaluate import Result
from .formulas import Reference, renamed, rewrite
from .moves import Shift
from .sheet import Dimension, Sheet, shifted

MAX_CELLS = 10_000_000


class Spreadsheet:
    """A spreadsheet in memory, shared with e-mail addresses, each a ``writer`` or ``reader``; usable without the web
    service.

    Every change goes through :meth:`change`, which makes it all or nothing and counts it once in ``version``. All public
    operations (:mod:`.values`, :mod:`.requests`, :mod:`.person`) hold ``lock``. ``lag`` keeps what late reads show, if
    there is one.
    """

    def __init__(
        self,
        spreadsheet_id: str,
        title: str,
        *,
        shared: dict[str, str] | None = None,
    ) -> None:
        self.id = spreadsheet_id
        self.title = title
        self.shared = shared or {}
        self.sheets: list[Sheet] = []
        self.version = 0
        # A :class:`.lagging.ReadLag`.
        self.lag: Any = None
        self.lock = threading.RLock()
        self.calculator = Calculator(self)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make what happens inside one change: either all of it or, after an exception, nothing."""
        with self.lock:
            before = [sheet.clone() for sheet in self.sheets]
            try:
                yield
                if sum(sheet.row_count * sheet.column_count for sheet in self.sheets) > MAX_CELLS:
                    limit = f"above the limit of {MAX_CELLS} cells."
                    raise invalid(f"This action would increase the number of cells in the workbook {limit}")
            except BaseException:
                self.sheets = before
                raise
            if self.lag:
                self.lag.changed(self, before)
            self.version += 1

    # Tabs

    def sheet(self, title: str) -> Sheet | None:
        """The tab with this title; the case of the letters does not matter, as in Google's ranges."""
        for sheet in self.sheets:
            if sheet.title == title:
                return sheet
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    def sheet_by_id(self, sheet_id: int, kind: str = "grid") -> Sheet:
        """The tab with this id; Google calls it a *kind* of thing when it is missing."""
        for sheet in self.sheets:
            if sheet.sheet_id == sheet_id:
                return sheet
        raise invalid(f"No {kind} with id: {sheet_id}")

    def add_sheet(
        self, title: str, *, sheet_id: int | None = None, index: int | None = None, rows: int = 1000, columns: int = 26
    ) -> Sheet:
        """Add a tab; to be called inside :meth:`change`."""
        self.check_title(title)
        if sheet_id is None:
            sheet_id = random.randrange(1, 2**31 - 1) if self.sheets else 0
        if any(sheet.sheet_id == sheet_id for sheet in self.sheets):
            raise invalid(f"Sheet with id {sheet_id} already exists. Please enter another id.")
        if rows < 1 or columns < 1:
            raise invalid("A sheet needs at least one row and one column.")
        sheet = Sheet(sheet_id, title, rows, columns)
        self.sheets.insert(len(self.sheets) if index is None else index, sheet)
        return sheet

    def remove_sheet(self, sheet: Sheet) -> None:
        """Take a tab away, if a visible one is left; to be called inside :meth:`change`."""
        if all(other is sheet or other.hidden for other in self.sheets):
            raise invalid("You can't remove all the visible sheets in a document.")
        self.sheets.remove(sheet)

    def check_title(self, title: str, own: Sheet | None = None) -> None:
        """Refuse a tab title that is empty, too long or taken by another tab than *own*."""
        if not title or len(title) > 100:
            raise invalid("The name of a sheet must have 1 to 100 characters.")
        if self.sheet(title) not in (None, own):
            raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')

    def rename_sheet(self, sheet: Sheet, title: str) -> None:
        """Give a tab another title; formulas that name the old one follow. To be called inside :meth:`change`."""
        self.check_title(title, sheet)
        old, sheet.title = sheet.title, title
        for home in self.sheets:
            if home.has_formulas:
                home.replace_rows([_follow(row, lambda formula: renamed(formula, old, title)) for row in home.rows])

    # Ranges

    def resolve(self, text: str) -> tuple[Sheet, GridRange]:
        """The tab and the cells that an A1 range means now: cells or a whole tab."""
        title, cells = split_title(text)
        area = GridRange() if cells is None else parse_cells(cells)
        if title is None and area is not None:
            return self.sheets[0], area
        if title is None:
            # A title alone means the whole tab.
            title, area = cells, GridRange()
        sheet = self.sheet(title or "")
        if sheet is None or area is None:
            raise unparsable(text)
        return sheet, area

    # Rows and columns

    def shift(self, sheet: Sheet, dimension: Dimension, change: Shift) -> None:
        """Insert, delete or move rows or columns of a tab, and let all formulas follow."""
        sheet.shift(dimension, change)

        def place(home: Sheet, ref: Reference) -> GridRange | None:
            there = self.sheet(ref.sheet) if ref.sheet else home
            return shifted(ref.area, dimension, change) if there is sheet else ref.area

        for home in self.sheets:
            if home.has_formulas:
                follow = partial(rewrite, change=partial(place, home))
                home.replace_rows([_follow(row, follow) for row in home.rows])

    # Values

    def rows(self, sheet: Sheet, start: int, end: int) -> Sequence[Row]:
        """Rows as they show, spilled values in them; empty rows and cells at the end may be left out."""
        return self.calculator.rows(sheet, start, end)

    def computed(self, sheet: Sheet, row: int, col: int) -> Result:
        """The value of a cell with its formula computed; a circle of references is ``#REF!``."""
        return self.calculator.computed(sheet, row, col)

    def past(self, version: int, sheets: list[Sheet]) -> Spreadsheet:
        """The spreadsheet with earlier contents, for reading only; its rights are those of now."""
        late = copy.copy(self)
        late.version, late.sheets = version, sheets
        late.calculator = Calculator(late)
        return late

    # Rights

    def check_access(self, user: str, *, write: bool) -> None:
        """Refuse a caller (by e-mail address) with whom the spreadsheet is not shared, or not for writing."""
        role = self.shared.get(user)
        if role is None or (write and role != "writer"):
            raise GoogleError(403, "PERMISSION_DENIED", "The caller does not have permission")

    def check_protected(self, sheet: Sheet, area: GridRange, user: str | None) -> None:
        """Refuse a change of cells that are protected against the caller *user*."""
        for item in sheet.of_kind("protection"):
            if user not in item.data["mayEdit"] and item.range.overlaps(area):
                raise protected()


def _follow(row: Row, change: Callable[[str], str]) -> Row:
    if not any(isinstance(cell, Cell) and cell.formula for cell in row):
        return row
    return [with_formula(cell, change) for cell in row]
