"""The client on real sockets: answers stay with their requests, cost little, and nothing is added to a request."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
from collections.abc import Callable
from threading import Barrier

import pytest

from airflow_provider_robosms.gateway import client as client_module
from airflow_provider_robosms.gateway import wire
from airflow_provider_robosms.gateway.client import GatewayClient
from airflow_provider_robosms.gateway.outcome import Status
from tests.gateway.portals import ACCEPTED, Portal, Visit, answer, replying
from tests.gateway.test_client import NUMBER, account


@pytest.fixture
def portal():
    with Portal(replying(ACCEPTED)) as server:
        yield server


# Answers stay in step with requests.


def named(request, code: str = "000") -> bytes:
    """The answer to a request, named after its text."""
    name = json.loads(request.body)["message"]
    return answer(200, json.dumps({"code": code, "message_id": f"for-{name}"}).encode())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ids(portal: Portal, count: int, **fields: object) -> list[str | None]:
    client = GatewayClient(account(portal.url, **fields))
    client._was_silent = True  # as after the first quarter of a second
    return [client.send([NUMBER], str(index)).message_id for index in range(count)]


@pytest.mark.parametrize("status", [102, 103])
def test_an_interim_answer_shifts_no_answer(status):
    def script(visit: Visit) -> None:
        while request := visit.read():
            visit.write(f"HTTP/1.1 {status} X\r\nLink: </x>\r\n\r\n".encode())
            visit.portal.ended.wait(0.01)
            visit.write(named(request))

    with Portal(script) as portal:
        assert ids(portal, 10) == [f"for-{index}" for index in range(10)]
        assert portal.connections == 1


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_second_answer_is_never_the_next_messages(later, encrypted, authority, monkeypatch, caplog):
    """Of the 20 KiB behind the first answer, TLS keeps a part where no look at the socket shows it."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    # With *later* the second answer is written once the first has been read, and is there when the client goes on.
    first_is_read, second_is_written = Barrier(2, timeout=10), Barrier(2, timeout=10)
    read = wire._read

    def read_first(response):
        try:
            return read(response)
        finally:
            first_is_read.wait()
            second_is_written.wait()

    if later:
        monkeypatch.setattr(wire, "_read", read_first)

    def script(visit: Visit) -> None:
        while request := visit.read():
            first, second = named(request), answer(200, b'{"code": "101"}' + b" " * 20_000)
            visit.write(first if later else first + second)
            if later:
                first_is_read.wait()
                visit.write(second)
                second_is_written.wait()

    with Portal(script, tls=authority.server() if encrypted else None) as portal:
        client = GatewayClient(account(portal.url))
        results = [client.send([NUMBER], str(index)) for index in range(5)]
        wait_for(lambda: client._spoke_twice)
        assert portal.connections == 5
    expected = "code" if later else "bad_answer"
    assert {result.reason for result in results} == {expected}
    assert [result.message_id for result in results if later] == [f"for-{index}" for index in range(5) if later]
    assert caplog.text.count("more than one answer to a request") == 1


def test_no_connection_is_used_twice_before_the_portal_is_known_to_keep_step(portal, monkeypatch):
    """And no message waits for that."""
    monkeypatch.setattr(client_module, "PROBATION", 60.0)
    client = GatewayClient(account(portal.url))
    for _ in range(5):
        client.send([NUMBER], "Salam")
    assert (portal.posts, portal.connections) == (5, 5)


def test_a_portal_that_keeps_step_is_listened_to_once(portal, monkeypatch):
    monkeypatch.setattr(client_module, "PROBATION", 0.05)
    client = GatewayClient(account(portal.url))
    client.send([NUMBER], "Salam")
    wait_for(lambda: client._keeps_step)
    for _ in range(10):
        client.send([NUMBER], "Salam")
    assert (portal.posts, portal.connections) == (11, 2)


def test_what_one_thread_hears_no_other_takes_back(portal, monkeypatch):
    """A connection was silent, and before that counts another one said two answers."""
    client = GatewayClient(account(portal.url))
    listen = wire.Wire.listen

    def meanwhile(self, seconds):
        silent = listen(self, 0.0)
        client._distrust()
        return silent

    monkeypatch.setattr(wire.Wire, "listen", meanwhile)
    client.send([NUMBER], "Salam")
    wait_for(lambda: client._was_silent)
    client.send([NUMBER], "Salam")
    client.send([NUMBER], "Salam")
    assert (portal.posts, portal.connections) == (3, 3)


def test_an_answer_that_comes_while_a_connection_is_listened_to_costs_it_the_trust(caplog):
    def script(visit: Visit) -> None:
        while request := visit.read():
            visit.write(named(request))
            visit.portal.ended.wait(0.05)
            visit.write(named(request))

    with Portal(script) as portal:
        client = GatewayClient(account(portal.url))
        assert client.send([NUMBER], "0").message_id == "for-0"
        wait_for(lambda: client._spoke_twice)
        assert [client.send([NUMBER], str(index)).message_id for index in range(1, 4)] == ["for-1", "for-2", "for-3"]
        assert portal.connections == 4
    assert caplog.text.count("more than one answer to a request") == 1


def test_a_portal_that_was_out_of_step_once_gets_a_connection_for_each_message():
    def script(visit: Visit) -> None:
        while request := visit.read():
            visit.write(named(request) * (2 if portal.posts == 2 else 1))

    with Portal(script) as portal:
        assert ids(portal, 6) == ["for-0", None, "for-2", "for-3", "for-4", "for-5"]
        assert portal.connections == 5


def test_an_answer_behind_101_is_never_the_next_messages():
    def script(visit: Visit) -> None:
        first = portal.posts == 0
        while request := visit.read():
            visit.write(b"HTTP/1.1 101 X\r\n\r\n" if first else named(request))
            if first:
                visit.portal.ended.wait(0.05)
                visit.write(named(request))

    with Portal(script) as portal:
        assert ids(portal, 3) == [None, "for-1", "for-2"]
        assert portal.connections == 2


# What it costs, and what it asks for.


def test_a_compressed_answer_costs_no_more_than_a_long_one():
    """Some bytes that unpack to very many."""
    bomb = gzip.compress(b" " * 50_000_000)
    raws = [answer(200, bomb, f"Content-Encoding: {name}") for name in ("gzip", "deflate", "gzip, gzip", "br")]
    for raw in raws:
        with Portal(replying(raw)) as portal:
            client = GatewayClient(account(portal.url))
            tracemalloc.start()
            assert client.send([NUMBER], "Salam").reason == "bad_answer"
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 3_000_000
        assert portal.requests[0].headers["accept-encoding"] == "identity"


def test_no_login_of_netrc_is_added(portal, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password of-somewhere-else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    GatewayClient(account(portal.url)).send([NUMBER], "Salam")
    assert "authorization" not in portal.requests[0].headers


def test_unicode_is_said_of_each_text(portal):
    client = GatewayClient(
        account(portal.url, send_parameters={"unicode": 5}, is_unicode=lambda text: not text.isascii())
    )
    for text in ("Salam", "سلام"):
        client.send([NUMBER], text)
    client.send([NUMBER, "923001234568"], "سلام")
    assert [json.loads(request.body)["unicode"] for request in portal.requests] == [0, 1, 1]


def test_the_probe_names_nobody_and_says_nothing(portal):
    assert GatewayClient(account(portal.url, send_parameters={"type": "x"})).probe().code == "000"
    assert portal.requests[0].method == "POST"
    assert json.loads(portal.requests[0].body) == {
        "type": "x",
        "email": "demo@example.pk",
        "key": "KEY",
        "mask": "SMS-ALERT",
    }


@pytest.mark.parametrize("status", [404, 405, 410])
def test_an_address_that_takes_no_messages_is_named(status):
    with Portal(replying(answer(status))) as portal:
        result = GatewayClient(account(portal.url)).send([NUMBER], "Salam")
    assert f"{portal.url}/api/send-message" in str(result.stop)
    assert f"HTTP {status}" in str(result.stop)
    assert result.permanent
    assert result.account_level
    assert result.status is Status.FAILED
