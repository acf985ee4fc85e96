"""The tables of the benchmark: medians, the spread beside them, and a ratio for each absolute figure."""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from tests.benchmarks.arena import CONTESTANTS, Cell, Sample

Samples = Sequence[Sample]
Figure = Callable[[Sample], "float | None"]


def rate(sample: Sample) -> float:
    return sample.rate


def whole_rate(sample: Sample) -> float:
    return sample.whole_rate


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
        """Return the ratio of two contestants in each round, which ran one after the other."""
        pairs = zip(self.values(one, cell, figure), self.values(other, base or cell, figure), strict=False)
        return [mine / theirs for mine, theirs in pairs]

    def _columns(self, cells: Sequence[Cell], letters: str) -> list[str]:
        return [one for one in letters if any((one, cell) in self._samples for cell in cells)]

    def grid(self, cells: Sequence[Cell]) -> str:
        """Return messages a second, and the ratios that the product is judged by."""
        names = self._columns(cells, "bcdfgFGp")
        ratios = (("f", "c", rate), ("g", "f", rate), ("g", "f", whole_rate), ("F", "c", rate), ("G", "F", rate))
        kept = [each for each in ratios if each[0] in names and each[1] in names]
        head = ["latency", "at once", "messages", "a: limit", *(f"{name}: a second" for name in names)]
        head += ["f/a"] if "f" in names else []
        head += [f"{one}/{other}" + (" over all" if figure is whole_rate else "") for one, other, figure in kept]
        rows = []
        for cell in cells:
            row = [f"{cell.latency} ms", cell.concurrency, f"{cell.count:,}", f"{cell.limit:,.0f}"]
            row += [shown(self.values(name, cell, rate)) for name in names]
            if "f" in names:
                row.append(shown((value / cell.limit for value in self.values("f", cell, rate)), ".2f"))
            row += [f"**{shown(self.ratios(one, other, cell, figure), '.2f')}**" for one, other, figure in kept]
            rows.append(row)
        return table(head, rows)

    def costs(self, cells: Sequence[Cell], letters: str = "bcdfgFGp") -> str:
        """Return processor time a message, memory, and the time to the first message."""
        rows = []
        for cell in cells:
            for name in self._columns([cell], letters):
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
        head = ["latency", "at once", "messages", "contestant", "CPU ms a message", "over c", "the stand-in's CPU ms"]
        return table([*head, "MB at its start", "peak MB", "s to the first message"], rows)

    def sizes(self, cells: Sequence[Cell]) -> str:
        """Return what small and large campaigns take over all."""
        names = self._columns(cells, "cfgFG")
        kept = [(one, other) for one, other in (("f", "c"), ("g", "f"), ("G", "F")) if one in names and other in names]
        head = ["messages", *(f"{name}: s over all" for name in names), *(f"{name}: s to the first" for name in names)]
        head += [f"{one}/{other} over all" for one, other in kept]
        head += [f"{one}/{other} between first and last" for one, other in kept]
        rows = []
        for cell in cells:
            row = [f"{cell.count:,}", *(shown(self.values(name, cell, lambda one: one.whole), ".1f") for name in names)]
            row += [shown(self.values(name, cell, lambda one: one.first), ".2f") for name in names]
            row += [shown(self.ratios(*pair, cell, whole_rate), ".2f") for pair in kept]
            row += [shown(self.ratios(*pair, cell, rate), ".2f") for pair in kept]
            rows.append(row)
        return table(head, rows)

    def slow(self, one: str, cells: Sequence[Cell], other: str, base: Cell) -> str:
        """Return a contestant that is too slow for many messages, beside one of ours with many, in several cells."""
        head = [f"{other}: {CONTESTANTS[other]}", f"{one}: {CONTESTANTS[one]}", f"{one}/{other}"]
        rows = [
            [
                f"{shown(self.values(other, base, rate), '.2f')} a second, {base.count:,} messages",
                f"{shown(self.values(one, cell, rate), '.2f')} a second, {cell.count:,} messages, {cell.concurrency} at once",
                f"**{shown(self.ratios(one, other, cell, rate, base), '.0f')}**",
            ]
            for cell in cells
        ]
        return table(head, rows)
