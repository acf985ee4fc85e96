"""What an exception proves about a message, that came instead of an answer.

Proof of "not sent" comes from urllib3's own structure, after unwrapping what requests wrapped:

* ``ConnectTimeoutError`` and its subclasses ``NewConnectionError`` and ``NameResolutionError``: no connection existed.
* ``ssl.SSLCertVerificationError``: the handshake was refused by us, before any request was written.
* three plain ``OSError`` that have no class of their own: see :data:`PLAIN_PROOFS`.
* an ``ssl.SSLError`` that certificates could not be loaded: it comes before the handshake.
* errors that requests and urllib3 raise while they prepare a request (a bad URL or body): no socket was opened.

Everything else (reset, broken pipe, cut or undecodable answer, read timeout, other TLS alerts) can happen after the
request was written. A keep-alive connection that the server closed looks the same as a reset after reading.

Two classes look like proofs and are none. ``ProxyError``: urllib3 raises it for any connection through a proxy that is
closed by now, also when the proxy hung up after it had passed the request on. ``InvalidHeader``: urllib3 raises it for the
*answer's* headers, too (two different Content-Lengths).

Apart from :mod:`.evidence`, so that whoever only needs its words does not load requests.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3

#: Exception class -> reason, first match along the unwrapped chain wins; the order is from the most telling inwards.
PROOFS: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "certificate"),
    (urllib3.exceptions.NameResolutionError, "dns"),
    (urllib3.exceptions.NewConnectionError, "refused"),
    (urllib3.exceptions.ConnectTimeoutError, "connect_timeout"),
    (requests.exceptions.InvalidURL, "invalid_request"),
    (requests.exceptions.MissingSchema, "invalid_request"),
    (requests.exceptions.InvalidSchema, "invalid_request"),
    (requests.exceptions.InvalidJSONError, "invalid_request"),
    (urllib3.exceptions.LocationValueError, "invalid_request"),
)

#: How the text of a plain OSError begins -> reason, first match wins: that of http.client when a proxy refuses CONNECT, so
#: that there is no tunnel to write into; and that of requests when REQUESTS_CA_BUNDLE leads nowhere.
PLAIN_PROOFS: tuple[tuple[str, str], ...] = (
    ("Tunnel connection failed: 407", "proxy_login"),
    ("Tunnel connection failed: ", "proxy"),
    ("Could not find a suitable TLS CA certificate bundle", "ca_bundle"),
)

#: OpenSSL's reasons when it finds no certificates in a file that it is to trust: no handshake was begun.
_NO_CERTIFICATES = frozenset({"NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE", "BAD_BASE64_DECODE", "BAD_END_LINE"})

#: The rest, all UNKNOWN: the class only chooses the words.
DOUBTS: tuple[tuple[type[BaseException], str], ...] = (
    (urllib3.exceptions.ReadTimeoutError, "read_timeout"),
    (requests.exceptions.Timeout, "read_timeout"),
    (TimeoutError, "read_timeout"),
    (urllib3.exceptions.DecodeError, "bad_answer"),
    (requests.exceptions.ContentDecodingError, "bad_answer"),
    (requests.exceptions.JSONDecodeError, "bad_answer"),
    (requests.exceptions.InvalidHeader, "bad_answer"),
    (urllib3.exceptions.InvalidHeader, "bad_answer"),
    (urllib3.exceptions.IncompleteRead, "connection_lost"),
    (requests.exceptions.ChunkedEncodingError, "connection_lost"),
    (urllib3.exceptions.ProtocolError, "connection_lost"),
    (urllib3.exceptions.SSLError, "tls_error"),
    (requests.exceptions.SSLError, "tls_error"),
    (ssl.SSLError, "tls_error"),
    (requests.exceptions.ConnectionError, "connection_lost"),
    (OSError, "connection_lost"),
)


def _unwrap(exc: BaseException) -> Iterator[BaseException]:
    """Yield *exc* and everything that requests and urllib3 wrapped in it, each once."""
    pending: list[object] = [exc]
    seen: set[int] = set()
    while pending:
        item = pending.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        # Not __context__: that may be somebody else's error, when a message is sent while an exception is being handled.
        pending += [getattr(item, "reason", None), getattr(item, "original_error", None), *item.args, item.__cause__]


def reason_of_exception(exc: BaseException) -> str:
    """Return the reason (a key of :data:`.evidence.REASONS`) for an exception that came out of a send.

    Proof of "not sent" must hold for the *innermost* story, so a chain that also holds a doubt (for instance a read
    timeout that was retried into a refused connection) stays a doubt.
    """
    chain = list(_unwrap(exc))
    doubt = (
        urllib3.exceptions.ReadTimeoutError,
        urllib3.exceptions.ProtocolError,
        requests.exceptions.JSONDecodeError,  # an InvalidJSONError, but about the answer
    )
    if not any(isinstance(item, doubt) for item in chain):
        for kind, reason in PROOFS:
            if any(isinstance(item, kind) for item in chain):
                return reason
        for beginning, reason in PLAIN_PROOFS:
            if any(type(item) is OSError and str(item).startswith(beginning) for item in chain):
                return reason
        if any(isinstance(item, ssl.SSLError) and getattr(item, "reason", None) in _NO_CERTIFICATES for item in chain):
            return "ca_bundle"
    for kind, reason in DOUBTS:
        if any(isinstance(item, kind) for item in chain):
            return reason
    return "error"


#: Reason -> what is wrong with the way to a server, and what to do; the portal and Google share these words.
_ON_THE_WAY: dict[str, str] = {
    "refused": "no connection to {whom} could be made: check the address and this machine's network",
    "dns": "the name of {whom} could not be resolved: check the address and this machine's DNS",
    "connect_timeout": "{whom} did not accept a connection in time: check the address and this machine's network",
    "certificate": "the TLS certificate of {whom} could not be verified: where a network has a certificate authority of its "
    "own, name its file in REQUESTS_CA_BUNDLE on every worker",
    "ca_bundle": "the file of certificates that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names cannot be used: fix or unset it",
    "proxy": "the proxy refused to connect to {whom}: let it, or name {whom} in NO_PROXY",
    "proxy_login": "the proxy asks for a user name and password (HTTP 407): put them into HTTPS_PROXY",
    "invalid_request": "the request could not be built from the connection's settings: check them",
    "read_timeout": "{whom} did not answer in time: try again later",
    "bad_answer": "the answer of {whom} could not be read: check the address",
}


#: Of these, those that do not clear by waiting.
NEEDS_A_PERSON = frozenset({"certificate", "ca_bundle", "proxy_login", "invalid_request"})


def trouble_on_the_way(exc: BaseException, whom: str) -> str:
    """Return what an exception says of the way to *whom*, with what to do, as the second half of a sentence.

    :param whom: whose server it was, such as ``Google``.
    """
    words = _ON_THE_WAY.get(reason_of_exception(exc), "the connection to {whom} broke: check this machine's network")
    return words.format(whom=whom)
