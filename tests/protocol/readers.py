"""People at work in the tab Campaigns, and what must then stand in it."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

from airflow_provider_robosms.campaigns_tab.line import COLUMNS
from airflow_provider_robosms.sandbox.sheets.a1 import GridRange
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.person import edit
from airflow_provider_robosms.sandbox.sheets.render import read
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

OWN = re.compile(r"[a-z2-7]{6}(-\d+)?")


class Readers:
    """Somebody who sorts and edits the tab Campaigns, and has rows of his own in it."""

    def __init__(self, book: Spreadsheet, rng: random.Random, chance: float = 0.15) -> None:
        self.book, self.rng, self.chance = book, rng, chance
        #: The cells of each row of his own: what stands in it, whatever the column.
        self.expected: dict[str, Counter[str]] = {}
        self.deleted = self.gone = self.edited = False
        self._id: int | None = None
        if rng.random() < 0.5:
            self._begin()

    def _begin(self) -> None:
        rows = [list(COLUMNS), ["Note 1", "", "", "Ali", "", "10 ", "x"], ["Note 2", "", "", "Sara", "", "", "y"]]
        edit(self.book, {"action": "add_sheet", "sheet": "Campaigns", "rows": rows, "raw": True})
        self.expected = {row[0]: Counter(filter(None, row)) for row in rows[1:]}

    def _tab(self) -> Any:
        found = [sheet for sheet in self.book.sheets if sheet.sheet_id == self._id or sheet.title == "Campaigns"]
        if found:
            self._id = found[0].sheet_id
        return found[0] if found else None

    def shown(self) -> list[list[str]]:
        """Return the tab as it is shown."""
        sheet = self._tab()
        return read(self.book, sheet, GridRange(0, sheet.row_count, 0, sheet.column_count)) if sheet else []

    def act(self) -> None:
        """Do something, now and then."""
        if self.rng.random() >= self.chance or self._tab() is None:
            return
        shown, rng = self.shown(), self.rng
        header = shown[0] if shown else []
        size = len(shown)
        deeds: list[dict[str, Any]] = [
            {"action": "sort", "column": rng.choice([name for name in header if name] or ["A"])},
            {"action": "insert_rows", "at": rng.randint(1, max(1, size))},
            {"action": "insert_columns", "at": rng.randint(0, 5)},
            {"action": "move_columns", "at": rng.randint(0, 6), "to": rng.randint(8, 12)},
            {"action": "rename_sheet", "to": f"Lines {rng.randint(1, 10**6)}"},
        ]
        if size > 2:
            deeds.append({"action": "move_rows", "at": size - 1, "to": 1})
        own = [at for at, row in enumerate(shown) if at and any(OWN.fullmatch(cell) for cell in row)]
        if own and rng.random() < 0.2:
            self.deleted = True
            deeds = [{"action": "delete_rows", "at": rng.choice(own)}]
        elif own and rng.random() < 0.1:
            self.gone = True
            self.expected = {}
            deeds = [{"action": "delete_sheet"}]
        try:
            edit(self.book, {"sheet": self._tab().title, **rng.choice(deeds)})
        except GoogleError:
            return

    def judge(self) -> list[str]:
        """Return everything that is not as promised."""
        if self._tab() is None:
            return [] if self.gone else ["there is no tab Campaigns"]
        rows = [Counter(cell for cell in row if cell) for row in self.shown()[1:]]
        wrong = [f"{name} is not as it was" for name, cells in self.expected.items() if cells not in rows]
        lines = [[cell for cell in row if OWN.fullmatch(cell)] for row in rows]
        names = Counter(name for found in lines for name in found[:1])
        wrong += [f"{count} lines of {name}" for name, count in names.items() if count > 1]
        strange = [
            row for row in rows if row and row not in self.expected.values() and not any(map(OWN.fullmatch, row))
        ]
        return wrong + [f"a row of nobody: {dict(row)}" for row in strange]
