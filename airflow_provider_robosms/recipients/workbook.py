"""Opening a spreadsheet: its tabs, rows, templates and opt-outs, in four calls that must agree with each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..exceptions import ListedByFormula, SheetError, SheetUnavailable
from ..sms.merge import bare_header, clip
from ..spreadsheet.a1 import column_letters, in_tab
from ..spreadsheet.api import Render, SpreadsheetApi, Tab
from ..spreadsheet.cells import agrees, at, text_of, value_of
from .columns import Columns
from .formulas import TOP
from .headings import check_one_heading
from .identity import (
    check_identity,
    check_status,
    exact_places,
    identity_of,
    join,
    moved_header,
    typed_so,
    values_typed,
)
from .opt_outs_tab import check_list, opted_out
from .protecting import OPT_OUTS, is_opt_outs, lists_opted_out, may_be_texted, resembles_opt_outs
from .templates_tab import read_templates
from .wording import Template

#: So often the spreadsheet is read, if it is edited between the reads of a look.
_LOOKS = 6


@dataclass
class Workbook:
    """What one look at the spreadsheet gave.

    :param tab: the recipients' tab.
    :param tabs: all tabs of people, the tool's own left out.
    :param unsettled: whether there are working tabs of a campaign: one that is at work, or that died and left something.
    :param rows: from row 2 on; cells as :mod:`.cells` has them. Rows whose key only a formula without input makes have none.
    :param has_templates_tab: whether there is a tab of templates, with or without any.
    :param opted_out: normalised numbers of the Opt-outs tab.
    :param campaigns: the tab of the campaigns' lines and its first row, where it was asked for and there is one.
    :param unread_tabs: the titles, clipped, of the tabs that were not looked at.
    """

    tab: Tab
    tabs: list[Tab]
    columns: Columns
    rows: list[list[Any]]
    templates: dict[str, Template] = field(default_factory=dict)
    has_templates_tab: bool = False
    opted_out: frozenset[str] = frozenset()
    unsettled: bool = False
    campaigns: tuple[Tab, list[Any]] | None = None
    unread_tabs: list[str] = field(default_factory=list)


def open_workbook(
    api: SpreadsheetApi, recipients: str, templates: str, *, key_column: str | None = None, campaigns: str | None = None
) -> Workbook:
    """Read the spreadsheet: three calls, one more where formulas make what counts, another where formats hide who rows are;
    more only while rows or columns move.

    :param recipients: title of the recipients' tab; case, spaces and punctuation forgiven.
    :param templates: title of the templates' tab; it may be missing.
    :param key_column: as :class:`~.rows.RowReader` has it.
    :param campaigns: title of the tab with a line for each campaign; None for no such tab.
    :raises SheetError: when the recipients' tab or its columns are missing, a protecting name is nearly matched, or a formula
        lists the recipients; the sentence says what to do.
    :raises SheetUnavailable: when a formula is still being calculated where it matters, or the reads do not agree.
    """
    look = _Look(api, recipients, templates, key_column, campaigns)
    told = ""
    for _ in range(_LOOKS):
        try:
            if (book := look.take()) is not None:
                return book
        except ListedByFormula as error:
            # A row that was deleted between two reads looks like one that nobody typed: be sure.
            if str(error) == told:
                raise
            told = str(error)
    raise SheetUnavailable(
        f"Rows or columns of tab {look.main.title!r} were moved each time it was read: run the task again in a minute."
    )


class _Look:
    """Reads the tabs of one spreadsheet so that all reads are of one state."""

    def __init__(
        self, api: SpreadsheetApi, recipients: str, templates: str, key_column: str | None, campaigns: str | None = None
    ) -> None:
        self._api = api
        self._key_column = key_column
        tabs = api.tabs()
        self._all = [tab for tab in tabs if not tab.ours]
        self.main = self._recipients(recipients)
        self._unsettled = any(tab.ours and tab.title.split()[2:3] == [str(self.main.sheet_id)] for tab in tabs)
        self._templates = _find(self._all, templates, "tab with the templates")
        if self._templates == self.main:
            self._templates = None
        self._check_not_opt_outs()
        self._opt_outs = self._find_opt_outs()
        self._campaigns = _find(self._all, campaigns, "tab with the campaigns") if campaigns else None
        if self._campaigns is not None and self._campaigns in (self.main, self._templates, self._opt_outs):
            raise SheetError(
                f"Tab {clip(self._campaigns.title)!r} holds people, templates or opt-outs, but the lines of campaigns go "
                "into a tab of that name: rename it.",
                permanent=True,
            )

    def _recipients(self, title: str) -> Tab:
        tab = _find(self._all, title, "tab with the recipients")
        if tab is None:
            found = ", ".join(clip(one.title) for one in self._all[:20])
            raise SheetError(
                f"The spreadsheet has no tab {clip(title)!r} (tabs found: {found}): rename it, or name yours as the tab with "
                "the recipients.",
                permanent=True,
            )
        return tab

    def _check_not_opt_outs(self) -> None:
        """See that nobody is texted from the list of those who must not be, and that it is not read as that of texts.

        :raises SheetError: when the recipients' or the templates' tab is, or may be meant for, that list.
        """
        for tab, what in ((self.main, "the recipients"), (self._templates, "the templates")):
            if tab is not None and lists_opted_out(tab.title) and not (tab == self.main and may_be_texted(tab.title)):
                raise SheetError(
                    f"Tab {clip(tab.title)!r} is named as the tab with {what}, but by its title it may list those who must "
                    f"not be texted, so nothing was sent: name the right tab with {what}, or rename this one.",
                    permanent=True,
                )

    def _find_opt_outs(self) -> Tab | None:
        """Return the tab of those who must not be texted, None for none.

        :raises SheetError: when there are two, or one that may be meant for it.
        """
        others = [tab for tab in self._all if tab not in (self.main, self._templates)]
        found = [tab for tab in others if is_opt_outs(tab.title)]
        if len(found) > 1:
            raise SheetError(
                f"The spreadsheet has {len(found)} tabs of opt-outs ({_titles(found)}): keep all numbers on one of them, and "
                "rename or delete the rest.",
                permanent=True,
            )
        if alike := [tab for tab in others if resembles_opt_outs(tab.title)]:
            hidden = " (hidden)" if alike[0].hidden else ""
            raise SheetError(
                f"Tab {clip(alike[0].title)!r}{hidden} may be meant for {OPT_OUTS!r}, but its numbers would be texted: move "
                f"them to a tab named {OPT_OUTS!r}, or give it a name that cannot be confused with that.",
                permanent=True,
            )
        return found[0] if found else None

    def take(self) -> Workbook | None:
        """Return what one look gave; None when something moved between its reads."""
        tabs = [tab for tab in (self.main, self._templates, self._opt_outs) if tab is not None]
        ranges = [in_tab(tab.title) for tab in tabs]
        if self._campaigns is not None:
            ranges.append(in_tab(self._campaigns.title, "1:1"))
        found = self._api.read(ranges, render="FORMATTED_VALUE")
        lines = found.pop() if self._campaigns is not None else []
        shown = dict(zip(tabs, found, strict=True))
        grid = shown[self.main]
        columns = Columns(self.main.title, grid[0] if grid else [])
        columns.need("Phone", grid[1:])
        identity = identity_of(columns, self._key_column)
        check_one_heading(columns, grid[1:], identity, self.main.merges)
        book = Workbook(self.main, self._all, columns, grid, unsettled=self._unsettled)
        known = (*tabs, self._campaigns)
        book.unread_tabs = [clip(tab.title) for tab in self._all if tab not in known]
        if self._campaigns is not None:
            book.campaigns = self._campaigns, next(iter(lines), [])
        if self._templates is not None:
            book.has_templates_tab = True
            book.templates = read_templates(self._templates, shown[self._templates])
        listed = shown[self._opt_outs] if self._opt_outs else []
        phone = 0
        if self._opt_outs is not None:
            phone = Columns(self._opt_outs.title, listed[0] if listed else []).need("Phone", listed[1:])
        exact = exact_places(columns, identity)
        places = [(self.main, place) for place in exact]
        if self._opt_outs is not None:
            places.append((self._opt_outs, phone))
        top, *typed = self._columns(places, f"1:{min(TOP, max(1, self.main.rows))}", "FORMULA")
        if moved_header(grid, top[:1]):
            return None
        values = values_typed([(shown[tab], place) for tab, place in places], typed)
        if values is None:
            header, *values = self._columns(places, "1:1", "UNFORMATTED_VALUE")
            if moved_header(grid, header):
                return None
        numbers = values.pop() if self._opt_outs else []
        typed = typed[: len(identity)]
        if not join(grid, exact, values, identity, self._exact_rows) or not all(
            typed_so(_values(grid, place), told) for place, told in zip(identity, typed, strict=True)
        ):
            return None
        if self._opt_outs is not None:
            if agrees(at(at(numbers, 0) or [], 0), text_of(at(listed[0], phone))) is False:
                return None
            book.opted_out = opted_out(self._opt_outs.title, numbers)
            check_list(self._opt_outs.title, listed, phone, book.opted_out)
        check_status(columns, grid)
        check_identity(columns, identity, grid, typed, top)
        book.rows = grid[1:]
        return book

    def _columns(self, places: Iterable[tuple[Tab, int]], rows: str, render: Render) -> list[list[list[Any]]]:
        """Read these rows of the recipients' tab, and these columns, as exact values or as they were typed."""
        return self._api.read(
            [in_tab(self.main.title, rows), *(_column(tab, place) for tab, place in places)], render=render
        )

    def _exact_rows(self) -> list[list[Any]]:
        """Return the exact values of the whole recipients' tab: one more call, where formats hide who the rows are."""
        return self._api.read([in_tab(self.main.title)], render="UNFORMATTED_VALUE")[0]


def _values(grid: Sequence[Sequence[Any]], place: int) -> list[Any]:
    return [value_of(at(row, place)) for row in grid]


def _column(tab: Tab, place: int) -> str:
    letters = column_letters(place)
    return in_tab(tab.title, f"{letters}:{letters}")


def _titles(tabs: Iterable[Tab]) -> str:
    return ", ".join(repr(clip(tab.title)) for tab in tabs)


def _find(tabs: Sequence[Tab], name: str, kind: str) -> Tab | None:
    """Return the tab of that name: exactly so called, else the only one that differs in case, spaces or punctuation."""
    for tab in tabs:
        if tab.title == name:
            return tab
    form = bare_header(name)
    alike = [tab for tab in tabs if bare_header(tab.title) == form]
    if len(alike) > 1:
        raise SheetError(
            f"The spreadsheet has {len(alike)} tabs that {clip(name)!r} may mean ({_titles(alike)}): rename all but one, or "
            f"give the exact title of the {kind}.",
            permanent=True,
        )
    return alike[0] if alike else None
