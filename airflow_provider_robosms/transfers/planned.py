"""Planned campaigns: what the lines of a plan say, and what is to be done about each now.

A line is known by what it is about: spreadsheet, tab, template and moment. Two lines about the same are neither of them sent.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from ..exceptions import RoboSmsError
from ..recipients.columns import Columns
from ..recipients.dates import moment_of
from ..recipients.merged import covered
from ..recipients.protecting import PROTECTING, SEND_AT, column_resembling
from ..recipients.yes_no import says_no, says_yes
from ..sms.blank import is_blank
from ..sms.merge import asks, bare_header, clip, normalise_header
from ..sms.passing import passing_value
from ..sms.sendable import has_half_character, is_nothing
from ..spreadsheet.a1 import column_letters, in_tab
from ..spreadsheet.address import spreadsheet_key
from ..spreadsheet.api import SpreadsheetApi
from ..spreadsheet.cells import agrees, at, joined, text_of
from ..spreadsheet.errors import SheetError, SheetUnavailable
from .campaign_line import PLANNED
from .window import SendWindow

TAB = "Plan"
#: The columns of a plan, and the keys of its entries in a Variable. All must be there, so that none is misspelt unseen.
SPREADSHEET, RECIPIENTS, TEMPLATE, WHEN, HOURS, SEND = COLUMNS = (
    "Spreadsheet", "Tab", "Template", "When", "Hours", "Send",
)  # fmt: skip
ZONE = ZoneInfo("Asia/Karachi")
#: Hours and tab of a line that names none.
USUAL_HOURS, USUAL_TAB = "09:00-21:00", "Recipients"
#: The columns of a person's own.
_NOTE = re.compile(r"[\W_]*(?:notes?|remarks?|comments?)(?![^\W_])", re.IGNORECASE)
#: And those that number or describe its lines, in bare form.
_NOTES = frozenset({
    "sr", "srno", "sno", "no", "id", "#", "serial", "serialno", "description", "details", "campaign", "name", "owner",
    "purpose", "mynote", "mynotes", "نوٹ", "نوٹس", "تفصیل", "تفصیلات", "تبصرہ",
})  # fmt: skip
#: How often a plan is looked at: at each full hour, a little later on a busy Airflow.
EACH, BUSY = timedelta(hours=1), timedelta(minutes=5)
#: What could not begin so long after its moment is not sent any more: nobody wants yesterday's greetings.
LATEST = timedelta(days=1)


@dataclass(frozen=True)
class PlannedCampaign:
    """A line of a plan.

    :param where: the line, for people: ``row 3``.
    :param trouble: why it is not understood, as a sentence; None where it is.
    :param ticked: whether it may be sent; None where that is unclear.
    :param said: what stands in it, to know it again while it is not understood.
    """

    where: str
    spreadsheet: str = ""
    tab: str = ""
    template: str = ""
    when: datetime | None = None
    hours: str = ""
    ticked: bool | None = None
    trouble: str | None = None
    said: str = ""

    @property
    def id(self) -> str:
        """What names it: letters and digits, the same however hours, tick and place of the line change."""
        about = (self.spreadsheet, bare_header(self.tab), normalise_header(self.template), str(self.when))
        return hashlib.blake2b("\n".join(about).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()

    @property
    def run_id(self) -> str:
        """The id of its run. Airflow makes no second run of an id, and so a line is started at most once."""
        return f"{PLANNED}{self.when:%Y-%m-%dT%H:%M}__{self.id}"

    @property
    def latest(self) -> datetime | None:
        """When it may begin or go on at the latest."""
        return None if self.when is None else self.when + LATEST

    def is_late(self, now: datetime) -> bool:
        """Tell whether it may not begin any more."""
        return self.latest is not None and now > self.latest

    def waits(self, now: datetime) -> str | None:
        """Return why it does not begin now, in words; None when it does."""
        if self.when is None or now < self.when:
            return f"waits until {self.when:%Y-%m-%d %H:%M}"
        window = SendWindow.parse(self.hours, ZONE)
        # What opens before the next look begins now, and its run waits.
        if window is not None and not window.is_open(now) and window.next_opening(now) - now >= EACH:
            return f"waits for its hours, {self.hours}"
        return None


def read_tab(api: SpreadsheetApi, key: str) -> list[PlannedCampaign]:
    """Return the lines of the tab Plan (three reads).

    :param key: of the spreadsheet, which a line means that names none.
    :raises SheetError: when there is no such tab, or a column is missing or unclear.
    """
    tabs = [tab for tab in api.tabs() if not tab.ours and bare_header(tab.title) == bare_header(TAB)]
    if len(tabs) != 1:
        raise SheetError(
            f"The plan's spreadsheet has {len(tabs) or 'no'} tab{'s' * (len(tabs) > 1)} named {TAB!r}: it must have one.",
            permanent=True,
        )
    title = tabs[0].title
    shown = api.read([in_tab(title)], render="FORMATTED_VALUE")[0]
    exact = api.read([in_tab(title)])[0]
    columns = Columns(title, shown[0] if shown else [])
    for place in range(max(map(len, (*shown[:1], *exact[:1])), default=0)):  # a column moved between the two reads
        _cell(at(_line(exact, 0), place), at(_line(shown, 0), place), title)
    places = [columns.need(name, shown[1:]) for name in COLUMNS]
    _check_ignored(columns, places)
    end = max(len(shown), len(exact))
    merged = {row: COLUMNS[places.index(place)] for row, place, _ in covered(tabs[0].merges, places, end)}
    found = []
    for number in range(1, end):
        cells = [_cell(at(_line(exact, number), place), at(_line(shown, number), place), title) for place in places]
        line = dict(zip(COLUMNS, cells, strict=True))
        found.append(_read(f"row {number + 1}", line, own=key, merged=merged.get(number)))
    return _told_apart(one for one in found if one is not None)


def _check_ignored(columns: Columns, places: Sequence[int]) -> None:
    """See that no column says something that nobody would heed: only notes may stand beside the plan's own columns.

    :param places: of the plan's own columns.
    :raises SheetError: for a second column of one of their names, and for any that is neither a note nor without a name.
    """
    for name in COLUMNS:
        if more := [place for place in columns.tags.alike(name) if place not in places]:
            _refuse_ignored(columns, more[0], name)
    for name in PROTECTING:
        near = column_resembling(columns.header, name)
        if name != SEND and near is None:
            near = next(iter(columns.tags.alike(name)), None)
        if near is not None:
            _refuse_ignored(columns, near, WHEN if name == SEND_AT else SEND)
    for place, name in enumerate(columns.header):
        if place not in places and not is_blank(name) and not _is_note(name):
            raise SheetError(
                f"Column {column_letters(place)} of tab {columns.tab!r} is named {clip(name)!r}, which nobody heeds in a "
                f"plan, whose columns are {', '.join(COLUMNS)}: delete it, or let its name begin with Note if it is a note.",
                permanent=True,
            )


def _is_note(name: str) -> bool:
    return _NOTE.match(name) is not None or (not asks(name) and bare_header(name) in _NOTES)


def _refuse_ignored(columns: Columns, place: int, name: str) -> NoReturn:
    raise SheetError(
        f"Column {column_letters(place)} of tab {columns.tab!r} is named {clip(columns.header[place])!r}, which may be meant "
        f"for {name!r} but would be ignored: rename it.",
        permanent=True,
    )


def read_entries(text: str) -> list[PlannedCampaign]:
    """Return the entries of a plan that is a JSON list of objects with the columns as keys.

    :raises RoboSmsError: for any other text.
    """
    try:
        entries = json.loads(text, object_pairs_hook=_once_each)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError
    except (ValueError, RecursionError):
        raise RoboSmsError(
            "The plan is neither the address of a spreadsheet nor a JSON list of objects: correct the Airflow Variable.",
            permanent=True,
        ) from None
    return _told_apart(filter(None, (_entry(f"entry {at}", entry) for at, entry in enumerate(entries, start=1))))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; of a key that stands in it twice, JSON takes the last: ``"send": false, "send": true``.

    :raises RoboSmsError: for such a key.
    """
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise RoboSmsError(
                f"An entry of the plan has {clip(key)!r} {count} times: correct the Airflow Variable.", permanent=True
            )
    return dict(pairs)


def _entry(where: str, entry: Mapping[str, Any]) -> PlannedCampaign | None:
    cells = {name: entry.get(name.lower()) for name in COLUMNS}
    if unknown := sorted(set(entry) - {name.lower() for name in COLUMNS}):
        known = ", ".join(name.lower() for name in COLUMNS)
        return PlannedCampaign(where, trouble=f"{clip(unknown[0])!r} is not a key of a plan; its keys are {known}.")
    for name, cell in cells.items():
        if name != SEND and not (cell is None or isinstance(cell, str)):
            said = json.dumps(cell)
            return PlannedCampaign(where, trouble=f"{name} is {clip(said)}: write it as a text, in quotes.", said=said)
    return _read(where, cells, own="")


def _read(where: str, cells: Mapping[str, Any], *, own: str, merged: str | None = None) -> PlannedCampaign | None:
    """Return what a line says; None when it says nothing.

    :param own: the key of the spreadsheet that a line means which names none.
    :param merged: the name of a cell that a merge covers; None where there is none.
    """
    texts = {name: text_of(cell).strip() for name, cell in cells.items()}
    if all(is_blank(text) for name, text in texts.items() if name != SEND):
        return None
    line = PlannedCampaign(
        where,
        template=texts[TEMPLATE],
        tab=USUAL_TAB if is_blank(texts[RECIPIENTS]) else texts[RECIPIENTS],
        said=repr(texts),
    )
    try:
        line = replace(line, ticked=_ticked(cells[SEND]))
        if merged is not None:
            raise SheetError(f"{merged} is merged with another line's: unmerge the cells and fill in each line.")
        if passing := next((name for name, text in texts.items() if passing_value(text)), None):
            raise SheetError(f"{passing} has no value yet, or an error: fix its formula.")
        if broken := next((name for name, text in texts.items() if has_half_character(text)), None):
            raise SheetError(f"{broken} holds half a character, such as a broken emoji: type it again.")
        if nothing := next((name for name in (RECIPIENTS, TEMPLATE) if is_nothing(texts[name])), None):
            raise SheetError(
                f"{nothing} is {clip(texts[nothing])!r}, which is what programs write for nothing: write a name."
            )
        if is_blank(texts[TEMPLATE]):
            raise SheetError(f"{TEMPLATE} is blank: name a template.")
        when = _moment(cells[WHEN])
        hours = texts[HOURS] or USUAL_HOURS
        _check_looked_at(when, SendWindow.parse(hours, ZONE))
        key = spreadsheet_key(texts[SPREADSHEET] or own)
    except RoboSmsError as error:
        return replace(line, trouble=str(error))
    return replace(line, spreadsheet=key, when=when, hours=hours)


def _ticked(cell: Any) -> bool:
    yes = says_yes(cell)
    if not yes and not says_no(cell):
        raise SheetError(f"{SEND} holds neither a tick nor yes or no: tick it to send this line.")
    return yes


def _moment(cell: Any) -> datetime:
    try:
        moment = moment_of(cell, ZONE)
    except ValueError as error:
        raise SheetError(f"{error}.".replace("Send At", WHEN)) from None
    if moment is None:
        raise SheetError(f"{WHEN} is blank: write it like 2026-11-23 14:00.")
    return moment


def _check_looked_at(when: datetime, window: SendWindow | None) -> None:
    """See that the plan is looked at between its moment and the end of its hours: the line would be sent a day late.

    :raises SheetError: when it is not.
    """
    if window is None:
        return
    hour = when.replace(minute=0, second=0, microsecond=0)
    look = hour if hour == when else hour + EACH
    opens = when if window.is_open(when) else window.next_opening(when)
    if window.next_closing(opens) <= look + BUSY:
        raise SheetError(
            f"{HOURS} end before the plan is looked at, at {look:%H:%M}: give {WHEN} a full hour before they end, or let "
            "them end later."
        )


def _told_apart(lines: Iterable[PlannedCampaign]) -> list[PlannedCampaign]:
    """Return the lines, those that are about the same thing refused."""
    found = list(lines)
    counts = Counter(line.id for line in found if not line.trouble)
    same = f"another line has the same {SPREADSHEET}, {RECIPIENTS}, {TEMPLATE} and {WHEN}: delete one of them."
    return [line if line.trouble or counts[line.id] == 1 else replace(line, trouble=same) for line in found]


def _cell(value: Any, shown: Any, title: str) -> Any:
    if agrees(value, shown or "") is False:
        raise SheetUnavailable(f"Tab {title!r} was edited while it was read: the next run reads it again.")
    return None if value in (None, "") else joined(value, shown or "")


def _line(grid: Sequence[Sequence[Any]], number: int) -> Sequence[Any]:
    return grid[number] if number < len(grid) else ()
