"""Spreadsheets and the key survive a restart."""

import asyncio
import json
import stat
import threading
import time

from google.auth.transport.requests import Request

from airflow_provider_robosms.sandbox.sheets import service as service_module
from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.requests import batch_update
from airflow_provider_robosms.sandbox.sheets.service import SheetsService

from .conftest import LocalCredentials, Server, typing


def everything(book):
    return (
        book.id,
        book.title,
        book.shared,
        book.version,
        [{**vars(sheet), "rows": [list(row) for row in sheet.rows], "stamp": None} for sheet in book.sheets],
    )


def a_book(service):
    book = service.create(
        {
            "title": "Campaign",
            "sheets": [{"title": "It's", "rows": [["Name", "", 1.5, True, None], [], ["سلام"]]}],
            "shared_with": {"a@b.pk": "reader"},
        }
    )
    for action in (
        {"action": "set", "cell": "B1", "value": "=A1"},
        {"action": "set", "cell": "B2", "value": "#N/A"},
        {"action": "set", "cell": "C2", "value": "2026-11-23"},
        {"action": "protect", "range": "A1:B9", "editors": ["a@b.pk"]},
    ):
        edit(book, {"sheet": "It's"} | action)
    area = {"sheetId": 0, "startRowIndex": 1}
    batch_update(
        book,
        [
            {"repeatCell": {"range": area | {"endRowIndex": 2}, "cell": {"note": "n"}, "fields": "note"}},
            {"setDataValidation": {"range": area, "rule": {"condition": {"type": "BOOLEAN"}}}},
            {
                "updateSheetProperties": {
                    "properties": {"gridProperties": {"frozenRowCount": 1}},
                    "fields": "gridProperties.frozenRowCount",
                }
            },
        ],
        user="a@b.pk",
    )
    return book


def test_close_and_open(tmp_path):
    service = SheetsService(tmp_path)
    book = a_book(service)
    service.close()
    again = SheetsService(tmp_path)
    assert everything(again.books[book.id]) == everything(book)
    assert again.key_file("http://x") == service.key_file("http://x")
    key = tmp_path / "service-account.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    # Formulas still follow, and values still compute.
    edit(again.books[book.id], {"action": "insert_rows", "sheet": "It's", "at": 0})
    assert values.get(again.books[book.id], "B2", "FORMULA")["values"] == [["=A2"]]


def test_a_running_server_saves_by_itself(tmp_path):
    service = SheetsService(tmp_path)
    server = Server(service)
    try:
        book = service.create({"id": "x", "sheets": [{"title": "T"}]})
        credentials = LocalCredentials.from_service_account_info(
            service.key_file(server.url), scopes=["https://www.googleapis.com/auth/spreadsheets"]
        )
        credentials.refresh(Request())
        import requests

        headers = {"Authorization": f"Bearer {credentials.token}"}
        url = f"{server.url}/v4/spreadsheets/x:batchUpdate"
        assert requests.post(url, json={"requests": [typing("A1", "saved")]}, headers=headers, timeout=5).ok
        path = tmp_path / "x.json"
        deadline = time.monotonic() + 10
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert json.loads(path.read_text())["sheets"][0]["rows"] == [["saved"]]
        assert requests.post(url, json={"requests": [typing("A1", "at the end")]}, headers=headers, timeout=5).ok
    finally:
        server.stop()
    assert SheetsService(tmp_path).books["x"].sheets[0].cell(0, 0) == "at the end"
    assert book.version == 3


def test_nothing_is_written_without_a_change(tmp_path):
    service = SheetsService(tmp_path)
    service.create({"id": "x"})
    service.close()
    path = tmp_path / "x.json"
    before = path.stat().st_mtime_ns
    again = SheetsService(tmp_path)
    again.close()
    assert path.stat().st_mtime_ns == before


def test_a_broken_file_is_reported_and_left_alone(tmp_path, caplog):
    (tmp_path / "broken.json").write_text('{"id": "broken"')
    (tmp_path / "odd.json").write_text('{"id": "odd", "title": "t"}')
    service = SheetsService(tmp_path)
    assert service.books == {}
    assert "broken.json" in caplog.text
    assert "odd.json" in caplog.text
    service.close()
    assert (tmp_path / "broken.json").read_text() == '{"id": "broken"'


def test_saving_does_not_hold_up_the_event_loop(tmp_path, monkeypatch):
    let_go = threading.Event()
    save = service_module.save

    def slow(*args):
        assert let_go.wait(10), "the loop that lets it go was held up by it"
        return save(*args)

    async def scenario():
        service = SheetsService(tmp_path)
        book = service.create({"id": "x"})
        while service._saved.get("x") != book.version:
            await asyncio.sleep(0.01)
            let_go.set()

    monkeypatch.setattr(service_module, "save", slow)
    asyncio.run(scenario())
    assert (tmp_path / "x.json").exists()
