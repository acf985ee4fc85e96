"""How long a campaign from a sheet takes, reckoned: what binds from a thousand messages to ten million.

    python -m tests.benchmarks.simulation [--latency 50] [--concurrency 20] [--pace 20] [--slots 4] [--write]

Each partition is played by itself in virtual time, chunk by chunk as ``sheets/results.py`` does it, with the constants that
were measured (``docs/proofs``): it sends at the pace of whatever binds, asks for the next chunk when half of one is left, and
waits with that for its share of Google's quota. Partitions beyond the task slots wait for one that ends. What it leaves out:
crashes, people who edit, a gateway that slows down, and retries.
"""

from __future__ import annotations

import argparse
import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from airflow_provider_robosms.sheets.lock import LAG
from airflow_provider_robosms.sheets.results import CHUNK_SECONDS, MOST_ROWS
from airflow_provider_robosms.spreadsheet.api import CALLS_PER_MINUTE
from tests.benchmarks.report import fill, table

PATH = Path(__file__).parents[2] / "docs" / "scaling.md"
ROWS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
PARTITIONS = (1, 4, 8)
#: Rows that a spreadsheet holds beside our columns and what safety takes (docs/scaling.md).
MOST_IN_A_SHEET = 300_000


@dataclass(frozen=True)
class World:
    """What a campaign runs in; seconds unless it says otherwise.

    :param latency: until the gateway answers.
    :param concurrency: requests at once of a partition.
    :param pace: messages a second of all partitions; 0 for none.
    :param slots: partitions at once.
    :param processors: of all workers together.
    :param cpu: of processor time a message (docs/proofs/scaling.md, the sheet operator).
    :param journal: of one write of the journal, which holds *concurrency* intents (docs/proofs/crash-safety.md).
    :param call: of one call of Sheets.
    :param row: to read and plan one row (docs/proofs/scaling.md).
    """

    latency: float = 0.05
    concurrency: int = 20
    pace: float = 0
    slots: int = 4
    processors: int = 2
    cpu: float = 0.00094
    journal: float = 0.011
    call: float = 0.3
    row: float = 0.00005

    def limits(self, partitions: int) -> dict[str, float]:
        """Return how many messages a second each thing allows a partition."""
        at_work = min(partitions, self.slots)
        return {
            "the senders": self.concurrency / self.latency,
            "the pace": self.pace / partitions if self.pace else float("inf"),
            "the processors": min(1.0, self.processors / at_work) / self.cpu,
            "the journal": self.concurrency / self.journal,
        }


class Quota:
    """Calls of one kind in the last minute."""

    def __init__(self, partitions: int) -> None:
        self.share = max(2, CALLS_PER_MINUTE // partitions)
        self.waited = 0.0
        self._made: deque[float] = deque()

    def call(self, now: float, seconds: float) -> float:
        """Return when a call that is asked for now is answered."""
        if len(self._made) >= self.share:
            free = max(now, self._made.popleft() + 60)
            self.waited += free - now
            now = free
        self._made.append(now)
        return now + seconds


def partition(world: World, rows: int, mine: int, partitions: int) -> tuple[float, float]:
    """Return how long a partition takes for its rows, and for how long of that it waited for its share of calls.

    :param rows: of the sheet, all of which it reads.
    """
    rate = min(world.limits(partitions).values())
    reads, writes = Quota(partitions), Quota(partitions)
    at_work = min(partitions, world.slots)
    now = rows * world.row * max(1.0, at_work / world.processors)
    # The lock, the plan, the first chunk; and once for each that begins with it, whose turn it waits for.
    for turn in range(3 + at_work - 1):
        now = writes.call(reads.call(now, world.call), world.call) + (LAG / 4 if turn >= 3 else 0)
    least = 40 * world.concurrency
    chunk, announced, sent = least, min(mine, least), 0
    until = now  # all that was sent by then was sent at the rate
    while sent < mine:
        # The next chunk is asked for when half of one is left.
        wanted = max(sent, announced - chunk // 2) if announced < mine else mine
        until += (wanted - sent) / rate
        sent = wanted
        if announced < mine:
            answered = writes.call(reads.call(until, world.call), world.call)
            through = min(announced, sent + int((answered - until) * rate))
            sent, until = through, answered
            chunk = max(least, min(MOST_ROWS, int(rate * CHUNK_SECONDS)))
            announced = min(mine, announced + chunk)
    end = until
    for _ in range(2):  # the last results, the lock
        end = writes.call(reads.call(end, world.call), world.call)
    return end, reads.waited + writes.waited


def campaign(world: World, rows: int, partitions: int) -> tuple[float, str]:
    """Return how long a campaign takes, and what binds it."""
    seconds, waited = partition(world, rows, -(-rows // partitions), partitions)
    free = [0.0] * world.slots
    for _ in range(partitions):
        heapq.heappush(free, heapq.heappop(free) + seconds)
    limits = world.limits(partitions)
    sending = rows / partitions / min(limits.values())
    if waited > sending:
        return max(free), "Google's quota"
    return max(free), "beginning and ending" if sending < seconds / 2 else min(limits, key=lambda name: limits[name])


def _told(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes, hours = seconds / 60, seconds / 3600
    return f"{minutes:.0f} min" if minutes < 120 else f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"


def tables(world: World) -> str:
    """Return the table of the page."""
    lines = []
    for rows in ROWS:
        if rows > MOST_IN_A_SHEET:
            lines.append([f"{rows:,}", "–", "–", "–", "a sheet does not hold them: a database"])
            continue
        for count in PARTITIONS:
            seconds, binds = campaign(world, rows, count)
            paced, by = campaign(replace(world, pace=20), rows, count)
            lines.append([f"{rows:,}", str(count), _told(seconds), binds, f"{_told(paced)}, {by}"])
    return table(("messages", "partitions", "without a pace", "what binds", "with 20 a second, and what binds"), lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latency", type=float, default=50, help="milliseconds")
    parser.add_argument("--concurrency", type=int, default=20)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--write", action="store_true", help=f"into {PATH.name}")
    given = parser.parse_args(arguments)
    text = tables(World(latency=given.latency / 1000, concurrency=given.concurrency, slots=given.slots))
    print(text)
    if given.write:
        fill(PATH, "simulation", "python -m tests.benchmarks.simulation --write", text)


if __name__ == "__main__":
    main()
