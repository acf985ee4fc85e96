"""Merged cells: people see one value over several rows, and the Sheets API gives it to the first cell alone.

So an Opt Out that is merged over three rows would protect the first person only, a Send At would hold back the first only,
and a result that is written into a covered cell would be lost.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets (merges)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from ..exceptions import SheetError
from ..sms.merge import clip
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.api import Merge
from ..spreadsheet.cells import text_of
from .own_cells import is_free
from .rows import RowReader
from .yes_no import says_no


def covered(
    merges: Sequence[Merge], places: Collection[int], end: int | None = None
) -> Iterator[tuple[int, int, Merge]]:
    """Yield the cells below the header that are merged and not the first of their merge, as (row, column, merge) from 0.

    :param places: the columns that are asked for.
    :param end: the row behind the last that is asked for; None for all.
    """
    for merge in merges:
        columns = [place for place in sorted(places) if merge.left <= place < merge.right]
        last = merge.bottom if end is None else min(end, merge.bottom)
        for row in range(max(1, merge.top), last) if columns else ():
            yield from ((row, place, merge) for place in columns if (row, place) != (merge.top, merge.left))


def check_merged(merges: Sequence[Merge], rows: Sequence[Sequence[Any]], reader: RowReader, now: datetime) -> None:
    """See that no cell that decides something of a recipient is covered by a merge.

    Rows that are not texted anyway are left alone, such as a heading "Class 5" or "Total" over several columns.

    Own columns that are missing are inserted right of all that there is: a merge across that place would take them in.

    :param rows: of the tab, from row 2 on.
    :raises SheetError: when one is.
    """
    if not merges:
        return
    columns = reader.columns
    width = max(len(columns.header), max(map(len, rows), default=0))
    across = [merge for merge in merges if columns.missing and merge.left < width < merge.right]
    for row, place, merge in covered(merges, {*reader.deciding, width}, len(rows) + 1):
        if (place < width or merge in across) and _matters(rows[row - 1], place, merge, reader, now):
            name = columns.header[place] if place < len(columns.header) else ""
            raise SheetError(
                f"Row {row + 1} of tab {columns.tab!r} has a merged cell in column {column_letters(place)} ({clip(name)!r}), "
                "and what is shown there belongs to the first cell of the merge alone: unmerge the cells of that column "
                "(Format > Merge cells > Unmerge) and fill in each row.",
                permanent=True,
            )
    for merge in merges:
        several = merge.top == 0 and merge.right - merge.left > 1
        if several and (merge.left in reader.own_protecting or merge in across):
            raise SheetError(
                f"The header {clip(columns.header[merge.left])!r} of tab {columns.tab!r} is merged over several columns, of "
                "which the first alone is heeded: unmerge it.",
                permanent=True,
            )


def _matters(row: Sequence[Any], place: int, merge: Merge, reader: RowReader, now: datetime) -> bool:
    """Tell whether a row would be texted, or whether it would have a recipient if the merge did not cover who it is."""
    key = reader.key(row)
    if key is not None and is_free(reader.columns.cells(row)) and reader.plan(row, key, now).message is not None:
        return True
    # A value over several rows is meant for each of them; one that is a title, or lies in a row of its own, is nobody's.
    if place not in reader.identity(reader.columns) or merge.top == 0 or merge.bottom - merge.top == 1:
        return False
    beside = (cell for at, cell in enumerate(row) if not merge.left <= at < merge.right)
    return any(not says_no(cell) for cell in beside if text_of(cell))
