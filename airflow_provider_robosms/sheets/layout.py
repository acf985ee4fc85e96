"""The tool's own columns in the recipients' tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .a1 import column_letters, in_tab
from .api import SpreadsheetApi
from .columns import OWNED, Columns
from .errors import SheetError


def check_own_columns(columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """See that the tool's columns are the tool's, before anything is written into them.

    :raises SheetError: when there is no Status column yet, but another column of ours holds data: it is somebody's own.
    """
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
    padding = [""] * (start - len(columns.header))
    return Columns(columns.tab, [*columns.header, *padding, *missing])
