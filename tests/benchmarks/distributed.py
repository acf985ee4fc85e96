"""One sheet spread over Celery workers, also while they are killed: rows a worker, recovery, and nobody texted twice.

    python -m tests.benchmarks.distributed [--rows 20000] [--partitions 1 4 8] [--kills 2] [--pace 100] [--write]

CeleryExecutor, Redis, PostgreSQL and two workers with two task slots each, all started here. The gateway is the lean
stand-in; the sender mask of each message names its worker and partition. Sheets is the sandbox with Google's quotas on, in
real time.

Each number of partitions runs undisturbed and, with ``--kills``, once more while the worker of a running task is killed
(SIGKILL, with all its processes) and started again. Recovery is from the kill to the next try of its first partition. Each
number above 1 runs with ``--pace`` as well, undisturbed, with a quarter of the rows.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from airflow_provider_robosms.spreadsheet.api import CALLS_PER_MINUTE
from tests.benchmarks.arena import DAGS, ROOT, connections
from tests.benchmarks.gateway import Gateway, running_gateway
from tests.benchmarks.measure import sheet_of
from tests.benchmarks.report import fill, load_of, machine, must_be_idle
from tests.benchmarks.report import table as markdown
from tests.harness.services import postgresql, redis
from tests.harness.settings import QUICK_DETECTION
from tests.harness.stack import LocalAirflow
from tests.sheets.campaigns import google_calls, reset_google, statuses, table

PATH = ROOT / "docs" / "proofs" / "distributed.md"
DAG = "bench_distributed"
WORKERS, LATENCY = 2, 50
TIMEOUT = float(QUICK_DETECTION["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])
SLOTS = 2 * WORKERS
HEAD = (
    "partitions", "kills", "pace", "rows", "rows a second", "to 1 partition", "rows a worker", "tries", "recovery (s)",
    "worker killed, its partition and where that went on", "texted twice", "UNKNOWN", "without a status",
    "Sheets calls (of them refused)", "processors busy",
)  # fmt: skip
SHARES = (
    "partitions", "kills", "pace", "partition", "rows texted", "on worker", "from s to s", "a second",
    "its share of the pace", "Sheets calls (reads, writes)", "its share a minute, of each", "s it waited for that",
)  # fmt: skip
_MASK = re.compile(r"W(\d+)-P(\d+)")


@dataclass
class Killed:
    """A kill: when, which worker, which partition's try it ended, how long until the next one, and where that is."""

    at: float
    worker: str
    partition: int
    try_number: int
    recovery: float | None = None
    resumed: str | None = None

    def __str__(self) -> str:
        return f"{self.worker}: {self.partition} on {self.resumed or 'one of the two'}"


@dataclass
class Campaign:
    """What was measured of one campaign: its line of the first table, and of each partition one of the second."""

    partitions: int
    kills: int
    pace: float | None
    rate: float
    cells: list[Any]
    shares: list[list[Any]]


@dataclass
class Stage:
    """The servers.

    :param calls: the folder in which tasks note their Sheets calls.
    """

    gateway: Gateway
    sandbox: RunningSandbox
    airflow: LocalAirflow
    calls: Path

    def campaign(self, rows: int, partitions: int, kills: int, pace: float | None) -> Campaign:
        """Run one campaign.

        :raises RuntimeError: for somebody who was texted twice, a result that does not fit what the gateway saw, or a pace
            that was not kept.
        """
        reset_google(self.sandbox)
        for path in self.calls.iterdir():
            path.unlink()
        sheet = self.sandbox.create_sheet("Spread", {"Recipients": [*sheet_of(rows)]})
        self.gateway.reset()
        psutil.cpu_percent()
        run_id = self.airflow.trigger(DAG, {"sheet": sheet, "partitions": partitions, "pace": pace})
        killer = Killer(self, run_id, [rows * (each + 1) // (kills + 1) for each in range(kills)])
        run = self.airflow.wait_for_run(DAG, run_id, timeout=3600, on_progress=killer.look)
        busy = psutil.cpu_percent()
        seen, calls = self.gateway.count(), google_calls(self.sandbox)
        found = statuses(table(self.sandbox, sheet))
        sends = [one for one in self.airflow.task_instances(DAG, run_id) if one["task_id"] == "send"]
        left = rows - found.get("SENT", 0) - found.get("UNKNOWN", 0)
        if run["state"] != "success" or seen["twice"] or left or found.get("SENT", 0) > seen["people"]:
            log = self.airflow.logs(DAG, run_id, "send", sends[0]["try_number"], sends[0]["map_index"])
            raise RuntimeError(f"{run['state']}, the gateway saw {seen}, the sheet says {found}:\n{log[-3000:]}")
        if len(killer.killed) != kills:
            raise RuntimeError(f"only {len(killer.killed)} of {kills} kills were made: take more rows")
        rate = rows / (seen["last"] - seen["first"])
        if pace and rate > 1.1 * pace:
            raise RuntimeError(f"{rate:.1f} messages a second, and {pace} were allowed")
        workers: Counter[str] = Counter()
        for mask, count in seen["masks"].items():
            workers[_MASK.fullmatch(mask)[1]] += count  # type: ignore[index]  # the DAG's own
        refused = calls["by_status"].get("429", 0)
        cells = [
            partitions, kills, pace or "–", f"{rows:,}", f"{rate:.0f}", "–",
            ", ".join(f"{count:,}" for _, count in sorted(workers.items())),
            sum(one["try_number"] for one in sends),
            ", ".join("–" if one.recovery is None else f"{one.recovery:.1f}" for one in killer.killed) or "–",
            "; ".join(map(str, killer.killed)) or "–",
            seen["twice"], found.get("UNKNOWN", 0), left, f"{calls['reads'] + calls['writes']} ({refused})", f"{busy:.0f} %",
        ]  # fmt: skip
        shares = [
            [partitions, kills, pace or "–", each, *self._share(each, seen, partitions, pace)]
            for each in range(partitions)
        ]
        return Campaign(partitions, kills, pace, rate, cells, shares)

    def _share(self, number: int, seen: dict[str, Any], partitions: int, pace: float | None) -> list[Any]:
        """Return what one partition did, as the end of its line."""
        masks = {mask: _MASK.fullmatch(mask) for mask in seen["masks"]}
        own = {found[1]: mask for mask, found in masks.items() if found and int(found[2]) == number}
        rows = {worker: seen["masks"][mask] for worker, mask in sorted(own.items())}
        spans = [seen["spans"][mask] for mask in own.values()]
        noted = self.calls / str(number)
        lines = [line.split() for line in noted.read_text().splitlines()] if noted.exists() else []
        kinds = Counter(kind for kind, _ in lines)
        waited = f"{sum(float(seconds) for _, seconds in lines):.0f}"
        calls = f"{kinds.total()} ({kinds['read']}, {kinds['write']})"
        share = max(2, CALLS_PER_MINUTE // partitions)
        if not spans:
            return [0, "–", "–", "–", "–", calls, share, waited]
        first, last = min(one for one, _ in spans), max(one for _, one in spans)
        return [
            f"{sum(rows.values()):,}", ", ".join(f"{worker}: {count:,}" for worker, count in rows.items()),
            f"{first - seen['first']:.0f} to {last - seen['first']:.0f}",
            f"{sum(rows.values()) / max(0.001, last - first):.1f}", f"{pace / partitions:.1f}" if pace else "–",
            calls, share, waited,
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
            if not again or again[0]["state"] not in ("running", "success"):
                continue
            if kill.recovery is None:
                kill.recovery = time.monotonic() - kill.at
            if kill.resumed is None and again[0]["pid"]:
                kill.resumed = self._worker_of(again[0]["pid"])
        waits = any(kill.recovery is None for kill in self.killed)
        if waits or not self.at or self.stage.gateway.count()["posts"] < self.at[0]:
            return
        for one in sends:
            if one["state"] == "running" and one["pid"] and (name := self._worker_of(one["pid"])):
                self.at.pop(0)
                self.killed.append(Killed(time.monotonic(), name, one["map_index"], one["try_number"]))
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
    with (
        running_gateway() as gateway,
        running_sandbox() as sandbox,
        postgresql() as database,
        redis() as broker,
        TemporaryDirectory(prefix="robosms-calls-") as calls,
    ):
        env = {**QUICK_DETECTION, **connections(gateway, sandbox, {"default": latency}), "PYTHONPATH": str(ROOT)}
        env["BENCH_CALLS"] = calls
        with LocalAirflow(
            DAGS, executor="CeleryExecutor", database=database, broker=broker, workers=WORKERS, env=env
        ) as airflow:
            airflow.wait_for_dag(DAG)
            yield Stage(gateway, sandbox, airflow, Path(calls))


def tables(campaigns: Sequence[Campaign], load: Sequence[float]) -> str:
    """Return what stands between the page's marks."""
    alone = {one.kills: one.rate for one in campaigns if one.partitions == 1 and one.pace is None}
    for one in campaigns:
        if one.pace is None and one.kills in alone:
            one.cells[HEAD.index("to 1 partition")] = f"{one.rate / alone[one.kills]:.2f}"
    return f"""{machine()}; {load_of(load)}.

{WORKERS} workers with two task slots each, so that {SLOTS} partitions are at work at once, PostgreSQL, Redis, an API server,
the stand-in for the gateway, and the sandbox for Sheets with Google's quotas, all here. A task whose heartbeat is missing
for {TIMEOUT:.0f} s here (`[scheduler] task_instance_heartbeat_timeout`, 300 s by default) is tried again: that is most of
the recovery.

{markdown(HEAD, [one.cells for one in campaigns])}

## Each partition

Seconds count from the campaign's first message. A partition's share of Google's quota is {CALLS_PER_MINUTE} reads and as
many writes a minute, divided by the number of partitions; its share of the pace likewise.

{markdown(SHARES, [line for one in campaigns for line in one.shares])}"""


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--partitions", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--latency", type=int, default=LATENCY, help="the gateway's answer time (ms)")
    parser.add_argument("--pace", type=float, default=100, help="messages a second, where there is one; 0 for none")
    parser.add_argument("--write", action="store_true", help=f"fill the tables of {PATH.name}")
    options = parser.parse_args(arguments)
    if options.write:
        must_be_idle()
    load, campaigns = os.getloadavg(), list[Campaign]()
    work = [
        (options.rows, each, kills, None) for each in options.partitions for kills in dict.fromkeys((0, options.kills))
    ]
    if options.pace:
        work += [(max(1, options.rows // 4), each, 0, options.pace) for each in options.partitions if each > 1]
    with stage(options.latency) as servers:
        for each in work:
            campaigns.append(servers.campaign(*each))
            print(dict(zip(HEAD, campaigns[-1].cells, strict=True)), file=sys.stderr, flush=True)
    text = tables(campaigns, load)
    print(text)
    if options.write:
        fill(PATH, "distributed", shlex.join(["python", "-m", "tests.benchmarks.distributed", *arguments]), text)


if __name__ == "__main__":
    main(sys.argv[1:])
