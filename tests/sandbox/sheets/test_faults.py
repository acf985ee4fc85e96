"""Faults of Google, switched on one by one."""

import time

import pytest
import requests
from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport.requests import Request
from gspread.exceptions import APIError

from .conftest import typing


def write(sandbox, book):
    return sandbox.write(book, "A1", "new")


def stored(book):
    return book.sheets[0].cell(0, 0)


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("http-429", 429, "RESOURCE_EXHAUSTED"),
        ("http-500", 500, "INTERNAL"),
        ("http-503", 503, "UNAVAILABLE"),
        ("http-504", 504, "DEADLINE_EXCEEDED"),
        ("protected", 400, "INVALID_ARGUMENT"),
    ],
)
def test_errors_before_the_write_is_applied(sandbox, kind, code, status):
    book = sandbox.book(["old"])
    sandbox.fault(kind, on="write", count=1)
    sheet = sandbox.gc.open_by_key(book.id).sheet1
    body = {"requests": [typing("A1", "new")]}
    with pytest.raises(APIError) as raised:
        sheet.spreadsheet.batch_update(body)
    assert (raised.value.code, raised.value.error["status"]) == (code, status)
    assert (stored(book), book.version) == ("old", 1)
    sheet.spreadsheet.batch_update(body)
    assert stored(book) == "new"


@pytest.mark.parametrize("kind", ["http-500", "http-502", "http-503", "http-504", "reset"])
def test_errors_after_the_write_was_applied(sandbox, kind):
    book = sandbox.book(["old"])
    sandbox.fault(kind, on="write", when="after", count=1)
    if kind == "reset":
        with pytest.raises(requests.ConnectionError):
            write(sandbox, book)
    else:
        assert write(sandbox, book).status_code == int(kind.removeprefix("http-"))
    assert (stored(book), book.version) == ("new", 2)


def test_a_fault_after_does_not_hide_an_honest_error(sandbox):
    sandbox.fault("http-503", when="after", count=1)
    assert sandbox.call("GET", "nowhere").status_code == 404


def test_502_is_a_page(sandbox):
    sandbox.fault("http-502", count=1)
    answer = write(sandbox, sandbox.book())
    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("when", ["before", "after"])
def test_resets(sandbox, when):
    book = sandbox.book(["old"])
    sandbox.fault("reset", when=when, count=1)
    with pytest.raises(requests.ConnectionError):
        write(sandbox, book)
    assert stored(book) == ("old" if when == "before" else "new")
    assert write(sandbox, book).ok


def test_hang_and_delay(sandbox):
    book = sandbox.book(["old"])
    sandbox.fault("hang", on="write", count=1)
    start = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        sandbox.session.post(f"{sandbox.url}/v4/spreadsheets/{book.id}:batchUpdate", timeout=0.4, json={})
    assert time.monotonic() - start < 3
    assert stored(book) == "old"
    sandbox.fault("delay", seconds=0.3, count=1)
    start = time.monotonic()
    assert write(sandbox, book).ok
    assert time.monotonic() - start >= 0.3


def test_on_and_count_and_probability(sandbox):
    book = sandbox.book(["a"])
    sandbox.fault("http-500", on="write", count=2)

    def read():
        return sandbox.call("GET", f"{book.id}/values/A1").status_code

    assert [read(), write(sandbox, book).status_code, read(), write(sandbox, book).status_code] == [200, 500, 200, 500]
    assert write(sandbox, book).status_code == 200
    assert sandbox.person("GET", "/faults")["active"] == []

    def drawn(seed):
        sandbox.person("DELETE", "/faults")
        sandbox.fault("http-503", on="read", probability=0.5, seed=seed)
        return [read() for _ in range(40)]

    first = drawn(1)
    assert 8 < first.count(503) < 32
    assert drawn(1) == first
    assert drawn(2) != first
    (active,) = sandbox.person("GET", "/faults")["active"]
    assert active["struck"] == sum(code == 503 for code in drawn(2))
    (fault,) = sandbox.person("GET", "/faults")["active"]
    assert sandbox.person("DELETE", f"/faults/{fault['id']}")["active"] == []
    assert read() == 200


def test_the_token_endpoint_fails(sandbox):
    sandbox.fault("invalid-grant", on="token", count=1)
    with pytest.raises(RefreshError):
        sandbox.credentials().refresh(Request())
    sandbox.fault("http-503", on="token", count=1)
    file = sandbox.service.accounts.key_file(sandbox.url)
    assert requests.post(file["token_uri"], data={}, timeout=5).status_code == 503
    sandbox.fault("reset", on="token", count=1)
    with pytest.raises(TransportError):
        sandbox.credentials().refresh(Request())
    book = sandbox.book(["a"])
    # Faults of the API leave the token endpoint alone.
    sandbox.fault("http-500")
    sandbox.credentials().refresh(Request())
    assert sandbox.call("GET", book.id).status_code == 500


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"kind": "flood"}, "kind"),
        ({}, "kind"),
        ({"kind": "http-500", "on": "everything"}, "on"),
        ({"kind": "http-500", "probability": 2}, "probability"),
        ({"kind": "http-500", "colour": "red"}, "colour"),
        ({"kind": "http-429", "when": "after"}, "leave 'when' out"),
        ({"kind": "invalid-grant"}, "on='token'"),
        ({"kind": "protected", "on": "token"}, "token endpoint never answers protected"),
        ({"kind": "delay"}, "needs seconds"),
    ],
)
def test_faults_that_do_not_exist(sandbox, body, sentence):
    answer = requests.post(f"{sandbox.url}/sandbox/sheets/faults", json=body, timeout=10)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    assert sandbox.person("GET", "/faults")["active"] == []
