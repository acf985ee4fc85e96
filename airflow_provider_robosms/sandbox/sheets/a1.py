"""A1 notation and half-open cell ranges.

Rules: https://developers.google.com/workspace/sheets/api/guides/concepts#cell. R1C1 notation is not understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .errors import Json, invalid

# A column has at most three letters in Google Sheets (ZZZ), so "Sheet1" is a name and "tab01" is a cell.
_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,8})?\Z")
_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+\Z")
_R1C1 = re.compile(r"[Rr][0-9]*([Cc][0-9]*)?\Z|[Cc][0-9]*\Z")
# Further than any grid goes.
_FAR = 10**9
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class GridRange:
    """A rectangle of cells, counted from 0, ends not included; None means unbounded on that side."""

    start_row: int | None = None
    end_row: int | None = None
    start_col: int | None = None
    end_col: int | None = None

    @property
    def top(self) -> int:
        return self.start_row or 0

    @property
    def bottom(self) -> int:
        return _FAR if self.end_row is None else self.end_row

    @property
    def left(self) -> int:
        return self.start_col or 0

    @property
    def right(self) -> int:
        return _FAR if self.end_col is None else self.end_col

    @property
    def sides(self) -> tuple[int | None, int | None, int | None, int | None]:
        return self.start_row, self.end_row, self.start_col, self.end_col

    def clip(self, rows: int, columns: int) -> GridRange:
        """The part inside a grid of *rows* × *columns*, all four sides given."""
        return GridRange(self.top, min(self.bottom, rows), self.left, min(self.right, columns))

    def contains(self, row: int, col: int) -> bool:
        """Whether the cell is inside."""
        return self.top <= row < self.bottom and self.left <= col < self.right

    def overlaps(self, other: GridRange) -> bool:
        """Whether the two share a cell."""
        rows = self.top < other.bottom and other.top < self.bottom
        return rows and self.left < other.right and other.left < self.right

    def intersection(self, other: GridRange) -> GridRange:
        """The cells that the two, without open sides, have in common."""
        return GridRange(
            max(self.top, other.top),
            min(self.bottom, other.bottom),
            max(self.left, other.left),
            min(self.right, other.right),
        )

    def shifted(self, rows: int, cols: int) -> GridRange:
        """The range, without open sides, *rows* further down and *cols* further right."""
        return GridRange(self.top + rows, self.bottom + rows, self.left + cols, self.right + cols)

    def without(self, hole: GridRange) -> list[GridRange]:
        """What is left of a range without open sides when *hole* is cut out: up to four ranges."""
        if not self.overlaps(hole):
            return [self]
        middle = self.intersection(hole)
        beside = replace(self, start_row=middle.top, end_row=middle.bottom)
        parts = [
            replace(self, end_row=middle.top),
            replace(self, start_row=middle.bottom),
            replace(beside, end_col=middle.left),
            replace(beside, start_col=middle.right),
        ]
        return [part for part in parts if part.top < part.bottom and part.left < part.right]

    def json(self, sheet_id: int) -> Json:
        """Google's GridRange; like Google, without a sheetId that is 0."""
        names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        found: Json = {"sheetId": sheet_id} if sheet_id else {}
        return found | {name: side for name, side in zip(names, self.sides, strict=True) if side is not None}


def column_letters(index: int) -> str:
    """``0`` → ``A``, ``26`` → ``AA``."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """``A`` → ``0``, ``aa`` → ``26``."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def cell_name(row: int, col: int) -> str:
    """``(0, 0)`` → ``A1``."""
    return f"{column_letters(col)}{row + 1}"


def quote_title(title: str) -> str:
    """The tab's name as Google writes it in a range: quoted unless it is a plain word that is no cell name.

    Which titles Google leaves unquoted is known for ASCII (recorded answers); other letters are quoted here.
    """
    plain = _PLAIN_TITLE.match(title) and not _CELL.match(title) and not _R1C1.match(title)
    return title if plain else "'" + title.replace("'", "''") + "'"


def range_name(title: str, area: GridRange) -> str:
    """A range as Google writes it: ``Sheet1!A2:C1000``, ``'My Tab'!B3``, ``T!A1001:B`` for an open end."""
    first = cell_name(area.top, area.left)
    last = (column_letters(area.end_col - 1) if area.end_col else "") + (str(area.end_row) if area.end_row else "")
    return f"{quote_title(title)}!{first}" + (f":{last}" if last and last != first else "")


def split_title(text: str) -> tuple[str | None, str | None]:
    """Split a range into the tab's title and the cells; either may be missing (None)."""
    if text.startswith("'"):
        end = 1
        while (end := text.find("'", end)) >= 0:
            if text[end + 1 : end + 2] != "'":
                break
            end += 2
        rest = text[end + 1 :]
        if end < 0 or (rest and not rest.startswith("!")) or rest == "!":
            raise unparsable(text)
        return text[1:end].replace("''", "'"), rest[1:] or None
    title, mark, cells = text.rpartition("!")
    return (title, cells) if mark else (None, text)


def parse_cells(text: str) -> GridRange | None:
    """Parse ``A1``, ``A1:B2``, ``A:C``, ``1:3``, ``A2:C``, ``A2:2``, ``D4:A1``; None when it is something else."""
    ends = text.split(":")
    corners = [_CORNER.match(end) for end in ends]
    if not 1 <= len(ends) <= 2 or any(corner is None or not corner[0] for corner in corners):
        return None
    columns = [column_index(corner[1]) for corner in corners if corner and corner[1]]
    rows = [int(corner[2]) - 1 for corner in corners if corner and corner[2]]
    if len(ends) == 1:
        if not (columns and rows):
            return None
        return GridRange(rows[0], rows[0] + 1, columns[0], columns[0] + 1)
    return GridRange(*_span(rows), *_span(columns))


def _span(indexes: list[int]) -> tuple[int | None, int | None]:
    if len(indexes) == 2:
        return min(indexes), max(indexes) + 1
    # Only one end says which row (or column): the other end is open, as in A2:C.
    return (indexes[0], None) if indexes else (None, None)


def unparsable(text: str) -> Exception:
    """Google's answer to a range that names no tab or no cells."""
    return invalid(f"Unable to parse range: {text}")
