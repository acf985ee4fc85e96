"""Measured against what a user would pick instead: one run, one stand-in for the gateway, one page of tables.

python -m tests.benchmarks.run            # about a quarter of an hour on an idle machine
python -m tests.benchmarks.run --short    # some minutes, one round
python -m tests.benchmarks.run --only cf --latencies 50 --concurrencies 20,50   # some contestants (letters) and cells
python -m tests.benchmarks.run --only planning,imports   # some of the other measures
python -m tests.benchmarks.run --write    # puts the page into docs/proofs/benchmarks.md

In a round each contestant runs once in each cell, one after the other, so that what else the machine does meets all alike;
a ratio is of two campaigns of the same round. The cells by which the product is judged run in all rounds, campaigns of
several sizes in the first three, the rest in the first one; with ``--only`` everything runs in all.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from tests.benchmarks.arena import CONTESTANTS, Arena, Cell, Sample, arena
from tests.benchmarks.others import OTHERS
from tests.benchmarks.report import Report, commit, fill

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
        found = [("h", self.script)] if "h" in self.letters and some else []
        found += [("e", self.mapped)] if "e" in self.letters else []
        found += [(letter, cell) for cell in self.grid for letter in self.letters if self._runs(letter, cell, number)]
        # The largest is what f/e is taken from.
        largest = max(self.sizes, key=lambda cell: cell.count, default=None)
        found += [
            (letter, cell)
            for cell in self.sizes
            for letter in self.letters
            if letter in "cfgFG" and (some or (letter == "f" and cell == largest))
        ]
        return list(dict.fromkeys(found))

    def _runs(self, letter: str, cell: Cell, number: int) -> bool:
        if letter in "eh" or (letter == "b" and cell.concurrency > 1):
            return False
        if self._all or (number == 0 and (letter != "g" or cell.concurrency >= JUDGED)):
            return True
        return cell.concurrency >= JUDGED and (letter in "cf" or (letter == "g" and cell.latency == LATENCY))


def _chosen(only: str) -> tuple[str, list[str]]:
    if not only:
        return "bcdefgh", [name for name in OTHERS if name != "large"]
    letters = "".join(word for word in only.split(",") if word not in OTHERS)
    if unheard_of := set(letters) - CONTESTANTS.keys():
        raise SystemExit(
            f"--only: {', '.join(sorted(unheard_of))}: letters of {'; '.join(CONTESTANTS)}, or {', '.join(OTHERS)}"
        )
    return letters, [word for word in only.split(",") if word in OTHERS]


def measure(plan: Plan, field: Arena) -> list[Sample]:
    """Run all rounds and say how far it is."""
    samples = []
    for number in range(plan.rounds):
        for letter, cell in plan.campaigns(number):
            sample = field.run(letter, cell)
            samples.append(sample)
            cpu = "" if sample.cpu is None else f", {sample.cpu:.2f} ms CPU a message"
            _say(
                f"round {number + 1}: {letter} {cell.latency} ms × {cell.concurrency}, {cell.count:,} messages: "
                f"{sample.rate:.1f} a second, {sample.whole:.1f} s over all{cpu}"
            )
    return samples


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def page(plan: Plan, samples: Sequence[Sample], measures: dict[str, str]) -> str:
    """Return the tables."""
    report = Report(samples)
    parts = []
    if samples and plan.grid:
        parts += ["## Messages a second, between the first message and the last answer", report.grid(plan.grid)]
        parts += ["## What a message costs", report.costs([cell for cell in plan.grid if cell.latency == LATENCY])]
    if samples and plan.sizes:
        parts += [f"## Small and large campaigns, {LATENCY} ms, {CONCURRENCY} at once", report.sizes(plan.sizes)]
    big = max(plan.sizes, key=lambda cell: cell.count, default=None)
    parts += _slow(plan, report, big)
    for name, text in measures.items():
        parts += [f"## {OTHERS[name][0]}", text]
    return "\n\n".join(parts)


def _slow(plan: Plan, report: Report, big: Cell | None) -> list[str]:
    parts: list[str] = []
    if big is None:
        return parts
    if {"e", "f"} <= set(plan.letters):
        note = (
            f"Few messages, because it is slow: {plan.mapped.count} against {big.count:,}; the ratio is of the rates. "
            "More at once do not help it, since each message is a process of its own."
        )
        many = [cell for cell in plan.grid if cell.latency == LATENCY and cell.concurrency > big.concurrency]
        parts += ["## One mapped task a recipient", note, report.slow("f", [big, *many], "e", plan.mapped)]
    if {"g", "h"} <= set(plan.letters):
        note = (
            "Google lets a user write 60 times a minute, so a script that writes each row sends one message a second, "
            f"however many there are: {plan.script.count} messages here."
        )
        parts += ["## A script that writes a row per message", note, report.slow("g", [big], "h", plan.script)]
    return parts


def header(command: str, rounds: int, load: Sequence[float], seconds: float) -> str:
    """Return what stands above the tables."""
    contestants = "\n".join(f"- {letter}: {words}" for letter, words in CONTESTANTS.items() if letter.islower())
    model = next((line.partition(": ")[2] for line in _cpuinfo() if line.startswith("model name")), platform.machine())
    return f"""# Speed, measured against what one would pick instead

One run of `{command}` on {datetime.now(timezone.utc):%Y-%m-%d}: {os.cpu_count()} cores ({model}), Python \
{platform.python_version()}, load before {", ".join(f"{each:.2f}" for each in load)}; {seconds / 60:.0f} minutes.

Each figure is the median, the smallest and largest in brackets; a ratio is taken within a round. What the product is judged
by ran in {rounds} rounds: f/c from {JUDGED} at once on, there g/f at {LATENCY} ms, and f/e. Sizes, g/h and the last tables
ran in {min(rounds, SOME_ROUNDS)}, the rest in one: a figure without brackets was measured once. {commit()}. Absolute
figures say something about this machine only, the ratios about the product. All contestants send to one stand-in for the
gateway that accepts everything after a fixed time (`tests/benchmarks/gateway.py`); its own cost stands in the second table.
After each campaign the stand-in's count must show everybody texted, and nobody twice.

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
    for name in ("planning", "memory"):
        parts += [f"{OTHERS[name][0]}:", measures[name]] if name in measures else []
    return "\n\n".join(parts)


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="one round of a few cells")
    parser.add_argument("--only", default="", help=f"letters of contestants, and of {', '.join(OTHERS)}, with commas")
    parser.add_argument("--repeats", type=int, default=5, help="rounds")
    parser.add_argument("--latencies", default="20,50,200", help="the gateway's answer times (ms)")
    parser.add_argument("--concurrencies", default="1,10,20,50,100")
    parser.add_argument("--sizes", default="10,40,200,5000", help="campaigns that are compared over all")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long a campaign would last at its limit")
    parser.add_argument("--mapped", type=int, default=20, help="messages of the contestant with mapped tasks")
    parser.add_argument("--script", type=int, default=10, help="messages of the script under Google's quota")
    parser.add_argument("--write", action="store_true", help=f"put the page into {PATH.name}")
    if "--short" in arguments:
        parser.set_defaults(
            repeats=1, latencies="50", concurrencies="1,20,50", sizes="10,200,2000", mapped=10, script=5
        )
    options = parser.parse_args(arguments)
    plan, load, began = Plan(options), os.getloadavg(), time.monotonic()
    samples: list[Sample] = []
    if plan.letters:
        with arena(plan.letters, plan.latencies, _say) as field:
            samples = measure(plan, field)
    measures = {}
    for name in plan.others:
        _say(f"measuring {name} …")
        measures[name] = OTHERS[name][1](min(options.repeats, SOME_ROUNDS))
    command = shlex.join(["python", "-m", "tests.benchmarks.run", *arguments])
    text = header(command, plan.rounds, load, time.monotonic() - began) + "\n" + page(plan, samples, measures) + "\n"
    print(text)
    if options.write:
        PATH.write_text(text, encoding="utf-8")
        fill(SCALING, "run", command, constants(samples, measures))


if __name__ == "__main__":
    main(sys.argv[1:])
