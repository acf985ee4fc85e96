"""The CSV that Google Sheets writes (File → Download → Comma-separated values)."""

from __future__ import annotations

from .a1 import GridRange
from .render import read
from .sheet import Sheet
from .spreadsheet import Spreadsheet


def csv_text(book: Spreadsheet, sheet: Sheet) -> str:
    """A tab as CSV: what the cells show, as wide as the widest row, lines ended by CR LF but for the last.

    A text that looks like a formula is written as it stands: whoever opens the file elsewhere runs it. That is Google's
    behaviour, and the reason to neutralise such texts before they come into a sheet.
    """
    with book.lock:
        rows = read(book, sheet, GridRange(0, sheet.row_count, 0, sheet.column_count))
    width = max(map(len, rows), default=0)
    return "\r\n".join(",".join(map(_field, row + [""] * (width - len(row)))) for row in rows)


def _field(text: str) -> str:
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
