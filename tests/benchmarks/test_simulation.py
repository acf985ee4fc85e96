"""What the page on scaling reckons agrees with what was measured."""

from __future__ import annotations

import pytest

from tests.benchmarks.distributed import PATH
from tests.benchmarks.simulation import World, campaign

ROWS = 20_000


def measured() -> dict[int, float]:
    """Return the rows a second of the undisturbed campaigns without a pace, by the number of partitions."""
    lines = [line.strip("| \n").split("|") for line in PATH.read_text().splitlines() if line.startswith("|")]
    tables = [[cell.strip() for cell in line] for line in lines]
    start = next(at for at, line in enumerate(tables) if line[0] == "partitions" and "rows a second" in line)
    head = tables[start]
    found: dict[int, float] = {}
    for line in tables[start + 2 :]:
        row = dict(zip(head, line, strict=False))
        if not row["partitions"].isdigit():
            break
        if row["kills"] == "0" and row.get("pace", "–") in ("–", "") and row.get("rows", f"{ROWS:,}") == f"{ROWS:,}":
            found[int(row["partitions"])] = float(row["rows a second"].replace(",", ""))
    return found


def test_it_gives_what_was_measured() -> None:
    seconds, _ = campaign(World(), ROWS, 1)
    assert ROWS / seconds == pytest.approx(measured()[1], rel=0.2)


def test_eight_partitions_are_slower_than_one_here() -> None:
    assert campaign(World(), ROWS, 8)[0] > 2 * campaign(World(), ROWS, 1)[0]
    assert measured()[1] > 2 * measured()[8]


@pytest.mark.parametrize(
    ("world", "partitions", "binds"),
    [
        (World(), 1, "the senders"),
        (World(pace=20), 1, "the pace"),
        (World(), 8, "Google's quota"),
        (World(journal=1.0), 1, "the journal"),
        (World(latency=0.01, concurrency=100), 1, "the processors"),
    ],
)
def test_what_binds(world: World, partitions: int, binds: str) -> None:
    assert campaign(world, ROWS, partitions)[1] == binds
