"""One history: a sheet, some days of campaigns on it, accidents and people; and the judge of what came out.

    python -m tests.simulation.history --count 100000 --first-seed 0 [--processes 2]
    python -m tests.simulation.history --seed 4711 --trace

A history that breaks the promise prints its seed; the same seed plays the same history again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_robosms.campaign.campaign import Campaign, FlushOrder
from airflow_provider_robosms.campaign.engine import Request, Settings, Stop
from airflow_provider_robosms.campaign.journal import Journal
from airflow_provider_robosms.campaign.ledger import LedgerError
from airflow_provider_robosms.sheets.errors import SheetError
from airflow_provider_robosms.sheets.exclusion import Unproven
from airflow_provider_robosms.sheets.ledger import SheetLedger
from airflow_provider_robosms.sheets.marks import Run, run_code
from airflow_provider_robosms.sheets.plan import make_plan
from airflow_provider_robosms.sheets.rows import RowReader, Wording
from airflow_provider_robosms.sheets.snapshot import read_all

from .people import edit_something, rename_other_status
from .world import Chances, Gateway, Sheet, Store, World, numbers

ZONE = ZoneInfo("Asia/Karachi")
WORDING = Wording(message="Dear {{Name}}")


@dataclass
class Task:
    """One mapped task instance of one run: its tries share a journal."""

    run: str
    partition: int
    partitions: int
    settings: Settings
    store: Store
    tries: int = 0
    state: str = "none"  # none, running, retry, done
    in_doubt: list[int] = field(default_factory=list)
    known_doubt: set[str] = field(default_factory=set)


class Broken(AssertionError):  # noqa: N818 - it is a verdict
    """The promise was broken."""


class History:
    """Plays one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        rng = random.Random(seed)
        some = lambda chance, most: rng.uniform(0, most) if rng.random() < chance else 0.0  # noqa: E731
        chances = Chances(
            edit=some(0.7, 0.03),
            crash=some(0.6, 0.01),
            sheet_fault=some(0.4, 0.05),
            store_fault=some(0.3, 0.05),
            lost_answer=some(0.5, 0.2),
            refused=some(0.3, 0.3),
            busy=some(0.3, 0.2),
            account=some(0.15, 0.02),
            stop=some(0.2, 0.3),
        )
        self.world = World(seed, chances)
        self.with_ids = rng.random() < 0.5
        count = rng.randint(3, 30)
        header = ["ID", "Name", "Phone"] if self.with_ids else ["Name", "Phone"]
        rows: list[list[Any]] = []
        for index, phone in enumerate(numbers(count)):
            rows.append([f"r{index}", f"N{index}", phone] if self.with_ids else [f"N{index}", phone])
        if rng.random() < 0.5:
            rows.append([*rows[0][:-1], rows[0][-1]] if not self.with_ids else ["rx", "Twin", rows[0][-1]])
            rows.append(["bad", "x", "0300-12"] if self.with_ids else ["x", "0300-12"])
        self.sheet = Sheet(self.world, header, rows)
        self.gateway = Gateway(self.world)
        self.partitions = rng.choice([1, 1, 1, 2])
        self.runs = rng.randint(1, 3)
        self.overlap = rng.random() < 0.2
        self.settings = Settings(
            concurrency=rng.choice([1, 2, 3, 5]),
            bulk_size=rng.choice([1, 1, 1, 3]),
            max_per_second=rng.choice([None, None, 5.0]),
        )
        self.chunk = rng.choice([2, 5, 10])
        self.whole_up_to = rng.choice([0, 100_000])
        self.tasks: list[Task] = []
        self.over: dict[str, bool] = {}
        self.world.edit = lambda: edit_something(self.world, self.sheet)
        self.unknown_by_crash: Counter[str] = Counter()

    def play(self) -> None:
        """Play all runs, then let the judge look.

        :raises Broken: when the promise was broken.
        """
        for number in range(self.runs):
            name = f"run{number}"
            self.over[run_code(name)] = False
            store_per_partition = [Store(self.world) for _ in range(self.partitions)]
            tasks = [
                Task(name, i, self.partitions, self.settings, store) for i, store in enumerate(store_per_partition)
            ]
            self.tasks += tasks
            for task in tasks:
                self._start(task)
            if self.overlap and number == 0 and self.runs > 1:
                continue  # the second run starts while this one is under way
            self._until_done()
            for task in self.tasks:
                self.over[run_code(task.run)] = True
        self._until_done()
        # A last, quiet run: it sends what is left and names what dead runs left behind.
        quiet = replace(self.world.chances, **dict.fromkeys(vars(self.world.chances), 0.0))
        self.world.chances = quiet
        last = Task("last", 0, 1, self.settings, Store(self.world))
        self.over[run_code("last")] = False
        self.tasks.append(last)
        self._start(last)
        self._until_done()
        self._judge()

    def _until_done(self) -> None:
        world = self.world

        def alive() -> bool:
            if world.now > 50_000:
                raise Broken("the history does not end")
            while world.crashed:
                index = world.crashed.pop()
                task = self.tasks[index]
                # A retry of the same run, with its journal; or the run is given up.
                if task.tries < 4 and world.rng.random() < 0.8:
                    self._start(task)
                else:
                    task.state = "dead"
            for task in self.tasks:
                if task.state == "retry":
                    if task.tries < 6:
                        self._start(task)
                    else:
                        task.state = "failed"
            return any(task.state == "running" for task in self.tasks)

        world.run(alive)

    def _start(self, task: Task) -> None:
        task.tries += 1
        task.state = "running"
        index = self.tasks.index(task) if task in self.tasks else len(self.tasks)
        self.world.spawn(index, lambda: self._try(task, index))

    def _try(self, task: Task, index: int) -> None:
        try:
            Try(self, task, index).run()
            task.state = "done"
        except (LedgerError, SheetError, StopError, OSError) as error:
            self.world.trace.append(f"{self.world.now:.1f} {task.run}/{task.partition} ended: {error}")
            if "columns named 'Status'" in str(error):
                rename_other_status(self.world, self.sheet)
            task.state = "retry"

    def _judge(self) -> None:
        """See that nobody was texted twice, no code was lost, and what is unknown is called so."""
        world, sheet = self.world, self.sheet
        sent = Counter(message.to for message in self.gateway.accepted)
        by_run = Counter((message.run, message.to) for message in self.gateway.accepted)
        for (run, to), times in by_run.items():
            if times > 1 + world.evidence_removed[to]:
                raise Broken(f"{to} was texted {times} times in {run}")
        for to, times in sent.items():
            if times > 1 + world.cleared[to] + world.evidence_removed[to]:
                raise Broken(f"{to} was texted {times} times, and a person asked {world.cleared[to]} times for it")
        ids = {(message.message_id, message.to) for message in self.gateway.accepted}
        standing: Counter[str] = Counter()
        # Likewise one of several partitions that was interrupted: on its next try it looks at its own people only.
        dead = {
            run_code(task.run)
            for task in self.tasks
            if task.state != "done" or (task.partitions > 1 and task.tries > 1)
        }
        for row in sheet.rows:
            status = str(sheet.get(row, "Status"))
            phone = str(sheet.get(row, "Phone"))
            to = f"92{phone[1:]}" if phone.startswith("0") else phone
            if status.startswith("SENDING"):
                raise Broken(f"a claim was left behind: {status}")
            if status == "SENT":
                message_id = sheet.get(row, "Message ID")
                # A run that was killed for good between a write and its read-back cannot give a row back what it held.
                given_up = any(code in str(sheet.get(row, "Detail")) for code in dead)
                # Cleared in the very moment in which the row got its Status back: the person has taken the rest of it.
                given_up = given_up or (not message_id and world.cleared[to] > 0)
                if row.who not in world.edited and (message_id, to) not in ids and not given_up:
                    raise Broken(f"{to} has the message id {message_id} of somebody else")
            if status and to:
                standing[to] += status in ("SENT", "UNKNOWN") or any(
                    code in str(sheet.get(row, "Detail")) for code in dead
                )
            if not status and phone and any(sheet.get(row, name) for name in ("Code", "Message ID", "Detail")):
                raise Broken(f"{to} has a result without a status")
        present = {self._to(row) for row in sheet.rows}
        for to in sent:
            excused = world.cleared[to] or world.evidence_removed[to] or to in world.renumbered
            if to in present and not standing[to] and not excused:
                raise Broken(f"{to} was texted and its row does not say so")
        for task in self.tasks:
            bound = 2 * task.settings.concurrency * task.settings.bulk_size
            for found in task.in_doubt:
                if found > bound:
                    raise Broken(f"a crash left {found} messages in doubt, more than {bound}")

    def _to(self, row: Any) -> str:
        phone = str(self.sheet.get(row, "Phone"))
        return f"92{phone[1:]}" if phone.startswith("0") else phone


class StopError(Exception):
    """The campaign ended early."""


class Try:
    """One try of one task: the operator's steps, with strands in place of threads."""

    def __init__(self, history: History, task: Task, index: int) -> None:
        self.history, self.task, self.index = history, task, index
        self.world = history.world
        self.events: list[tuple[str, Any, Any]] = []
        self.commits: list[list[str]] = []
        self.flushes: list[FlushOrder] = []

    def run(self) -> None:
        """What the operator does."""
        world, task, sheet = self.world, self.task, self.history.sheet
        columns, rows = read_all(sheet, sheet.title)
        journal = Journal(task.store, salt=f"{task.run}{task.partition}", segment_chars=400)
        recovered = journal.load()
        task.in_doubt.append(len(recovered.in_doubt - task.known_doubt))
        task.known_doubt |= recovered.in_doubt
        over = self.history.over
        run = Run(task.run, is_over=over.get, at_work=lambda: {code for code in over if not over[code]})
        unproven = Unproven(task.store)

        def reader_for(columns: Any) -> RowReader:
            return RowReader(columns, WORDING, key_column="ID" if self.history.with_ids else "Phone", zone=ZONE)

        plan = make_plan(
            reader_for(columns),
            rows,
            run,
            now=world.wall(),
            read_at=sheet.asked_at,
            partition=task.partition,
            partitions=task.partitions,
            settled=lambda key: recovered.settles(journal.opaque(key)),
            trust_leavings=not (unproven.left and run.others_at_work()),
        )
        ledger = SheetLedger(
            sheet,
            plan,
            reader_for,
            run,
            chunk=self.history.chunk,
            zone=ZONE,
            now=world.wall,
            sleep=world.sleep,
            clock=lambda: world.now,
            unproven=unproven,
        )
        ledger.whole_up_to = self.history.whole_up_to
        self.campaign = Campaign(task.settings, journal, ledger, recovered, rng=world.rng)
        self.campaign.resume(plan.settled, world.now, world.wall().timestamp(), set(plan.overwritten))
        self.journal, self.ledger = journal, ledger
        self._loop()
        if self.campaign.stop and self.campaign.stop.failure:
            raise StopError(self.campaign.stop.sentence)

    def _loop(self) -> None:
        campaign, engine, world = self.campaign, self.campaign.engine, self.world
        main = world.current
        stopping: float | None = None
        retry_at = 0.0
        while not campaign.done:
            if stopping is None and world.happens(world.chances.stop / 200):
                stopping = world.now + 2.5
                engine.halt(Stop("The task was stopped."), world.now)
            if stopping is not None and engine.in_flight and world.now >= stopping:
                engine.abandon(world.now, world.wall().timestamp())
            if world.now >= retry_at and (records := engine.take_commit(world.now)) is not None:
                self._spawn(main, "commit", records, lambda records=records: self.journal.commit(records))
            for request in engine.take_sends(world.now):
                self._spawn(main, "send", request, lambda request=request: self._send(request))
            if (order := campaign.next_flush(world.now)) is not None:
                self._spawn(main, "flush", order, lambda order=order: self._flush(order))
            if campaign.done:
                return
            if not self.events:
                wait = engine.wait(world.now)
                world.sleep(min(1.0, 0.5 if wait is None else max(wait, 0.01)), "main")
            while self.events:
                retry_at = self._handle(*self.events.pop(0), retry_at)

    def _spawn(self, main: Any, tag: str, job: Any, work: Any) -> None:
        def strand() -> None:
            try:
                value = work()
            except (OSError, LedgerError) as error:
                value = error
            self.events.append((tag, job, value))
            main.wake = min(main.wake, self.world.now)

        self.world.spawn(self.index, strand)

    def _send(self, request: Request) -> Any:
        return self.history.gateway.send(self.task.run, [message.to for message in request.messages])

    def _flush(self, order: FlushOrder) -> Any:
        try:
            return self.ledger.flush(order.results, order.returned, claim=order.claim, final=order.final)
        finally:
            self.world.about_to_write[self.index] = False

    def _handle(self, tag: str, job: Any, value: Any, retry_at: float) -> float:
        campaign, now = self.campaign, self.world.now
        if tag == "send":
            campaign.engine.answered(job, value, now, self.world.wall().timestamp())
        elif tag == "commit" and isinstance(value, OSError):
            campaign.commit_failed(value, now)
            return now + 1.0
        elif tag == "commit":
            campaign.committed(now)
        elif isinstance(value, LedgerError):
            campaign.flush_failed(value, now)
        else:
            campaign.flushed(value, now)
        return retry_at


def play(seed: int) -> str | None:
    """Play one seed; return what went wrong, or None."""
    try:
        History(seed).play()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    if arguments.seed is not None:
        history = History(arguments.seed)
        try:
            history.play()
        finally:
            print(*history.world.trace, sep="\n")
        return 0
    started = time.monotonic()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.count)
    broken = 0
    with multiprocessing.Pool(arguments.processes) as pool:
        for seed, wrong in zip(seeds, pool.imap(play, seeds, chunksize=50), strict=True):
            if wrong:
                broken += 1
                print(f"seed {seed}: {wrong}", flush=True)
    print(f"{arguments.count:,} histories, {broken} broken, {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
