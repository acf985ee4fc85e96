"""The tables of the benchmark: medians, the spread beside them, and a ratio for each absolute figure."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.benchmarks.arena import CONTESTANTS, PARALLELISM, Cell, Sample

Samples = Sequence[Sample]
Figure = Callable[[Sample], "float | None"]


def rate(sample: Sample) -> float:
    return sample.rate


def whole_rate(sample: Sample) -> float | None:
    return sample.whole_rate


def run_rate(sample: Sample) -> float | None:
    return sample.run_rate


#: What the product is to reach: ratio -> least value, by requests at once where it is not the same for all.
TARGETS: dict[str, dict[int | None, float]] = {
    "f/c": {20: 0.97, 50: 0.97, 100: 0.90},
    "g/f": {None: 0.95},
    "f/e": {None: 100},
}


def verdict(values: Iterable[float], target: float, form: str, *, least: bool = True) -> str:
    """Return how the median stands to a target: ``≥ 0.97: met`` or ``≥ 0.97: **missed, 0.952**``; a dash without values."""
    found = list(values)
    if not found:
        return "–"
    median = statistics.median(found)
    met = median >= target if least else median <= target
    told = f"{median:,.0f}" if median >= 1000 else f"{median:.3f}" if median < 10 else f"{median:.1f}"
    return f"{'≥' if least else '≤'} {target:{form}}: {'met' if met else f'**missed, {told}**'}"


def must_be_idle(most: float = 0.5) -> None:
    """Refuse to go on where the machine works already: what a page shows is measured on an idle one.

    :raises SystemExit: when more than *most* processes ran, on average over the last minute.
    """
    load = os.getloadavg()[0]
    if load > most:
        raise SystemExit(f"--write: the load average is {load:.2f}, above {most}: wait until the machine is idle.")


def machine(**more: str) -> str:
    """Return what a page says of the machine and of the programs that count.

    :param more: further programs and their versions.
    """
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(": ")[2] for line in cpuinfo if line.startswith("model name")), platform.machine())
    versions = {"Python": platform.python_version(), "Airflow": version("apache-airflow-core")}
    versions |= {"requests": version("requests"), **more}
    memory = psutil.virtual_memory().total / 2**30
    named = ", ".join(f"{name} {number}" for name, number in versions.items())
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB of memory, {named}"


def load_of(load: Sequence[float]) -> str:
    """Return the load averages of one, five and fifteen minutes."""
    return "load before (1, 5, 15 minutes) " + ", ".join(f"{each:.2f}" for each in load)


def shown(values: Iterable[float], form: str = ".0f") -> str:
    """Return median and spread: ``398 (391 to 402)``; a dash where nothing was measured."""
    found = sorted(values)
    if not found:
        return "–"
    median = f"{statistics.median(found):{form}}"
    return median if len(found) == 1 else f"{median} ({found[0]:{form}} to {found[-1]:{form}})"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def fill(path: Path, name: str, command: str, text: str) -> None:
    """Put *text* between the marks of *name* in a page, with the command that printed it."""
    begin, end = f"<!-- filled by `tests.benchmarks.{name} --write` -->", f"<!-- end of {name} -->"
    document = path.read_text(encoding="utf-8")
    head, rest = document.split(begin, 1)
    tail = rest.split(end, 1)[1]
    told = f"{datetime.now(timezone.utc):%Y-%m-%d}: `{command}`. {commit()}."
    path.write_text(f"{head}{begin}\n\n{told}\n\n{text}\n\n{end}{tail}", encoding="utf-8")


def commit() -> str:
    """Return what the code was that ran; the pages that benchmarks write are not code."""
    git = ["git", "-C", str(Path(__file__).parent)]
    found = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    status = [*git, "status", "--porcelain", "-uno", "--", ":(top)", ":(top,exclude)docs"]
    changed = subprocess.run(status, capture_output=True, text=True, check=False)
    name = found.stdout.strip() or "unknown"
    return f"Commit {name}{', with changes' if changed.stdout.strip() else ''}"


class Report:
    """Makes the tables of what was measured.

    :param samples: in the order in which they were taken: of one contestant in one cell, the nth is of the nth round.
    """

    def __init__(self, samples: Samples) -> None:
        self._samples: dict[tuple[str, Cell], list[Sample]] = {}
        for sample in samples:
            self._samples.setdefault((sample.contestant, sample.cell), []).append(sample)

    def values(self, contestant: str, cell: Cell, figure: Figure) -> list[float]:
        """Return a figure of each of a contestant's campaigns in a cell."""
        found = (figure(sample) for sample in self._samples.get((contestant, cell), ()))
        return [value for value in found if value is not None]

    def ratios(self, one: str, other: str, cell: Cell, figure: Figure, base: Cell | None = None) -> list[float]:
        """Return the ratio of two contestants in each round in which both ran."""
        pairs = zip(self.values(one, cell, figure), self.values(other, base or cell, figure), strict=False)
        return [mine / theirs for mine, theirs in pairs]

    def _columns(self, cells: Sequence[Cell], names: Sequence[str]) -> list[str]:
        return [one for one in names if any((one, cell) in self._samples for cell in cells)]

    def rates(self, cells: Sequence[Cell]) -> str:
        """Return messages a second, and how many requests were under way at once."""
        names = self._columns(cells, ["b", "c", "c2", "d", "f", "g", "F", "G", "p"])
        head = ["latency", "at once", "messages", "a: limit", *names, f"most under way: {' / '.join(names)}"]
        rows = []
        for cell in cells:
            most = (shown(self.values(name, cell, lambda one: one.most)).split(" ")[0] for name in names)
            row = [f"{cell.latency} ms", cell.concurrency, f"{cell.count:,}", f"{cell.limit:,.0f}"]
            rows.append([*row, *(shown(self.values(name, cell, rate)) for name in names), " / ".join(most)])
        return table(head, rows)

    def ratios_of(self, cells: Sequence[Cell]) -> str:
        """Return the ratios of those rates, and how they stand to their targets."""
        pairs = [("f", "b"), ("f", "c"), ("f", "c2"), ("f", "d"), ("f", "p"), ("g", "f"), ("g", "c"), ("c2", "c")]
        pairs += [("F", "c"), ("G", "F")]
        names = self._columns(cells, ["b", "c", "c2", "d", "f", "g", "F", "G", "p"])
        pairs = [pair for pair in pairs if set(pair) <= set(names)]
        inside = [pair for pair in (("f", "c"), ("g", "f"), ("g", "c")) if pair in pairs]
        head = ["latency", "at once", *(["f/a"] if "f" in names else []), *("/".join(pair) for pair in pairs)]
        head += [f"{'/'.join(pair)} inside" for pair in inside] + ["targets, by the median"]
        rows = []
        for cell in cells:
            row: list[object] = [f"{cell.latency} ms", cell.concurrency]
            if "f" in names:
                row.append(shown((value / cell.limit for value in self.values("f", cell, rate)), ".2f"))
            told = []
            for one, other in pairs:
                # A loop sends one at a time, however many are asked for.
                alone = self._alone(other, cell.latency) if other == "b" else None
                found = self.ratios(one, other, cell, rate, alone)
                row.append(shown(found, ".1f" if other == "b" else ".2f"))
                least = TARGETS.get(f"{one}/{other}", {})
                if found and (target := least.get(cell.concurrency, least.get(None))) is not None:
                    told.append(f"{one}/{other} {verdict(found, target, '.2f')}")
            row += [shown(self.ratios(*pair, cell, whole_rate), ".2f") for pair in inside]
            rows.append([*row, "; ".join(told) or "–"])
        return table(head, rows)

    def _alone(self, name: str, latency: int) -> Cell | None:
        return next((cell for who, cell in self._samples if who == name and cell.latency == latency), None)

    def costs(
        self, cells: Sequence[Cell], names: Sequence[str] = ("b", "c", "c2", "d", "f", "g", "F", "G", "p")
    ) -> str:
        """Return processor time a message, memory, and the time to the first message, of the contestant's process only."""
        rows = []
        for cell in cells:
            for name in self._columns([cell], names):
                cpu = self.values(name, cell, lambda sample: sample.cpu)
                rows.append(
                    [
                        f"{cell.latency} ms", cell.concurrency, f"{cell.count:,}", f"{name}: {CONTESTANTS[name]}",
                        shown(cpu, ".2f"), shown(self.ratios(name, "c", cell, lambda sample: sample.cpu), ".2f"),
                        shown(self.values(name, cell, lambda sample: sample.gateway_cpu), ".2f"),
                        shown(self.values(name, cell, lambda sample: sample.before_mb)),
                        shown(self.values(name, cell, lambda sample: sample.peak_mb)),
                        shown(self.values(name, cell, lambda sample: sample.first), ".2f"),
                    ]
                )  # fmt: skip
        head = ["latency", "at once", "messages", "contestant", "CPU ms a message, its process only", "over c"]
        head += ["the stand-in's CPU ms", "MB at its start", "peak MB", "s to the first message, inside"]
        return table(head, rows)

    def sizes(self, cells: Sequence[Cell]) -> str:
        """Return what small and large campaigns take by the contestants' own clocks."""
        names = self._columns(cells, ["c", "c2", "f", "g", "F", "G"])
        pairs = [("f", "c"), ("f", "c2"), ("g", "f"), ("g", "c"), ("G", "F")]
        kept = [pair for pair in pairs if set(pair) <= set(names)]
        head = ["messages", *(f"{name}: s inside" for name in names), *(f"{name}: s to the first" for name in names)]
        head += [f"{one}/{other} inside" for one, other in kept]
        head += [f"{one}/{other} between first and last" for one, other in kept]
        rows = []
        for cell in cells:
            row = [f"{cell.count:,}", *(shown(self.values(name, cell, lambda one: one.whole), ".1f") for name in names)]
            row += [shown(self.values(name, cell, lambda one: one.first), ".2f") for name in names]
            row += [shown(self.ratios(*pair, cell, whole_rate), ".2f") for pair in kept]
            row += [shown(self.ratios(*pair, cell, rate), ".2f") for pair in kept]
            rows.append(row)
        return table(head, rows)

    def airflow(self, cells: Sequence[Cell]) -> str:
        """Return what campaigns take from asking Airflow for the DAG run, and what processor time all its processes."""
        figures: list[tuple[str, Figure, str]] = [
            ("most under way", lambda one: one.most, ".0f"),
            ("s from the request for a run to the first message", lambda one: one.run_first, ".2f"),
            ("s from the request to the run's end", lambda one: one.run_whole, ".1f"),
            ("of it inside `execute()`", lambda one: one.whole, ".1f"),
            ("messages a second of the run", run_rate, ".1f"),
            ("CPU ms a message: `execute()`", lambda one: one.cpu, ".2f"),
            ("task processes and supervisors", lambda one: one.tree_cpu, ".2f"),
            ("all of Airflow", lambda one: one.airflow_cpu, ".2f"),
        ]
        rows = [
            [name, f"{cell.count:,}", PARALLELISM if name == "e" else cell.concurrency]
            + [shown(self.values(name, cell, figure), form) for _, figure, form in figures]
            for name in ("e", "f", "g")
            for cell in cells
            if (name, cell) in self._samples
        ]
        return table(["contestant", "messages", "at once", *(title for title, _, _ in figures)], rows)

    def mapped(self, cells: Sequence[Cell], base: Cell) -> str:
        """Return the list operator in several cells beside the mapped tasks' one, by both clocks."""
        head = ["e: messages", "e: a second, between first and last", "e: a second of the DAG run"]
        head += ["f: messages × at once", "f: a second, between first and last", "f: a second of the DAG run"]
        head += ["f/e between first and last", "f/e of the DAG runs", "target, between first and last"]
        rows = []
        for cell in cells:
            found = self.ratios("f", "e", cell, rate, base)
            row = [
                base.count,
                shown(self.values("e", base, rate), ".2f"),
                shown(self.values("e", base, run_rate), ".2f"),
            ]
            row += [f"{cell.count:,} × {cell.concurrency}"]
            row += [shown(self.values("f", cell, rate)), shown(self.values("f", cell, run_rate), ".1f")]
            row += [f"**{shown(found)}**", shown(self.ratios("f", "e", cell, run_rate, base), ".1f")]
            rows.append([*row, verdict(found, TARGETS["f/e"][None], ".0f")])
        return table(head, rows)

    def scripts(self, cells: Sequence[Cell], base: Cell) -> str:
        """Return the scripts that write each row beside the sheet operator, of the same size and of others."""
        figures: list[tuple[str, Figure, str]] = [
            ("s inside", lambda one: one.whole, ".1f"),
            ("a second inside", whole_rate, ".2f"),
            ("a second, between first and last", rate, ".2f"),
            ("Sheets calls", lambda one: one.calls, ".0f"),
            ("of them refused", lambda one: one.refused, ".0f"),
        ]
        head = ["contestant", "messages", *(title for title, _, _ in figures)]
        head += ["g/this inside, same size", "g/h, a second between first and last"]
        rows = []
        for name, cell in [*((name, base) for name in ("h", "h2")), *(("g", cell) for cell in (base, *cells))]:
            if (name, cell) not in self._samples:
                continue
            row = [f"{name}: {CONTESTANTS[name]}", f"{cell.count:,}"]
            row += [shown(self.values(name, cell, figure), form) for _, figure, form in figures]
            same = self.ratios("g", name, cell, whole_rate) if name != "g" else []
            row += [shown(same, ".1f"), shown(self.ratios("g", "h", cell, rate, base), ".0f") if name == "g" else "–"]
            rows.append(row)
        return table(head, rows)
