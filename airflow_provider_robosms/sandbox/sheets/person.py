"""What a person does to a spreadsheet in the browser, as the document's owner.

:func:`edit` is the one entrance. Cells and ranges are in A1 notation, columns are letters; whole numbers count from 0, as the
API's indexes do. Unlike a program, a person may change protected ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeGuard

from . import values
from .a1 import GridRange, column_index, column_letters, parse_cells, quote_title
from .cells import EMPTY_LAST, AnyCell, sort_key, with_formula
from .errors import invalid
from .formulas import copied
from .moves import Delete, Insert, Move, Shift
from .render import read
from .sheet import Attached, Dimension, Sheet
from .spreadsheet import Spreadsheet
from .structure import inherit

_Handler: TypeAlias = Callable[[Spreadsheet, Sheet, Mapping[str, Any]], None]


def edit(book: Spreadsheet, action: Mapping[str, Any]) -> int:
    """Do one edit and return the spreadsheet's new version.

    *action* has ``action``, ``sheet`` (the tab's title) and what the action takes:

    ====================================  ============================================================================
    ``set``                               where: ``cell`` (``B3``) or ``row`` and ``column``; what: ``value``, or
                                          ``values`` (rows that begin there). Texts are interpreted as typing
                                          (USER_ENTERED) unless ``raw`` is true
    ``clear``                             ``range``
    ``insert_rows``, ``insert_columns``   ``at`` (the first new one), ``count`` (1)
    ``delete_rows``, ``delete_columns``   ``at``, ``count`` (1)
    ``move_rows``, ``move_columns``       ``at``, ``count`` (1), ``to``: before which one, counted before the move
    ``sort``                              ``column`` (header, letter or number), ``descending`` (false),
                                          ``header_rows`` (as many as are frozen, else 1), ``range`` (the whole tab)
    ``rename_column``                     ``column`` (header, letter or number), ``to``: the new text in its first row
    ``protect``                           ``range`` (the whole tab), ``editors`` (e-mail addresses; none)
    ``unprotect``                         ``range`` (everything that is protected on the tab)
    ``add_sheet``                         ``sheet``: the new title, ``rows`` (none; typed, unless ``raw`` is true)
    ``rename_sheet``                      ``to``
    ``delete_sheet``                      nothing more
    ====================================  ============================================================================

    Raises:
        GoogleError: The edit is not possible; its message is one sentence, and nothing has changed.
    """
    name = action.get("action")
    if not isinstance(name, str) or name not in _ACTIONS:
        raise invalid(f"There is no action {name!r}; there are {', '.join(sorted(_ACTIONS))}.")
    handler, known = _ACTIONS[name]
    strange = sorted(set(action) - {"action", "sheet", *known.split()})
    if strange:
        raise invalid(
            f"The action {name!r} does not take {', '.join(strange)}; it takes sheet, {', '.join(known.split())}."
        )
    title = action.get("sheet")
    if not isinstance(title, str) or not title:
        raise invalid(f"The action {name!r} needs 'sheet', the title of the tab.")
    with book.change():
        if handler is None:
            add_tab(book, title, action.get("rows", []), raw=bool(action.get("raw")))
        else:
            handler(book, _tab(book, title), action)
    return book.version


def _tab(book: Spreadsheet, title: str) -> Sheet:
    for sheet in book.sheets:
        if sheet.title == title:
            return sheet
    raise invalid(f"There is no tab {title!r}; there are {', '.join(repr(sheet.title) for sheet in book.sheets)}.")


def _count(action: Mapping[str, Any]) -> int:
    count = action.get("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise invalid(f"count must be a whole number from 1, not {count!r}.")
    return count


def _place(action: Mapping[str, Any], key: str, dimension: Dimension) -> int:
    """A row or column of the action, counted from 0."""
    given = action.get(key)
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given
    if dimension == "COLUMNS" and _is_letters(given):
        return column_index(given)
    what = "a row counted from 0" if dimension == "ROWS" else "a column letter, or a column counted from 0"
    raise invalid(f"{key} must be {what}, not {given!r}.")


def _is_letters(given: Any) -> TypeGuard[str]:
    return isinstance(given, str) and given.isascii() and given.isalpha() and len(given) <= 3


def _area(sheet: Sheet, action: Mapping[str, Any], *, default: GridRange | None = None) -> GridRange:
    text = action.get("range")
    area = default if text is None else parse_cells(text) if isinstance(text, str) else None
    if area is None:
        raise invalid(f"range must be cells such as B2:C5, not {text!r}.")
    return sheet.within(area)


def _column(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> int:
    """The column that a person means: by the text of its header, else by its letter or its number."""
    given = action.get("column")
    headers = (read(book, sheet, GridRange(0, 1, 0, sheet.column_count)) or [[]])[0]
    if isinstance(given, str) and given in headers:
        return headers.index(given)
    column = _place(action, "column", "COLUMNS") if isinstance(given, int) or _is_letters(given) else sheet.column_count
    if column < sheet.column_count:
        return column
    raise invalid(f"column must be a header or a letter up to {column_letters(sheet.column_count - 1)}, not {given!r}.")


# The actions


def _set(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    cell = action.get("cell")
    if cell is None:
        row, column = _place(action, "row", "ROWS"), _place(action, "column", "COLUMNS")
        area: GridRange | None = GridRange(row, row + 1, column, column + 1)
    else:
        area = parse_cells(cell) if isinstance(cell, str) and ":" not in cell else None
    if area is None:
        raise invalid(f"cell must be one cell such as B3, not {cell!r}.")
    if ("value" in action) == ("values" in action):
        raise invalid("The action 'set' needs either value or values.")
    rows = action["values"] if "values" in action else [["" if action["value"] is None else action["value"]]]
    values.write(sheet, area, rows, raw=bool(action.get("raw")))


def _clear(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    values.erase(sheet, _area(sheet, action))


def _shift(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any], dimension: Dimension, kind: str) -> None:
    at, count, size = _place(action, "at", dimension), _count(action), sheet.size(dimension)
    word = "row" if dimension == "ROWS" else "column"
    if at + (count if kind != "insert" else 0) > size:
        raise invalid(f"The tab has {size} {word}s only.")
    change: Shift = Insert(at, count)
    if kind == "delete":
        if count == size:
            raise invalid(f"You can't delete all the {word}s on the sheet.")
        change = Delete(at, at + count)
    if kind == "move":
        to = _place(action, "to", dimension)
        if at < to < at + count or to > size:
            raise invalid(f"to must be a {word} outside those that move, up to {size}.")
        change = Move(at, at + count, to)
    book.shift(sheet, dimension, change)
    if kind == "insert":
        # What is inserted looks like what stands before it, or behind it at the very beginning.
        inherit(sheet, dimension, at, at + count, at - 1 if at else count)


def _shifter(dimension: Dimension, kind: str) -> _Handler:
    return lambda book, sheet, action: _shift(book, sheet, action, dimension, kind)


def _sort(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    header_rows = action.get("header_rows", sheet.frozen_rows or 1)
    if not isinstance(header_rows, int) or header_rows < 0:
        raise invalid(f"header_rows must be a whole number from 0, not {header_rows!r}.")
    area = _area(sheet, action, default=GridRange(start_row=header_rows))
    column = _column(book, sheet, action)
    if not area.left <= column < area.right:
        raise invalid("column must be inside the range to sort.")
    _sort_rows(book, sheet, area, column, descending=bool(action.get("descending")))


def _sort_rows(book: Spreadsheet, sheet: Sheet, area: GridRange, column: int, *, descending: bool) -> None:
    """Sort the rows of *area* (inside the grid) by a column.

    Ascending: numbers (dates are numbers), texts whatever their case, FALSE, TRUE, errors; empty cells are always last.
    Equal rows keep their order. Values, formats and notes move together; a formula's references without $ move along.
    """
    order = list(range(area.top, min(area.bottom, len(sheet.rows))))
    keys = {row: sort_key(book.computed(sheet, row, column).value) for row in order}
    order.sort(key=keys.__getitem__, reverse=descending)
    order.sort(key=lambda row: keys[row] == EMPTY_LAST)
    old = [_cut(sheet, row, area) for row in order]
    for at, (row, cells) in enumerate(zip(order, old, strict=True), area.top):
        follow = partial(copied, rows=at - row, cols=0)
        sheet.put(at, [(area.left + i, with_formula(cell, follow)) for i, cell in enumerate(cells)])


def _cut(sheet: Sheet, row: int, area: GridRange) -> list[AnyCell]:
    cells = list(sheet.rows[row][area.left : area.end_col])
    return cells + [None] * (area.right - area.left - len(cells))


def _rename_column(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    column, to = _column(book, sheet, action), action.get("to")
    if not isinstance(to, str):
        raise invalid(f"to must be the column's new header, not {to!r}.")
    values.write(sheet, GridRange(0, 1, column, column + 1), [[to]], raw=True)


def _protect(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    editors = action.get("editors", [])
    if not isinstance(editors, list) or not all(isinstance(editor, str) for editor in editors):
        raise invalid("editors must be a list of e-mail addresses.")
    area = GridRange() if action.get("range") is None else _area(sheet, action)
    sheet.attached.append(Attached("protection", area, {"mayEdit": editors}))


def _unprotect(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    area = _area(sheet, action, default=GridRange())
    if not sheet.drop(lambda item: item.kind == "protection" and item.range.overlaps(area)):
        raise invalid(f"Nothing is protected there on {quote_title(sheet.title)}.")


def add_tab(book: Spreadsheet, title: str, rows: Any, *, raw: bool) -> Sheet:
    """Add a tab that is large enough for *rows* (lists of values) and write them; to be called inside a change."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise invalid("rows must be a list of lists of values.")
    width = max(map(len, rows), default=0)
    sheet = book.add_sheet(title, rows=max(1000, len(rows)), columns=max(26, width))
    if width:
        values.write(sheet, GridRange(0, 1, 0, 1), rows, raw=raw)
    return sheet


def _rename_sheet(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    to = action.get("to")
    if not isinstance(to, str):
        raise invalid(f"to must be the tab's new title, not {to!r}.")
    book.rename_sheet(sheet, to)


def _delete_sheet(book: Spreadsheet, sheet: Sheet, action: Mapping[str, Any]) -> None:
    book.remove_sheet(sheet)


# What each does to the tab, and what it takes; nothing but add_sheet makes one.
_ACTIONS: dict[str, tuple[_Handler | None, str]] = {
    "set": (_set, "cell row column value values raw"),
    "clear": (_clear, "range"),
    "insert_rows": (_shifter("ROWS", "insert"), "at count"),
    "delete_rows": (_shifter("ROWS", "delete"), "at count"),
    "move_rows": (_shifter("ROWS", "move"), "at count to"),
    "sort": (_sort, "column descending header_rows range"),
    "insert_columns": (_shifter("COLUMNS", "insert"), "at count"),
    "delete_columns": (_shifter("COLUMNS", "delete"), "at count"),
    "move_columns": (_shifter("COLUMNS", "move"), "at count to"),
    "rename_column": (_rename_column, "column to"),
    "add_sheet": (None, "rows raw"),
    "rename_sheet": (_rename_sheet, "to"),
    "delete_sheet": (_delete_sheet, ""),
    "protect": (_protect, "range editors"),
    "unprotect": (_unprotect, "range"),
}
