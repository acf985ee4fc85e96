"""Campaigns during which people make one kind of edit, at random moments: in process, in virtual time.

    python -m tests.protocol.edits --campaigns 25 --lag 5 --kinds all

Each campaign is followed by a second run the next day, without edits, which must send only what is left and what people have
asked to send again. A kind and a seed play the same campaign again. Over HTTP the same kinds, people and judge play in
:mod:`tests.protocol.over_http`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_robosms.campaign.journal import MemoryStore
from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet
from airflow_provider_robosms.spreadsheet.errors import SheetError
from tests.protocol.campaigns import MESSAGE, Gateway, run
from tests.protocol.google import Clock, Http, book_of
from tests.protocol.judge import WRONGS, Text, Wrong, judge
from tests.protocol.kinds import KINDS, TEMPLATES, Kind
from tests.protocol.people import HEADER, People, dress, rows_of
from tests.protocol.seeds import Command

COUNT, CHUNK = 40, 8
#: A campaign of so many rows makes about so many calls.
CALLS = 16
TRIES = 4
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass
class Played:
    """What one campaign came to."""

    kind: str
    seed: int
    wrong: list[Wrong] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def tabs_of(rng: random.Random, count: int) -> dict[str, list[list[Any]]]:
    """Return the tabs of a campaign: recipients in no order, known by ID or by number, with own columns or without."""
    by_id, own = rng.random() < 0.5, rng.random() < 0.5
    header = [*(["ID"] if by_id else []), *HEADER, "Opt Out", *(OWNED if own else ())]
    rows = [[*([f"C{at}"] if by_id else []), *row, ""] for at, row in enumerate(rows_of(count))]
    rng.shuffle(rows)
    return {"Recipients": [header, *rows], TEMPLATES: [["Name", "Body"], ["due", MESSAGE]]}


class AtWork:
    """People who make a kind of edit now and then."""

    def __init__(self, book: Spreadsheet, kind: Kind, rng: random.Random) -> None:
        self.kind, self.people = kind, People(book, rng)
        self.done = 0
        self._first = rng.randint(2, CALLS // 2)

    def before(self, call: int) -> None:
        """Be at work before a call of the campaign, counted from 0; do something at least once."""
        times = self.kind.times
        if times is None or (call >= self._first and not self.done) or self.people.rng.random() < times / CALLS:
            self.moment()

    def moment(self) -> None:
        """Go on with what was begun, or do something."""
        if self.people.begun:
            self.people.go_on()
        elif self.kind.times is None or self.done < self.kind.times:
            self.done += self.kind.deed(self.people)

    def end(self) -> None:
        """Finish what was begun: the campaign has ended meanwhile."""
        begun = set(self.people.expected)
        while self.people.begun:
            self.people.go_on()
        self.people.notes.late |= set(self.people.expected) - begun


def judged(
    played: Played,
    at_work: AtWork,
    a_run: Callable[[str], list[str] | None],
    sent: Callable[[], tuple[Sequence[Text], Sequence[str] | None]],
) -> Played:
    """Judge a campaign with people at work, and a second run the next day.

    :param a_run: runs the campaign of a name, as often as Airflow would, and returns the keys that have no row; None when it
        did not end well.
    :param sent: returns what was texted, and the message ids where they are the gateway's own.
    """
    people, orphans = at_work.people, []
    for run_id in ("first", "second"):
        found = a_run(run_id)
        if run_id == "first":
            at_work.end()
        if found is None:
            played.wrong.append(Wrong("not texted", f"the {run_id} run did not end well"))
        else:
            orphans += found
            second = run_id == "second"
            texts, ids = sent()
            played.wrong += judge(people, texts, orphans=orphans, all_sent=second, again=second, ids=ids)
            played.counts[f"texts of the {run_id} run"] = len(texts) - played.counts["texts of the first run"]
        if played.wrong:
            break
    played.counts.update(edits=at_work.done, orphans=len(orphans))
    return played


def play(kind: Kind, seed: int, lag: float = 0.0) -> Played:
    """Play one campaign in process, and a second run the next day."""
    rng = random.Random(f"{kind.name}/{seed}")
    clock, gateway, played = Clock(), Gateway(), Played(kind.name, seed)
    book = book_of(clock, lag=lag, seed=seed, **tabs_of(rng, COUNT))
    dress(book)
    clock.sleep(10)
    at_work = AtWork(book, kind, rng)

    def before(call: int, _: str) -> None:
        at_work.before(call)

    def a_run(run_id: str) -> list[str] | None:
        http = Http(book, clock, before) if run_id == "first" else Http(book, clock)
        orphans: list[str] = []
        store = MemoryStore()
        clock.sleep(0 if run_id == "first" else 86_400)
        for _ in range(TRIES):  # as Airflow does; the task is told the tab's new title
            played.counts["tries"] += 1
            try:
                tab = at_work.people.sheet.title
                ended = run(http, gateway, run_id=run_id, store=store, chunk=CHUNK, seed=seed, tab=tab, template="due")
            except SheetError:
                clock.sleep(60)
                continue
            orphans += ended.orphans
            if not ended.gave_up and ended.busy is None:
                return orphans
            clock.sleep(60)
        return None

    return judged(played, at_work, a_run, lambda: (gateway.sent, None))


def _play(work: tuple[str, int, float]) -> Played:
    name, seed, lag = work
    return play(BY_NAME[name], seed, lag)


def show(played: Sequence[Played]) -> bool:
    """Print a table by kind; tell whether nothing is wrong."""
    told = ("edits", "texts of the first run", "texts of the second run", "tries", "orphans")
    print(f"| kind of edit | campaigns | {' | '.join([*WRONGS, *told])} |")
    print("|---" * (2 + len(WRONGS) + len(told)) + "|")
    for name in [*BY_NAME, "all"]:
        mine = [one for one in played if name in (one.kind, "all")]
        wrong = Counter(each.what for one in mine for each in one.wrong)
        counts = sum((one.counts for one in mine), Counter[str]())
        if mine:
            cells = [wrong[what] for what in WRONGS] + [counts[what] for what in told]
            print(f"| {name} | {len(mine)} | {' | '.join(map(str, cells))} |")
    return not any(one.wrong for one in played)


def chosen(text: str) -> list[str]:
    """Return the names of the kinds that are meant: all that are promised, or those that begin with one of these texts.

    :param text: ``all``, or texts with commas between.

    :raises SystemExit: when there are none.
    """
    if text == "all":
        return [kind.name for kind in KINDS]
    found = [name for name in BY_NAME if name.startswith(tuple(text.split(",")))]
    if not found:
        raise SystemExit(f"There is no kind {text!r}; there are: {', '.join(BY_NAME)}.")
    return found


def command_line(description: str, campaigns: int, **others: Any) -> Command:
    """Return the command line of campaigns with people: kinds, seeds, and *others*: options with their defaults."""
    command = Command(description, count="--campaigns", default=campaigns)
    command.parser.add_argument("--kinds", default="all", help="all, or how their names begin, with commas between")
    for name, default in others.items():
        command.parser.add_argument(f"--{name}", type=type(default), default=default)
    return command


def play_all(command: Command, play: Callable[[Any], Played], work: Sequence[Any]) -> int:
    """Play, tell what is wrong, print the table; return the exit code."""
    played = []
    for one in command.play(play, work):
        played.append(one)
        if one.wrong:
            command.tell(f"{one.kind}, seed {one.seed}: {'; '.join(one.wrong[:4])}")
    fine = show(played)
    command.end()
    return 0 if fine else 1


def main() -> int:
    """The command line."""
    command = command_line("Campaigns during which people make one kind of edit.", 25, lag=0.0)
    given = command.given()
    return play_all(command, _play, [(name, seed, given.lag) for seed in command.seeds for name in chosen(given.kinds)])


if __name__ == "__main__":
    raise SystemExit(main())
