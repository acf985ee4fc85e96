"""The servers of the benchmark, and one campaign of one contestant on them: measured, and checked by what the gateway saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.benchmarks.gateway import Gateway, running_gateway
from tests.benchmarks.measure import sheet_of
from tests.harness.settings import connection
from tests.harness.stack import LocalAirflow
from tests.sheets.campaigns import google_fault, reset_google, statuses, table

ROOT = Path(__file__).parents[2]
DAGS = Path(__file__).parent / "dags"
#: What each call to Google Sheets takes (seconds).
SHEETS_SECONDS = 0.3

#: Letter of a contestant -> what it is; those with a capital letter are for comparing within the product.
CONTESTANTS = {
    "a": "the limit: concurrency / latency",
    "b": "a bare `requests` loop, as the vendor advises",
    "c": "`requests` and a pool of threads, without safety",
    "d": "aiohttp, without safety",
    "e": "one mapped task a recipient",
    "f": "the list operator in a task of a real Airflow",
    "g": "the sheet operator likewise, 300 ms a Sheets call",
    "h": "a script that writes each row under Google's quota",
    "F": "the list operator as a plain call",
    "G": "the sheet operator as a plain call",
    "p": "bytes made beforehand over plain sockets: what the stand-in itself allows",
}
_PROGRAMS = {
    "b": "loop",
    "c": "threads",
    "d": "aiohttp",
    "F": "list-plain",
    "G": "sheet-plain",
    "h": "script",
    "p": "probe",
}
_DAGS = {"e": "bench_mapped", "f": "bench_list", "g": "bench_sheet"}
ON_AIRFLOW, ON_A_SHEET = frozenset(_DAGS), frozenset("ghG")


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
    :param whole: from the contestant's start to its end (seconds); of mapped tasks, of the DAG run.
    :param first: until the first message (seconds).
    :param cpu: processor time of the contestant's process a message (ms); None where it is many processes.
    :param gateway_cpu: that of the stand-in (ms).
    :param peak_mb: most memory of that process, *before_mb* what it had at its start.
    """

    contestant: str
    cell: Cell
    sending: float
    whole: float
    first: float
    cpu: float | None
    gateway_cpu: float
    before_mb: float | None
    peak_mb: float | None

    @property
    def rate(self) -> float:
        """Messages a second between the first message and the last answer."""
        return self.cell.count / self.sending

    @property
    def whole_rate(self) -> float:
        """Messages a second over all."""
        return self.cell.count / self.whole


class Arena:
    """Runs contestants, one at a time."""

    def __init__(
        self, gateway: Gateway, sandbox: RunningSandbox | None, airflow: LocalAirflow | None, peers: Path | None
    ) -> None:
        self._gateway, self._sandbox, self._airflow, self._peers = gateway, sandbox, airflow, peers

    def run(self, contestant: str, cell: Cell) -> Sample:
        """Run one campaign and return what it took.

        :raises RuntimeError: when the contestant failed, or did not text each person once.
        """
        sheet = self._sheet(contestant, cell)
        self._gateway.reset()
        work = self._on_airflow if contestant in ON_AIRFLOW else self._program
        found = work(contestant, cell, sheet)
        seen = self._gateway.count()
        if (seen["posts"], seen["people"], seen["twice"]) != (cell.count, cell.count, 0):
            raise RuntimeError(f"{contestant}: {cell.count} were to be texted once each, and the gateway saw {seen}")
        if sheet and self._sandbox is not None and cell.count <= 200:
            shown = statuses(table(self._sandbox, sheet))
            if shown != {"SENT": cell.count}:
                raise RuntimeError(f"{contestant}: the sheet says {shown}")
        return Sample(
            contestant,
            cell,
            sending=seen["last"] - seen["first"] + cell.latency / 1000,
            whole=found["seconds"],
            first=seen["first"] - found["started"],
            cpu=1000 * found["cpu"] / cell.count if "cpu" in found else None,
            gateway_cpu=1000 * seen["cpu"] / cell.count,
            before_mb=found.get("before_mb"),
            peak_mb=found.get("peak_mb"),
        )

    def _sheet(self, contestant: str, cell: Cell) -> str:
        if contestant not in ON_A_SHEET or self._sandbox is None:
            return ""
        # The quota of a minute is for the script only: the others' campaigns follow each other faster than real ones.
        reset_google(self._sandbox, quota=contestant == "h")
        header, *rows = sheet_of(cell.count)
        owned = ["Status", "Code", "Message ID"] if contestant == "h" else []
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
        started = time.monotonic()
        run_id = self._airflow.trigger(dag_id, conf)
        run = self._airflow.wait_for_run(dag_id, run_id, timeout=900)
        ended = time.monotonic()
        if run["state"] != "success":
            raise RuntimeError(f"{contestant} failed:\n{self._airflow.logs(dag_id, run_id, 'send')[-3000:]}")
        if contestant == "e":
            return {"started": started, "seconds": ended - started}
        found: dict[str, Any] = self._airflow.xcom(dag_id, run_id, "send")
        return found


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
def arena(contestants: str, latencies: list[int], say: Callable[[str], None] = lambda words: None) -> Iterator[Arena]:
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
            airflow = stack.enter_context(LocalAirflow(DAGS, env={**env, "PYTHONPATH": str(ROOT)}))
            for letter in sorted(ON_AIRFLOW & set(contestants)):
                airflow.wait_for_dag(_DAGS[letter])
        yield Arena(gateway, sandbox, airflow, peers)
