"""The API key is in the balance check's URL. It must not get out: not by exceptions, tracebacks, logs or results."""

from __future__ import annotations

import logging
import os
import traceback
from unittest.mock import patch
from urllib.parse import quote, quote_plus

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.client import GatewayClient
from tests.gateway.case import KEY, NUMBER, SHORT, account
from tests.gateway.certificates import Authority
from tests.gateway.portals import Visit, answer, dripping, replying
from tests.gateway.situations import (
    Situation,
    answering,
    handshake_then,
    impossible_name,
    no_answer_to_syn,
    no_bundle,
    nobody_listens,
    portal,
    proxied,
    reads_then,
    redirecting,
    reset_on_request,
    says,
    tls,
    unknown_name,
)

TEXT = "Your OTP is 123456"
SECRETS = {KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY), KEY.split("&")[0], NUMBER, TEXT}

FAILURES: dict[str, Situation] = {
    "refused": nobody_listens,
    "dns": unknown_name,
    "impossible-name": impossible_name,
    "connect-timeout": no_answer_to_syn,
    "certificate": tls("self-signed"),
    "no-bundle": no_bundle,
    "tls-noise": handshake_then(lambda visit: visit.write(b"\x00noise" * 20)),
    "hang": portal(reads_then(Visit.hang)),
    "drip": portal(dripping(answer(200, b"", length=500), b" " * 500, pause=0.05)),
    "reset": portal(reset_on_request),
    "closed": portal(reads_then(Visit.close)),
    "no-http": portal(says(b"220 mail.example.pk ESMTP\r\n")),
    "cut": portal(says(answer(200, b"{", length=40))),
    "gzip": answering(200, b"no gzip", "Content-Encoding: gzip"),
    "lengths": portal(says(b"HTTP/1.1 200 X\r\nContent-Length: 1, 2\r\n\r\n{}")),
    # urllib3 warns about headers that it cannot parse, and names the URL.
    "headers": portal(replying(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nno colon\r\n\r\n{}")),
    "both-lengths": portal(says(b"HTTP/1.1 200 X\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
    "redirect": redirecting(302),
    "bad-redirect": redirecting(307, "http://[half"),
    "html": answering(200, b"<html>"),
    "404": answering(404),
    "429": answering(429, b"", "Retry-After: 3"),
    "502": answering(502),
    "203": answering(200, {"sms": {"code": "203"}}),
    "proxy-closed": proxied(None, encrypted=False),
    "proxy-refuses": proxied(says(answer(403))),
}


def leaks(text: str) -> set[str]:
    return {secret for secret in SECRETS if secret in text}


@pytest.mark.parametrize("failure", FAILURES)
def test_nothing_gets_out(failure: str, authority: Authority, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.util.retry", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    with FAILURES[failure](authority) as scene, patch.dict(os.environ, dict(scene.environment)):
        client = GatewayClient(account(scene, timeout=SHORT if failure in ("hang", "drip", "connect-timeout") else 10))
        with pytest.raises(RoboSmsError) as caught:
            client.balance()
        result = client.send([NUMBER], TEXT)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    # With the values of local variables, as error trackers collect them; this test's own frame is left out.
    trace = traceback.TracebackException(type(error), error, error.__traceback__.tb_next, capture_locals=True)
    shown = ["".join(traceback.format_exception(error)), "".join(trace.format()), str(error), repr(error), repr(result)]
    shown += [repr(client), repr(client.account), caplog.text]
    shown += [record.getMessage() + str(record.args) + str(record.exc_text) for record in caplog.records]
    assert leaks("\n".join(shown)) == set()


def test_the_debug_line_with_the_url_is_there_and_shows_stars(authority: Authority, caplog: pytest.LogCaptureFixture):
    """Else the test above would pass because nothing was logged at all."""
    caplog.set_level(logging.DEBUG, logger="urllib3.connectionpool")
    with answering(404)(authority) as scene, pytest.raises(RoboSmsError):
        GatewayClient(account(scene)).balance()
    assert '"GET /api/check-balance?key=*** HTTP/1.1" 404' in caplog.text


def test_a_portals_own_words_are_not_repeated(authority: Authority):
    """A portal may well answer with the request that it got."""
    words = {"message": f"bad key {KEY} for {NUMBER}: {TEXT}", "response": KEY, "message_id": f"{KEY} {NUMBER}"}
    for status in (200, 400, 500):
        for code in ("203", "215", "201", "999", None):
            with answering(status, {"code": code, **words})(authority) as scene:
                client = GatewayClient(account(scene))
                result = client.send([NUMBER], TEXT)
                with pytest.raises(RoboSmsError) as caught:
                    client.balance()
            assert leaks(result.detail + str(caught.value)) == set()
