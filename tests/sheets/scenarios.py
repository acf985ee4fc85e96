"""Campaigns of 500 rows while a person edits the sheet at random moments, on the real sandbox.

    python -m tests.sheets.scenarios --seeds 25 [--only "sort by name"] [--processes 3]

``judge.py`` judges each. Each campaign is followed by a second one the next day, without edits, which must send only what
is left. Google's quota is off, answers of Google and of the portal take their time, and claims are made in chunks of 100
with a short settling time, so that the edits fall into every step.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import structlog

from airflow_provider_robosms.gateway.protocol import RoboSmsError
from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox

from .campaigns import (
    OWNED,
    Store,
    clear_google_faults,
    environment,
    google_calls,
    google_fault,
    reset_google,
    run,
    table,
    variables,
)
from .judge import MUST_BE_ZERO, TOLD, Verdict, judge, judge_second
from .people import SCENARIOS, TAB, Person, Scenario

PACKAGE = "airflow_provider_robosms"
TRIES = 4


@dataclass(frozen=True)
class Size:
    """How large and how long a campaign is.

    :param chunk: rows that are claimed at once.
    :param settle: seconds between a claim and its read-back.
    :param span: the moments of the edits are drawn from so many seconds from the start; the campaign lasts about as long.
    :param latency_ms: how long the portal takes.
    :param delays: how long Google takes, one of these (seconds).
    """

    rows: int
    chunk: int
    settle: float
    span: float
    latency_ms: tuple[int, int]
    delays: tuple[float, ...]


FULL = Size(500, 100, 0.4, 5.0, (10, 60), (0.05, 0.1, 0.2))
#: For the test suite.
SHORT = Size(120, 30, 0.1, 1.8, (10, 40), (0.03, 0.06))


@contextlib.contextmanager
def _sized(size: Size) -> Iterator[None]:
    """Announce in small chunks, and let the client's own quota be no limit."""
    with (
        mock.patch(f"{PACKAGE}.sheets.results.MOST_ROWS", size.chunk),
        mock.patch(f"{PACKAGE}.spreadsheet.api.CALLS_PER_MINUTE", 100_000),
    ):
        yield


def sheet_rows(rng: random.Random, *, keyed_by_id: bool, own_columns: bool, rows: int) -> list[list[Any]]:
    """Return a header and recipients in no order; all cells of a person differ from row to row, so that a judge can tell."""
    header = ["ID" if keyed_by_id else "Ref", "First Name", "Phone", "City", "Due", "Joined", "Opt Out"]
    found: list[list[Any]] = []
    for index in range(rows):
        city = rng.choice(["Lahore", "Karachi", "Quetta", "Multan"])
        due, joined = rng.randint(-500, 9000), f"2024-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        found.append([f"R{index:05d}", f"Name{index}", f"0300-{1000000 + index}", city, due, joined, ""])
    rng.shuffle(found)
    return [header + (list(OWNED) if own_columns else []), *found]


def campaign(sandbox: RunningSandbox, scenario: Scenario, seed: int, size: Size = FULL) -> Verdict:
    """Run one campaign with a person at work, then a second one, and judge."""
    rng = random.Random(f"{scenario.name}/{seed}")
    keyed_by_id, own_columns = bool(seed % 2), rng.random() < 0.5
    ref = "ID" if keyed_by_id else "Ref"
    body = "Dear {{ First Name }}, your reference is {{ " + ref + " }}"
    sandbox.reset()
    sandbox.settings(latency_ms=size.latency_ms, balance="100000")
    reset_google(sandbox, quota=False)
    first = sheet_rows(rng, keyed_by_id=keyed_by_id, own_columns=own_columns, rows=size.rows)
    sheet = sandbox.create_sheet("Campaign", {TAB: first, "Templates": [["Name", "Body"], ["due", body]]})
    google_fault(sandbox, "delay", seconds=rng.choice(size.delays))
    person = Person(sandbox.url, sheet, rng)
    verdict = Verdict(scenario.name, seed)
    store = Store()

    def one(run_id: str, store: Store) -> dict[str, Any]:
        return run(sheet, store=store, run_id=run_id, template="due", recipients_sheet=person.tab)

    with variables(environment(sandbox)), _sized(size):
        with _at_work(person, scenario, size.span) as crashes:
            result = _with_retries(verdict, person, lambda: one("first", store))
        for crash in crashes:
            verdict.note("crash", f"the person: {crash}")
        clear_google_faults(sandbox)
        calls = google_calls(sandbox)
        after = table(sandbox, sheet, person.tab)
        accepted = sandbox.accepted()
        if result is not None:
            judge(verdict, first, person, after, accepted, result)
        verdict.counts.update(edits=person.memory.edits, reads=calls["reads"], writes=calls["writes"])
        sandbox.settings(latency_ms=0)
        one("second", Store())
    judge_second(verdict, person.memory, ref, table(sandbox, sheet, person.tab), sandbox.accepted(), len(accepted))
    return verdict


@contextlib.contextmanager
def _at_work(person: Person, scenario: Scenario, span: float) -> Iterator[list[str]]:
    """Let *person* do the scenario's deed at its moments, in a thread, until the block ends."""
    if scenario.every:
        moments = [scenario.every * (1 + index) for index in range(scenario.times)]
    else:
        moments = sorted(person.rng.uniform(0.0, span) for _ in range(scenario.times))
    over = threading.Event()
    crashes: list[str] = []
    began = time.monotonic()

    def work() -> None:
        for moment in moments:
            if over.wait(max(0.0, began + moment - time.monotonic())):
                return
            try:
                scenario.deed(person)
            except Exception as error:
                crashes.append(repr(error))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield crashes
    finally:
        over.set()
        thread.join()


def _with_retries(verdict: Verdict, person: Person, attempt: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Try as Airflow does; before each further try a person has mended what the error asked for (the tab's name)."""
    from airflow.sdk.exceptions import AirflowFailException

    for number in range(TRIES):
        verdict.counts["tries"] += 1
        try:
            return attempt()
        except (RoboSmsError, AirflowFailException) as error:
            verdict.remarks.append(f"try {number + 1} ended: {error}")
        except Exception as error:
            verdict.note("crash", repr(error))
            return None
    verdict.note("crash", "no try succeeded")
    return None


def _play(work: tuple[list[tuple[str, int]], Size]) -> list[Verdict]:
    """One process: a sandbox of its own, and a share of the campaigns."""
    share, size = work
    by_name = {scenario.name: scenario for scenario in SCENARIOS}
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with running_sandbox() as sandbox:
        verdicts = []
        for name, seed in share:
            try:
                verdict = campaign(sandbox, by_name[name], seed, size)
            except Exception as error:
                verdict = Verdict(name, seed)
                verdict.note("crash", repr(error))
            verdicts.append(verdict)
            if any(verdict.counts[what] for what in MUST_BE_ZERO):
                print(f"{name} / seed {seed}:", *verdict.remarks[:8], sep="\n    ", flush=True)
        return verdicts


def show(verdicts: list[Verdict]) -> bool:
    """Print the table; tell whether everything that must be zero is."""
    columns = (*MUST_BE_ZERO, *TOLD)
    print("| scenario | campaigns | " + " | ".join(columns) + " |")
    print("|" + "---|" * (len(columns) + 2))
    whole: Counter[str] = Counter()
    for scenario in SCENARIOS:
        mine = [verdict for verdict in verdicts if verdict.scenario == scenario.name]
        if not mine:
            continue
        counts: Counter[str] = sum((verdict.counts for verdict in mine), Counter())
        whole += counts
        print(f"| {scenario.name} | {len(mine)} | " + " | ".join(str(counts[what]) for what in columns) + " |")
    print(f"| all | {len(verdicts)} | " + " | ".join(str(whole[what]) for what in columns) + " |")
    return not any(whole[what] for what in MUST_BE_ZERO)


def play(work: list[tuple[str, int]], size: Size, processes: int) -> list[Verdict]:
    """Run the campaigns, each a scenario's name and a seed, in so many processes."""
    shares = [(work[index::processes], size) for index in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return [verdict for share in pool.imap_unordered(_play, shares) for verdict in share]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", action="append", help="a scenario's name, or the beginning of it")
    parser.add_argument("--short", action="store_true", help="as in the test suite: 120 rows, quicker answers")
    parser.add_argument("--processes", type=int, default=3)
    arguments = parser.parse_args()
    scenarios = [one for one in SCENARIOS if not arguments.only or one.name.startswith(tuple(arguments.only))]
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    size = SHORT if arguments.short else FULL
    started = time.monotonic()
    verdicts = play([(scenario.name, seed) for seed in seeds for scenario in scenarios], size, arguments.processes)
    fine = show(verdicts)
    print(f"{len(verdicts)} campaigns of {size.rows} rows, {time.monotonic() - started:.0f} s")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
