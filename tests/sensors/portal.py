"""A RoboSMS portal on a real socket, small enough to script answer by answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = "top-secret-api-key/+="
EMAIL = "shop@example.pk"


class Portal:
    """A context manager; while it is open it answers at ``url``.

    :ivar balance: what the balance check answers; as in ``script``.
    :ivar rate: the price of a part, or None to leave it out.
    :ivar script: answers that come first, one for each balance check: a balance, None for a 503, "code 203", or an HTTP
        status.
    :ivar balance_checks: how many there were.
    :ivar checked_at: when each came (``time.monotonic()``).
    :ivar delay: seconds that the answer to a balance check takes.
    :ivar send_codes: codes that answer the first send requests; then "000".
    :ivar sent: the send requests' bodies, in order.
    :ivar paths: the paths that were asked for, without what follows the question mark.
    """

    def __init__(self, balance: str | int | None = "12.50", rate: str | None = "0.50") -> None:
        self.balance = balance
        self.rate = rate
        self.script: list[str | int | None] = []
        self.balance_checks = 0
        self.checked_at: list[float] = []
        self.delay = 0.0
        self.send_codes: list[str] = []
        self.sent: list[dict] = []
        self.paths: list[str] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Portal:
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                with portal._lock:
                    portal.paths.append(self.path.partition("?")[0])
                    portal.balance_checks += 1
                    portal.checked_at.append(time.monotonic())
                    answer = portal.script.pop(0) if portal.script else portal.balance
                time.sleep(portal.delay)
                self.answer(*portal._balance_answer(answer))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with portal._lock:
                    portal.paths.append(self.path)
                    portal.sent.append(body)
                    code = portal.send_codes.pop(0) if portal.send_codes else "000"
                self.answer(200, {"code": code, **({"message_id": "RSMS-1"} if code == "000" else {})})

            def answer(self, status: int, fields: dict) -> None:
                body = json.dumps(fields).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def connection(self, **extra: object) -> str:
        """Return the connection as the JSON that ``AIRFLOW_CONN_…`` takes."""
        extra = {"mask": "SMS-ALERT", "timeout": 5, **extra}
        return json.dumps({"conn_type": "robosms", "host": self.url, "login": EMAIL, "password": KEY, "extra": extra})

    def _balance_answer(self, answer: str | int | None) -> tuple[int, dict]:
        if answer is None:
            return 503, {"message": "Service Unavailable"}
        if isinstance(answer, int):
            return answer, {"message": "in words"}
        if answer.startswith("code "):
            return 200, {"sms": {"code": answer.removeprefix("code "), "response": "refused"}}
        fields = {"code": "000", "balance": answer, "username": "shop"}
        if self.rate is not None:
            fields["message_rates"] = self.rate
        return 200, {"sms": fields}


def no_secret_in_any_log(home: Path, secrets: Iterable[str]) -> None:
    """Fail when one of the secrets stands in a log file below *home*."""
    logs = [path for path in home.rglob("*.log") if path.is_file()]
    assert len(logs) > 5
    for path in logs:
        text = path.read_text(errors="replace")
        for secret in secrets:
            assert secret not in text, f"{secret} stands in {path}"
