"""Where a campaign's messages come from and where their results go: a sheet, or a plain list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .engine import Stop
from .message import Message, Outcome


@dataclass
class Flushed:
    """What one flush achieved.

    :param messages: claimed and verified: these may be sent now.
    :param delivered: keys whose results stand in the ledger (or were given up and reported).
    :param exhausted: whether nothing is left to claim.
    :param stop: set when nothing new may be sent any more.
    """

    messages: list[Message] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    exhausted: bool = True
    stop: Stop | None = None


class Ledger(Protocol):
    """The campaign's book: hands out messages in chunks and takes their results."""

    #: Messages that one flush claims.
    chunk: int
    #: Whether delivery is worth a journal record (the results must reach another system).
    tracks_delivery: bool

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        """Write *results*, undo the claims of *returned*, and with *claim* take the next chunk.

        Results that could not be placed now are kept by the ledger and tried again at each flush; with *final*, what still
        has no place is reported and counts as delivered.

        :raises RoboSmsError: when it could not be done for now; the ledger keeps what it was given.
        """


class ListLedger:
    """Messages from a list; results are kept in :attr:`outcomes`."""

    chunk = 1000
    tracks_delivery = False

    def __init__(self, messages: Iterable[Message]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.returned: list[str] = []
        self._messages = iter(messages)

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        """Keep the results and hand out the next chunk."""
        self.outcomes.update(results)
        self.returned += returned
        messages = []
        if claim:
            for message in self._messages:
                messages.append(message)
                if len(messages) == self.chunk:
                    break
        return Flushed(messages, list(results), exhausted=len(messages) < self.chunk)
