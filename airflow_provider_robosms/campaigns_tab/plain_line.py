"""A line in the tab Campaigns for a campaign that did not begin, and so writes no batches that its line could travel in."""

from __future__ import annotations

from collections.abc import Mapping

from ..sms.merge import Headers, bare_header
from ..spreadsheet.a1 import column_letters, in_tab
from ..spreadsheet.api import SpreadsheetApi
from ..spreadsheet.cells import text_of
from ..spreadsheet.errors import TabExists
from .line import ID, CampaignLine, CampaignsTab

#: Between the look and the write somebody else may make the tab.
_TRIES = 3


def append_line(
    api: SpreadsheetApi, title: str, name: str, facts: Mapping[str, str], reason: str, *, over: bool = True
) -> bool:
    """Append a line after the last one, unless there is one of that name; make the tab where it is missing.

    :param title: of the tab.
    :param name: what names the line: six letters and digits, see :func:`~..recipients.refs.ref`.
    :param facts: what it tells, by column.
    :param reason: why the campaign did not begin.
    :param over: as in :meth:`~.line.CampaignLine.finish`.
    :returns: False when nothing was written: the line is there, or the tab is somebody else's.
    :raises SheetError: when Google refuses it.
    """
    for _ in range(_TRIES):
        where, names = _look(api, title)
        line = CampaignLine(where, name, facts)
        if line.trouble or name in names:
            return False
        line.absent()
        line.finish({"State": "failed", "Reason": reason}, over=over)
        try:
            api.batch(line.requests(0))
        except TabExists:
            continue
        return True
    return False


def _look(api: SpreadsheetApi, title: str) -> tuple[CampaignsTab, set[str]]:
    """Return the tab as it is, and the names of its lines."""
    form = bare_header(title)
    tab = next((tab for tab in api.tabs() if not tab.ours and bare_header(tab.title) == form), None)
    if tab is None:
        return CampaignsTab(title), set()
    header = next(iter(api.read([in_tab(tab.title, "1:1")])[0]), [])
    places = Headers(map(text_of, header)).exactly(ID)
    letters = column_letters(places[0] if places else 0)
    lines = api.read([in_tab(tab.title, f"{letters}:{letters}")])[0]
    return CampaignsTab(tab.title, tab, header), {text_of(line[0]) for line in lines if line}
