"""The probe as a person runs it: a process that talks over HTTP to the sandbox."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from airflow_provider_robosms.__main__ import main
from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook
from airflow_provider_robosms.probe import command
from airflow_provider_robosms.probe.assumptions import assumptions
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.docs.pages import ROOT, blocks
from tests.sheets.campaigns import Hurried

_API = "https://sheets.googleapis.com/v4/spreadsheets"
PHONE = "03151231015"
PAGE = ROOT / "docs" / "proofs" / "probe.md"


def all_of(key: str) -> Any:
    """Return all tabs of a spreadsheet with all that their cells have."""
    http = GoogleSheetsHook().get_conn().http_client
    return http.request("get", f"{_API}/{key}?includeGridData=true").json()


@pytest.fixture
def key(sandbox: RunningSandbox) -> str:
    rows = [["Phone", "Due", "Double"], [PHONE, 1234.5, "=B2*2"], ["03451231015", 7, "=ARRAYFORMULA(B2:B3)"]]
    key = sandbox.create_sheet("Bills", {"Recipients": rows, "Templates": [["Name", "Body"]]})
    http = GoogleSheetsHook().get_conn().http_client
    sheet = all_of(key)["sheets"][0]["properties"]["sheetId"]
    area = {"sheetId": sheet, "startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 3}
    look = {"userEnteredFormat": {"textFormat": {"bold": True}}, "note": "a note"}
    condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]}
    changes = [
        {"repeatCell": {"range": area, "cell": look, "fields": "userEnteredFormat,note"}},
        {"setDataValidation": {"range": area, "rule": {"condition": condition}}},
    ]
    http.request("post", f"{_API}/{key}:batchUpdate", json={"requests": changes})
    return key


@contextmanager
def running(key: str) -> Iterator[tuple[subprocess.Popen[str], list[str], threading.Event]]:
    """Run the command as a process; yields it, its lines, and an event that is set by its fifth line."""
    program = [sys.executable, "-m", "airflow_provider_robosms", "probe", "--spreadsheet", key]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    lines: list[str] = []
    under_way = threading.Event()

    def read() -> None:
        assert process.stdout
        for line in process.stdout:
            lines.append(line.rstrip())
            if len(lines) == 5:
                under_way.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield process, lines, under_way
    finally:
        process.kill()
        process.wait()
        reader.join()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe's pauses, here in this process, take a hundredth of their time."""
    clock = Hurried()
    monkeypatch.setattr(command, "probe", partial(command.probe, clock=clock, sleep=clock.sleep))


@pytest.mark.usefixtures("hurried")
def test_what_a_person_sees(key: str, sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    before = all_of(key)
    code = main(["probe", "--spreadsheet", f"{sandbox.url}/spreadsheets/d/{key}/edit", "--trials", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0, lines
    assert [line[0] for line in lines[:-1]] == ["✓"] * len(assumptions(1))
    assert all_of(key) == before
    assert sandbox.received()["posts"] == 0
    for secret in (PHONE, key, json.loads(sandbox.key_file.read_text())["private_key"][40:80], "Recipients"):
        assert secret not in "\n".join(lines)
    # The page shows what the command prints, but for the times.
    [shown] = [block for block in blocks(PAGE.read_text(encoding="utf-8")) if "probe --spreadsheet" in block.code]
    assert _timeless(shown.code.splitlines()[1:]) == _timeless(lines)


def _timeless(lines: list[str]) -> list[str]:
    return [re.sub(r"\d+ writes|\d+\.\d s", "…", line.rstrip()) for line in lines if line.strip()]


def test_the_page_says_what_each_cross_means() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [each.text for each in assumptions(1) if f"| {each.text} | {each.means} |" not in text]
    assert not missing


@pytest.mark.parametrize("name", ["SIGINT", pytest.param("SIGTERM", marks=pytest.mark.edits)])
def test_nothing_is_left_after_ctrl_c(key: str, name: str) -> None:
    before = all_of(key)
    with running(key) as (process, lines, under_way):
        assert under_way.wait(60), lines
        process.send_signal(getattr(signal, name))
        assert process.wait(60) == 130
    assert lines[-1] == "Stopped; the probe's tabs are deleted."
    assert all_of(key) == before


@pytest.mark.usefixtures("hurried")
def test_a_killed_probe_is_tidied_up_by_the_next(
    key: str, sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    before = all_of(key)
    with running(key) as (process, lines, under_way):
        assert under_way.wait(60), lines
        process.kill()
        process.wait()
    left = len(all_of(key)["sheets"]) - len(before["sheets"])
    assert left >= 2
    main(["probe", "--spreadsheet", key, "--trials", "1"])
    assert f"Removed {left} hidden tab(s) of a probe that was killed." in capsys.readouterr().out.splitlines()
    assert all_of(key) == before


def test_a_spreadsheet_that_cannot_be_used_is_a_sentence(
    sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", "--spreadsheet", "1" * 44]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("✗ There is no such spreadsheet")


def test_a_connection_that_is_not_there_is_a_sentence(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--spreadsheet", key, "--gcp-conn-id", "nowhere"]) == 1
    assert "see that the connection nowhere is there" in capsys.readouterr().out


def test_the_account_check_names_it(key: str, sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--spreadsheet", key])
    assert any(line.startswith("? Only the probe proves that Google") for line in capsys.readouterr().out.splitlines())
