"""The journal: what may have been sent, written down before it leaves.

An append-only log, kept as text segments in a key-value store that survives the process (Airflow's ``task_state_store``).
The store has no append and no listing, so the log is a row of numbered values: the last one is rewritten until it is
full, then the next begins. Many records travel in one write (group commit).

A record is one line: a letter, the message's opaque key, and for outcomes the fields behind it::

    ?KEY                               intent: this message may leave from now on
    !KEY<attempts>                     released: certainly not sent, may be tried again (attempts used so far)
    =KEY<tab>S<tab>000<tab>RSMS-1<tab><tab>t2k1x9<tab>1
                                       outcome: status, code, message id, reason (empty where the code decided), time in
                                       base 36, parts
    .KEY                               the outcome was delivered (stands in the sheet)

Replaying the lines in order gives the state of every message; see :meth:`Journal.load`.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..exceptions import RoboSmsError
from ..gateway.outcome import Status
from .message import Outcome

#: A segment is full at this many characters. Each commit rewrites the last segment, which costs hardly more for a long one;
#: each segment is one read on resume. Airflow warns at 65,535 bytes of JSON, in which a line end takes two characters.
SEGMENT_CHARS = 48_000
_KEY_CHARS = 12
_STATUS_LETTERS = {Status.SENT: "S", Status.REJECTED: "R", Status.FAILED: "F", Status.UNKNOWN: "U"}
_STATUSES = {letter: status for status, letter in _STATUS_LETTERS.items()}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ABSENT = object()
_DAMAGED = (
    "The task's journal holds a damaged record; nothing was sent: start a new run for those who are still to be texted."
)


class Store(Protocol):
    """A durable key-value store: ``context["task_state_store"]``, or a stand-in for it."""

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of *key*, or *default*."""

    def set(self, key: str, value: Any) -> None:
        """Write the value durably before returning."""


class MemoryStore:
    """A store that lasts as long as the process, for a plain ``operator.execute(context)`` without Airflow."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of *key*, or *default*."""
        return self.values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Keep the value."""
        self.values[key] = value


@dataclass
class Recovered:
    """What an earlier try of this task left behind, by opaque key.

    :param outcomes: what is known; never sent again.
    :param in_doubt: intents without an outcome: these may have been sent.
    :param attempts: released messages with the attempts they used up; certainly not sent.
    :param undelivered: keys of :attr:`outcomes` that were not seen in the sheet yet.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    in_doubt: set[str] = field(default_factory=set)
    attempts: dict[str, int] = field(default_factory=dict)
    undelivered: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.outcomes or self.in_doubt or self.attempts)

    @property
    def count(self) -> int:
        """Of how many messages it is known that they need no sending any more."""
        return len(self.outcomes) + len(self.in_doubt)

    @property
    def parts(self) -> int:
        """How many message parts were sent, or may have been: at least one of each message."""
        sent = (each for each in self.outcomes.values() if each.status in (Status.SENT, Status.UNKNOWN))
        return sum(max(1, each.parts) for each in sent) + len(self.in_doubt)

    def settles(self, opaque: str) -> bool:
        """Tell whether a message needs no sending any more: its outcome is known, or it may have been sent."""
        return opaque in self.outcomes or opaque in self.in_doubt

    def forget_failed(self) -> None:
        """Make what is FAILED sendable again: it was certainly not sent."""
        for key in [key for key, outcome in self.outcomes.items() if outcome.status is Status.FAILED]:
            del self.outcomes[key]
            self.undelivered.discard(key)


def _base36(number: int) -> str:
    digits = ""
    while number > 0:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


class Journal:
    """The log of one task instance.

    :param store: where it lives.
    :param salt: what makes the opaque keys of this campaign differ from another's (the run's identity).
    :param name: prefix of the store's keys.
    """

    def __init__(
        self,
        store: Store,
        *,
        salt: str,
        name: str = "journal",
        segment_chars: int = SEGMENT_CHARS,
    ) -> None:
        self._store = store
        self._salt = hashlib.blake2b(salt.encode(), digest_size=16).digest()
        self._name = name
        self._segment_chars = segment_chars
        self._number = 0
        self._tail = ""
        self._unsure = False

    def opaque(self, key: str) -> str:
        """Return the opaque form of a message's key: a keyed hash, twelve characters, no number and no text in it."""
        digest = hashlib.blake2b(key.encode(), digest_size=9, key=self._salt).digest()
        return urlsafe_b64encode(digest).decode()

    def _segment(self, number: int) -> str:
        return f"{self._name}.{number:05d}"

    def load(self, on_segment: Callable[[], None] = lambda: None) -> Recovered:
        """Read what an earlier try left, and continue behind it.

        :raises RoboSmsError: when a segment is damaged; permanent, for nothing may be sent on a journal that cannot be read.
        """
        state = Recovered()
        number = 0
        while (text := self._store.get(self._segment(number), _ABSENT)) is not _ABSENT:
            if not isinstance(text, str) or not text.strip():  # no commit writes an empty one
                raise RoboSmsError(_DAMAGED, permanent=True)
            for line in text.splitlines():
                try:
                    self._replay(line, state)
                except (ValueError, KeyError, OverflowError):
                    raise RoboSmsError(_DAMAGED, permanent=True) from None
            self._number, self._tail = number, text
            number += 1
            on_segment()
        return state

    def _replay(self, line: str, state: Recovered) -> None:
        kind, key = line[:1], line[1 : 1 + _KEY_CHARS]
        # Two lines run together would hide an intent, and that message would be sent again.
        if len(key) != _KEY_CHARS or (kind in "?." and line[1 + _KEY_CHARS :]):
            raise ValueError
        if kind == "?":
            state.in_doubt.add(key)
            state.attempts.pop(key, None)
            state.outcomes.pop(key, None)
        elif kind == "!":
            state.in_doubt.discard(key)
            state.attempts[key] = int(line[1 + _KEY_CHARS :])
        elif kind == "=":
            letter, code, message_id, reason, at, parts = line[1 + _KEY_CHARS :].lstrip("\t").split("\t")
            state.in_doubt.discard(key)
            state.attempts.pop(key, None)
            state.outcomes[key] = Outcome(
                _STATUSES[letter], code or None, message_id or None, reason or "code", int(at, 36), int(parts)
            )
            state.undelivered.add(key)
        elif kind == ".":
            state.undelivered.discard(key)
        else:
            raise ValueError

    # The records of a commit, as lines.

    def intent(self, key: str) -> str:
        """Return the record that *key* may leave from now on."""
        return f"?{self.opaque(key)}"

    def released(self, key: str, attempts: int) -> str:
        """Return the record that *key* was certainly not sent, after so many attempts."""
        return f"!{self.opaque(key)}{attempts}"

    def outcome(self, key: str, outcome: Outcome) -> str:
        """Return the record of what became of *key*."""
        fields = (
            _STATUS_LETTERS[outcome.status],
            outcome.code or "",
            outcome.message_id or "",
            "" if outcome.reason == "code" else outcome.reason,
            _base36(outcome.at),
            str(outcome.parts),
        )
        return f"={self.opaque(key)}\t" + "\t".join(fields)

    def delivered(self, key: str) -> str:
        """Return the record that the outcome of *key* stands in the sheet."""
        return f".{self.opaque(key)}"

    def commit(self, records: Iterable[str]) -> None:
        """Make *records* durable, in order. When this returns, they are; when it raises, they may or may not be.

        The next commit after an error overwrites whatever the failed one left.
        """
        text = "\n".join(records)
        if not text:
            return
        full = len(self._tail) + len(text) > self._segment_chars
        if self._tail and full and not self._unsure:
            self._number, self._tail = self._number + 1, ""
        whole = f"{self._tail}\n{text}" if self._tail else text
        self._unsure = True  # a failed write may have been applied: the same segment must be written over
        self._store.set(self._segment(self._number), whole)
        self._tail, self._unsure = whole, False


@dataclass(frozen=True)
class Memory:
    """What lasts of a task, and what earlier tries of it left there."""

    store: Store
    journal: Journal
    recovered: Recovered

    def settles(self, key: str) -> bool:
        """Tell whether it is known what became of a message, or that it may have been sent."""
        return self.recovered.settles(self.journal.opaque(key))
