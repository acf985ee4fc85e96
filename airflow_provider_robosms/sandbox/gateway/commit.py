"""Lines that are on the disk before anybody is told about them, at the price of one fsync for many."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


class GroupCommit:
    """Appends JSON lines to two files from one event loop: durable lines are waited for, casual ones are not.

    While one fsync runs, everything that arrives waits for the next one, so the number of fsyncs a second stays that of the
    disk whatever the number of messages is.
    """

    def __init__(self, durable: Path, casual: Path) -> None:
        self._durable = _open(durable)
        self._casual = _open(casual)
        self._pending: tuple[list[bytes], list[bytes]] = ([], [])
        self._written: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandbox-commit")

    def casually(self, record: dict[str, Any]) -> None:
        """Write *record* soon; a kill may lose it."""
        self._pending[1].append(_line(record))
        self._start()

    async def durably(self, records: list[dict[str, Any]]) -> None:
        """Write *records* and return when they have reached the disk (in one write, so all or none of them)."""
        self._pending[0].append(b"".join(_line(record) for record in records))
        written = self._start()
        await asyncio.shield(written)

    async def settled(self) -> None:
        """Return when everything handed over so far is written."""
        await asyncio.shield(self._start())

    async def empty(self) -> None:
        """Throw away both files' contents."""
        await self.settled()
        for descriptor in (self._durable, self._casual):
            os.ftruncate(descriptor, 0)

    async def close(self) -> None:
        """Write what is pending and close the files."""
        await self.settled()
        self._thread.shutdown()
        os.close(self._durable)
        os.close(self._casual)

    def _start(self) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        if self._written is None:
            self._written = loop.create_future()
            # A batch without a durable line may fail with nobody waiting for it.
            self._written.add_done_callback(lambda future: future.exception())
        written = self._written
        if self._task is None:
            self._task = loop.create_task(self._write_all())
        return written

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._written is not None:
                batch, written = self._pending, self._written
                self._pending, self._written = ([], []), None
                try:
                    await loop.run_in_executor(self._thread, self._write, *batch)
                except OSError as error:
                    written.set_exception(error)
                else:
                    written.set_result(None)
        finally:
            self._task = None

    def _write(self, durable: list[bytes], casual: list[bytes]) -> None:
        if casual:
            _write_fully(self._casual, b"".join(casual))
        if durable:
            _write_fully(self._durable, b"".join(durable))
            os.fsync(self._durable)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of *path* and cut off a torn last line, which a kill can leave and which nobody was told about."""
    if not path.exists():
        return
    end = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            yield json.loads(line)
    os.truncate(path, end)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _write_fully(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
