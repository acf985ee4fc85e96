"""A note in the task's state that is damaged is not taken for an empty one: nothing is sent, in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.operators.stage import StateStore
from tests.sheets.campaigns import Store, recipients, run
from tests.transfers.sql_stage import Database, context, operator

DAMAGED = [{}, "", " ", None, [], 0]


@pytest.mark.parametrize("note", DAMAGED)
def test_of_a_sheet_campaign(sandbox: RunningSandbox, note: Any) -> None:
    sheet, store = sandbox.create_sheet("Campaign", {"Recipients": recipients(2)}), Store()
    store.values["journal_id"] = note
    with pytest.raises(Exception, match=r"journal_id in its task state\) is damaged, and nothing was sent") as caught:
        run(sheet, store=store)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 0


def test_of_its_key_column(sandbox: RunningSandbox) -> None:
    sheet, store = sandbox.create_sheet("Campaign", {"Recipients": recipients(2)}), Store()
    run(sheet, store=store)
    store.values["key_column"] = {}
    with pytest.raises(Exception, match=r"key_column in its task state\) is damaged") as caught:
        run(sheet, store=store)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 2


@pytest.mark.parametrize("note", DAMAGED)
def test_of_a_campaign_from_a_database(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: Any
) -> None:
    database = Database(tmp_path / "customers.db").crowd(2)
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_SQL", database.connection())
    store = StateStore()
    store.values["journal_id"] = note
    with pytest.raises(Exception, match=r"journal_id in its task state\) is damaged, and nothing was sent") as caught:
        operator().execute(context(store))
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 0
    assert database.statuses() == {None: 2}
