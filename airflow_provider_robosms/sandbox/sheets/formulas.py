"""The references in formulas: finding them, and letting them follow when cells are moved, copied or renamed.

What formulas compute is in :mod:`.evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .a1 import GridRange, column_letters, parse_cells, quote_title

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<reference>(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<tab>[^\W\d]\w*))!)?(?P<cells>
        \$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,8}(?::\$?(?:[A-Za-z]{1,3}(?:\$?[1-9][0-9]{0,8})?|[1-9][0-9]{0,8}))?
        |\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[1-9][0-9]{0,8}:\$?[1-9][0-9]{0,8})(?![\w(]))
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<error>\#(?:N/A|[A-Z0/]+[!?]))
    |(?P<name>[^\W\d][\w.]*)
    |(?P<sign><=|>=|<>|.)""",
    re.VERBOSE | re.DOTALL,
)
_FIXED_ROW = re.compile(r"\$[0-9]")
_FIXED_COLUMN = re.compile(r"\$[A-Za-z]")
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
    area = parse_cells(text)
    if area is None:
        raise ValueError(text)
    first, mark, second = text.partition(":")
    ends = (first, second or first)
    top, bottom = (_FIXED_ROW.search(end) is not None for end in ends)
    left, right = (_FIXED_COLUMN.match(end) is not None for end in ends)
    return area, not mark, (top, bottom, left, right)


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
    """Give the references of a formula new places by *change*, whose None writes ``#REF!``."""

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
        sides = [
            side if side is None or fixed else side + step
            for side, fixed, step in zip(ref.area.sides, ref.fixed, (rows, rows, cols, cols), strict=True)
        ]
        # An end is the row or column behind the last.
        gone = any(side is not None and side < least for side, least in zip(sides, (0, 1, 0, 1), strict=True))
        return None if gone else GridRange(*sides)

    return rewrite(formula, moved) if rows or cols else formula
