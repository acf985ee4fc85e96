"""A campaign under fire: started on a real Airflow, killed at random moments, then compared with the gateway's log."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.harness.settings import QUICK_DETECTION
from tests.harness.stack import LocalAirflow
from tests.kills.victims import KINDS, running_try
from tests.sheets import campaigns
from tests.versions.stage import airflow_version

DAGS = Path(__file__).parent / "dags"
CONCURRENCY = 20
#: Before 3.3 Airflow keeps no journal: the sheet alone tells, and a list campaign refuses a second try.
HAS_TASK_STATE = airflow_version() >= (3, 3)
SOURCES = ("sheet", "list") if HAS_TASK_STATE else ("sheet",)
#: A crash leaves at most this many messages in doubt.
BOUND = (2 if HAS_TASK_STATE else 10) * CONCURRENCY
#: Seconds until Airflow takes a silent task or scheduler for dead. A kill of the API server silences tasks while it starts
#: again, which takes long on a busy machine.
PATIENCE = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
}
_TAKEN_OVER = re.compile(r"An earlier try left its journal: ([\d,]+) reused, ([\d,]+) in doubt")
#: A person's look into the sandbox (seconds).
_LOOK = 0.03


@dataclass
class Kill:
    """One kill: in which try, and after how many accepted messages."""

    try_number: int
    accepted: int


@dataclass
class Verdict:
    """What became of a campaign, by the gateway's log.

    :ivar doubts: what each try found in doubt. A kill of the API server may cost several tries, each a crash of its own.
        Without task state no try tells, and this is what all crashes of the campaign have left, under the last try.
    :ivar duplicates: numbers that were accepted more than once.
    :ivar lost: accepted numbers whose row is neither SENT with that message's id nor UNKNOWN.
    :ivar unknown_sent: UNKNOWN rows whose message the gateway accepted; unknown_unsent: those it never accepted.
    :ivar blank: rows without a status; wrong: SENT rows without an accepted message.
    :ivar tabs: hidden tabs of the tool that are left in the spreadsheet.
    """

    kind: str
    source: str
    rows: int
    state: str = ""
    kills: list[Kill] = field(default_factory=list)
    tries: int = 0
    doubts: dict[int, int] = field(default_factory=dict)
    accepted: int = 0
    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unknown_sent: int = 0
    unknown_unsent: int = 0
    blank: int = 0
    tabs: int = 0
    seconds: float = 0.0

    @property
    def unknown(self) -> int:
        return self.unknown_sent + self.unknown_unsent

    def faults(self) -> list[str]:
        """Return what breaks the promise, in sentences; empty when it was kept."""
        found = [f"{number} was accepted more than once" for number in self.duplicates]
        found += [f"the code of {number} is lost" for number in self.lost]
        found += [f"{number} is SENT and the gateway does not know it" for number in self.wrong]
        most = BOUND if HAS_TASK_STATE else BOUND * max(1, self.tries - 1)
        found += [f"try {number} found {doubt} in doubt" for number, doubt in self.doubts.items() if doubt > most]
        if self.unknown > sum(self.doubts.values()):
            found.append(f"{self.unknown} rows are UNKNOWN, and only {sum(self.doubts.values())} were in doubt")
        if self.blank or self.tabs:
            found.append(f"{self.blank} rows without a status, {self.tabs} hidden tabs left behind")
        if self.state != "success":
            found.append(f"the run ended as {self.state}")
        return found


class Arena:
    """An Airflow and a sandbox for many campaigns; see :func:`arena`.

    :param rng: decides when kills happen.
    """

    def __init__(self, airflow: LocalAirflow, sandbox: RunningSandbox, outcomes: Path, rng: random.Random) -> None:
        self.airflow = airflow
        self.sandbox = sandbox
        self._outcomes = outcomes
        self._rng = rng
        self._first = 0

    def campaign(self, kind: str, source: str, rows: int, kills: int) -> Verdict:
        """Run one campaign.

        :param kind: a key of :data:`~.victims.KINDS`.
        :param source: one of :data:`SOURCES`.
        :param kills: how often to kill; fewer happen when the campaign ends before.
        """
        first, self._first = self._first, self._first + rows
        started = time.monotonic()
        verdict = Verdict(kind, source, rows)
        if source == "sheet":
            book = self.sandbox.create_sheet("Kills", {"Recipients": campaigns.recipients(rows, first)})
            dag_id, conf = "kills_sheet", {"spreadsheet_id": book}
        else:
            dag_id, conf = "kills_list", {"first": first, "count": rows}
        before = self._accepted()
        run_id = self.airflow.trigger(dag_id, conf)
        self._kill_repeatedly(dag_id, run_id, verdict, before, kills)
        verdict.state = self.airflow.wait_for_run(dag_id, run_id, timeout=300)["state"]
        verdict.tries = self.airflow.task_instance(dag_id, run_id, "send")["try_number"]
        if source == "sheet":
            verdict.tabs = sum(tab["title"].startswith("robosms ") for tab in self.sandbox.sheet(book)["sheets"])
        self._compare(verdict, self._stands(book) if source == "sheet" else self._told(first, rows), before)
        self._read_doubts(dag_id, run_id, verdict)
        verdict.seconds = time.monotonic() - started
        return verdict

    def _accepted(self) -> int:
        return int(self.sandbox.state()["counts"]["accepted"])

    def _kill_repeatedly(self, dag_id: str, run_id: str, verdict: Verdict, before: int, kills: int) -> None:
        _, kill, ends_try = KINDS[verdict.kind]
        last = 0
        while len(verdict.kills) < kills:
            found = self.airflow.wait_until(
                "a try runs or the run is over",
                lambda after=last: (
                    running_try(self.airflow, dag_id, run_id, after)
                    or self.airflow.run(dag_id, run_id)["state"] in ("success", "failed")
                ),
                timeout=120,
            )
            if found is True:
                return
            number, pids = found
            left = kills - len(verdict.kills)
            if not self._wait_for_moment(pids.task, verdict.rows - (self._accepted() - before), left):
                last = number if ends_try else last
                continue
            verdict.kills.append(Kill(number, self._accepted() - before))
            kill(self.airflow, pids)
            last = number if ends_try else number - 1

    def _wait_for_moment(self, task, remaining: int, kills_left: int) -> bool:
        """Wait for a random moment of this try; False when it ended by itself before.

        Four of five kills come while messages leave, after a random number of them; one comes at any time from the start,
        while the sheet is read or its lock is taken.
        """
        while_sending = self._rng.random() < 0.8
        wanted = self._accepted() + (self._rng.uniform(0, 1.6 * remaining / (kills_left + 1)) if while_sending else 1e9)
        until = time.monotonic() + (60 if while_sending else self._rng.uniform(0, 5))
        while time.monotonic() < until and self._accepted() < wanted:
            if not task.is_running() or task.status() == "zombie":
                return False
            time.sleep(_LOOK)
        time.sleep(self._rng.uniform(0, 0.1))  # not in step with our looks
        return task.is_running()

    def _read_doubts(self, dag_id: str, run_id: str, verdict: Verdict) -> None:
        """Find out, from the log of each try, what the one before it left in doubt."""
        if not HAS_TASK_STATE:
            verdict.doubts = {verdict.tries: verdict.unknown}
            return
        folder = self.airflow.home / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}" / "task_id=send"
        # The files themselves: of a try that never got to run, the API does not know the log.
        for path in folder.glob("attempt=*.log"):
            if found := _TAKEN_OVER.search(path.read_text()):
                verdict.doubts[int(path.stem.partition("=")[2])] = int(found[2].replace(",", ""))

    def _stands(self, book: str) -> dict[str, tuple[str, str]]:
        """Return for each number of a sheet what stands in its row: (status, message id)."""
        return {
            campaigns.to_of(row["Phone"]): (row.get("Status", ""), row.get("Message ID", ""))
            for row in campaigns.table(self.sandbox, book)
        }

    def _told(self, first: int, rows: int) -> dict[str, tuple[str, str]]:
        """Return the same for a list campaign, from what ``on_outcomes`` was told last."""
        told = {campaigns.to_of(campaigns.phone(index)): ("", "") for index in range(first, first + rows)}
        for line in self._outcomes.read_text().splitlines():
            outcome = json.loads(line)
            if outcome["key"] in told:
                told[outcome["key"]] = (outcome["status"], outcome["message_id"] or "")
        return told

    def _compare(self, verdict: Verdict, rows: dict[str, tuple[str, str]], before: int) -> None:
        log = self.sandbox.accepted()[before:]
        count = Counter(message["to"] for message in log)
        ids = {message["to"]: message["message_id"] for message in log}
        verdict.accepted = len(log)
        verdict.duplicates = [number for number, times in count.items() if times > 1]
        for number in count:
            status, message_id = rows.get(number, ("", ""))
            if status == "UNKNOWN":
                verdict.unknown_sent += 1
            elif status != "SENT" or message_id != ids[number]:
                verdict.lost.append(number)
        for number, (status, _) in rows.items():
            verdict.unknown_unsent += status == "UNKNOWN" and number not in count
            verdict.blank += not status
            if status == "SENT" and number not in count:
                verdict.wrong.append(number)


@contextmanager
def arena(seed: int, latency_ms: tuple[float, float]) -> Iterator[Arena]:
    """Start Airflow and the sandbox for campaigns with kills, and end both.

    :param seed: of all random moments.
    :param latency_ms: shortest and longest answer of the gateway.
    """
    with TemporaryDirectory(prefix="robosms-kills-") as folder, running_sandbox(latency_ms=latency_ms) as sandbox:
        sandbox.top_up("1000000")
        # Google's limits on calls a minute are another matter: many tries in a minute would only wait for them.
        campaigns.reset_google(sandbox, quota=False)
        outcomes = Path(folder) / "outcomes.jsonl"
        outcomes.touch()
        env = {**QUICK_DETECTION, **PATIENCE, **campaigns.environment(sandbox), "ROBOSMS_KILLS_OUTCOMES": str(outcomes)}
        with LocalAirflow(DAGS, env=env) as airflow:
            for dag_id in ("kills_sheet", "kills_list"):
                airflow.wait_for_dag(dag_id)
            yield Arena(airflow, sandbox, outcomes, random.Random(seed))
