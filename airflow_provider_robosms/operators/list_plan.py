"""Whom the messages of a list go to: what its entries say, and why some are not sent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..campaign.message import Message
from ..exceptions import RoboSmsError
from ..settings import message, resembles, shown
from ..sms.blank import is_blank
from ..sms.sendable import has_address, has_half_character, is_nothing, why_not_sendable, written

#: What is read of an entry.
_READ = frozenset({"to", "message", "key"})
#: Whole numbers as keys are below; a float is exact up to here.
_MOST = 2**53
#: What an entry may be thought to say, and an operator has for all of them, in small letters and digits alone. Not "from" and
#: "limit", which lists of journeys and of credit have.
_SETTINGS = (
    "mask", "sender", "sendermask", "senderid", "sendername", "notafter", "dryrun", "maxpersecond", "maxsegments",
    "sendwindow", "checkbalance", "robosmsconnid", "unicode",
)  # fmt: skip
#: Shorter names resemble words of data by chance: "gender", "render".
_LONG = 7


def own_texts(messages: Any) -> list[dict[str, Any]]:
    """Return the entries of *messages*, each with ``to`` and ``message``.

    :raises RoboSmsError: for input of another shape, naming the entry; permanent.
    """
    if not isinstance(messages, list):
        raise RoboSmsError(
            "messages must be a list of {'to', 'message'}; a template needs render_template_as_native_obj on the DAG.",
            permanent=True,
        )
    from ..sms.merge import tags_of

    seen: set[tuple[frozenset[Any], frozenset[str]]] = set()
    for index, entry in enumerate(messages):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("message"), str) or "to" not in entry:
            raise RoboSmsError(f"messages[{index}] must have 'to' and a text 'message'.", permanent=True)
        said = (frozenset(entry), frozenset(tags_of(entry["message"])))
        if said not in seen:
            seen.add(said)
            _check_ignored(index, said[0] - _READ, said[1])
    return [dict(entry) for entry in messages]


def _check_ignored(index: int, names: Iterable[Any], tags: Collection[str]) -> None:
    """See that an entry says nothing about sending that nobody would heed.

    :param tags: of its message: such a name is of its data. That no tag is filled in here, its text is told.
    :raises RoboSmsError: when it does; permanent.
    """
    from ..recipients.protecting import heeded_by_nobody

    texts = sorted(name for name in names if isinstance(name, str))
    if found := next((name for name in texts if name not in tags and _is_setting(name)), None):
        raise RoboSmsError(
            f"messages[{index}] has {found!r}, which is a setting of the operator, for all its messages, and would be "
            "ignored here: set it there, or drop the key.",
            permanent=True,
        )
    if ignored := heeded_by_nobody(texts, tags):
        raise RoboSmsError(
            f"messages[{index}] has {ignored[0]!r}, which may be meant for {ignored[1]!r} but would be ignored: leave out of "
            "the list whom you do not want to text now, and drop the key.",
            permanent=True,
        )


def _is_setting(name: str) -> bool:
    """Tell whether a name is that of a setting, however it is written: ``senderId``; a long one with a slip, too."""
    return resembles(name, _SETTINGS, shortest=_LONG, cutoff=0.9)


def same_text(to: Any, text: Any) -> list[dict[str, Any]]:
    """Return one entry for each number of *to*, all with the same text.

    :raises RoboSmsError: for what is no number and no list of them, or no text; permanent.
    """
    if to is None or text is None:
        missing = " and ".join(name for name, value in (("to", to), ("message", text)) if value is None)
        raise RoboSmsError(f"Set to and message, or messages: {missing} came as None.", permanent=True)
    text = message(text)
    if isinstance(to, (Mapping, bytes, bool)) or (isinstance(to, str) and _is_nothing(to)):
        raise RoboSmsError(f"to must be a number or a list of numbers, not {shown(to)}.", permanent=True)
    return [{"to": number, "message": text} for number in (to if isinstance(to, list) else [to])]


@dataclass
class ListPlan:
    """What a list campaign sends, and what not.

    :param messages: to send, in order.
    :param skipped: how many others there are, by reason.
    :param unusable: key and reason of those of them that have a key and a number or a text that cannot be used.
    """

    messages: list[Message] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    unusable: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Iterable[Mapping[str, Any]], sender_id: str | None, *, one_each: bool) -> ListPlan:
        """Return the plan for *entries*.

        :param one_each: a number is texted once, rather than once for each of its texts.
        :raises RoboSmsError: for a key that cannot be stored, or that two numbers share; permanent.
        """
        plan = cls()
        seen: set[object] = set()
        unkeyed: set[object] = set()
        nth: Counter[str] = Counter()
        keyed: dict[str, str] = {}
        for index, entry in enumerate(entries):
            own_key, text = _key_of(entry, index), entry["message"]
            number, reason = _number_of(entry)
            if number is None or reason:
                plan._skip(own_key, reason)
                continue
            nth[number] += 1
            key = f"tel:{number}:{1 if one_each else nth[number]}" if own_key is None else f"key:{own_key}"
            if own_key is not None and keyed.setdefault(own_key, number) != number:
                raise RoboSmsError(
                    f"messages[{index}] has the key of an earlier message to another number: give each a key of its own, or "
                    "none.",
                    permanent=True,
                )
            # A key tells two equal texts apart: where only one of them has one, nobody knows that they are two.
            if key in seen or (number, text) in (seen if own_key is None else unkeyed):
                plan.skipped["duplicate of an earlier message in the list"] += 1
                continue
            seen |= {key, (number, text)}
            if own_key is None:
                unkeyed.add((number, text))
            plan._send(key, number, text, sender_id)
        return plan

    def _send(self, key: str, number: str, text: str, sender_id: str | None) -> None:
        from ..sms.segments import measure

        self.messages.append(Message(key, number, text, measure(text).parts, sender_id))

    def _skip(self, own_key: str | None, reason: str) -> None:
        self.skipped[reason] += 1
        if own_key is not None:
            self.unusable.append((own_key, reason))


def _number_of(entry: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the number that *entry* goes to, and why it cannot be sent, or an empty text."""
    from ..exceptions import InvalidNumber
    from ..sms.phone import elsewhere, normalise

    try:
        number = normalise(entry["to"])
    except InvalidNumber as error:
        return None, f"bad number: {elsewhere(error)}"
    reason = why_not_sendable(entry["message"])
    return number, f"the text {reason}" if reason else ""


def _key_of(entry: Mapping[str, Any], index: int) -> str | None:
    """Return the key of *entry*, or None where there is none: blank, NaN and the like are what data has for nothing."""
    given = entry.get("key")
    if isinstance(given, (float, Decimal)) and _is_whole(given):
        given = int(given)  # what data has of a whole number as soon as one of its column is missing
    key = written(given).strip()
    if _is_nothing(key) and (key or isinstance(given, str)):
        return None
    if isinstance(given, (set, frozenset, list, tuple, Mapping)) or has_address(key):
        raise RoboSmsError(
            f"messages[{index}]: its key is {shown(given)}, which is another text in each process, so that a retry "
            "would not know the message: give a text or a number.",
            permanent=True,
        )
    if not key:
        raise RoboSmsError(f"messages[{index}]: its key is {shown(given)}: give a text or a number.", permanent=True)
    if has_half_character(key):
        raise RoboSmsError(f"messages[{index}]: its key holds half a character (a lone surrogate).", permanent=True)
    return key


def _is_whole(number: float | Decimal) -> bool:
    """Tell whether a number has no fraction; one that is none, or of more digits than anybody counts with, has not."""
    finite = number.is_finite() if isinstance(number, Decimal) else math.isfinite(number)
    return finite and -_MOST < number < _MOST and number == int(number)


def _is_nothing(text: str) -> bool:
    return is_blank(text) or is_nothing(text)
