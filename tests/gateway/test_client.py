"""The client on real sockets: what it writes, how long it waits, which connections it uses."""

from __future__ import annotations

import email.utils
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway import client as client_module
from airflow_provider_robosms.gateway.client import GatewayClient
from airflow_provider_robosms.gateway.outcome import Status
from airflow_provider_robosms.gateway.protocol import Account
from tests.gateway.portals import ACCEPTED, ACCEPTED_BODY, Portal, Visit, answer, full_backlog, replying
from tests.gateway.situations import reads_then

NUMBER = "923001234567"


def account(url: str, **fields: object) -> Account:
    return Account(**{"email": "demo@example.pk", "key": "KEY", "host": url, "mask": "SMS-ALERT", **fields})


@pytest.fixture
def portal():
    with Portal(replying(ACCEPTED)) as server:
        yield server


# What is written.

# The vendor's JSON example: its fields in its order. Blanks between them are how Python writes JSON, and mean nothing.
SINGLE = (
    b'{"email": "demo@example.pk", "key": "KEY", "mask": "SMS-ALERT", '
    b'"to": "923001234567", "message": "Your OTP is 123456"}'
)
# Likewise the vendor's bulk example, which is a form.
BULK = (
    b'{"email": "demo@example.pk", "key": "KEY", "mask": "SMS-ALERT", '
    b'"to": "923151231015,923151231016", "message": "Sale today", "multiple": "1"}'
)


def test_a_single_send_byte_by_byte(portal):
    result = GatewayClient(account(portal.url)).send([NUMBER], "Your OTP is 123456")
    (request,) = portal.requests
    assert (request.method, request.path, request.body) == ("POST", "/api/send-message", SINGLE)
    assert request.headers["content-type"] == "application/json"
    assert (result.status, result.code, result.message_id) == (Status.SENT, "000", "RSMS-1")


def knowing(url: str) -> GatewayClient:
    """Return a client that has seen for a quarter of a second that the portal says one answer to each request."""
    client = GatewayClient(account(url))
    client._was_silent = True
    return client


def test_a_bulk_send_byte_by_byte(portal):
    GatewayClient(account(portal.url)).send(["923151231015", "923151231016"], "Sale today")
    assert portal.requests[0].body == BULK


def test_one_number_can_be_a_bulk_group_too(portal):
    client = GatewayClient(account(portal.url))
    client.send([NUMBER], "Salam", multiple=True)
    client.send([NUMBER], "Salam")
    assert [json.loads(request.body).get("multiple") for request in portal.requests] == ["1", None]
    assert json.loads(portal.requests[0].body)["to"] == NUMBER


def test_later_requests_differ_in_body_and_cookies_only():
    """What they have in common is put together once; a cookie (a load balancer's) may come and go."""

    def cookies(visit: Visit) -> None:
        for field in ("Set-Cookie: node=7", "Set-Cookie: node=8", "Set-Cookie: node=; Max-Age=0", "X: y"):
            visit.read()
            visit.write(answer(200, ACCEPTED_BODY, field))

    with Portal(cookies) as portal:
        client = knowing(portal.url)
        for number in ("1", "22", "333", "4444"):
            client.send([number], "Salam")
    told = [request.headers.pop("cookie", None) for request in portal.requests]
    assert told == [None, "node=7", "node=8", None]
    bodies = [request.body for request in portal.requests]
    assert [json.loads(body)["to"] for body in bodies] == ["1", "22", "333", "4444"]
    assert [int(request.headers.pop("content-length")) for request in portal.requests] == [*map(len, bodies)]
    assert len({(request.method, request.path, *request.headers.items()) for request in portal.requests}) == 1


def test_the_environment_is_asked_for_proxies_once(portal, monkeypatch):
    """It is some eighty variables, which Python decodes anew each time; and a campaign does not change its way half-way."""
    asked = []
    monkeypatch.setattr("requests.sessions.get_environ_proxies", lambda url, no_proxy=None: asked.append(url) or {})
    client = knowing(portal.url)
    for _ in range(3):
        client.send([NUMBER], "Salam")
    assert len(asked) == 1


def test_any_text_arrives_as_it_was_given(portal):
    texts = [
        "سلام، آپ کا آرڈر تیار ہے",
        "😀" * 3,
        'quote " backslash \\ newline \n tab \t',
        "\x00\x7f\u2028",
        "a&b=c+d%20",
    ]
    client = GatewayClient(account(portal.url))
    for text in texts:
        client.send([NUMBER], text)
    assert [json.loads(request.body)["message"] for request in portal.requests] == texts
    assert all(request.body.isascii() for request in portal.requests)


def test_send_parameters_come_along_and_replace_nothing(portal):
    own = {"unicode": 1, "type": "promotional", "message": "not this", "to": "920000000000"}
    GatewayClient(account(portal.url, send_parameters=own)).send([NUMBER], "Salam")
    assert json.loads(portal.requests[0].body) == {
        "unicode": 1,
        "type": "promotional",
        "email": "demo@example.pk",
        "key": "KEY",
        "mask": "SMS-ALERT",
        "to": NUMBER,
        "message": "Salam",
    }


def test_the_mask_of_the_call_goes_before_the_accounts(portal):
    client = GatewayClient(account(portal.url))
    client.send([NUMBER], "Salam", "RoboSMS")
    client.send([NUMBER], "Salam")
    assert [json.loads(request.body)["mask"] for request in portal.requests] == ["RoboSMS", "SMS-ALERT"]


def test_without_a_mask_nothing_is_sent(portal):
    client = GatewayClient(account(portal.url, mask=None))
    with pytest.raises(RoboSmsError, match="No sender mask is set") as caught:
        client.send([NUMBER], "Salam")
    assert caught.value.permanent
    assert portal.connections == 0
    assert client.send([NUMBER], "Salam", "RoboSMS").status is Status.SENT


def test_the_balance_is_a_get_with_the_key_encoded():
    body = {"sms": {"code": "000", "balance": "12.50", "username": "u", "message_rates": "0.50"}}
    with Portal(replying(answer(200, json.dumps(body).encode()))) as portal:
        balance = GatewayClient(account(portal.url, key="a&b=c +/")).balance()
    assert [(request.method, request.path) for request in portal.requests] == [
        ("GET", "/api/check-balance?key=a%26b%3Dc+%2B%2F")
    ]
    assert (str(balance.amount), str(balance.rate), balance.username, balance.parts_affordable) == (
        "12.50",
        "0.50",
        "u",
        25,
    )


# How long it waits.


def timed(client: GatewayClient) -> tuple[str, float]:
    began = time.monotonic()
    reason = client.send([NUMBER], "Salam").reason
    return reason, time.monotonic() - began


def test_the_timeout_is_for_connecting():
    with full_backlog() as port:
        reason, seconds = timed(GatewayClient(account(f"http://127.0.0.1:{port}", timeout=0.7)))
    assert reason == "connect_timeout"
    assert 0.7 <= seconds < 1.5


def test_the_timeout_is_for_reading():
    with Portal(reads_then(Visit.hang)) as portal:
        reason, seconds = timed(GatewayClient(account(portal.url, timeout=0.7)))
    assert reason == "read_timeout"
    assert 0.7 <= seconds < 1.5


def test_an_answer_within_the_timeout_is_waited_for():
    def slowly(visit: Visit) -> None:
        visit.read()
        for half in (ACCEPTED[:60], ACCEPTED[60:]):
            visit.portal.ended.wait(0.5)
            visit.write(half)

    with Portal(slowly) as portal:
        reason, seconds = timed(GatewayClient(account(portal.url, timeout=0.8)))
    assert reason == "code"
    assert 1.0 <= seconds < 2.0


def test_retry_after_as_a_date_to_come():
    date = email.utils.formatdate(time.time() + 60, usegmt=True)
    with Portal(replying(answer(429, b"", f"Retry-After: {date}"))) as portal:
        result = GatewayClient(account(portal.url)).send([NUMBER], "Salam")
    assert result.retry_after == pytest.approx(60, abs=5)


# Which connections it uses.


def test_one_thread_uses_one_connection(portal):
    client = knowing(portal.url)
    assert {client.send([NUMBER], "Salam").code for _ in range(20)} == {"000"}
    assert (portal.posts, portal.connections) == (20, 1)


def test_an_idle_connection_is_not_used_again(portal, monkeypatch):
    monkeypatch.setattr(client_module, "MAX_IDLE", 0.2)
    client = knowing(portal.url)
    client.send([NUMBER], "Salam")
    client.send([NUMBER], "Salam")
    assert portal.connections == 1
    time.sleep(0.4)
    client.send([NUMBER], "Salam")
    assert (portal.posts, portal.connections) == (3, 2)


def test_the_time_of_a_slow_answer_is_no_idleness(monkeypatch):
    monkeypatch.setattr(client_module, "MAX_IDLE", 0.2)

    def slowly(visit: Visit) -> None:
        while visit.read():
            visit.portal.ended.wait(0.4)
            visit.write(ACCEPTED)

    with Portal(slowly) as portal:
        client = knowing(portal.url)
        assert [client.send([NUMBER], "Salam").code for _ in range(2)] == ["000", "000"]
        assert portal.connections == 1


def test_an_answer_that_was_given_up_takes_its_connection_with_it():
    """Else the rest of the old answer would be read as the next message's."""
    late = answer(200, b'{"code":"215"}')

    def script(visit: Visit) -> None:
        visit.read()
        if visit.number == 1:
            visit.portal.ended.wait(1.5)
            visit.write(late)
        visit.write(ACCEPTED)
        visit.hang()

    with Portal(script) as portal:
        client = GatewayClient(account(portal.url, timeout=1.0))
        assert client.send([NUMBER], "Salam").reason == "read_timeout"
        time.sleep(1.0)
        assert client.send([NUMBER], "Salam").code == "000"
        assert (portal.posts, portal.connections) == (2, 2)


def test_many_threads_at_once():
    """Forty threads with a connection each: every message arrives once, and everybody gets his own answer."""
    threads, each = 40, 15

    def script(visit: Visit) -> None:
        while request := visit.read():
            name = json.loads(request.body)["message"]
            visit.write(answer(200, json.dumps({"code": "000", "message_id": f"for-{name}"}).encode()))

    with Portal(script) as portal:
        client = knowing(portal.url)

        def work(thread: int) -> list[tuple[str, str | None]]:
            names = [f"{thread}-{index}" for index in range(each)]
            return [(name, client.send([NUMBER], name).message_id) for name in names]

        with ThreadPoolExecutor(threads) as pool:
            results = [pair for pairs in pool.map(work, range(threads)) for pair in pairs]
        texts = Counter(json.loads(request.body)["message"] for request in portal.requests)
    assert len(results) == threads * each
    assert all(message_id == f"for-{name}" for name, message_id in results)
    assert set(texts.values()) == {1}
    assert len(texts) == threads * each
    assert portal.connections <= threads
