"""A stand-in for the gateway that costs next to nothing: it accepts everything after a fixed time.

The sandbox is the better gateway and the worse yardstick: it parses, counts parts and syncs each message to the disk, some
milliseconds of processor time on the cores that a benchmark shares with it, and would hide what the journal costs.

python -m tests.benchmarks.gateway --latency 50      # prints its URL, runs until it is ended
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BALANCE = {"code": "000", "balance": "1000000.00", "message_rates": "0.50", "username": "benchmark"}


class _Connection(asyncio.Protocol):
    """One keep-alive connection: a request at a time, with Content-Length, as requests sends them."""

    def __init__(self, latency: float, numbers: Iterator[int]) -> None:
        self._latency = latency
        self._numbers = numbers
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
        if head.startswith(b"GET"):
            self._answer(_BALANCE)
        else:
            answer = {"code": "000", "message_id": f"B-{next(self._numbers)}"}
            asyncio.get_running_loop().call_later(self._latency, self._answer, answer)

    def _answer(self, fields: dict[str, str]) -> None:
        body = json.dumps(fields).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)  # type: ignore[attr-defined]  # a TCP transport


async def serve(latency: float) -> None:
    """Listen on a free loopback port, say where, and serve until the process is ended."""
    numbers = itertools.count(1)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(latency, numbers), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextmanager
def running_gateway(latency_ms: float) -> Iterator[str]:
    """Run the stand-in as a process of its own while the block lasts; yields its URL."""
    command = [sys.executable, "-m", "tests.benchmarks.gateway", "--latency", str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=50.0, help="milliseconds until an answer")
    asyncio.run(serve(parser.parse_args().latency / 1000))
