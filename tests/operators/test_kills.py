"""The task's process is killed in the middle. The gateway's own book is the truth."""

from __future__ import annotations

import json
import multiprocessing
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.operators.stage import TEXT, FileStore, accepted_count, context, numbers, operator, texted, wait_until

COUNT, CONCURRENCY = 300, 8


def attempt(folder: Path) -> dict[str, Any]:
    """Make one try, with SIGTERM handled as Airflow's task runner does; its state and its outcomes are in *folder*."""

    def write_down(outcomes: list[dict[str, Any]]) -> None:
        with (folder / "outcomes.jsonl").open("a") as file:
            file.writelines(json.dumps(outcome) + "\n" for outcome in outcomes)

    messages = [{"key": number, "to": number, "message": TEXT} for number in numbers(COUNT)]
    task = operator(messages=messages, concurrency=CONCURRENCY, on_outcomes=write_down)
    before = signal.signal(signal.SIGTERM, lambda *_: task.on_kill())
    try:
        return task.execute(context(FileStore(folder / "state")))
    except Exception as error:
        (folder / "error.txt").write_text(str(error))
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def running_try(folder: Path) -> Iterator[BaseProcess]:
    """Make one try in a process of its own, forked like Airflow's."""
    process = multiprocessing.get_context("fork").Process(target=attempt, args=(folder,))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def outcomes(folder: Path) -> dict[str, dict[str, Any]]:
    """The last outcome that on_outcomes was handed, by key."""
    lines = (folder / "outcomes.jsonl").read_text().splitlines()
    return {row["key"]: row for row in map(json.loads, lines)}


def check(sandbox, folder: Path, result: dict[str, Any], *, most_in_doubt: int) -> None:
    many, accepted = numbers(COUNT), {message["to"]: message for message in sandbox.accepted()}
    assert set(texted(sandbox).values()) == {1}, "somebody was texted twice"
    assert set(sandbox.received()["by_to"].values()) == {1}, "somebody was posted twice"
    assert result["sent"] + result["unknown"] == COUNT
    assert (result["failed"], result["rejected"], result["pending"]) == (0, 0, 0)
    assert result["unknown"] <= most_in_doubt
    known = outcomes(folder)
    assert set(known) == set(many), "a result never reached on_outcomes"
    for number, row in known.items():
        if row["status"] == "SENT":
            assert row["message_id"] == accepted[number]["message_id"]
        else:
            assert (row["status"], row["code"]) == ("UNKNOWN", None)
    assert sum(row["status"] == "SENT" for row in known.values()) == result["sent"]


def test_nobody_is_texted_twice_when_the_process_is_killed(sandbox, tmp_path):
    sandbox.settings(latency_ms=[20, 60])
    kills = (30, 90, 200)
    for accepted in kills:
        with running_try(tmp_path) as process:
            wait_until(lambda accepted=accepted: accepted_count(sandbox) >= accepted, seconds=60)
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
    assert accepted_count(sandbox) < COUNT
    result = attempt(tmp_path)
    check(sandbox, tmp_path, result, most_in_doubt=len(kills) * 2 * CONCURRENCY)


def test_sigterm_ends_in_good_order_within_five_seconds(sandbox, tmp_path):
    """Airflow waits so long between SIGTERM and SIGKILL; what was known by then must be written down."""
    sandbox.settings(latency_ms=[20, 60])
    sandbox.set_fault("hang", when="after", numbers=numbers(COUNT)[60:80])
    with running_try(tmp_path) as process:
        wait_until(lambda: accepted_count(sandbox) >= 64, seconds=60)
        began = time.monotonic()
        process.terminate()
        process.join(20)
        assert time.monotonic() - began < 5
        assert process.exitcode == 1  # the task fails, and Airflow's retry goes on with it
    assert (tmp_path / "error.txt").read_text() == "The task was stopped; run it again to send the rest."
    assert accepted_count(sandbox) < COUNT
    sandbox.clear_faults()
    result = attempt(tmp_path)
    assert result["unknown"] >= 1
    check(sandbox, tmp_path, result, most_in_doubt=CONCURRENCY)
