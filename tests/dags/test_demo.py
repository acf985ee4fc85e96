"""``make demo`` as people run it; and its checks, which must be able to fail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.harness.demo_checks import disagreements
from tests.harness.demo_rows import ROWS, Row

MARK = "ROBOSMS_DEMO_TEST"
COMMAND = [sys.executable, "-m", "tests.harness.demo"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Variables that every process of the demo inherits; afterwards none of these processes may live."""
    mark = uuid.uuid4().hex
    yield {**os.environ, MARK: mark, "COLUMNS": "100"}
    deadline = time.monotonic() + 15  # the guard of the process tree looks every half second
    while left := [process for process in psutil.process_iter() if _mark(process) == mark]:
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except psutil.Error:
        return None


@pytest.mark.airflow
@pytest.mark.smoke
def test_the_demo_shows_the_sheet_before_and_after(environment):
    done = subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    before, _, after = done.stdout.partition("The sheet after")
    assert "The sheet before" in before
    for number in range(101, 101 + len(ROWS)):
        assert f"C-{number}" in before
        assert f"C-{number}" in after
    assert f"40: {sum(not row.why for row in ROWS)} SENT, {sum(bool(row.why) for row in ROWS)} SKIPPED" in after
    assert "Sheet, inbox, report and balance agree, message by message." in after
    assert max(map(len, done.stdout.splitlines())) <= 100 + 4  # the direction marks have no width


@pytest.mark.airflow
@pytest.mark.parametrize(
    ("number", "code", "when"),
    [
        (signal.SIGINT, 130, "sandbox: "),
        (signal.SIGTERM, 130, "sandbox: "),
        (signal.SIGKILL, -9, "Airflow: scheduler"),
    ],
)
def test_ending_it_early_ends_everything(environment, number, code, when):
    demo = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    while when not in demo.stdout.readline():
        assert demo.poll() is None
    if number != signal.SIGKILL:
        time.sleep(2)  # somewhere in Airflow's start
    demo.send_signal(number)
    # Who is killed says nothing; what it has started is ended by the guards, for which `environment` waits.
    rest = demo.stdout.read() if number != signal.SIGKILL else "every process is gone"
    demo.wait(60)
    demo.stdout.close()
    assert (demo.returncode, "every process is gone" in rest) == (code, True)


PEOPLE = [Row("Ayesha", "0300-9000001", "Lahore", "1"), Row("Bilal", "0300-12", "Lahore", "2", why="bad number")]


def _campaign(**changes: Any) -> list[str]:
    """Return the disagreements of a campaign of two people of which one is texted, with something changed."""
    row = {"ID": "1", "Phone": "0300-9000001", "Status": "SENT", "Code": "000", "Message ID": "m1", "Parts": "2"}
    told = {
        "people": PEOPLE,
        "sheet": [
            {**row, "Detail": "queued", **changes.pop("row", {})},
            {"ID": "2", "Phone": "0300-12", "Status": "SKIPPED", "Detail": "bad number: short"},
        ],
        "inbox": [{"to": "923009000001", "message_id": "m1", "code": "000", "parts": 2}],
        "report": {
            **{"sent": 1, "skipped": 1, "segments": 2},
            **{"estimated_cost": "1.00", "balance_before": "10.00", "balance_after": "9.00"},
            **changes.pop("report", {}),
        },
        "balances": (Decimal("10.00"), Decimal("9.00")),
        "rate": Decimal("0.50"),
        **changes,
    }
    return list(disagreements(**told))


def test_what_agrees_has_no_disagreement():
    assert _campaign() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people": PEOPLE[:1]}, "The sheet has 2 rows and was filled with 1."),
        ({"row": {"Status": "UNKNOWN", "Detail": "timeout"}}, "Row 1 is UNKNOWN (timeout), not SENT"),
        ({"row": {"Message ID": "m2"}}, "is not in the inbox"),
        ({"row": {"Parts": "1"}}, "differ in number, code or parts"),
        ({"row": {"Phone": "0300-9000002"}}, "differ in number, code or parts"),
        (
            {"inbox": [{"to": "923009000001", "message_id": "m1", "code": "000", "parts": 2}] * 2},
            "more than one message",
        ),
        ({"inbox": []}, "is not in the inbox"),
        ({"balances": (Decimal("10.00"), Decimal("8.50"))}, "The balance fell by 1.50, and 2 parts at 0.50 cost 1.00"),
        ({"report": {"sent": 2}}, "The report tells of (sent, skipped, parts) (2, 1, 2)"),
        ({"report": {"balance_after": "9.50"}}, "The report tells of (cost, balance"),
    ],
)
def test_each_disagreement_is_named(changes, words):
    assert any(words in sentence for sentence in _campaign(**changes))
