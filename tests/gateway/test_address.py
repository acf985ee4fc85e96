"""Addresses that parsers read differently are refused before a secret is near them."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

import airflow_provider_robosms
from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway import answers
from airflow_provider_robosms.gateway.address import loopback_url, parse_address, portal_url

STRANGE = [
    "http://127.0.0.1:1\\@localhost:2",
    "http://localhost:2\\@evil.example",
    "http://me:SECRET@127.0.0.1",
    "http://SECRET@127.0.0.1",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1/SECRET@evil.example",
    "http://[::1",
    "http://::1:80",
    "http://[::1]evil",
    "http://[1.2.3.4]",
    "http://[::1%25lo]",
    "http://127.0.0.1:port",
    "http://127.0.0.1:0",
    "http://127.0.0.1:65536",
    "http://127.0.0.1:",
    "http://127.0.0.1:80:80",
    "http://127.0.0.1?key=SECRET",
    "http://127.0.0.1#SECRET",
    "http://127.0.0.1/a b",
    "http://127.0.0.1\t.evil.example",
    "http://127.0.0.1\n",
    "http://127.0.0.1\r\nHost: evil.example",
    "http://127.0.0.1;SECRET",
    "http:127.0.0.1",
    "http:/127.0.0.1",
    "http:///127.0.0.1",
    "http://",
    "http://-",
    "http://.",
    "http://*.robosms.pk",
    "http://１２７.0.0.1",
    "http://ﬂoopback",
    "http://localhost\u200b",
    "http://localhos\u0074\u0301",
    "http://%6cocalhost",
    "//127.0.0.1",
    "javascript://127.0.0.1",
    "http+unix://127.0.0.1",
    "http://" + "a" * 100_000 + "!",
    "http://127.0.0.1" + "/" * 100_000 + "!",
]


@pytest.mark.parametrize("raw", STRANGE)
def test_strange_addresses_are_one_sentence_that_does_not_repeat_them(raw):
    assert parse_address(raw) is None
    for refuse in (lambda: portal_url(raw.replace("http://", "https://")), lambda: loopback_url(raw, "api_endpoint")):
        with pytest.raises(RoboSmsError) as caught:
            refuse()
        assert caught.value.permanent
        assert "SECRET" not in str(caught.value)
        assert "evil" not in str(caught.value)
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize("raw", [None, 7, [], {}, b"http://127.0.0.1", ""])
def test_what_is_no_text_is_no_address(raw):
    with pytest.raises(RoboSmsError, match=r"^api_endpoint must be a loopback address"):
        loopback_url(raw, "api_endpoint")


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("http://127.0.0.1:8099", "http://127.0.0.1:8099"),
        (" http://LOCALHOST:8099/ ", "http://localhost:8099"),
        ("HTTP://[0:0::1]:8099/", "http://[::1]:8099"),
        ("https://127.5.5.5/below/it/", "https://127.5.5.5/below/it"),
    ],
)
def test_a_stand_in_on_this_machine(raw, url):
    assert loopback_url(raw, "api_endpoint").url == url


@given(st.from_regex(r"\Ahttps?://[\x21-\x7eé]{1,12}(:[0-9]{1,3})?[\x21-\x7e]{0,12}\Z"))
def test_whatever_is_accepted_has_one_meaning(raw):
    address = parse_address(raw)
    if address is not None:
        theirs, pythons = urllib3.util.parse_url(address.url), urlsplit(address.url)
        host = f"[{address.host}]" if ":" in address.host else address.host
        assert (theirs.host, theirs.port, theirs.auth) == (host, address.port, None)
        assert (pythons.hostname, pythons.port, pythons.username) == (address.host, address.port, None)


def test_answers_become_outcomes_in_one_module():
    """Nobody else reads a body of the portal, or judges a code or an HTTP status in it (``signs.py`` collects)."""
    package = Path(inspect.getfile(airflow_provider_robosms)).parent
    for path in [path for path in package.rglob("*.py") if "sandbox" not in path.parts]:
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        judged = {"CODE_STATUS", "NOT_SERVED", "normalise_code"} & names
        assert not judged or path.name in {"answers.py", "signs.py", "evidence.py", "codes.py"}, (path, judged)
    assert "one place" in str(answers.__doc__)
