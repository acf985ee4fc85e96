"""The page is served whole, from here only, and can't run what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from airflow_provider_robosms.sandbox.app import PAGE

SCRIPTS = sorted(PAGE.glob("*.js"))


def test_every_file_that_the_page_names_is_served(gateway):
    page = requests.get(gateway.url + "/", timeout=5)
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert "/page/main.js" in named
    for script in SCRIPTS:
        named += [f"/page/{name}" for name in re.findall(r'from "\./([^"]+)"', script.read_text())]
    for path in set(named):
        assert requests.get(gateway.url + path, timeout=5).status_code == 200, path


def test_the_page_loads_nothing_from_elsewhere():
    for file in PAGE.iterdir():
        addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", file.read_text())
        assert set(addresses) <= {"http://www.w3.org"}, file


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_text_never_becomes_markup(script: Path):
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\b|new Function|DOMParser"
    assert re.findall(banned, script.read_text()) == []


def test_the_page_has_no_inline_script():
    page = (PAGE / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=|\sstyle=", page) == []
