"""People at work in the recipients' tab: one vocabulary of edits for all simulations, and what must then stand where.

Each person's cell is followed by what it was given last: its content by Ref and header, whether a formula, its format.
"""

from __future__ import annotations

import random
from collections.abc import Callable
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
TAB_ID = 0
RUPEES = {"numberFormat": {"type": "CURRENCY", "pattern": '"Rs "#,##0.00'}}
DATE = {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}


def rows_of(count: int) -> list[list[Any]]:
    """Return *count* recipients."""
    return [
        [f"R{at:03d}", f"Name{at * 5 % count:03d}", f"0300-1{at:06d}", f"City{at:03d}", 100 + at, 46000 + at, ""]
        for at in range(count)
    ]


def to_of(ref: str) -> str:
    """Return the number of a Ref in the gateway's form."""
    return f"923001{int(ref[1:]):06d}"


def dress(book: Spreadsheet) -> None:
    """Give amounts and dates their formats, and each row its formula."""
    sheet = book.sheets[0]
    with book.change():
        for row in range(1, len(sheet.rows)):
            amount, due = sheet.cell(row, 4), sheet.cell(row, 5)
            if full(amount).value is None:
                continue
            cells = [
                (4, Cell(full(amount).value, None, RUPEES)),
                (5, Cell(full(due).value, None, DATE)),
                (6, Cell(None, f"=E{row + 1}*2")),
            ]
            sheet.put(row, cells)


class People:
    """Somebody who edits the recipients' tab; *moves* only, or also contents."""

    def __init__(self, book: Spreadsheet, rng: random.Random, *, columns: bool = True, most: int = 15) -> None:
        self.book, self.rng, self.most = book, rng, most
        self.edits = 0
        self.deleted: set[str] = set()
        self.expected = self.cells()
        self.others = columns

    @property
    def sheet(self) -> Sheet:
        return next(sheet for sheet in self.book.sheets if sheet.sheet_id == self._id)

    @property
    def _id(self) -> int:
        if not hasattr(self, "_kept"):
            self._kept = self.book.sheets[0].sheet_id
        return self._kept

    def do(self, action: str, **fields: Any) -> None:
        """Make one edit; what the spreadsheet refuses is not done."""
        try:
            edit(self.book, {"action": action, "sheet": self.sheet.title, **fields})
        except GoogleError:
            return

    def act(self) -> None:
        """Do something."""
        if self.edits >= self.most:
            return
        self.edits += 1
        rng, first = self.rng, self.rng.randint(2, 6)
        size = max(8, sum(1 for row in self.shown()[1:] if row))
        deeds: list[Callable[[], None]] = [
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

    def rename_tab(self) -> None:
        """Give the recipients' tab another title."""
        self.do("rename_sheet", to=f"People {self.rng.randint(1, 10**6)}")

    def delete_row(self) -> None:
        """Delete a recipient for good."""
        shown = self.shown()
        refs = [(at, row[0]) for at, row in enumerate(self._by(shown, "Ref")) if row and row[0].startswith("R")]
        if refs:
            at, ref = self.rng.choice(refs)
            self.do("delete_rows", at=at, count=1)
            self.deleted.add(ref)
            self.expected.pop(ref, None)

    def type_city(self) -> None:
        """Type something else into somebody's City."""
        header, shown = self.header(), self.shown()
        if "City" not in header or "Ref" not in header:
            return
        places = [at for at, row in enumerate(self._by(shown, "Ref")) if row and row[0] in self.expected]
        if places:
            at = self.rng.choice(places)
            ref = self._by(shown, "Ref")[at][0]
            text = f"Town{self.rng.randint(1, 10**6)}"
            self.do("set", cell=f"{column_letters(header.index('City'))}{at + 1}", value=text, raw=True)
            self.expected[ref]["City"] = (text, None, None)

    # Looking.

    def shown(self) -> list[list[str]]:
        """Return the tab as it is shown."""
        sheet = self.sheet
        return read(self.book, sheet, GridRange(0, sheet.row_count, 0, sheet.column_count))

    def header(self) -> list[str]:
        """Return the first row."""
        return [str(cell) for cell in (self.shown() or [[]])[0]]

    def _by(self, shown: list[list[str]], name: str) -> list[list[str]]:
        place = shown[0].index(name) if name in shown[0] else 0
        return [[row[place]] if place < len(row) and row[place] else [] for row in shown]

    def cells(self) -> dict[str, dict[str, Any]]:
        """Return each recipient's cells by Ref and header: shown value, whether a formula, and format."""
        header, sheet = self.header(), self.sheet
        found: dict[str, dict[str, Any]] = {}
        if "Ref" not in header:
            return found
        shown = self.shown()
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
