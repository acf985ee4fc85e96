"""Whom a campaign from a database texts: what the rows of the query say, and why some are left out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..campaign.message import Message
from ..exceptions import InvalidNumber, MergeError, RoboSmsError, Unreachable
from ..recipients.protecting import heeded_by_nobody
from ..sms.blank import is_blank
from ..sms.merge import bare_header, clip, render, tags_of
from ..sms.phone import elsewhere, normalise
from ..sms.segments import measure
from ..sms.sendable import is_absent, is_nothing, tag_text, why_not_sendable, written
from .sql_table import SENDING, Spoken

#: A key of more digits may be a phone number or an identity card's, which no result and no log may show.
_LEAST_SECRET = 1_000_000_000


@dataclass(frozen=True)
class Texts:
    """Where the texts come from.

    :param message: a text with tags, for all rows; None when each row has its own.
    :param column: the column with the text of the row; None when *message* is set.
    """

    message: str | None
    column: str | None


@dataclass(frozen=True)
class Skip:
    """A row that is not texted.

    :param reason: without anything of the row, for logs and counts.
    :param detail: what stands in the row.
    :param passing: whether a later run may text it: the row is left as it is.
    """

    key: Any
    reason: str
    detail: str
    passing: bool = False


@dataclass(frozen=True)
class Others:
    """Numbers that must not be texted, as they stand at one moment.

    :param opted_out: who wants no texts.
    :param spoken: number -> a row that was texted, may have been, or is being texted by another run.
    :param unreadable: entries of the opt-outs that cannot be read: their owners would be texted.
    """

    opted_out: frozenset[str] = frozenset()
    spoken: Mapping[str, Spoken] = field(default_factory=dict)
    unreadable: int = 0

    @classmethod
    def of(cls, opt_outs: Iterable[Any], spoken: Iterable[Spoken]) -> Others:
        """Return them from what the database says."""
        out, unreadable = set(), 0
        for phone in opt_outs:
            if phone is None or (isinstance(phone, str) and is_blank(phone)):
                continue
            try:
                out.add(_normalised(phone))
            except Unreachable:
                continue  # a landline, a number of another country: nobody texts it anyway
            except (InvalidNumber, TypeError):
                unreadable += 1
        numbers: dict[str, Spoken] = {}
        for row in spoken:
            number = number_of(row.phone)
            # Of two, the one that has a result: what is only claimed may be given back.
            if number and (number not in numbers or numbers[number].status == SENDING):
                numbers[number] = row
        return cls(frozenset(out), numbers, unreadable)

    def against(self, key: Any, number: str) -> Skip | None:
        """Return why *number* must not be texted, or None."""
        if number in self.opted_out:
            return Skip(key, "opted out", "opted out")
        row = self.spoken.get(number)
        if row is None:
            return None
        which = f"which is {row.status}"
        passing = row.status == SENDING  # that run may yet give its row back
        return Skip(key, f"same number as a row {which}", f"same number as row {row.key}, {which}", passing)


@dataclass
class SqlPlan:
    """What a campaign sends, and what not.

    :param messages: to send, in the order of the query.
    :param keys: key of a message -> key of its row, as the database gave it.
    :param skips: rows that get the status SKIPPED.
    :param waiting: rows whose number another run is texting now; they are left as they are.
    :param beyond_limit: how many rows are left for a later run.
    """

    messages: list[Message] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)
    waiting: int = 0
    beyond_limit: int = 0

    @property
    def parts(self) -> int:
        """Message parts of everything that is to be sent."""
        return sum(message.parts for message in self.messages)

    @property
    def skipped(self) -> Counter[str]:
        """How many rows are left out, by reason."""
        return Counter(skip.reason for skip in self.skips)

    @property
    def skipped_rows(self) -> dict[str, list[int]]:
        """The keys of those rows by reason, where keys may be shown."""
        rows: dict[str, list[int]] = {}
        for skip in self.skips:
            if may_be_shown(skip.key):
                rows.setdefault(skip.reason, []).append(skip.key)
        return rows


def make_plan(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key_column: str,
    phone_column: str,
    texts: Texts,
    others: Others,
    sender_id: str | None,
    limit: int | None,
) -> SqlPlan:
    """Return the plan for the rows of the query.

    :raises RoboSmsError: when a column is missing, a tag is not a column, or a key is missing or comes twice; permanent.
    """
    key_at, phone_at = _place(columns, key_column, "key_column"), _place(columns, phone_column, "phone_column")
    text_at = None if texts.column is None else _place(columns, texts.column, "message_column")
    if texts.message is not None:
        check_tags(texts.message, columns)
    plan = SqlPlan()
    seen: dict[str, Any] = {}
    for row in rows:
        key = row[key_at]
        name = message_key(key)
        if name in plan.keys:
            raise RoboSmsError(
                "sql gives the same key twice: a row of the table must come once, whatever it is joined with.",
                permanent=True,
            )
        plan.keys[name] = key
        text, why = _text(texts, columns, row, text_at)
        found = _recipient(key, row[phone_at], why, others, seen)
        if isinstance(found, Skip):
            if found.passing:
                plan.waiting += 1
            else:
                plan.skips.append(found)
        elif limit is not None and len(plan.messages) >= limit:
            plan.beyond_limit += 1
            seen[found] = key
        else:
            plan.messages.append(Message(name, found, text, measure(text).parts, sender_id))
            seen[found] = key
    return plan


def check_ignored(columns: Sequence[str], used: Iterable[str], texts: Texts) -> None:
    """See that the query gives no column about sending that nobody would heed.

    :param used: columns that are read, and the campaign's own, beside the text's.
    :raises RoboSmsError: when it does; permanent.
    """
    known = {name.casefold() for name in (*used, texts.column or "")}
    others = [name for name in columns if name.casefold() not in known]
    told = {bare_header(tag) for tag in tags_of(texts.message or "")}
    if ignored := heeded_by_nobody(others, [name for name in others if bare_header(name) in told]):
        raise RoboSmsError(
            f"sql gives a column {clip(ignored[0])!r}, which may be meant for {ignored[1]!r} but would be ignored: filter by "
            "it in sql, and leave it out of the columns.",
            permanent=True,
        )


def check_tags(message: str, columns: Sequence[str]) -> None:
    """See that each tag of *message* is a column.

    :raises RoboSmsError: naming the tag and the columns; permanent.
    """
    try:
        render(message, dict.fromkeys(columns, "x"))
    except MergeError as error:
        raise RoboSmsError(f"message: {error}.", permanent=True) from None


def message_key(key: Any) -> str:
    """Return the key of a row as the journal knows it: the same in each process.

    :raises RoboSmsError: for a row without a key; permanent.
    """
    word = "" if key is None else written(key)
    if is_blank(word) or is_nothing(word) or isinstance(key, (bytes, bytearray, memoryview)):
        raise RoboSmsError(
            "sql gives a row without a key in key_column: each row needs one of its own.", permanent=True
        )
    return f"key:{word}"


def may_be_shown(key: Any) -> bool:
    """Tell whether a key may stand in results and logs: a small whole number is nobody's phone number."""
    return isinstance(key, int) and not isinstance(key, bool) and 0 <= key < _LEAST_SECRET


def number_of(phone: Any) -> str | None:
    """Return a number as it is texted, or None where it is none."""
    try:
        return _normalised(phone)
    except (InvalidNumber, TypeError):  # TypeError: a list or a dict cannot be remembered, and is no number
        return None


@lru_cache(
    maxsize=1_000_000
)  # the same rows are looked at again with each chunk: of fewer than they are it would hold none
def _normalised(phone: Any) -> str:
    return normalise(phone)


def _place(columns: Sequence[str], name: str, setting: str) -> int:
    exact = [index for index, column in enumerate(columns) if column == name]
    # Oracle and Snowflake answer in capitals.
    found = exact or [index for index, column in enumerate(columns) if column.casefold() == name.casefold()]
    if len(found) != 1:
        how = "no column" if not found else f"{len(found)} columns"
        raise RoboSmsError(
            f"sql gives {how} called {name} ({setting}); it gives {', '.join(columns)[:200]}.", permanent=True
        )
    return found[0]


class _Row(dict[str, Any]):
    """A row for the tags of a message. Only what is absent is blank, and may be replaced by the words behind ``|``."""

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        text = tag_text(value)
        if not text and not is_absent(value):
            raise MergeError(f"tag {{{{{clip(name)}}}}} holds an error, or a value that is no text")
        # An export's word for NULL: "Dear None" is texted to nobody, and the words behind ``|`` may take its place.
        return "" if is_nothing(text) else text


def _text(texts: Texts, columns: Sequence[str], row: Sequence[Any], text_at: int | None) -> tuple[str, str | None]:
    """Return the text of a row, and why it cannot be sent."""
    if text_at is None:
        try:
            text: Any = render(str(texts.message), _Row(zip(columns, row, strict=True)))
        except MergeError as error:  # a blank field
            return "", str(error)
    else:
        text = row[text_at]
    why = why_not_sendable(text)
    return ("", f"no text: it {why}") if why else (str(text), None)


def _recipient(key: Any, phone: Any, why_no_text: str | None, others: Others, seen: Mapping[str, Any]) -> str | Skip:
    try:
        number = normalise(phone)
    except InvalidNumber as error:
        why = f"bad number: {elsewhere(error)}"
        return Skip(key, why, why)
    except TypeError:
        return Skip(key, "bad number", "bad number: a phone number is text")
    if (against := others.against(key, number)) is not None:
        return against
    if why_no_text:
        return Skip(key, why_no_text, why_no_text)
    if number in seen:
        return Skip(key, "same number as an earlier row", f"same number as row {seen[number]}")
    return number
