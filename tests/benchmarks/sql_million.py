"""A campaign from a database table of a million rows, killed half-way and resumed: time, memory, and nobody twice.

    python -m tests.benchmarks.sql_million [--rows 1000000] [--kill-at 0.6] [--concurrency 50] [--write]

SQLite in a file, with the index that docs/scaling.md advises. The gateway's answers are made at once inside the task's
process and each is noted in a file, so that what is measured is the product: reading, planning, claiming rows, journal,
results. The task's state is a folder with a file for each value, written before a call returns, as Airflow's is.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from unittest import mock

from tests.benchmarks.measure import resident_mb
from tests.benchmarks.report import fill, must_be_idle

ROOT = Path(__file__).parents[2]
#: A noted number with its line end (bytes).
LINE = 13


class FolderStore:
    """A task state with a file for each value."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str, default: Any = None) -> Any:
        path = self._folder / key
        return json.loads(path.read_text()) if path.exists() else default

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        draft = self._folder / ".draft"
        draft.write_text(json.dumps(value))
        draft.replace(self._folder / key)


def task(folder: Path, concurrency: int) -> dict[str, Any]:
    """Make one try in this process and return its figures."""
    import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
    from airflow_provider_robosms.gateway.outcome import SendResult, Status
    from tests.sheets.campaigns import variables
    from tests.transfers.sql_stage import context, operator

    posted = os.open(folder / "posted", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    first: list[float] = []

    def answer(self: Any, to: list[str], *rest: Any, **more: Any) -> SendResult:
        if not first:
            first.append(time.monotonic())
        os.write(posted, f"{to[0]}\n".encode())
        return SendResult(Status.SENT, "000", f"RSMS-{to[0]}", "queued", "code")

    account = {
        "conn_type": "robosms",
        "login": "demo@example.pk",
        "password": "benchmark-key",
        "extra": {"mask": "ALERT"},
    }
    connections = {
        "AIRFLOW_CONN_ROBOSMS_DEFAULT": json.dumps(account),
        "AIRFLOW_CONN_ROBOSMS_SQL": json.dumps({"conn_type": "sqlite", "host": str(folder / "customers.db")}),
    }
    client = "airflow_provider_robosms.gateway.client.GatewayClient"
    patches = (mock.patch(f"{client}.send", answer), mock.patch(f"{client}.balance", _balance))
    before, began, cpu = resident_mb(), time.monotonic(), time.process_time()
    with patches[0], patches[1], variables(connections):
        result = operator(concurrency=concurrency).execute(context(FolderStore(folder / "state")))
    counts = {name: result[name] for name in ("sent", "unknown", "total", "pending")}
    return {
        "until_first": (first[0] if first else time.monotonic()) - began,
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - cpu,
        "before_mb": before,
        "peak_mb": resident_mb("VmHWM"),
        **counts,
    }


def _balance(client: Any) -> Any:
    from decimal import Decimal

    from airflow_provider_robosms.gateway.outcome import Balance

    return Balance(Decimal(10_000_000), Decimal("0.5"), "benchmark")


def _start(folder: Path, concurrency: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks.sql_million", "--task", str(folder)]
    command += ["--concurrency", str(concurrency)]
    log = (folder / "log").open("a")
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)


def _killed_at(process: subprocess.Popen[str], posted: Path, count: int, folder: Path) -> dict[str, float]:
    """Kill the try once so many were posted; return how long it took from the first on, and its most memory."""
    first = 0.0
    while process.poll() is None:
        done = posted.stat().st_size // LINE if posted.exists() else 0
        if done and not first:
            first, at_first = time.monotonic(), done
        if done >= count:
            status = Path(f"/proc/{process.pid}/status").read_text()
            process.kill()
            process.wait()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            sent = posted.stat().st_size // LINE
            seconds = time.monotonic() - first
            return {"rate": (sent - at_first) / seconds, "peak_mb": int(peak.split()[1]) / 1024, "posted": sent}
        time.sleep(0.01)
    raise SystemExit(f"The first try ended before it was killed:\n{(folder / 'log').read_text()[-3000:]}")


def run(rows: int, share: float, concurrency: int) -> list[str]:
    """Run the campaign and return the table's lines."""
    from tests.transfers.sql_stage import Database

    with tempfile.TemporaryDirectory(prefix="robosms-sql-") as name:
        folder = Path(name)
        (folder / "state").mkdir()
        database, posted = Database(folder / "customers.db").crowd(rows), folder / "posted"
        database.do("CREATE INDEX campaign ON customers (sms_status, sms_run)")
        first = _killed_at(_start(folder, concurrency), posted, int(rows * share), folder)
        process = _start(folder, concurrency)
        out, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"The second try ended with {process.returncode}:\n{(folder / 'log').read_text()[-3000:]}")
        second = json.loads(out.splitlines()[-1])
        texted = Counter(posted.read_text().split())
        statuses = database.statuses()
        journal = sum(path.stat().st_size for path in (folder / "state").glob("journal.*"))
    twice = sum(times > 1 for times in texted.values())
    left = rows - statuses["SENT"] - statuses["UNKNOWN"]
    if twice or left or len(texted) < statuses["SENT"]:
        raise SystemExit(f"{twice} texted twice, {left} without a result, {len(texted):,} texted: {statuses}")
    head = ["rows", "first try: a second", "its peak MB", "killed at", "second try: s until its first message"]
    head += [
        "its peak MB",
        "MB above its start",
        "a second after that",
        "CPU ms a message",
        "UNKNOWN",
        "texted twice",
        "journal MB",
    ]
    rest = rows - first["posted"]
    cells = [
        f"{rows:,}", f"{first['rate']:,.0f}", f"{first['peak_mb']:.0f}", f"{first['posted']:,}",
        f"{second['until_first']:.1f}", f"{second['peak_mb']:.0f}", f"{second['peak_mb'] - second['before_mb']:.0f}",
        f"{rest / max(0.001, second['seconds'] - second['until_first']):,.0f}", f"{1000 * second['cpu'] / max(1, rest):.2f}",
        statuses["UNKNOWN"], twice, f"{journal / 1e6:.1f}",
    ]  # fmt: skip
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", f"| {' | '.join(map(str, cells))} |"]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--kill-at", type=float, default=0.6, help="share of the rows after which the first try is killed"
    )
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--write", action="store_true", help="put the table into docs/proofs/scaling.md")
    parser.add_argument("--task", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        figures = task(options.task, options.concurrency)
        sys.stdout.flush()
        print("\n" + json.dumps(figures))
        return
    if options.write:
        must_be_idle()
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    text = "\n".join(run(options.rows, options.kill_at, options.concurrency))
    print(f"load of this machine before: {load}\n{text}")
    if options.write:
        command = shlex.join(["python", "-m", "tests.benchmarks.sql_million", *sys.argv[1:]])
        page = ROOT / "docs" / "proofs" / "scaling.md"
        fill(page, "sql_million", command, f"Load of the machine before: {load}.\n\n{text}")


if __name__ == "__main__":
    main()
