"""The account check: a tick or a sentence for each thing that must be right before a campaign."""

from __future__ import annotations

import json

import pytest

from airflow_provider_robosms.__main__ import main
from airflow_provider_robosms.sandbox.server import RunningSandbox


@pytest.fixture
def run(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command with connections to the sandbox, changed as told; return exit code and lines."""

    def check(*arguments: str, mask: str | None = "SMS-ALERT", key: str | None = None) -> tuple[int, list[str]]:
        account = sandbox.state()["settings"]
        robosms = {
            "login": account["email"],
            "password": key or account["key"],
            "extra": {"mask": mask} if mask else {},
        }
        google = {"key_path": str(sandbox.key_file), "api_endpoint": sandbox.url}
        for name, connection in (
            ("ROBOSMS_DEFAULT", {"conn_type": "robosms", "host": sandbox.gateway_url, **robosms}),
            ("GOOGLE_CLOUD_DEFAULT", {"conn_type": "google_cloud_platform", "extra": google}),
        ):
            monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
        code = main(["check", *arguments])
        return code, capsys.readouterr().out.splitlines()

    return check


def line(lines: list[str], start: str) -> str:
    [found] = [one for one in lines if one[2:].startswith(start)]
    return found


def test_what_is_right_has_ticks(run, sandbox):
    sheet = sandbox.create_sheet("Bills", {"Recipients": [["Phone"]], "Templates": [["Name"]]})
    before = sandbox.sheet(sheet)
    code, lines = run("--spreadsheet", f"{sandbox.url}/spreadsheets/d/{sheet}/edit")
    assert code == 0, lines
    assert line(lines, "API key").startswith("✓")
    assert line(lines, "Balance: 1000.00, enough for 2,000 message parts").startswith("✓")
    assert line(lines, "Sender mask: SMS-ALERT").startswith("✓")
    assert line(lines, "Google credentials").startswith("✓")
    assert line(lines, "Spreadsheet Bills: opened; its tabs are Recipients, Templates").startswith("✓")
    assert line(lines, "Edit right: the account may write").startswith("✓")
    assert line(lines, "Only a first message proves e-mail and mask").startswith("?")
    assert sandbox.received()["posts"] == 0
    assert sandbox.sheet(sheet) == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": "wrong"}, "API key"),
        ({"mask": None}, "Sender mask: the connection names none"),
        ({"mask": "MUCH-TOO-LONG"}, "longer than 11 characters"),
    ],
)
def test_what_is_wrong_has_a_sentence(run, change, sentence):
    code, lines = run(**change)
    assert code == 1
    assert any(one.startswith("✗") and sentence in one for one in lines), lines


@pytest.mark.parametrize(
    ("shared", "sentence"),
    [
        ({"somebody@example.pk": "writer"}, "No access to the spreadsheet: share it with"),
        ("reader", "can be read but not changed by"),
    ],
)
def test_a_spreadsheet_that_is_not_shared_as_needed(run, sandbox, shared, sentence):
    email = json.loads(sandbox.key_file.read_text())["client_email"]
    roles = {email: "reader"} if shared == "reader" else shared
    book = {"title": "Bills", "sheets": [{"title": "Recipients", "rows": [["Phone"]]}], "shared_with": roles}
    sheet = sandbox._call("POST", "/sandbox/sheets", book)["id"]
    code, lines = run("--spreadsheet", sheet)
    assert code == 1
    assert any(one.startswith("✗") and sentence in one for one in lines), lines


def test_no_such_connection_and_no_such_spreadsheet(run):
    code, lines = run("--robosms-conn-id", "nowhere", "--spreadsheet", "1" * 44)
    assert code == 1
    assert any(one.startswith("✗ Connection 'nowhere' does not exist: create it") for one in lines), lines
    assert any(one.startswith("✗ There is no such spreadsheet: check its key") for one in lines), lines


def test_an_unknown_command_shows_what_there_is(capsys):
    assert main(["nonsense"]) == 2
    assert "check" in capsys.readouterr().out
