"""A formula that is put back after columns were moved: its references follow their columns, as Google makes them do."""

from __future__ import annotations

import re
from collections.abc import Callable

from .a1 import column_letters

#: A reference without a tab's name in front; not a function, not part of a word.
_REFERENCE = re.compile(r"(?<![\w!'.$])(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![\w(!.])")


def moved(formula: str, rows: int, column: Callable[[int, bool], int]) -> str:
    """Return the formula as it must stand in another place.

    :param rows: how many rows lower it stands there than where *formula* was read.
    :param column: returns the new index of a column, given its index as read and whether it is absolute (``$E``).
    """

    def rewritten(found: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, row = found.groups()
        to = column(_index(letters), bool(fixed_column))
        down = int(row) if fixed_row else int(row) + rows
        return "#REF!" if to < 0 or down < 1 else f"{fixed_column}{column_letters(to)}{fixed_row}{down}"

    pieces = formula.split('"')  # every other one is text
    pieces[::2] = [_REFERENCE.sub(rewritten, piece) for piece in pieces[::2]]
    return '"'.join(pieces)


def _index(letters: str) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1
