"""A sheet that never rests: rows and columns are moved at random before a campaign's calls, without sockets; and the judge.

    python -m tests.sheets.restless --count 1000

The chance that something is moved right before a call to Sheets, of which a campaign makes some thirty, goes up to far beyond
what people can do: at 0.3 the sheet changes between any look and the write that it leads to every third time. A seed plays
the same campaign again.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable

from airflow_provider_robosms.campaign.ledger import LedgerError
from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.sheets.a1 import column_letters
from airflow_provider_robosms.sheets.columns import OWNED
from tests.sheets.model import ModelApi, book_of, table_of
from tests.sheets.quiet_campaign import send_all

HEADER = ["Ref", "Name", "Phone", "City"]
COUNT = 14
ROWS = [[f"R{at:02d}", f"Name{at * 5 % COUNT:02d}", f"0300-10000{at:02d}", f"City{at:02d}"] for at in range(COUNT)]
CHANCES = (0.05, 0.1, 0.2, 0.3)
MOST_EDITS = 15


class Person:
    """Somebody who moves rows and columns."""

    def __init__(self, seed: str, api: ModelApi, chance: float) -> None:
        self.rng = random.Random(seed)
        self.api, self.chance, self.edits = api, chance, 0
        self.together = self.rng.choice([0.0, 0.0, 0.3])  # how often two edits come in one instant

    def before_call(self, number: int) -> None:
        """Perhaps do something."""
        if self.rng.random() < self.chance and self.edits < MOST_EDITS:
            for _ in range(2 if self.rng.random() < self.together else 1):
                self.edits += 1
                (self._move_columns if self.rng.random() < 0.35 else self._move_rows)()

    def _move_rows(self) -> None:
        rng, person = self.rng, self.api.person
        first = rng.randint(2, 6)
        deeds: list[Callable[[], None]] = [
            lambda: person("sort", column=rng.choice("AB"), descending=rng.random() < 0.5),
            lambda: person(
                "sort", column=column_letters(self._header().index("Status") if "Status" in self._header() else 0)
            ),
            lambda: person("sort", column="B", range=f"A{first}:Z{rng.randint(8, 12)}"),
            lambda: person("insert_rows", at=1),
            lambda: person("insert_rows", at=first, count=2),
            lambda: person("move_rows", at=first, count=rng.randint(1, 3), to=rng.randint(first + 4, 12)),
            lambda: person("move_rows", at=rng.randint(6, 10), count=2, to=rng.randint(1, 4)),
        ]
        rng.choice(deeds)()

    def _move_columns(self) -> None:
        width = max(at for at, name in enumerate(self._header()) if name) + 1
        at = self.rng.randrange(width)
        if self.rng.random() < 0.3:
            self.api.person("insert_columns", at=at)
        else:
            to = self.rng.choice([place for place in range(width + 1) if place not in (at, at + 1)])
            self.api.person("move_columns", at=at, count=1, to=to)

    def _header(self) -> list[str]:
        return [str(name or "") for name in self.api.book.sheets[0].rows[0]]


def play(seed: int, chance: float) -> list[str]:
    """Run one campaign; return what is wrong with the sheet afterwards.

    :raises LedgerError: when the campaign gave up, and said so.
    """
    header = HEADER + (list(OWNED) if seed % 2 else [])
    api = ModelApi(book_of(Recipients=[header, *ROWS]))
    person = Person(f"{seed}/{chance}", api, chance)
    api.before = person.before_call
    sent, orphans = send_all(api, chunk=5)
    return judge(table_of(api.book), sent, orphans)


def judge(after: list[dict[str, str]], sent: list[Message], orphans: list[str]) -> list[str]:
    """Return everything that is not as promised. A row may be UNKNOWN, or be left for the next run."""
    times = Counter(message.to for message in sent)
    wrong = [f"{to} is texted {count} times" for to, count in times.items() if count > 1]
    was = {row[0]: dict(zip(HEADER, row, strict=True)) for row in ROWS}
    seen = Counter(row.get("Ref", "") for row in after)
    wrong += [f"{ref} stands in {seen[ref]} rows" for ref in was if seen[ref] != 1]
    wrong += [f"{key} is said to have no row" for key in orphans]
    for row in after:
        ref = row.get("Ref", "")
        if ref not in was:
            wrong.append(f"a row of nobody holds {[value for value in row.values() if value]}")
            continue
        wrong += [
            f"{ref}: {name} is {value}" for name, value in row.items() if name not in OWNED and value != was[ref][name]
        ]
        to = f"92300{1000000 + int(ref[1:])}"
        due = ("SENT", f"RSMS-{to}") if to in times else ("", "")
        if row["Status"] != "UNKNOWN" and (row["Status"], row["Message ID"]) != due:
            wrong.append(f"{ref}: {row['Status']} {row['Message ID']}, not {due}")
    return wrong


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    print(
        "| something moves before a call with chance | campaigns | gave up and said so | something wrong |\n|---|---|---|---|"
    )
    for chance in CHANCES:
        gave_up = broken = 0
        for seed in range(count):
            try:
                wrong = play(seed, chance)
            except LedgerError:
                gave_up += 1
                continue
            broken += bool(wrong)
            if wrong:
                print(f"seed {seed}, {chance}: {'; '.join(wrong[:3])}", file=sys.stderr)
        print(f"| {chance} | {count:,} | {gave_up} | {broken} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
