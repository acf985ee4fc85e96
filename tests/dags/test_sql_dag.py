"""``robosms_sql_campaign``: the table that its page describes, the form, and what its two tasks then do."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.dags.test_forms import dag_of
from tests.harness.demo import CUSTOMERS
from tests.harness.settings import sandbox_connections
from tests.operators.stage import StateStore
from tests.transfers.sql_stage import Database, context, texted

FILE = Path(__file__).parents[2] / "dags" / "robosms_sql_campaign.py"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database(tmp_path / "customers.db")
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_SQL", database.connection())
    return database.add(("Ayesha", "0300-1234567"), ("Again", "+92 300 1234567"), ("Out", "0300-1234568", "2026-11-01"))


@pytest.fixture
def sandbox(served: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    served.reset()
    for name, value in sandbox_connections(served).items():
        monkeypatch.setenv(name, value)
    return served


def run(task_id: str, **form: Any) -> dict[str, Any]:
    """Render a task as Airflow does and execute it."""
    dag = dag_of(FILE)
    task = dag.get_task(task_id)
    given = context(StateStore())
    task.render_template_fields({**given, "params": {**dag.params.dump(), **form}})
    return task.execute(given)


def test_it_is_short() -> None:
    source = FILE.read_text()
    doc = ast.parse(source).body[0]
    assert len(source.splitlines()) - (doc.end_lineno - doc.lineno + 1) <= 60


def test_the_page_describes_the_table() -> None:
    assert " ".join(CUSTOMERS.split()) in " ".join(FILE.read_text().split())


def test_the_form_as_it_stands_previews_and_what_is_sent_is_sent_once(
    sandbox: RunningSandbox, database: Database
) -> None:
    before = database.rows()
    preview = run("preview", send_window="")
    assert (preview["pending"], preview["skipped"]) == (1, 1)
    assert preview["samples"][0]["to"] == "92300****567"
    assert (database.rows(), sandbox.received()["posts"]) == (before, 0)
    for _ in range(2):
        run("send", send_window="", message="Dear {{ name }}, Rs {{ due }}")
    assert texted(sandbox) == {"923001234567": 1}
    assert [message["text"] for message in sandbox.accepted()] == ["Dear Ayesha, Rs 5"]
    assert database.said()[2] == ("SKIPPED", "same number as row 1")
    assert database.said()[3] == (None, None)


@pytest.mark.parametrize("hours", ["9 am - 9 pm", "09:00-21:00"])
def test_hours_are_read_as_people_write_them(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch, hours: str
) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    from airflow_provider_robosms.transfers.window import SendWindow

    monkeypatch.setattr(SendWindow, "is_open", lambda *_: False)
    with pytest.raises(TaskDeferred):
        run("send", send_window=hours)
    assert database.statuses() == {None: 3}
