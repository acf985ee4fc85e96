"""The sandbox's spreadsheet without sockets, as the :class:`SpreadsheetApi` that the ledger needs.

The same model answers behind the sandbox's HTTP face. Here a test can let a person act right before any call, so that every
moment of a campaign is tried, not only those that chance hits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.a1 import GridRange
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import add_tab, edit
from airflow_provider_robosms.sandbox.sheets.render import View, as_dates, as_render, read
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet
from airflow_provider_robosms.spreadsheet.api import Render, Tab
from airflow_provider_robosms.spreadsheet.errors import SheetError

TAB = "Recipients"
_SERIAL = as_dates("SERIAL_NUMBER")


def book_of(**tabs: Sequence[Sequence[Any]]) -> Spreadsheet:
    """Return a spreadsheet with these tabs; ``Recipients=[[...]]``."""
    book = Spreadsheet("model", "A book")
    with book.change():
        for title, rows in tabs.items():
            add_tab(book, title, [list(row) for row in rows], raw=True)
    return book


def table_of(book: Spreadsheet, tab: str = TAB) -> list[dict[str, str]]:
    """Return the rows of a tab as shown, by header; blank rows are left out."""
    sheet = book.sheet(tab)
    assert sheet is not None
    header, *rows = read(book, sheet, GridRange(0, sheet.row_count, 0, sheet.column_count))
    shown = [{name: (row[at] if at < len(row) else "") for at, name in enumerate(header) if name} for row in rows]
    return [row for row in shown if any(row.values())]


class ModelApi:
    """Reads and writes the model; :attr:`before` is called with each call's number (from 0) before it is applied."""

    def __init__(self, book: Spreadsheet, before: Callable[[int], None] = lambda number: None) -> None:
        self.book = book
        self.before = before
        self.calls: list[str] = []
        self.written: list[tuple[str, list[list[Any]]]] = []

    def _call(self, kind: str) -> None:
        self.before(len(self.calls))
        self.calls.append(kind)

    def tabs(self) -> list[Tab]:
        self._call("tabs")
        return [
            Tab(
                sheet.title,
                sheet.sheet_id,
                sheet.row_count,
                sheet.column_count,
                hidden=bool(sheet.properties.get("hidden")),
                filtered=any(
                    item.data.get("criteria") or item.data.get("filterSpecs") for item in sheet.of_kind("filter")
                ),
            )
            for sheet in self.book.sheets
        ]

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        self._call("read")
        try:
            answer = values.batch_get(self.book, ranges, View(as_render(render), _SERIAL))
        except GoogleError as error:
            raise SheetError(error.message, permanent=True) from None
        return [found.get("values", []) for found in answer["valueRanges"]]

    def person(self, action: str, tab: str = TAB, **fields: Any) -> None:
        """Do what a person does in the sheet."""
        edit(self.book, {"action": action, "sheet": tab, **fields})
