"""What a worker gives a task, without Airflow: a context whose state outlives the try; and numbers to send to."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_robosms.gateway.client import GatewayClient
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.sandbox.server import RunningSandbox

CONNECTION = {"conn_type": "robosms", "login": "demo@example.pk", "password": "sandbox-key"}
TEXT = "Aap ka order tayyar hai"


class StateStore:
    """Airflow's task state: what is set stays, whatever becomes of the try.

    Attributes:
        failures: Errors that the next writes raise, in this order, before they write.
        writes: Writes that were tried.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.failures: list[Exception] = []
        self.writes = 0

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        self.writes += 1
        if self.failures:
            raise self.failures.pop(0)
        # Airflow stores JSON.
        self.values[key] = json.loads(json.dumps(value))


class FileStore:
    """The same in files, for tries that are processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, key: str, default: Any = None) -> Any:
        path = self._folder / key
        return json.loads(path.read_text()) if path.exists() else default

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        draft = self._folder / f"{key}.new"
        with draft.open("w") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / key)


def context(store: Any, run_id: str = "manual__2026-11-23") -> Any:
    """Return a task's context as far as the operators look at it."""
    ti = SimpleNamespace(dag_id="campaign", run_id=run_id, task_id="send", map_index=-1)
    return {"task_state_store": store, "ti": ti, "run_id": run_id}


def operator(**fields: Any) -> RoboSmsSendOperator:
    """Return an operator as each try parses it anew."""
    return RoboSmsSendOperator(task_id="send", **fields)


def run(store: Any, **fields: Any) -> dict[str, Any]:
    """Make one try of the task."""
    return operator(**fields).execute(context(store))


def numbers(count: int) -> list[str]:
    """Return so many Pakistani mobile numbers, as the gateway writes them."""
    return [f"92300{1_000_000 + index:07d}" for index in range(count)]


def texted(sandbox: RunningSandbox) -> Counter[str]:
    """Return how often each number was accepted: the truth of all these tests."""
    return Counter(message["to"] for message in sandbox.accepted())


def wait_until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait for something that happens in another thread or process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def accepted_count(sandbox: RunningSandbox) -> int:
    """Return how many messages were accepted."""
    return int(sandbox.state()["counts"]["accepted"])


def before_request(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], Any]) -> None:
    """Do something before the *number*-th request of all, while no other is under way.

    A portal that goes while a request is on its way leaves it UNKNOWN, rightly: what is tested must not depend on that.
    """
    send, turn = GatewayClient.send, threading.Condition()
    begun = under_way = 0
    doing = False

    def sending(*arguments: Any, **fields: Any) -> Any:
        nonlocal begun, under_way, doing
        with turn:
            turn.wait_for(lambda: not doing)
            begun += 1
            if begun == number:
                doing = True
                turn.wait_for(lambda: under_way == 0)
                do()
                doing = False
                turn.notify_all()
            under_way += 1
        try:
            return send(*arguments, **fields)
        finally:
            with turn:
                under_way -= 1
                turn.notify_all()

    monkeypatch.setattr(GatewayClient, "send", sending)
