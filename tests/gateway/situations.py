"""The situations of the error matrix: each brings up a portal (or none) that misbehaves in one way, over real sockets."""

from __future__ import annotations

import contextlib
import json
import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from tests.gateway.certificates import Authority
from tests.gateway.portals import (
    ACCEPTED,
    LOOPBACK,
    Portal,
    Script,
    Visit,
    answer,
    closed_port,
    full_backlog,
    replying,
    tunnelling,
)

#: The name of a portal that only a proxy knows the way to: for loopback itself no proxy is used.
BEHIND_PROXY = "portal.example.pk"


@dataclass(frozen=True)
class Scene:
    """Where the client is to send to.

    :param url: the portal's base URL.
    :param portal: whose POSTs count; None where there is nobody to count.
    :param bystander: a server that must not see anything.
    :param warm_up: messages that are accepted before the one that counts, on the same connection.
    """

    url: str
    portal: Portal | None = None
    bystander: Portal | None = None
    warm_up: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    send_parameters: Mapping[str, object] = field(default_factory=dict)


Situation = Callable[[Authority], AbstractContextManager[Scene]]


def portal(script: Script, *, warm_up: int = 0) -> Situation:
    """A portal without TLS."""

    @contextmanager
    def situation(_: Authority) -> Iterator[Scene]:
        with Portal(script) as server:
            yield Scene(server.url, server, warm_up=warm_up)

    return situation


def answering(status: int, body: object = b"", *headers: str, **how: bool) -> Situation:
    """A portal that reads the request and answers; a body that is no bytes goes as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return portal(replying(answer(status, raw, *headers), **how))


@contextmanager
def nobody_listens(_: Authority) -> Iterator[Scene]:
    with closed_port() as port:
        yield Scene(f"http://{LOOPBACK}:{port}")


@contextmanager
def unknown_name(_: Authority) -> Iterator[Scene]:
    yield Scene("https://portal.invalid")  # RFC 6761: never resolves


@contextmanager
def impossible_name(_: Authority) -> Iterator[Scene]:
    yield Scene(f"https://{'a' * 64}.pk")  # RFC 1035: a label has at most 63 octets


@contextmanager
def wildcard_name(_: Authority) -> Iterator[Scene]:
    yield Scene("https://*.robosms.pk")


@contextmanager
def unwritable_parameter(_: Authority) -> Iterator[Scene]:
    with Portal(replying(ACCEPTED)) as server:
        yield Scene(server.url, server, send_parameters={"unicode": float("nan")})


@contextmanager
def no_bundle(authority: Authority) -> Iterator[Scene]:
    with Portal(replying(ACCEPTED), tls=authority.server()) as server:
        yield Scene(server.url, server, environment={"REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem"})


@contextmanager
def no_answer_to_syn(_: Authority) -> Iterator[Scene]:
    with full_backlog() as port:
        yield Scene(f"http://{LOOPBACK}:{port}")


def tls(kind: str) -> Situation:
    """A portal with TLS whose certificate is *kind*: good, self-signed, expired or wrong-name."""

    @contextmanager
    def situation(authority: Authority) -> Iterator[Scene]:
        context = {
            "good": authority.server,
            "self-signed": authority.self_signed_server,
            "expired": lambda: authority.server(expired=True),
            "wrong-name": lambda: authority.server("portal.robosms.pk"),
        }[kind]()
        with Portal(replying(ACCEPTED), tls=context) as server:
            yield Scene(server.url, server, environment={"REQUESTS_CA_BUNDLE": str(authority.bundle)})

    return situation


def tls_portal(script: Script) -> Situation:
    """A portal with a good certificate that follows *script* after the handshake."""

    @contextmanager
    def situation(authority: Authority) -> Iterator[Scene]:
        with Portal(script, tls=authority.server()) as server:
            yield Scene(server.url, server, environment={"REQUESTS_CA_BUNDLE": str(authority.bundle)})

    return situation


def no_tls(script: Script) -> Situation:
    """A portal that is asked for TLS and does something else."""

    @contextmanager
    def situation(_: Authority) -> Iterator[Scene]:
        with Portal(script) as server:
            yield Scene(server.url.replace("http:", "https:"), server)

    return situation


def handshake_then(act: Callable[[Visit], None]) -> Situation:
    """A portal that reads the client's hello and then acts."""

    def script(visit: Visit) -> None:
        visit.connection.recv(65536)
        act(visit)

    return no_tls(script)


def redirecting(status: int, location: str | None = None) -> Situation:
    """A portal that sends the client elsewhere: to *location*, or to a bystander's send-message."""

    @contextmanager
    def situation(_: Authority) -> Iterator[Scene]:
        with Portal(replying(ACCEPTED)) as target:
            where = location if location is not None else f"{target.url}/api/send-message"
            with Portal(replying(answer(status, b"", f"Location: {where}"))) as server:
                yield Scene(server.url, server, bystander=target)

    return situation


@contextmanager
def bundle_without_certificates(authority: Authority) -> Iterator[Scene]:
    bundle = authority.bundle.with_name("no-certificates.pem")
    bundle.write_text("<html>Please log in</html>")
    with Portal(replying(ACCEPTED), tls=authority.server()) as server:
        yield Scene(server.url, server, environment={"REQUESTS_CA_BUNDLE": str(bundle)})


@contextmanager
def proxy_without_host(_: Authority) -> Iterator[Scene]:
    yield Scene(f"http://{BEHIND_PROXY}", environment={"HTTP_PROXY": "http://"})


@contextmanager
def proxy_beside_loopback(authority: Authority) -> Iterator[Scene]:
    """A portal on this machine: the environment's proxy is not for it, and must not see the key."""
    with Portal(replying(ACCEPTED)) as server, Portal(replying(ACCEPTED)) as proxy:
        scene = _behind(proxy.port, server, authority)
        yield Scene(server.url, server, bystander=proxy, environment={**scene.environment, "ALL_PROXY": proxy.url})


def proxied(script: Script | None, *, encrypted: bool = True) -> Situation:
    """A good portal behind a proxy that follows *script*; None for a proxy where nobody listens."""

    @contextmanager
    def situation(authority: Authority) -> Iterator[Scene]:
        context = authority.server(BEHIND_PROXY) if encrypted else None
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(Portal(replying(ACCEPTED), tls=context))
            proxy = closed_port() if script is None else _port_of(script)
            yield _behind(stack.enter_context(proxy), server, authority)

    return situation


@contextmanager
def proxy_drops_after_post(authority: Authority) -> Iterator[Scene]:
    """The portal reads the POST through the proxy's tunnel, then the tunnel breaks."""
    with (
        Portal(reads_then(Visit.hang), tls=authority.server(BEHIND_PROXY)) as server,
        Portal(tunnelling(cut_after_posts=server)) as proxy,
    ):
        yield _behind(proxy.port, server, authority)


@contextmanager
def forwarder_drops_after_post(authority: Authority) -> Iterator[Scene]:
    """A proxy without a tunnel reads the POST, which it may have passed on, and closes."""
    with Portal(reads_then(Visit.close)) as proxy:
        scene = _behind(proxy.port, proxy, authority)
        yield Scene(f"http://{BEHIND_PROXY}:9", proxy, environment=scene.environment)


@contextmanager
def _port_of(script: Script) -> Iterator[int]:
    with Portal(script) as server:
        yield server.port


def _behind(port: int, server: Portal, authority: Authority) -> Scene:
    proxy = f"http://{LOOPBACK}:{port}"
    environment = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "REQUESTS_CA_BUNDLE": str(authority.bundle)}
    return Scene(server.url.replace(LOOPBACK, BEHIND_PROXY), server, environment=environment)


# Scripts that several rows of the matrix need.


def reads_then(act: Callable[[Visit], None]) -> Script:
    """Read one request, then act."""

    def script(visit: Visit) -> None:
        visit.read()
        act(visit)

    return script


def says(raw: bytes) -> Script:
    """Read one request, send *raw* and close."""
    return reads_then(lambda visit: visit.write(raw))


def first_connection(script: Script) -> Script:
    """Accept one message on the first connection and then follow *script*; accept everything on later connections."""

    def both(visit: Visit) -> None:
        if visit.number > 1:
            replying(ACCEPTED)(visit)
            return
        visit.read()
        visit.write(ACCEPTED)
        script(visit)

    return both


def reset_on_request(visit: Visit) -> None:
    """Reset the connection as soon as a request arrives, without reading it."""
    select.select([visit.connection], [], [], 10)
    visit.reset()


def read_next_then_close(visit: Visit) -> None:
    """Read the next request and close the connection."""
    visit.read()
