"""A real server for the Sheets sandbox, and real gspread with real google-auth credentials against it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import gspread
import pytest
import requests
import uvicorn
from fastapi import FastAPI
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials

from airflow_provider_robosms.sandbox.listener import Protocol
from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.a1 import parse_cells
from airflow_provider_robosms.sandbox.sheets.accounts import DEMO_ACCOUNT
from airflow_provider_robosms.sandbox.sheets.api import google_router
from airflow_provider_robosms.sandbox.sheets.person_api import person_router
from airflow_provider_robosms.sandbox.sheets.service import SheetsService
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)


class Clock:
    """The real time, which a test can put forward."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


class LocalCredentials(Credentials):
    """google-auth's own credentials, without its look-up of allowed locations at Google, which tests must not make."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


class Server:
    """uvicorn in a thread on a free loopback port."""

    def __init__(self, service: SheetsService) -> None:
        app = FastAPI()
        app.include_router(person_router(service), prefix="/sandbox/sheets")
        app.include_router(google_router(service))
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="warning", http=Protocol, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


class SandboxClient(gspread.HTTPClient):
    """gspread's HTTP client with Google's two hosts replaced."""

    base_url = ""

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            endpoint = endpoint.replace(host, self.base_url)
        return super().request(method, endpoint, *args, **kwargs)


class Sandbox:
    """The service, its server, and clients for it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.service = SheetsService(clock=self.clock)
        self.server = Server(self.service)
        self.url = self.server.url
        self.gc = self.client()
        self.session = self.authorized()

    def credentials(self, account: str = DEMO_ACCOUNT, scopes: tuple[str, ...] = SCOPES) -> Credentials:
        key = self.service.accounts.key_file(self.url, account=account)
        return LocalCredentials.from_service_account_info(key, scopes=scopes)

    def client(self, account: str = DEMO_ACCOUNT) -> gspread.Client:
        http_client = type("Client", (SandboxClient,), {"base_url": self.url})
        client = gspread.authorize(self.credentials(account), http_client=http_client)
        client.set_timeout(10)
        return client

    def authorized(self, account: str = DEMO_ACCOUNT, scopes: tuple[str, ...] = SCOPES) -> AuthorizedSession:
        """requests with a token, for raw answers."""
        return AuthorizedSession(self.credentials(account, scopes))

    def call(self, method: str, path: str, session: Any = None, **kwargs: Any) -> requests.Response:
        """A raw request to Google's API: *path* begins after ``/v4/spreadsheets/``."""
        return (session or self.session).request(method, f"{self.url}/v4/spreadsheets/{path}", timeout=10, **kwargs)

    def write(self, book: Spreadsheet, cell: str, *texts: str, session: Any = None, **kwargs: Any) -> requests.Response:
        """Write texts through the API, each into the cell right of the one before."""
        return self.call("POST", f"{book.id}:batchUpdate", session, json={"requests": [typing(cell, *texts)]}, **kwargs)

    def person(self, method: str, path: str = "", **kwargs: Any) -> Any:
        """A request to the control API; the JSON of its answer."""
        response = requests.request(method, f"{self.url}/sandbox/sheets{path}", timeout=30, **kwargs)
        assert response.ok, response.text
        return response.json()

    def edit(self, book: Spreadsheet, action: str, sheet: str = "Sheet1", **what: Any) -> int:
        """An edit that a person makes; the new version."""
        return self.person("POST", f"/{book.id}/edit", json={"action": action, "sheet": sheet, **what})["version"]

    def fault(self, kind: str, **fields: Any) -> None:
        self.person("POST", "/faults", json={"kind": kind, **fields})

    def book(self, *rows: list[Any], title: str = "Sheet1", **options: Any) -> Spreadsheet:
        """A spreadsheet with one tab that holds *rows*, their values as they are."""
        return self.service.create({"title": "A book", "sheets": [{"title": title, "rows": list(rows)}], **options})

    def tab(self, *rows: list[Any], **options: Any) -> tuple[Spreadsheet, gspread.Worksheet]:
        """A spreadsheet as :meth:`book` makes it, and its tab through gspread."""
        book = self.book(*rows, **options)
        return book, self.gc.open_by_key(book.id).sheet1


def put(book: Spreadsheet, text: str, rows: list[Any], *, option: str = "RAW") -> None:
    """Write into a spreadsheet as people do, at the range *text*."""
    with book.change():
        values.write(*book.resolve(text), rows, raw=option == "RAW")


def typing(cell: str, *texts: str, sheet_id: int = 0) -> dict[str, Any]:
    """The request of batchUpdate that writes texts into cells beside each other."""
    area = parse_cells(cell)
    start = {"sheetId": sheet_id, "rowIndex": area.top, "columnIndex": area.left}
    cells = [{"userEnteredValue": {"stringValue": text}} for text in texts]
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    """The message of Google's 400 for a call of gspread."""
    with pytest.raises(gspread.exceptions.APIError) as raised:
        call(*args, **kwargs)
    error = raised.value
    assert error.code == error.response.status_code == 400
    assert error.error["status"] == "INVALID_ARGUMENT"
    assert set(error.error) <= {"code", "message", "status", "details"}
    return error.error["message"]


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.server.stop()


@pytest.fixture
def sandbox(_sandbox: Sandbox) -> Sandbox:
    """The running sandbox, with no faults, fresh counts and no quota."""
    service = _sandbox.service
    service.faults.remove()
    service.calls.clear()
    service.by_status.clear()
    service.quota.configure({"enabled": False, "reset": True, "read": 60, "write": 60})
    service.configure({"allow_anonymous": True, "read_lag": 0})
    return _sandbox


@pytest.fixture
def model() -> Spreadsheet:
    """A spreadsheet with one empty tab, without any server."""
    book = Spreadsheet("model", "A model")
    with book.change():
        book.add_sheet("Sheet1")
    return book
