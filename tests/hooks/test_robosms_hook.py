"""RoboSmsHook with connections from the environment, against the sandbox."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from urllib.parse import quote, quote_plus, urlsplit

import pytest

from airflow_provider_robosms.exceptions import InvalidNumber, RoboSmsError
from airflow_provider_robosms.gateway.outcome import Status
from airflow_provider_robosms.hooks.robosms import DEFAULT_TIMEOUT, RoboSmsHook, account_of
from tests.gateway.portals import ACCEPTED, Portal, replying

NUMBER = "923001234567"
FIELDS = {"conn_type": "robosms", "login": "demo@example.pk", "password": "sandbox-key"}


@pytest.fixture
def hook(sandbox, connect) -> RoboSmsHook:
    return RoboSmsHook(connect(**FIELDS, host=sandbox.gateway_url, extra={"mask": "SMS-ALERT"}))


# The ways to write a connection.


@pytest.mark.parametrize(
    "uri",
    [
        "robosms://demo%40example.pk:sandbox-key@http%3A%2F%2F127.0.0.1:{port}/?mask=SMS-ALERT&timeout=7",
        "robosms://http://demo%40example.pk:sandbox-key@127.0.0.1:{port}/?mask=SMS-ALERT&timeout=7",
        "robosms://demo%40example.pk:sandbox-key@127.0.0.1:{port}/http?mask=SMS-ALERT&timeout=7",
        "robosms://demo%40example.pk:sandbox-key@127.0.0.1:{port}/http?__extra__="
        + quote(json.dumps({"mask": "SMS-ALERT", "timeout": 7})),
    ],
)
def test_a_connection_as_uri(sandbox, connect, uri):
    hook = RoboSmsHook(connect(uri.format(port=urlsplit(sandbox.gateway_url).port)))
    assert hook.client.account.timeout == 7.0
    assert hook.send(NUMBER, "Salam").status is Status.SENT
    assert [(message["to"], message["mask"]) for message in sandbox.accepted()] == [(NUMBER, "SMS-ALERT")]


@pytest.mark.parametrize(
    ("fields", "host"),
    [
        ({}, "https://portal.robosms.pk"),
        ({"host": ""}, "https://portal.robosms.pk"),
        ({"host": "corporate.robosms.pk"}, "https://corporate.robosms.pk"),
        ({"host": "https://corporate.robosms.pk/"}, "https://corporate.robosms.pk"),
        ({"host": "http://127.0.0.1", "port": 8099}, "http://127.0.0.1:8099"),
        ({"host": "127.0.0.1", "schema": "http", "port": 8099}, "http://127.0.0.1:8099"),
        ({"host": "http://localhost:8099"}, "http://localhost:8099"),
        ({"host": "http://localhost:8099", "port": 0}, "http://localhost:8099"),
        ({"host": "http://localhost:8099", "port": "0"}, "http://localhost:8099"),
        ({"host": "https://corporate.robosms.pk", "port": 0}, "https://corporate.robosms.pk"),
        ({"port": 0}, "https://portal.robosms.pk"),
    ],
)
def test_a_connection_as_json(connect, fields, host):
    account = account_of(RoboSmsHook.get_connection(connect(**FIELDS, **fields)))
    assert (account.email, account.key, account.host) == ("demo@example.pk", "sandbox-key", host)
    assert (account.mask, account.timeout, account.send_parameters) == (None, DEFAULT_TIMEOUT, {})


@pytest.mark.parametrize(
    ("extra", "field", "value"),
    [
        ({"mask": " SMS-ALERT "}, "mask", "SMS-ALERT"),
        ({"mask": ""}, "mask", None),
        ({"mask": "\u200b"}, "mask", None),
        ({"mask": None}, "mask", None),
        ({"timeout": 5}, "timeout", 5.0),
        ({"timeout": "2.5"}, "timeout", 2.5),
        ({"timeout": ""}, "timeout", DEFAULT_TIMEOUT),
        ({"timeout": None}, "timeout", DEFAULT_TIMEOUT),
        ({"send_parameters": {"unicode": 1}}, "send_parameters", {"unicode": 1}),
        ({"send_parameters": {"unicode": "auto", "type": "x"}}, "send_parameters", {"type": "x"}),
        ({"send_parameters": '{"type": "promotional"}'}, "send_parameters", {"type": "promotional"}),
        ({"send_parameters": ""}, "send_parameters", {}),
        ({"send_parameters": None}, "send_parameters", {}),
    ],
)
def test_the_extra(connect, extra, field, value):
    assert getattr(RoboSmsHook(connect(**FIELDS, extra=extra)).client.account, field) == value


# What is missing or wrong in it.


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"login": None}, "has no e-mail: put the RoboSMS account's e-mail into the login field."),
        ({"login": ""}, "has no e-mail"),
        ({"password": None}, "has no API key: put the key from the RoboSMS dashboard into it."),
        ({"password": ""}, "has no API key"),
        ({"host": "http://portal.robosms.pk"}, "must be an https:// URL"),
        ({"host": "https://"}, "is not a portal URL"),
        ({"host": "https//portal.robosms.pk"}, "is not a portal URL"),
        ({"host": "None"}, "is not a portal URL"),
        *(({"host": host}, "is not a portal URL") for host in ("N/A", "n/a", "NA", "tbd", "-", "nil", "False")),
        ({"port": 8099}, "has a port or a scheme, but no host"),
        ({"schema": "http"}, "has a port or a scheme, but no host"),
        ({"extra": {"mask": "None"}}, "mask came out as None"),
        ({"extra": {"mask": "#N/A"}}, "mask came out as #N/A"),
        ({"extra": {"mask": "['SMS-ALERT']"}}, "mask is a program's value written out"),
        ({"extra": {"mask": "{{ x }}"}}, "mask holds a tag"),
        ({"host": "https://[::1"}, "is not a portal URL"),
        ({"host": "https://portal.robosms.pk:8443", "port": 8443}, "is not a portal URL"),
        ({"extra": {"timeout": "soon"}}, "timeout must be a number of seconds from 0.1 to 600, not 'soon'."),
        ({"extra": {"timeout": True}}, "timeout must be"),
        ({"extra": {"timeout": "1_0"}}, "timeout must be"),
        ({"extra": {"timeout": "1e-999999999"}}, "timeout must be"),
        ({"extra": {"mask": 7}}, "mask must be text"),
        (
            {"extra": {"Mask": "SMS-ALERT"}},
            "'Mask' in its extra would be ignored. It may hold mask, send_parameters, timeout",
        ),
        ({"extra": {"unicode": "auto"}}, "goes into send_parameters"),
        ({"extra": {"mask ": "SMS-ALERT"}}, "'mask ' in its extra would be ignored"),
        ({"extra": {"Timeout": 5}}, "'Timeout' in its extra would be ignored"),
        ({"extra": {"send_paramaters": {}}}, "'send_paramaters' in its extra would be ignored"),
        ({"extra": {"dry_run": True}}, "'dry_run' in its extra would be ignored"),
        ({"extra": {"mask": ["SMS-ALERT"]}}, "mask must be text"),
        ({"extra": "[1]"}, "its extra must be a JSON object, or empty."),
        ({"extra": "mask=SMS-ALERT"}, "its extra must be a JSON object, or empty."),
        ({"login": " "}, "has no e-mail"),
        ({"password": " \t"}, "has no API key"),
        ({"password": "\u200b\ufeff"}, "has no API key"),
        ({"extra": {"send_parameters": {"type": True}}}, "type in send_parameters must be text or a number."),
        ({"extra": {"send_parameters": '{"type": 1e999}'}}, "type in send_parameters must be text or a number."),
        ({"extra": {"timeout": 0}}, "timeout must be"),
        ({"extra": {"timeout": -1}}, "timeout must be"),
        ({"extra": {"timeout": 601}}, "timeout must be"),
        ({"extra": {"timeout": "nan"}}, "timeout must be"),
        ({"extra": {"timeout": [5]}}, "timeout must be"),
        ({"extra": {"send_parameters": "unicode=1"}}, "send_parameters must be a JSON object"),
        ({"extra": {"send_parameters": [1]}}, "send_parameters must be a JSON object"),
        ({"extra": {"send_parameters": {"key": "x", "to": "y"}}}, "send_parameters must not set key, to."),
        ({"extra": {"send_parameters": {"To": "923001234567"}}}, "send_parameters must not set To."),
        ({"extra": {"send_parameters": {" key ": "x"}}}, "send_parameters must not set  key ."),
        ({"extra": {"send_parameters": {"type": None}}}, "type in send_parameters must be text or a number."),
        ({"extra": {"send_parameters": {"type": {"a": 1}}}}, "type in send_parameters must be text or a number."),
        ({"extra": {"send_parameters": '{"type": NaN}'}}, "type in send_parameters must be text or a number."),
        ({"extra": {"send_parameters": {"unicode": "yes"}}}, 'unicode in send_parameters must be 0, 1 or "auto".'),
        ({"extra": {"send_parameters": {"unicode": True}}}, "unicode in send_parameters must be"),
        ({"extra": {"send_parameters": {"Unicode": "auto"}}}, "unicode in send_parameters must be"),
        ({"extra": {"send_parameters": {"unicode": 2}}}, "unicode in send_parameters must be"),
        ({"extra": {"send_parameters": {"unicode": "autom"}}}, "unicode in send_parameters must be"),
    ],
)
def test_a_wrong_field_is_one_sentence(connect, changes, sentence):
    hook = RoboSmsHook(connect(**{**FIELDS, **changes}))
    with pytest.raises(RoboSmsError) as caught:
        hook.send(NUMBER, "Salam", mask="SMS-ALERT")
    assert sentence in str(caught.value)
    assert caught.value.permanent
    assert "sandbox-key" not in str(caught.value)
    assert hook.test_connection() == (False, str(caught.value))


def test_a_missing_field_names_the_connection(connect):
    with pytest.raises(RoboSmsError, match=r"^Connection 'tested' has no API key"):
        RoboSmsHook(connect(conn_type="robosms", login="demo@example.pk")).get_balance()


def test_a_missing_mask_names_the_places_to_set_it(sandbox, connect):
    hook = RoboSmsHook(connect(**FIELDS, host=sandbox.gateway_url))
    with pytest.raises(RoboSmsError, match="in the form or the DAG, the Templates tab, or the connection"):
        hook.send(NUMBER, "Salam")
    assert sandbox.received()["posts"] == 0
    assert hook.send(NUMBER, "Salam", mask="RoboSMS").status is Status.SENT


def test_no_such_connection():
    with pytest.raises(RoboSmsError, match="'nobody_defined_this' does not exist: create it with the type RoboSMS"):
        RoboSmsHook("nobody_defined_this").get_balance()


@pytest.mark.parametrize(
    "typed", ["robosms://me:secret@host", "a@b", "call 0300 1234567", "x/y", "a\nb", "03001234567"]
)
def test_what_is_given_for_a_connection_is_not_repeated(typed):
    with pytest.raises(RoboSmsError, match="Connection of that name does not exist") as caught:
        RoboSmsHook(typed).get_balance()
    assert typed not in str(caught.value)


def test_the_default_connection(monkeypatch, sandbox):
    fields = {**FIELDS, "host": sandbox.gateway_url, "extra": {"mask": "SMS-ALERT"}}
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", json.dumps(fields))
    assert RoboSmsHook().send(NUMBER, "Salam").status is Status.SENT


# What it does.


@pytest.mark.parametrize("raw", ["0300 1234567", "+92 300 1234567", "3001234567", "0092-300-1234567", NUMBER])
def test_numbers_are_taken_as_people_write_them(hook, sandbox, raw):
    result = hook.send(raw, "Salam")
    assert (result.status, result.code, result.message_id) == (Status.SENT, "000", "RSMS-100001")
    assert [message["to"] for message in sandbox.accepted()] == [NUMBER]


def test_a_bad_number_is_not_sent(hook, sandbox):
    for act in (lambda: hook.send("0300 12345", "Salam"), lambda: hook.send_bulk([NUMBER, "042 111 222 333"], "Salam")):
        with pytest.raises(InvalidNumber):
            act()
    assert sandbox.received()["posts"] == 0


def test_bulk_is_one_request(hook, sandbox):
    result = hook.send_bulk(["0315 1231015", "923151231016", "+92 315 1231015"], "Sale today")
    assert (result.status, result.message_id) == (Status.SENT, "RSMS-100001")
    assert sandbox.received()["posts"] == 1
    assert [(message["to"], message["group"]) for message in sandbox.accepted()] == [
        ("923151231015", "RSMS-100001"),
        ("923151231016", "RSMS-100001"),
    ]


def test_bulk_to_nobody(hook, sandbox):
    with pytest.raises(RoboSmsError, match="at least one number"):
        hook.send_bulk([], "Sale today")
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize(
    "message",
    [None, "", " \u200b", "None", "nan", 12345, b"Salam", float("nan"), {"text": "Salam"}, "['Salam']", ["Salam"]],
)
def test_what_is_no_text_is_not_sent(hook, sandbox, message):
    for act in (lambda: hook.send(NUMBER, message), lambda: hook.send_bulk([NUMBER], message)):
        with pytest.raises(RoboSmsError, match=r"^message ") as caught:
            act()
        assert caught.value.permanent
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("to", [None, NUMBER, NUMBER.encode(), 923001234567, {NUMBER: "Ali"}, float("nan")])
def test_bulk_to_what_is_no_list(hook, sandbox, to):
    with pytest.raises(RoboSmsError, match="send_bulk needs a") as caught:
        hook.send_bulk(to, "Sale today")
    assert NUMBER not in str(caught.value)
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("mask", ["None", {"mask": "X"}, float("nan")])
def test_a_mask_that_is_none(hook, sandbox, mask):
    with pytest.raises(RoboSmsError, match=r"^mask "):
        hook.send(NUMBER, "Salam", mask=mask)
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("conn_id", [None, "", "None", True])
def test_a_connection_without_a_name(conn_id):
    with pytest.raises(RoboSmsError, match=r"^robosms_conn_id must be text"):
        RoboSmsHook(conn_id).get_balance()


def test_a_login_and_a_key_that_were_copied_with_a_line_break(connect):
    account = account_of(RoboSmsHook.get_connection(connect(**{**FIELDS, "login": " a@b.pk\n", "password": "key\r\n"})))
    assert (account.email, account.key) == ("a@b.pk", "key")


def test_the_balance(hook, sandbox):
    sandbox.settings(balance="12.50")
    balance = hook.get_balance()
    assert (balance.amount, balance.rate, balance.username, balance.parts_affordable) == (
        Decimal("12.50"),
        Decimal("0.50"),
        "demo",
        25,
    )


@pytest.mark.parametrize("shape", ["flat", "wrapped-response", "wrapped-message_id"])
@pytest.mark.parametrize("code_type", ["string", "integer"])
def test_every_shape_of_answer(hook, sandbox, shape, code_type):
    sandbox.settings(answer_shape=shape, code_type=code_type)
    result = hook.send(NUMBER, "Salam")
    assert (result.status, result.code, result.message_id) == (Status.SENT, "000", "RSMS-100001")
    sandbox.settings(masks=["OTHER"])
    assert hook.send(NUMBER, "Salam").code == "212"
    assert hook.get_balance().username == "demo"


@pytest.mark.parametrize(
    ("settings", "status", "code", "account_level"),
    [
        ({"key": "another"}, Status.FAILED, "203", True),
        ({"balance": "0.00"}, Status.FAILED, "205", True),
        ({"suspended": True}, Status.FAILED, "206", True),
        ({"ip_whitelisted": False}, Status.FAILED, "210", True),
        ({"masks": ["OTHER"]}, Status.FAILED, "212", True),
        ({"max_characters": 3}, Status.REJECTED, "213", False),
    ],
)
def test_refusals(hook, sandbox, settings, status, code, account_level):
    sandbox.settings(**settings)
    result = hook.send(NUMBER, "Salam")
    assert (result.status, result.code, result.account_level) == (status, code, account_level)
    assert f"code {code}" in result.detail
    assert sandbox.accepted() == []


def test_the_hook_makes_one_attempt(hook, sandbox):
    for fault in ({"kind": "http-429"}, {"kind": "reset", "when": "after"}, {"kind": "code", "code": "101"}):
        sandbox.reset()
        sandbox.set_fault(**fault)
        assert hook.send(NUMBER, "Salam").status is not Status.SENT
        assert sandbox.received()["by_to"] == {NUMBER: 1}


def test_one_hook_for_many_threads(hook, sandbox):
    numbers = [f"92300123{index:04d}" for index in range(120)]
    assert hook.get_conn() is hook.client
    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda number: hook.send(number, "Salam"), numbers))
    assert {result.status for result in results} == {Status.SENT}
    assert len({result.message_id for result in results}) == 120
    assert sorted(message["to"] for message in sandbox.accepted()) == numbers


# Secrets.


@pytest.mark.parametrize("kind", ["http", "postgres", "google_cloud_platform", "RoboSMS", "robosms2", "", None])
def test_a_connection_of_another_type_is_not_used(connect, kind):
    """Whoever may name a connection must not get its password sent to its host, or to the portal."""
    with Portal(replying(ACCEPTED)) as portal:
        hook = RoboSmsHook(connect(**{**FIELDS, "conn_type": kind}, host=portal.url, extra={"mask": "M"}))
        for act in (lambda: hook.send(NUMBER, "Salam"), lambda: hook.send_bulk([NUMBER], "Salam"), hook.get_balance):
            with pytest.raises(RoboSmsError, match="name a connection of the type RoboSMS") as caught:
                act()
            assert caught.value.permanent
            assert "sandbox-key" not in str(caught.value)
        assert hook.test_connection()[0] is False
        assert portal.connections == 0


@pytest.mark.parametrize(
    ("text", "unicode"),
    [("Salam", 0), ("Price: 5€ [net]", 0), ("سلام", 1), ("“Salam”", 1), ("a`b", 1)],
)
def test_unicode_auto(connect, text, unicode):
    with Portal(replying(ACCEPTED)) as portal:
        extra = {"mask": "M", "send_parameters": {"unicode": "auto", "type": "promotional"}}
        hook = RoboSmsHook(connect(**FIELDS, host=portal.url, extra=extra))
        hook.send(NUMBER, text)
        hook.send_bulk([NUMBER, "923001234568"], text)
    sent = [json.loads(request.body) for request in portal.requests]
    assert [(body["unicode"], body["type"], body["message"]) for body in sent] == [(unicode, "promotional", text)] * 2


def test_the_key_is_masked_also_as_it_stands_in_a_url(connect):
    from airflow.sdk._shared.secrets_masker import redact

    key = "Geheim&Wort/4711+x"
    client = RoboSmsHook(connect(**{**FIELDS, "password": key})).client
    for form in (key, quote(key), quote_plus(key)):
        assert redact(f"GET /api/check-balance?key={form} failed") == "GET /api/check-balance?key=*** failed"
    assert key not in repr(client.account)
