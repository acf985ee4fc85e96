"""What the sandbox keeps is for its owner's eyes only: the key, the account, numbers and texts."""

import os
import stat

from airflow_provider_robosms.sandbox.private import append_private, write_private
from airflow_provider_robosms.sandbox.server import running_sandbox
from tests.sandbox.conftest import Client


def modes(folder) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


def test_files_that_hold_secrets_or_numbers_are_0600_whatever_the_umask_is(tmp_path):
    old = os.umask(0)
    try:
        with running_sandbox(tmp_path, demo_sheet=True, username="x") as sandbox:
            Client(sandbox.url).send()
            sandbox.stop()
    finally:
        os.umask(old)
    found = modes(tmp_path)
    assert {"account.json", "accepted.jsonl", "received.jsonl", "service-account.json", "demo-campaign.json"} <= set(
        found
    )
    assert {name: mode for name, mode in found.items() if mode != 0o600 and name not in ("lock", "sandbox.log")} == {}


def test_an_open_file_that_stands_there_already_is_closed(tmp_path):
    key, log = tmp_path / "key.json", tmp_path / "log.jsonl"
    for path in (key, log, tmp_path / "key.json.new"):
        path.write_text("old")
        path.chmod(0o644)
    write_private(key, "new")
    os.close(append_private(log))
    assert modes(tmp_path) == {"key.json": 0o600, "log.jsonl": 0o600}
    assert key.read_text() == "new"
