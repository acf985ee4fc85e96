"""Text that comes from the gateway stays text, in the sheet and in its CSV export."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import csv_of, environment, recipients, run, table, variables

EVIL = ["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://x")', "=1+1"]


class Hostile(BaseHTTPRequestHandler):
    """A gateway that answers with message ids that look like formulas."""

    def _answer(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer({"sms": {"code": "000", "balance": "1000", "username": "=1+1", "message_rates": "0.50"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = int(body["to"][-2:])
        self._answer({"sms": {"code": "000", "message_id": EVIL[number % len(EVIL)].replace(" ", "")}})

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def hostile() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_message_ids_that_look_like_formulas(sandbox: RunningSandbox, hostile: str) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(len(EVIL))})
    with variables(environment(sandbox, robosms={"host": hostile})):
        assert run(sheet)["sent"] == len(EVIL)
    assert [row["Message ID"] for row in table(sandbox, sheet)] == [f"'{text.replace(' ', '')}" for text in EVIL]
    header, *rows = csv.reader(csv_of(sandbox, sheet).splitlines())
    for row in rows:
        for name, field in zip(header, row, strict=True):
            if name not in ("Ref", "First Name", "Phone", "City"):
                assert not field.startswith(("=", "+", "-", "@")), (name, field)
