"""What one row asks for: a message, or a reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from ..campaign.message import Message
from ..sms.merge import MergeError, normalise_header, render
from ..sms.phone import InvalidNumber, normalise
from ..sms.segments import measure, smart_encode
from .cells import formula_error, text_of
from .columns import Columns
from .dates import parse_moment
from .errors import SheetError

#: What an Opt Out cell may hold for "no"; anything else that is not blank means that the person is not texted.
_NOT_OPTED_OUT = frozenset({"", "no", "n", "false", "0", "nahi", "nahin", "نہیں"})


@dataclass(frozen=True)
class Template:
    """A row of the Templates tab; *name* as its owner wrote it."""

    body: str
    mask: str | None = None
    name: str = ""


@dataclass(frozen=True)
class Wording:
    """Where the texts come from, and what they may cost.

    :param message: the text for rows that have none of their own and name no template.
    :param template: the name of the template for such rows; goes before *message*.
    :param templates: normalised name -> template.
    :param mask: sender mask for rows whose template has none.
    :param max_segments: texts of more parts are skipped; None for no limit.
    :param smart_encoding: replace typographic characters where that makes the text cheaper.
    """

    message: str | None = None
    template: str | None = None
    templates: Mapping[str, Template] = field(default_factory=dict)
    mask: str | None = None
    max_segments: int | None = None
    smart_encoding: bool = False

    def check(self, columns: Columns) -> None:
        """See that the campaign's own text fits the columns, before anything is sent.

        :raises SheetError: when the named template is missing, a tag is unknown, or there is no text at all.
        """
        default: str | None = self.message
        if self.template:
            found = self.templates.get(normalise_header(self.template))
            if found is None:
                raise SheetError(f"There is no template {self.template!r}: {self._known()}.", permanent=True)
            default = found.body
        if default:
            try:
                # The row's own words cannot be blank here: only the tags are looked at.
                render(default, {name: "x" for name in columns.names if name})
            except MergeError as error:
                raise SheetError(f"The message text cannot be used: {error}.", permanent=True) from None
        elif columns.one("Message") is None and columns.one("Template") is None:
            raise SheetError(
                "There is no text to send: set template or message, or add a column 'Message' or 'Template' to tab "
                f"{columns.tab!r}.",
                permanent=True,
            )

    def _known(self) -> str:
        names = [template.name for template in list(self.templates.values())[:10]]
        return f"the Templates tab has {', '.join(names)}" if names else "the Templates tab is empty or missing"


class Skip(Exception):  # noqa: N818 - not an error: the reason a row is left out
    """This row is not texted, and why, in words for its owner."""


@dataclass(frozen=True)
class Planned:
    """What became of one row in planning: exactly one of *message* and *skip* is set."""

    message: Message | None = None
    skip: str | None = None
    later: bool = False


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
        self.id: int | None = None
        if key_column is None:
            self.id = columns.one("ID")
        elif normalise_header(key_column) != "phone":
            self.id = columns.need(key_column)
        self._wording = wording
        self._opted_out = opted_out
        self._zone = zone
        self._message = columns.one("Message")
        self._template = columns.one("Template")
        self._send_at = columns.one("Send At")
        self._opt_out = columns.one("Opt Out")
        self._tags = _Tags(columns)
        self._own = frozenset(place for place in columns.owned if place is not None)
        self._numbers: dict[Any, str | InvalidNumber] = {}

    def number(self, raw: Any) -> str | InvalidNumber:
        """Return the normalised number of a Phone cell, or why it is none. Remembered, for sheets are read many times."""
        memory = (type(raw), raw)
        known = self._numbers.get(memory)
        if known is None:
            try:
                known = normalise(raw)
            except InvalidNumber as error:
                known = InvalidNumber(str(error))  # without the traceback, which holds the cell
            self._numbers[memory] = known
        return known

    def key(self, row: Sequence[Any]) -> str | None:
        """Return what identifies the row's recipient wherever the row moves; None for a row without any identity."""
        if self.id is not None and (text := text_of(_at(row, self.id)).strip()):
            return f"id:{text}"
        raw = _at(row, self.phone)
        number = self.number(raw)
        if isinstance(number, str):
            return f"tel:{number}"
        text = text_of(raw).strip()
        return f"raw:{text}" if text else None

    def is_blank(self, row: Sequence[Any]) -> bool:
        """Tell whether a row holds nothing of a person's (ticks that are off do not count)."""
        return all(
            value is None or value is False or text_of(value).strip() == ""
            for place, value in enumerate(row)
            if place not in self._own
        )

    def plan(self, row: Sequence[Any], key: str, now: datetime) -> Planned:
        """Return the row's message, or why there is none now."""
        try:
            return Planned(message=self._plan(row, key, now))
        except _NotYet as reason:
            return Planned(skip=str(reason), later=True)
        except Skip as reason:
            return Planned(skip=str(reason))

    def _plan(self, row: Sequence[Any], key: str, now: datetime) -> Message:
        number = self.number(_at(row, self.phone))
        if isinstance(number, InvalidNumber):
            raise Skip(f"bad number: {number}")
        if self._opt_out is not None and text_of(_at(row, self._opt_out)).strip().casefold() not in _NOT_OPTED_OUT:
            raise Skip("opted out: column Opt Out is set")
        if number in self._opted_out:
            raise Skip("opted out: the number is on the Opt-outs tab")
        if self._send_at is not None and (moment := text_of(_at(row, self._send_at)).strip()):
            self._check_due(moment, now)
        template = self._text(row)
        text = self._merge(template.body, row)
        if self._wording.smart_encoding:
            text = smart_encode(text)
        parts = measure(text).parts
        if self._wording.max_segments is not None and parts > self._wording.max_segments:
            raise Skip(f"too long: {parts} parts over the limit of {self._wording.max_segments}")
        return Message(key, number, text, parts, template.mask or self._wording.mask)

    def _check_due(self, moment: str, now: datetime) -> None:
        try:
            due = parse_moment(moment, self._zone)
        except ValueError as error:
            raise Skip(str(error)) from None
        if due > now:
            raise _NotYet(f"not due until {due:%Y-%m-%d %H:%M}")

    def _text(self, row: Sequence[Any]) -> Template:
        """Return the row's template: its Message, else its Template, else the campaign's."""
        wording = self._wording
        if self._message is not None and (own := text_of(_at(row, self._message)).strip()):
            if formula_error(own):
                raise Skip(f"column Message holds the error {own}: mend the formula")
            return Template(own)
        name = text_of(_at(row, self._template)).strip() if self._template is not None else ""
        name = name or wording.template or ""
        if name:
            found = wording.templates.get(normalise_header(name))
            if found is None:
                raise Skip(f"template {name[:40]!r} is not on the Templates tab")
            return found
        if not wording.message:
            raise Skip("no text: column Message is blank, and neither a template nor a message is set")
        return Template(wording.message)

    def _merge(self, body: str, row: Sequence[Any]) -> str:
        if "{{" not in body and "}}" not in body:
            return body
        try:
            return render(body, _Values(self._tags, row))
        except MergeError as error:
            raise Skip(str(error)) from None


class _NotYet(Skip):
    """Due later: the row is not due, but nothing is wrong with it."""


class _Tags:
    """Which column a tag names, remembered: a sheet has few tags and many rows."""

    def __init__(self, columns: Columns) -> None:
        self.names = [name for name in columns.names if name]
        self._columns = columns
        self._places: dict[str, int | None] = {}

    def place(self, tag: str) -> int | None:
        """Return the index of the only column that answers to *tag*, or None."""
        if tag not in self._places:
            self._places[tag] = self._columns.only(tag)
        return self._places[tag]


class _Values(Mapping[str, str]):
    """A row's cells for a template, made text when it asks for them; an error value skips the row instead of being texted."""

    def __init__(self, tags: _Tags, row: Sequence[Any]) -> None:
        self._tags, self._row = tags, row

    def __getitem__(self, tag: str) -> str:
        place = self._tags.place(tag)
        if place is None:
            raise KeyError(tag)
        value = text_of(_at(self._row, place)).strip()
        if formula_error(value):
            raise Skip(f"tag {{{{{tag}}}}} holds the error {value}: mend the formula")
        return value

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, str) and self._tags.place(tag) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags.names)

    def __len__(self) -> int:
        return len(self._tags.names)


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) else None


def partition_of(key: str, partitions: int) -> int:
    """Return which of *partitions* a key belongs to: by its hash, so it depends on no row number and no other row."""
    if partitions == 1:
        return 0
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") % partitions
