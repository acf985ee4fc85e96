"""People at work in the recipients' tab, and what must then stand where: one vocabulary of edits for all simulations.

What is done, and how often, is a kind of edit (:mod:`tests.protocol.kinds`); some simulations only :meth:`~People.act`.
Each person's cell is followed by what it was given last: its content by Ref and header, whether a formula, its format. A look
and the deed that it leads to are one instant here; what people do in two steps has the campaign's calls between them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.sandbox.sheets.a1 import GridRange
from airflow_provider_robosms.sandbox.sheets.cells import Cell, full
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.render import read
from airflow_provider_robosms.sandbox.sheets.sheet import Sheet
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet
from airflow_provider_robosms.spreadsheet.a1 import column_letters

HEADER = ["Ref", "Name", "Phone", "City", "Amount", "Due", "Double"]
RUPEES = {"numberFormat": {"type": "CURRENCY", "pattern": '"Rs "#,##0.00'}}
DATE = {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}
#: Recipients and numbers that people add are counted from here.
NEW = 900_000


def rows_of(count: int) -> list[list[Any]]:
    """Return *count* recipients."""
    return [
        [f"R{at:03d}", f"Name{at * 5 % count:03d}", phone(at), f"City{at:03d}", 100 + at, 46000 + at, ""]
        for at in range(count)
    ]


def phone(at: int) -> str:
    """Return the number of a recipient as it is typed."""
    return f"0300-1{at:06d}"


def to_of(ref: str) -> str:
    """Return the number of a Ref in the gateway's form."""
    return f"923001{int(ref[1:]):06d}"


def dress(book: Spreadsheet) -> None:
    """Give amounts and dates their formats, and each row its formula."""
    sheet = book.sheets[0]
    header = [full(cell).value for cell in sheet.rows[0]]
    amount_at, due_at, double_at = (header.index(name) for name in ("Amount", "Due", "Double"))
    with book.change():
        for row in range(1, len(sheet.rows)):
            amount, due = sheet.cell(row, amount_at), sheet.cell(row, due_at)
            if full(amount).value is None:
                continue
            cells = [
                (amount_at, Cell(full(amount).value, None, RUPEES)),
                (due_at, Cell(full(due).value, None, DATE)),
                (double_at, Cell(None, f"={column_letters(amount_at)}{row + 1}*2")),
            ]
            sheet.put(row, cells)


@dataclass
class Notes:
    """What a judge must know of people's deeds, by Ref.

    :param numbers: numbers that a recipient was given later, in the gateway's form -> Ref.
    :param removed: what stood as Message ID in the row when it was deleted; blank for nothing.
    :param asked: how often the result was taken away, which asks for sending again.
    :param left_behind: own cells of the tool that stay in a row whose recipient was taken elsewhere without them.
    :param typed: statuses that people typed.
    :param opted_out: who must not be texted any more.
    :param half_typed: who may be read while their cells are typed.
    :param late: whose row was nowhere when the campaign ended.
    :param columns: own columns that people deleted.
    """

    numbers: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    left_behind: list[tuple[str, ...]] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    half_typed: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)


@dataclass
class Look:
    """The tab as people see it; rows and columns count from 0, the header is row 0."""

    rows: list[list[str]]

    @property
    def header(self) -> list[str]:
        return self.rows[0] if self.rows else []

    def cell(self, row: int, name: str) -> str:
        """Return what a cell shows."""
        line = self.rows[row]
        at = self.header.index(name) if name in self.header else len(line)
        return line[at] if at < len(line) else ""

    def own(self, row: int) -> tuple[str, ...]:
        """Return what the tool's columns show."""
        return tuple(self.cell(row, name) for name in OWNED)


class People:
    """Somebody who edits the recipients' tab.

    :param columns: whether :meth:`act` moves columns, too.
    :param most: edits that :meth:`act` makes at most.
    """

    def __init__(self, book: Spreadsheet, rng: random.Random, *, columns: bool = True, most: int = 15) -> None:
        self.book, self.rng, self.most = book, rng, most
        self.edits = 0
        self.notes = Notes()
        self._id = book.sheets[0].sheet_id
        self._later: list[Callable[[], None]] = []
        self._new = NEW
        self.expected = self.cells()
        self.others = columns

    @property
    def sheet(self) -> Sheet:
        return next(sheet for sheet in self.book.sheets if sheet.sheet_id == self._id)

    def do(self, action: str, *, tab: str | None = None, **fields: Any) -> bool:
        """Make one edit; what the spreadsheet refuses is not done."""
        try:
            edit(self.book, {"action": action, "sheet": tab or self.sheet.title, **fields})
        except GoogleError:
            return False
        return True

    def later(self, deed: Callable[[], None]) -> None:
        """Do the second step of something at the next moment."""
        self._later.append(deed)

    @property
    def begun(self) -> bool:
        """Whether something has a further step."""
        return bool(self._later)

    def go_on(self) -> None:
        """Do what is to be done after a first step."""
        deeds, self._later = self._later, []
        for deed in deeds:
            deed()

    def act(self) -> None:
        """Move rows or columns."""
        if self.edits >= self.most:
            return
        self.edits += 1
        rng, first = self.rng, self.rng.randint(2, 6)
        size = max(8, sum(1 for row in self.shown()[1:] if row))
        deeds: list[Callable[[], Any]] = [
            lambda: self.do("sort", column="Name", descending=rng.random() < 0.5),
            lambda: self.do("sort", column="Ref", descending=rng.random() < 0.5),
            lambda: self.do("sort", column="Status"),
            lambda: self.do("sort", column="Name", range=f"A{first}:Z{rng.randint(8, 12)}"),
            lambda: self.do("insert_rows", at=1),
            lambda: self.do("insert_rows", at=first, count=2),
            lambda: self.do("move_rows", at=first, count=rng.randint(1, 3), to=rng.randint(first + 4, size)),
            lambda: self.do("move_rows", at=rng.randint(6, size - 2), count=2, to=rng.randint(1, 4)),
        ]
        if self.others and rng.random() < 0.35:
            self._columns()
        else:
            rng.choice(deeds)()

    def _columns(self) -> None:
        header = self.header()
        width = max(at for at, name in enumerate(header) if name) + 1
        at = self.rng.randrange(width)
        if self.rng.random() < 0.3:
            self.do("insert_columns", at=at)
        else:
            to = self.rng.choice([place for place in range(width + 1) if place not in (at, at + 1)])
            self.do("move_columns", at=at, count=1, to=to)

    # What changes people's own cells; what must stand there follows.

    def type_into(self, look: Look, row: int, name: str, value: str) -> None:
        """Type a text into one cell."""
        self.do("set", row=row, column=look.header.index(name), value=value, raw=True)
        cells = self.expected[look.cell(row, "Ref")]
        cells[name] = (value, None, cells[name][2])

    def new_number(self, ref: str) -> str:
        """Return a number that nobody has, for *ref*, as it is typed."""
        self._new += 1
        self.notes.numbers[to_of(f"R{self._new}")] = ref
        return phone(self._new)

    def new_recipient(self, look: Look) -> tuple[str, list[str]]:
        """Return the Ref and the cells of somebody new."""
        self._new += 1
        ref = f"R{self._new}"
        known = {"Ref": ref, "ID": f"C{self._new}", "Name": f"New{self._new}", "Phone": phone(self._new)}
        return ref, [known.get(name, "") for name in look.header]

    def expect(self, *refs: str) -> None:
        """Expect of these recipients what stands in their cells now: people have just typed all of it."""
        now = self.cells()
        self.expected |= {ref: now[ref] for ref in refs}

    def expect_column(self, name: str, looks: dict[str, Any]) -> None:
        """Expect a blank column with the formats that *looks* tells by Ref."""
        for ref, cells in self.expected.items():
            cells[name] = ("", None, looks.get(ref))

    def blank(self, row: int) -> dict[str, Any]:
        """Return what a row is expected to hold that has just been inserted, by header."""
        header, sheet = self.header(), self.sheet
        looks = {name: full(sheet.cell(row, place)).format for place, name in enumerate(header)}
        return {name: ("", None, look) for name, look in looks.items() if name and name not in OWNED}

    def looks_of(self, column: int) -> dict[str, Any]:
        """Return the formats of a column by Ref."""
        look = self.look()
        return {look.cell(row, "Ref"): full(self.sheet.cell(row, column)).format for row in self.recipients(look)}

    def forget(self, *refs: str) -> None:
        """Expect no row of these recipients."""
        for ref in refs:
            self.expected.pop(ref, None)

    def forget_column(self, name: str) -> None:
        """Expect nothing in a column."""
        for cells in self.expected.values():
            cells.pop(name, None)

    # Looking.

    def shown(self) -> list[list[str]]:
        """Return the tab as it is shown."""
        sheet = self.sheet
        return read(self.book, sheet, GridRange(0, sheet.row_count, 0, sheet.column_count))

    def look(self) -> Look:
        """Return the tab as it is shown."""
        return Look(self.shown())

    def recipients(self, look: Look) -> list[int]:
        """Return the rows of recipients; not one whose Ref a misplaced write has just hit: nobody could say whose it is."""
        return [row for row in range(1, len(look.rows)) if look.cell(row, "Ref") in self.expected]

    def header(self) -> list[str]:
        """Return the first row."""
        return [str(cell) for cell in (self.shown() or [[]])[0]]

    def cells(self) -> dict[str, dict[str, Any]]:
        """Return each recipient's cells by Ref and header: shown value, whether a formula, and format."""
        shown, sheet = self.shown(), self.sheet
        header = [str(cell) for cell in shown[0]] if shown else []
        found: dict[str, dict[str, Any]] = {}
        if "Ref" not in header:
            return found
        for at, line in enumerate(shown[1:], 1):
            ref = line[header.index("Ref")] if header.index("Ref") < len(line) else ""
            if not ref:
                continue
            found[ref] = {}
            for place, name in enumerate(header):
                if name and name not in OWNED:
                    cell = full(sheet.cell(at, place))
                    value = line[place] if place < len(line) else ""
                    found[ref][name] = (value, bool(cell.formula) or None, cell.format)
        return found
