"""A stand-in for Airflow's Variables that processes can share: last write wins, no "set if absent", as in Airflow."""

from __future__ import annotations

import random
import time
from pathlib import Path
from urllib.parse import quote


class FileVariables:
    """Has the methods of ``airflow.sdk.Variable`` that the claims use.

    :param folder: one file for each Variable.
    :param slowest: seconds that a call may take.
    """

    def __init__(self, folder: Path, slowest: float = 0.0) -> None:
        self.folder = folder
        self.slowest = slowest
        self.down = False
        self.calls: list[str] = []

    def get(self, key: str, default: str) -> str:
        path = self._path("get", key)
        return path.read_text() if path.exists() else default

    def set(self, key: str, value: str, description: str) -> None:
        path = self._path("set", key)
        draft = path.with_suffix(f".{random.random()}")
        draft.write_text(value)
        draft.replace(path)

    def delete(self, key: str) -> None:
        self._path("delete", key).unlink(missing_ok=True)

    def values(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.folder.iterdir()}

    def _path(self, call: str, key: str) -> Path:
        self.calls.append(call)
        if self.down:
            raise ConnectionError("API server away")
        time.sleep(random.uniform(0, self.slowest))
        return self.folder / quote(key, safe="")
