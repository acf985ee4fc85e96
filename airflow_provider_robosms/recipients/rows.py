"""What one row asks for: a message, or a reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from ..campaign.message import Message
from ..exceptions import InvalidNumber, MergeError, Unreachable
from ..sms.blank import is_blank
from ..sms.merge import clip, fill, normalise_header
from ..sms.other_tags import may_hold_tag
from ..sms.passing import is_loading, passing_value
from ..sms.phone import normalise
from ..sms.segments import measure, smart_encode
from ..sms.sendable import is_nothing, why_not_sendable
from ..spreadsheet.cells import at, exact_text, text_of, value_of
from ..spreadsheet.errors import SheetError, SheetUnavailable
from .columns import OWNED, Columns
from .dates import moment_of
from .phone_cells import numbers_of
from .protecting import OPT_OUT, SEND
from .wording import Template, Wording, has_field_of_its_own
from .yes_no import NO, YES, is_no_text, says


class Skip(Exception):  # noqa: N818 - not an error: the reason a row is left out
    """This row is not texted, and why, in words for its owner."""


@dataclass(frozen=True)
class Planned:
    """What became of one row in planning: exactly one of *message* and *skip* is set.

    :param wording: what a person approves of the message, see :meth:`~.wording.Wording.shown`.
    """

    message: Message | None = None
    skip: str | None = None
    wording: str = ""


class RowReader:
    """Reads rows of a tab with the given columns.

    :param key_column: the column that identifies a row, ``Phone`` among them; None for ``ID`` where there is one, else Phone.
    :param opted_out: normalised numbers that must not be texted.
    :param zone: the time zone of Send At.
    """

    def __init__(
        self,
        columns: Columns,
        wording: Wording,
        *,
        key_column: str | None = None,
        opted_out: frozenset[str] = frozenset(),
        zone: tzinfo,
    ) -> None:
        self.columns = columns
        self.phone = columns.need("Phone")
        self.id = key_place(columns, key_column)
        self._message = columns.one("Message")
        self._template = columns.one("Template")
        columns.check_protecting(wording.tags())
        self._wording = wording
        self._opted_out = opted_out
        self._zone = zone
        self._send_at = columns.one("Send At")
        self._opt_out = columns.one("Opt Out")
        self._send = columns.one("Send")
        self._numbers: dict[Any, str | InvalidNumber] = {}
        self._known: tuple[Columns, list[int]] = (columns, self.identity(columns))
        self._tagged: set[int] = set()
        self._out_elsewhere: frozenset[str] = frozenset()

    def heed(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take in who has opted out in any of the tab's rows: another row may hold the same number.

        A row whose Phone holds no digit is nobody's: a sum below the list, a dash, the headings once more.

        :raises SheetError: when the number of such a row cannot be read at all, so that nobody knows whom it protects.
        :raises SheetUnavailable: when it is still being calculated.
        """
        numbers: set[str] = set()
        for place, row in enumerate(rows, start=2) if self._opt_out is not None else ():
            if says(NO, at(row, self._opt_out)):
                continue
            raw = self.phone_of(row)
            number = self.number(raw)
            if isinstance(number, str):
                numbers.add(number)
                continue
            if is_loading(text := text_of(raw)):
                raise SheetUnavailable(
                    f"Row {place} of tab {self.columns.tab!r} has opted out, and its number is still being calculated: run "
                    "the task again in a minute."
                )
            several = numbers_of(text)
            numbers.update(several or ())
            if several is None and not isinstance(number, Unreachable):  # those nobody texts anyway
                raise SheetError(
                    f"Row {place} of tab {self.columns.tab!r} has opted out, and its number cannot be read ({number}), so "
                    "its owner may be texted by another row: correct it, or delete the row.",
                    permanent=True,
                )
        self._out_elsewhere = frozenset(numbers)

    def number(self, raw: Any) -> str | InvalidNumber:
        """Return the normalised number of a Phone cell, or why it is none. Remembered, for sheets are read many times."""
        memory = (type(raw), raw)
        known = self._numbers.get(memory)
        if known is None:
            try:
                known = normalise(raw, rounded=True)  # it protects, and was texted before, as it stands there
            except InvalidNumber as error:
                known = type(error)(str(error))  # without the traceback, which holds the cell
            self._numbers[memory] = known
        return known

    def to_text(self, row: Sequence[Any]) -> str | InvalidNumber:
        """Return the number that a row may text, or why none: one that a file may have rounded would be a stranger's."""
        raw = self.phone_of(row)
        number = self.number(raw)
        if isinstance(number, str) and number.endswith("000000"):
            try:
                return normalise(raw)
            except InvalidNumber as error:
                return error
        return number

    def key(self, row: Sequence[Any]) -> str | None:
        """Return what identifies the row's recipient wherever the row moves.

        None for a row with neither ID nor phone: it is nobody's, whatever else stands in it, and nothing is written there.
        """
        return self._key(row, self.phone, self.id)

    def _key(self, row: Sequence[Any], phone: int, key_at: int | None) -> str | None:
        own = exact_text(at(row, key_at)).strip()  # blank without such a column
        # "None" and "nan" are what exports leave where there is no ID: they would make one of many people.
        if own and not is_blank(own) and not is_nothing(own) and not passing_value(own):
            return f"id:{_encodable(own)}"
        raw = value_of(at(row, phone))
        number = self.number(raw)
        if isinstance(number, str):
            return f"tel:{number}"
        text = text_of(raw)
        return None if is_blank(text) else f"raw:{_encodable(text.strip())}"

    # The same tab, after its columns may have been moved.

    def identity(self, columns: Columns) -> list[int]:
        """Return where the columns are that identify rows: Phone, and the key column if there is one; [] without them."""
        phone = columns.only("Phone")
        if self.id is None:
            return [] if phone is None else [phone]
        key_at = columns.only(self.columns.header[self.id])
        return [] if phone is None or key_at is None else [phone, key_at]

    def key_in(self, columns: Columns, row: Sequence[Any]) -> str | None:
        """Return :meth:`key` of a row of a tab with *columns*; None when these do not tell it."""
        places = self._places(columns)
        return self._key(row, places[0], places[1] if len(places) > 1 else None) if places else None

    def number_key_in(self, columns: Columns, row: Sequence[Any]) -> str | None:
        """Return what :meth:`key` was while the row had no ID; None where IDs are not asked for, or without a number."""
        places = self._places(columns)
        return self._key(row, places[0], None) if len(places) > 1 else None

    def _places(self, columns: Columns) -> list[int]:
        if columns is not self._known[0]:
            self._known = (columns, self.identity(columns))
        return self._known[1]

    def phone_of(self, row: Sequence[Any]) -> Any:
        """Return the row's Phone as it stands in the cell."""
        return value_of(at(row, self.phone))

    @staticmethod
    def protecting(columns: Columns) -> list[int]:
        """Return where the columns are that can forbid sending to a row."""
        return [place for name in (OPT_OUT, SEND) for place in columns.tags.alike(name)]

    @property
    def own_protecting(self) -> set[int]:
        """Where the tab's own columns Opt Out, Send At and Send are."""
        return {place for place in (self._opt_out, self._send_at, self._send) if place is not None}

    @property
    def opt_out_line(self) -> str | None:
        """What every text ends with."""
        return self._wording.opt_out_line

    @property
    def deciding(self) -> set[int]:
        """Where the columns are that decide something: ours, those that are looked at, and those in a text so far."""
        own = (self.phone, self.id, self._message, self._template, self._send_at, self._opt_out, self._send)
        return {place for place in (*own, *self.columns.owned, *self._tagged) if place is not None}

    @property
    def unread_columns(self) -> list[str]:
        """The names, clipped, of the columns that decide nothing."""
        read = self.deciding
        return [
            clip(name) for place, name in enumerate(self.columns.header) if place not in read and not is_blank(name)
        ]

    def chosen(self, row: Sequence[Any]) -> bool:
        """Tell whether the row's Send is ticked, or there is no such column."""
        return self._send is None or says(YES, at(row, self._send))

    def withheld(self, columns: Columns, row: Sequence[Any], message: Message) -> str:
        """Return why a planned message must not be sent to this row any more, by its exact values; blank when it may."""
        if self.number(value_of(at(row, self.identity(columns)[0]))) != message.to:
            return "the row's number was changed"
        if any(not says(NO, at(row, place)) for place in columns.tags.alike(OPT_OUT)):
            return "the row was opted out"
        if any(not says(YES, at(row, place)) for place in columns.tags.alike(SEND)):
            return "its Send is not ticked any more"
        return ""

    def plan(self, row: Sequence[Any], key: str, now: datetime) -> Planned:
        """Return the row's message, or why there is none now."""
        try:
            return self._plan(row, key, now)
        except Skip as reason:
            return Planned(skip=str(reason))

    def _plan(self, row: Sequence[Any], key: str, now: datetime) -> Planned:
        number = self._recipient(row, now)
        template = self._text(row)
        cells: list[str] = []
        text, parts = self._ready(self._merge(template.body, row, cells))
        message = Message(key, number, text, parts, template.mask or self._wording.mask)
        return Planned(message, wording=self._wording.shown(template.body, template.mask, text, cells))

    def _recipient(self, row: Sequence[Any], now: datetime) -> str:
        """Return the number, if this row may be texted now."""
        if self.id is not None:
            self._certain(row, self.id)
        number = self.to_text(row)
        if isinstance(number, InvalidNumber):
            raise Skip(f"bad number: {number}")
        if self._opt_out is not None and not says(NO, self._certain(row, self._opt_out)):
            raise Skip("opted out: column Opt Out is set")
        if number in self._opted_out:
            raise Skip("opted out: the number is on the Opt-outs tab")
        if number in self._out_elsewhere:
            raise Skip("opted out: column Opt Out is set in another row of this number")
        if self._send is not None and not says(YES, chosen := self._certain(row, self._send)):
            if says(NO, chosen):
                raise Skip("not chosen: column Send is not ticked")
            raise Skip("column Send holds neither a tick nor yes or no: tick it to text this row")
        if self._send_at is not None:
            self._check_due(row, self._send_at, now)
        return number

    def _ready(self, merged: str) -> tuple[str, int]:
        """Return a text as it is sent, and its parts, if it can be sent."""
        text = self._wording.ended(merged)
        if self._wording.smart_encoding:
            text = smart_encode(text)
        if is_blank(text):
            raise Skip("no text: nothing of it can be seen")
        if not text.isascii() and not text.isprintable() and _encodable(text) != text:
            raise Skip("the text holds half a character, such as a broken emoji: type it again")
        # By itself, too: with the opt-out line below it, "None" would look like a text.
        reason = why_not_sendable(merged, typed=True)
        if reason is None and text != merged:
            reason = why_not_sendable(text, typed=True)
        if reason:
            raise Skip(f"no text: it {reason}")
        parts = measure(text).parts
        if self._wording.max_segments is not None and parts > self._wording.max_segments:
            raise Skip(f"too long: {parts} parts over the limit of {self._wording.max_segments}")
        return text, parts

    def _certain(self, row: Sequence[Any], place: int) -> Any:
        """Return a cell whose content decides something.

        :raises Skip: when it shows a passing value: what will stand there is not known.
        """
        cell = at(row, place)
        if found := passing_value(text_of(cell)):
            raise Skip(f"column {clip(self.columns.header[place])} holds {_what(found)}")
        return cell

    def _check_due(self, row: Sequence[Any], place: int, now: datetime) -> None:
        try:
            due = moment_of(self._certain(row, place), self._zone)
        except ValueError as error:
            raise Skip(str(error)) from None
        if due is not None and due > now:
            raise Skip(f"not due until {due:%Y-%m-%d %H:%M}")

    def _text(self, row: Sequence[Any]) -> Template:
        """Return the row's template: its Message, else its Template, else the campaign's."""
        wording = self._wording
        if self._message is not None and not is_blank(own := text_of(self._certain(row, self._message))):
            if is_no_text(own):
                raise Skip(f"no text: column Message holds {clip(own)!r}: write the text there, or clear the cell")
            return Template(own.strip())
        name = text_of(self._certain(row, self._template)).strip() if self._template is not None else ""
        name = wording.template or "" if is_blank(name) else name
        if name:
            found = wording.templates.get(normalise_header(name))
            if found is None:
                raise Skip(f"template {clip(name)!r} is not on the Templates tab")
            if found.trouble:
                raise Skip(f"template {clip(name)!r} holds {_what(found.trouble)}")
            found.check()
            return found
        if not wording.message or is_blank(wording.message):
            raise Skip("no text: column Message is blank, and neither a template nor a message is set")
        return Template(wording.message)

    def _merge(self, body: str, row: Sequence[Any], cells: list[str]) -> str:
        """Return a text with its tags filled in; what they are filled with is added to *cells*."""
        if not may_hold_tag(body):
            return body
        try:
            text = fill(body, self._filler(row, cells))
            self.columns.tags.check(body, OWNED)  # from the first run, before they are there
        except MergeError as error:
            raise Skip(str(error)) from None
        if has_field_of_its_own(body):
            raise Skip("no text: it holds a field such as {} or %s that nothing fills in: write {{First Name}}")
        return text

    def _filler(self, row: Sequence[Any], cells: list[str]) -> Callable[[str], str]:
        """Return what gives a row's cell for a tag: as the sheet shows it, and never a passing value."""
        find = self.columns.tags.find

        def value(tag: str) -> str:
            self._tagged.add(place := find(tag))
            text = text_of(at(row, place)).strip()
            if found := passing_value(text):
                raise Skip(f"tag {{{{{clip(tag)}}}}} holds {_what(found)}")
            cells.append(text)
            return text

        return value


def key_place(columns: Columns, key_column: str | None) -> int | None:
    """Return the column that identifies a row, None for Phone.

    :param key_column: its name; None for ``ID`` where there is one, else Phone.
    :raises SheetError: when it is missing or there are several of that name.
    """
    if key_column is None:
        return columns.one("ID")
    return None if normalise_header(key_column) == "phone" else columns.need(key_column)


def _what(passing: str) -> str:
    """Say of a passing value what it is and what to do."""
    if not is_loading(passing):
        return f"the error {clip(passing)}: fix the formula"
    return f"{clip(passing)!r}: wait until the sheet has calculated it"


def _encodable(text: str) -> str:
    """Return *text* with lone halves of surrogate pairs written out: they have no bytes, and keys are hashed."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def partition_of(key: str, partitions: int) -> int:
    """Return which of *partitions* a key belongs to: by its hash, so it depends on no row number and no other row."""
    if partitions == 1:
        return 0
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") % partitions
