"""Serving the sandbox over real sockets: uvicorn, with the two things that faults need and it does not offer.

A request can reach its own connection (to reset it or to cut an answer off), and the gateway has a port of its own (see
:mod:`.door`) that can be closed and opened again while everything else goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .door import Door


class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's HTTP protocol, which tells each request its transport in ``scope["state"]``."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.local_port = transport.get_extra_info("sockname")[1]
        # uvicorn copies this dictionary into the scope of every request of the connection.
        self.app_state: dict[str, Any] = {**self.app_state, "transport": transport}


class Server(uvicorn.Server):
    """A uvicorn server for the app of :func:`.app.create_app`, with the gateway's own door beside the main port.

    *on_started* is called once, when both ports listen.
    """

    def __init__(self, app: FastAPI, door: Door, on_started: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            log_level="warning",
            access_log=False,
            # Hanging requests never end by themselves.
            timeout_graceful_shutdown=1,
            timeout_keep_alive=60,
            server_header=False,
        )
        super().__init__(config)
        self._door = door
        self._on_started = on_started

    def make_protocol(self) -> asyncio.Protocol:
        """Build a protocol for a connection at the door, as uvicorn does for its own sockets."""
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    def connections_on(self, port: int) -> list[Protocol]:
        """The open connections that came in through *port*."""
        connections = self.server_state.connections
        return [each for each in connections if isinstance(each, Protocol) and each.local_port == port]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening on the main port and at the door."""
        await super().startup(sockets)
        self._door.server = self
        await self._door.open()
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door, then end as uvicorn does."""
        await self._door.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM without raising the signal again afterwards, as uvicorn would: the exit code is ours."""
        previous = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
