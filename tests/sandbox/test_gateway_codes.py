"""Every code that the gateway can answer, in every shape, and what it charges."""

from __future__ import annotations

import socket
import time

import pytest
import requests

from airflow_provider_robosms.gateway.codes import MEANINGS
from tests.sandbox.conftest import ACCOUNT, NUMBER

BY_REQUEST = {
    "202": [{"message": ""}, {"message": " \n"}, {"to": ""}, {"mask": None}, {"email": []}, {"message": {"a": 1}}],
    "203": [{"key": "wrong"}, {"email": "other@example.pk"}],
    "212": [{"mask": "OTHER"}, {"mask": "sms-alert"}],
    "213": [{"message": "a" * 1531}],
    "215": [{"to": "03451234567"}, {"to": "00923451234567"}, {"to": "+923451234567"}],
    "216": [
        {"to": "3451234567"},
        {"to": "92345123456"},
        {"to": "9234512345678"},
        {"to": "924212345678"},
        {"to": "12025550123"},
        {"to": "923151231015.0"},
        {"to": "92 345 1234567"},
        {"to": "٩٢٣٤٥١٢٣٤٥٦٧"},
        {"to": "923151231015,923151231016"},
    ],
}


@pytest.mark.parametrize(("code", "fields"), [(code, each) for code, many in BY_REQUEST.items() for each in many])
def test_a_bad_request_gets_its_code_and_costs_nothing(gateway, client, code, fields):
    answer = client.send(**fields)
    assert answer.status_code == 200
    assert answer.json() == {"status": "error", "code": code, "message": MEANINGS[code][0].upper() + MEANINGS[code][1:]}
    assert gateway.accepted() == []
    assert gateway.state()["balance"] == "1000.00"
    assert gateway.received()["posts"] == 1


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"suspended": True}, "206"),
        ({"ip_whitelisted": False}, "210"),
        ({"balance": "0.49"}, "205"),
        ({"masks": ["RoboSMS"]}, "212"),
        ({"max_characters": 4}, "213"),
    ],
)
def test_the_account_decides(gateway, client, settings, code):
    gateway.settings(**settings)
    assert client.send().json()["code"] == code
    assert gateway.accepted() == []


@pytest.mark.parametrize("setting", [{"suspended": True}, {"ip_whitelisted": False}])
def test_the_balance_check_is_refused_like_a_send(gateway, client, setting):
    gateway.settings(**setting)
    assert client.balance()["sms"]["code"] == client.send().json()["code"]


@pytest.mark.parametrize("code", sorted(set(MEANINGS) - {"000", "100", "102", "200"}))
def test_any_refusing_code_can_be_asked_for(gateway, client, code):
    gateway.set_fault("code", code=code, count=1)
    assert client.send().json()["code"] == code
    assert gateway.accepted() == []
    assert client.send().json()["code"] == "000"


@pytest.mark.parametrize("accepted", ["000", "100", "102", "200"])
@pytest.mark.parametrize("code_type", ["string", "integer"])
def test_shapes_of_an_accepting_answer(gateway, client, accepted, code_type):
    gateway.settings(accepted_code=accepted, code_type=code_type)
    code = int(accepted) if code_type == "integer" else accepted
    text = "Message queued successfully"
    assert client.send().json() == {"status": "success", "code": code, "message": text, "message_id": "RSMS-100001"}
    gateway.settings(answer_shape="wrapped-response")
    assert client.send().json() == {"sms": {"code": code, "response": "RSMS-100002"}}
    gateway.settings(answer_shape="wrapped-message_id")
    assert client.send().json() == {"sms": {"code": code, "message_id": "RSMS-100003"}}
    assert {message["code"] for message in gateway.accepted()} == {accepted}


@pytest.mark.parametrize("code_type", ["string", "integer"])
def test_shapes_of_a_refusing_answer(gateway, client, code_type):
    gateway.settings(code_type=code_type)
    code = 215 if code_type == "integer" else "215"
    text = "Invalid number format (0345...)"
    assert client.send("0345").json() == {"status": "error", "code": code, "message": text}
    gateway.settings(answer_shape="wrapped-response")
    assert client.send("0345").json() == {"sms": {"code": code, "response": text}}
    gateway.settings(answer_shape="wrapped-message_id")
    assert client.send("0345").json() == {"sms": {"code": code, "message": text}}


def test_balance_check_in_detail(gateway, client):
    gateway.settings(balance="12.5", rate="0.5", username="yourusername")
    answer = {"sms": {"code": "000", "balance": "12.50", "username": "yourusername", "message_rates": "0.50"}}
    assert client.balance() == answer
    gateway.settings(code_type="integer")
    assert client.balance()["sms"]["code"] == 0
    assert client.balance("wrong") == {"sms": {"code": 203, "response": "Invalid API key"}}
    assert client.balance("")["sms"]["code"] == 202
    assert requests.post(gateway.url + "/api/check-balance", timeout=5).status_code == 405
    assert gateway.received()["balance_checks"] == 4


def test_price_is_parts_times_rate_times_numbers(gateway, client):
    gateway.settings(balance="10", rate="0.35")
    client.send(message="a" * 161)
    assert gateway.state()["balance"] == "9.30"
    client.send("923151231015,923151231016,923151231017", "سلام", multiple=1)
    assert gateway.state()["balance"] == "8.25"
    prices = [(message["parts"], message["price"]) for message in gateway.accepted()]
    assert prices == [(2, "0.70"), (1, "0.35"), (1, "0.35"), (1, "0.35")]
    state = gateway.state()
    assert (state["spent"], state["parts_affordable"], state["counts"]["parts"]) == ("1.75", 23, 5)


def test_the_balance_is_spent_to_the_last_part_and_not_further(gateway, client):
    gateway.settings(balance="1.00")
    assert [client.send().json()["code"] for _ in range(3)] == ["000", "000", "205"]
    assert gateway.state()["balance"] == "0.00"
    gateway.top_up("0.50")
    assert client.send().json()["code"] == "000"
    assert gateway.state()["balance"] == "0.00"


def test_a_group_is_accepted_whole_or_refused_whole(gateway, client):
    gateway.settings(balance="1.00")
    too_dear = client.send("923151231015,923151231016,923151231017", multiple="1")
    assert too_dear.json()["code"] == "205"
    one_bad = client.send("923151231015,03151231016", multiple="1")
    assert one_bad.json()["code"] == "215"
    assert gateway.state()["balance"] == "1.00"
    assert gateway.accepted() == []
    assert client.send("923151231015,923151231016", multiple="1").json()["code"] == "000"
    assert gateway.state()["balance"] == "0.00"
    assert gateway.received()["by_to"] == {NUMBER: 3, "923151231016": 2, "923151231017": 1, "03151231016": 1}


def test_what_the_gateway_does_not_read(gateway, client):
    url = gateway.url + "/api/send-message"
    complete = {**ACCOUNT, "to": NUMBER, "message": "x"}
    assert requests.post(url, params=complete, timeout=5).json()["code"] == "202"
    assert requests.post(url, data="{", headers={"content-type": "application/json"}, timeout=5).json()["code"] == "202"
    assert requests.post(url, json=[complete], timeout=5).json()["code"] == "202"
    assert requests.post(url, data=b"\xff", headers={"content-type": "text/plain"}, timeout=5).json()["code"] == "202"
    assert gateway.received()["posts"] == 4
    assert gateway.accepted() == []


def test_a_request_that_breaks_off_is_none(gateway):
    port = int(gateway.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        head = "POST /api/send-message HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        connection.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
    time.sleep(0.2)
    assert gateway.received()["posts"] == 0
    assert "Traceback" not in (gateway.data_dir / "sandbox.log").read_text()


def test_numbers_in_json_are_read_as_text(gateway, client):
    assert client.send(to=int(NUMBER), message=12, multiple=1).json()["code"] == "000"
    assert [(message["to"], message["text"]) for message in gateway.accepted()] == [(NUMBER, "12")]


def test_text_arrives_unchanged(gateway, client):
    text = "آپ کا بل\n<b>\"'&\\ 😀 {{ x }} € "
    client.send(message=text)
    form = {**ACCOUNT, "to": NUMBER, "message": text}
    requests.post(gateway.url + "/api/send-message", data=form, timeout=5)
    assert [message["text"] for message in gateway.accepted()] == [text, text]


def test_half_a_surrogate_pair_is_replaced(gateway, client):
    body = '{"email":"demo@example.pk","key":"sandbox-key","mask":"SMS-ALERT","to":"923151231015","message":"a\\ud83d"}'
    headers = {"content-type": "application/json"}
    answer = requests.post(gateway.url + "/api/send-message", data=body, headers=headers, timeout=5)
    assert answer.json()["code"] == "000"
    assert gateway.accepted()[0]["text"] == "a\ufffd"
