"""RoboSmsHook.test_connection: what the button in the connection's dialog calls."""

from __future__ import annotations

import json

import pytest

from airflow_provider_robosms.hooks.robosms import RoboSmsHook
from tests.gateway.portals import Portal, Visit, answer
from tests.hooks.test_robosms_hook import FIELDS


@pytest.fixture
def hook(sandbox, connect) -> RoboSmsHook:
    return RoboSmsHook(connect(**FIELDS, host=sandbox.gateway_url, extra={"mask": "SMS-ALERT"}))


def test_a_good_connection_says_what_is_in_the_account_and_what_is_proven(hook, sandbox):
    sandbox.settings(balance="1234.50")
    assert hook.test_connection() == (
        True,
        "RoboSMS account demo: balance 1234.50, enough for 2,469 message parts. The portal takes messages here. Not proven "
        "without a message: that the account may use the sender mask 'SMS-ALERT', and delivery.",
    )
    assert sandbox.received()["balance_checks"] == 1
    assert sandbox.received()["posts"] == 1
    assert sandbox.accepted() == []


def test_a_good_connection_without_a_mask_says_so(sandbox, connect):
    good, sentence = RoboSmsHook(connect(**FIELDS, host=sandbox.gateway_url)).test_connection()
    assert good
    assert "a sender mask, for none is set here" in sentence


@pytest.mark.parametrize(
    ("status", "body", "good", "words"),
    [
        (200, {"code": "202"}, True, "takes messages here"),
        (422, {"code": 202}, True, "takes messages here"),
        (200, {"sms": {"code": "215"}}, True, "takes messages here"),
        (200, {"code": "203"}, False, "code 203"),
        (200, {"code": "212"}, False, "code 212"),
        (200, {"code": "205"}, False, "code 205"),
        (200, {"code": "000"}, False, "should be answered with code 202, and here it was: code 000"),
        (200, {"code": "101"}, False, "and here it was: code 101"),
        (200, {"code": "201"}, False, "and here it was: code 201"),
        (200, {"code": "777"}, False, "a code its documentation does not list"),
        (404, {}, False, "/api/send-message (HTTP 404 to POST)"),
        (405, {"message": "The POST method is not supported"}, False, "/api/send-message (HTTP 405 to POST)"),
        (302, {}, False, "answered with a redirect"),
        (403, {}, False, "an HTTP error and no code"),
        (500, {"code": "202"}, False, "a server error"),
        (200, "<html>", False, "could not be read"),
    ],
)
def test_what_proves_that_messages_are_taken(connect, status, body, good, words):
    balance = {"sms": {"code": "000", "balance": "12.50", "username": "demo", "message_rates": "0.50"}}

    def script(visit: Visit) -> None:
        while request := visit.read():
            if request.method == "GET":
                visit.write(answer(200, json.dumps(balance).encode()))
            else:
                visit.write(answer(status, json.dumps(body).encode(), "Location: /elsewhere"))

    with Portal(script) as portal:
        result, sentence = RoboSmsHook(connect(**FIELDS, host=portal.url)).test_connection()
    assert result is good
    assert words in sentence
    sent = [json.loads(request.body) for request in portal.requests if request.method == "POST"]
    assert sent == [{"email": "demo@example.pk", "key": "sandbox-key"}]


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"key": "another"}, "code 203"), ({"suspended": True}, "code 206"), ({"ip_whitelisted": False}, "code 210")],
)
def test_a_connection_that_is_refused(hook, sandbox, settings, words):
    sandbox.settings(**settings)
    good, sentence = hook.test_connection()
    assert not good
    assert words in sentence
    assert sandbox.received()["posts"] == 0


def test_a_portal_that_is_not_there(connect):
    good, sentence = RoboSmsHook(connect(**FIELDS, host="http://127.0.0.1:1")).test_connection()
    assert not good
    assert sentence == (
        "The RoboSMS balance could not be read: no connection to the RoboSMS portal could be made: check the address and "
        "this machine's network."
    )


def test_a_portal_that_is_none(sandbox, connect):
    """The sandbox's main port without a path of the gateway answers, but not with a balance."""
    good, sentence = RoboSmsHook(connect(**FIELDS, host=f"{sandbox.url}/page")).test_connection()
    assert not good
    assert "HTTP 404" in sentence
