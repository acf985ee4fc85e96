"""One spreadsheet through gspread's HTTP client: few calls, within Google's quota, with bounded patience.

Reads are repeated on passing errors. A write is repeated here only when it was certainly not applied; otherwise
:class:`~.errors.WriteInDoubt` says that the caller must look first, since a 503 has been seen after the write was applied.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from .errors import SheetError, SheetUnavailable, WriteInDoubt, WriteTooLate
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


@dataclass(frozen=True)
class Tab:
    """One tab of a spreadsheet, with the size of its grid.

    :param hidden: whether people see it only under View > Hidden sheets.
    :param filtered: whether its filter has conditions, so that it may hide rows.
    """

    title: str
    sheet_id: int
    rows: int
    columns: int
    hidden: bool = False
    filtered: bool = False

    @property
    def ours(self) -> bool:
        """Whether this is a working tab of the tool, and none of people's."""
        return self.hidden and self.title.startswith(WORKING_TAB)


class SpreadsheetApi(Protocol):
    """What the sheet protocol needs of a spreadsheet; simulations have one of their own."""

    #: When the last read that was answered was asked for, on a steady clock: nothing in its answer is older (seconds).
    asked_at: float

    def tabs(self) -> list[Tab]:
        """Return the tabs."""

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        """Return the values of each range as rows; trailing empty cells and rows are absent."""

    def write(self, blocks: Sequence[tuple[str, list[list[Any]]]], *, by: float | None = None) -> None:
        """Write all ranges or none, as they are (RAW); begin it no later than *by* on that clock, or not at all."""

    def resize(self, sheet_id: int, columns: int) -> None:
        """Set the number of columns of a tab."""


class _Budget:
    """Keeps calls of one kind under a number per minute, counted over the last 60 seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._per_minute, self._clock, self._sleep = per_minute, clock, sleep
        self._times: deque[float] = deque()

    def wait(self) -> None:
        """Wait until a call may be made."""
        now = self._clock()
        while self._times and self._times[0] <= now - 60.0:
            self._times.popleft()
        if len(self._times) >= self._per_minute:
            self._sleep(self._times[0] + 60.0 - now)
            self._times.popleft()

    def spend(self) -> None:
        self._times.append(self._clock())


class GoogleSpreadsheet:
    """A spreadsheet behind a :class:`gspread.HTTPClient`. Not thread-safe.

    :param http: gspread's HTTP client, authorised.
    :param spreadsheet_id: the key from the spreadsheet's URL.
    :param share_with: e-mail of the service account, for the sentence on missing access.
    :param share: how many tasks share this user's quota.
    """

    def __init__(
        self,
        http: Any,
        spreadsheet_id: str,
        *,
        share_with: str | None = None,
        share: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        patience: float = PATIENCE,
        rng: random.Random | None = None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.asked_at = 0.0
        self._http = http
        self._http.set_timeout(TIMEOUT)
        self._id = spreadsheet_id
        self._share_with = share_with
        self._clock, self._sleep, self._patience = clock, sleep, patience
        self._rng = rng or random.Random()
        each = max(2, CALLS_PER_MINUTE // share)
        self._budgets = {"read": _Budget(each, clock, sleep), "write": _Budget(each, clock, sleep)}

    def tabs(self) -> list[Tab]:
        """Return the tabs that hold a grid (one read)."""
        properties = "properties(title,sheetId,sheetType,hidden,gridProperties(rowCount,columnCount))"
        fields = f"sheets({properties},basicFilter(criteria,filterSpecs))"
        answer = self._call("read", lambda: self._http.fetch_sheet_metadata(self._id, params={"fields": fields}))
        return [_tab(sheet) for sheet in answer.get("sheets", []) if "gridProperties" in sheet["properties"]]

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

    def write(self, blocks: Sequence[tuple[str, list[list[Any]]]], *, by: float | None = None) -> None:
        """Write all ranges or none (one write), as they are: nothing is run as a formula, no text becomes a number.

        :param by: begin it no later, for it rests on what was read; waiting for quota or after an error takes its time.
        :raises WriteInDoubt: when it may have been applied.
        :raises WriteTooLate: when it was not begun by then; now it could be.
        """
        body = {
            "valueInputOption": "RAW",
            "data": [{"range": cells, "majorDimension": "ROWS", "values": values} for cells, values in blocks],
        }
        self._call("write", lambda: self._http.values_batch_update(self._id, body=body), by=by)

    def resize(self, sheet_id: int, columns: int) -> None:
        """Set the number of columns of a tab (one write). Safe to repeat."""
        properties = {"sheetId": sheet_id, "gridProperties": {"columnCount": columns}}
        request = {"updateSheetProperties": {"properties": properties, "fields": "gridProperties.columnCount"}}
        self._call("write", lambda: self._http.batch_update(self._id, {"requests": [request]}), repeatable=True)

    def _call(
        self, kind: str, call: Callable[[], Any], *, repeatable: bool | None = None, by: float | None = None
    ) -> Any:
        """Make one API call, again after passing errors, until the patience is used up."""
        repeatable = kind == "read" if repeatable is None else repeatable
        deadline = self._clock() + self._patience
        attempt = 0
        while True:
            self._budgets[kind].wait()
            begun = self._clock()
            if by is not None and begun > by:
                raise WriteTooLate("Google Sheets took too long to take a claim.")
            self._budgets[kind].spend()
            self.calls[kind] += 1
            try:
                answer = call()
            except Exception as exc:  # noqa: BLE001 - gspread, requests and google-auth each have their own
                trouble = trouble_of(exc, self._share_with, writing=kind == "write")
            else:
                if kind == "read":
                    self.asked_at = begun
                return answer
            if not trouble.passing:
                raise SheetError(trouble.sentence, permanent=trouble.permanent) from None
            if not (repeatable or trouble.not_applied):
                raise WriteInDoubt(trouble.sentence) from None
            attempt += 1
            pause = min(32.0, 2.0 ** (attempt - 1)) * self._rng.uniform(0.75, 1.25)
            if self._clock() + pause > deadline:
                raise SheetUnavailable(trouble.sentence) from None
            self._sleep(pause)


def _tab(sheet: Mapping[str, Any]) -> Tab:
    properties, shown = sheet["properties"], sheet.get("basicFilter") or {}
    grid = properties["gridProperties"]
    return Tab(
        properties["title"],
        properties["sheetId"],
        grid.get("rowCount", 0),
        grid.get("columnCount", 0),
        hidden=bool(properties.get("hidden")),
        filtered=bool(shown.get("criteria") or shown.get("filterSpecs")),
    )
