"""GoogleSpreadsheet: what is repeated, what is not, for how long, and how many calls a minute. The clock is injected."""

from __future__ import annotations

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import google.auth.exceptions
import gspread
import pytest
import requests
import urllib3

from airflow_provider_robosms.spreadsheet.api import CALLS_PER_MINUTE, PATIENCE, GoogleSpreadsheet
from airflow_provider_robosms.spreadsheet.errors import SheetError, SheetUnavailable, TabExists, TabGone, WriteInDoubt

SECRET = "ya29.a-token"
REQUESTS = [{"deleteSheet": {"sheetId": 7}}]


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Http:
    """Stands for gspread's HTTP client: fails as told, then answers; each call may take its time."""

    def __init__(self, clock: Clock, *failures: Exception, takes: float = 0.0) -> None:
        self.clock = clock
        self.failures = list(failures)
        self.takes = takes
        self.asked: list[str] = []
        self.times: list[float] = []
        self.timeout: Any = None

    def set_timeout(self, timeout: Any) -> None:
        self.timeout = timeout

    def _answer(self, what: str, answer: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(what)
        self.times.append(self.clock.now)
        self.clock.now += self.takes
        if self.failures:
            raise self.failures.pop(0)
        return answer

    def fetch_sheet_metadata(self, id: str, params: Any = None) -> dict[str, Any]:
        grid = {"rowCount": 10, "columnCount": 5}
        sheet = {"title": "T", "sheetId": 7, "sheetType": "GRID", "gridProperties": grid}
        chart = {"title": "Chart", "sheetId": 8, "sheetType": "OBJECT"}
        return self._answer("tabs", {"sheets": [{"properties": sheet}, {"properties": chart}]})

    def values_batch_get(self, id: str, ranges: Any, params: Any = None) -> dict[str, Any]:
        self.params = params
        return self._answer("read", {"valueRanges": [{"range": "T!A1", "values": [["x"]]}, {"range": "T!B1"}]})

    def request(self, method: str, url: str, params: Any = None, json: Any = None) -> Any:
        self.body, self.params = json, params
        self._answer("write", {})
        return SimpleNamespace(text="{}")


def answer(
    status: int, message: str = "", *, html: bool = False, word: str = "UNAVAILABLE"
) -> gspread.exceptions.APIError:
    response = requests.Response()
    response.status_code = status
    if html:
        response._content = b"<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>"
    else:
        body = f'{{"error": {{"code": {status}, "message": "{message}", "status": "{word}"}}}}'
        response._content = body.encode()
    return gspread.exceptions.APIError(response)


def made(
    *failures: Exception, share: int = 1, takes: float = 0.0, **settings: Any
) -> tuple[GoogleSpreadsheet, Http, Clock]:
    clock = Clock()
    http = Http(clock, *failures, takes=takes)
    api = GoogleSpreadsheet(
        http, "key", clock=clock, sleep=clock.sleep, share=share, share_with="robot@example.pk",
        rng=random.Random(1), **settings,
    )  # fmt: skip
    return api, http, clock


def refused() -> Exception:
    """As requests raises it for a connection that never stood."""
    connection = urllib3.connection.HTTPSConnection("sheets.googleapis.com")
    inner = urllib3.exceptions.NewConnectionError(connection, f"Connection refused {SECRET}")
    pool = urllib3.connectionpool.HTTPSConnectionPool("sheets.googleapis.com")
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/v4", inner))


def reset() -> Exception:
    inner = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
    return requests.exceptions.ConnectionError(inner)


PASSING: dict[str, Callable[[], Exception]] = {
    "429": lambda: answer(429, "Quota exceeded"),
    "500": lambda: answer(500, "Internal error"),
    "502 html": lambda: answer(502, html=True),
    "503": lambda: answer(503),
    "504": lambda: answer(504),
    "read timeout": lambda: requests.exceptions.ReadTimeout(SECRET),
    "connect timeout": lambda: requests.exceptions.ConnectTimeout(SECRET),
    "reset": reset,
    "refused": refused,
    "cut answer": lambda: requests.exceptions.ChunkedEncodingError(SECRET),
    "no JSON": lambda: requests.exceptions.JSONDecodeError("Expecting value", SECRET, 0),
    "no token": lambda: google.auth.exceptions.TransportError(SECRET),
    "token endpoint in trouble": lambda: google.auth.exceptions.RefreshError(SECRET, retryable=True),
    "an answer of another shape": lambda: KeyError(SECRET),
}
#: Of these it is proven that the write was not applied.
NOT_APPLIED = {"429", "refused", "no token", "token endpoint in trouble"}


@pytest.mark.parametrize("name", PASSING)
def test_a_read_is_repeated_after_passing_errors(name: str) -> None:
    api, http, clock = made(PASSING[name](), PASSING[name](), PASSING[name]())
    assert api.read(["T!A1", "T!B1"]) == [[["x"]], []]
    assert len(http.asked) == api.calls["read"] == 4
    assert [round(pause) for pause in clock.slept] == pytest.approx([1, 2, 4], abs=1)
    assert len(set(clock.slept)) == 3  # jitter


@pytest.mark.parametrize("name", PASSING)
def test_patience_has_an_end(name: str) -> None:
    api, http, clock = made(*[PASSING[name]() for _ in range(50)])
    with pytest.raises(SheetUnavailable) as caught:
        api.read(["T!A1"])
    assert not caught.value.permanent
    assert sum(clock.slept) <= PATIENCE
    assert 5 <= len(http.asked) <= 12
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("name", sorted(PASSING.keys() - NOT_APPLIED))
def test_a_write_in_doubt_is_never_repeated_blindly(name: str) -> None:
    api, http, clock = made(PASSING[name]())
    with pytest.raises(WriteInDoubt) as caught:
        api.batch(REQUESTS)
    assert http.asked == ["write"]
    assert clock.slept == []
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("name", sorted(NOT_APPLIED))
def test_a_write_that_was_certainly_not_applied_is_repeated(name: str) -> None:
    api, http, _ = made(PASSING[name](), PASSING[name]())
    api.batch(REQUESTS)
    assert http.asked == ["write"] * 3


@pytest.mark.parametrize(
    ("message", "error", "sheet_id"),
    [
        ("Invalid requests[0].copyPaste: No grid with id: 4711", TabGone, 4711),
        ("Invalid requests[3].deleteSheet: No sheet with id: 12", TabGone, 12),
        ("Unable to parse range: 'robosms work 0 1 of 1'!A1:C1", TabGone, None),
        ('Invalid requests[0].addSheet: A sheet with the name "x" already exists.', TabExists, None),
    ],
)
def test_refusals_of_a_batch_that_the_protocol_answers(message: str, error: type[Exception], sheet_id: Any) -> None:
    api, http, _ = made(answer(400, message, word="INVALID_ARGUMENT"))
    with pytest.raises(error) as caught:
        api.batch(REQUESTS)
    assert getattr(caught.value, "sheet_id", None) == sheet_id
    assert http.asked == ["write"]


FATAL: dict[str, tuple[Callable[[], Exception], str]] = {
    "no such spreadsheet": (
        lambda: answer(404, "Requested entity was not found.", word="NOT_FOUND"),
        "no such spreadsheet",
    ),
    "no access": (
        lambda: answer(403, "The caller does not have permission", word="PERMISSION_DENIED"),
        "share it with robot@example.pk as an editor",
    ),
    "no access, gspread's way": (lambda: PermissionError(SECRET), "share it with robot@example.pk as an editor"),
    "API off": (
        lambda: answer(403, "Google Sheets API has not been used in project 1 before or it is disabled."),
        "Google Sheets API is not enabled",
    ),
    "401": (lambda: answer(401, "invalid", word="UNAUTHENTICATED"), "does not accept the connection's credentials"),
    "protected": (lambda: answer(400, "You are trying to edit a protected cell"), "let robot@example.pk edit it"),
    "grant refused": (
        lambda: google.auth.exceptions.RefreshError("invalid_grant: Invalid JWT Signature."),
        "refused the service account's key",
    ),
    "no credentials": (lambda: google.auth.exceptions.DefaultCredentialsError(SECRET), "credentials cannot be used"),
}


@pytest.mark.parametrize("kind", ["read", "write"])
@pytest.mark.parametrize("name", FATAL)
def test_what_waiting_cannot_help_is_told_at_once(name: str, kind: str) -> None:
    failure, words = FATAL[name]
    api, http, clock = made(failure())
    with pytest.raises(SheetError, match=words) as caught:
        api.read(["T!A1"]) if kind == "read" else api.batch(REQUESTS)
    assert caught.value.permanent
    assert not isinstance(caught.value, WriteInDoubt)
    assert (len(http.asked), clock.slept) == (1, [])
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "what", ["Unable to parse range: 'T'!1:1", "Invalid data[0]: Unable to parse range: 'T'!E2:J28"]
)
def test_a_tab_that_was_renamed_is_told_as_that(what: str) -> None:
    api, _, _ = made(answer(400, what, word="INVALID_ARGUMENT"))
    with pytest.raises(SheetError, match="give it its old name back") as caught:
        api.read(["T!1:1"])
    assert "protected" not in str(caught.value)


# Requests


def test_requests_are_as_the_facts_ask() -> None:
    api, http, _ = made()
    assert [(tab.title, tab.sheet_id, tab.rows, tab.columns) for tab in api.tabs()] == [("T", 7, 10, 5)]
    api.read(["T!A1", "T!B1"])
    assert http.params["valueRenderOption"] == "UNFORMATTED_VALUE"
    assert http.params["dateTimeRenderOption"] == "SERIAL_NUMBER"
    api.batch(REQUESTS)
    assert http.body == {"requests": REQUESTS}
    assert http.params == {"fields": "spreadsheetId"}
    assert len(http.timeout) == 2, "gspread has no timeout of its own"
    assert all(http.timeout)


def test_hidden_and_filtered_tabs_and_the_tools_own() -> None:
    api, http, _ = made()
    grid = {"gridProperties": {"rowCount": 5, "columnCount": 3}}
    sheets = [
        {
            "properties": {"title": "Recipients", "sheetId": 0, **grid},
            "basicFilter": {"filterSpecs": [{"columnIndex": 1}]},
        },
        {"properties": {"title": "Plain", "sheetId": 1, **grid}, "basicFilter": {}},
        {"properties": {"title": "robosms abc", "sheetId": 2, "hidden": True, **grid}},
        {"properties": {"title": "robosms notes", "sheetId": 3, **grid}},
    ]
    http.fetch_sheet_metadata = lambda id, params=None: {"sheets": sheets}  # type: ignore[method-assign]
    assert [(tab.filtered, tab.hidden, tab.ours) for tab in api.tabs()] == [
        (True, False, False), (False, False, False), (False, True, True), (False, False, False),
    ]  # fmt: skip


@pytest.mark.parametrize("render", ["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"])
def test_cells_are_read_as_asked(render: Any) -> None:
    api, http, _ = made()
    api.read(["T!A1"], render=render)
    assert http.params["valueRenderOption"] == render


# The budget


def busiest_minute(times: list[float]) -> int:
    return max(sum(1 for other in times if at <= other < at + 60.0) for at in times)


@pytest.mark.parametrize(
    ("share", "made_before", "waits"), [(1, 50, True), (1, 40, False), (8, 3, True), (8, 2, False), (25, 1, True)]
)
def test_calls_that_belong_together_are_not_parted_by_the_quota(share: int, made_before: int, waits: bool) -> None:
    api, http, clock = made(share=share)
    for _ in range(made_before):
        api.tabs()
    before = clock()
    api.make_room(4, 4)
    assert (clock() > before) is waits
    began = clock()
    for _ in range(min(4, max(2, CALLS_PER_MINUTE // share))):
        api.tabs()
    assert clock() == began
    assert busiest_minute(http.times) <= max(2, CALLS_PER_MINUTE // share)


@pytest.mark.parametrize("share", [1, 2, 4, 10, 25])
@pytest.mark.parametrize("takes", [0.0, 0.3, 2.0])
def test_calls_stay_below_the_quota(share: int, takes: float) -> None:
    api, http, _ = made(share=share, takes=takes)
    for _ in range(180):
        api.read(["T!A1"])
    assert busiest_minute(http.times) <= max(2, CALLS_PER_MINUTE // share)
    assert busiest_minute(http.times) * share <= 60


def test_reads_and_writes_have_a_budget_each() -> None:
    api, http, clock = made()
    for _ in range(CALLS_PER_MINUTE):
        api.read(["T!A1"])
        api.batch(REQUESTS)
    assert clock.slept == []
    api.batch(REQUESTS)
    assert clock.slept == [60.0]
    assert len(http.asked) == 2 * CALLS_PER_MINUTE + 1


def test_failed_calls_count_too() -> None:
    api, http, _ = made(*[answer(503) for _ in range(6)])
    for _ in range(CALLS_PER_MINUTE):
        api.read(["T!A1"])
    assert busiest_minute(http.times) <= CALLS_PER_MINUTE
    assert api.calls["read"] == CALLS_PER_MINUTE + 6


def test_waiting_for_the_budget_does_not_use_up_the_patience() -> None:
    api, _, _ = made(share=25)
    for _ in range(20):
        api.read(["T!A1"])  # two a minute
    assert api.calls["read"] == 20
