"""Batches that carry a campaign's line along, and go without it where Google refuses them for that."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from ..spreadsheet.api import Grid, SpreadsheetApi
from ..spreadsheet.errors import LockLost, SheetError, SheetUnavailable, TabExists, TabGone
from .line import CampaignLine

Requests = Sequence[dict[str, Any]]


def begin_with(
    line: CampaignLine | None, api: SpreadsheetApi, requests: Requests, show: Sequence[str], working: int, title: str
) -> list[Grid]:
    """Apply the batch that makes a working tab, with the formulas on the line, if need be without.

    :param working, title: id and title of the working tab.
    :returns: what *show* asked for.
    """
    if line is None or not line.can_tell:
        return api.batch(requests, show)
    try:
        grids = api.batch([*requests, *line.formulas(working)], [*show, *line.shown(title)])
    except (SheetUnavailable, LockLost, TabExists, TabGone):
        raise
    except SheetError as error:
        found = api.batch(requests, show)
        line.refused(error, api)
        return found
    line.placed(working)
    return line.read(title, grids)


def batch_with(
    line: CampaignLine | None, api: SpreadsheetApi, requests: Requests, show: Sequence[str], working: int, title: str
) -> list[Grid]:
    """Apply a batch, with what the line holds by now.

    :param working, title: id and title of the working tab; the id is 0 when the batch deletes it.
    :returns: what *show* asked for.
    """
    if line is not None and line.trouble is None and line.stale:
        line.look_again(api)
    if line is None or line.trouble is not None:
        return api.batch(requests, show)
    shown = line.shown(title) if working else []
    try:
        # First, while the working tab is there.
        grids = api.batch([*line.requests(working), *requests], [*show, *shown])
    except (SheetUnavailable, LockLost):
        raise
    except SheetError as error:
        if not line.is_why(error):
            raise
        found = api.batch(requests, show)  # what is wrong with the batch itself is told by this one
        line.refused(error, api)
        if working and line.can_tell:  # the tab was there after all, so our line may be, too: reads lag
            with contextlib.suppress(SheetError):
                line.read(title, api.batch(line.formulas(working), line.shown(title)))
                line.placed(working)
        return found
    line.applied(working)
    return line.read(title, grids)
