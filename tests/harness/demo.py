"""``make demo`` and ``make up``: a Google Sheet campaign on a real Airflow against the sandbox, from nothing.

Starts both on free loopback ports, fills a sheet, triggers ``robosms_sheet_campaign`` as the trigger form would, shows the
sheet before and after, checks that sheet, inbox, report and balance agree, and ends every process. Exit code 0 when
they do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from airflow_provider_robosms.sandbox.demo_sheet import DEMO_ID
from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.harness.demo_checks import AFTER, BEFORE, disagreements, rows_of, table
from tests.harness.demo_rows import MAX_PARTS, ROWS, TABS, recipients
from tests.harness.processes import MARK, ProcessTree
from tests.harness.settings import connection, sandbox_connections
from tests.harness.stack import LocalAirflow

DAGS = Path(__file__).parents[2] / "dags"
DAG = "robosms_sheet_campaign"
CAMPAIGNS = (DAG, "robosms_approved_campaign", "robosms_sql_campaign")
CUSTOMERS = """
    CREATE TABLE customers (
        id INTEGER PRIMARY KEY, name TEXT, phone TEXT, due TEXT, opted_out_at TEXT,
        sms_status TEXT, sms_run TEXT, sms_code TEXT, sms_message_id TEXT, sms_parts INTEGER,
        sms_sent_at TEXT, sms_detail TEXT)
"""
SETTINGS = {"template": "English", "max_segments": MAX_PARTS, "partitions": 2, "max_per_second": 10}
SETTINGS |= {"send_window": "", "what_to_do": "send"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stay", action="store_true", help="leave everything running until Ctrl-C")
    options = parser.parse_args(arguments)
    # SIGINT, too: a shell that starts this in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    width = min(max(shutil.get_terminal_size((120, 40)).columns, 100), 120)
    console = Console(width=width, highlight=False, soft_wrap=False)
    try:
        # The sandbox inherits the mark, so that it is ended also when this process is killed outright.
        with closing(ProcessTree("demo")) as tree:
            os.environ[MARK] = str(tree.directory)
            return _run(console, stay=options.stay)
    except KeyboardInterrupt:
        console.print("Ended; every process is gone.")
        return 0 if options.stay else 130


def _end(*_: Any) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):  # once is enough: what follows ends the processes
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(console: Console, *, stay: bool) -> int:
    started = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:5.1f} s[/]  {text}")

    with running_sandbox(latency_ms=[20, 120]) as sandbox:
        say(f"sandbox: gateway, Google Sheets and phone inbox at {sandbox.url}")
        sheet_id = sandbox.create_sheet("November bills", {"Recipients": recipients(), **TABS})
        environment = _environment(sandbox)
        with console.status("Starting Airflow …"), LocalAirflow(DAGS, env=environment) as airflow:
            if stay:
                _show_connections(airflow, environment)
            for dag_id in CAMPAIGNS if stay else (DAG,):
                airflow.wait_for_dag(dag_id)
            say(f"Airflow: scheduler, API server, dag processor and triggerer at {airflow.url}")
            wrong = _campaign(console, say, sandbox, airflow, sheet_id)
            if wrong:
                console.print(f"\n[bold red]They do not agree:[/] {wrong}")
            else:
                console.print("\n[bold green]Sheet, inbox, report and balance agree, message by message.[/]")
            if stay:
                _stay(console, sandbox, airflow, sheet_id)
        say("every process has been ended")
    return 1 if wrong else 0


def _campaign(
    console: Console, say: Callable[[str], None], sandbox: RunningSandbox, airflow: LocalAirflow, sheet_id: str
) -> str | None:
    """Run the campaign, show it, and return the first disagreement, if any."""
    console.print()
    console.print(table("The sheet before", rows_of(sandbox.sheet(sheet_id)), BEFORE))
    before = sandbox.state()
    last = ""

    def progress(instances: list[dict[str, Any]]) -> None:
        nonlocal last
        begun = Counter((one["task_id"], one["state"]) for one in instances if one["state"])
        states = [f"{task} {state}" + (f" ×{count}" if count > 1 else "") for (task, state), count in begun.items()]
        line = " · ".join([*states, f"inbox {sandbox.state()['counts']['accepted']}"])
        if line != last:
            last = line
            say(line)

    conf = {**SETTINGS, "spreadsheet": f"{sandbox.url}/spreadsheets/d/{sheet_id}/edit"}
    run_id = airflow.trigger(DAG, conf)
    say(f"triggered {DAG} with {conf['partitions']} parallel tasks")
    run = airflow.wait_for_run(DAG, run_id, timeout=240, on_progress=progress)
    rows, inbox, after = rows_of(sandbox.sheet(sheet_id)), sandbox.accepted(), sandbox.state()
    console.print()
    console.print(table("The sheet after", rows, AFTER))
    if run["state"] != "success":
        return f"The run ended as {run['state']}: {_why(airflow, run_id)}"
    parts, spent = sum(message["parts"] for message in inbox), Decimal(before["balance"]) - Decimal(after["balance"])
    statuses = ", ".join(f"{count} {status}" for status, count in Counter(row["Status"] for row in rows).items())
    for name, value in (
        ("Rows", f"{len(rows)}: {statuses}"),
        ("Phone inbox", f"{len(inbox)} messages, {parts} parts"),
        ("Cost", f"{spent} at {after['rate']} a part"),
        ("Balance", f"{before['balance']} before, {after['balance']} after"),
    ):
        console.print(f"  [bold]{name:<12}[/] {value}")
    wrong = disagreements(
        people=ROWS,
        sheet=rows,
        inbox=inbox,
        report=airflow.xcom(DAG, run_id, "report"),
        balances=(Decimal(before["balance"]), Decimal(after["balance"])),
        rate=Decimal(after["rate"]),
    )
    return next(wrong, None)


def _why(airflow: LocalAirflow, run_id: str) -> str:
    """Return the last words of the first task that failed."""
    failed = next((one for one in airflow.task_instances(DAG, run_id) if one["state"] == "failed"), None)
    if failed is None:
        return "no task failed."
    log = airflow.logs(DAG, run_id, failed["task_id"], failed["try_number"], failed["map_index"])
    return f"the end of the log of {failed['task_id']} is\n" + "\n".join(log.splitlines()[-15:])


def _environment(sandbox: RunningSandbox) -> dict[str, str]:
    """Return the connections to the sandbox, and what a person finds who triggers the DAGs of ``make up`` as they are."""
    database = sandbox.data_dir / "customers.db"
    _fill(database)
    return {
        **sandbox_connections(sandbox),
        "AIRFLOW_CONN_ROBOSMS_SQL": connection("sqlite", host=str(database)),
        "AIRFLOW_VAR_ROBOSMS_SPREADSHEET": DEMO_ID,
    }


def _show_connections(airflow: LocalAirflow, environment: dict[str, str]) -> None:
    """Put the connections into Airflow's database, too: its page of connections does not know those of the environment."""
    for name, value in environment.items():
        if name.startswith("AIRFLOW_CONN_"):
            fields = json.loads(value)
            fields["extra"] = json.dumps(fields.get("extra", {}))
            body = {"connection_id": name.removeprefix("AIRFLOW_CONN_").lower(), **fields}
            airflow.api("POST", "/connections", json=body)


def _fill(path: Path) -> None:
    """Make the table of ``robosms_sql_campaign``, with the people of the sheet."""
    with sqlite3.connect(path) as database:
        database.execute(CUSTOMERS)
        database.executemany(
            "INSERT INTO customers (name, phone, due, opted_out_at) VALUES (?, ?, ?, ?)",
            [(row.name, str(row.phone), row.due, "2026-10-02" if row.why == "opted out" else None) for row in ROWS],
        )
    database.close()


def _stay(console: Console, sandbox: RunningSandbox, airflow: LocalAirflow, sheet_id: str) -> None:
    """Say where everything is, and wait for Ctrl-C."""
    lines = (
        ("Airflow", f"{airflow.url}/  (no password)"),
        ("Sandbox", f"{sandbox.url}/  (sheets, phone inbox, balance, faults)"),
        ("This sheet", f"{sandbox.url}/spreadsheets/d/{sheet_id}/edit"),
        ("A fresh sheet", f"{sandbox.url}/spreadsheets/d/{DEMO_ID}/edit"),
        ("DAGs", ", ".join(CAMPAIGNS)),
        ("", "the alert DAGs are paused: switch them on in Airflow"),
        ("Trigger", f"{airflow.url}/dags/{DAG}"),
        ("", "press Trigger there; template: reminder; an empty Spreadsheet is the fresh one; it previews first"),
    )
    console.print()
    for name, value in lines:
        console.print(f"  [bold]{name:<14}[/]{value}", soft_wrap=True)
    console.print("\nCtrl-C ends everything.")
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
