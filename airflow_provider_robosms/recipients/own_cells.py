"""What the tool's own cells of a row hold, and what that says."""

from __future__ import annotations

from typing import NamedTuple

from ..gateway.outcome import Status
from ..spreadsheet.cells import inert
from .columns import DETAIL, STATUS, Cells
from .refs import ref_in, with_ref


def is_free(cells: Cells) -> bool:
    """Tell whether a row asks for sending: it has no Status, or a SKIPPED that the tool wrote for whatever it was."""
    status = cells[STATUS].strip()
    return not status or (status == Status.SKIPPED.value and ref_in(cells[DETAIL]) is not None)


class Row(NamedTuple):
    """A row by what it is, not by where it is.

    :param key: its recipient; blank for a row without one.
    :param extra: which of several rows with that key, in the order in which they are told apart by their results and places.
    """

    key: str
    extra: int = 0


def skipped_cells(reason: str, key: str) -> Cells:
    """Return what the own columns hold for a row that is left out."""
    return (Status.SKIPPED.value, "", "", "", "", inert(with_ref(reason, key)))


def unknown_cells(detail: str, key: str) -> Cells:
    """Return what the own columns hold for a row whose fate is not known."""
    return (Status.UNKNOWN.value, "", "", "0", "", inert(with_ref(detail, key)))
