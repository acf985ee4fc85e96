"""batchUpdate request copyPaste: a rectangle with its formulas, formats, notes and validations to another place.

Documented (https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#copypasterequest): what
each paste type takes along, and that a destination that is a multiple of the source is filled with repetitions, a smaller
one is passed. Assumed: notes go along with PASTE_NORMAL, and what would be pasted beyond the grid is refused.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .a1 import GridRange
from .attachments import set_validation, validations
from .cells import AnyCell, Cell, slim, with_formula, with_value
from .errors import Json
from .formulas import copied
from .render import bad_value
from .sheet import Sheet
from .spreadsheet import Spreadsheet
from .structure import region, target

# The provider asks for no other.
_TYPES = ("PASTE_NORMAL", "PASTE_VALUES")


def copy_paste(book: Spreadsheet, body: Json, user: str | None) -> Json:
    """copyPaste."""
    kind = body.get("pasteType", "PASTE_NORMAL")
    if kind not in _TYPES:
        raise bad_value("requests.copyPaste.paste_type", "PasteType", kind)
    sheet, source = region(book, body.get("source"))
    goal, asked = target(book, body.get("destination"))
    area = _destination(goal, source, asked)
    book.check_protected(goal, area, user)
    _paste_cells(book, (sheet, source), (goal, area), kind)
    if kind == "PASTE_NORMAL":
        _paste_validations((sheet, source), (goal, area))
    return {}


def _size(area: GridRange) -> tuple[int, int]:
    return area.bottom - area.top, area.right - area.left


def _destination(goal: Sheet, source: GridRange, asked: GridRange) -> GridRange:
    """Where cells are pasted: as often as the source fits exactly, and once along a side that is no multiple of it."""
    height, width = _size(source)
    bottom = goal.row_count if asked.end_row is None else asked.end_row
    right = goal.column_count if asked.end_col is None else asked.end_col
    tall, wide = bottom - asked.top, right - asked.left
    rows = tall if tall > 0 and tall % height == 0 else height
    columns = wide if wide > 0 and wide % width == 0 else width
    area = GridRange(asked.top, asked.top + rows, asked.left, asked.left + columns)
    if area.bottom > goal.row_count or area.right > goal.column_count:
        raise goal.beyond(area)
    return area


def _paste_cells(book: Spreadsheet, origin: tuple[Sheet, GridRange], goal: tuple[Sheet, GridRange], kind: str) -> None:
    sheet, source = origin
    height, width = _size(source)
    # Everything is taken up first: source and destination may overlap.
    taken = [
        [_taken(book, sheet, row, col, kind) for col in range(source.left, source.left + width)]
        for row in range(source.top, source.top + len(book.rows(sheet, source.top, source.bottom)))
    ]
    there, area = goal
    blank: list[AnyCell] = [None] * width
    last = area.bottom
    if last - area.top == height:
        # Whole columns have a thousand rows: below, nothing is pasted where nothing is.
        last = min(last, max(area.top + len(taken), len(there.rows)))
    for row in range(area.top, last):
        above = (row - area.top) % height
        line = taken[above] if above < len(taken) else blank
        cells = []
        for col in range(area.left, area.right):
            right = (col - area.left) % width
            shift = (row - source.top - above, col - source.left - right)
            cells.append((col, _pasted(there.cell(row, col), line[right], shift, kind)))
        there.put(row, cells)


def _taken(book: Spreadsheet, sheet: Sheet, row: int, col: int, kind: str) -> AnyCell:
    cell = sheet.cell(row, col)
    if cell is not None and not isinstance(cell, Cell):
        return cell
    if isinstance(cell, Cell) and cell.formula and kind == "PASTE_NORMAL":
        return cell
    # A cell into which an array formula of another cell has spilled has nothing but its value to give.
    value = book.computed(sheet, row, col).value
    return with_value(slim(replace(cell, formula=None)) if isinstance(cell, Cell) else cell, value)


def _pasted(old: AnyCell, new: AnyCell, shift: tuple[int, int], kind: str) -> AnyCell:
    """What becomes of a cell into which *new* is pasted, *shift* rows and columns from where it was."""
    if kind == "PASTE_VALUES":
        return with_value(old, new.value if isinstance(new, Cell) else new)
    return with_formula(new, partial(copied, rows=shift[0], cols=shift[1]))


def _paste_validations(origin: tuple[Sheet, GridRange], goal: tuple[Sheet, GridRange]) -> None:
    sheet, source = origin
    found = [(item.range.intersection(source), item.data) for item in validations(sheet, source)]
    there, area = goal
    if not (len(found) == 1 and found[0][0] == source):
        set_validation(there, area, None)
    height, width = _size(source)
    for part, rule in found:
        for row in range(area.top, area.bottom, height):
            for col in range(area.left, area.right, width):
                set_validation(there, part.shifted(row - source.top, col - source.left), rule)
