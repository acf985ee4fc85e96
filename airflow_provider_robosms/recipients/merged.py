"""Merged cells: people see one value over several rows, and the Sheets API gives it to the first cell alone.

So an Opt Out that is merged over three rows would protect the first person only, a Send At would hold back the first only,
and a result that is written into a covered cell would be lost.
Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets (merges)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ..exceptions import SheetError
from ..sms.merge import clip
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.api import Merge
from ..spreadsheet.cells import text_of
from .rows import RowReader
from .yes_no import says_no


def covered(merges: Sequence[Merge], places: Collection[int]) -> Iterator[tuple[int, int, Merge]]:
    """Yield the cells below the header that are merged and not the first of their merge, as (row, column, merge) from 0.

    :param places: the columns that are asked for.
    """
    for merge in merges:
        columns = [place for place in sorted(places) if merge.left <= place < merge.right]
        for row in range(max(1, merge.top), merge.bottom) if columns else ():
            yield from ((row, place, merge) for place in columns if (row, place) != (merge.top, merge.left))


def check_merged(merges: Sequence[Merge], rows: Sequence[Sequence[Any]], reader: RowReader) -> None:
    """See that no cell that decides something of a recipient is covered by a merge.

    A heading over a row of nobody, such as "Class 5" from A to F, is left alone.

    :param rows: of the tab, from row 2 on.
    :raises SheetError: when one is.
    """
    for row, place, merge in covered(merges, reader.deciding):
        if row <= len(rows) and _is_somebodys(rows[row - 1], merge, reader):
            where = f"column {column_letters(place)} ({clip(reader.columns.header[place])!r})"
            raise SheetError(
                f"Row {row + 1} of tab {reader.columns.tab!r} has a merged cell in {where}, and what "
                "is shown there belongs to the first cell of the merge alone: unmerge the cells of that column "
                "(Format > Merge cells > Unmerge) and fill in each row.",
                permanent=True,
            )


def _is_somebodys(row: Sequence[Any], merge: Merge, reader: RowReader) -> bool:
    """Tell whether a row has a recipient, or would have one if the merge did not cover the phone or the ID."""
    if reader.key(row) is not None:
        return True
    beside = (cell for place, cell in enumerate(row) if not merge.left <= place < merge.right)
    return any(not says_no(cell) for cell in beside if text_of(cell))
