"""What the engine sends and what becomes of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ..gateway.evidence import REASONS, sentence
from ..gateway.outcome import SendResult, Status


@dataclass(frozen=True)
class Message:
    """One text for one recipient.

    :param key: who this is for within the campaign: unique, stable across retries. It never reaches a log or the journal.
    :param to: number in international form without plus, such as ``923001234567``.
    :param parts: message parts that the text is billed as.
    :param mask: sender mask, or None for the account's own.
    """

    key: str
    to: str
    text: str
    parts: int = 1
    mask: str | None = None

    @property
    def bulk_group(self) -> Hashable:
        """Messages that are equal in this may share one ``multiple=1`` request."""
        return (self.text, self.mask)


@dataclass(frozen=True)
class Outcome:
    """What became of one message, as the journal stores it.

    :param reason: a key of :data:`~..gateway.evidence.REASONS`.
    :param at: when it was known, in seconds since the epoch.
    :param parts: message parts that the text is billed as; 0 where that is not known any more.
    """

    status: Status
    code: str | None = None
    message_id: str | None = None
    reason: str = "code"
    at: int = 0
    parts: int = 0

    @classmethod
    def of(cls, result: SendResult, at: float) -> Outcome:
        """Return the outcome that a gateway result makes, known *at* (seconds since the epoch)."""
        return cls(result.status, result.code, result.message_id, result.reason or "code", int(at))

    @property
    def detail(self) -> str:
        """The sentence for a person."""
        return sentence(self.reason, self.code)


def doubt(reason: str, at: float) -> Outcome:
    """Return the UNKNOWN outcome for a *reason* such as ``crash`` or ``stopped``."""
    assert REASONS[reason][0] is Status.UNKNOWN  # noqa: S101 - a programming error, not an input
    return Outcome(Status.UNKNOWN, reason=reason, at=int(at))
