"""What else a user pays for: planning, imports, parsing of DAG files, memory, a large sheet. Each measure returns a table.

python -m tests.benchmarks.others memory 1000     # one part in a process of its own, as JSON
"""

from __future__ import annotations

import gc
import json
import os
import statistics
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
from tests.benchmarks.report import shown, table, verdict

ROOT = Path(__file__).parents[2]
PLANNED = 20_000
#: Rows of the sheets by which memory is measured.
SHEETS = (1_000, 5_000, 20_000)
#: What a DAG file has imported anyway before it imports an operator.
AIRFLOW = "from airflow.sdk import DAG, BaseHook, BaseNotifier, BaseOperator, BaseSensorOperator, Param, task"
MODULES = (
    "operators.robosms", "transfers.gsheets_to_robosms", "transfers.sql_to_robosms", "sensors.robosms",
    "notifications.robosms", "hooks.robosms", "hooks.gsheets",
)  # fmt: skip


def _process(*command: str, env: dict[str, str] | None = None) -> Any:
    """Run a Python of its own and return what it printed last, as JSON."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT, check=False, env=env)
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _timed(before: str, code: str) -> tuple[float, float]:
    """Return milliseconds of clock and of processor that *code* takes after *before*, in a fresh process."""
    clocks = "time.perf_counter(), time.process_time()"
    words = f"import json, time\n{before}\nbegan = {clocks}\n{code}\nended = {clocks}\n"
    found = _process("-c", words + "print(json.dumps([1000 * (b - a) for a, b in zip(began, ended)]))")
    return found[0], found[1]


_TIMING = ("ms", "ms of processor time", "target, ms")


def _timing(found: list[tuple[float, float]], most: int) -> list[str]:
    clock, cpu = ([each[at] for each in found] for at in (0, 1))
    return [shown(clock, ".0f"), shown(cpu, ".0f"), verdict(clock, most, "d", least=False)]


def planning(rounds: int) -> str:
    """Plan a sheet of ten columns that is in memory already."""
    found = [_process("-m", "tests.benchmarks.others", "planning", str(PLANNED)) for _ in range(rounds)]
    rates = {name: [PLANNED / each[name] for each in found] for name in ("cpu", "seconds")}
    head = ["rows", "rows a second of processor time", "rows a second of clock", "target, of clock"]
    row = [f"{PLANNED:,}", *(shown(each, ",.0f") for each in rates.values()), verdict(rates["seconds"], 20_000, ",.0f")]
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
        rows.append([f"`{name}`", *_timing(found, 60)])
    return table(["module", *_TIMING], rows)


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
        rows.append([f"`{path.name}`", *_timing(found, 150)])
    return table(["file", *_TIMING], rows)


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


def sheet_memory(rounds: int) -> str:
    """Send the rows of sheets of three lengths, ten columns each, with answers that come at once.

    What the sheet's own values take is by Python's own count, read as the operator reads them and held.
    """
    rows, before = [], (0, 0.0, 0.0)
    for count in SHEETS:
        found = [_sheet_campaign(count) for _ in range(rounds)]
        above = [each["peak_mb"] - each["before_mb"] for each in found]
        values = [each["values_mb"] for each in found]
        beyond = [most - held for most, held in zip(above, values, strict=True)]
        row = [f"{count:,}", *(shown(each, ".1f") for each in (above, values, beyond))]
        row.append(shown((1000 * each / count for each in above), ".2f"))
        fewer, *least = before
        pairs = zip((above, beyond), least, strict=True)
        more = [[1000 * (most - less) / (count - fewer) for most in each] for each, less in pairs]
        row += [shown(each, ".2f") if fewer else "–" for each in more]
        row.append(_flat(statistics.median(more[1])) if fewer else "–")
        before = (count, statistics.median(above), statistics.median(beyond))
        rows.append([*row, shown((1000 * each["cpu"] / count for each in found), ".2f")])
    head = ["rows", "MB above its start, at most", "the sheet's values alone, MB", "MB beyond them", "KB a row, in all"]
    head += ["KB for each row more than in the line above", "of it beyond the values", "target: flat beyond the values"]
    return table([*head, "CPU ms a row, no gateway"], rows)


def _flat(more: float) -> str:
    return "met" if more < 0.1 else f"**missed: grows**, {more:.1f} KB a row"


def _sheet_campaign(count: int) -> dict[str, Any]:
    """Send to a new sheet of so many rows, in a process of its own; see :func:`_sheet_task` and :func:`_values`."""
    from airflow_provider_robosms.sandbox.server import running_sandbox
    from tests.sheets.campaigns import environment

    with running_sandbox(balance="1000000") as sandbox:
        sheet, warm = (sandbox.create_sheet("Memory", {"Recipients": sheet_rows(each)}) for each in (count, 50))
        env = {**os.environ, **environment(sandbox)}
        values = _process("-m", "tests.benchmarks.others", "sheet-values", sheet, env=env)
        found = _process("-m", "tests.benchmarks.others", "sheet-task", f"{sheet} {warm}", env=env)
    assert found["result"] == count, found
    return {**found, "values_mb": values}


def _sheet_task(sheets: str) -> dict[str, Any]:
    from airflow_provider_robosms.gateway.outcome import SendResult, Status
    from tests.sheets.campaigns import run

    def answer(self: Any, to: list[str], *rest: Any, **more: Any) -> SendResult:
        return SendResult(Status.SENT, "000", f"RSMS-{to[0]}", "queued", "code")

    def send(sheet: str) -> int:
        return int(run(sheet, message="Dear {{First Name}} {{Last Name}}, Rs {{Due}} is due")["sent"])

    sheet, warm = sheets.split()
    with mock.patch("airflow_provider_robosms.gateway.client.GatewayClient.send", answer):
        send(warm)  # loads everything
        gc.collect()
        return measured(lambda: send(sheet))


def _values(sheet: str) -> float:
    """Return what the spreadsheet takes once it is read (MB)."""
    from airflow_provider_robosms.recipients.workbook import open_workbook
    from tests.sheets.campaigns import operator

    api = operator(sheet)._open_api()
    api.tabs()  # loads everything
    tracemalloc.start()
    book = open_workbook(api, "Recipients", "Templates")
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] / 2**20
    assert book.rows
    return held


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
    "sheet-memory": ("Memory and the number of a sheet's rows", sheet_memory),
    "large": ("20,000 rows under Google's quotas, one task", large),
}

PARTS: dict[str, Callable[[str], Any]] = {
    "planning": lambda count: _plan(int(count)),
    "memory": lambda count: _list_campaign(int(count)),
    "beyond": lambda count: _beyond(int(count)),
    "sheet-task": _sheet_task,
    "sheet-values": _values,
}

if __name__ == "__main__":
    result = PARTS[sys.argv[1]](sys.argv[2])
    sys.stdout.flush()
    print("\n" + json.dumps(result))
