"""Two hidden tabs to try things out in: one in the part of a recipients' tab, one in that of a working tab.

Every request of the probe names only tabs whose ids were drawn here; at the end each of them is deleted, whatever happened.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..sheets.lock import LAG
from ..spreadsheet.api import WORKING_TAB, GoogleSpreadsheet, Tab
from ..spreadsheet.errors import SheetError, SheetUnavailable, TabGone, WriteInDoubt
from ..spreadsheet.requests import a1, add_tab, delete_tab, put

#: Titles of the probe's tabs; the letter keeps them apart from titles of working tabs, which name a tab's id there.
_TITLE = re.compile(rf"{WORKING_TAB}probe x[0-9a-f]{{12}} [a-z0-9]+")
#: Size of each of the two tabs.
ROWS, COLUMNS = 120, 20
_CELL = "userEnteredValue,effectiveValue,userEnteredFormat(numberFormat,textFormat),note,dataValidation"
_FIELDS = (
    "sheets(properties(sheetId,title,hidden,gridProperties(rowCount,columnCount)),"
    f"data(startRow,startColumn,rowData(values({_CELL}))))"
)

#: A region of a tab: title, first row, end row, first column, end column; or a range as Google names it.
Shown = tuple[str, int, int, int, int] | str


@dataclass(frozen=True)
class Answer:
    """What the answer of a batch showed.

    :param cells: (title, row, column) -> Google's CellData; cells without anything are absent.
    :param tabs: title -> Google's SheetProperties.
    """

    cells: Mapping[tuple[str, int, int], dict[str, Any]]
    tabs: Mapping[str, dict[str, Any]]

    def cell(self, title: str, row: int, column: int) -> dict[str, Any]:
        """Return all that is known of a cell."""
        return self.cells.get((title, row, column), {})

    def value(self, title: str, row: int, column: int) -> Any:
        """Return the exact value that a cell shows; an error as its type; None for a blank cell."""
        found = self.cell(title, row, column).get("effectiveValue", {})
        return found["errorValue"].get("type", "ERROR") if "errorValue" in found else next(iter(found.values()), None)

    def typed(self, title: str, row: int, column: int) -> Any:
        """Return what was typed into a cell: a formula, or its value."""
        return next(iter(self.cell(title, row, column).get("userEnteredValue", {}).values()), None)


@dataclass
class Scratch:
    """The probe's tabs.

    :param api: the spreadsheet.
    :param rival: the same through a connection of its own, for writing at the same time.
    """

    api: GoogleSpreadsheet
    rival: GoogleSpreadsheet
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.SystemRandom)
    rows: str = ""
    work: str = ""
    rows_id: int = 0
    work_id: int = 0
    begun: Answer = field(default_factory=lambda: Answer({}, {}))
    _name: str = ""
    _next: int = 0
    _may_exist: set[int] = field(default_factory=set)
    _in_doubt: bool = False

    def sweep(self) -> int:
        """Delete the tabs of a probe that was killed; return how many there were."""
        found = {tab.sheet_id for tab in self.api.tabs() if _TITLE.fullmatch(tab.title)}
        return len(found - self._delete(found))

    def begin(self) -> None:
        """Add the two tabs."""
        self._name = f"{WORKING_TAB}probe x{self.rng.getrandbits(48):012x}"
        self.rows, self.work = self.title("rows"), self.title("work")
        self.rows_id, self.work_id = self.draw(), self.draw()
        tabs = ((self.rows, self.rows_id), (self.work, self.work_id))
        self.begun = self.apply([add_tab(title, sheet_id, ROWS, COLUMNS) for title, sheet_id in tabs], self.all_rows())

    def title(self, word: str) -> str:
        """Return a title of the probe's own."""
        return f"{self._name} {word}"

    def draw(self) -> int:
        """Return an id for a further tab, which will be deleted at the end."""
        sheet_id = self.rng.randrange(1 << 20, 1 << 31)
        self._may_exist.add(sheet_id)
        return sheet_id

    def gone(self, *sheet_ids: int) -> None:
        """Take in that tabs were deleted, or never came to be."""
        self._may_exist -= set(sheet_ids)

    def block(self, count: int) -> int:
        """Return the first of so many rows that nothing else uses."""
        first, self._next = self._next, self._next + count
        return first

    def all_rows(self) -> Shown:
        """Return the tab in the part of a recipients' tab, as a region."""
        return (self.rows, 0, ROWS, 0, COLUMNS)

    def apply(self, requests: Sequence[Mapping[str, Any]], *show: Shown) -> Answer:
        """Apply requests as one batch, and return what its answer shows."""
        try:
            text = self.api.apply(
                requests, [region if isinstance(region, str) else a1(*region) for region in show], _FIELDS
            )
        except WriteInDoubt:
            self._in_doubt = True
            raise
        return _answer(json.loads(text).get("updatedSpreadsheet", {})) if show else Answer({}, {})

    def apply_and_list(self, requests: Sequence[Mapping[str, Any]]) -> list[Tab]:
        """Apply requests as one batch, and return the tabs that its answer lists when no range is asked for."""
        try:
            return self.api.batch_tabs(requests)
        except WriteInDoubt:
            self._in_doubt = True
            raise

    def look(self, *show: Shown) -> Answer:
        """Return regions as they are now, in the answer of a write: a read might lag."""
        return self.apply([put(self.work_id, ROWS - 1, 0, [[f"{self.rng.getrandbits(32):x}"]])], *show)

    def end(self, *, interrupted: bool = False) -> None:
        """Delete all tabs that the probe added.

        :param interrupted: whether a request may still be under way: then what is not there yet is looked for once more.
        :raises SheetError: when one could not be deleted.
        """
        missing = self._delete(self._may_exist | self._named())
        if missing and (interrupted or self._in_doubt):
            self.sleep(LAG)
            self._delete(missing | self._named())
        self._may_exist.clear()

    def _named(self) -> set[int]:
        """Return the tabs with a title of the probe's own: Google may have given them another id than was asked for."""
        try:
            return {tab.sheet_id for tab in self.api.tabs() if self._name and tab.title.startswith(f"{self._name} ")}
        except SheetUnavailable:
            return set()

    def _delete(self, sheet_ids: Iterable[int]) -> set[int]:
        """Delete tabs together; return those that are not there."""
        wanted, missing, tries = set(sheet_ids), set[int](), 0
        while wanted:
            try:
                self.api.apply([delete_tab(sheet_id) for sheet_id in sorted(wanted)], (), "")
            except TabGone as error:
                if error.sheet_id not in wanted:
                    raise
                missing.add(error.sheet_id)
                wanted.discard(error.sheet_id)
                continue
            except WriteInDoubt:  # deleting twice does no harm
                tries += 1
                if tries > 3:
                    raise
                continue
            break
        return missing


@dataclass(frozen=True)
class Seen:
    """What a look at an assumption saw.

    :param ok: whether it holds; None when it could not be seen.
    """

    ok: bool | None
    text: str


def compare(as_wanted: str, **pairs: tuple[Any, Any]) -> Seen:
    """Return *as_wanted* when of each pair (wanted, found) both are equal, else what differs."""
    wrong = [
        f"{name.replace('_', ' ')}: {_short(found)} in place of {_short(wanted)}"
        for name, (wanted, found) in pairs.items()
        if found != wanted
    ]
    return Seen(not wrong, "; ".join(wrong) or as_wanted)


def refusal(apply: Callable[[], object], kind: type[SheetError], words: str = "") -> str:
    """Return what is wrong with how a batch was refused; blank when it was refused as the provider expects.

    :param kind: how the provider understands the refusal.
    :param words: what the refusal's text must hold.
    """
    try:
        apply()
    except kind as error:
        return "" if words in str(error) and not isinstance(error, SheetUnavailable) else f"refused with: {error}"
    except SheetUnavailable:
        raise
    except SheetError as error:
        return f"refused in words that the provider does not know: {error}"
    return "not refused"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if value is not None else "nothing"
    return text if len(text) <= 120 else f"{text[:60]}… ({len(text)} characters)"


def _answer(found: Mapping[str, Any]) -> Answer:
    cells, tabs = {}, {}
    for sheet in found.get("sheets", []):
        title = sheet["properties"]["title"]
        tabs[title] = sheet["properties"]
        for data in sheet.get("data", []):
            for row, line in enumerate(data.get("rowData", []), data.get("startRow", 0)):
                for column, cell in enumerate(line.get("values", []), data.get("startColumn", 0)):
                    if cell:
                        cells[title, row, column] = cell
    return Answer(cells, tabs)
