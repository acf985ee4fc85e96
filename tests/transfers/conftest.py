"""The sandbox for the tests of the campaign operator; each test starts from a reset one and its own spreadsheet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.sheets.lock import Lock
from airflow_provider_robosms.sheets.results import SheetResults
from airflow_provider_robosms.spreadsheet import api
from airflow_provider_robosms.transfers import sheet_source
from tests.sheets.campaigns import Hurried, environment, reset_google, variables


@pytest.fixture
def sandbox(served: RunningSandbox) -> Iterator[RunningSandbox]:
    """The sandbox, with both connections in the environment. Claims settle at once: nobody else is at work in the sheet."""
    served.reset()
    reset_google(served)
    with variables(environment(served)):
        yield served


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, sandbox: RunningSandbox) -> None:
    """All pauses are made, and count as always, but take a hundredth of their time; chunks are of 50 rows."""
    clock = Hurried()
    pauses = {"clock": clock, "sleep": clock.sleep}
    since_1970 = partial(clock, time.time)
    monkeypatch.setattr(api, "GoogleSpreadsheet", partial(api.GoogleSpreadsheet, **pauses))
    monkeypatch.setattr(sheet_source, "SheetResults", partial(SheetResults, **pauses))
    monkeypatch.setattr(sheet_source, "Lock", partial(Lock, now=since_1970, sleep=clock.sleep))
    monkeypatch.setattr(sheet_source, "MOST_ROWS", 50)
    reset_google(sandbox, quota=False)
