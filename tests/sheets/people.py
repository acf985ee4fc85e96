"""What people do to a sheet while a campaign runs on it: the scenarios, against the sandbox's person API.

A :class:`Person` looks at the sheet, then acts. What a judge must know later is noted with the look: what a row held when
its recipient was taken out of the sheet, what was cleared, what was typed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import requests

from airflow_provider_robosms.spreadsheet.a1 import column_letters

from .campaigns import OWNED

TAB = "Recipients"
NEW = 900_000  # recipients that people add are numbered from here


@dataclass
class Look:
    """The sheet at one moment, as a person sees it."""

    version: int
    header: list[str]
    rows: list[list[str]]

    def place(self, name: str) -> int:
        return self.header.index(name)

    def cell(self, row: list[str], name: str) -> str:
        at = self.header.index(name) if name in self.header else len(row)
        return row[at] if at < len(row) else ""

    def filled(self) -> list[int]:
        """Return the indexes (from 0, below the header) of rows that hold a recipient."""
        return [index for index, row in enumerate(self.rows) if self.cell(row, self.ref)]

    @property
    def ref(self) -> str:
        return "ID" if "ID" in self.header else "Ref"


@dataclass
class Memory:
    """What a judge must know of a person's deeds.

    :param removed: ref -> its Message ID when its row was deleted ("" when it had none).
    :param blurred: refs of removals between whose look and deed the tool may have written.
    :param cleared: ref -> Message ID that stood there when the status was cleared.
    :param names: ref -> names it had beside its first.
    :param phones: ref -> numbers it had, oldest first.
    :param typed: ref -> status that a person typed.
    :param left_behind: results that stay in a row whose recipient was taken elsewhere without them.
    :param added: refs that were added.
    :param edits: number of edits.
    """

    removed: dict[str, str] = field(default_factory=dict)
    blurred: set[str] = field(default_factory=set)
    cleared: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    phones: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    left_behind: list[tuple[str, ...]] = field(default_factory=list)
    added: set[str] = field(default_factory=set)
    edits: int = 0


class Person:
    """Somebody with the sheet open in a browser."""

    def __init__(self, url: str, spreadsheet_id: str, rng: random.Random) -> None:
        self.rng = rng
        self.memory = Memory()
        self.tab = TAB
        self._base = f"{url}/sandbox/sheets/{spreadsheet_id}"
        self._session = requests.Session()
        self._next = NEW

    def look(self) -> Look:
        answer = self._session.get(self._base, timeout=30).json()
        sheet = next(sheet for sheet in answer["sheets"] if sheet["title"] == self.tab)
        header, *rows = sheet["rows"]
        return Look(answer["version"], header, rows)

    def do(self, action: str, tab: str | None = None, **fields: Any) -> int:
        """Do one edit and return the sheet's version after it."""
        body = {"action": action, "sheet": tab or self.tab, **fields}
        response = self._session.post(f"{self._base}/edit", json=body, timeout=30)
        if not response.ok:
            raise RuntimeError(f"{body}: {response.text}")
        self.memory.edits += 1
        return int(response.json()["version"])

    def put(self, look: Look, index: int, name: str, value: str) -> int:
        """Type into one cell of the row *index*; it may be another row by now, as it is for people."""
        return self.do("set", row=index + 1, column=look.place(name), value=value, raw=True)

    def some(self, indexes: list[int], count: int) -> list[int]:
        return sorted(self.rng.sample(indexes, min(count, len(indexes))))

    def new_row(self, look: Look) -> list[str]:
        """Return the cells of a new recipient."""
        self._next += 1
        ref = f"R{self._next}"
        self.memory.added.add(ref)
        known = {look.ref: ref, "First Name": f"New{self._next}", "Phone": f"0300-{1000000 + self._next}"}
        return [known.get(name, "") for name in look.header]


# The deeds. Each may be called many times, at any moment.


def _sort(column: str) -> Callable[[Person], None]:
    def deed(person: Person) -> None:
        look = person.look()
        if column in look.header:
            letter = column_letters(look.place(column))
            person.do("sort", column=letter, descending=person.rng.random() < 0.5, header_rows=1)

    return deed


def sort_a_part(person: Person) -> None:
    """Sort only some rows, as a filter view or a selection does."""
    look = person.look()
    first = person.rng.randrange(2, len(look.rows) // 2)
    last = person.rng.randrange(len(look.rows) // 2 + 1, len(look.rows) + 1)
    area = f"A{first}:{column_letters(len(look.header) - 1)}{last}"
    column = column_letters(look.place(person.rng.choice(["First Name", "City", "Due"])))
    person.do("sort", column=column, range=area, descending=person.rng.random() < 0.5)


def insert_on_top(person: Person) -> None:
    person.do("insert_rows", at=1, count=person.rng.randint(1, 3))


def insert_in_the_middle(person: Person) -> None:
    look = person.look()
    at = person.rng.randrange(2, len(look.rows))
    person.do("insert_rows", at=at, count=person.rng.randint(1, 5))


def insert_recipients(person: Person) -> None:
    """Insert a row somewhere and type a new recipient into it, cell by cell, as people type."""
    look = person.look()
    at = person.rng.randrange(1, len(look.rows))
    person.do("insert_rows", at=at, count=1)
    for column, value in enumerate(person.new_row(look)):
        if value:
            person.do("set", row=at, column=column, value=value, raw=True)


def delete_rows(person: Person) -> None:
    look = person.look()
    filled = look.filled()
    count = person.rng.randint(1, 4)
    start = person.rng.randrange(0, max(1, len(filled) - count))
    rows = range(filled[start], min(filled[start] + count, len(look.rows)))
    version = person.do("delete_rows", at=rows[0] + 1, count=len(rows))
    for index in rows:
        if ref := look.cell(look.rows[index], look.ref):
            row = look.rows[index]
            person.memory.removed[ref] = look.cell(row, "Message ID")
            # The tool may have written between look and deed, or may not have read back yet what it wrote.
            if version != look.version + 1 or _is_young(look.cell(row, "Sent At")):
                person.memory.blurred.add(ref)


def _is_young(sent_at: str) -> bool:
    """Tell whether a message was sent so lately that its result may not have been read back yet."""
    try:
        moment = datetime.strptime(sent_at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Asia/Karachi"))
    except ValueError:  # blank, or not the tool's
        return False
    return datetime.now(timezone.utc) - moment < timedelta(seconds=4)


def move_rows(person: Person) -> None:
    look = person.look()
    size, count = len(look.rows), person.rng.randint(1, 40)
    at = person.rng.randrange(1, size - count)
    to = person.rng.choice([place for place in range(1, size) if not at < place < at + count])
    person.do("move_rows", at=at, count=count, to=to)


def move_columns(person: Person) -> None:
    look = person.look()
    at = person.rng.randrange(len(look.header))
    to = person.rng.choice([place for place in range(len(look.header) + 1) if place not in (at, at + 1)])
    person.do("move_columns", at=at, count=1, to=to)


def insert_columns(person: Person) -> None:
    look = person.look()
    at = person.rng.randrange(len(look.header))
    person.do("insert_columns", at=at, count=1)
    if person.rng.random() < 0.7:
        person.do("set", row=0, column=at, value=f"Note {person.memory.edits}", raw=True)


def delete_columns(person: Person) -> None:
    """Delete a column that nobody needs, or put one there to delete next time."""
    look = person.look()
    spare = [at for at, name in enumerate(look.header) if name in ("City", "Due", "Joined") or name.startswith("Note")]
    if spare and person.rng.random() < 0.6:
        person.do("delete_columns", at=person.rng.choice(spare), count=1)
    else:
        insert_columns(person)


def delete_result_column(person: Person) -> None:
    """Delete one of the tool's own columns; those that identify a result stay, for the judge."""
    look = person.look()
    mine = [name for name in ("Parts", "Sent At", "Detail") if name in look.header]
    if mine:
        person.do("delete_columns", at=look.place(person.rng.choice(mine)), count=1)


def rename_columns(person: Person) -> None:
    look = person.look()
    others = [at for at, name in enumerate(look.header) if name in ("City", "Due", "Joined") or name.startswith("Town")]
    at = person.rng.choice(others)
    person.do("rename_column", column=column_letters(at), to=f"Town {person.memory.edits}")


def edit_phones(person: Person) -> None:
    """Correct the number of one recipient: to one that nobody else has."""
    look = person.look()
    index = person.rng.choice(look.filled())
    person._next += 1
    fresh = f"0300-{1000000 + person._next}"
    _type_into(person, look, index, "Phone", fresh, person.memory.phones)


def edit_names(person: Person) -> None:
    look = person.look()
    index = person.rng.choice(look.filled())
    _type_into(person, look, index, "First Name", f"Renamed{person.memory.edits}", person.memory.names)


def _type_into(person: Person, look: Look, index: int, name: str, value: str, notes: dict[str, list[str]]) -> None:
    # Nobody moves rows in these scenarios, so the row is still the one that was seen.
    ref = look.cell(look.rows[index], look.ref)
    notes.setdefault(ref, []).append(value)
    person.put(look, index, name, value)


def clear_statuses(person: Person) -> None:
    """Ask for some to be sent again: clear the status, with the rest of the result or without."""
    for _ in range(50):
        look = person.look()
        done = [i for i in look.filled() if look.cell(look.rows[i], "Status") == "SENT"]
        if done:
            break
        time.sleep(0.1)
    for index in person.some(done, 3):
        row = look.rows[index]
        person.memory.cleared.setdefault(look.cell(row, look.ref), []).append(look.cell(row, "Message ID"))
        person.put(look, index, "Status", "")
        if person.rng.random() < 0.5:
            for name in ("Code", "Message ID", "Parts", "Sent At", "Detail"):
                person.put(look, index, name, "")


def type_statuses(person: Person) -> None:
    """Mark some that must not be texted with a status of one's own."""
    look = person.look()
    if "Status" not in look.header:
        return
    blank = [i for i in look.filled() if not look.cell(look.rows[i], "Status")]
    for index in person.some(blank, 2):
        version = person.put(look, index, "Status", "hold")
        if version == look.version + 1:  # nobody can have claimed it in between
            person.memory.typed[look.cell(look.rows[index], look.ref)] = "hold"
        look = person.look()


def add_rows(person: Person) -> None:
    look = person.look()
    rows = [person.new_row(look) for _ in range(person.rng.randint(1, 4))]
    last = max(look.filled()) + 2
    person.do("set", row=last, column=0, values=rows, raw=True)


def cut_and_paste(person: Person) -> None:
    """Take one whole row to the end: it is nowhere for a moment."""
    look = person.look()
    index = person.rng.choice(look.filled())
    row = look.rows[index]
    last = column_letters(len(look.header) - 1)
    cleared = person.do("clear", range=f"A{index + 2}:{last}{index + 2}")
    person.do("set", row=len(look.rows) + 1, column=0, values=[row], raw=True)
    if cleared != look.version + 1:  # the paste brings back an older content of the tool's cells
        person.memory.blurred.add(look.cell(row, look.ref))


def cut_and_paste_person(person: Person) -> None:
    """Take only the person's own cells to the end; what the tool wrote stays behind."""
    look = person.look()
    index = person.rng.choice(look.filled())
    row = look.rows[index]
    width = min((look.place(name) for name in OWNED if name in look.header), default=len(look.header))
    ref = look.cell(row, look.ref)
    cleared = person.do("clear", range=f"A{index + 2}:{column_letters(width - 1)}{index + 2}")
    person.do("set", row=len(look.rows) + 1, column=0, values=[row[:width]], raw=True)
    person.memory.left_behind.append(tuple(look.cell(row, name) for name in OWNED))
    if cleared != look.version + 1:
        person.memory.blurred.add(ref)


def opt_out(person: Person) -> None:
    look = person.look()
    if "Opt Out" not in look.header:
        return
    index = person.rng.choice(look.filled())
    row = look.rows[index]
    version = person.put(look, index, "Opt Out", "yes")
    if not look.cell(row, "Status") and version == look.version + 1:
        person.memory.opted_out.add(look.cell(row, look.ref))


def change_template(person: Person) -> None:
    """Change the wording on the Templates tab."""
    body = "Dear {{ First Name }}, your reference is {{ " + person.look().ref + " }}" + "!" * person.rng.randint(1, 5)
    person.do("set", tab="Templates", cell="B2", value=body, raw=True)


def rename_tab(person: Person) -> None:
    if person.tab == TAB:
        person.do("rename_sheet", to="Recipients of November")
        person.tab = "Recipients of November"


def everything(person: Person) -> None:
    """Anything that moves rows or columns."""
    deeds: list[Callable[[Person], None]] = [
        sort_a_part, insert_on_top, insert_in_the_middle, move_rows, move_columns, insert_columns, delete_rows,
        _sort("First Name"), _sort("Status"), add_rows,
    ]  # fmt: skip
    person.rng.choice(deeds)(person)


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    :param deed: what is done, each time.
    :param times: how often during the campaign.
    :param every: seconds between two deeds; None for random moments.
    """

    name: str
    deed: Callable[[Person], None]
    times: int = 5
    every: float | None = None


SCENARIOS = (
    Scenario("sort by name", _sort("First Name")),
    Scenario("sort by phone", _sort("Phone")),
    Scenario("sort by a number column", _sort("Due")),
    Scenario("sort by the Status column", _sort("Status")),
    Scenario("sort by Message ID", _sort("Message ID")),
    Scenario("sort a part of the rows", sort_a_part),
    Scenario("sort every 100 ms", _sort("City"), times=60, every=0.1),
    Scenario("insert blank rows on top", insert_on_top),
    Scenario("insert blank rows in the middle", insert_in_the_middle),
    Scenario("insert rows and type recipients", insert_recipients),
    Scenario("add recipients at the end", add_rows),
    Scenario("delete rows", delete_rows, times=8),
    Scenario("move blocks of rows", move_rows),
    Scenario("cut a row and paste it", cut_and_paste, times=8),
    Scenario("cut a row without its result", cut_and_paste_person, times=8),
    Scenario("move columns", move_columns),
    Scenario("insert columns", insert_columns),
    Scenario("delete other columns", delete_columns),
    Scenario("delete a result column", delete_result_column, times=2),
    Scenario("rename other columns", rename_columns),
    Scenario("edit phone numbers", edit_phones, times=12),
    Scenario("edit names", edit_names, times=12),
    Scenario("clear statuses", clear_statuses),
    Scenario("type a status", type_statuses),
    Scenario("opt somebody out", opt_out, times=12),
    Scenario("change the template", change_template),
    Scenario("rename the tab", rename_tab, times=1),
    Scenario("everything that moves", everything, times=15),
)
