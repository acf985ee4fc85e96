"""The vendor's four examples, sent by curl and by requests, with only the host changed."""

from __future__ import annotations

import json
import subprocess

import requests

ACCEPTED = {
    "status": "success",
    "code": "000",
    "message": "Message queued successfully",
    "message_id": "RSMS-100001",
}
JSON_BODY = (
    '{"email":"demo@example.pk","key":"sandbox-key","mask":"SMS-ALERT","to":"923001234567",'
    '"message":"Your OTP is 123456"}'
)
FORM_BODY = "email=demo@example.pk&key=sandbox-key&mask=SMS-ALERT&to=923001234567&message=Your OTP is 123456"
BULK_BODY = (
    "email=demo@example.pk&key=sandbox-key&mask=SMS-ALERT&multiple=1&to=923151231015,923151231016&message=Sale today"
)
BALANCE = {"sms": {"code": "000", "balance": "1000.00", "username": "demo", "message_rates": "0.50"}}


def curl(*arguments: str) -> tuple[int, dict]:
    command = ["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}", *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    body, _, status = output.rpartition("\n")
    return int(status), json.loads(body)


def test_json_single_send_by_curl(gateway):
    url = gateway.url + "/api/send-message"
    answer = curl("-X", "POST", url, "-H", "Content-Type: application/json", "-d", JSON_BODY)
    assert answer == (200, ACCEPTED)
    (message,) = gateway.accepted()
    assert (message["to"], message["mask"], message["text"]) == ("923001234567", "SMS-ALERT", "Your OTP is 123456")


def test_form_single_send_by_curl(gateway):
    fields = [part for field in FORM_BODY.split("&") for part in ("--data-urlencode", field)]
    assert curl("-X", "POST", gateway.url + "/api/send-message", *fields) == (200, ACCEPTED)
    assert [message["text"] for message in gateway.accepted()] == ["Your OTP is 123456"]


def test_form_bulk_send_by_curl(gateway):
    assert curl("-X", "POST", gateway.url + "/api/send-message", "-d", BULK_BODY) == (200, ACCEPTED)
    messages = gateway.accepted()
    assert [message["to"] for message in messages] == ["923151231015", "923151231016"]
    assert {message["group"] for message in messages} == {"RSMS-100001"}
    assert gateway.state()["balance"] == "999.00"


def test_balance_check_by_curl(gateway):
    assert curl(gateway.url + "/api/check-balance?key=sandbox-key") == (200, BALANCE)


def test_the_four_by_requests_on_the_gateways_own_port(gateway):
    with requests.Session() as session:
        url = gateway.gateway_url + "/api/send-message"
        for number, (kind, body) in enumerate(
            [("json", JSON_BODY), ("x-www-form-urlencoded", FORM_BODY), ("x-www-form-urlencoded", BULK_BODY)], 1
        ):
            headers = {"content-type": f"application/{kind}"}
            answer = session.post(url, data=body.replace(" ", "+") if number > 1 else body, headers=headers, timeout=5)
            assert answer.json() == {**ACCEPTED, "message_id": f"RSMS-10000{number}"}
        balance = session.get(gateway.gateway_url + "/api/check-balance", params={"key": "sandbox-key"}, timeout=5)
        assert balance.json()["sms"]["balance"] == "998.00"
    texts = [(message["to"], message["text"]) for message in gateway.accepted()]
    otp = ("923001234567", "Your OTP is 123456")
    assert texts == [otp, otp, ("923151231015", "Sale today"), ("923151231016", "Sale today")]


def test_get_on_send_message_is_refused(gateway):
    answer = requests.get(gateway.url + "/api/send-message?" + FORM_BODY, timeout=5)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert gateway.accepted() == []
    assert gateway.received()["posts"] == 0
