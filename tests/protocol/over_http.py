"""The same people, kinds of edits and judge over HTTP: the real operator with its threads, against the sandbox on a socket.

    python -m tests.protocol.over_http --kinds all --campaigns 5 --processes 2

What HTTP adds is that nothing waits for anything: people are at work in a thread of their own, at random moments.
The sandbox runs in a thread, so that a look of theirs and the deed that it leads to are one instant, as in process.
"""

from __future__ import annotations

import contextlib
import json
import logging
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import structlog

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sandbox.app import create_app
from airflow_provider_robosms.sandbox.door import Door, bind
from airflow_provider_robosms.sandbox.listener import Server
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.sheets.results import SheetResults
from tests.protocol.edits import BY_NAME, TRIES, AtWork, Played, chosen, command_line, judged, play_all, tabs_of
from tests.protocol.kinds import Kind
from tests.protocol.people import dress
from tests.sheets.campaigns import Store, environment, google_fault, reset_google, run, variables

SOURCE = "airflow_provider_robosms.transfers.sheet_source"
COUNT, CHUNK = 60, 15
#: Seconds of such a campaign, in which the moments of the edits fall.
SPAN = 1.5


class Accepted(NamedTuple):
    """A message that the gateway accepted."""

    to: str
    text: str


class _Server(Server):
    """A server in a thread, where no signals arrive."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class SandboxInThread(RunningSandbox):
    """A sandbox on a socket in this process; :attr:`books` has its spreadsheets by id."""

    def _start(self) -> None:
        door = Door(0)
        app = create_app(door=door)
        sheets = app.state.sandbox.sheets
        self.books = sheets.books
        started = threading.Event()
        listener = bind(0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.gateway_url = f"http://127.0.0.1:{door.port}"
        self.key_file = self.data_dir / "key.json"
        self.key_file.write_text(json.dumps(sheets.accounts.key_file(self.url)))
        self._server = _Server(app, door, started.set)
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()
        if not started.wait(60):
            raise RuntimeError("The sandbox did not start.")

    def stop(self) -> int:
        self._server.should_exit = True
        self._thread.join()
        return 0


@contextlib.contextmanager
def sandbox_in_thread() -> Iterator[SandboxInThread]:
    """Run a sandbox in a thread while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="robosms-sandbox-") as folder:
        sandbox = SandboxInThread(Path(folder))
        try:
            yield sandbox
        finally:
            sandbox.stop()


def play(sandbox: SandboxInThread, kind: Kind, seed: int) -> Played:
    """Play one campaign, and a second run the next day, without edits."""
    rng = random.Random(f"{kind.name}/{seed}")
    played = Played(kind.name, seed)
    sandbox.reset()
    sandbox.settings(latency_ms=(10, 40), balance="100000")
    reset_google(sandbox, quota=False)
    sheet = sandbox.create_sheet("Campaign", tabs_of(rng, COUNT))
    book = sandbox.books[sheet]
    dress(book)
    google_fault(sandbox, "delay", seconds=rng.choice((0.03, 0.06)))
    at_work = AtWork(book, kind, rng)
    ledgers: list[SheetResults] = []

    class Watched(SheetResults):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            ledgers.append(self)

    def a_run(run_id: str) -> list[str] | None:
        store = Store()
        ledgers.clear()
        people = _people(at_work, book) if run_id == "first" else contextlib.nullcontext()
        with people:
            fine = _tries(played, lambda: run(
                sheet, store=store, run_id=run_id, template="due", recipients_sheet=at_work.people.sheet.title
            ))  # fmt: skip
        return [key for ledger in ledgers for key in ledger.orphans] if fine else None

    def sent() -> tuple[list[Accepted], list[str]]:
        accepted = sandbox.accepted()
        return [Accepted(one["to"], one["text"]) for one in accepted], [one["message_id"] for one in accepted]

    with (
        variables(environment(sandbox)),
        mock.patch(f"{SOURCE}.MOST_ROWS", CHUNK),
        mock.patch(f"{SOURCE}.SheetResults", Watched),
        mock.patch("airflow_provider_robosms.spreadsheet.api.CALLS_PER_MINUTE", 100_000),
    ):
        return judged(played, at_work, a_run, sent)


@contextlib.contextmanager
def _people(at_work: AtWork, book: Any) -> Iterator[None]:
    """Let people be at work in a thread until the block ends."""
    over, rng = threading.Event(), random.Random(at_work.people.rng.random())
    times = at_work.kind.times
    pause = min(0.5, SPAN / times) if times else 0.1
    failed: list[BaseException] = []

    def work() -> None:
        while not over.wait(rng.uniform(0, pause)):
            try:
                with book.lock:
                    at_work.moment()
            except BaseException as error:  # raised where it is seen
                failed.append(error)
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if failed:
        raise failed[0]


def _tries(played: Played, attempt: Callable[[], Any]) -> bool:
    """Try as Airflow does; before each further try a person has told the task the tab's new title."""
    from airflow.sdk.exceptions import AirflowFailException

    for _ in range(TRIES):
        played.counts["tries"] += 1
        with contextlib.suppress(RoboSmsError, AirflowFailException):
            attempt()
            return True
    return False


def play_one(work: tuple[str, int]) -> Played:
    """Play the campaign of a kind's name and a seed in a sandbox of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    name, seed = work
    with sandbox_in_thread() as sandbox:
        return play(sandbox, BY_NAME[name], seed)


def main() -> int:
    """The command line."""
    command = command_line("Campaigns over HTTP during which people make one kind of edit.", 5)
    given = command.given()
    return play_all(command, play_one, [(name, seed) for seed in command.seeds for name in chosen(given.kinds)])


if __name__ == "__main__":
    raise SystemExit(main())
