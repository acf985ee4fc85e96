"""What the tool's columns hold when it is not a claim or a result: a row that was left out, not sent yet, or not known."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..gateway.outcome import Status
from .cells import inert
from .columns import BLANK, DETAIL, STATUS, Cells
from .marks import Run, is_claim, short

STALE = (
    "may have been sent: the run that claimed this row ended without writing what became of it. Look for the message in the "
    "RoboSMS portal; clear this row's Status to send it again"
)
OVERWRITTEN = "not known any more: rows were moved while a status was written. Clear this row's Status to send to it"
TAKEN = (
    "may have been sent by another run at the same time: Google was slow to take this run's claim. Look for the message in "
    "the RoboSMS portal; clear this row's Status to send it again"
)
_NOT_SENT = "not sent yet: the task ended before this row"
_RELEASED = re.compile(rf"{re.escape(_NOT_SENT)} \(ref ([a-z2-7]{{6}})\)")


def skipped_cells(reason: str) -> Cells:
    """Return what the tool's columns hold for a row that is left out."""
    return (Status.SKIPPED.value, "", "", "", "", inert(reason))


def unknown_cells(detail: str, run: Run, key: str | None) -> Cells:
    """Return what the tool's columns hold for a row whose fate only the sheet could have told."""
    return (Status.UNKNOWN.value, "", "", "0", "", inert(f"{detail} (ref {run.ref(key or '')})"))


def clearing_cells(run: Run, key: str | None) -> Cells:
    """Return what the tool's columns hold between the two writes that empty a row; see :func:`emptied_at_once`."""
    status, *_, detail = unknown_cells(OVERWRITTEN, run, key)
    return (status, "", "", "", "", detail)


def released_cells(key: str | None) -> Cells:
    """Return what a row holds that was claimed and not sent: blank but for a Detail that names its recipient.

    Should it land on another row, and the task be killed before it could see that, any later run can tell.
    """
    return (*BLANK[:DETAIL], f"{_NOT_SENT} (ref {short(key or '')})")


def is_released(cells: Cells) -> bool:
    """Tell whether a row was released, for whatever recipient."""
    return not cells[STATUS] and _RELEASED.fullmatch(cells[DETAIL]) is not None


def released_for_another(cells: Cells, key: str, codes: Collection[str]) -> bool:
    """Tell whether a row of *key* holds a release that was meant for another row.

    :param codes: what names the sheet's recipients. Does the release name none of them, then this row's number was
        corrected since.
    """
    found = _RELEASED.fullmatch(cells[DETAIL])
    return not cells[STATUS] and found is not None and found[1] != short(key) and found[1] in codes


def emptied_at_once(present: Cells, cells: Cells) -> bool:
    """Tell whether a write makes a row look unsent, and in the same moment takes code, id and parts from it.

    Should such a write miss its row, nothing would tell of the result that stood there. So the row gets
    :func:`clearing_cells` first, and what it shall hold once that was seen in its place.
    """
    return is_free(cells) and present[STATUS + 1 : DETAIL] != cells[STATUS + 1 : DETAIL]


def lost_its_status(cells: Cells) -> bool:
    """Tell whether a row held a result until a skip, a release or a late claim landed on it.

    None of these leaves a code, an id or parts that it knew of. (A person who clears a Status to send again leaves the
    result's Detail, or clears all.)
    """
    return any(cells[STATUS + 1 : DETAIL]) and (skipped_by_tool(cells) or is_claim(cells[STATUS]) or is_released(cells))


def skipped_by_tool(cells: Cells) -> bool:
    """Tell whether the tool left this row out, with a reason; a person's own "SKIPPED" has none and is left alone."""
    return cells[STATUS] == Status.SKIPPED.value and cells[DETAIL] != ""


def is_free(cells: Cells) -> bool:
    """Tell whether a row may be claimed: it has no Status, or one that says why the tool left it out."""
    return (not cells[STATUS].strip() or skipped_by_tool(cells)) and not lost_its_status(cells)
