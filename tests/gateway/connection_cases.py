"""Rows of the error matrix in which the connection fails, or never comes to be."""

from __future__ import annotations

from tests.gateway.case import FAILED, SENT, SHORT, UNKNOWN, Case
from tests.gateway.portals import ACCEPTED, ACCEPTED_BODY, Visit, answer, dripping, replying, tunnelling
from tests.gateway.situations import (
    bundle_without_certificates,
    first_connection,
    forwarder_drops_after_post,
    handshake_then,
    impossible_name,
    no_answer_to_syn,
    no_bundle,
    no_tls,
    nobody_listens,
    portal,
    proxied,
    proxy_beside_loopback,
    proxy_drops_after_post,
    proxy_without_host,
    read_next_then_close,
    reads_then,
    reset_on_request,
    says,
    tls,
    tls_portal,
    unknown_name,
    unwritable_parameter,
    wildcard_name,
)

CHUNKED = (
    b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
    + f"{len(ACCEPTED_BODY):x}\r\n".encode()
    + ACCEPTED_BODY
    + b"\r\n"
)

SECTIONS: dict[str, list[Case]] = {
    "No connection": [
        Case("nobody listens (connection refused)", FAILED, "refused", 0, {"refused": nobody_listens}),
        Case("the name does not resolve", FAILED, "dns", 0, {"dns": unknown_name}),
        Case(
            "no answer to connecting",
            FAILED,
            "connect_timeout",
            0,
            {"backlog": no_answer_to_syn},
            timeout=SHORT,
        ),
        Case(
            "no request can be built from the settings",
            FAILED,
            "invalid_request",
            0,
            {
                "impossible-name": impossible_name,
                "wildcard-name": wildcard_name,
                "proxy-without-host": proxy_without_host,
                "not-a-number": unwritable_parameter,
            },
        ),
    ],
    "Encryption": [
        Case(
            "the certificate is self-signed, expired or of another name",
            FAILED,
            "certificate",
            0,
            {kind: tls(kind) for kind in ("self-signed", "expired", "wrong-name")},
        ),
        Case(
            "REQUESTS_CA_BUNDLE names a file that is not there, or that holds no certificates",
            FAILED,
            "ca_bundle",
            0,
            {"bundle": no_bundle, "html": bundle_without_certificates},
        ),
        Case(
            "the portal answers the handshake with something else",
            UNKNOWN,
            "tls_error",
            0,
            {
                "noise": handshake_then(lambda visit: visit.write(b"\x00noise" * 20)),
                "plain-http": handshake_then(lambda visit: visit.write(answer(400, b"speak HTTP"))),
                "alert": handshake_then(lambda visit: visit.write(b"\x15\x03\x03\x00\x02\x02\x28")),
                "closed": handshake_then(Visit.close),
            },
        ),
        Case(
            "the connection is reset during the handshake",
            UNKNOWN,
            "connection_lost",
            0,
            {"reset": handshake_then(Visit.reset)},
        ),
        Case(
            "silence during the handshake",
            UNKNOWN,
            "read_timeout",
            0,
            {"hang": no_tls(Visit.hang)},
            timeout=SHORT,
        ),
        Case("all is well", SENT, "code", 1, {"tls": tls("good")}, code="000"),
    ],
    "Proxy": [
        Case(
            "nobody listens where the proxy should be",
            FAILED,
            "refused",
            0,
            {"closed": proxied(None), "unencrypted": proxied(None, encrypted=False)},
        ),
        Case(
            "the proxy refuses to connect (403, 502 to CONNECT)",
            FAILED,
            "proxy",
            0,
            {str(status): proxied(says(answer(status))) for status in (403, 502)},
        ),
        Case(
            "the proxy asks for a login (407 to CONNECT)",
            FAILED,
            "proxy_login",
            0,
            {"407": proxied(says(answer(407)))},
        ),
        Case(
            "the proxy answers CONNECT byte by byte",
            UNKNOWN,
            "read_timeout",
            0,
            {"drip": proxied(dripping(b"HTTP/1.1 ", b"2" * 300, pause=0.05))},
            timeout=SHORT,
        ),
        Case(
            "the portal is this machine: no proxy is used", SENT, "code", 1, {"loopback": proxy_beside_loopback}, "000"
        ),
        Case(
            "the proxy hangs up on CONNECT",
            UNKNOWN,
            "connection_lost",
            0,
            {"closed": proxied(reads_then(Visit.close)), "reset": proxied(reads_then(Visit.reset))},
        ),
        Case(
            "silence after CONNECT",
            UNKNOWN,
            "read_timeout",
            0,
            {"hang": proxied(reads_then(Visit.hang))},
            timeout=SHORT,
        ),
        Case(
            "the proxy drops the connection after it passed the request on",
            UNKNOWN,
            "connection_lost",
            1,
            {"tunnel": proxy_drops_after_post, "forwarder": forwarder_drops_after_post},
        ),
        Case(
            "a proxy without tunnel answers 502 or 503 itself",
            UNKNOWN,
            "server_error",
            0,
            {str(status): proxied(says(answer(status)), encrypted=False) for status in (502, 503)},
        ),
        Case("all is well", SENT, "code", 1, {"tunnel": proxied(tunnelling())}, code="000"),
    ],
    "Silence": [
        Case(
            "no answer; the portal has not read the request",
            UNKNOWN,
            "read_timeout",
            0,
            {"before": portal(Visit.hang)},
            timeout=SHORT,
        ),
        Case(
            "no answer, or only the beginning of one; the portal has read the request",
            UNKNOWN,
            "read_timeout",
            1,
            {
                "after": portal(reads_then(Visit.hang)),
                "in-head": portal(dripping(ACCEPTED[:20], b"", pause=0)),
                "in-body": portal(dripping(ACCEPTED[:-20], b"", pause=0)),
                "in-chunks": portal(
                    dripping(b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n', b"", pause=0)
                ),
                "drip-status-line": portal(dripping(b"HTTP/1.1 200 ", b"x" * 500, pause=0.05)),
                "drip-headers": portal(dripping(b"HTTP/1.1 200 X\r\n", b"A: b\r\n" * 99, pause=0.05)),
                "drip-interim": portal(dripping(b"", b"HTTP/1.1 102 X\r\n\r\n" * 30, pause=0.02)),
                "drip-continue": portal(dripping(b"", b"HTTP/1.1 100 X\r\n\r\n" * 30, pause=0.02)),
                "drip-chunk-size": portal(
                    dripping(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 500, pause=0.05)
                ),
                "drip-trailers": portal(dripping(CHUNKED + b"0\r\n", b"A: b\r\n" * 99, pause=0.05)),
                "drip": portal(dripping(answer(200, b"", length=500), b" " * 500, pause=0.05)),
                "drip-in-tls": tls_portal(dripping(b"HTTP/1.1 200 ", b"x" * 500, pause=0.05)),
                "drip-in-chunks": portal(
                    dripping(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 99, pause=0.05)
                ),
                "drip-with-redirect": portal(
                    dripping(answer(302, b"", "Location: /x", length=500), b" " * 500, pause=0.05)
                ),
            },
            timeout=SHORT,
        ),
    ],
    "Broken connections": [
        Case(
            "reset when the request arrives, before the portal has read it",
            UNKNOWN,
            "connection_lost",
            0,
            {"reset": portal(reset_on_request)},
        ),
        Case(
            "closed or reset after the portal has read the request",
            UNKNOWN,
            "connection_lost",
            1,
            {"closed": portal(reads_then(Visit.close)), "reset": portal(reads_then(Visit.reset))},
        ),
        Case(
            "closed in the middle of the answer's body",
            UNKNOWN,
            "connection_lost",
            1,
            {
                "in-body": portal(says(ACCEPTED[:-20])),
                "no-body": portal(says(answer(200, b"", length=40))),
                "in-chunks": portal(says(b'HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"co')),
            },
        ),
        Case(
            "an answer that is not HTTP",
            UNKNOWN,
            "connection_lost",
            1,
            {
                "smtp": portal(says(b"220 mail.example.pk ESMTP\r\n")),
                "status-line": portal(says(b"HTTP/1.1 OK\r\n\r\n")),
                "binary": portal(says(bytes(range(256)))),
                "chunk-length": portal(says(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")),
            },
        ),
    ],
    "Connections that were kept alive": [
        Case(
            "closed by the portal since: a new connection is made",
            SENT,
            "code",
            1,
            {
                "announced": portal(replying(answer(200, ACCEPTED_BODY, "Connection: close"), close=True), warm_up=1),
                "silently": portal(first_connection(Visit.close), warm_up=1),
                "reset": portal(first_connection(Visit.reset), warm_up=1),
            },
            code="000",
        ),
        Case(
            "reset at the moment in which the next request arrives",
            UNKNOWN,
            "connection_lost",
            0,
            {"race": portal(first_connection(reset_on_request), warm_up=1)},
        ),
        Case(
            "closed after the next request was read",
            UNKNOWN,
            "connection_lost",
            1,
            {"read": portal(first_connection(read_next_then_close), warm_up=1)},
        ),
        Case("all is well", SENT, "code", 1, {"kept": portal(replying(ACCEPTED), warm_up=3)}, code="000"),
    ],
}
