"""Each fault over a real socket: what a requests client sees, and whether the message was accepted."""

from __future__ import annotations

import time

import pytest
import requests
from urllib3.exceptions import NewConnectionError

from tests.sandbox.conftest import NUMBER, Client


def outcome(client: Client, **fields: object) -> object:
    """The answer, or the exception that the client got."""
    try:
        return client.send(timeout=0.6, **fields)
    except requests.RequestException as error:
        return error


@pytest.mark.parametrize("when", ["before", "after"])
def test_reset_is_a_real_rst(gateway, client, when):
    client.send()  # so that the reset hits a connection that was kept alive
    gateway.set_fault("reset", when=when, count=1)
    error = outcome(client)
    assert type(error) is requests.ConnectionError
    assert isinstance(error.args[0].args[1], ConnectionResetError)
    assert len(gateway.accepted()) == (2 if when == "after" else 1)
    assert gateway.received()["posts"] == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_hang_is_a_read_timeout(gateway, client, when):
    gateway.set_fault("hang", when=when, count=1)
    assert type(outcome(client)) is requests.ReadTimeout
    assert [message["fault"] for message in gateway.accepted()] == (["hang"] if when == "after" else [])
    assert client.send().json()["code"] == "000"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_server_errors(gateway, client, status, when):
    gateway.set_fault(f"http-{status}", when=when, count=1)
    answer = outcome(client)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html" if status == 502 else "application/json")
    assert len(gateway.accepted()) == (1 if when == "after" else 0)


@pytest.mark.parametrize("retry_after", [None, 3, "Mon, 23 Nov 2026 20:00:00 GMT"])
def test_too_many_requests(gateway, client, retry_after):
    gateway.set_fault("http-429", count=1, retry_after=retry_after)
    answer = outcome(client)
    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == (None if retry_after is None else str(retry_after))
    assert gateway.accepted() == []


def test_broken_json_and_empty_body(gateway, client):
    for kind in ("broken-json", "empty-body"):
        gateway.set_fault(kind, count=1)
        answer = outcome(client)
        assert answer.status_code == 200
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert [message["fault"] for message in gateway.accepted()] == ["broken-json", "empty-body"]


def test_cut_body_ends_before_its_content_length(gateway, client):
    gateway.set_fault("cut-body", count=1)
    error = outcome(client)
    assert type(error) is requests.exceptions.ChunkedEncodingError
    assert "IncompleteRead" in str(error)
    assert len(gateway.accepted()) == 1


def test_damaged_gzip(gateway, client):
    gateway.set_fault("bad-gzip", count=1, when="before")
    assert type(outcome(client)) is requests.exceptions.ContentDecodingError
    assert gateway.accepted() == []


@pytest.mark.parametrize("status", [302, 307])
def test_redirect(gateway, client, status):
    gateway.set_fault("redirect", status=status, count=1)
    answer = outcome(client)
    assert (answer.status_code, answer.headers["location"]) == (status, "/api/send-message")
    assert gateway.accepted() == []


def test_a_client_that_follows_a_307_posts_twice(gateway, client):
    gateway.set_fault("redirect", status=307, count=1, when="after")
    body = {"email": "demo@example.pk", "key": "sandbox-key", "mask": "SMS-ALERT", "to": NUMBER, "message": "x"}
    requests.post(gateway.url + "/api/send-message", json=body, timeout=5)
    assert gateway.received()["by_to"] == {NUMBER: 2}
    assert len(gateway.accepted()) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_unlisted_code(gateway, client, when):
    gateway.set_fault("code", code="999", when=when, count=1)
    answer = client.send().json()
    assert answer["code"] == "999"
    assert ("message_id" in answer) is (when == "after")
    assert len(gateway.accepted()) == (1 if when == "after" else 0)


def test_refuse_closes_the_gateways_own_port_and_nothing_else(gateway):
    client = Client(gateway.gateway_url)
    client.send()
    fault = gateway.set_fault("refuse")
    for _ in range(2):
        error = outcome(client)
        assert type(error) is requests.ConnectionError
        assert isinstance(error.args[0].reason, NewConnectionError)
        assert isinstance(error.args[0].reason.__cause__, ConnectionRefusedError)
    assert gateway.received()["posts"] == 1
    assert Client(gateway.url).balance()["sms"]["code"] == "000"
    requests.delete(f"{gateway.url}/sandbox/faults/{fault['id']}", timeout=5)
    assert client.send().json()["code"] == "000"


def test_refuse_for_some_seconds_opens_again_by_itself(gateway):
    client = Client(gateway.gateway_url)
    gateway.set_fault("refuse", seconds=0.3)
    assert type(outcome(client)) is requests.ConnectionError
    deadline = time.monotonic() + 5
    while gateway.state()["faults"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert client.send().json()["code"] == "000"


def test_a_request_that_runs_while_the_port_closes_gets_its_answer(gateway):
    gateway.settings(latency_ms=400)
    client = Client(gateway.gateway_url)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.send)
        while not gateway.received()["posts"]:
            time.sleep(0.01)
        gateway.set_fault("refuse")
        assert running.result().json()["code"] == "000"
    assert type(outcome(client)) is requests.ConnectionError


def test_the_next_requests_only(gateway, client):
    gateway.set_fault("http-500", count=2)
    assert [client.send().status_code for _ in range(3)] == [500, 500, 200]
    assert gateway.state()["faults"] == []


def test_given_numbers_only(gateway, client):
    gateway.set_fault("http-500", numbers=[NUMBER])
    assert client.send("923001112222").status_code == 200
    assert client.send(NUMBER).status_code == 500
    assert client.send(f"923001112222,{NUMBER}", multiple=1).status_code == 500


def test_probability_repeats_with_its_seed_whatever_the_order(gateway, client):
    numbers = [f"92300{index:07d}" for index in range(60)]

    def struck(seed: int, order: list[str]) -> set[str]:
        gateway.reset()
        gateway.set_fault("http-500", probability=0.3, seed=seed)
        return {number for number in order if client.send(number).status_code == 500}

    first = struck(1, numbers)
    assert 5 < len(first) < 31
    assert struck(1, numbers[::-1]) == first
    assert struck(2, numbers) != first


def test_a_fault_after_accepting_waits_for_a_request_that_is_accepted(gateway, client):
    gateway.set_fault("http-500", when="after", count=1)
    assert client.send("0345").json()["code"] == "215"
    assert client.send().status_code == 500


def test_balance_faults(gateway, client):
    gateway.set_fault("http-503", on="balance", count=1)
    url = gateway.url + "/api/check-balance?key=sandbox-key"
    assert requests.get(url, timeout=5).status_code == 503
    gateway.set_fault("code", on="balance", code="206", count=1)
    assert client.balance()["sms"]["code"] == "206"
    gateway.set_fault("broken-json", on="balance", count=1)
    with pytest.raises(requests.JSONDecodeError):
        client.balance()
    assert client.balance()["sms"]["code"] == "000"


def test_latency_is_kept(gateway, client):
    gateway.settings(latency_ms=[120, 160])
    client.send()
    began = time.monotonic()
    client.send()
    assert 0.12 <= time.monotonic() - began < 0.6


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "meteor"}, "The fault field 'kind' can't be 'meteor'"),
        ({"kind": "reset", "chance": 1}, "There is no fault field named 'chance'."),
        ({"kind": "reset", "probability": 2}, "'probability' can't be 2"),
        ({"kind": "code"}, "needs the code to answer"),
        ({"kind": "code", "code": "000", "when": "before"}, "ode 000 means accepted"),
        ({"kind": "http-429", "when": "after"}, "'http-429' only strikes before"),
        ({"kind": "refuse", "count": 2}, "closes the port for everybody"),
    ],
)
def test_a_bad_fault_is_one_sentence(gateway, fault, words):
    answer = requests.post(gateway.url + "/sandbox/faults", json=fault, timeout=5)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert gateway.state()["faults"] == []
