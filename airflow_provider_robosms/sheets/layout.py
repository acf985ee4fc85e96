"""The tool's own columns in the recipients' tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .a1 import column_letters, in_tab
from .api import SpreadsheetApi
from .cells import text_of
from .columns import OWNED, STATUS, Columns
from .errors import SheetError, WriteInDoubt

#: Writes after which headers are looked at again.
_TRIES = 4


def check_own_columns(columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """See that the tool's columns are the tool's, before anything is written into them.

    :raises SheetError: when there is no Status column yet, but another column of ours holds data: it is somebody's own; or
        when there are two Status columns: which of them tells who was texted would depend on their order.
    """
    columns.one(OWNED[STATUS])
    if columns.owned[0] is not None:
        return
    for name, place in zip(OWNED, columns.owned, strict=True):
        if place is not None and any(place < len(row) and row[place] not in (None, "") for row in rows):
            raise SheetError(
                f"Tab {columns.tab!r} has a column {name!r} of its own with content, and the results would overwrite it: "
                f"rename that column, for {', '.join(OWNED)} are written by this task.",
                permanent=True,
            )


def ensure_columns(api: SpreadsheetApi, columns: Columns, rows: Sequence[Sequence[Any]]) -> Columns:
    """Return the columns with the tool's own among them, created at the right where they are missing.

    Two partitions that do this at once write the same headers into the same cells.

    :raises WriteInDoubt: when somebody moved columns meanwhile: the sheet must be read again.
    """
    missing = columns.missing
    if not missing:
        return columns
    start = max([len(columns.header), *map(len, rows)], default=0)
    tab = next((tab for tab in api.tabs() if tab.title == columns.tab), None)
    if tab is None:
        raise SheetError(f"Tab {columns.tab!r} is gone: it was there when the task began.", permanent=True)
    if tab.columns < start + len(missing):
        api.resize(tab.sheet_id, start + len(missing))
    cells = f"{column_letters(start)}1:{column_letters(start + len(missing) - 1)}1"
    api.write([(in_tab(columns.tab, cells), [list(missing)])])
    wanted = Columns(columns.tab, [*columns.header, *[""] * (start - len(columns.header)), *missing])
    if Columns(columns.tab, (api.read([in_tab(columns.tab, "1:1")])[0] or [[]])[0]) == wanted:
        return wanted
    _restore_headers(api, columns, rows, set(range(start, start + len(missing))))
    raise WriteInDoubt("Columns were moved while the result columns were made.")


def _restore_headers(api: SpreadsheetApi, before: Columns, rows: Sequence[Sequence[Any]], written: set[int]) -> None:
    """Give a person's columns back the headers that were overwritten, until none is missing: columns may move again.

    :param before, rows: the sheet before the write.
    :param written: places in row 1 that were written.
    """
    for _ in range(_TRIES):
        header, *rows_now = api.read([in_tab(before.tab)])[0] or [[]]
        now = Columns(before.tab, header)
        overwritten = _overwritten(before, rows, now, rows_now, written)
        if not overwritten:
            return
        api.write([(in_tab(before.tab, f"{column_letters(at)}1"), [[name]]) for at, name in overwritten.items()])
        mended = [overwritten.get(place, name) for place, name in enumerate(now.header)]
        before, rows, written = Columns(before.tab, mended), rows_now, set(overwritten)


def _overwritten(
    before: Columns, rows: Sequence[Sequence[Any]], now: Columns, rows_now: Sequence[Sequence[Any]], written: set[int]
) -> dict[int, str]:
    """Return place -> header of a person's columns that were pushed to where we wrote: recognised by what is in them, else by
    how far the column before them has moved."""
    headless = written | {place for place, name in enumerate(now.header) if name in OWNED}
    others = {name: place for place, name in enumerate(now.header) if name and place not in headless}
    found: dict[int, str] = {}
    shift = 0
    for place, name in enumerate(before.header):
        if not name or name in OWNED:
            continue
        if name in others:
            shift = others[name] - place
            continue
        content = _content(rows, place)
        alike = [at for at in sorted(headless) if content and _content(rows_now, at) == content]
        there = alike[0] if len(alike) == 1 else place + shift if shift > 0 else -1
        if there in headless and now.header[there : there + 1] != [name]:
            found[there] = name
    return found


def _content(rows: Sequence[Sequence[Any]], place: int) -> list[str]:
    """Return what is in a column below its header, whatever the order of the rows; empty for a blank one."""
    return sorted(text for row in rows if place < len(row) and (text := text_of(row[place])))
