"""The accepted log outlives SIGKILL: whoever got an answer is in it."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import requests

from airflow_provider_robosms.sandbox.gateway.ledger import Ledger
from airflow_provider_robosms.sandbox.server import running_sandbox
from tests.sandbox.conftest import Client

SENDS = 250


def test_every_answered_message_is_in_the_log_after_sigkill(tmp_path):
    answered: dict[str, str] = {}
    local = threading.local()

    def send(index: int, url: str) -> tuple[str, str | None]:
        if not hasattr(local, "client"):
            local.client = Client(url)
        number = f"92300{index:07d}"
        try:
            return number, local.client.send(number, timeout=5).json()["message_id"]
        except requests.RequestException:
            return number, None

    with running_sandbox(tmp_path) as sandbox, ThreadPoolExecutor(32) as pool:
        futures = [pool.submit(send, index, sandbox.url) for index in range(2 * SENDS)]
        for future in as_completed(futures):
            number, message_id = future.result()
            if message_id:
                answered[number] = message_id
            if len(answered) == SENDS:
                sandbox.kill()
        assert len(answered) >= SENDS
        assert len(answered) < 2 * SENDS, "the kill came too late to prove anything"

        on_disk = [json.loads(line) for line in (tmp_path / "accepted.jsonl").read_bytes().splitlines()]
        logged = {record["to"]: record["message_id"] for record in on_disk}
        assert len(logged) == len(on_disk)
        assert answered.items() <= logged.items()

        sandbox.restart()
        assert sandbox.accepted() == on_disk
        state = sandbox.state()
        assert state["balance"] == f"{1000 - len(on_disk) / 2:.2f}"
        assert state["counts"]["accepted"] == len(on_disk)
        # Identifiers go on where they were.
        fresh = Client(sandbox.url).send().json()["message_id"]
        assert fresh not in logged.values()


def test_a_message_is_on_the_disk_before_its_answer_leaves(gateway):
    gateway.settings(latency_ms=600)
    log = gateway.data_dir / "accepted.jsonl"
    before = log.read_bytes()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(Client(gateway.url).send)
        deadline = time.monotonic() + 5
        while log.read_bytes() == before and time.monotonic() < deadline:
            time.sleep(0.005)
        assert not answer.done()
        assert json.loads(log.read_bytes()[len(before) :])["text"] == "Salam"
        assert answer.result().json()["code"] == "000"


def test_settings_and_top_ups_outlive_sigkill_and_faults_do_not(tmp_path):
    with running_sandbox(tmp_path, rate="0.75", username="clinic") as sandbox:
        sandbox.top_up("12.34")
        sandbox.set_fault("http-500")
        assert Client(sandbox.url).send().status_code == 500
        ports = (sandbox.url, sandbox.gateway_url)
        sandbox.kill()
        sandbox.restart()
        assert (sandbox.url, sandbox.gateway_url) == ports
        state = sandbox.state()
        assert (state["balance"], state["rate"], state["settings"]["username"]) == ("1012.34", "0.75", "clinic")
        assert state["faults"] == []


def test_a_torn_last_line_is_cut_off(tmp_path):
    line = {"to": "923001234567", "price": "0.50", "parts": 1, "message_id": "RSMS-100007", "seq": 1}
    log = tmp_path / "accepted.jsonl"
    log.write_bytes(json.dumps(line).encode() + b"\n" + b'{"to":"92300')
    ledger = Ledger(tmp_path)
    assert [record["message_id"] for record in ledger.accepted] == ["RSMS-100007"]
    assert str(ledger.balance) == "999.50"
    assert log.read_bytes().endswith(b"}\n")
