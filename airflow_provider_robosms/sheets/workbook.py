"""Opening a spreadsheet: its tabs, templates and opt-outs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..sms.merge import normalise_header
from ..sms.phone import InvalidNumber, normalise
from .a1 import in_tab
from .api import SpreadsheetApi
from .cells import text_of
from .columns import Columns
from .errors import SheetError
from .rows import Template

OPT_OUTS = "Opt-outs"
_KEY = re.compile(r"[A-Za-z0-9_-]{10,}")
_URL = re.compile(r"/spreadsheets/d/([A-Za-z0-9_-]+)")


def spreadsheet_key(key_or_url: str) -> str:
    """Return the spreadsheet's key from a key or from the address in the browser.

    :raises SheetError: when it is neither.
    """
    text = str(key_or_url or "").strip()
    if match := _URL.search(text):
        return match[1]
    if _KEY.fullmatch(text):
        return text
    raise SheetError(
        "spreadsheet_id is neither a spreadsheet's address nor its key: copy the address from the browser.",
        permanent=True,
    )


@dataclass
class Workbook:
    """What one look at the spreadsheet gave.

    :param read_at: when its rows were asked for (``SpreadsheetApi.asked_at``).
    :param unreadable_opt_outs: rows of the opt-outs tab whose number could not be read, so not honoured either.
    """

    columns: Columns
    rows: list[list[Any]]
    templates: dict[str, Template] = field(default_factory=dict)
    opted_out: frozenset[str] = frozenset()
    unreadable_opt_outs: list[int] = field(default_factory=list)
    read_at: float = 0.0


def open_workbook(api: SpreadsheetApi, recipients: str, templates: str) -> Workbook:
    """Read the spreadsheet (two reads).

    :param recipients: title of the recipients' tab, case and spaces forgiven.
    :param templates: title of the templates' tab; it may be missing.
    :raises SheetError: when the recipients' tab is missing; the sentence names the tabs there are.
    """
    titles = [tab.title for tab in api.tabs()]
    main = _find(titles, recipients)
    if main is None:
        raise SheetError(
            f"The spreadsheet has no tab {recipients!r} (tabs found: {', '.join(titles)}): rename the tab, or set "
            "recipients_sheet.",
            permanent=True,
        )
    others = {
        name: title for name in (templates, OPT_OUTS) if (title := _find(titles, name)) is not None and title != main
    }
    wanted = [main, *others.values()]
    values = dict(zip(wanted, api.read([in_tab(title) for title in wanted]), strict=True))
    rows = values[main]
    book = Workbook(Columns(main, rows[0] if rows else []), rows[1:], read_at=api.asked_at)
    if templates in others:
        book.templates = _templates(others[templates], values[others[templates]])
    if OPT_OUTS in others:
        _opt_outs(book, others[OPT_OUTS], values[others[OPT_OUTS]])
    return book


def _find(titles: Sequence[str], name: str) -> str | None:
    """Return the tab of that name: exactly so called, else the only one that differs in case, spaces or hyphens."""
    if name in titles:
        return name
    alike = [title for title in titles if _loose(title) == _loose(name)]
    return alike[0] if len(alike) == 1 else None


def _loose(title: str) -> str:
    return normalise_header(title).replace("-", "")


def _templates(tab: str, values: list[list[Any]]) -> dict[str, Template]:
    columns = Columns(tab, values[0] if values else [])
    name_at, body_at, mask_at = columns.need("Name"), columns.need("Body"), columns.one("Mask")
    found: dict[str, Template] = {}
    for number, row in enumerate(values[1:], start=2):
        name, body = (text_of(row[at]).strip() if at < len(row) else "" for at in (name_at, body_at))
        if not name or not body:
            continue
        mask = text_of(row[mask_at]).strip() if mask_at is not None and mask_at < len(row) else ""
        form = normalise_header(name)
        if form in found:
            raise SheetError(
                f"Tab {tab!r} has two templates named {name!r} (row {number}): rename one.", permanent=True
            )
        found[form] = Template(body, mask or None, name)
    return found


def _opt_outs(book: Workbook, tab: str, values: list[list[Any]]) -> None:
    phone = Columns(tab, values[0] if values else []).need("Phone")
    numbers = set()
    for number, row in enumerate(values[1:], start=2):
        raw = row[phone] if phone < len(row) else None
        if raw in (None, ""):
            continue
        try:
            numbers.add(normalise(raw))
        except InvalidNumber:
            book.unreadable_opt_outs.append(number)
    book.opted_out = frozenset(numbers)
