"""A table of customers in SQLite behind the real hook, and tries of a campaign from it, without an Airflow."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.transfers.sql_to_robosms import SqlToRoboSmsOperator
from tests.harness.demo import CUSTOMERS

DUE = "SELECT id, phone, name, due FROM customers WHERE sms_status IS NULL AND opted_out_at IS NULL ORDER BY id"
OPTED_OUT = "SELECT phone FROM customers WHERE opted_out_at IS NOT NULL"
MESSAGE = "Dear {{ name }}, Rs {{ due }}"


class Database:
    """The file of a database with the table ``customers``.

    :param people: name, phone, opted out at; the keys are 1, 2, 3 …
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.do(CUSTOMERS)

    def do(self, sql: str, values: Sequence[Any] = ()) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute(sql, values)

    def add(self, *people: tuple[Any, ...]) -> Database:
        """Add people: name, phone, and when they opted out."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.executemany(
                "INSERT INTO customers (name, phone, due, opted_out_at) VALUES (?, ?, '5', ?)",
                [(*person, None)[:3] for person in people],
            )
        return self

    def crowd(self, count: int) -> Database:
        """Add so many people with numbers of their own."""
        return self.add(*((f"Name{index}", f"0300-{1_000_000 + index}") for index in range(count)))

    def rows(self, where: str = "1 = 1") -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.path)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(f"SELECT * FROM customers WHERE {where} ORDER BY id")]

    def statuses(self) -> Counter[str | None]:
        return Counter(row["sms_status"] for row in self.rows())

    def said(self) -> dict[int, tuple[str | None, str | None]]:
        """Return status and detail by key."""
        return {row["id"]: (row["sms_status"], row["sms_detail"]) for row in self.rows()}

    def connection(self) -> str:
        """Return the connection for ``AIRFLOW_CONN_ROBOSMS_SQL``."""
        return json.dumps({"conn_type": "sqlite", "host": str(self.path)})


def context(store: Any, run_id: str = "first", states: Mapping[str, str] | None = None) -> Any:
    """Return a task's context.

    :param states: run id -> the state of its task, as far as Airflow knows.
    """

    def get_task_states(*, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        return {run: {"send": states[run]} for run in run_ids if states and run in states}

    ti = SimpleNamespace(
        dag_id="campaign", run_id=run_id, task_id="send", map_index=-1, get_task_states=get_task_states
    )
    return {**({} if store is None else {"task_state_store": store}), "ti": ti, "run_id": run_id}


def operator(**fields: Any) -> SqlToRoboSmsOperator:
    given = {"table": "customers", "sql": DUE, "opted_out_sql": OPTED_OUT, **fields}
    if "message_column" not in given:
        given.setdefault("message", MESSAGE)
    return SqlToRoboSmsOperator(task_id="send", **given)


def texted(sandbox: RunningSandbox) -> Counter[str]:
    """Return how often each number was accepted: the truth of all these tests."""
    return Counter(message["to"] for message in sandbox.accepted())


def numbers(count: int) -> set[str]:
    """Return the numbers of a crowd as the gateway writes them."""
    return {f"92300{1_000_000 + index}" for index in range(count)}
