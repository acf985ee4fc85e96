"""What of a cell can be read as mobile numbers, to protect their owners: such a cell is never texted."""

from __future__ import annotations

import re

from ..exceptions import InvalidNumber
from ..sms.folding import plain
from ..sms.phone import normalise, numbers_in

#: So many digits may be a part of a number.
PART = 7
MOBILE = re.compile(r"(?<!\d)\+?(?:0{0,2}92|0)?[\s().-]{0,3}(?:\(0\))?0?3(?:[\s().-]{0,3}\d){9}(?!\d)")
WORDS = re.compile(r"[^\W\d_]+")


def numbers_of(text: str) -> list[str] | None:
    """Return the numbers of a Phone cell whose row has opted out, and that holds more than one, or a note beside it.

    None when it has digits that may be those of a number and are none that can be read.
    """
    lines = [plain(line) for line in text.splitlines()]
    found = [number for line in lines for number in numbers_in(line)]
    if len(lines) < 2 and found:
        return found
    for line in lines:  # two numbers, of which only a blank or a line's end stands between
        if not numbers_in(line) and any(map(str.isdigit, line)):
            several = [readable(match) for match in MOBILE.findall(line)]
            rest = MOBILE.sub(" ", line)
            left = sum(map(str.isdigit, rest))
            if None in several or left >= PART or (left and WORDS.search(rest) is None):
                return None
            found += [number for number in several if number is not None]
    return found or (None if any(map(str.isdigit, plain(text))) else [])


def readable(text: str) -> str | None:
    """Return the number that a text is; None when it is none."""
    try:
        return normalise(text.strip())
    except InvalidNumber:
        return None
