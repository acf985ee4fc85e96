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
from typing import Any, Protocol

from .errors import SheetError, SheetUnavailable, WriteInDoubt, WriteTooLate

#: Google allows a user 60 reads and 60 writes a minute; the rest is left to the people in the sheet and other tools.
CALLS_PER_MINUTE = 50
#: Passing errors are waited out for so long (seconds).
PATIENCE = 120.0
#: For connecting and for reading (seconds). A read of 100,000 rows takes Google several seconds.
TIMEOUT = (10.0, 60.0)

_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Tab:
    """One tab of a spreadsheet, with the size of its grid."""

    title: str
    sheet_id: int
    rows: int
    columns: int


class SpreadsheetApi(Protocol):
    """What the sheet protocol needs of a spreadsheet; simulations have one of their own."""

    #: When the last read that was answered was asked for, on a steady clock: nothing in its answer is older (seconds).
    asked_at: float

    def tabs(self) -> list[Tab]:
        """Return the tabs."""

    def read(self, ranges: Sequence[str]) -> list[list[list[Any]]]:
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
        fields = "sheets.properties(title,sheetId,sheetType,gridProperties(rowCount,columnCount))"
        answer = self._call("read", lambda: self._http.fetch_sheet_metadata(self._id, params={"fields": fields}))
        tabs = []
        for sheet in answer.get("sheets", []):
            properties = sheet["properties"]
            grid = properties.get("gridProperties")
            if grid:
                tabs.append(
                    Tab(properties["title"], properties["sheetId"], grid.get("rowCount", 0), grid.get("columnCount", 0))
                )
        return tabs

    def read(self, ranges: Sequence[str]) -> list[list[list[Any]]]:
        """Return the values of each range (one read). Text stays text, numbers are exact, dates are as shown."""
        params = {
            "majorDimension": "ROWS",
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "FORMATTED_STRING",
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
                trouble = _trouble(exc, self._share_with)
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


@dataclass(frozen=True)
class _Trouble:
    sentence: str
    passing: bool = False
    permanent: bool = False
    not_applied: bool = False


def _trouble(exc: BaseException, share_with: str | None) -> _Trouble:
    """Say what an exception of gspread, requests or google-auth means; its own text may hold tokens and is dropped."""
    import google.auth.exceptions
    import gspread.exceptions
    import requests

    if isinstance(exc, gspread.exceptions.APIError):
        return _api_trouble(exc, share_with)
    if isinstance(exc, PermissionError):
        return _Trouble(_no_access(share_with), permanent=True)
    if isinstance(exc, google.auth.exceptions.RefreshError):
        return _Trouble(
            "Google refused the service account's key: check the Google connection's key file and this machine's clock.",
            passing=bool(getattr(exc, "retryable", False)),
            permanent=True,
            not_applied=True,
        )
    if isinstance(exc, google.auth.exceptions.TransportError):
        return _on_the_way(exc, "Google could not be reached for a token", not_applied=True)
    if isinstance(exc, google.auth.exceptions.GoogleAuthError):
        return _Trouble("The Google connection's credentials cannot be used: check its key file.", permanent=True)
    if isinstance(exc, (requests.exceptions.RequestException, OSError)):
        from ..gateway.evidence import REASONS, reason_of_exception
        from ..gateway.outcome import Status

        unsent = REASONS[reason_of_exception(exc)][0] is Status.FAILED
        return _on_the_way(exc, "Google Sheets could not be reached", not_applied=unsent)
    return _Trouble(f"Google Sheets gave an answer that could not be read ({type(exc).__name__}).", passing=True)


def _on_the_way(exc: BaseException, beginning: str, *, not_applied: bool) -> _Trouble:
    from ..gateway.evidence import NEEDS_A_PERSON, reason_of_exception, trouble_on_the_way

    permanent = reason_of_exception(exc) in NEEDS_A_PERSON
    sentence = f"{beginning}: {trouble_on_the_way(exc, 'Google')}."
    return _Trouble(sentence, passing=not permanent, permanent=permanent, not_applied=not_applied)


def _no_access(share_with: str | None) -> str:
    whom = share_with or "the account of the Google connection"
    return f"No access to the spreadsheet: share it with {whom} as an editor, then run the task again."


def _api_trouble(exc: Any, share_with: str | None) -> _Trouble:
    status = exc.response.status_code
    error: Mapping[str, Any] = exc.error if isinstance(exc.error, Mapping) else {}
    message = " ".join(str(error.get("message", "")).split())[:200]
    if status == 429:
        return _Trouble("Google's quota for Sheets calls is used up for now (HTTP 429).", True, not_applied=True)
    if status in _PASSING:
        return _Trouble(f"Google Sheets is in trouble (HTTP {status}).", passing=True)
    if status == 401:
        return _Trouble(
            "Google does not accept the connection's credentials (HTTP 401): check its key file.", permanent=True
        )
    if status == 403:
        if "has not been used" in message or "disabled" in message:
            return _Trouble(
                "The Google Sheets API is not enabled in the service account's project: enable it in the Google Cloud "
                "console, then run the task again.",
                permanent=True,
            )
        if "scope" in message:
            return _Trouble(
                "The Google connection's credentials lack the Sheets scope: let them have "
                "https://www.googleapis.com/auth/spreadsheets.",
                permanent=True,
            )
        return _Trouble(_no_access(share_with), permanent=True)
    if status == 404:
        return _Trouble(
            "There is no such spreadsheet: check spreadsheet_id, the long part of the sheet's address between /d/ and /edit.",
            permanent=True,
        )
    if "Unable to parse range" in message:
        return _Trouble(
            "A tab of the spreadsheet is not there any more: give it its old name back, or set recipients_sheet, then run "
            "the task again.",
            permanent=True,
        )
    return _Trouble(
        f"Google Sheets refused the request: {message or f'HTTP {status}'}. If a range is protected, let "
        f"{share_with or 'the account of the Google connection'} edit it.",
        permanent=True,
    )
