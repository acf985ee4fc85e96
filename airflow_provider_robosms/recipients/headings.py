"""Headings in two rows: a name that protects people in row 2 names no column, and so would protect nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..exceptions import SheetError
from ..sms.blank import is_blank
from ..sms.merge import bare_header, clip
from ..sms.sendable import is_nothing, is_only_marks
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.api import Merge
from ..spreadsheet.cells import at, text_of
from .columns import OWNED, STATUS, TOP_ROWS, Columns
from .protecting import KNOWN, PROTECTING, SEND_AT, heeded_by_nobody, names_phone
from .yes_no import NO, YES, says

#: In a row of headings, these decide something, too.
_NAMES = frozenset(map(bare_header, ("Phone", "Message", "Template", "ID", OWNED[STATUS])))
#: Fewer digits beside letters are no number.
_SOME = 4
_PROTECTING = frozenset(map(bare_header, PROTECTING))
#: Below one of these stands who a row is, even if nothing else does.
_PERSONS = (
    "name", "student", "customer", "client", "patient", "member", "person", "parent", "father", "mother", "guardian", "class",
    "roll", "نام", "طالب",
)  # fmt: skip
_FIRMS = ("shop", "store", "company", "business")  # "Khan Store" is one
#: How to fill in a column: ``(full name)``, ``dd/mm/yyyy``; not ``Ali (Class 5)``, ``Ali S/O Khan``.
_HINT = re.compile(r"\(.{0,99}\)|[^\W\d_]{1,9}(?:/[^\W\d_]{1,9}){1,3}")
#: What an Opt Out or a Send column holds besides yes and no.
_CHOICE = YES | NO | {"x"}
_KNOWN = frozenset(map(bare_header, KNOWN))


def check_one_heading(
    columns: Columns, rows: Sequence[Sequence[Any]], identity: Sequence[int], merges: Sequence[Merge]
) -> None:
    """See that the headings do not go on below row 1, as they do where several columns have a heading over theirs.

    :param rows: from row 2 on, as they are shown.
    :param identity: the columns that say who a row is, Phone first: one without them is nobody's.
    :raises SheetError: when a row of nobody, before the first of somebody, names a column. A person without a number, of whom
        a column of remarks says "Opt Out", is somebody.
    """
    for number, row in enumerate(rows[: TOP_ROWS - 1], start=2):
        if any(
            not _is_heading(text_of(at(row, place)), columns.header[place], is_phone=place == identity[0])
            for place in identity
        ):
            return
        for place, cell in enumerate(row):
            text = text_of(cell).strip()
            if (
                place not in identity
                and not is_blank(text)
                and _names_column(columns, place, row, merges)
                and (
                    _goes_on(columns, place, row, merges)
                    or bare_header(text) == bare_header(SEND_AT)  # no remark on a person
                    or _holds_choices(at(below, place) for below in rows[number - 1 :])
                    or not _tells_of_somebody(columns, place, row)
                )
            ):
                raise SheetError(
                    f"The headings of tab {columns.tab!r} stand in two rows: {clip(text)!r} in cell "
                    f"{column_letters(place)}{number} names no column there, and would be ignored: put each heading into row "
                    "1, and delete the second row of them.",
                    permanent=True,
                )


def _is_heading(text: str, header: str, *, is_phone: bool) -> bool:
    """Tell whether a cell is nobody's number or ID: ``Mobile No``, ``03xx-xxxxxxx``; "N/A" is that of somebody without."""
    if is_blank(text) or bare_header(text) == bare_header(header):
        return True
    digits = sum(map(str.isdigit, text))
    few = is_phone and digits < _SOME and sum(map(str.isalpha, text)) > 1  # not "3E+09"
    return (digits == 0 or few) and not is_nothing(text)


def _names_column(columns: Columns, place: int, row: Sequence[Any], merges: Sequence[Merge]) -> bool:
    """Tell whether a cell is the heading of a column, and its column is not named so in row 1."""
    text = text_of(row[place])
    form = bare_header(text)
    if form == bare_header(text_of(at(columns.header, place))):
        return False
    if form in _PROTECTING:
        return True
    return _goes_on(columns, place, row, merges) and (form in _NAMES or heeded_by_nobody([text]) is not None)


def _goes_on(columns: Columns, place: int, row: Sequence[Any], merges: Sequence[Merge]) -> bool:
    """Tell whether a cell stands below a blank heading, or one for several columns."""
    beside = place + 1 < len(row) and is_blank(text_of(at(columns.header, place + 1)))
    return (
        is_blank(text_of(at(columns.header, place)))
        or (beside and not is_blank(text_of(row[place + 1])))
        or any(
            merge.top == 0 and merge.left <= place < merge.right and merge.right - merge.left > 1 for merge in merges
        )
    )


def _holds_choices(cells: Iterable[Any]) -> bool:
    """Tell whether the cells of a column say yes and no, and nothing else, as no remarks do."""
    told = [cell for cell in cells if not is_blank(text_of(cell))]
    return bool(told) and all(says(_CHOICE, cell) or is_only_marks(text_of(cell)) for cell in told)


def _tells_of_somebody(columns: Columns, place: int, row: Sequence[Any]) -> bool:
    """Tell whether the other cells of a row say something of a person: ``Ali``, and none of them is a heading, too."""
    others = [
        (text, columns.header[other])
        for other, text in enumerate(map(text_of, row[: len(columns.header)]))
        if other != place and not is_blank(text) and not is_blank(columns.header[other])
    ]
    somebody = len(others) > 1 or any(
        word in bare_header(header) for _, header in others for word in (*_PERSONS, *_FIRMS)
    )
    return somebody and not any(_is_known(text, header) for text, header in others)


def _is_known(text: str, header: str) -> bool:
    """Tell whether a cell is a heading: by its words, or as a hint how to fill in the column."""
    form = bare_header(text)
    return (
        form in _KNOWN
        or form == bare_header(header)
        or names_phone(text)
        or heeded_by_nobody([text]) is not None
        or _HINT.fullmatch(text.strip()) is not None
        or _says_its_heading(text, header)
        or (names_phone(header) and any(map(str.isdigit, text)))
    )


def _says_its_heading(text: str, header: str) -> bool:
    """Tell whether a cell is a part of the heading above it: ``First Name`` below Name; not ``Class 5`` below Class."""
    if any(map(str.isdigit, text)):
        return False
    words = set(map(bare_header, text.split()))
    return any(word in words and word in _PERSONS for word in map(bare_header, header.split()))
