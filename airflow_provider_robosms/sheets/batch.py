"""The requests of one batch: copies of what is about to be overwritten, the rows as they stand, and the writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..spreadsheet.moved_formulas import moved
from ..spreadsheet.requests import a1, copy, insert_columns, put, region
from .desired import Look, Op
from .working_tab import HEAD, SEEN, VALUES, Head, Logged, LoggedCell, columns_hash, images_at, key_hash


def requests_of(
    look: Look, ops: Sequence[Op], base: int, recipients: int, working: int, number: int
) -> list[dict[str, Any]]:
    """Return the requests that write: first copies of what is there, then the writes.

    :param base: index of the working tab's row where the batch's block begins.
    :param recipients, working: ids of the two tabs.
    :param number: of the batch, from 1.
    """
    if not ops:
        return []
    width = look.width
    head = min(HEAD, look.top + 1 + len(look.rows))
    places = look.columns.owned_places if not look.columns.missing else []
    images_column = images_at(width)
    lines = [
        [Head(places, images_column, columns_hash(look.columns.header), number).text()],
        *([""] for _ in range(HEAD - 1)),
    ]
    lines += [[_logged(op).text(), *(op.values or (image.text for _, image in op.images))] for op in ops]
    top = region(recipients, 0, head, 0, width)
    seen = [copy(top, region(working, base, base + head, SEEN, SEEN + width), "PASTE_VALUES")]
    images, writes = [], []
    for first, last in _runs(ops):
        op, line = ops[first], base + HEAD + first
        rows = (op.place, op.place + last - first + 1)
        end = line + last - first + 1
        seen.append(
            copy(region(recipients, *rows, 0, width), region(working, line, end, SEEN, SEEN + width), "PASTE_VALUES")
        )
        for at, length in _column_runs(op.columns):
            cells = region(recipients, *rows, op.columns[at], op.columns[at] + length)
            before = region(working, line, end, images_column + at, images_column + at + length)
            images.append(copy(cells, before, "PASTE_NORMAL"))
            if op.values is not None:
                source = region(working, line, end, VALUES + at, VALUES + at + length)
                writes.append(copy(source, cells, "PASTE_VALUES"))
        for at, (_, image) in enumerate(op.images):
            source = region(
                image.source.sheet_id, image.source.row, image.source.row + 1, image.source.column,
                image.source.column + 1,
            )  # fmt: skip
            cells = region(recipients, *rows, op.columns[at], op.columns[at] + 1)
            writes.append(copy(source, cells, "PASTE_NORMAL"))
            writes += _formula(look, op, at, recipients)
    at = len(look.columns.header) - len(look.inserted)
    inserts = insert_columns(recipients, at, look.inserted, look.top, look.grid - len(look.inserted))
    return [*inserts, put(working, base, 0, lines), *seen, *images, *writes]


def _formula(look: Look, op: Op, at: int, recipients: int) -> list[dict[str, Any]]:
    """Return what adjusts the references of a formula that is put back after columns were moved."""
    image = op.images[at][1]
    formula, moves = image.formula or "", image.moved_to(op.columns[at], look.column)
    if moves is None or not formula.startswith("="):
        return []
    value = {"userEnteredValue": {"formulaValue": moved(formula, op.place - image.source.row, moves)}}
    start = {"sheetId": recipients, "rowIndex": op.place, "columnIndex": op.columns[at]}
    return [{"updateCells": {"start": start, "rows": [{"values": [value]}], "fields": "userEnteredValue"}}]


def shown_of(title: str, look: Look, ops: Sequence[Op], base: int, keys: Sequence[int]) -> list[str]:
    """Return what the batch's answer shall show: of each row only who it is, which keeps it small.

    :param title: of the working tab.
    :param keys: columns that identify rows.
    """
    if not ops:
        return []
    width = look.width
    shown = [a1(title, base, base + HEAD, SEEN, SEEN + width)]
    rows = (base + HEAD, base + HEAD + len(ops))
    return shown + [a1(title, *rows, SEEN + place, SEEN + place + 1) for place in keys]


def _logged(op: Op) -> Logged:
    if op.values is not None:
        return Logged(key_hash(op.row.key), op.place, [])
    cells = [
        LoggedCell(column, header.name, header.nth, image.shown is None)
        for column, (header, image) in zip(op.columns, op.images, strict=True)
    ]
    return Logged(key_hash(op.row.key) if op.row.key else "", op.place, cells)


def _runs(ops: Sequence[Op]) -> Iterable[tuple[int, int]]:
    """Yield (first, last) of results in rows that follow each other; images go row by row."""
    first = 0
    for at in range(1, len(ops) + 1):
        same = at < len(ops) and ops[at].values is not None and ops[at - 1].values is not None
        if not (same and ops[at].place == ops[at - 1].place + 1):
            yield first, at - 1
            first = at


def _column_runs(columns: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Yield (position, length) of columns that follow each other."""
    first = 0
    for at in range(1, len(columns) + 1):
        if at == len(columns) or columns[at] != columns[at - 1] + 1:
            yield first, at - first
            first = at
