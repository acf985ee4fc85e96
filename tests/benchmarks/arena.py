"""The servers of the benchmark, and one campaign of one contestant on them: measured, and checked by what the gateway saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psutil

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.benchmarks.gateway import Gateway, running_gateway
from tests.benchmarks.measure import sheet_of
from tests.harness.settings import connection
from tests.harness.stack import LocalAirflow
from tests.sheets.campaigns import google_calls, google_fault, reset_google, statuses, table

ROOT = Path(__file__).parents[2]
DAGS = Path(__file__).parent / "dags"
#: What each call to Google Sheets takes (seconds).
SHEETS_SECONDS = 0.3

#: As many tasks at once as Airflow's own default allows.
PARALLELISM = 32

#: Name of a contestant -> what it is; those with a capital letter are for comparing within the product.
CONTESTANTS = {
    "a": "the limit: concurrency / latency",
    "b": "a bare `requests` loop, as the vendor advises",
    "c": "`requests` and a pool of threads, without safety",
    "c2": "the same, tuned: a session a thread, `trust_env=False`",
    "d": "aiohttp, without safety",
    "e": f"one mapped task a recipient, {PARALLELISM} tasks at once, a DAG file that imports nothing of this provider",
    "f": "the list operator in a task of a real Airflow",
    "g": "the sheet operator likewise, 300 ms a Sheets call",
    "h": "a script that writes each row, once a second, which is what Google's quota allows; 300 ms a Sheets call",
    "h2": "the same without the pause, until Google refuses",
    "F": "the list operator as a plain call",
    "G": "the sheet operator as a plain call",
    "p": "bytes made beforehand over plain sockets: what the stand-in itself allows",
}
_PROGRAMS = {
    "b": "loop",
    "c": "threads",
    "c2": "threads-tuned",
    "d": "aiohttp",
    "F": "list-plain",
    "G": "sheet-plain",
    "h": "script",
    "h2": "script-careless",
    "p": "probe",
}
_DAGS = {"e": "bench_mapped", "f": "bench_list", "g": "bench_sheet"}
ON_AIRFLOW, ON_A_SHEET, SCRIPTS = frozenset(_DAGS), frozenset({"g", "h", "h2", "G"}), frozenset({"h", "h2"})


@dataclass(frozen=True)
class Cell:
    """A campaign: *latency* in milliseconds, so many requests at once, and messages."""

    latency: int
    concurrency: int
    count: int

    @property
    def limit(self) -> float:
        """Messages a second that this latency and concurrency allow."""
        return 1000 * self.concurrency / self.latency


@dataclass(frozen=True)
class Sample:
    """One campaign of one contestant.

    :param sending: from the first message to the last one's answer (seconds).
    :param whole: from the contestant's start to its end (seconds): of its program, or of the operator's ``execute``; None for
        mapped tasks, each of which is a program.
    :param first: from that start until the first message (seconds).
    :param run_whole: from asking Airflow for the DAG run to the run's end (seconds); None without Airflow.
    :param run_first: from asking Airflow for it until the first message (seconds).
    :param cpu: processor time of the contestant's process in *whole*, a message (ms).
    :param tree_cpu: that of the task processes with Airflow's supervisors, their start and end included (ms).
    :param airflow_cpu: that of all of Airflow: scheduler, API server and the rest as well (ms).
    :param gateway_cpu: that of the stand-in (ms).
    :param peak_mb: most memory of that process, *before_mb* what it had at its start.
    :param most: requests that were under way at once, at most.
    :param calls: calls to Google Sheets, *refused* those of them over its quota; None without a sheet.
    """

    contestant: str
    cell: Cell
    sending: float
    whole: float | None
    first: float | None
    run_whole: float | None
    run_first: float | None
    cpu: float | None
    tree_cpu: float | None
    airflow_cpu: float | None
    gateway_cpu: float
    before_mb: float | None
    peak_mb: float | None
    most: int
    calls: int | None
    refused: int | None

    @property
    def rate(self) -> float:
        """Messages a second between the first message and the last answer; of a paced script, from message to message."""
        if self.contestant in SCRIPTS:
            return (self.cell.count - 1) / (self.sending - self.cell.latency / 1000)
        return self.cell.count / self.sending

    @property
    def whole_rate(self) -> float | None:
        """Messages a second over all, by the contestant's own start and end."""
        return self.cell.count / self.whole if self.whole else None

    @property
    def run_rate(self) -> float | None:
        """Messages a second over the DAG run, Airflow's own start included."""
        return self.cell.count / self.run_whole if self.run_whole else None


class Arena:
    """Runs contestants, one at a time."""

    def __init__(
        self, gateway: Gateway, sandbox: RunningSandbox | None, airflow: LocalAirflow | None, peers: Path | None
    ) -> None:
        self._gateway, self._sandbox, self._airflow, self._peers = gateway, sandbox, airflow, peers

    @property
    def installed(self) -> dict[str, str]:
        """What was installed for contestants only, with versions."""
        found = distributions(path=[str(self._peers)]) if self._peers else ()
        return {one.metadata["Name"]: one.version for one in found}

    def run(self, contestant: str, cell: Cell) -> Sample:
        """Run one campaign and return what it took.

        :raises RuntimeError: when the contestant failed, did not text each person once, or had more under way than asked.
        """
        sheet = self._sheet(contestant, cell)
        self._gateway.reset()
        work = self._on_airflow if contestant in ON_AIRFLOW else self._program
        found = work(contestant, cell, sheet)
        seen = self._gateway.count()
        if (seen["posts"], seen["people"], seen["twice"]) != (cell.count, cell.count, 0):
            raise RuntimeError(f"{contestant}: {cell.count} were to be texted once each, and the gateway saw {seen}")
        allowed = PARALLELISM if contestant == "e" else 1 if contestant in {"b", *SCRIPTS} else cell.concurrency
        if seen["most_under_way"] > allowed:
            raise RuntimeError(f"{contestant}: {allowed} were asked for at once, and the gateway saw {seen}")
        calls: dict[str, Any] = {}
        if sheet and self._sandbox is not None:
            calls = google_calls(self._sandbox)
            if cell.count <= 200 and (shown := statuses(table(self._sandbox, sheet))) != {"SENT": cell.count}:
                raise RuntimeError(f"{contestant}: the sheet says {shown}")

        def each(name: str) -> float | None:
            return 1000 * float(found[name]) / cell.count if name in found else None

        return Sample(
            contestant,
            cell,
            sending=seen["last"] - seen["first"] + cell.latency / 1000,
            whole=found.get("seconds"),
            first=seen["first"] - found["started"] if "started" in found else None,
            run_whole=found.get("run_seconds"),
            run_first=seen["first"] - found["asked"] if "asked" in found else None,
            cpu=each("cpu"),
            tree_cpu=each("tree_cpu"),
            airflow_cpu=each("airflow_cpu"),
            gateway_cpu=1000 * seen["cpu"] / cell.count,
            before_mb=found.get("before_mb"),
            peak_mb=found.get("peak_mb"),
            most=seen["most_under_way"],
            calls=calls["reads"] + calls["writes"] if calls else None,
            refused=calls["by_status"].get("429", 0) if calls else None,
        )

    def _sheet(self, contestant: str, cell: Cell) -> str:
        if contestant not in ON_A_SHEET or self._sandbox is None:
            return ""
        # Google's quota holds for everybody; each campaign begins with a fresh minute.
        reset_google(self._sandbox)
        header, *rows = sheet_of(cell.count)
        owned = ["Status", "Code", "Message ID"] if contestant in SCRIPTS else []
        sheet = self._sandbox.create_sheet("Benchmark", {"Recipients": [[*header, *owned], *rows]})
        google_fault(self._sandbox, "delay", seconds=SHEETS_SECONDS)
        return sheet

    def _program(self, contestant: str, cell: Cell, sheet: str) -> dict[str, Any]:
        url = self._gateway.at(cell.latency)
        work = json.dumps([_PROGRAMS[contestant], url, sheet, cell.count, cell.concurrency])
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.contestants", work],
            env={
                **os.environ,
                **connections(self._gateway, self._sandbox, {"default": cell.latency}),
                **({"PYTHONPATH": str(self._peers)} if contestant == "d" else {}),
            },
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(
                f"{contestant} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-3000:]}"
            )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _on_airflow(self, contestant: str, cell: Cell, sheet: str) -> dict[str, Any]:
        assert self._airflow is not None
        dag_id = _DAGS[contestant]
        conf = {"count": cell.count, "concurrency": cell.concurrency, "latency": cell.latency}
        conf |= {"sheet": sheet} if sheet else {}
        conf |= {"url": self._gateway.at(cell.latency)} if contestant == "e" else {}
        tasks, everything = self._cpu()
        asked, clock = time.monotonic(), time.time()
        run_id = self._airflow.trigger(dag_id, conf)
        run = self._airflow.wait_for_run(dag_id, run_id, timeout=900)
        if run["state"] != "success":
            raise RuntimeError(f"{contestant} failed:\n{self._airflow.logs(dag_id, run_id, 'send')[-3000:]}")
        tasks_then, everything_then = self._cpu()
        ended = datetime.fromisoformat(run["end_date"].replace("Z", "+00:00")).timestamp()
        found: dict[str, Any] = {} if contestant == "e" else self._airflow.xcom(dag_id, run_id, "send")
        spent = {"tree_cpu": tasks_then - tasks, "airflow_cpu": everything_then - everything}
        return {**found, **spent, "asked": asked, "run_seconds": ended - clock}

    def _cpu(self) -> tuple[float, float]:
        """Return the processor time that Airflow's task processes with their supervisors have taken, and all of Airflow (s).

        The supervisors are the scheduler's only children; a process that has ended counts with its parent.
        """
        assert self._airflow is not None
        scheduler = psutil.Process(self._airflow.component("scheduler").pid)
        tasks = sum(map(_cpu, scheduler.children(recursive=True))) + sum(scheduler.cpu_times()[2:4])
        return tasks, sum(map(_cpu, self._airflow.processes()))


def _cpu(process: psutil.Process) -> float:
    """Return what a process and its ended children have taken (s)."""
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0


def connections(gateway: Gateway, sandbox: RunningSandbox | None, latencies: dict[str, int]) -> dict[str, str]:
    """Return the variables by which Airflow knows the stand-in, as ``robosms_NAME`` for each latency, and the sandbox."""
    found = {
        f"AIRFLOW_CONN_ROBOSMS_{name.upper()}": connection(
            "robosms", host=gateway.at(latency), login="demo@example.pk", password="benchmark-key",
            extra={"mask": "SMS-ALERT"},
        )
        for name, latency in latencies.items()
    }  # fmt: skip
    if sandbox is not None:
        extra = {"key_path": str(sandbox.key_file), "api_endpoint": sandbox.url}
        found["AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT"] = connection("google_cloud_platform", extra=extra)
    return found


def _install(package: str, folder: Path) -> None:
    """Install what only a contestant needs, where nothing else sees it."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*command, "--target", str(folder), package], cwd=ROOT, check=True)


@contextmanager
def arena(
    contestants: Sequence[str], latencies: list[int], say: Callable[[str], None] = lambda words: None
) -> Iterator[Arena]:
    """Start what these contestants need, and end it afterwards."""
    with ExitStack() as stack:
        gateway = stack.enter_context(running_gateway())
        sandbox = airflow = peers = None
        if "d" in contestants:
            peers = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="robosms-peers-")))
            _install("aiohttp", peers)
        if ON_A_SHEET & set(contestants):
            sandbox = stack.enter_context(running_sandbox())
        if ON_AIRFLOW & set(contestants):
            say("starting Airflow …")
            env = connections(gateway, sandbox, {str(latency): latency for latency in latencies})
            env |= {"PYTHONPATH": str(ROOT), "AIRFLOW__CORE__PARALLELISM": str(PARALLELISM)}
            airflow = stack.enter_context(LocalAirflow(DAGS, env=env))
            for letter in sorted(ON_AIRFLOW & set(contestants)):
                airflow.wait_for_dag(_DAGS[letter])
        yield Arena(gateway, sandbox, airflow, peers)
