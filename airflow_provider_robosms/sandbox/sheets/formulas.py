"""The references in formulas: finding them, and letting them follow when cells are moved, copied or renamed.

What formulas compute is in :mod:`.evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .a1 import GridRange, column_index, column_letters, quote_title

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<reference>(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<tab>[^\W\d]\w*))!)?(?P<cells>
        \$?[A-Za-z]{1,3}\$?[1-9][0-9]*(?::\$?(?:[A-Za-z]{1,3}(?:\$?[1-9][0-9]*)?|[1-9][0-9]*))?
        |\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[1-9][0-9]*:\$?[1-9][0-9]*)(?![\w(]))
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<error>\#(?:N/A|[A-Z0/]+[!?]))
    |(?P<name>[^\W\d][\w.]*)
    |(?P<sign><=|>=|<>|.)""",
    re.VERBOSE | re.DOTALL,
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9][0-9]*)?\Z")
# The function whose result may fill more than the cell of the formula.
_ARRAYS = re.compile(r"\bARRAYFORMULA\s*\(", re.IGNORECASE)


class Reference(NamedTuple):
    """The cells that a formula names.

    Attributes:
        sheet: The tab's title, None for the formula's own tab.
        area: The cells, counted from 0; open sides are None.
        single: Whether one cell is named (``A1``), not a range of one cell (``A1:A1``).
        fixed: Whether start row, end row, start column and end column stay when the formula is copied (``$``).
    """

    sheet: str | None
    area: GridRange
    single: bool
    fixed: tuple[bool, bool, bool, bool]


def tokens(formula: str) -> list[re.Match[str]]:
    """The tokens of a formula, without blanks and the ``=``."""
    return [found for found in _TOKEN.finditer(formula[1:]) if found.lastgroup != "space"]


def spills(formula: str) -> bool:
    """Whether the result of the formula may be more than one cell."""
    return _ARRAYS.search(formula) is not None


def reference(found: re.Match[str]) -> Reference:
    """The reference of a token that has one."""
    sheet = found["quoted"].replace("''", "'") if found["quoted"] else found["tab"]
    area, single, fixed = _cells(found["cells"])
    return Reference(sheet, area, single, fixed)


@lru_cache(maxsize=4096)
def _cells(text: str) -> tuple[GridRange, bool, tuple[bool, bool, bool, bool]]:
    first, mark, second = text.partition(":")
    start = _corner(first)
    end = _corner(second) if mark else start
    rows, cols = _in_order(start[0], end[0]), _in_order(start[1], end[1])
    area = GridRange(
        rows[0], None if rows[1] is None else rows[1] + 1, cols[0], None if cols[1] is None else cols[1] + 1
    )
    return area, not mark, (start[2], end[2], start[3], end[3])


def _in_order(one: int | None, other: int | None) -> tuple[int | None, int | None]:
    return (other, one) if one is not None and other is not None and one > other else (one, other)


def _corner(text: str) -> tuple[int | None, int | None, bool, bool]:
    found = _CORNER.match(text)
    if not found:
        raise ValueError(text)
    # The $ before a row without a column is read as one before the column.
    fixed_row = bool(found[3]) or (bool(found[1]) and not found[2])
    row = int(found[4]) - 1 if found[4] else None
    return row, column_index(found[2]) if found[2] else None, fixed_row, bool(found[1] and found[2])


def _name(ref: Reference, area: GridRange) -> str:
    """The cells of *area* as the formula writes them."""
    top_fixed, bottom_fixed, left_fixed, right_fixed = ref.fixed
    first = _end(area.start_row, area.start_col, top_fixed, left_fixed)
    if ref.single:
        return first
    last_row = None if area.end_row is None else area.end_row - 1
    last_col = None if area.end_col is None else area.end_col - 1
    return f"{first}:{_end(last_row, last_col, bottom_fixed, right_fixed)}"


def _end(row: int | None, col: int | None, fixed_row: bool, fixed_col: bool) -> str:
    letters = "" if col is None else ("$" if fixed_col else "") + column_letters(col)
    return letters + ("" if row is None else ("$" if fixed_row else "") + str(row + 1))


def rewrite(formula: str, change: Callable[[Reference], GridRange | None]) -> str:
    """Give the references of a formula new places.

    Parameters:
        formula: With its ``=``.
        change: From a reference to its new cells; None writes ``#REF!``.
    """

    def replaced(found: re.Match[str]) -> str:
        if not found["reference"]:
            return found[0]
        ref = reference(found)
        area = change(ref)
        if area is None:
            return "#REF!"
        if area == ref.area:
            return found[0]
        prefix = found["reference"][: -len(found["cells"])]
        return prefix + _name(ref, area)

    return "=" + _TOKEN.sub(replaced, formula[1:])


def renamed(formula: str, old: str, new: str) -> str:
    """The formula after the tab *old* has got the title *new*."""

    def replaced(found: re.Match[str]) -> str:
        named = reference(found).sheet if found["reference"] else None
        if named is None or named.casefold() != old.casefold():
            return found[0]
        return f"{quote_title(new)}!{found['cells']}"

    return "=" + _TOKEN.sub(replaced, formula[1:])


def copied(formula: str, rows: int, cols: int) -> str:
    """The formula as it stands after being copied *rows* down and *cols* to the right: references without $ move along."""

    def moved(ref: Reference) -> GridRange | None:
        area, (top, bottom, left, right) = ref.area, ref.fixed
        sides = (
            _step(area.start_row, 0 if top else rows),
            _step(area.end_row, 0 if bottom else rows),
            _step(area.start_col, 0 if left else cols),
            _step(area.end_col, 0 if right else cols),
        )
        starts = (
            sides[0],
            sides[2],
            None if sides[1] is None else sides[1] - 1,
            None if sides[3] is None else sides[3] - 1,
        )
        return None if any(side is not None and side < 0 for side in starts) else GridRange(*sides)

    return rewrite(formula, moved) if rows or cols else formula


def _step(side: int | None, by: int) -> int | None:
    return None if side is None else side + by
