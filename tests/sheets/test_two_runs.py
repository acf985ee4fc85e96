"""Two runs that claim the same rows at once, without sockets: at most one of them may send a row.

The second run begins while a call of the first one is on its way. Sheets has no compare-and-set; what keeps them apart is
that a claim is read back only after a settling time, in which every claim that was decided on before has arrived.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.campaign.ledger import Flushed, LedgerError
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet
from airflow_provider_robosms.sheets import exclusion
from airflow_provider_robosms.sheets.columns import OWNED, Columns
from airflow_provider_robosms.sheets.ledger import SheetLedger
from airflow_provider_robosms.sheets.marks import Run
from airflow_provider_robosms.sheets.plan import make_plan
from airflow_provider_robosms.sheets.rows import RowReader, Wording
from airflow_provider_robosms.sheets.snapshot import read_all
from tests.sheets.model import ModelApi, book_of, table_of

SETTLE = 0.2
ZONE = ZoneInfo("Asia/Karachi")
ANOTHERS = "queued (ref aaaaaa.bbbbbbccc)"
ROWS = [["Name", "Phone", *OWNED], *[[f"Name{index}", f"0300-100000{index}"] for index in range(6)]]


def reader_for(columns: Columns) -> RowReader:
    return RowReader(columns, Wording(message="{{ Name }}"), key_column="Phone", zone=ZONE)


def claim(book: Spreadsheet, name: str, before: Callable[[int], None] = lambda number: None) -> list[Message]:
    """Claim all rows as the run *name*; return the messages that it may send now."""
    api = ModelApi(book)
    columns, rows = read_all(api, "Recipients")
    run = Run(name, is_over=lambda code: False)
    now = datetime.now(timezone.utc)
    plan = make_plan(reader_for(columns), rows, run, now=now, read_at=time.monotonic())
    api.calls.clear()
    api.before = before
    ledger = SheetLedger(api, plan, reader_for, run, chunk=10, zone=ZONE)
    return ledger.flush({}, [], claim=True, final=False).messages


def quiet_calls() -> int:
    calls: list[int] = []
    claim(book_of(Recipients=ROWS), "quiet", calls.append)
    return len(calls)


def sent_by_both(moment: int, delay: float, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return whom both runs send, when the second begins while the first one's call *moment* takes so many seconds."""
    monkeypatch.setattr(exclusion, "SETTLE", SETTLE)
    monkeypatch.setattr(exclusion, "ARRIVE_WITHIN", SETTLE)
    book = book_of(Recipients=ROWS)
    with ThreadPoolExecutor() as pool:
        second: list[Future[list[Message]]] = []

        def act(number: int) -> None:
            if number == moment:
                second.append(pool.submit(claim, book, "second"))
                time.sleep(delay)

        first = claim(book, "first", act)
        return {message.key for message in first} & {message.key for message in second[0].result()}


@pytest.mark.parametrize("delay", [0.0, SETTLE / 2])
def test_nobody_is_sent_by_both(monkeypatch: pytest.MonkeyPatch, delay: float) -> None:
    for moment in range(quiet_calls()):
        assert not sent_by_both(moment, delay, monkeypatch), f"begun during call {moment}"


def test_a_run_that_noticed_its_delay_does_not_send(monkeypatch: pytest.MonkeyPatch) -> None:
    # Google took its time, or the write was repeated after a 429: the other run may have read its claim back meanwhile.
    for moment in range(quiet_calls()):
        assert not sent_by_both(moment, 4 * SETTLE, monkeypatch), f"begun during call {moment}"


def test_claims_settle_as_long_as_they_may_take() -> None:
    assert exclusion.SETTLE >= exclusion.ARRIVE_WITHIN


TWINS = [["Ref", "Name", "Phone", *OWNED], ["R1", "One", "0300-1000000"], ["R2", "Two", "0300-1000000"]]


def test_two_runs_that_claim_two_rows_of_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finds the row that it claimed untouched: the rows were in another order for the second run's look and write."""
    monkeypatch.setattr(exclusion, "SETTLE", SETTLE)
    skipped = ["SKIPPED", "", "", "", "", "duplicate of row 2 (same number)"]
    book = book_of(Recipients=[*TWINS[:2], [*TWINS[2], *skipped]])
    writing = threading.Event()
    with ThreadPoolExecutor() as pool:
        second: list[Future[list[Message]]] = []

        def act(number: int) -> None:
            if number == 0:  # the first run has looked and is about to write
                edit(book, {"action": "sort", "sheet": "Recipients", "column": "A", "descending": True})
                second.append(pool.submit(claim, book, "second", lambda number: writing.set()))
                assert writing.wait(10)
                time.sleep(SETTLE / 4)
                edit(book, {"action": "sort", "sheet": "Recipients", "column": "A"})

        first = claim(book, "first", act)
        assert len(first) + len(second[0].result()) <= 1


def test_a_row_whose_number_another_row_was_sent_meanwhile_is_left_alone() -> None:
    book = book_of(Recipients=TWINS)
    api = ModelApi(book)
    columns, rows = read_all(api, "Recipients")
    run = Run("late", is_over=lambda code: False)

    def by_ref(columns: Columns) -> RowReader:
        return RowReader(columns, Wording(message="{{ Name }}"), key_column="Ref", zone=ZONE)

    plan = make_plan(by_ref(columns), rows, run, now=datetime.now(timezone.utc), read_at=-60.0)
    edit(
        book,
        {"action": "set", "sheet": "Recipients", "cell": "D3", "values": [["SENT", "000", "RSMS-1", 1, "", ANOTHERS]]},
    )
    ledger = SheetLedger(api, plan, by_ref, run, chunk=10, zone=ZONE, sleep=lambda seconds: None)
    assert plan.backlog == ["id:R1"]
    assert ledger.flush({}, [], claim=True, final=False).messages == []


class Slow(ModelApi):
    """A Google that takes five seconds of the given clock for each write that *slow* names."""

    def __init__(self, book: Spreadsheet, clock: list[float], slow: set[int]) -> None:
        super().__init__(book)
        self.clock, self.slow, self.writes = clock, slow, 0

    def read(self, ranges: Sequence[str]) -> list[list[list[Any]]]:
        answer = super().read(ranges)
        self.asked_at = self.clock[0]
        return answer

    def write(self, blocks: Sequence[tuple[str, list[list[Any]]]], *, by: float | None = None) -> None:
        assert by is None or self.clock[0] <= by
        super().write(blocks)
        if self.writes in self.slow:
            self.clock[0] += 5.0
        self.writes += 1


class Late:
    """A run whose first claims, of three rows, arrived too late, and its virtual time.

    :param killed: the run was killed with its claims written, and begins again.
    """

    def __init__(self, *, killed: bool = False) -> None:
        self.book, self.clock = book_of(Recipients=ROWS), [100.0]
        self.store, self.at_work, self.alive = MemoryStore(), set[str](), True
        self.begin(slow=set() if killed else {0})
        if killed:
            self.alive = False
            with pytest.raises(KeyboardInterrupt):
                self.flush()
            self.alive = True
            self.begin()
        assert not self.flush().messages
        assert self.statuses() == ["SENDING"] * 3 + [""] * 3  # nobody else takes them meanwhile

    def begin(self, slow: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """Plan and open the ledger, as each try does."""
        api = Slow(self.book, self.clock, slow)
        columns, rows = read_all(api, "Recipients")
        run = Run("slow", is_over=lambda code: False, at_work=lambda: self.at_work)
        plan = make_plan(reader_for(columns), rows, run, now=datetime.now(timezone.utc), read_at=api.asked_at)
        self.ledger = SheetLedger(
            api,
            plan,
            reader_for,
            run,
            chunk=3,
            zone=ZONE,
            sleep=self.pass_time,
            clock=lambda: self.clock[0],
            unproven=exclusion.Unproven(self.store),
        )

    def pass_time(self, seconds: float) -> None:
        if not self.alive:
            raise KeyboardInterrupt
        self.clock[0] += seconds

    def flush(self, *, claim: bool = True, returned: Sequence[str] = ()) -> Flushed:
        return self.ledger.flush({}, returned, claim=claim, final=not claim)

    def statuses(self) -> list[str]:
        return [row["Status"].split(" ")[0] for row in table_of(self.book)]


killed = pytest.mark.parametrize("killed", [False, True])


@killed
def test_a_late_claim_is_relied_on_once_it_is_clear_that_no_other_run_is_at_work(killed: bool) -> None:
    late = Late(killed=killed)
    began = late.clock[0]
    keys = [message.key for message in late.flush().messages]
    assert len(keys) == 3, "the rest of the sheet does not wait"
    while not (found := late.flush()).exhausted:
        keys += [message.key for message in found.messages]
    keys += [message.key for message in found.messages]
    assert len(set(keys)) == len(keys) == 6
    assert exclusion.HOLD <= late.clock[0] - began <= exclusion.HOLD + 30
    late.flush(claim=False, returned=keys)
    assert late.statuses() == [""] * 6


@killed
def test_a_late_claim_is_unknown_when_the_run_ends_before(killed: bool) -> None:
    late = Late(killed=killed)
    late.flush(claim=False)
    assert late.statuses() == ["UNKNOWN"] * 3 + [""] * 3
    assert sum(late.ledger.dropped.values()) == 3


@killed
def test_a_late_claim_is_unknown_when_another_run_shows_in_the_sheet(killed: bool) -> None:
    late = Late(killed=killed)
    result = [["SENT", "000", "RSMS-1", 1, "", ANOTHERS]]
    edit(late.book, {"action": "set", "sheet": "Recipients", "cell": "C7", "values": result})
    late.pass_time(2 * exclusion.HOLD)
    while not (found := late.flush()).exhausted:
        pass
    assert not {message.to for message in found.messages} & {f"92300100000{index}" for index in range(3)}
    late.flush(claim=False, returned=[message.key for message in found.messages])
    assert late.statuses()[:3] == ["UNKNOWN"] * 3


@killed
def test_a_late_claim_is_unknown_when_airflow_knows_of_another_run(killed: bool) -> None:
    late = Late(killed=killed)
    late.at_work |= {"aaaaaa"}
    late.pass_time(2 * exclusion.HOLD)
    while not (found := late.flush()).exhausted:
        pass
    late.flush(claim=False, returned=[message.key for message in found.messages])
    assert late.statuses()[:3] == ["UNKNOWN"] * 3


def test_a_claim_that_a_killed_try_had_read_back_is_relied_on() -> None:
    late = Late(killed=True)
    late.store.values.clear()  # as if the try had been killed a moment later
    late.begin()
    assert len(late.flush().messages) == 3


def test_without_the_task_state_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Late()

    def away(key: str, value: Any) -> None:
        raise OSError("the API server is away")

    monkeypatch.setattr(late.store, "set", away)
    late.book = book_of(Recipients=ROWS)
    late.begin()
    with pytest.raises(LedgerError, match="task state could not be written, so no row was claimed"):
        late.flush()
    assert late.statuses() == [""] * 6


def test_an_old_look_is_taken_again_before_rows_are_claimed() -> None:
    book, clock = book_of(Recipients=ROWS), [100.0]
    api = Slow(book, clock, slow=set())
    columns, rows = read_all(api, "Recipients")
    run = Run("old", is_over=lambda code: False)
    plan = make_plan(reader_for(columns), rows, run, now=datetime.now(timezone.utc), read_at=api.asked_at)
    clock[0] += 60.0  # the plan waited for something
    ledger = SheetLedger(
        api, plan, reader_for, run, chunk=9, zone=ZoneInfo("Asia/Karachi"), sleep=lambda _: None, clock=lambda: clock[0]
    )
    assert len(ledger.flush({}, [], claim=True, final=False).messages) == 6
