"""Campaigns of 500 rows while a person edits the sheet at random moments, on the real sandbox; and the judge of each.

    python -m tests.sheets.scenarios --seeds 25 [--only "sort by name"] [--processes 3]

The truth is the gateway's log of accepted messages and the sheet afterwards. Each campaign is followed by a second one the
next day, without edits, which must send only what is left. Google's quota is off, answers of Google and of the portal take
their time, and claims are made in chunks of 100 with a short settling time, so that the edits fall into every step.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import multiprocessing
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
    to_of,
    variables,
)
from .people import SCENARIOS, TAB, Memory, Person, Scenario

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


@dataclass
class Verdict:
    """What one campaign came to; the counts are the columns of the table."""

    scenario: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def note(self, what: str, remark: str) -> None:
        self.counts[what] += 1
        self.remarks.append(f"{what}: {remark}")


#: What must be zero, and what the table tells besides.
MUST_BE_ZERO = ("wrong row", "duplicate", "lost", "person's cells", "claim left", "orphans misreported", "crash")
TOLD = (
    "edits",
    "sent",
    "orphans",
    "blurred",
    "left blank",
    "skipped late",
    "overtyped",
    "stray details",
    "unknown",
    "tries",
    "reads",
    "writes",
    "resent",
)


@contextlib.contextmanager
def _sized(size: Size) -> Iterator[None]:
    """Claim in small chunks, settle shortly, and let the client's own quota be no limit."""
    with (
        mock.patch(f"{PACKAGE}.transfers.gsheets_to_robosms.CHUNK", size.chunk),
        mock.patch(f"{PACKAGE}.sheets.exclusion.SETTLE", size.settle),
        mock.patch(f"{PACKAGE}.sheets.api.CALLS_PER_MINUTE", 100_000),
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
            _judge(verdict, first, person, after, accepted, result)
        verdict.counts.update(edits=person.memory.edits, reads=calls["reads"], writes=calls["writes"])
        sandbox.settings(latency_ms=0)
        one("second", Store())
    _judge_second(verdict, person.memory, ref, table(sandbox, sheet, person.tab), sandbox.accepted(), len(accepted))
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


def _judge(
    verdict: Verdict,
    first: list[list[Any]],
    person: Person,
    after: list[dict[str, str]],
    accepted: list[dict[str, Any]],
    result: dict[str, Any],
) -> None:
    memory, ref = person.memory, first[0][0]
    messages = {message["message_id"]: message for message in accepted}
    verdict.counts.update(sent=len(accepted), orphans=result["without_row"], blurred=len(memory.blurred))
    for what in (Counter(message["to"] for message in accepted), Counter(map(_ref_of, accepted))):
        for who, times in what.items():
            if times > 1:
                verdict.note("duplicate", f"{who} was texted {times} times")
    _judge_rows(verdict, memory, ref, after, messages)
    _judge_persons_cells(verdict, first, memory, after)
    _judge_orphans(verdict, memory, ref, after, messages, result["without_row"])


def _judge_rows(
    verdict: Verdict, memory: Memory, ref: str, after: list[dict[str, str]], messages: dict[str, dict[str, Any]]
) -> None:
    for row in after:
        who, status, message_id = row.get(ref, ""), row.get("Status", ""), row.get("Message ID", "")
        own = tuple(row.get(name, "") for name in OWNED)
        if not who:
            if any(own[:5]) and not _was_left_behind(own, memory):
                verdict.note("wrong row", f"a row without a recipient holds {own}")
            verdict.counts["stray details"] += bool(own[5]) and not any(own[:5])
        elif status.startswith("SENDING"):
            if who not in memory.blurred:
                verdict.note("claim left", f"{who}: {own}")
        elif message_id:
            message = messages.get(message_id)
            if message is None or _ref_of(message) != who or message["to"] not in _numbers(row, who, memory):
                verdict.note("wrong row", f"{who} holds {own}, the gateway says {message}")
        elif status == "SENT":
            verdict.note("wrong row", f"{who} is SENT without a message id")
        elif status == "SKIPPED":
            verdict.counts["skipped late"] += 1
        elif status == "UNKNOWN":
            verdict.counts["unknown"] += 1
        elif not status and row.get("Phone") and who not in memory.added | memory.cleared.keys():
            verdict.counts["left blank"] += 1
    for who, status in memory.typed.items():
        row = next((row for row in after if row.get(ref) == who), {})
        if row and row["Status"] != status:
            verdict.counts["overtyped"] += 1


def _was_left_behind(own: tuple[str, ...], memory: Memory) -> bool:
    """Tell whether a person left *own* in the row; what was being sent then may have got its result there meanwhile."""
    return own in memory.left_behind or (bool(memory.blurred) and bool(memory.left_behind))


def _judge_persons_cells(verdict: Verdict, first: list[list[Any]], memory: Memory, after: list[dict[str, str]]) -> None:
    header, *rows = first
    before = {row[0]: dict(zip(header, map(str, row), strict=False)) for row in rows}
    found = Counter(row.get(header[0], "") for row in after)
    there = set(before) | memory.added
    for who in there - memory.removed.keys() - memory.added - found.keys():
        verdict.note("person's cells", f"{who} has no row any more")
    for row in after:
        who = row.get(header[0], "")
        if who not in before:
            if who and who not in memory.added:
                verdict.note("person's cells", f"nobody has typed {who!r}")
            continue
        was = before[who]
        may = {
            "First Name": {was["First Name"], *memory.names.get(who, ())},
            "Phone": {was["Phone"], *memory.phones.get(who, ())},
            "Opt Out": {"", "yes"},
        }
        for name, value in row.items():
            if name in was and name not in OWNED and value not in may.get(name, {was[name]}):
                verdict.note("person's cells", f"{who}: {name} was {was[name]!r} and is {value!r}")
    for who, times in found.items():
        if who and times > 1 and who not in memory.blurred:
            verdict.note("person's cells", f"{who} stands in {times} rows")


def _judge_orphans(
    verdict: Verdict,
    memory: Memory,
    ref: str,
    after: list[dict[str, str]],
    messages: dict[str, dict[str, Any]],
    reported: int,
) -> None:
    """See that a result is in its recipient's row, or was taken away by a person, or is reported as having no row."""
    written = {row.get("Message ID", "") for row in after}
    present = {row.get(ref): row for row in after}
    orphans = unsure = 0
    for message_id, message in messages.items():
        who = _ref_of(message)
        if message_id in written or message_id in memory.cleared.get(who, ()):
            continue
        if who in memory.blurred:
            unsure += 1
        elif memory.removed.get(who) == message_id or any(message_id in own for own in memory.left_behind):
            continue  # a person saw the result and took it away
        elif who in present and (ref == "ID" or who not in memory.phones):
            verdict.note("lost", f"{who} was texted, and its row says {[present[who].get(name) for name in OWNED]}")
        else:
            orphans += 1
    if not orphans <= reported <= orphans + unsure:
        verdict.note("orphans misreported", f"{reported} reported, {orphans} found, {unsure} not sure")


def _judge_second(
    verdict: Verdict,
    memory: Memory,
    ref: str,
    rows: list[dict[str, str]],
    accepted: list[dict[str, Any]],
    before: int,
) -> None:
    """The next day's run: it sends what is left, and resends only what a person has asked for."""
    sent = {_ref_of(message) for message in accepted[:before]}
    blank_by_person = {own[2] for own in memory.left_behind} | memory.cleared.keys()
    cut = {_ref_of(message) for message in accepted[:before] if message["message_id"] in blank_by_person}
    for message in accepted[before:]:
        who = _ref_of(message)
        if who not in sent:
            continue
        if who in memory.cleared or who in cut or who in memory.blurred or who in memory.phones:
            verdict.counts["resent"] += 1
        else:
            verdict.note("duplicate", f"{who} was texted again the next day")
    for row in rows:
        if row.get(ref) and row.get("Phone") and not row.get("Status"):
            verdict.note("lost", f"{row[ref]} has no status after the second run")


def _numbers(row: dict[str, str], who: str, memory: Memory) -> set[str]:
    """Return the numbers that the row has, or had before a person corrected it."""
    numbers = {to_of(row.get("Phone", ""))} | {to_of(typed) for typed in memory.phones.get(who, ())}
    if who in memory.phones and (match := re.fullmatch(r"R0*(\d+)", who)):
        numbers.add(to_of(f"0300-{1000000 + int(match[1])}"))
    return numbers


def _ref_of(message: dict[str, Any]) -> str:
    return str(message["text"]).rpartition(" ")[2].rstrip("!")


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
