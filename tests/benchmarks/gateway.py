"""A stand-in for the gateway that costs next to nothing: it accepts everything after a fixed time, and counts.

The sandbox is the better gateway and the worse yardstick: it parses, counts parts and syncs each message to the disk, some
milliseconds of processor time on the cores that a benchmark shares with it, and would hide what is to be measured.

One process has any latency: the first part of the address's path is the answer time in milliseconds
(``http://127.0.0.1:PORT/50``). Its clock is ``time.monotonic()``, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

_BALANCE = {"code": "000", "balance": "1000000.00", "message_rates": "0.50", "username": "benchmark"}


class _Count:
    """What came since the last reset."""

    def __init__(self) -> None:
        self.posts = self.under_way = self.most_under_way = 0
        self.first = self.last = 0.0
        self.cpu = time.process_time()
        self.texts: Counter[str] = Counter()
        self.masks: Counter[str] = Counter()
        self.spans: dict[str, tuple[float, float]] = {}

    def post(self, body: bytes) -> None:
        asked = json.loads(body)
        self.posts += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.last = time.monotonic()
        self.first = self.first or self.last
        self.texts[asked["to"]] += 1
        self.masks[mask := asked["mask"]] += 1
        self.spans[mask] = (self.spans.get(mask, (self.last,))[0], self.last)

    def described(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in ("posts", "most_under_way", "first", "last")}
        twice = sum(times > 1 for times in self.texts.values())
        return {
            **found,
            "cpu": time.process_time() - self.cpu,
            "people": len(self.texts),
            "twice": twice,
            "masks": self.masks,
            "spans": self.spans,
        }


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a request at a time, with Content-Length, as requests and aiohttp send them."""

    count = _Count()
    numbers = itertools.count(1)

    def __init__(self) -> None:
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, separator, body = self._read.partition(b"\r\n\r\n")
        if not separator:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        if len(body) < int(length or 0):
            return
        self._read = b""
        method, path, _ = head.split(b" ", 2)
        if method == b"POST":
            _Connection.count.post(body)
            latency = float(path.split(b"/", 2)[1]) / 1000
            asyncio.get_running_loop().call_later(latency, self._accept, _Connection.count)
        elif path == b"/reset":
            _Connection.count = _Count()
            self._answer({})
        else:
            self._answer(_Connection.count.described() if path == b"/count" else _BALANCE)

    def _accept(self, count: _Count) -> None:
        count.under_way -= 1
        self._answer({"code": "000", "message_id": f"B-{next(self.numbers)}"})

    def _answer(self, fields: dict[str, Any]) -> None:
        body = json.dumps(fields).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]  # a TCP transport


async def serve() -> None:
    """Listen on a free loopback port, say where, and serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


class Gateway:
    """The running stand-in.

    :param url: without a latency.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def at(self, latency_ms: float) -> str:
        """Return the address whose answers take so many milliseconds."""
        return f"{self.url}/{latency_ms:g}"

    def reset(self) -> None:
        """Begin to count anew."""
        self._get("reset")

    def count(self) -> dict[str, Any]:
        """Return what came since :meth:`reset`.

        ``posts``, ``most_under_way`` (at once), ``first`` and ``last`` (when a POST came, ``time.monotonic()``), ``cpu`` (its
        own processor time, s), ``people`` (different numbers), ``twice`` (of them texted more than once), ``masks`` (mask ->
        posts), ``spans`` (mask -> when its first and its last POST came).
        """
        return self._get("count")

    def _get(self, name: str) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False  # no proxy between us and the loopback address
            found: dict[str, Any] = session.get(f"{self.url}/{name}", timeout=30).json()
            return found


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    """Run the stand-in as a process of its own while the block lasts."""
    command = [sys.executable, "-m", "tests.benchmarks.gateway"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Gateway(process.stdout.readline().strip())
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve())
