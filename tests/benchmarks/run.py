"""Measured against what a user would pick instead: one run, one stand-in for the gateway, one page of tables.

python -m tests.benchmarks.run            # under twenty minutes on an idle machine
python -m tests.benchmarks.run --short    # some minutes, one round
python -m tests.benchmarks.run --only cf --latencies 50 --concurrencies 20,50   # some contestants (letters) and cells
python -m tests.benchmarks.run --only planning,imports   # some of the other measures
python -m tests.benchmarks.run --write    # fills its part of docs/proofs/benchmarks.md; on an idle machine only

In a round each contestant runs once in each cell, one after the other, so that what else the machine does meets all alike;
who begins moves on by one with each round; a ratio is of two campaigns of the same round. The cells by which the product is
judged run in all rounds, campaigns of several sizes and some others in the first three, the rest in the first one; with
``--only`` everything runs in all.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.arena import CONTESTANTS, Arena, Cell, Sample, arena
from tests.benchmarks.others import OTHERS
from tests.benchmarks.report import Report, fill, load_of, machine, must_be_idle

PATH = Path(__file__).parents[2] / "docs" / "proofs" / "benchmarks.md"
SCALING = Path(__file__).parents[2] / "docs" / "proofs" / "scaling.md"
#: More than the fastest contestant sends in a second on two cores: cells whose limit is higher take no more messages.
FASTEST = 800
#: Where small campaigns are compared, and those that need minutes for few messages.
LATENCY, CONCURRENCY = 50, 20
#: The product is judged from so many requests at once on.
JUDGED = 20
#: Rounds of what is compared and not judged.
SOME_ROUNDS = 3


class Plan:
    """What is to be run.

    :param options: the command line's.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.rounds = options.repeats
        self._all = bool(options.only)
        self.letters, self.others = _chosen(options.only)
        numbers = [
            [int(each) for each in text.split(",") if each] for text in (options.latencies, options.concurrencies)
        ]
        self.grid = [self._cell(latency, many, options.seconds) for latency in numbers[0] for many in numbers[1]]
        self.sizes = [Cell(LATENCY, CONCURRENCY, int(size)) for size in options.sizes.split(",") if size]
        self.mapped = Cell(LATENCY, CONCURRENCY, options.mapped)
        self.script = Cell(LATENCY, CONCURRENCY, options.script)
        self.latencies = sorted({LATENCY, *numbers[0]})

    @staticmethod
    def _cell(latency: int, concurrency: int, seconds: float) -> Cell:
        waves = round(min(1000 / latency, FASTEST / concurrency) * seconds)
        return Cell(latency, concurrency, concurrency * max(2, waves))

    def campaigns(self, number: int) -> list[tuple[str, Cell]]:
        """Return contestant and cell of each campaign of a round; rounds count from 0."""
        # First what needs the most to work: it would be a pity to see it fail after all the others.
        some = self._all or number < SOME_ROUNDS
        once = self._all or number == 0
        found = [(letter, self.script) for letter in ("h", "h2") if letter in self.letters and once]
        found += [("g", self.script)] if found and "g" in self.letters else []
        found += _turned([(letter, self.mapped) for letter in "ef" if letter in self.letters], number)
        for cell in self.grid:
            found += _turned([(one, cell) for one in self.letters if self._runs(one, cell, number)], number)
        # The largest is what f/e is taken from.
        largest = max(self.sizes, key=lambda cell: cell.count, default=None)
        for cell in self.sizes:
            taken = [letter for letter in self.letters if letter in {"c", "c2", "f", "g", "F", "G"}]
            if not some:
                taken = [letter for letter in taken if letter == "f" and cell == largest]
            elif not once or (cell != largest and not self._all):
                taken = [letter for letter in taken if letter != "c2"]
            found += _turned([(letter, cell) for letter in taken], number)
        return list(dict.fromkeys(found))

    def _runs(self, letter: str, cell: Cell, number: int) -> bool:
        if letter in {"e", "h", "h2"} or (letter == "b" and cell.concurrency > 1):
            return False
        if self._all or (number == 0 and (letter != "g" or cell.concurrency >= JUDGED)):
            return True
        if cell.concurrency < JUDGED:
            return False
        if letter in {"c2", "d"}:
            return number < SOME_ROUNDS and cell.latency == LATENCY
        return letter in {"c", "f"} or (letter == "g" and cell.latency == LATENCY)


def _turned(campaigns: list[tuple[str, Cell]], number: int) -> list[tuple[str, Cell]]:
    """Return a cell's campaigns in the order of a round, in which another contestant begins than in the one before."""
    at = number % len(campaigns) if campaigns else 0
    return campaigns[at:] + campaigns[:at]


def _chosen(only: str) -> tuple[list[str], list[str]]:
    if not only:
        return ["b", "c", "c2", "d", "e", "f", "g", "h", "h2", "p"], [name for name in OTHERS if name != "large"]
    words = only.split(",")
    letters = re.findall(r".\d?", "".join(word for word in words if word not in OTHERS))
    if unheard_of := set(letters) - (CONTESTANTS.keys() - {"a"}):
        raise SystemExit(
            f"--only: {', '.join(sorted(unheard_of))}: names of {'; '.join(CONTESTANTS)}, or {', '.join(OTHERS)}"
        )
    return letters, [word for word in words if word in OTHERS]


def measure(plan: Plan, field: Arena) -> list[Sample]:
    """Run all rounds and say how far it is."""
    samples = []
    for number in range(plan.rounds):
        for letter, cell in plan.campaigns(number):
            sample = field.run(letter, cell)
            samples.append(sample)
            cpu = "" if sample.cpu is None else f", {sample.cpu:.2f} ms CPU a message"
            whole = sample.run_whole if sample.whole is None else sample.whole
            _say(
                f"round {number + 1}: {letter} {cell.latency} ms × {cell.concurrency}, {cell.count:,} messages: "
                f"{sample.rate:.1f} a second, {whole:.1f} s over all, {sample.most} under way{cpu}"
            )
    return samples


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def page(plan: Plan, samples: Sequence[Sample], measures: dict[str, str]) -> str:
    """Return the tables."""
    report = Report(samples)
    parts = []
    if samples and plan.grid:
        parts += [
            "## Messages a second, between the first message and the last answer",
            _RATES,
            report.rates(plan.grid),
        ]
        parts += ["## Ratios of these", _RATIOS, report.ratios_of(plan.grid)]
        parts += ["## What a message costs its process", _COSTS]
        parts += [report.costs([cell for cell in plan.grid if cell.latency == LATENCY])]
    if samples and plan.sizes:
        parts += [
            f"## Small and large campaigns, {LATENCY} ms, {CONCURRENCY} at once",
            _SIZES,
            report.sizes(plan.sizes),
        ]
    big = max(plan.sizes, key=lambda cell: cell.count, default=None)
    if {"e", "f", "g"} & set(plan.letters):
        cells = list(dict.fromkeys([plan.mapped, *plan.sizes]))
        parts += ["## With Airflow's own start, and all its processes", _AIRFLOW, report.airflow(cells)]
    parts += _slow(plan, report, big)
    for name, text in measures.items():
        parts += [f"## {OTHERS[name][0]}", text]
    return "\n\n".join(parts)


_RATES = (
    "The names are those of the list above. *p* is the most that the stand-in itself allows. Most under way is by the "
    "stand-in's count: what is below the number asked for was held back by the processor, and none had more than that."
)
_RATIOS = (
    "A loop (*b*) sends one at a time, whatever *at once* says. *Inside* is over all by the contestants' own clocks: for *c* "
    "from the program's first line of work, its imports done, to its end, for *f* and *g* the operator's `execute()`; "
    "Airflow's start has a table of its own below."
)
_COSTS = (
    "Of the process that sends, while it sends: a plain program, or the task's process inside `execute()`. What Airflow's "
    "other processes take stands below."
)
_SIZES = (
    "*Inside* and *to the first* count from the program's first line of work, or from the beginning of `execute()`: "
    "Airflow's own start is not in them."
)
_AIRFLOW = (
    "From the request that triggers the DAG run, by the run's end in Airflow's database. Each message of *e* is a task of "
    "its own, so its columns on `execute()` are empty. The processes of all of Airflow are the scheduler with its "
    "supervisors and tasks, the API server, which answers this program's questions too, the DAG processor and the triggerer."
)


def _slow(plan: Plan, report: Report, big: Cell | None) -> list[str]:
    parts: list[str] = []
    if {"e", "f"} <= set(plan.letters):
        note = (
            f"{plan.mapped.count} messages of *e*, the same number and more of *f*: where they differ, the ratio is of rates "
            "and says of what. Between first and last *e* looks better than it is: up to 32 tasks have started before "
            "the first of them sends. More at once than the cores bear do not help it, since each message is a process; "
            "Airflow's start, which *f* has once, decides short DAG runs."
        )
        many = [cell for cell in plan.grid if cell.latency == LATENCY and cell.concurrency > CONCURRENCY]
        cells = [plan.mapped, *([big] if big else []), *many]
        parts += ["## One mapped task a recipient", note, report.mapped(cells, plan.mapped)]
    if {"g", "h"} <= set(plan.letters):
        note = (
            "Google lets a user write 60 times a minute: the sandbox refuses what is above for all contestants alike, and "
            "each campaign begins with a minute of its own. A script that writes each row sends one message a second then, "
            "however many there are and whatever the gateway can do; *h* keeps to that by a pause. "
            f"*h2* has none: that is faster for the first 60 rows, of which it sends {plan.script.count} here, and refused "
            f"after them. {plan.script.count} messages, so that *h* takes less than a minute."
        )
        parts += ["## A script that writes a row per message", note]
        parts += [report.scripts([big] if big and big != plan.script else [], plan.script)]
    return parts


def head(plan: Plan, load: Sequence[float], seconds: float, installed: dict[str, str]) -> str:
    """Return what stands above the tables."""
    names = [name for name in CONTESTANTS if name == "a" or name in plan.letters]
    contestants = "\n".join(f"- {name}: {CONTESTANTS[name]}" for name in names)
    aiohttp = {name: number for name, number in installed.items() if name == "aiohttp"}
    some = min(plan.rounds, SOME_ROUNDS)
    return f"""{machine(**aiohttp)}; {load_of(load)}; {seconds / 60:.0f} minutes.

Each figure is the median, the smallest and largest in brackets; a ratio is taken within a round. What the product is judged
by ran in {plan.rounds} rounds: f/c from {JUDGED} at once on, there g/f at {LATENCY} ms, and f/e. Sizes, at {LATENCY} ms
c2 and d from there on, and the last tables ran in {some}, the rest in one: a figure without brackets was measured once. In
each round another contestant of a cell is the first. Where a target is missed, the table says so and names the median.
Absolute figures say something about this machine only, the ratios about the product. All contestants send to one stand-in
for the gateway that accepts everything after a fixed time (`tests/benchmarks/gateway.py`). After each campaign its count
must show everybody texted, nobody twice, and no more requests under way than asked for.

{contestants}
"""


def constants(samples: Sequence[Sample], measures: dict[str, str]) -> str:
    """Return what docs/proofs/scaling.md lists: of each operator's longest campaign, and the measures as they are."""
    parts = []
    report = Report(samples)
    for letter in "fg":
        cells = [one.cell for one in samples if one.contestant == letter]
        if cells:
            parts += [f"{CONTESTANTS[letter]}:", report.costs([max(cells, key=lambda cell: cell.count)], letter)]
    for name in ("planning", "memory", "sheet-memory"):
        parts += [f"{OTHERS[name][0]}:", measures[name]] if name in measures else []
    return "\n\n".join(parts)


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="one round of a few cells")
    parser.add_argument("--only", default="", help=f"names of contestants, and of {', '.join(OTHERS)}, with commas")
    parser.add_argument("--repeats", type=int, default=5, help="rounds")
    parser.add_argument("--latencies", default="20,50,200", help="the gateway's answer times (ms)")
    parser.add_argument("--concurrencies", default="1,10,20,50,100")
    parser.add_argument("--sizes", default="10,40,200,5000", help="campaigns that are compared over all")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long a campaign would last at its limit")
    parser.add_argument("--mapped", type=int, default=100, help="messages of the contestant with mapped tasks")
    parser.add_argument("--script", type=int, default=40, help="messages of the script under Google's quota")
    parser.add_argument("--write", action="store_true", help=f"fill the tables of {PATH.name} and {SCALING.name}")
    if "--short" in arguments:
        parser.set_defaults(
            repeats=1, latencies="50", concurrencies="1,20,50", sizes="10,200,2000", mapped=10, script=5
        )
    options = parser.parse_args(arguments)
    if options.write and (options.only or options.short):
        parser.error("--write takes a whole run: its page would lose the rest")
    if options.write:
        must_be_idle()
    plan, load, began = Plan(options), os.getloadavg(), time.monotonic()
    samples: list[Sample] = []
    installed: dict[str, str] = {}
    if plan.letters:
        with arena(plan.letters, plan.latencies, _say) as field:
            installed, samples = field.installed, measure(plan, field)
    measures = {}
    for name in plan.others:
        _say(f"measuring {name} …")
        measures[name] = OTHERS[name][1](min(options.repeats, SOME_ROUNDS))
    command = shlex.join(["python", "-m", "tests.benchmarks.run", *arguments])
    text = head(plan, load, time.monotonic() - began, installed) + "\n" + page(plan, samples, measures)
    print(text)
    if options.write:
        fill(PATH, "run", command, text)
        fill(SCALING, "run", command, constants(samples, measures))


if __name__ == "__main__":
    main(sys.argv[1:])
