"""What becomes of claims whose try has ended, whenever the next one is killed too, and wherever rows move meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_robosms.campaign.ledger import Flushed
from airflow_provider_robosms.campaign.message import Outcome
from airflow_provider_robosms.gateway.outcome import Status
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet
from airflow_provider_robosms.sheets.columns import OWNED, Columns
from airflow_provider_robosms.sheets.ledger import SheetLedger
from airflow_provider_robosms.sheets.marks import Run
from airflow_provider_robosms.sheets.plan import make_plan
from airflow_provider_robosms.sheets.rows import RowReader, Wording
from airflow_provider_robosms.sheets.snapshot import read_all
from tests.sheets.model import TAB, ModelApi, book_of, table_of
from tests.sheets.test_every_moment import DELETES, ROW_EDITS

ZONE = ZoneInfo("Asia/Karachi")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DEAD = Run("dead", is_over=lambda code: True)


class Killed(BaseException):
    """SIGKILL."""


def people() -> list[list[str]]:
    """Return a sheet in which claims of a dead run stand, on the first of two rows with one number too."""

    def claimed(number: int) -> list[str]:
        return [DEAD.mark(f"tel:92300100000{number}"), "", "", "", "", DEAD.detail(NOW)]

    return [
        ["Name", "City", "Phone", *OWNED],
        ["C", "Quetta", "0300-1000003", *claimed(3)],
        ["A", "Lahore", "12"],
        ["E", "Multan", "0300-1000005"],
        ["B", "Karachi", "0300-1000002", *claimed(2)],
        ["G", "Hub", "0300-1000002"],
        ["D", "Okara", "0300-1000004", *claimed(4)],
        ["F", "Swat", "0300-1000003"],
        ["H", "Jhang", ""],
    ]


def reader_for(columns: Columns) -> RowReader:
    return RowReader(columns, Wording(message="{{ Name }}"), key_column="Phone", zone=ZONE)


def send(
    book: Spreadsheet,
    run: Run,
    before: Callable[[int], None] = lambda number: None,
    *,
    limit: int | None = None,
    sent: set[str] | None = None,
) -> tuple[set[str], SheetLedger, int]:
    """Claim all rows; return their numbers (adding them to *sent*, too), the ledger, and how many calls it took."""
    api = ModelApi(book)
    columns, rows = read_all(api, TAB)
    plan = make_plan(reader_for(columns), rows, run, now=NOW, read_at=0.0, limit=limit)
    api.calls.clear()
    api.before = before
    ledger = SheetLedger(api, plan, reader_for, run, chunk=10, zone=ZONE, now=lambda: NOW, sleep=lambda seconds: None)
    flushed: Flushed = ledger.flush({}, [], claim=True, final=False)
    found = {message.to for message in flushed.messages}
    if sent is not None:
        sent |= found
    return found, ledger, len(api.calls)


#: Whose row a claim of the dead run stands in, by Name.
CLAIMED = {"B": "923001000002", "C": "923001000003", "D": "923001000004"}


@pytest.mark.parametrize("move", ROW_EDITS | DELETES)
def test_nobody_whose_claim_a_dead_run_left_is_texted(move: str) -> None:
    """The run that is to name those claims UNKNOWN is killed for good before any of its calls; rows moved before another."""
    _, _, calls = send(book_of(Recipients=people()), Run("quiet", is_over=lambda code: True))
    tried = 0
    for moved in range(calls):
        for killed in range(moved, calls + 4):
            book = book_of(Recipients=people())
            api = ModelApi(book)

            def act(number: int, moved: int = moved, killed: int = killed, api: ModelApi = api) -> None:
                if number == moved:
                    (ROW_EDITS | DELETES)[move](api)
                if number == killed + 1:
                    raise Killed

            try:
                send(book, Run("killed", is_over=lambda code: True), act)
            except Killed:
                tried += 1
            there = {row["Name"] for row in table_of(book)}  # of a row that a person deleted, nothing can tell
            sent, _, _ = send(book, Run("later", is_over=lambda code: True))
            twice = sent & {number for name, number in CLAIMED.items() if name in there}
            assert not twice, f"moved before call {moved}, killed before call {killed + 1}"
    assert tried >= calls


@pytest.mark.parametrize("move", ROW_EDITS)
def test_nobody_whom_a_killed_run_texted_is_texted_again(move: str) -> None:
    """A run is killed for good before any of its calls; rows moved before another. Skips were left to be written."""

    def campaign(book: Spreadsheet, sent: set[str], before: Callable[[int], None]) -> int:
        found, ledger, calls = send(book, Run("killed", is_over=lambda code: True), before, sent=sent)
        results = {
            f"tel:{number}": Outcome(Status.SENT, "000", f"RSMS-{number}", "code", 1_795_000_000, 1) for number in found
        }
        ledger.flush(results, [], claim=False, final=True)
        return calls

    def rows() -> list[list[str]]:
        header, claimed, *others = people()
        return [header, claimed, *(row[:3] for row in others), ["I", "Thatta", "0300-1000006"]]

    calls: list[int] = []
    campaign(book_of(Recipients=rows()), set(), calls.append)
    for moved in calls:
        for killed in calls[moved + 1 :]:
            book = book_of(Recipients=rows())
            api = ModelApi(book)
            sent: set[str] = set()

            def act(number: int, moved: int = moved, killed: int = killed, api: ModelApi = api) -> None:
                if number == moved:
                    ROW_EDITS[move](api)
                if number == killed:
                    raise Killed

            with contextlib.suppress(Killed):
                campaign(book, sent, act)
            again, _, _ = send(book, Run("later", is_over=lambda code: True))
            assert not sent & again, f"moved before call {moved}, killed before call {killed}"


def test_a_claim_of_an_earlier_try_beyond_the_limit_is_given_back() -> None:
    """The sheet was sorted between two tries: the second reaches its limit before it comes to rows that the first claimed."""
    rows = [[f"N{number}", f"0300-100000{number}"] for number in range(6)]
    book = book_of(Recipients=[["Name", "Phone", *OWNED], *rows])
    run = Run("limited")
    first, _, _ = send(book, run, limit=2)  # and it was killed before it sent one
    ModelApi(book).person("sort", column="Name", descending=True)
    second, ledger, _ = send(book, run, limit=2)
    assert (first, second) == ({"923001000000", "923001000001"}, {"923001000005", "923001000004"})
    ledger.flush({}, ["tel:923001000005", "tel:923001000004"], claim=False, final=True)
    assert [row.get("Status", "") for row in table_of(book)] == [""] * 6
