"""Portals made of raw sockets: what a well-behaved HTTP server cannot be brought to do, on 127.0.0.1 and free ports."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    """One request that a portal has read to its end."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class Visit:
    """One connection, as a script sees it."""

    def __init__(self, portal: Portal, connection: socket.socket, number: int) -> None:
        self.portal = portal
        self.connection = connection
        self.number = number
        self._file = connection.makefile("rb")

    def read(self) -> Request | None:
        """Read and count the next request; None when the client has closed the connection."""
        line = self._file.readline()
        if not line:
            return None
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while (field := self._file.readline().strip()) != b"":
            name, _, value = field.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self._file.read(int(headers.get("content-length", "0")))
        request = Request(method, path, headers, body, time.monotonic())
        self.portal.requests.append(request)
        return request

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(data)

    def reset(self) -> None:
        """Tear the connection down with RST, whatever is unread."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close the connection (FIN)."""
        self._file.close()
        self.connection.close()

    def hang(self) -> None:
        """Say nothing until the portal ends."""
        self.portal.ended.wait(30)


Script = Callable[[Visit], None]


class Portal:
    """Runs *script* for each connection, in a thread of its own; the connection is closed after it.

    :param tls: with it, the portal speaks TLS, and the script begins after the handshake.
    """

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.ended = threading.Event()
        self._script = script
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server((LOOPBACK, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{LOOPBACK}:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def posts(self) -> int:
        """How many POSTs were read to their end."""
        return sum(request.method == "POST" for request in self.requests)

    def __enter__(self) -> Portal:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        # shutdown() wakes threads that wait in accept() or recv(); close() would not.
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        # The client leaves in the middle in most of these scripts; what it made of that is what the tests look at.
        with contextlib.suppress(OSError, ValueError):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            visit = Visit(self, connection, number)
            try:
                self._script(visit)
            finally:
                visit.close()


def answer(status: int = 200, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Build an answer; *length* is what Content-Length says, the truth by default."""
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


ACCEPTED_BODY = b'{"status":"success","code":"000","message_id":"RSMS-1"}'
ACCEPTED = answer(200, ACCEPTED_BODY)


def replying(raw: bytes, *, warm_up: int = 0, close: bool = False) -> Script:
    """Read each request and answer with *raw*; the first *warm_up* requests of a connection are accepted instead.

    :param close: whether the connection is closed after *raw*.
    """

    def script(visit: Visit) -> None:
        answered = 0
        while visit.read():
            visit.write(ACCEPTED if answered < warm_up else raw)
            answered += 1
            if close and answered > warm_up:
                return

    return script


def dripping(first: bytes, rest: bytes, *, pause: float) -> Script:
    """Read a request, answer with *first* at once and with *rest* byte by byte, *pause* seconds apart."""

    def script(visit: Visit) -> None:
        visit.read()
        visit.write(first)
        for byte in rest:
            if visit.portal.ended.wait(pause):
                return
            visit.write(bytes([byte]))
        visit.hang()

    return script


def tunnelling(*, cut_after_posts: Portal | None = None) -> Script:
    """A proxy that takes CONNECT, to any name at all, and passes bytes on to this machine.

    :param cut_after_posts: a portal; once it has read a POST, the proxy drops the client's connection.
    """

    def script(visit: Visit) -> None:
        request = visit.read()
        assert request is not None
        port = request.path.rpartition(":")[2]
        with socket.create_connection((LOOPBACK, int(port)), timeout=5) as onward:
            visit.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pump(visit, onward, cut_after_posts)

    return script


def _pump(visit: Visit, onward: socket.socket, cut_after_posts: Portal | None) -> None:
    pairs = {visit.connection: onward, onward: visit.connection}
    while not visit.portal.ended.is_set():
        readable, _, _ = select.select(list(pairs), [], [], 0.01)
        if cut_after_posts is not None and cut_after_posts.posts:
            return
        for source in readable:
            data = source.recv(65536)
            if not data:
                return
            pairs[source].sendall(data)


@contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens and that nobody else can take meanwhile."""
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        yield sock.getsockname()[1]


@contextmanager
def full_backlog() -> Iterator[int]:
    """A port that listens with a full backlog: the kernel drops every further SYN, so that connecting times out."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        for _ in range(16):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            if not select.select([], [client], [], 0.1)[1]:
                break
        else:
            raise RuntimeError("This kernel's backlog does not fill up.")
        yield listener.getsockname()[1]
