"""One spreadsheet through gspread's HTTP client: few calls, within Google's quota, with bounded patience.

Reads are repeated on passing errors. A write is repeated here only when it was certainly not applied; otherwise
:class:`~.errors.WriteInDoubt` says that the caller must look first, since a 503 has been seen after the write was applied.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from .errors import SheetError, SheetUnavailable, TabExists, TabGone, WriteInDoubt
from .trouble import trouble_of

#: Google allows a user 60 reads and 60 writes a minute; the rest is left to the people in the sheet and other tools.
CALLS_PER_MINUTE = 50
#: Passing errors are waited out for so long (seconds).
PATIENCE = 120.0
#: For connecting and for reading (seconds). A read of 100,000 rows takes Google several seconds.
TIMEOUT = (10.0, 60.0)

#: How cells are answered: as they are shown, as their exact values (dates as serial numbers), or as what was typed.
Render = Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"]


#: How the titles of the tool's own hidden tabs begin.
WORKING_TAB = "robosms "


class Merge(NamedTuple):
    """Cells that are merged into one: rows and columns from 0, ends not included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Tab:
    """One tab of a spreadsheet, with the size of its grid.

    :param hidden: whether people see it only under View > Hidden sheets.
    :param filtered: whether its filter has conditions, so that it may hide rows.
    :param merges: its merged cells. Of each, only the first cell has a value.
    """

    title: str
    sheet_id: int
    rows: int
    columns: int
    hidden: bool = False
    filtered: bool = False
    merges: tuple[Merge, ...] = field(default=(), compare=False)

    @property
    def ours(self) -> bool:
        """Whether this is a working tab of the tool, and none of people's."""
        return self.hidden and self.title.startswith(WORKING_TAB)


#: A region of a tab: first row, end row, first column, end column, from 0; None for as far as the grid goes.
Region = tuple[int, int | None, int, int | None]


@dataclass(frozen=True)
class Grid:
    """Cells of an answer; ``rows`` begin at (row, column), counted from 0, and hold None for blank cells."""

    title: str
    row: int
    column: int
    rows: list[list[Any]]

    def at(self, row: int, column: int) -> Any:
        """Return the value at the tab's (row, column); None where it is blank or was not asked for."""
        down, right = row - self.row, column - self.column
        line = self.rows[down] if 0 <= down < len(self.rows) else []
        return line[right] if 0 <= right < len(line) else None

    def line(self, row: int) -> list[Any]:
        """Return the tab's row as far as it was asked for, from the grid's first column on."""
        down = row - self.row
        return self.rows[down] if 0 <= down < len(self.rows) else []


class SpreadsheetApi(Protocol):
    """What the sheet protocol needs of a spreadsheet."""

    def tabs(self) -> list[Tab]:
        """Return the tabs."""

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        """Return the values of each range as rows; trailing empty cells and rows are absent."""

    def look(self, sheet_id: int, regions: Sequence[Region]) -> list[list[list[Any]]]:
        """Return the values of regions of one tab, whatever its title is by now; otherwise like :meth:`read`."""

    def batch(
        self, requests: Sequence[Mapping[str, Any]], show: Sequence[str] = (), *, typed: bool = False
    ) -> list[Grid]:
        """Apply all requests at one instant, or none, and return the ranges *show* as they stood right after."""

    def batch_tabs(self, requests: Sequence[Mapping[str, Any]]) -> list[Tab]:
        """Do the same, and return the tabs as they were right after."""


class _Budget:
    """Keeps calls of one kind under a number per minute, counted over the last 60 seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._per_minute, self._clock, self._sleep = per_minute, clock, sleep
        self._times: deque[float] = deque()

    def wait(self, calls: int = 1) -> None:
        """Wait until so many calls may be made one after the other, or as many as a minute allows."""
        while len(self._times) + min(calls, self._per_minute) > self._per_minute:
            self._sleep(max(0.0, self._times.popleft() + 60.0 - self._clock()))

    def spend(self) -> None:
        self._times.append(self._clock())


class GoogleSpreadsheet:
    """A spreadsheet behind a :class:`gspread.HTTPClient`. Not thread-safe.

    :param http: gspread's HTTP client, authorised.
    :param spreadsheet_id: the key from the spreadsheet's URL.
    :param share_with: e-mail of the service account, for the sentence on missing access.
    :param share: how many tasks share this user's quota.
    :param per_minute: calls of a kind that all of them make in a minute at most.
    """

    def __init__(
        self,
        http: Any,
        spreadsheet_id: str,
        *,
        share_with: str | None = None,
        share: int = 1,
        per_minute: int = CALLS_PER_MINUTE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE,
        rng: random.Random | None = None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self._http = http
        self._http.set_timeout(TIMEOUT)
        self._id = spreadsheet_id
        self._share_with = share_with
        self._clock, self._sleep, self._patience = clock, sleep, patience
        self._rng = rng or random.Random()
        each = max(2, per_minute // share)
        self._budgets = {"read": _Budget(each, clock, sleep), "write": _Budget(each, clock, sleep)}

    def make_room(self, reads: int, writes: int) -> None:
        """Wait until so many calls can be made without a pause for the quota: what is read at their beginning gets old."""
        for kind, calls in (("read", reads), ("write", writes)):
            self._budgets[kind].wait(calls)

    def tabs(self) -> list[Tab]:
        """Return the tabs that hold a grid (one read)."""
        fields = f"sheets({_PROPERTIES},basicFilter(criteria,filterSpecs),merges)"
        return _tabs(self._call("read", lambda: self._http.fetch_sheet_metadata(self._id, params={"fields": fields})))

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        """Return the values of each range (one read).

        :param render: as the sheet shows them (texts only); or exact, where text stays text, numbers are JSON numbers and
            dates are days since 1899-12-30; or what was typed, formulas among it.
        """
        params = {
            "majorDimension": "ROWS",
            "valueRenderOption": render,
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        answer = self._call("read", lambda: self._http.values_batch_get(self._id, list(ranges), params=params))
        return [found.get("values", []) for found in answer.get("valueRanges", [])]

    def look(self, sheet_id: int, regions: Sequence[Region]) -> list[list[list[Any]]]:
        """Return the values of regions of one tab (one read), found by its id: a title may change at any time.

        :raises TabGone: when the tab is not there any more.
        """
        body = {
            "dataFilters": [{"gridRange": _grid_range(sheet_id, region)} for region in regions],
            "majorDimension": "ROWS",
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        url = f"{_API}/{self._id}/values:batchGetByDataFilter"
        answer = self._call("read", lambda: self._http.request("post", url, json=body).json())
        return [found["valueRange"].get("values", []) for found in answer.get("valueRanges", [])]

    def batch(
        self, requests: Sequence[Mapping[str, Any]], show: Sequence[str] = (), *, typed: bool = False
    ) -> list[Grid]:
        """Apply all requests at one instant, or none (one write); see ``spreadsheets.batchUpdate``.

        :param show: ranges by title, returned with the exact values that they had right after the requests.
        :param typed: show what was typed instead, formulas among it.
        :raises WriteInDoubt: when it may have been applied.
        :raises TabExists: when a tab that it adds exists; nothing was applied.
        :raises TabGone: when a tab that it names by id is gone; nothing was applied.
        """
        what = "userEnteredValue" if typed else "effectiveValue"
        cells = f"data(startRow,startColumn,rowData(values({what})))"
        text = self.apply(requests, show, f"sheets(properties(title),{cells})")
        return _grids(text) if show else []

    def batch_tabs(self, requests: Sequence[Mapping[str, Any]]) -> list[Tab]:
        """Do what :meth:`batch` does, and return the tabs that hold a grid, right after the requests."""
        answer = json.loads(self.apply(requests, None, f"sheets({_PROPERTIES})"))
        return _tabs(answer["updatedSpreadsheet"])

    def apply(self, requests: Sequence[Mapping[str, Any]], show: Sequence[str] | None, fields: str) -> str:
        """Do what :meth:`batch` does, and return Google's own JSON.

        :param show: ranges by title; None for the whole spreadsheet.
        :param fields: which fields of the spreadsheet it shows, see the Sheets API's field masks.
        """
        body: dict[str, Any] = {"requests": list(requests)}
        shows = show is None or len(show) > 0
        if shows:
            body |= {"includeSpreadsheetInResponse": True}
        if show:
            body |= {"responseRanges": list(show)}
        mask = f"updatedSpreadsheet({fields})" if shows else "spreadsheetId"
        url = f"{_API}/{self._id}:batchUpdate"
        return str(
            self._call("write", lambda: self._http.request("post", url, params={"fields": mask}, json=body).text)
        )

    def _call(self, kind: str, call: Callable[[], Any]) -> Any:
        """Make one API call, again after passing errors, until the patience is used up."""
        deadline = self._clock() + self._patience
        attempt = 0
        while True:
            self._budgets[kind].wait()
            self._budgets[kind].spend()
            self.calls[kind] += 1
            try:
                return call()
            except Exception as exc:  # noqa: BLE001 - gspread, requests and google-auth each have their own
                _raise_what_the_protocol_knows(exc, writing=kind == "write")
                trouble = trouble_of(exc, self._share_with, writing=kind == "write")
            if not trouble.passing:
                raise SheetError(trouble.sentence, permanent=trouble.permanent) from None
            if not (kind == "read" or trouble.not_applied):
                raise WriteInDoubt(trouble.sentence) from None
            attempt += 1
            pause = min(32.0, 2.0 ** (attempt - 1)) * self._rng.uniform(0.75, 1.25)
            if self._clock() + pause > deadline:
                raise SheetUnavailable(trouble.sentence) from None
            self._sleep(pause)


_API = "https://sheets.googleapis.com/v4/spreadsheets"
_PROPERTIES = "properties(title,sheetId,sheetType,hidden,gridProperties(rowCount,columnCount))"
_GONE = re.compile(r"No (?:grid|sheet) with id: (\d+)")


def _raise_what_the_protocol_knows(exc: Exception, *, writing: bool) -> None:
    """Raise what a refusal means that the protocol itself answers: a tab that exists, or is gone."""
    import gspread.exceptions

    if not isinstance(exc, gspread.exceptions.APIError) or exc.response.status_code != 400:
        return
    message = str(exc.error.get("message", "")) if isinstance(exc.error, Mapping) else ""
    if gone := _GONE.search(message):
        raise TabGone(int(gone[1])) from None
    if writing and "Unable to parse range" in message:
        raise TabGone(None) from None
    if "already exists" in message:
        raise TabExists("A working tab exists already.") from None


def _grid_range(sheet_id: int, region: Region) -> dict[str, int]:
    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    bounds = {name: at for name, at in zip(names, region, strict=True) if at is not None}
    return {"sheetId": sheet_id, **bounds}


def _grids(text: str) -> list[Grid]:
    """Read the answer of a batch; cells become plain values at once, which keeps large answers small."""
    answer = json.loads(text, object_hook=_plain)
    return [
        Grid(
            sheet["properties"]["title"],
            data.get("startRow", 0),
            data.get("startColumn", 0),
            [[None if cell == {} else cell for cell in row] if row else [] for row in data.get("rowData", [])],
        )
        for sheet in answer["updatedSpreadsheet"].get("sheets", [])
        for data in sheet.get("data", [])
    ]


def _plain(found: dict[str, Any]) -> Any:
    for name in (
        "effectiveValue",
        "userEnteredValue",
        "values",
        "stringValue",
        "numberValue",
        "boolValue",
        "formulaValue",
    ):
        if name in found:
            return found[name]
    if "errorValue" in found:
        kind = found["errorValue"].get("type", "ERROR")
        return {"N_A": "#N/A", "DIVIDE_BY_ZERO": "#DIV/0!", "LOADING": "Loading..."}.get(kind, f"#{kind}!")
    return found


def _tabs(spreadsheet: Mapping[str, Any]) -> list[Tab]:
    return [_tab(sheet) for sheet in spreadsheet.get("sheets", []) if "gridProperties" in sheet["properties"]]


def _tab(sheet: Mapping[str, Any]) -> Tab:
    properties, shown = sheet["properties"], sheet.get("basicFilter") or {}
    grid = properties["gridProperties"]
    rows, columns = grid.get("rowCount", 0), grid.get("columnCount", 0)
    return Tab(
        properties["title"],
        properties["sheetId"],
        rows,
        columns,
        hidden=bool(properties.get("hidden")),
        filtered=bool(shown.get("criteria") or shown.get("filterSpecs")),
        merges=tuple(
            Merge(
                area.get("startRowIndex", 0),
                area.get("endRowIndex", rows),
                area.get("startColumnIndex", 0),
                area.get("endColumnIndex", columns),
            )
            for area in sheet.get("merges", ())
        ),
    )
