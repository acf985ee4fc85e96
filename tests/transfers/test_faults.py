"""Google and the portal in trouble: nothing is sent twice, no result is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from unittest import mock

import pytest
from airflow.sdk.exceptions import TaskDeferred

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.spreadsheet import api
from airflow_provider_robosms.transfers import sheet_source
from tests.sheets.campaigns import (
    OWNED,
    Store,
    clear_google_faults,
    disagreements,
    google_calls,
    google_fault,
    google_settings,
    recipients,
    run,
    statuses,
    table,
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's trouble is waited out for two seconds instead of two minutes, and chunks are of 50 rows."""
    monkeypatch.setattr(api, "GoogleSpreadsheet", partial(api.GoogleSpreadsheet, patience=2.0))
    monkeypatch.setattr(sheet_source, "MOST_ROWS", 50)


@contextmanager
def once_posted(sandbox: RunningSandbox, posts: int, deed: Callable[[], Any]) -> Iterator[None]:
    """Do *deed* as soon as the portal has seen so many requests, while the block runs."""
    over = threading.Event()
    done: list[Any] = []

    def work() -> None:
        while not over.wait(0.01):
            if sandbox.received()["posts"] >= posts:
                done.append(deed())
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert done, "it never came to that"


def nobody_twice(sandbox: RunningSandbox) -> None:
    assert max(Counter(message["to"] for message in sandbox.accepted()).values()) == 1


FAULTS: list[dict[str, Any]] = [
    {"kind": "http-429"},
    {"kind": "http-500"},
    {"kind": "http-502"},
    {"kind": "http-503", "when": "before"},
    {"kind": "http-503", "when": "after"},
    {"kind": "http-504", "when": "after"},
    {"kind": "reset", "when": "before"},
    {"kind": "reset", "when": "after"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join(fault.values()))
@pytest.mark.parametrize("on", ["read", "write"])
@pytest.mark.usefixtures("hurried")
@pytest.mark.edits
def test_a_passing_fault_is_waited_out(sandbox: RunningSandbox, fault: dict[str, Any], on: str) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(30)})
    google_fault(sandbox, on=on, count=2, **fault)
    assert run(sheet)["sent"] == 30
    assert disagreements(sandbox, sheet) == []
    nobody_twice(sandbox)


# Two of them in make test; answers that are lost are in all simulations, too.
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.edits) for seed in range(1, 6))])
@pytest.mark.usefixtures("hurried")
def test_a_fifth_of_all_calls_fails(sandbox: RunningSandbox, seed: int) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(200)})
    for kind, when in (("http-503", "after"), ("http-503", "before"), ("reset", "after"), ("http-502", "before")):
        google_fault(sandbox, kind, when=when, probability=0.06, seed=seed)
    store = Store()
    for _ in range(4):
        with suppress(RoboSmsError):  # as Airflow tries again
            run(sheet, store=store)
            break
    clear_google_faults(sandbox)
    assert statuses(table(sandbox, sheet)) == {"SENT": 200}
    assert disagreements(sandbox, sheet) == []
    nobody_twice(sandbox)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "fault", [{"kind": "http-503"}, {"kind": "http-503", "when": "after"}, {"kind": "reset"}], ids=str
)
@pytest.mark.edits
def test_google_goes_down_in_the_middle(sandbox: RunningSandbox, fault: dict[str, Any]) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(400)})
    sandbox.settings(latency_ms=[20, 60])
    store = Store()
    with (
        once_posted(sandbox, 80, partial(google_fault, sandbox, on="any", **fault)),
        pytest.raises(Exception, match="Google") as caught,
    ):
        run(sheet, store=store)
    assert "RoboSmsError" in [kind.__name__ for kind in type(caught.value).__mro__], "Airflow may try again"
    sent = len(sandbox.accepted())
    assert 0 < sent < 400, "sending stops when intents can't be written"
    clear_google_faults(sandbox)
    sandbox.settings(latency_ms=0)
    result = run(sheet, store=store)
    assert result["sent"] == 400
    assert statuses(table(sandbox, sheet)) == {"SENT": 400}
    assert len(sandbox.accepted()) == 400
    assert disagreements(sandbox, sheet) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.edits
def test_google_is_down_when_the_last_results_are_written(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(40)})
    sandbox.settings(latency_ms=[300, 400])
    store = Store()
    with (
        once_posted(sandbox, 40, partial(google_fault, sandbox, "http-503")),
        pytest.raises(Exception, match="Google Sheets is in trouble"),
    ):
        run(sheet, store=store, concurrency=40)
    assert len(sandbox.accepted()) == 40
    assert statuses(table(sandbox, sheet)) == {"": 40}
    clear_google_faults(sandbox)
    result = run(sheet, store=store)
    assert (result["sent"], result["unknown"]) == (40, 0)
    assert len(sandbox.accepted()) == 40
    assert disagreements(sandbox, sheet) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.edits
def test_without_its_store_a_dead_try_leaves_unknown_and_never_resends(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(10)})
    sandbox.settings(latency_ms=[300, 400])
    with once_posted(sandbox, 10, partial(google_fault, sandbox, "http-503")), pytest.raises(Exception, match="Google"):
        run(sheet, run_id="lost", concurrency=20)
    clear_google_faults(sandbox)
    # Another run waits for the lock while it is young; once it has expired, what may have been sent is UNKNOWN.
    with pytest.raises(TaskDeferred):
        run(sheet, run_id="next")
    with mock.patch("airflow_provider_robosms.sheets.lock.LOCK_EXPIRES", 0.0):
        assert run(sheet, run_id="next")["unknown"] == 10
    assert statuses(table(sandbox, sheet)) == {"UNKNOWN": 10}
    assert len(sandbox.accepted()) == 10


@pytest.mark.usefixtures("impatient")
@pytest.mark.edits
def test_what_a_dead_run_left_is_settled_also_when_nobody_is_to_be_texted(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [[*recipients(0)[0], *OWNED], *recipients(10)[1:]]})
    sandbox.settings(latency_ms=[300, 400])
    with once_posted(sandbox, 10, partial(google_fault, sandbox, "http-503")), pytest.raises(Exception, match="Google"):
        run(sheet, run_id="lost", concurrency=20)
    clear_google_faults(sandbox)
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="E2", values=[["HOLD"]] * 10)
    with mock.patch("airflow_provider_robosms.sheets.lock.LOCK_EXPIRES", 0.0):
        assert run(sheet, run_id="next")["sent"] == 0
    assert statuses(table(sandbox, sheet)) == {"HOLD": 10}
    assert [each["title"] for each in sandbox.sheet(sheet)["sheets"]] == ["Recipients"]


def test_the_token_expires_in_the_middle(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_source, "MOST_ROWS", 50)
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(300)})
    sandbox.settings(latency_ms=[20, 60])
    with once_posted(sandbox, 100, partial(google_settings, sandbox, expire_tokens=True)):
        assert run(sheet)["sent"] == 300
    assert disagreements(sandbox, sheet) == []
    calls = google_calls(sandbox)
    assert calls["by_status"].get("401", 0) >= 1, "the fault was met"
    assert calls["tokens"] >= 2


@pytest.mark.usefixtures("hurried")
@pytest.mark.edits
def test_the_token_endpoint_is_in_trouble_for_a_while(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(5)})
    google_fault(sandbox, "http-503", on="token", count=2)
    assert run(sheet)["sent"] == 5


def test_the_key_is_revoked(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(5)})
    google_fault(sandbox, "invalid-grant", on="token")
    with pytest.raises(Exception, match="refused the service account's key") as caught:
        run(sheet)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("own", [(), OWNED], ids=["no result columns yet", "result columns"])
@pytest.mark.parametrize("area", [{}, {"range": "E:J"}], ids=["the tab", "the columns"])
def test_a_protected_range_stops_before_anything_is_sent(
    sandbox: RunningSandbox, own: tuple[str, ...], area: dict[str, str]
) -> None:
    header, *rows = recipients(5)
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [[*header, *own], *rows]})
    sandbox.edit_sheet(sheet, "protect", sheet="Recipients", **area)
    if area and not own:  # new columns are inserted before what is protected
        assert run(sheet)["sent"] == 5
        return
    with pytest.raises(Exception, match=r"protected range or tab .* let robosms-demo@.* edit it") as caught:
        run(sheet)
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 0
    sandbox.edit_sheet(sheet, "unprotect", sheet="Recipients")
    assert run(sheet)["sent"] == 5


def test_a_protection_that_comes_in_the_middle_loses_nothing(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_source, "MOST_ROWS", 50)
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(300)})
    sandbox.settings(latency_ms=[20, 60])
    store = Store()
    protect = partial(sandbox.edit_sheet, sheet, "protect", sheet="Recipients")
    with once_posted(sandbox, 60, protect), pytest.raises(Exception, match="protected range"):
        run(sheet, store=store)
    assert 0 < len(sandbox.accepted()) < 300
    sandbox.edit_sheet(sheet, "unprotect", sheet="Recipients")
    assert run(sheet, store=store)["sent"] == 300
    assert len(sandbox.accepted()) == 300
    assert disagreements(sandbox, sheet) == []


def test_the_tab_is_renamed_in_the_middle(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_source, "MOST_ROWS", 50)
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(300)})
    sandbox.settings(latency_ms=[20, 60])
    rename = partial(sandbox.edit_sheet, sheet, "rename_sheet", sheet="Recipients", to="People")
    with once_posted(sandbox, 60, rename):
        assert run(sheet)["sent"] == 300  # the tab is known by its id
    assert len(sandbox.accepted()) == 300
    assert disagreements(sandbox, sheet, tab="People") == []


def test_the_portal_refuses_in_the_middle(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_source, "MOST_ROWS", 50)
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(300)})
    sandbox.settings(latency_ms=[20, 60])
    store = Store()
    with (
        once_posted(sandbox, 60, partial(sandbox.settings, suspended=True)),
        pytest.raises(Exception, match="code 206"),
    ):
        run(sheet, store=store)
    sent = len(sandbox.accepted())
    assert 0 < sent < 300
    assert statuses(table(sandbox, sheet)) == {"SENT": sent, "": 300 - sent}
    sandbox.settings(suspended=False, latency_ms=0)
    assert run(sheet, store=store)["sent"] == 300
    assert disagreements(sandbox, sheet) == []
    nobody_twice(sandbox)
