"""Ports on loopback, and one of them that can be closed and opened again. Loads no web framework."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

HOST = "127.0.0.1"


class Door:
    """The gateway's own port, which can be closed and opened.

    While it is closed a socket stays bound to the port without listening: clients get ECONNREFUSED from the kernel, and
    nobody else can take the port.
    """

    def __init__(self, port: int) -> None:
        self._reserved: socket.socket | None = bind(port)
        self.port: int = self._reserved.getsockname()[1]
        self._listener: asyncio.Server | None = None
        # What answers behind the door: a :class:`.listener.Server`.
        self.server: Any = None

    async def open(self) -> None:
        """Listen; nothing happens when the door is open."""
        if self._reserved is None or self.server is None:
            return
        sock, self._reserved = self._reserved, None
        make = self.server.make_protocol
        self._listener = await asyncio.get_running_loop().create_server(make, sock=sock, backlog=1024)

    async def close(self) -> None:
        """Refuse connections until :meth:`open`.

        Idle connections are closed before this returns, so that no client can still send through one; busy ones are closed
        after their answer.
        """
        if self._listener is None or self.server is None:
            return
        self._listener.close()
        self._listener = None
        self._reserved = bind(self.port)
        for connection in self.server.connections_on(self.port):
            connection.shutdown()
        while any(each.transport.is_closing() for each in self.server.connections_on(self.port)):
            await asyncio.sleep(0.001)


def bind(port: int) -> socket.socket:
    """Bind a TCP socket on the loopback address; port 0 picks a free one.

    Raises:
        OSError: The port is taken.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock
