"""What exceptions, HTTP statuses and answers prove, without a network: whole domains instead of examples."""

from __future__ import annotations

import json
import ssl

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.gateway.answers import read_send_answer, retry_after_seconds
from airflow_provider_robosms.gateway.client import GatewayClient
from airflow_provider_robosms.gateway.codes import MEANINGS, normalise_code
from airflow_provider_robosms.gateway.evidence import CODE_STATUS, REASONS, sentence
from airflow_provider_robosms.gateway.outcome import ACCOUNT_ADVICE, ACCOUNT_CODES, PERMANENT_ACCOUNT_CODES, Status
from airflow_provider_robosms.gateway.transport_errors import DOUBTS, PLAIN_PROOFS, PROOFS, reason_of_exception
from tests.gateway.case import NUMBER, account
from tests.gateway.certificates import Authority
from tests.gateway.matrix import exception_classes, reason_by_itself
from tests.gateway.portals import Visit
from tests.gateway.situations import Scene, handshake_then

# Of everything that requests, urllib3 and ssl define. Whoever adds one here must know why no byte can have left.
PROVEN = {
    "urllib3.ConnectTimeoutError",
    "urllib3.NewConnectionError",
    "urllib3.NameResolutionError",
    "ssl.SSLCertVerificationError",
    "ssl.CertificateError",
    "requests.InvalidURL",
    "requests.InvalidProxyURL",
    "requests.MissingSchema",
    "requests.InvalidSchema",
    "requests.InvalidJSONError",
    "urllib3.LocationValueError",
    "urllib3.LocationParseError",
    "urllib3.URLSchemeUnknown",
    "urllib3.ProxySchemeUnknown",
}


def test_only_these_classes_prove_that_nothing_was_sent():
    found = dict(exception_classes())
    assert len(found) > 50
    failed = {name for name, kind in found.items() if REASONS[reason_by_itself(kind)][0] is Status.FAILED}
    assert failed == PROVEN


def test_every_reason_of_the_tables_is_defined():
    assert {reason for _, reason in PROOFS} | {reason for _, reason in PLAIN_PROOFS} <= REASONS.keys()
    assert all(REASONS[reason][0] is Status.FAILED for _, reason in PROOFS + PLAIN_PROOFS)
    assert all(REASONS[reason][0] is Status.UNKNOWN for _, reason in DOUBTS)
    assert CODE_STATUS.keys() == MEANINGS.keys()
    assert ACCOUNT_ADVICE.keys() == ACCOUNT_CODES > PERMANENT_ACCOUNT_CODES


def test_a_doubt_anywhere_in_the_chain_outweighs_a_proof():
    refused = urllib3.exceptions.NewConnectionError(None, "refused")
    timeout = urllib3.exceptions.ReadTimeoutError(None, "/", "slow")
    broken = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError())
    assert reason_of_exception(requests.ConnectionError(refused)) == "refused"
    for doubt, reason in ((timeout, "read_timeout"), (broken, "connection_lost")):
        refused.__cause__ = doubt
        assert reason_of_exception(requests.ConnectionError(refused)) == reason


def test_proof_is_found_however_deep_and_chains_may_be_circular():
    certificate = ssl.SSLCertVerificationError("self-signed certificate")
    wrapped = urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.SSLError(certificate))
    outer = requests.exceptions.SSLError(wrapped)
    certificate.__cause__ = outer
    assert reason_of_exception(outer) == "certificate"


def test_somebody_elses_error_proves_nothing(authority: Authority):
    """An alert that is sent while another error is being handled: Python chains the two by itself."""
    with handshake_then(Visit.close)(authority) as scene:
        client = GatewayClient(account(scene))
        dead = GatewayClient(account(Scene("http://127.0.0.1:1")))
        assert dead.send([NUMBER], "Salam").reason == "refused"
        try:
            requests.get("http://127.0.0.1:1", timeout=5)
        except requests.ConnectionError:
            result = client.send([NUMBER], "The nightly load has failed.")
    assert (result.status, result.reason) == (Status.UNKNOWN, "tls_error")


@pytest.mark.parametrize("text", ["Tunnel connection failed: 403 Forbidden", "[Errno 5] Tunnel connection failed: no"])
def test_a_refused_tunnel_is_a_plain_os_error_with_that_beginning(text: str):
    wrapped = urllib3.exceptions.ProxyError("Unable to connect to proxy", OSError(text))
    assert reason_of_exception(wrapped) == ("proxy" if text.startswith("Tunnel") else "connection_lost")
    assert reason_of_exception(ConnectionResetError(text)) == "connection_lost"


def test_of_all_http_statuses_only_these_say_not_sent():
    failed = {status for status in range(100, 1000) if read_send_answer(status, b"").status is Status.FAILED}
    assert failed == {404, 405, 410, 429}
    assert not any(read_send_answer(status, b"").status is Status.SENT for status in range(100, 1000))


@given(st.integers(100, 999), st.binary(max_size=200))
def test_no_answer_is_too_strange_to_be_read(status: int, body: bytes):
    result = read_send_answer(status, body)
    assert result.detail == sentence(result.reason, result.code)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["sms", "code", "message_id", "response"]), children, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from([200, 201, 400, 403, 429, 500]), json_values)
def test_a_message_counts_as_accepted_or_refused_only_by_a_listed_code(status: int, value: object):
    result = read_send_answer(status, json.dumps(value).encode())
    if result.reason == "code":
        assert CODE_STATUS[str(result.code)] is result.status
        fields = value["sms"] if isinstance(value, dict) and isinstance(value.get("sms"), dict) else value
        assert isinstance(fields, dict)
        assert normalise_code(fields["code"]) == result.code
    else:
        assert result.status is (Status.FAILED if result.reason == "rate_limited" else Status.UNKNOWN)
    assert result.message_id is None or (result.message_id.isprintable() and 0 < len(result.message_id) <= 64)


@pytest.mark.parametrize(
    ("raw", "code"),
    [("0", "000"), (0, "000"), (" 200 ", "200"), ("00", "000"), (5, "005"), (999, "999")]
    + [(raw, None) for raw in (1000, -1, 0.0, True, None, "", "0000", "2 0", "²⁰⁰", "٢٠٠", [0], {"code": 0})],
)
def test_codes_are_compared_as_three_digits(raw: object, code: str | None):
    assert normalise_code(raw) == code


NOW = 1_795_392_000.0  # Mon, 23 Nov 2026 00:00:00 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("٣", None),
        ("9" * 400, None),
        ("soon", None),
        ("Mon, 23 Nov 2026 00:01:30 GMT", 90.0),
        ("Monday, 23-Nov-26 00:01:30 GMT", 90.0),
        ("Mon Nov 23 00:01:30 2026", 90.0),
        ("Sun, 22 Nov 2026 23:59:00 GMT", 0.0),
        ("Mon, 99 Nov 2026 00:01:30 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None):
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text(st.characters(max_codepoint=255), max_size=40) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ \S+"))
def test_no_retry_after_is_too_strange_to_be_read(value: str):
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or seconds >= 0


def test_account_level_is_only_what_was_refused():
    for code in MEANINGS:
        assert read_send_answer(200, json.dumps({"code": code}).encode()).account_level is (code in ACCOUNT_CODES)
        # A server error is no verdict, whatever its body says.
        assert not read_send_answer(500, json.dumps({"code": code}).encode()).account_level


def test_the_words_fit_the_outcome():
    for reason, (status, words) in REASONS.items():
        if reason != "code":
            assert words.startswith("not sent: " if status is Status.FAILED else "may have been sent: ")
    for code, status in CODE_STATUS.items():
        words = sentence("code", code)
        assert words.startswith("may have been sent: ") is (status is Status.UNKNOWN)
        if status in (Status.REJECTED, Status.FAILED):
            assert f"code {code}" in words
