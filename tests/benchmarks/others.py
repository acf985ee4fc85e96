"""What else a user pays for: planning, imports, parsing of DAG files, memory, a large sheet. Each measure returns a table.

python -m tests.benchmarks.others memory 1000     # one part in a process of its own, as JSON
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from tests.benchmarks.large_sheet import sheet_rows
from tests.benchmarks.measure import measured, people
from tests.benchmarks.report import shown, table

ROOT = Path(__file__).parents[2]
PLANNED = 20_000
#: What a DAG file has imported anyway before it imports an operator.
AIRFLOW = "from airflow.sdk import DAG, BaseHook, BaseNotifier, BaseOperator, BaseSensorOperator, Param, task"
MODULES = (
    "operators.robosms", "transfers.gsheets_to_robosms", "transfers.sql_to_robosms", "sensors.robosms",
    "notifications.robosms", "hooks.robosms", "hooks.gsheets",
)  # fmt: skip


def _process(*command: str) -> Any:
    """Run a Python of its own and return what it printed last, as JSON."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _timed(before: str, code: str) -> tuple[float, float]:
    """Return milliseconds of clock and of processor that *code* takes after *before*, in a fresh process."""
    clocks = "time.perf_counter(), time.process_time()"
    words = f"import json, time\n{before}\nbegan = {clocks}\n{code}\nended = {clocks}\n"
    found = _process("-c", words + "print(json.dumps([1000 * (b - a) for a, b in zip(began, ended)]))")
    return found[0], found[1]


def planning(rounds: int) -> str:
    """Plan a sheet of ten columns that is in memory already."""
    found = [_process("-m", "tests.benchmarks.others", "planning", str(PLANNED)) for _ in range(rounds)]
    head = ["rows", "rows a second of processor time", "rows a second of clock"]
    row = [f"{PLANNED:,}", *(shown((PLANNED / each[name] for each in found), ",.0f") for name in ("cpu", "seconds"))]
    return table(head, [row])


def _plan(count: int) -> dict[str, Any]:
    from airflow_provider_robosms.recipients.columns import OWNED, Columns
    from airflow_provider_robosms.recipients.planning import plan_rows
    from airflow_provider_robosms.recipients.rows import RowReader, Wording
    from airflow_provider_robosms.sheets.plan import SheetPlan

    header, *rows = sheet_rows(count)
    text = "Dear {{First Name}} {{Last Name}}, Rs {{Due}} is due"
    columns = Columns("Recipients", [*map(str, header), *OWNED])
    reader = RowReader(columns, Wording(message=text), zone=ZoneInfo("Asia/Karachi"))
    shown_rows = [[str(cell) for cell in row] + [""] * len(OWNED) for row in rows]
    found = measured(lambda: plan_rows(SheetPlan(reader, 0, 1), shown_rows, now=datetime.now(timezone.utc)))
    planned = len(found.pop("result").messages)
    assert planned == count, planned
    return found


def imports(rounds: int) -> str:
    """Import each module of operators over what any DAG file imports."""
    rows = []
    for name in MODULES:
        found = [_timed(AIRFLOW, f"import airflow_provider_robosms.{name}") for _ in range(rounds)]
        rows.append([f"`{name}`", *(shown((each[at] for each in found), ".0f") for at in (0, 1))])
    return table(["module", "ms", "ms of processor time"], rows)


def parsing(rounds: int) -> str:
    """Execute each DAG file in a fresh process, as the DAG processor does: before that it imports once what of Airflow the
    file names (``parsing_pre_import_modules``)."""
    from airflow.utils.file import iter_airflow_imports

    rows = []
    for path in sorted((ROOT / "dags").glob("*.py")):
        code = f"import runpy; runpy.run_path({str(path)!r})"
        named = sorted(iter_airflow_imports(str(path)))
        before = "\n".join([AIRFLOW, "import pendulum", *(f"import {module}" for module in named)])
        found = [_timed(before, code) for _ in range(rounds)]
        rows.append([f"`{path.name}`", *(shown((each[at] for each in found), ".0f") for at in (0, 1))])
    return table(["file", "ms", "ms of processor time"], rows)


def memory(rounds: int) -> str:
    """Send lists of two lengths with answers that come at once; the list itself is the caller's.

    What stays until the end are the messages and their results. What the campaign needs beyond them, by Python's own count,
    must not grow with their number.
    """
    rows = []
    for count in (1_000, 20_000):
        found = [_process("-m", "tests.benchmarks.others", "memory", str(count)) for _ in range(rounds)]
        beyond = [_process("-m", "tests.benchmarks.others", "beyond", str(count)) for _ in range(rounds)]
        above = [each["peak_mb"] - each["before_mb"] for each in found]
        rate = [1000 * each["cpu"] / count for each in found]
        kept = [1000 * (each["peak_mb"] - each["before_mb"]) / count for each in found]
        rows.append(
            [f"{count:,}", *(shown(*each) for each in ((above, ".1f"), (kept, ".2f"), (beyond, ".2f"), (rate, ".2f")))]
        )
    head = ["messages", "MB above the list", "KB a message", "MB beyond messages and results"]
    return table([*head, "CPU ms a message, no gateway"], rows)


def _beyond(count: int) -> float:
    """Return what a campaign needs at most beyond what it holds at its end (MB)."""
    from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator

    run, held = RoboSmsSendOperator._run_campaign, list[float]()

    def traced(*args: Any, **kwargs: Any) -> Any:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        found = run(*args, **kwargs)
        now, most = tracemalloc.get_traced_memory()
        held.append((most - max(before, now)) / 2**20)
        tracemalloc.stop()
        return found

    with mock.patch.object(RoboSmsSendOperator, "_run_campaign", traced):
        _list_campaign(count)
    return held[-1]


def _list_campaign(count: int) -> dict[str, Any]:
    import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
    from airflow_provider_robosms.gateway.outcome import SendResult, Status
    from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
    from tests.sheets.campaigns import Store, variables

    def answer(self: Any, to: list[str], *rest: Any, **more: Any) -> SendResult:
        return SendResult(Status.SENT, "000", f"RSMS-{to[0]}", "queued", "code")

    account = {
        "conn_type": "robosms",
        "login": "demo@example.pk",
        "password": "benchmark-key",
        "extra": {"mask": "ALERT"},
    }
    patched = mock.patch("airflow_provider_robosms.gateway.client.GatewayClient.send", answer)
    with patched, variables({"AIRFLOW_CONN_ROBOSMS_DEFAULT": json.dumps(account)}):

        def send(messages: list[dict[str, str]]) -> int:
            task = RoboSmsSendOperator(task_id="send", messages=messages, check_balance=False)
            context: Any = {"task_state_store": Store(), "run_id": f"benchmark {len(messages)}"}
            return int(task.execute(context)["sent"])

        send(people(50))  # loads everything
        messages = people(count)
        found = measured(lambda: send(messages))
    assert found["result"] == count, found
    return found


def large(rounds: int) -> str:
    """One campaign over a large sheet under Google's quotas, in real time, its gateway made inside the task."""
    command = [sys.executable, "-m", "tests.benchmarks.large_sheet", "--rows", "20000", "--partitions", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    return "\n".join(
        line for line in done.stdout.splitlines() if line.startswith(("| ", "|---", "Google's side", "One write"))
    )


OTHERS: dict[str, tuple[str, Callable[[int], str]]] = {
    "planning": ("Planning a sheet", planning),
    "imports": ("Importing an operator, over `import airflow.sdk`", imports),
    "parsing": ("Parsing each DAG file, over `import airflow.sdk`", parsing),
    "memory": ("Memory and the number of messages", memory),
    "large": ("20,000 rows under Google's quotas, one task", large),
}

if __name__ == "__main__":
    part: Callable[[int], Any] = {"planning": _plan, "memory": _list_campaign, "beyond": _beyond}[sys.argv[1]]
    result = part(int(sys.argv[2]))
    sys.stdout.flush()
    print("\n" + json.dumps(result))
