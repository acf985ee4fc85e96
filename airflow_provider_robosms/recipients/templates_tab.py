"""The tab of templates: what it holds, and what of it nobody would heed."""

from __future__ import annotations

import contextlib
import re
from typing import Any

from ..exceptions import RoboSmsError, SheetError
from ..settings import sender_mask
from ..sms.blank import is_blank, shows_nothing
from ..sms.merge import clip, normalise_header
from ..sms.passing import passing_value
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.api import Tab
from ..spreadsheet.cells import at, text_of
from .columns import Columns
from .merged import covered
from .protecting import HOLDS, LIMITS, MASK, NEGATED, heeded_by_nobody, held_words, holds_back, resembles_mask
from .spelling import set_of
from .wording import Template
from .yes_no import NO, YES, says

_NAME, _BODY = "Name", "Body"
#: Of a cell for a mask these are no mask, but words for yes, no and none.
_NO_MASKS = frozenset({"true", "false", "yes", "no", "na", "nil", "none", "default", "same", "tbd"})
#: Of a template's states those that keep its text back where they are said yes to, and those that let it go.
_STOPS = set_of(
    "draft drafts inactive disabled disable unused retired obsolete archived archive cancelled canceled pending hold held "
    "paused invalid withdrawn deprecated suspended stopped reject"
)
_GOES = set_of(
    "approved approval approve active live enabled enable use usable ready final reviewed verified checked publish "
    "published valid manzoor manzur"
)
#: What says of a text that it is to be used, in bare form.
_GO = set_of(
    "active approved yes live final ready true enabled published verified reviewed checked ok okay manzoor منظور use current"
)
_GO_STATES = _GO - {"yes", "true", "ok", "okay"}
_MONTHS = set_of("jan feb mar apr may jun jul aug sep oct nov dec")
#: Where one of these is, the words around it that leave it what it is; behind "by" stands who says so.
_BESIDE_GO = _MONTHS | set_of("in on at now currently still since and pta text template message sms shuda شدہ hai")
_NO_GO = set_of(
    "not no never wait waiting later expired old changes change after until if once when first only but revise"
)
#: A State may be a province, or a city.
_PLACES = set_of(
    "punjab sindh kpk kp khyber pakhtunkhwa balochistan baluchistan islamabad ict federal gilgit baltistan azad kashmir ajk "
    "lahore karachi rawalpindi multan faisalabad peshawar quetta hyderabad sialkot gujranwala and"
)
#: What has been done: a moment beside it has been, too, unless it is to be done by then.
_DONE_SO = set_of("approved verified reviewed checked published manzoor منظور")
_SO_FAR = set_of("since now currently")
_DAYS = _MONTHS | set_of(
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march april june "
    "july august september october november december today tomorrow tonight next end eid ramadan ramzan week month kal"
)
#: A day, not a year alone.
_DAY = re.compile(r"(?<!\d)(?!(?:19|20)\d\d(?![-/.]?\d))\d")
#: Behind who says so, something else.
_MORE = re.compile(r"\bby\b\W*\d|\bby\b.*?(?:[,;:(]|\s[-\u2013\u2014])\s*[^\W\d_]", re.IGNORECASE | re.DOTALL)
_MOST_NAMES = 4


def read_templates(tab: Tab, values: list[list[Any]]) -> dict[str, Template]:
    """Return the templates by the form of their names.

    :param values: of the tab's cells, as they are shown.
    :raises SheetError: for a column that is missing or that nobody would heed, for two templates of one name, and for a mask
        that is none. One that somebody holds back says so only where it is used.
    """
    columns = Columns(tab.title, values[0] if values else [])
    name_at, body_at, mask_at = columns.need(_NAME, values[1:]), columns.need(_BODY, values[1:]), columns.one(MASK)
    _check_columns(columns, {name_at, body_at, mask_at})
    held = _held(columns, values, tab)
    masks = [] if mask_at is None else [mask_at]
    no_mask = {row + 1 for row, place, merge in covered(tab.merges, masks, len(values)) if place == merge.left}
    found: dict[str, Template] = {}
    for number, row in enumerate(values[1:], start=2):
        name, body, mask = (text_of(at(row, place)).strip() for place in (name_at, body_at, mask_at))
        if is_blank(name) or is_blank(body):
            continue
        form = normalise_header(name)
        if form in found:
            raise SheetError(
                f"Tab {tab.title!r} has two templates named {clip(name)!r} (row {number}): rename one.", permanent=True
            )
        if number in no_mask:
            raise SheetError(
                f"Row {number} of tab {tab.title!r} has a merged cell for its Mask, and what is shown there belongs to the "
                "first cell of the merge alone: unmerge the cells and fill in each row.",
                permanent=True,
            )
        trouble = passing_value(body) or passing_value(mask)
        found[form] = Template(
            body, _mask(tab.title, number, mask) if trouble is None else None, name, trouble, held.get(number)
        )
    return found


def _mask(tab: str, row: int, text: str) -> str | None:
    """Return the mask of a row; None for none.

    :raises SheetError: for what is no mask by the rule for that of the operator, or a word for none.
    """
    with contextlib.suppress(RoboSmsError):
        mask = sender_mask(text)
        form = "".join(filter(str.isalnum, mask or "")).casefold()
        hidden = any(shows_nothing(one) and one != " " for one in mask or "")
        if mask is None or (form and form not in _NO_MASKS and not hidden):
            return mask
    raise SheetError(
        f"The {MASK} in row {row} of tab {tab!r} is {clip(text)!r}, which is no mask: write one as RoboSMS has registered "
        "it, or leave the cell blank.",
        permanent=True,
    )


def _check_columns(columns: Columns, own: set[int | None]) -> None:
    """See that no column says whether, when or as whom to send, which nobody would heed on this tab.

    :param own: the places of the columns that are heeded.
    :raises SheetError: when one does.
    """
    header = ["" if place in own else name for place, name in enumerate(columns.header)]
    if ignored := heeded_by_nobody("" if holds_back(name) else name for name in header):
        text, name = ignored
        raise SheetError(
            f"{_named(columns, header.index(text))}, which may be meant for {name!r}, and nobody heeds that on the tab of "
            "the templates, so the texts would be sent all the same: delete the column, and take texts that are not to be "
            "sent off the tab.",
            permanent=True,
        )
    if (
        None in own
        and (place := next((one for one, name in enumerate(header) if resembles_mask(name)), None)) is not None
    ):
        raise SheetError(
            f"{_named(columns, place)}, which may be meant for {MASK!r} but would be ignored: rename it to {MASK!r}, or give "
            "it a name that cannot be confused with that.",
            permanent=True,
        )


def _held(columns: Columns, values: list[list[Any]], tab: Tab) -> dict[int, str]:
    """Return why templates may not be meant to be sent, by their row: only one that is used is anybody's concern."""
    places = [place for place, name in enumerate(columns.header) if holds_back(name)]
    # A merge says of all its rows what stands in the first.
    first = {(row, place): merge.top for row, place, merge in covered(tab.merges, places, len(values))}
    found: dict[int, str] = {}
    for number, row in enumerate(values[1:], start=2):
        for place in places:
            cell = text_of(at(values[first.get((number - 1, place), number - 1)], place))
            if not is_blank(cell) and not lets_go(columns.header[place], cell):
                found[number] = (
                    f"{_named(columns, place)}, and holds {clip(cell)!r} beside template "
                    f"{clip(text_of(at(row, columns.need(_NAME))))!r} in row {number}, so its text may not be meant to be "
                    "sent: name another template, or clear that cell once it may be."
                )
    return found


def _named(columns: Columns, place: int) -> str:
    return f"Column {column_letters(place)} of tab {columns.tab!r} is named {clip(columns.header[place])!r}"


def lets_go(text: str, cell: str) -> bool:
    """Tell whether what stands in a column that holds back says that the text beside it is to be used.

    :param text: the column's name, one that :func:`holds_back` knows: under ``Approved`` yes says so, under ``Draft`` no.
    :param cell: what is shown there.
    """
    words = {word for one in held_words(text) for word in one}
    stops, goes = words & _STOPS, words & _GOES
    if words & (LIMITS - HOLDS) or "review" in words:
        return False
    told = held_words(cell)[0]
    if words & HOLDS == {"state"} and told and _PLACES.issuperset(told):
        return True
    if ("use", "in") in held_words(text):  # a place or a purpose; not "In use"
        return (_DAYS | _STOPS | _NO_GO).isdisjoint(told) and not _DAY.search(cell) and not says(NO, cell)
    if words & {"status", "state"}:
        return bool(goes) and _says_go(cell, _GO_STATES) if stops else _says_go(cell, _GO) or says(YES, cell)
    if bool(stops) == bool(goes):
        return False
    if words & NEGATED:
        stops, goes = goes, stops
    return _says_go(cell, _GO) or says(YES, cell) if goes else says(NO, cell)


def _says_go(cell: str, words: frozenset[str]) -> bool:
    """Tell whether a cell says that a text may go: ``Approved 2026-11-01``, ``approved by PTA``; not ``Live by Friday``."""
    told = held_words(cell)[0]
    state = told[: told.index("by")] if "by" in told else told
    if not words & set(state) <= _DONE_SO and ("by" in told or _is_to_come(told, cell)):
        return False
    names = told[len(state) + 1 :]
    if "by" in told and (len(names) > _MOST_NAMES or not _DAYS.isdisjoint(names[:1]) or _MORE.search(cell)):
        return False
    return not words.isdisjoint(state) and (words | _BESIDE_GO).issuperset(state) and (_STOPS | _NO_GO).isdisjoint(told)


def _is_to_come(told: tuple[str, ...], cell: str) -> bool:
    """Tell whether a state has a day beside it on which it begins: ``Live on 1 Dec``; not ``Active since 1 Nov``."""
    return _SO_FAR.isdisjoint(told) and (not _MONTHS.isdisjoint(told) or _DAY.search(cell) is not None)
