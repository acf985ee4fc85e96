"""The sandbox's model of a spreadsheet as gspread's HTTP client, without sockets: the same code answers, time is virtual.

Right before and right after any call a test may let people act, time pass, an answer get lost, or the process die.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gspread.exceptions
from starlette.datastructures import QueryParams

from airflow_provider_robosms.sandbox.sheets import api as face
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.fieldmask import select
from airflow_provider_robosms.sandbox.sheets.lagging import ReadLag
from airflow_provider_robosms.sandbox.sheets.person import add_tab
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet
from airflow_provider_robosms.spreadsheet.api import GoogleSpreadsheet

KEY = "spreadsheet-in-memory"
#: Seconds that a call takes.
LATENCY = 0.3


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class Clock:
    """Virtual time, in seconds since the epoch."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def book_of(clock: Clock, *, lag: float = 0.0, seed: int = 0, raw: bool = True, **tabs: Any) -> Spreadsheet:
    """Return a spreadsheet with these tabs: ``Recipients=[[...]]``; texts are typed unless *raw*."""
    book = Spreadsheet(KEY, "A book")
    with book.change():
        for title, rows in tabs.items():
            add_tab(book, title, [list(row) for row in rows], raw=raw)
    ReadLag(clock, lag, seed).watch(book)
    return book


class Http:
    """What :class:`GoogleSpreadsheet` needs of a gspread HTTP client.

    :param before, after: called with the number of the call (from 0) and its kind (``read`` or ``write``).
    """

    def __init__(
        self,
        book: Spreadsheet,
        clock: Clock,
        before: Callable[[int, str], None] = lambda number, kind: None,
        after: Callable[[int, str], None] = lambda number, kind: None,
    ) -> None:
        self.book, self.clock, self.before, self.after = book, clock, before, after
        self.calls = 0

    def set_timeout(self, timeout: Any) -> None:
        """Nothing takes long here."""

    def fetch_sheet_metadata(self, key: str, params: Any) -> Any:
        return json.loads(self._answer("read", face._get, params, {}))

    def values_batch_get(self, key: str, ranges: Any, params: Any) -> Any:
        return json.loads(self._answer("read", face._values_batch_get, {**params, "ranges": ranges}, {}))

    def request(self, method: str, url: str, params: Any = None, json: Any = None) -> Any:
        if url.endswith(":batchGetByDataFilter"):
            text = self._answer("read", face._values_by_filter, params or {}, json)
        else:
            text = self._answer("write", face._batch_update, params or {}, json)
        return SimpleNamespace(text=text, json=lambda: _loads(text))

    def _answer(self, kind: str, method: Any, params: dict[str, Any], body: Any) -> str:
        number, self.calls = self.calls, self.calls + 1
        self.before(number, kind)
        self.clock.sleep(LATENCY / 2)
        pairs = [(k, v) for k, each in params.items() for v in (each if isinstance(each, list) else [each])]
        request: Any = SimpleNamespace(query_params=QueryParams(pairs), path_params={})
        book = self.book.lag.view(self.book) if kind == "read" and self.book.lag else self.book
        try:
            call = face.Call(request, json.loads(json.dumps(body)), None)
            found = method(book, call)
            text = json.dumps(select(found, call.mask) if call.mask else found)
        except GoogleError as error:
            raise gspread.exceptions.APIError(_Refusal(error)) from None
        self.clock.sleep(LATENCY / 2)
        self.after(number, kind)
        return text


class _Refusal:
    def __init__(self, error: GoogleError) -> None:
        self.status_code = error.code
        self._body = error.body()
        self.text = json.dumps(self._body)

    def json(self) -> Any:
        return self._body


_loads = json.loads


def lost_answer() -> Exception:
    """Return what gspread raises for a 503, which Google was seen to give after a write was applied."""
    return gspread.exceptions.APIError(
        _Refusal(GoogleError(503, "UNAVAILABLE", "The service is currently unavailable."))
    )


def spreadsheet(http: Http) -> GoogleSpreadsheet:
    """Return the product's spreadsheet over *http*."""
    return GoogleSpreadsheet(http, KEY, clock=http.clock, sleep=http.clock.sleep)
