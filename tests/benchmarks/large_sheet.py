"""A campaign over a large sheet, on a sandbox process with Google's quotas on, in real time.

    python -m tests.benchmarks.large_sheet [--rows 100000] [--partitions 1 4] [--profile]

Each partition is a process of its own. Sheets is the real sandbox over HTTP; the portal's answers are made inside the task's
process, because 100,000 requests to a stand-in would only measure the stand-in. Nothing is asserted by time: the figures are
printed beside what is promised.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import math
import os
import pstats
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import requests

PACKAGE = "airflow_provider_robosms"
CITIES = ("Lahore", "Karachi", "Quetta", "Multan", "Peshawar")


def sheet_rows(count: int) -> list[list[Any]]:
    """Return a header and *count* recipients, ten columns, numbers in the forms in which people type them."""
    rows: list[list[Any]] = [
        ["ID", "First Name", "Last Name", "Phone", "City", "Due", "Joined", "Branch", "Notes", "Opt Out"]
    ]
    for index in range(count):
        local = f"{3000000000 + index * 37 % 499_999_999:010d}"
        typed = (f"0{local[:3]}-{local[3:]}", f"+92 {local[:3]} {local[3:]}", int(local), f"92{local}")[index % 4]
        rows.append(
            [
                f"C-{index:06d}", f"Name{index}", f"Family{index % 997}", typed, CITIES[index % 5], index % 9000,
                f"2024-{index % 12 + 1:02d}-{index % 28 + 1:02d}", f"B{index % 300}", "some words of note" * (index % 3), "",
            ]
        )  # fmt: skip
    return rows


def megabytes() -> float:
    """Return the most memory that this process ever held (MiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def task(work: dict[str, Any]) -> dict[str, Any]:
    """Run one partition in this process and return its figures."""
    from airflow_provider_robosms.gateway.outcome import SendResult, Status
    from airflow_provider_robosms.recipients import planning as rows
    from airflow_provider_robosms.recipients import workbook
    from tests.sheets.campaigns import Store, operator

    figures: dict[str, Any] = {"imports_mb": megabytes()}
    profile = cProfile.Profile()

    def timed(name: str, function: Callable[..., Any], profiled: bool = False) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            started, used = time.monotonic(), time.process_time()
            if profiled:
                profile.enable()
            try:
                return function(*args, **kwargs)
            finally:
                if profiled:
                    profile.disable()
                figures[name] = time.monotonic() - started
                figures[f"{name}_cpu"] = time.process_time() - used

        return call

    def answer(self: Any, to: list[str], *args: Any, **kwargs: Any) -> SendResult:
        return SendResult(Status.SENT, "000", f"RSMS-{to[0]}", "queued", "code")

    from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

    open_api = GoogleSheetsToRoboSmsOperator._open_api
    apis: list[Any] = []

    def opened(self: Any) -> Any:
        apis.append(open_api(self))
        return apis[0]

    started, cpu = time.monotonic(), time.process_time()
    with (
        mock.patch(f"{PACKAGE}.gateway.client.GatewayClient.send", answer),
        mock.patch.object(workbook, "open_workbook", timed("reading", workbook.open_workbook)),
        mock.patch.object(rows, "plan_rows", timed("planning", rows.plan_rows, work["profile"])),
        mock.patch.object(GoogleSheetsToRoboSmsOperator, "_open_api", opened),
    ):
        result = operator(
            work["sheet"], message="Dear {{First Name}} {{Last Name}}, Rs {{Due}} is due", **work["settings"]
        ).execute(
            {"task_state_store": Store(), "run_id": "benchmark"}  # type: ignore[arg-type]
        )
    figures |= {"seconds": time.monotonic() - started, "cpu": time.process_time() - cpu, "peak_mb": megabytes()}
    figures |= {"sent": result["sent"], "calls": dict(apis[0].calls)}
    if work["profile"]:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(25)
    return figures


def measure(sandbox: Any, sheet_id: str, rows: int, partitions: int, profile: bool) -> None:
    """Run all partitions at once and print their figures."""
    from tests.sheets.campaigns import environment, google_calls, reset_google

    reset_google(sandbox)
    started = time.monotonic()
    processes = []
    for partition in range(partitions):
        settings = {"partition": partition, "partitions": partitions, "concurrency": 50}
        work = json.dumps({"sheet": sheet_id, "settings": settings, "profile": profile})
        command = [sys.executable, "-m", "tests.benchmarks.large_sheet", "--task", work]
        variables = {**os.environ, **environment(sandbox)}
        processes.append(
            subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        )
    figures = []
    for process in processes:
        out, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"a task ended with {process.returncode}:\n{out[-3000:]}")
        figures.append(json.loads(out.splitlines()[-1]))
    seconds = time.monotonic() - started
    calls = google_calls(sandbox)
    print(f"\n## {rows:,} rows, {partitions} partition(s) at once, {seconds:.0f} s")
    columns = ("partition", "sent", "Sheets calls", "bound", "reading s", "planning s (CPU)", "whole s", "CPU s")
    columns += ("peak MiB", "of it imports")
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for number, found in enumerate(figures):
        bound = 10 + 2 * math.ceil(found["sent"] / 500)
        calls_made = f"{sum(found['calls'].values())} ({found['calls']})"
        planning = f"{found['planning']:.1f} ({found['planning_cpu']:.1f})"
        rest = [f"{found[name]:.0f}" for name in ("seconds", "cpu", "peak_mb", "imports_mb")]
        cells = [number, f"{found['sent']:,}", calls_made, bound, f"{found['reading']:.1f}", planning, *rest]
        print(f"| {' | '.join(map(str, cells))} |")
    whole = calls["reads"] + calls["writes"]
    print(f"Google's side: {calls['reads']} reads, {calls['writes']} writes; answers by status: {calls['by_status']}")
    minutes = rows / 60
    print(
        f"One write per row: {rows:,} writes, at 60 a minute {minutes / 60:.1f} hours. Here: {whole} calls in all, "
        f"{rows / max(1, calls['writes']):.0f} rows to a write."
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--profile", action="store_true", help="print where planning spends its time")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        figures = task(json.loads(arguments.task))
        sys.stdout.flush()
        print(json.dumps(figures))
        return
    from airflow_provider_robosms.sandbox.server import running_sandbox

    rows = sheet_rows(arguments.rows)
    for partitions in arguments.partitions:
        with running_sandbox(balance="1000000") as sandbox:
            body = {"title": "Large", "sheets": [{"title": "Recipients", "rows": rows}]}
            answer = requests.post(f"{sandbox.url}/sandbox/sheets", json=body, timeout=900)
            answer.raise_for_status()
            measure(sandbox, answer.json()["id"], arguments.rows, partitions, arguments.profile)


if __name__ == "__main__":
    main()
