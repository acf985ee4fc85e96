"""The wire: connections that end in time, stay in step, and lead only where the connection's host points.

What http.client, urllib3 and requests do by themselves is not enough where each answer decides whether a person is texted
again:

* http.client takes an interim answer (102, 103) for the answer, so that the real one would be read for the next message;
* a socket's timeout limits each silence, not their sum: a byte now and then keeps a request going for ever;
* bytes beyond an answer's end may be another answer, and inside a TLS connection urllib3 does not see them;
* compressed answers are unpacked without limit, proxies are used for loopback, and ``~/.netrc`` adds a login.

A portal is trusted with a kept connection as long as it says exactly one answer to each request. A second answer that
arrives while the next request is already under way cannot be told from its answer by any HTTP/1.1 client.
"""

from __future__ import annotations

import http.client
import io
import logging
import re
import socket
import threading
import time
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.wait import wait_for_read

from .address import is_loopback

#: An answer is a few dozen bytes; more than this is not read, nor unpacked (bytes).
MAX_ANSWER = 64 * 1024
#: A whole request may take so many times the timeout, which limits connecting, the handshake and each silence.
PATIENCE = 3


class _RedactKey(logging.Filter):
    """Takes the API key out of urllib3's log lines, which show the balance URL (DEBUG, and a WARNING for bad headers)."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                re.sub(r"(?i)([?&]key=)[^&\s\"]+", r"\1***", arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True


# A filter works only on the logger that a line is written to, so each of those that show URLs gets it.
for _name in ("connection", "connectionpool", "poolmanager", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_RedactKey())


class _UnderWay(threading.local):
    """The request that this thread makes."""

    timeout: float = 30.0
    deadline: float = float("inf")
    excess = False  #: more than one answer has come to it
    stale = False  #: something had come unasked before it was made
    connection: Any = None  #: made for it

    def left(self) -> float:
        """Return how long to wait for the next byte (seconds).

        :raises TimeoutError: when the request's time is up.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        return min(self.timeout, left)


_under_way = _UnderWay()


class _TimedSocket(io.RawIOBase):
    """What a socket receives, until the request's time is up."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw = sock, raw
        self.at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.at_end:
            return None
        self._sock.settimeout(_under_way.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _AnswerStream(io.BufferedReader):
    """One answer's bytes; what was received beyond its end is noticed when it is closed."""

    raw: _TimedSocket

    def close(self) -> None:
        if not self.closed:
            self.raw.at_end = True  # from here on only what is in the buffer already
            if self.peek(1).strip(b"\r\n"):
                _under_way.excess = True
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that is read within the request's time, and that interim answers only precede."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = _AnswerStream(_TimedSocket(sock, self.fp.detach()))

    def begin(self) -> None:
        super().begin()
        while 100 <= self.status < 200 and self.status != 101:  # RFC 9110 15.2; after 101 it is HTTP no more
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()


class _Strict:
    """What is common to connections with and without TLS."""

    response_class: type[http.client.HTTPResponse] = _Answer
    sock: Any
    timeout: Any

    @property
    def is_connected(self) -> bool:
        if self.sock is None or not _is_readable(self.sock):
            return bool(super().is_connected)  # type: ignore[misc]
        _under_way.stale |= _holds_bytes(self.sock)
        return False

    def connect(self) -> None:
        self.timeout = _under_way.left()
        super().connect()  # type: ignore[misc]
        _under_way.connection = self

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(_under_way.left())
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        _under_way.excess = False
        return super().getresponse()  # type: ignore[misc]


def _is_readable(sock: Any, timeout: float = 0.0) -> bool:
    """Tell whether an idle connection has something to say, or has ended; TLS may have received it already."""
    pending = getattr(sock, "pending", None)
    return bool(pending and pending()) or wait_for_read(sock, timeout=timeout)


def _holds_bytes(sock: Any) -> bool:
    """Tell whether that is bytes of an answer that nobody asked for. The connection cannot be used afterwards."""
    try:
        sock.settimeout(0)
        return bool(sock.recv(1))
    except (OSError, ValueError):  # a ticket of TLS, or the end
        return False


class _Connection(_Strict, HTTPConnection):
    pass


class _TlsConnection(_Strict, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    """Makes these connections, one a thread, also through a proxy. Never sends anything twice."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=urllib3.Retry(0, read=False, redirect=0))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class StrictSession(requests.Session):
    """A session that follows no redirect, adds no login of its own, and uses no proxy for this machine itself.

    Even with ``allow_redirects=False`` requests reads a redirect's whole body and parses its address. That could take any
    time, and an error in there (InvalidURL) would look like that of a request that was never made.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        request.auth = request.auth or self.auth or _no_login  # else requests takes one from ~/.netrc
        return super().prepare_request(request)

    def merge_environment_settings(self, url: Any, *args: Any, **kwargs: Any) -> Any:
        settings = super().merge_environment_settings(url, *args, **kwargs)
        if is_loopback(urlsplit(url).hostname or ""):
            settings["proxies"] = {}
        return settings


class _Route(NamedTuple):
    """What the requests of a campaign have in common: each differs from the next in its body and cookies only.

    requests would take the address apart, merge headers, and decode every variable of the environment twice for each.

    :param bare: a request without a body.
    :param settings: what the environment says of proxies and certificates.
    """

    bare: requests.PreparedRequest
    settings: dict[str, Any]

    def request(self, cookies: Any, json: Any) -> requests.PreparedRequest:
        request = requests.PreparedRequest()
        request.method, request.url, request.hooks = self.bare.method, self.bare.url, self.bare.hooks
        request.headers = self.bare.headers.copy()
        request.prepare_body(None, None, json)
        request.prepare_cookies(cookies)
        return request


class Wire:
    """One thread's connection to a portal."""

    def __init__(self) -> None:
        self._session = StrictSession()
        self._session.headers["Accept-Encoding"] = "identity"
        self._routes: dict[tuple[str, str], _Route] = {}
        self._connection: Any = None
        adapter = _Adapter()
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        """Drop the kept connection; the next request makes a new one."""
        self._session.close()

    def _route(self, method: str, url: str) -> _Route:
        found = self._routes.get((method, url))
        if found is None:
            bare = self._session.prepare_request(requests.Request(method, url))
            bare.headers.pop("Cookie", None)
            settings = self._session.merge_environment_settings(bare.url, {}, stream=True, verify=None, cert=None)
            found = self._routes[method, url] = _Route(bare, settings)
        return found

    def _send(self, method: str, url: str, timeout: float, params: Any, json: Any) -> requests.Response:
        route = self._route(method, url)
        if params is None:
            request = route.request(self._session.cookies, json)
        else:  # these may hold the key: nothing is kept of them
            request = self._session.prepare_request(requests.Request(method, url, params=params, json=json))
        return self._session.send(request, timeout=(timeout, timeout), allow_redirects=False, **route.settings)

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Make one request, once; return the answer's status, headers and body.

        :param params: fields of the address.
        :param json: the body.
        :param timeout: seconds for connecting and for each silence; the whole takes at most :data:`PATIENCE` times as long.
        :raises requests.RequestException, urllib3.exceptions.HTTPError, OSError: whatever the wire throws.
        """
        _under_way.timeout, _under_way.deadline = timeout, time.monotonic() + PATIENCE * timeout
        _under_way.excess = _under_way.stale = False
        response: requests.Response | None = None
        try:
            response = self._send(method, url, timeout, params, json)
            body = _read(response)
            if _under_way.excess:
                raise requests.exceptions.ContentDecodingError("more than one answer")
            return response.status_code, response.headers, _unpack(body, response.headers)
        except BaseException:
            if response is not None:
                response.close()
            self.close()
            raise
        finally:
            if _under_way.connection is not None:
                self._connection, _under_way.connection = _under_way.connection, None
            if response is not None and response.status_code == 101:
                self.close()

    @property
    def is_out_of_step(self) -> bool:
        """Whether the last request showed more than one answer to a request; ask in the thread that made it."""
        return _under_way.excess or _under_way.stale

    @property
    def is_connected(self) -> bool:
        """Whether the last connection is kept."""
        return getattr(self._connection, "sock", None) is not None

    def listen(self, seconds: float) -> bool | None:
        """Tell whether the kept connection stays silent for so long: False for bytes that nobody asked for, None where the
        connection was not kept, or ends meanwhile."""
        if not self.is_connected:
            return None
        sock = self._connection.sock
        if not _is_readable(sock, seconds):
            return True
        return False if _holds_bytes(sock) else None


def _read(response: requests.Response) -> bytes:
    body = b""
    # Not iter_content(), which waits until its piece is full.
    while piece := response.raw.read1(8192, decode_content=False):
        body += piece
        if len(body) > MAX_ANSWER:
            raise requests.exceptions.ContentDecodingError("answer too long")
    return body


def _unpack(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Undo gzip and deflate, which are not asked for, within :data:`MAX_ANSWER`; urllib3 would unpack without limit."""
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise requests.exceptions.ContentDecodingError("an encoding that was not asked for")
    unpacker = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib, whichever it is
    try:
        plain = unpacker.decompress(body, MAX_ANSWER)
    except zlib.error:
        raise requests.exceptions.ContentDecodingError("damaged compression") from None
    if not unpacker.eof or unpacker.unused_data:
        raise requests.exceptions.ContentDecodingError("compression that does not end, or that more follows")
    return plain
