"""One sheet spread over Celery workers, also while they are killed: rows a worker, recovery, and nobody texted twice.

    python -m tests.benchmarks.distributed [--rows 20000] [--partitions 1 4 8] [--kills 2] [--write]

CeleryExecutor, Redis, PostgreSQL and two workers with two task slots each, all started here. The gateway is the lean
stand-in; the sender mask of each message names its worker. Sheets is the sandbox with Google's quotas on, in real time.

Each number of partitions runs undisturbed and, with ``--kills``, once more while the worker of a running task is killed
(SIGKILL, with all its processes) and started again. Recovery is from the kill to the next try of its first partition.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import psutil

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.benchmarks.arena import DAGS, ROOT, connections
from tests.benchmarks.gateway import Gateway, running_gateway
from tests.benchmarks.measure import sheet_of
from tests.benchmarks.report import commit
from tests.benchmarks.report import table as markdown
from tests.harness.services import postgresql, redis
from tests.harness.settings import QUICK_DETECTION
from tests.harness.stack import LocalAirflow
from tests.sheets.campaigns import google_calls, reset_google, statuses, table

PATH = ROOT / "docs" / "proofs" / "distributed.md"
DAG = "bench_distributed"
WORKERS, LATENCY = 2, 50
TIMEOUT = float(QUICK_DETECTION["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])
HEAD = (
    "partitions", "kills", "rows a second", "rows a worker", "tries", "recovery (s)", "texted twice", "UNKNOWN",
    "without a status", "Sheets calls (of them refused)",
)  # fmt: skip


@dataclass
class Killed:
    """A kill: when, which partition's try it ended, and how long until the next one."""

    at: float
    partition: int
    try_number: int
    recovery: float | None = None


@dataclass
class Stage:
    """The servers."""

    gateway: Gateway
    sandbox: RunningSandbox
    airflow: LocalAirflow

    def campaign(self, rows: int, partitions: int, kills: int, pace: float | None) -> list[Any]:
        """Run one campaign and return its line of the table.

        :raises RuntimeError: for somebody who was texted twice, or a result that does not fit what the gateway saw.
        """
        reset_google(self.sandbox)
        sheet = self.sandbox.create_sheet("Spread", {"Recipients": [*sheet_of(rows)]})
        self.gateway.reset()
        run_id = self.airflow.trigger(DAG, {"sheet": sheet, "partitions": partitions, "pace": pace})
        killer = Killer(self, run_id, [rows * (each + 1) // (kills + 1) for each in range(kills)])
        run = self.airflow.wait_for_run(DAG, run_id, timeout=3600, on_progress=killer.look)
        seen, calls = self.gateway.count(), google_calls(self.sandbox)
        found = statuses(table(self.sandbox, sheet))
        sends = [one for one in self.airflow.task_instances(DAG, run_id) if one["task_id"] == "send"]
        left = rows - found.get("SENT", 0) - found.get("UNKNOWN", 0)
        if run["state"] != "success" or seen["twice"] or left or found.get("SENT", 0) > seen["people"]:
            log = self.airflow.logs(DAG, run_id, "send", sends[0]["try_number"], sends[0]["map_index"])
            raise RuntimeError(f"{run['state']}, the gateway saw {seen}, the sheet says {found}:\n{log[-3000:]}")
        if len(killer.killed) != kills:
            raise RuntimeError(f"only {len(killer.killed)} of {kills} kills were made: take more rows")
        workers = ", ".join(f"{count:,}" for _, count in sorted(seen["masks"].items()))
        refused = calls["by_status"].get("429", 0)
        return [
            partitions, kills, f"{rows / (seen['last'] - seen['first']):.0f}", workers,
            sum(one["try_number"] for one in sends),
            ", ".join("–" if one.recovery is None else f"{one.recovery:.1f}" for one in killer.killed) or "–",
            seen["twice"], found.get("UNKNOWN", 0), left, f"{calls['reads'] + calls['writes']} ({refused})",
        ]  # fmt: skip


@dataclass
class Killer:
    """Kills the worker of a running task whenever so many messages were posted, and starts it again.

    :param at: numbers of messages.
    """

    stage: Stage
    run_id: str
    at: list[int]
    killed: list[Killed] = field(default_factory=list)

    def look(self, instances: list[dict[str, Any]]) -> None:
        """Look at the run's task instances: called a few times a second."""
        sends = [one for one in instances if one["task_id"] == "send"]
        for kill in self.killed:
            again = [one for one in sends if one["map_index"] == kill.partition and one["try_number"] > kill.try_number]
            if kill.recovery is None and again and again[0]["state"] in ("running", "success"):
                kill.recovery = time.monotonic() - kill.at
        waits = any(kill.recovery is None for kill in self.killed)
        if waits or not self.at or self.stage.gateway.count()["posts"] < self.at[0]:
            return
        for one in sends:
            if one["state"] == "running" and one["pid"] and (name := self._worker_of(one["pid"])):
                self.at.pop(0)
                self.killed.append(Killed(time.monotonic(), one["map_index"], one["try_number"]))
                worker = self.stage.airflow.component(name)
                worker.kill(tree=True)
                worker.restart()
                return

    def _worker_of(self, pid: int) -> str | None:
        names = {self.stage.airflow.component(f"worker-{n}").pid: f"worker-{n}" for n in range(1, WORKERS + 1)}
        try:
            parents = psutil.Process(pid).parents()
        except psutil.NoSuchProcess:
            return None
        return next((names[parent.pid] for parent in parents if parent.pid in names), None)


@contextmanager
def stage(latency: int) -> Iterator[Stage]:
    """Start everything, and end it afterwards."""
    with running_gateway() as gateway, running_sandbox() as sandbox, postgresql() as database, redis() as broker:
        env = {**QUICK_DETECTION, **connections(gateway, sandbox, {"default": latency}), "PYTHONPATH": str(ROOT)}
        with LocalAirflow(
            DAGS, executor="CeleryExecutor", database=database, broker=broker, workers=WORKERS, env=env
        ) as airflow:
            airflow.wait_for_dag(DAG)
            yield Stage(gateway, sandbox, airflow)


def page(command: str, rows: int, lines: Sequence[Sequence[Any]], load: Sequence[float]) -> str:
    """Return the page with the table."""
    return f"""# One sheet over Celery workers

`{command}` on {datetime.now(timezone.utc):%Y-%m-%d}: {os.cpu_count()} cores, Python {platform.python_version()}, load \
before {", ".join(f"{each:.2f}" for each in load)}. {commit()}.
{rows:,} rows a campaign, {WORKERS} workers with two task slots each, PostgreSQL, Redis, an API server, the stand-in for
the gateway, and the sandbox for Sheets with Google's quotas, all here.

A task whose heartbeat is missing for {TIMEOUT:.0f} s here (`[scheduler] task_instance_heartbeat_timeout`, 300 s by default)
is tried again: that is most of the recovery.

{markdown(HEAD, lines)}
"""


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--latency", type=int, default=LATENCY, help="the gateway's answer time (ms)")
    parser.add_argument("--pace", type=float, help="messages a second of all partitions together")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PATH.name}")
    options = parser.parse_args(arguments)
    load, lines = os.getloadavg(), []
    with stage(options.latency) as servers:
        for partitions in options.partitions:
            for kills in dict.fromkeys((0, options.kills)):
                lines.append(servers.campaign(options.rows, partitions, kills, options.pace))
                print(dict(zip(HEAD, lines[-1], strict=True)), file=sys.stderr, flush=True)
    text = page(shlex.join(["python", "-m", "tests.benchmarks.distributed", *arguments]), options.rows, lines, load)
    print(text)
    if options.write:
        PATH.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
