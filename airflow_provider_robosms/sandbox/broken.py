"""Answers that no well-behaved web framework can give: a TCP reset, silence, a body that is cut off.

They need the connection itself. The server's protocol class (see :mod:`.listener`) puts it into the request's state.
"""

from __future__ import annotations

import asyncio
import socket
import struct

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Reset(Response):
    """Tears the connection down with a TCP reset (RST), whatever is still unread or unsent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = _transport(scope)
        raw: socket.socket = transport.get_extra_info("socket")
        # A linger time of zero makes close() send RST instead of FIN.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _disconnected(receive)


class Hang(Response):
    """Says nothing until the client goes away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _disconnected(receive)


class CutBody(Response):
    """Promises the whole of *body* in Content-Length, sends half of it and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = bytes(self.body)
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(whole)}\r\n\r\n"
        transport = _transport(scope)
        transport.write(head.encode() + whole[: len(whole) // 2])
        transport.close()
        await _disconnected(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport | None = scope.get("state", {}).get("transport")
    if transport is None:
        raise RuntimeError("This fault needs a real connection: run the app with sandbox.listener, not in process.")
    return transport


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
