"""What compat does in place of what an Airflow lacks. That all modules import everywhere is shown in tests/versions."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms import compat
from airflow_provider_robosms.triggers.memory import WatchMemory

PACKAGE = Path(compat.__file__).parent


class OldAccessor:
    """The state of an asset as Airflow 3.3.0 has it: synchronous, and its questions are asked in the triggerer's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.values: dict = {}
        self._loop = loop

    def _ask(self) -> None:
        from asgiref.sync import async_to_sync

        async def asked() -> None:
            assert asyncio.get_running_loop() is self._loop, "asked in a loop of its own"

        async_to_sync(asked)()

    def get(self, key: str, default: object = None) -> object:
        self._ask()
        return self.values.get(key, default)

    def set(self, key: str, value: object) -> None:
        self._ask()
        self.values[key] = value


def test_a_watcher_remembers_where_the_state_is_synchronous():
    async def watch() -> tuple[str, dict]:
        accessor = OldAccessor(asyncio.get_running_loop())
        await WatchMemory("low", accessor).note("announced", since="2026-11-25T08:00:00+00:00")
        return await WatchMemory("low", accessor).status(), accessor.values

    assert asyncio.run(watch()) == (
        "announced",
        {"low": {"status": "announced", "since": "2026-11-25T08:00:00+00:00"}},
    )


def test_blocking_work_does_not_hold_up_the_triggerer():
    async def both() -> str:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def waits() -> str:
            asyncio.run_coroutine_threadsafe(done.wait(), loop).result(10)
            return "done"

        work = asyncio.create_task(compat.in_thread(waits))
        await asyncio.sleep(0)
        done.set()
        return await work

    assert asyncio.run(both()) == "done"


def test_nothing_for_the_triggerer_uses_a_thread_that_airflow_does_not_know():
    """Before 3.3 such a thread's question to Airflow ends the triggerer."""
    for path in PACKAGE.rglob("*.py"):
        if "sandbox" in path.parts:
            continue
        names = [node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
        assert "to_thread" not in names, path


def test_only_compat_looks_at_what_differs_between_versions():
    moved = (
        "airflow.sdk.exceptions",
        "airflow.sdk.configuration",
        "airflow.triggers.shared_stream",
        "airflow.exceptions",
    )
    for path in PACKAGE.rglob("*.py"):
        if path.name != "compat.py":
            nodes = ast.walk(ast.parse(path.read_text()))
            assert not [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module in moved], (
                path
            )
