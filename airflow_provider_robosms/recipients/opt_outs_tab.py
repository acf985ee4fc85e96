"""The tab Opt-outs: whom it protects, and what on it would protect nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..exceptions import InvalidNumber, SheetError, SheetUnavailable, Unreachable
from ..sms.blank import is_blank
from ..sms.folding import plain
from ..sms.merge import clip
from ..sms.passing import is_loading, passing_value
from ..sms.phone import normalise
from ..spreadsheet.cells import at, text_of
from .identity import and_more
from .phone_cells import DATE, MOBILE, PART, WORDS, readable, with_digits
from .protecting import names_phone
from .spelling import set_of

#: Digits of a mobile number, without a lead.
_DIGITS = 10
#: So many of a number's digits are typed as digits.
_SOME = 4
#: Seven digits, of any script.
_MANY = re.compile(rf"(?:\D*\d){{{PART}}}")
_MOMENT = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(?:[ T][\d:.]+)?|\d\d?([-/.])\d\d?\1(?:19|20)\d\d(?: [\d:.]+)?")
#: Three words beside a number are its decoration, such as a name; more are a note, as is what tells of a call.
_FOUR_WORDS = re.compile(r"[\W\d_]*(?:[^\W\d_]+[\W\d_]+){3}[^\W\d_]")
_TELLS = set_of(
    "called call calls from texted rang spoke replied wrote told said says asked see via by until since on at before after"
)


def opted_out(tab: str, column: Sequence[Sequence[Any]]) -> frozenset[str]:
    """Return the numbers of the Opt-outs tab.

    :raises SheetError: when one cannot be read: nobody could tell who must not be texted.
    """
    numbers: set[str] = set()
    unclear: dict[int, str] = {}
    loading: list[int] = []
    for number, row in enumerate(column[1:], start=2):
        raw = row[0] if row else None
        if raw is None or (isinstance(raw, str) and is_blank(raw)):
            continue
        try:
            numbers.add(normalise(raw))
        except Unreachable:
            continue  # a landline, a number of another country: nobody texts it anyway
        except InvalidNumber as error:
            if isinstance(raw, str) and is_loading(raw):
                loading.append(number)
            else:
                unclear[number] = _LOST_PLUS if _has_lost_its_plus(raw) else str(error)
    if unclear:
        first, *_ = unclear
        raise SheetError(
            f"Tab {tab!r} has a number that cannot be read (row {first}{and_more([*unclear])}), so its owner would be "
            f"texted: correct it, or delete the row. In row {first}: {unclear[first]}.",
            permanent=True,
        )
    if loading:
        raise SheetUnavailable(
            f"Tab {tab!r} is still being calculated (row {loading[0]}{and_more(loading)}): run the task again in a minute."
        )
    return frozenset(numbers)


_LOST_PLUS = (
    "a number of another country that the sheet keeps as a number, without its +: format the cell as plain text and type it "
    "with the +, or delete the row"
)


def _has_lost_its_plus(raw: Any) -> bool:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or raw != int(raw):
        return False
    try:
        normalise(f"+{int(raw)}")
    except Unreachable:
        return True
    except InvalidNumber:
        pass
    return False


def check_list(tab: str, rows: Sequence[Sequence[Any]], phone: int, numbers: frozenset[str]) -> None:
    """See that the Opt-outs tab says in its column Phone whom it means.

    :raises SheetError: when a row names nobody there, or another column holds a number that is not on the list.
    """
    header = [text_of(cell) for cell in rows[0]] if rows else []
    phones = [place != phone and names_phone(name) for place, name in enumerate(header)]
    for number, row in enumerate(rows, start=1):
        others = ["" if cell in ("FALSE", False) or place == phone else text_of(cell) for place, cell in enumerate(row)]
        if not all(map(is_blank, others)) and is_blank(text_of(at(row, phone))):
            raise SheetError(
                f"Tab {tab!r} has a row without a number (row {number}), so whoever is meant would be texted: fill in its "
                "Phone, or delete the row.",
                permanent=True,
            )
        for place, other in enumerate(others):
            if len(other) >= _SOME and (why := _why_not(other, numbers, of_phones=at(phones, place) or False)):
                named = f", in column {clip(header[place])!r}" if place < len(header) and header[place].strip() else ""
                if why is _NOT_YET:
                    raise SheetUnavailable(f"Tab {tab!r} {why.format(f'(row {number}){named}')}.")
                raise SheetError(f"Tab {tab!r} has {why.format(f'(row {number}){named}')}.", permanent=True)


#: What a cell beside the column Phone may hold that protects nobody.
_ELSEWHERE = (
    "a number outside its column Phone {}, so its owner would be texted: move it into a row of its own in that column"
)
_NOT_YET = "is still being calculated {}: run the task again in a minute"
_NO_VALUE = (
    "an error in place of a number {}, so its owner would be texted: type it into a row of its own in the column Phone"
)


def _why_not(text: str, listed: frozenset[str], *, of_phones: bool) -> str | None:
    if of_phones and passing_value(text):  # what Sheets makes of "+923001234567;"
        return _NOT_YET if is_loading(text) else _NO_VALUE
    return _ELSEWHERE if _holds_number(text, listed, of_phones=of_phones) else None


def _holds_number(text: str, listed: frozenset[str], *, of_phones: bool) -> bool:
    """Tell whether a cell beside the column Phone is, or in a column of phones holds, a number that is not on the list.

    A note that tells of a number, such as "called 0301-1234567 on 2026-11-26", is none.
    """
    # Nearly every cell holds too few digits.
    if _MANY.match(text) is None and (sum(map(str.isdigit, text)) < _SOME or with_digits(text) == text):
        return False
    if _MOMENT.fullmatch(text):
        return False
    seen = with_digits(plain(text))
    digits = sum(map(str.isdigit, seen))
    if digits < PART:
        return False
    if not of_phones and (_FOUR_WORDS.match(seen) or not _TELLS.isdisjoint(WORDS.findall(seen.casefold()))):
        return False  # a note; what holds letters is no number
    try:
        return normalise(text) not in listed and (of_phones or digits >= _DIGITS)
    except Unreachable:
        return False
    except InvalidNumber:
        pass
    without = DATE.sub(" ", seen)
    found = [readable(match) for match in MOBILE.findall(without)]
    if of_phones:
        left = sum(map(str.isdigit, MOBILE.sub(" ", without))) >= PART
        return left or any(number not in listed for number in found)
    return without == seen and any(number is not None and number not in listed for number in found)
