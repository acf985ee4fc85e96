"""Running the sandbox as a process of its own, for tests and the demo."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from .cli import ADDRESS_FILE


class RunningSandbox:
    """A sandbox process and short names for its control API.

    Attributes:
        data_dir: Its folder.
        url: Where everything is: page, control API, Google Sheets and gateway.
        gateway_url: The gateway on a port of its own, which the fault ``refuse`` closes.
        key_file: Path of a service-account key that its token endpoint takes.
    """

    def __init__(self, data_dir: Path) -> None:
        (data_dir / ADDRESS_FILE).unlink(missing_ok=True)
        self.data_dir = data_dir
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between us and the loopback address
        self._start()

    def state(self) -> dict[str, Any]:
        """``GET /sandbox/state``."""
        return self._call("GET", "/sandbox/state")

    def accepted(self) -> list[dict[str, Any]]:
        """Every accepted message, oldest first."""
        messages: list[dict[str, Any]] = self._call("GET", "/sandbox/accepted")["messages"]
        return messages

    def received(self) -> dict[str, Any]:
        """Counts of the POSTs that arrived: ``posts``, ``by_to`` (number -> count), and ``balance_checks``."""
        return self._call("GET", "/sandbox/received")

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings (see :class:`.gateway.settings.Settings`), or set ``balance``; return the new state."""
        return self._call("POST", "/sandbox/settings", changes)

    def top_up(self, amount: str) -> dict[str, Any]:
        """Put money in; return the new state."""
        return self._call("POST", "/sandbox/top-up", {"amount": amount})

    def set_fault(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Switch a fault of the gateway on (see :class:`.gateway.faults.Fault`); return it with its ``id``."""
        return self._call("POST", "/sandbox/faults", {"kind": kind, **fields})

    def clear_faults(self) -> None:
        """Switch every fault of the gateway off."""
        self._call("DELETE", "/sandbox/faults")

    def reset(self) -> None:
        """Forget messages, faults, settings and top-ups; spreadsheets stay."""
        self._call("POST", "/sandbox/reset")

    def create_sheet(self, title: str, sheets: dict[str, list[list[Any]]], *, id: str | None = None) -> str:
        """Make a spreadsheet of tabs (title -> rows) and return its id."""
        body: dict[str, Any] = {"title": title, "sheets": [{"title": t, "rows": rows} for t, rows in sheets.items()]}
        return str(self._call("POST", "/sandbox/sheets", {**body, **({"id": id} if id else {})})["id"])

    def sheet(self, spreadsheet_id: str) -> dict[str, Any]:
        """A spreadsheet as a person sees it."""
        return self._call("GET", f"/sandbox/sheets/{spreadsheet_id}")

    def edit_sheet(self, spreadsheet_id: str, action: str, **fields: Any) -> dict[str, Any]:
        """Do what a person does in the sheet: ``set``, ``sort``, ``insert_rows`` and so on."""
        return self._call("POST", f"/sandbox/sheets/{spreadsheet_id}/edit", {"action": action, **fields})

    def stop(self) -> int:
        """SIGTERM, as Ctrl-C would; return the exit code."""
        self._process.terminate()
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _start(self) -> None:
        log_path = self.data_dir / "sandbox.log"
        command = [sys.executable, "-m", "airflow_provider_robosms.sandbox", "serve"]
        command += ["--data-dir", str(self.data_dir), "--port", "0"]
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603
        # It is written as a whole, when the sandbox listens.
        address_file = self.data_dir / ADDRESS_FILE
        deadline = time.monotonic() + 60
        while not address_file.exists():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.stop()
                raise RuntimeError(f"The sandbox did not start; the end of {log_path}:\n{log_path.read_text()[-2000:]}")
            time.sleep(0.02)
        address = json.loads(address_file.read_text())
        self.url, self.gateway_url = address["url"], address["gateway_url"]
        self.key_file = Path(address["key_file"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self._session.request(method, self.url + path, json=body, timeout=30)
        if not response.ok:
            raise RuntimeError(f"The sandbox answered {method} {path} with {response.status_code}: {response.text}")
        answer: dict[str, Any] = response.json()
        return answer


@contextmanager
def running_sandbox(data_dir: Path | str | None = None, **settings: Any) -> Iterator[RunningSandbox]:
    """Run a sandbox as a process of its own while the block lasts.

    Args:
        data_dir: Its folder; a temporary one that is thrown away when None.
        settings: Changes to the gateway's settings, as in :meth:`RunningSandbox.settings`.

    Yields:
        The running sandbox.

    Raises:
        RuntimeError: It did not start; the text has the end of its log.
    """
    with tempfile.TemporaryDirectory(prefix="robosms-sandbox-") as temporary:
        folder = Path(data_dir) if data_dir else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        sandbox = RunningSandbox(folder)
        try:
            if settings:
                sandbox.settings(**settings)
            yield sandbox
        finally:
            sandbox.stop()
