"""What a dead holder of the lock left behind: its working tab, kept under a new id, and what its log says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..recipients.columns import Columns, Header, find_header
from ..recipients.own_cells import Row
from ..spreadsheet.api import Grid
from ..spreadsheet.requests import delete_tab
from .desired import Op, Written
from .hits import Image, Source
from .working_tab import HEAD, LOG, OWN, SEEN, VALUES, Head, Logged, Record, columns_hash, unpack


@dataclass(frozen=True)
class LogRow:
    """One row of a working tab's log.

    :param line: its index there.
    :param cells: all its cells.
    :param head: what the batch noted of itself.
    :param top: the first rows of the recipients' tab at its instant.
    """

    line: int
    logged: Logged
    cells: list[Any]
    head: Head
    top: list[list[Any]]


@dataclass
class LeftTab:
    """What a dead holder left behind.

    :param doubtful: hashes of what may have been sent; none when this very process made the tab.
    :param log: the batches' rows, see :class:`LogRow`.
    """

    sheet_id: int
    title: str
    record: Record
    doubtful: set[str] = field(default_factory=set)
    log: list[LogRow] = field(default_factory=list)


#: Stands in a lock until all has stood once: a person may have deleted another, and what this one does not list may have to
#: be put right, too.
UNLISTED = "?"


#: How the name of a batch begins of which only the results are still to be looked at: all that it hit is put right.
_RESULTS_ONLY = "="


def batch_name(holder: str, number: int, *, results_only: bool = False) -> str:
    """Return what names a batch in the lock."""
    return f"{_RESULTS_ONLY if results_only else ''}{holder}/{number}"


def holder_of(name: str) -> str:
    """Return whose batch it is that has this name; UNLISTED names nobody's."""
    return name.removeprefix(_RESULTS_ONLY).partition("/")[0]


class Block(NamedTuple):
    """A batch, by the log of a working tab.

    :param results_only: whether all that it hit is put right by now, so that only its results say anything.
    """

    tab: LeftTab
    number: int
    rows: list[LogRow]
    results_only: bool


def in_order(tabs: Sequence[LeftTab], listed: Sequence[str]) -> list[Block]:
    """Return the batches that still say something, in the order in which they were applied.

    :param listed: the batches since all last stood, see :func:`batch_name`.
    """
    rank = {name: at for at, name in enumerate(listed)}
    found: list[tuple[int, Block]] = []
    for tab in tabs:
        for number, rows in itertools.groupby(tab.log, lambda row: row.head.batch):
            whole, results = (batch_name(tab.record.holder, number, results_only=only) for only in (False, True))
            if whole in rank or results in rank or UNLISTED in rank:
                at = rank.get(whole, rank.get(results, -1))
                found.append((at, Block(tab, number, list(rows), whole not in rank and results in rank)))
    return [block for _, block in sorted(found, key=lambda one: one[0])]


def fence_off(old: int, fresh: int, title: str) -> list[dict[str, Any]]:
    """Return the requests that keep a tab under a new id and title, and delete the old id."""
    # A copy is the first of all tabs, which other tools may take for people's; without an index it goes to the end.
    hidden = {"properties": {"sheetId": fresh, "hidden": True}, "fields": "hidden,index"}
    return [
        {"duplicateSheet": {"sourceSheetId": old, "newSheetId": fresh, "newSheetName": title}},
        {"updateSheetProperties": hidden},
        delete_tab(old),
    ]


def read_left(sheet_id: int, title: str, grids: Sequence[Grid], own: Record) -> LeftTab | None:
    """Read what a dead holder left; None when the answer does not show it.

    :param own: the record of who reads; of another spreadsheet's tab (in a copy of the file) nothing is taken in.
    """
    grid = next((grid for grid in grids if grid.title == title), None)
    record = Record.parse(grid.at(0, 0)) if grid else None
    if grid is None or record is None or record.spreadsheet != own.spreadsheet:
        return None if grid is None else LeftTab(sheet_id, title, Record("", own.owner))
    tab = LeftTab(sheet_id, title, record)
    if record.holder != own.holder:
        tab.doubtful = unpack(grid.line(1))
    head, top = Head([], SEEN, "", 0), list[list[Any]]()
    for row in range(LOG, min(record.end, len(grid.rows))):
        if (found := Head.parse(grid.at(row, 0))) is not None:
            head, top = found, [grid.line(row + at)[SEEN : found.images] for at in range(HEAD)]
        logged = Logged.parse(grid.at(row, 0))
        if logged is not None:
            line = grid.line(row)
            tab.log.append(LogRow(row, logged, [*line, *[None] * (head.images + OWN - len(line))], head, top))
    return tab


def written_by(tab: LeftTab, row: LogRow, key_of: Callable[[str, Columns, Sequence[Any]], str]) -> Written:
    """Return what one row of a log says.

    :param key_of: returns a recipient by its hash, the columns at that instant, and the row as it was.
    """
    header = row.top[at] if (at := find_header(row.top)) is not None else []
    values, seen, before = row.cells[VALUES:SEEN], row.cells[SEEN : row.head.images], row.cells[row.head.images :]
    texts = [str(value or "") for value in values]
    sources = [Source(tab.sheet_id, row.line, row.head.images + at) for at in range(OWN)]
    key = key_of(row.logged.key, Columns("", header), seen)
    op = Op(Row(key), row.logged.row, row.head.places, tuple(texts))
    if row.logged.cells:
        op.columns, op.values = [cell.column for cell in row.logged.cells], None
        for cell, source, text in zip(row.logged.cells, sources, texts, strict=False):
            image = Image(source, None, text, cell.column, [], "=" if cell.formula else None)
            op.images.append((Header(cell.name, cell.nth), image))
    return Written(op, header, seen, sources, before, columns_hash(header) != row.head.columns)
