"""The sheet as it was at one moment: who stands in which row, and what the tool's columns held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .a1 import column_letters, in_tab, runs
from .api import SpreadsheetApi
from .columns import BLANK, DETAIL, STATUS, Cells, Columns
from .errors import SheetError
from .rows import RowReader

#: Google takes the ranges of a read from the URL: more than this are joined.
MOST_RANGES = 40


@dataclass
class Snapshot:
    """Rows by number (from 2 on; row 1 is the header), and where each key stands."""

    columns: Columns
    rows: dict[int, tuple[str | None, Cells]] = field(default_factory=dict)
    where: dict[str, list[int]] = field(default_factory=dict)
    #: The whole rows from row 2 on, where all was read.
    whole: list[list[Any]] | None = None
    #: Rows on which something landed that was meant for another row -> what they held before.
    undone: dict[int, Cells] = field(default_factory=dict)
    #: Rows in which nothing but the tool's columns is filled.
    nobodys: set[int] = field(default_factory=set)

    def held(self, number: int) -> Cells:
        """Return what the row holds, or held before something landed on it by mistake."""
        return self.undone.get(number, self.rows[number][1])

    def add(self, number: int, key: str | None, cells: Cells) -> None:
        """Note one row."""
        self.rows[number] = (key, cells)
        if key is not None:
            self.where.setdefault(key, []).append(number)

    def all_cells_of(self, key: str) -> list[Cells]:
        """Return what the tool's columns held in each row of *key*."""
        return [self.held(number) for number in self.where.get(key, ())]

    def missing_from(self, later: Snapshot, key: str) -> list[Cells]:
        """Return what the rows of *key* held here that none of its rows holds in a *later* snapshot."""
        still_there = later.all_cells_of(key)
        missing = []
        for cells in self.all_cells_of(key):
            if cells in still_there:
                still_there.remove(cells)
            else:
                missing.append(cells)
        return missing


def take(reader: RowReader, rows: list[list[Any]]) -> Snapshot:
    """Return the snapshot of whole rows (without the header). Blank rows are left out."""
    snapshot = Snapshot(reader.columns, whole=rows)
    for number, row in enumerate(rows, start=2):
        cells = reader.columns.cells(row)
        if reader.key(row) is None:
            if cells == BLANK:
                continue
            snapshot.nobodys.add(number)
        snapshot.add(number, reader.key(row), cells if cells != BLANK else BLANK)
    return snapshot


def read_all(api: SpreadsheetApi, tab: str) -> tuple[Columns, list[list[Any]]]:
    """Read a whole tab (one read): its columns, and its rows from row 2 on."""
    values = api.read([in_tab(tab)])[0]
    return Columns(tab, values[0] if values else []), values[1:]


def read_places(api: SpreadsheetApi, reader: RowReader) -> Snapshot | None:
    """Read only what identifies rows and what the tool owns (one read); None when the columns are not where they were."""
    columns = reader.columns
    needed = {reader.phone, *columns.owned_places} | ({reader.id} if reader.id is not None else set())
    spans = runs(needed)
    ranges = [in_tab(columns.tab, "1:1")]
    ranges += [in_tab(columns.tab, f"{column_letters(first)}:{column_letters(last)}") for first, last in spans]
    try:
        header, *blocks = api.read(ranges)
    except SheetError as error:
        if (
            error.permanent
        ):  # a column beyond the grid, perhaps because somebody deleted columns: look again at everything
            return None
        raise
    if Columns(columns.tab, header[0] if header else []) != columns:
        return None
    snapshot = Snapshot(columns)
    width = spans[-1][1] + 1
    for index in range(1, max(map(len, blocks), default=0)):
        row: list[Any] = [None] * width
        for (first, _), block in zip(spans, blocks, strict=True):
            if index < len(block):
                row[first : first + len(block[index])] = block[index]
        key, cells = reader.key(row), columns.cells(row)
        if key is not None or cells != BLANK:
            snapshot.add(index + 1, key, cells if cells != BLANK else BLANK)
    return snapshot


def read_rows(api: SpreadsheetApi, columns: Columns, numbers: Sequence[int]) -> dict[int, list[Any]] | None:
    """Read whole rows (one read), by number; None when the columns are not where they were."""
    last = column_letters(max(len(columns.header), 1) - 1)
    spans = runs(numbers, MOST_RANGES)
    ranges = [in_tab(columns.tab, "1:1")]
    ranges += [in_tab(columns.tab, f"A{first}:{last}{final}") for first, final in spans]
    try:
        header, *blocks = api.read(ranges)
    except SheetError as error:
        if error.permanent:  # rows beyond the grid: somebody deleted rows
            return None
        raise
    if Columns(columns.tab, header[0] if header else []) != columns:
        return None
    found: dict[int, list[Any]] = {}
    for (first, final), block in zip(spans, blocks, strict=True):
        for number in range(first, final + 1):
            found[number] = block[number - first] if number - first < len(block) else []
    return found


def blocks_of(columns: Columns, wanted: dict[int, tuple[Cells, Cells]]) -> Iterator[tuple[str, list[list[Any]]]]:
    """Yield ranges and values that write *wanted* (row number -> what it holds, what it shall hold), neighbours in one range.

    Status (unless it stays blank) and Detail are always written, the rest only where it changes (``None`` leaves a cell
    alone): should the write land on another row, that row keeps the code and the message id that tell of it.
    """
    places = columns.owned_places
    spans = runs(places)
    for top, bottom in runs(wanted):
        for first, last in spans:
            order = [places.index(place) for place in range(first, last + 1)]
            values = [[_value(*wanted[number], i) for i in order] for number in range(top, bottom + 1)]
            cells = f"{column_letters(first)}{top}:{column_letters(last)}{bottom}"
            yield in_tab(columns.tab, cells), values


def written_values(columns: Columns, present: Cells, cells: Cells) -> dict[int, str | int]:
    """Return column index -> value for what :func:`blocks_of` writes into one row."""
    values = {place: _value(present, cells, i) for i, place in enumerate(columns.owned_places)}
    return {place: value for place, value in values.items() if value is not None}


def _value(present: Cells, cells: Cells, place: int) -> str | int | None:
    if present[place] == cells[place] and (place not in (STATUS, DETAIL) or (place == STATUS and not cells[STATUS])):
        return None
    text = cells[place]
    return int(text) if place == _PARTS and text.isdigit() else text


_PARTS = 3  # the one column that holds numbers, so that people can add them up
