"""The portal's URL, identifiers in answers, and the balance."""

from __future__ import annotations

import json

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.address import portal_url
from airflow_provider_robosms.gateway.answers import read_balance_answer, read_send_answer
from airflow_provider_robosms.gateway.outcome import Balance
from airflow_provider_robosms.gateway.protocol import DEFAULT_HOST


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        (None, DEFAULT_HOST),
        ("", DEFAULT_HOST),
        ("  ", DEFAULT_HOST),
        ("corporate.robosms.pk", "https://corporate.robosms.pk"),
        ("https://corporate.robosms.pk/", "https://corporate.robosms.pk"),
        ("https://gate.example.pk:8443/robosms/", "https://gate.example.pk:8443/robosms"),
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
        ("http://localhost:8099/", "http://localhost:8099"),
        ("http://[::1]:8099", "http://[::1]:8099"),
    ],
)
def test_portal_url(raw, url):
    assert portal_url(raw) == url


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("http://portal.robosms.pk", "must be an https:// URL"),
        ("http://127.0.0.1.example.pk", "must be an https:// URL"),
        ("http://localhost.example.pk", "must be an https:// URL"),
        ("http://0.0.0.0:8099", "must be an https:// URL"),
        ("ftp://portal.robosms.pk", "must be an https:// URL"),
        ("https://", "is not a portal URL"),
        ("https://portal.robosms.pk?key=1", "is not a portal URL"),
        ("https://portal.robosms.pk/#top", "is not a portal URL"),
        ("https://me:secret@portal.robosms.pk", "is not a portal URL"),
        ("https://[::1", "is not a portal URL"),
        ("https://portal.robosms.pk:port", "is not a portal URL"),
        ("https://portal.robosms.pk:99999", "is not a portal URL"),
        ("https://portal.robosms.pk:0", "is not a portal URL"),
    ],
)
def test_a_wrong_portal_url_is_one_sentence(raw, words):
    with pytest.raises(RoboSmsError, match=words) as caught:
        portal_url(raw)
    assert caught.value.permanent
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message_id"),
    [
        ({"message_id": "RSMS-123456"}, "RSMS-123456"),
        ({"message_id": 123456}, "123456"),
        ({"response": "RSMS-123456"}, "RSMS-123456"),
        ({"response": "Message queued successfully"}, None),
        ({"message_id": None, "response": " abc-1 "}, "abc-1"),
        ({"message_id": True}, None),
        ({"message_id": 0}, None),
        ({"message_id": ["x"]}, "x"),
        ({"data": {"message_id": "x1"}}, "x1"),
        ({"data": [{"messageId": "x1"}, {"Message-ID": "x2"}, {"message_id": "x1"}]}, "x1,x2"),
        ({"message_id": "x1", "id": 7, "batch_id": "b2"}, "x1"),
        ({"response": "000"}, None),
        ({"message_id": "x" * 65}, None),
        ({"message_id": "a\tb"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("wrap", [lambda fields: fields, lambda fields: {"sms": fields}], ids=["flat", "wrapped"])
def test_message_ids_are_identifiers_and_never_prose(fields, message_id, wrap):
    result = read_send_answer(200, json.dumps(wrap({"code": "000", **fields})).encode())
    assert result.message_id == message_id


def balance(**fields: object) -> Balance:
    return read_balance_answer(200, json.dumps({"sms": {"code": "000", **fields}}).encode())


def test_the_vendors_balance():
    body = b'{"sms": {"code": "000", "balance": "12.50", "username": "yourusername", "message_rates": "0.50"}}'
    found = read_balance_answer(200, body)
    assert (str(found.amount), str(found.rate), found.username) == ("12.50", "0.50", "yourusername")
    assert found.parts_affordable == 25


@pytest.mark.parametrize(
    ("amount", "rate", "parts"),
    [
        ("12.50", "0.50", 25),
        ("12.49", "0.50", 24),
        ("0.00", "0.50", 0),
        ("-3.00", "0.50", 0),
        (12.5, 0.5, 25),
        (12, 1, 12),
        ("1,250.00", "0.50", 2500),
        ("12.50", None, None),
        ("12.50", "0", None),
        ("12.50", "free", None),
    ],
)
def test_parts_affordable(amount, rate, parts):
    assert balance(balance=amount, message_rates=rate).parts_affordable == parts


@pytest.mark.parametrize("amount", [None, "", "much", "NaN", "Infinity", True, [], {}])
def test_a_balance_that_is_none(amount):
    with pytest.raises(RoboSmsError, match="holds no balance"):
        balance(balance=amount)


@pytest.mark.parametrize(
    ("code", "permanent"),
    [("203", True), (206, True), ("210", True), ("212", True), ("204", False), (205, False)],
)
def test_a_refused_balance_check_says_what_to_do(code, permanent):
    with pytest.raises(RoboSmsError, match=f"code {code}") as caught:
        read_balance_answer(200, json.dumps({"sms": {"code": code}}).encode())
    assert caught.value.permanent is permanent
    assert caught.value.code == str(code)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(302, True), (401, True), (404, True), (405, True), (408, False), (429, False), (500, False), (503, False)],
)
def test_an_http_error_to_the_balance_check(status, permanent):
    with pytest.raises(RoboSmsError, match=f"HTTP {status}") as caught:
        read_balance_answer(status, b"<html>key=4711</html>")
    assert caught.value.permanent is permanent
    assert "4711" not in str(caught.value)
    assert ("redirect" in str(caught.value)) is (status == 302)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"0", b"{}", b'{"sms": []}', b'{"code": "000"}'])
def test_an_answer_that_is_no_balance(body):
    with pytest.raises(RoboSmsError, match="holds no balance") as caught:
        read_balance_answer(200, body)
    assert not caught.value.permanent


@pytest.mark.parametrize("code", ["101", "201", "999"])
def test_a_code_that_a_balance_check_should_not_have(code):
    with pytest.raises(RoboSmsError, match=f"code {code}"):
        read_balance_answer(200, json.dumps({"code": code, "balance": "12.50"}).encode())
