"""Merged cells: people see one value over several rows, and the Sheets API gives it to the first cell alone.

So an Opt Out that is merged over three rows would protect the first person only, a Send At would hold back the first only,
and a result that is written into a covered cell would be lost.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets (merges)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from ..exceptions import SheetError
from ..sms.merge import clip
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.api import Merge
from ..spreadsheet.cells import text_of
from .own_cells import is_free
from .rows import RowReader
from .yes_no import says_no


def covered(merges: Sequence[Merge], places: Collection[int], end: int) -> Iterator[tuple[int, int, Merge]]:
    """Yield the cells below the header that are merged and not the first of their merge, as (row, column, merge) from 0.

    :param places: the columns that are asked for.
    :param end: the row behind the last that is asked for: a merge may go on for a million rows.
    """
    for merge in merges:
        columns = [place for place in sorted(places) if merge.left <= place < merge.right]
        for row in range(max(1, merge.top), min(end, merge.bottom)) if columns else ():
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
    identity = reader.identity(columns)

    @cache
    def would_be_texted(row: int) -> bool:
        cells = rows[row - 1]
        key = reader.key(cells)
        return key is not None and is_free(columns.cells(cells)) and reader.plan(cells, key, now).message is not None

    for row, place, merge in covered(merges, {*reader.deciding, width}, len(rows) + 1):
        if (place < width or merge in across) and (
            would_be_texted(row) or (place in identity and _covers_somebody(rows[row - 1], merge))
        ):
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


def _covers_somebody(row: Sequence[Any], merge: Merge) -> bool:
    """Tell whether a row would have a recipient if the merge did not cover who that is."""
    # A value over several rows is meant for each of them; one that is a title, or lies in a row of its own, is nobody's.
    if merge.top == 0 or merge.bottom - merge.top == 1:
        return False
    beside = (cell for at, cell in enumerate(row) if not merge.left <= at < merge.right)
    return any(not says_no(cell) for cell in beside if text_of(cell))
