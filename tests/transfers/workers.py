"""Campaign tasks in processes of their own, as Airflow's executors run them.

``python -m tests.transfers.workers`` imports everything once; then it reads one task a line as JSON and forks a process for
each, which answers with one line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class FileStore:
    """A ``task_state_store`` in a file, written whole before :meth:`set` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        self.values[key] = value
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(self.values))
        draft.replace(self.path)


class Workers:
    """Starts tasks and collects what came of them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.transfers.workers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._started = 0
        self._line()

    def start(
        self, spreadsheet: str, store: Path, environment: Mapping[str, str], *, run_id: str = "first", **settings: Any
    ) -> None:
        """Start a task with a store that lasts in the file *store*."""
        task = {
            "number": self._started, "spreadsheet": spreadsheet, "run_id": run_id, "store": str(store),
            "settings": settings, "environment": dict(environment),
        }  # fmt: skip
        self._started += 1
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()

    def results(self) -> list[dict[str, Any]]:
        """Wait for all tasks; return their summaries (or ``{"error": …}``) in the order in which they were started."""
        found = [self._line() for _ in range(self._started)]
        self._started = 0
        return [each["result"] for each in sorted(found, key=lambda each: each["number"])]

    def stop(self) -> None:
        self._process.communicate()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # Airflow's log goes the same way
                found: dict[str, Any] = json.loads(line)
                return found
        raise AssertionError(f"the workers ended with {self._process.wait()}")


def main() -> None:
    """Fork a process for each task of standard input."""
    from tests.sheets.campaigns import operator

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _say({"ready": True})
    for line in sys.stdin:
        if os.fork():
            continue
        work = json.loads(line)
        os.environ.update(work["environment"])
        context: Any = {"task_state_store": FileStore(Path(work["store"])), "run_id": work["run_id"]}
        try:
            result = operator(work["spreadsheet"], **work["settings"]).execute(context)
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.flush()
        _say({"number": work["number"], "result": result})
        os._exit(0)


def _say(what: dict[str, Any]) -> None:
    """Write one line in one piece, so that the lines of several processes do not mix."""
    os.write(1, (json.dumps(what) + "\n").encode())


if __name__ == "__main__":
    main()
