"""Several tasks on one sheet: other runs' claims, two runs at once, partitions at once. Those at once are real processes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.sheets.marks import LEASE, Run
from tests.sheets.campaigns import (
    OWNED,
    Store,
    disagreements,
    environment,
    google_calls,
    operator,
    recipients,
    run,
    statuses,
    table,
    to_of,
)
from tests.transfers.workers import Workers


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    found = Workers()
    yield found
    found.stop()


def with_claims(sandbox: RunningSandbox, other: Run, age: timedelta, rows: int = 6) -> str:
    """Return a sheet whose first two rows are claimed by *other* since *age*."""
    content: list[list[Any]] = recipients(rows)
    content[0] += OWNED
    for row in content[1:3]:
        row += [other.mark(f"tel:{to_of(row[2])}"), "", "", "", "", other.detail(datetime.now(timezone.utc) - age)]
    return sandbox.create_sheet("Campaign", {"Recipients": content})


def test_rows_of_a_live_run_are_left_alone_and_counted(sandbox: RunningSandbox) -> None:
    sheet = with_claims(sandbox, Run("another run"), timedelta(minutes=1))
    before = table(sandbox, sheet)[:2]
    result = run(sheet)
    assert (result["sent"], result["left_to_other_runs"], result["unknown"]) == (4, 2, 0)
    assert table(sandbox, sheet)[:2] == before


def test_rows_of_a_run_that_is_over_become_unknown(sandbox: RunningSandbox) -> None:
    sheet = with_claims(sandbox, Run("another run"), LEASE + timedelta(minutes=1))
    result = run(sheet)
    assert (result["sent"], result["left_to_other_runs"], result["unknown"]) == (4, 0, 2)
    rows = table(sandbox, sheet)
    assert statuses(rows) == {"UNKNOWN": 2, "SENT": 4}
    assert "may have been sent" in rows[0]["Detail"]
    assert "clear this row's Status to send it again" in rows[0]["Detail"]
    assert run(sheet, run_id="second")["sent"] == 0


@pytest.mark.parametrize(
    ("state", "left"), [("running", 2), ("up_for_retry", 2), ("deferred", 2), ("success", 0), ("failed", 0)]
)
def test_airflow_tells_whether_the_other_run_is_over(sandbox: RunningSandbox, state: str, left: int) -> None:
    # A live run's claim may be old, and a dead run's claim young: Airflow knows better than the clock.
    age = LEASE * 2 if left else timedelta(seconds=5)
    sheet = with_claims(sandbox, Run("dag\nnightly__1\nsend"), age)
    states = {"nightly__1": {"send": state, "other": "running"}, "nightly__2": {"send": "running"}}
    ti = SimpleNamespace(
        dag_id="dag", run_id="nightly__2", task_id="send", map_index=-1, get_task_states=lambda dag_id: states
    )
    context: Any = {"task_state_store": Store(), "ti": ti}
    result = operator(sheet).execute(context)
    assert (result["left_to_other_runs"], result["unknown"]) == (left, 2 - left)


@pytest.mark.parametrize("delay", [0.0, 0.3])
def test_two_runs_on_one_sheet_at_once_text_nobody_twice(
    sandbox: RunningSandbox, tmp_path: Path, workers: Workers, delay: float
) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(600)})
    sandbox.settings(latency_ms=[5, 40])
    for name in ("first", "second"):
        workers.start(sheet, tmp_path / name, environment(sandbox), run_id=name)
        time.sleep(delay)
    results = workers.results()
    times = Counter(message["to"] for message in sandbox.accepted())
    assert max(times.values()) == 1, results
    assert sum(result.get("sent", 0) for result in results) == len(times)
    # What they kept each other from, the next run sends.
    run(sheet, run_id="third")
    assert statuses(table(sandbox, sheet)) == {"SENT": 600}
    assert len(sandbox.accepted()) == 600
    assert disagreements(sandbox, sheet) == []


@pytest.mark.parametrize("partitions", [2, 3, 4])
def test_partitions_at_once(sandbox: RunningSandbox, tmp_path: Path, workers: Workers, partitions: int) -> None:
    rows = [*recipients(1000), ["R", "Bad", "0300-1", ""], ["R", "Twin", "0300-1000007", ""], ["R", "None", "", ""]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    for i in range(partitions):
        workers.start(sheet, tmp_path / str(i), environment(sandbox), partition=i, partitions=partitions)
    results = workers.results()
    assert all("error" not in result for result in results), results
    assert sum(result["sent"] for result in results) == 1000
    assert sum(result["skipped"] for result in results) == 3
    assert all(result["sent"] > 1000 / partitions * 0.7 for result in results)
    assert statuses(table(sandbox, sheet)) == {"SENT": 1000, "SKIPPED": 3}
    assert len(sandbox.accepted()) == 1000
    assert disagreements(sandbox, sheet) == []
    header = sandbox.sheet(sheet)["sheets"][0]["rows"][0]
    assert header == ["Ref", "First Name", "Phone", "City", *OWNED], "the columns were made once"
    calls = google_calls(sandbox)
    assert calls["reads"] + calls["writes"] <= partitions * (10 + 2 * 2)
    assert set(calls["by_status"]) == {"200"}
