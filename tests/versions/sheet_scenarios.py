"""Sheet campaigns: killed, cleared, deleted, backfilled, mapped over what changes. Nobody twice, no code lost, by version."""

from __future__ import annotations

import json

from tests.sheets.campaigns import disagreements, recipients, statuses, table
from tests.versions.stage import Stage

#: As in dags/sheet_campaigns.py.
CONCURRENCY = 4
ROWS = 150


class Book:
    """A spreadsheet of its own people, and what has become of them by the gateway's log.

    :param first: index of its first person: no two spreadsheets of a scenario have a number in common.
    """

    def __init__(self, stage: Stage, people: int, first: int = 0) -> None:
        self._stage = stage
        self._next = first + people
        self.id = stage.sandbox.create_sheet("Campaign", {"Recipients": recipients(people, first)})

    def newcomer(self) -> None:
        """Add a person below the others."""
        sheets = self._stage.sandbox.sheet(self.id)["sheets"]
        rows = next(sheet["rows"] for sheet in sheets if sheet["title"] == "Recipients")
        person = recipients(1, self._next)[1:]
        self._next += 1
        self._stage.sandbox.edit_sheet(self.id, "set", sheet="Recipients", cell=f"A{len(rows) + 1}", values=person)

    def rows(self) -> list[dict[str, str]]:
        """Return its rows as a person sees them."""
        return table(self._stage.sandbox, self.id)

    def all_sent(self) -> bool:
        """Tell whether each row is SENT."""
        return set(statuses(self.rows())) == {"SENT"}


def promised(stage: Stage, *books: Book) -> None:
    """See that nobody was texted twice and no code is lost, by the gateway's log."""
    accepted = stage.sandbox.accepted()
    assert len({message["to"] for message in accepted}) == len(accepted)
    lost = set()
    for book in books:
        wrong = disagreements(stage.sandbox, book.id)
        lost |= {line for line in wrong if not line.endswith("was texted and no row says so")}
    assert not lost
    known = {row["Message ID"] for book in books for row in book.rows() if row["Status"] == "SENT"}
    unknown = sum(statuses(book.rows()).get("UNKNOWN", 0) for book in books)
    assert len({message["message_id"] for message in accepted} - known) <= unknown


def a_killed_sheet_campaign(stage: Stage) -> None:
    """SIGKILL of the task while messages leave, and a retry; then Clear, and the run deleted and started again."""
    book = Book(stage, ROWS)
    stage.airflow.wait_for_dag("sheet")
    run_id = stage.airflow.trigger("sheet", {"spreadsheet_id": book.id})
    pids = stage.airflow.task_pids("sheet", run_id, "send")
    stage.wait_for_accepted(30)
    pids.task.kill()
    assert len(stage.sandbox.accepted()) < ROWS, "killed too late"
    assert stage.end("sheet", run_id) == "success"
    assert stage.airflow.task_instance("sheet", run_id, "send")["try_number"] == 2
    found = statuses(book.rows())
    assert set(found) <= {"SENT", "UNKNOWN"}
    assert found.get("UNKNOWN", 0) <= 10 * CONCURRENCY, found
    promised(stage, book)

    before = book.rows()
    assert stage.clear_task("sheet", run_id) == "success"
    assert book.rows() == before
    book.newcomer()
    assert stage.run_again("sheet", run_id, {"spreadsheet_id": book.id}) == "success"
    assert book.rows()[:ROWS] == before
    assert book.rows()[ROWS]["Status"] == "SENT"
    promised(stage, book)


def spreadsheets_that_become_more(stage: Stage) -> None:
    """Mapped over spreadsheets: the list grows at its front and the run is cleared, so that each gets another map index."""
    first, second = Book(stage, 4), Book(stage, 4, first=100)
    stage.say(spreadsheets=[first.id])
    run_id, state = stage.run("sheets")
    assert (state, first.all_sent()) == ("success", True)
    before = first.rows()
    first.newcomer()
    stage.say(spreadsheets=[second.id, first.id])
    assert stage.clear_run("sheets", run_id) == "success"
    assert first.rows()[:4] == before
    assert first.all_sent()
    assert second.all_sent()
    promised(stage, first, second)


def partitions_that_become_fewer(stage: Stage) -> None:
    """Four partitions have sent; the run is cleared and has two."""
    book = Book(stage, 12)
    stage.say(spreadsheets=[book.id], partitions=4)
    run_id, state = stage.run("partitions")
    assert (state, statuses(book.rows())) == ("success", {"SENT": 12}), [
        stage.last_log("partitions", run_id, map_index=index) for index in range(4)
    ]
    before = book.rows()
    for _ in range(4):
        book.newcomer()
    stage.say(spreadsheets=[book.id], partitions=2)
    assert stage.clear_run("partitions", run_id) == "success"
    changed = [(old, new) for old, new in zip(before, book.rows(), strict=False) if old != new]
    assert not changed, (changed, [stage.last_log("partitions", run_id, map_index=index) for index in range(2)])
    assert book.all_sent()
    promised(stage, book)


def two_instances_on_one_spreadsheet(stage: Stage) -> None:
    """Mapped over a list that names one spreadsheet twice: one instance sends, the other waits and finds nothing to do."""
    book = Book(stage, 60)
    stage.say(spreadsheets=[book.id, book.id])
    assert stage.run("sheets")[1] == "success"
    assert book.all_sent()
    promised(stage, book)


def a_backfill(stage: Stage) -> None:
    """A backfill over a run that is over is like a Clear of the run: nobody twice; over a new date it is a new campaign."""
    book = Book(stage, 4)
    stage.say(spreadsheets=[book.id])
    assert stage.backfill("daily_sheet", "daily_list") == ["success", "success"]
    assert book.all_sent()
    accepted, before = len(stage.sandbox.accepted()), book.rows()
    remembers = stage.has_task_state and not stage.drops_on_success
    assert stage.backfill("daily_sheet", "daily_list") == ["success", "success" if remembers else "failed"]
    assert (len(stage.sandbox.accepted()), book.rows()) == (accepted, before)


def dags_test(stage: Stage) -> None:
    """``airflow dags test`` twice with one date: the first run is deleted, and its rows are not texted again."""
    book = Book(stage, 4)
    stage.airflow.pause("sheet")  # or the scheduler takes the run's task, too
    command = ["dags", "test", "sheet", "2026-02-01", "--conf", json.dumps({"spreadsheet_id": book.id})]
    stage.airflow.cli(*command)
    before = book.rows()
    book.newcomer()
    stage.airflow.cli(*command)
    assert book.rows()[:4] == before
    assert book.all_sent()
    promised(stage, book)
