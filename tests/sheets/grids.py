"""A spreadsheet whose cells are told one by one: what was typed, its value, and what is shown. For what the model cannot do:
formats of every kind, formulas that list, cells that are still being calculated, edits between two reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from airflow_provider_robosms.recipients.workbook import Workbook, open_workbook
from airflow_provider_robosms.spreadsheet.api import Render, Tab


class C(NamedTuple):
    """A cell that shows something else than its value."""

    value: Any
    shown: str
    typed: Any = None


def formula(typed: str, value: Any, shown: str | None = None) -> C:
    return C(value, str(value) if shown is None else shown, typed)


def spilt(value: Any) -> C:
    """A cell that the formula of another one fills."""
    return C(value, str(value), "")


_RANGE = re.compile(r"'(.*)'(?:!(\w+):(\w+))?")


class GridApi:
    """Reads tabs of such cells; *before* is called with each call's number (from 0) and may change :attr:`tabs_of`."""

    def __init__(self, before: Callable[[int], None] = lambda number: None, **tabs: list[list[Any]]) -> None:
        self.tabs_of = tabs
        self.before = before
        self.calls: list[str] = []
        self.hidden: set[str] = set()
        self.asked_at = 0.0

    def tabs(self) -> list[Tab]:
        self.before(len(self.calls))
        self.calls.append("tabs")
        return [
            Tab(title, number, max(1, len(rows)), 26, hidden=title in self.hidden)
            for number, (title, rows) in enumerate(self.tabs_of.items())
        ]

    def read(self, ranges: Sequence[str], *, render: Render = "UNFORMATTED_VALUE") -> list[list[list[Any]]]:
        self.before(len(self.calls))
        self.calls.append(render)
        return [self._range(text, render) for text in ranges]

    def _range(self, text: str, render: Render) -> list[list[Any]]:
        match = _RANGE.fullmatch(text)
        assert match, text
        title, first, last = match.groups()
        rows = self.tabs_of[title]
        if first and first.isdigit():
            rows = rows[int(first) - 1 : int(last)]
        elif first:
            place = ord(first) - 65
            assert first == last
            rows = [row[place : place + 1] for row in rows]
        return _trimmed([_trimmed([_as(cell, render) for cell in row]) for row in rows])

    def write(self, blocks: Sequence[tuple[str, list[list[Any]]]], *, by: float | None = None) -> None:
        raise AssertionError("a look writes nothing")

    def resize(self, sheet_id: int, columns: int) -> None:
        raise AssertionError("a look writes nothing")


def _as(cell: Any, render: Render) -> Any:
    if not isinstance(cell, C):
        if render == "FORMATTED_VALUE" and not isinstance(cell, str):
            return "" if cell is None else ("TRUE" if cell else "FALSE") if isinstance(cell, bool) else f"{cell:.15g}"
        return "" if cell is None else cell
    if render == "FORMATTED_VALUE":
        return cell.shown
    return cell.value if render == "UNFORMATTED_VALUE" or cell.typed is None else cell.typed


def _trimmed(values: list[Any]) -> list[Any]:
    while values and values[-1] in ("", []):
        values.pop()
    return values


def opened(recipients: list[list[Any]], key_column: str | None = None, **tabs: list[list[Any]]) -> Workbook:
    """Open a spreadsheet with these tabs."""
    return open_workbook(GridApi(Recipients=recipients, **tabs), "Recipients", "Templates", key_column=key_column)
