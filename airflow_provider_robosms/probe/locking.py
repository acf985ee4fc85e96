"""What the lock rests on: tabs that cannot be added twice, and batches that fail with a tab that is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..sheets.left import fence_off
from ..spreadsheet.a1 import in_tab
from ..spreadsheet.errors import SheetError, TabExists, TabGone
from ..spreadsheet.requests import add_tab, append, copy, delete_tab, put, region, rename_tab, resize_tab
from .scratch import COLUMNS, ROWS, Scratch, Seen, compare, refusal

#: As many characters of intents as the working tab puts into one cell.
_INTENTS = 48_000


def hidden(scratch: Scratch) -> Seen:
    """See that a tab can be added hidden, in the wanted size, under the wanted id."""
    found = scratch.begun.tabs.get(scratch.rows, {})
    return compare(
        "hidden, under that id",
        id=(scratch.rows_id, found.get("sheetId")),
        hidden=(True, found.get("hidden")),
        size=({"rowCount": ROWS, "columnCount": COLUMNS}, found.get("gridProperties")),
    )


def _refused(scratch: Scratch, kind: type[SheetError], *batches: Sequence[Mapping[str, Any]]) -> Seen:
    """See that batches are refused, and that nothing of them is applied."""
    row = scratch.block(1)
    wrong = []
    for batch in batches:
        mark = put(scratch.rows_id, row, 0, [["applied"]])
        wrong.append(refusal(partial(scratch.apply, [mark, *batch]), kind))
    if scratch.look((scratch.rows, row, row + 1, 0, 1)).value(scratch.rows, row, 0) is not None:
        wrong.append("a part of the batch was applied")
    said = "; ".join(filter(None, dict.fromkeys(wrong)))
    return Seen(not said, said or "refused, nothing applied")


def same_title(scratch: Scratch) -> Seen:
    """See that a second tab of one title is refused."""
    fresh = scratch.draw()
    seen = _refused(scratch, TabExists, [add_tab(scratch.work, fresh, 1, 1)])
    if seen.ok:
        scratch.gone(fresh)
    return seen


def same_id(scratch: Scratch) -> Seen:
    """See that a second tab of one id is refused."""
    return _refused(scratch, TabExists, [add_tab(scratch.title("twice"), scratch.work_id, 1, 1)])


def dead_id(scratch: Scratch) -> Seen:
    """See that batches that name a deleted tab are refused as a whole, whatever they ask of it."""
    dead = scratch.draw()
    scratch.apply([add_tab(scratch.title("dead"), dead, 2, 2), delete_tab(dead)])
    scratch.gone(dead)
    cell, there = region(scratch.rows_id, 0, 1, 0, 1), region(dead, 0, 1, 0, 1)
    return _refused(
        scratch,
        TabGone,
        [put(dead, 0, 0, [["x"]])],
        [copy(cell, there, "PASTE_NORMAL")],
        [copy(there, cell, "PASTE_VALUES")],
        [delete_tab(dead)],
    )


def same_batch(scratch: Scratch) -> Seen:
    """See that one batch may delete a tab and add another of its title, and add and delete one."""
    title, old, new, passing = scratch.title("again"), scratch.draw(), scratch.draw(), scratch.draw()
    scratch.apply([add_tab(title, old, 1, 1)])
    add_and_delete = [add_tab(scratch.title("passing"), passing, 1, 1), delete_tab(passing)]
    found = scratch.apply([delete_tab(old), add_tab(title, new, 1, 1), *add_and_delete], (title, 0, 1, 0, 1))
    scratch.gone(old, passing)
    return compare("both done", id=(new, found.tabs.get(title, {}).get("sheetId")))


def takeover(scratch: Scratch) -> Seen:
    """See that one batch copies a tab under a new id, hides the copy and deletes the old one."""
    title, old, new, left = scratch.title("old"), scratch.draw(), scratch.draw(), scratch.title("left")
    start = {"sheetId": old, "rowIndex": 0, "columnIndex": 0}
    cells = [{"userEnteredValue": {"stringValue": "007"}}, {"userEnteredValue": {"formulaValue": "=LEN(A1)"}}]
    fill = {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}
    scratch.apply([add_tab(title, old, 2, 2), fill])
    found = scratch.apply(fence_off(old, new, left), (left, 0, 2, 0, 2))
    scratch.gone(old)
    return compare(
        "content and id as wanted, hidden",
        text=("007", found.value(left, 0, 0)),
        formula=("=LEN(A1)", found.typed(left, 0, 1)),
        id=(new, found.tabs.get(left, {}).get("sheetId")),
        hidden=(True, found.tabs.get(left, {}).get("hidden")),
        old_tab=("", refusal(lambda: scratch.apply([put(old, 0, 0, [["x"]])]), TabGone)),
    )


def relock(scratch: Scratch) -> Seen:
    """See that one batch gives a tab a new id under the title that it has, and keeps what was written until then."""
    title, was, old, new = scratch.title("lock"), scratch.title("was"), scratch.draw(), scratch.draw()
    scratch.apply([add_tab(title, old, 3, 3), put(old, 0, 0, [["old", "1", "x"], ["first"]])])
    kept = [put(old, 2, 0, [["second"]]), rename_tab(old, was), *fence_off(old, new, title)]
    found = scratch.apply([*kept, put(new, 0, 0, [["new", "2"]])], in_tab(title))
    scratch.gone(old)
    properties = found.tabs.get(title, {})
    return compare(
        "under a new id, hidden, content kept",
        id=(new, properties.get("sheetId")),
        hidden=(True, properties.get("hidden")),
        row_1=(["new", "2", "x"], [found.value(title, 0, column) for column in range(3)]),
        column_A=(["first", "second"], [found.value(title, row, 0) for row in (1, 2)]),
        old_id=("", refusal(lambda: scratch.apply([put(old, 0, 0, [["x"]])]), TabGone)),
    )


def appended(scratch: Scratch) -> Seen:
    """See that a text is appended into column A below all rows, also where the tab has to grow, and row 1 is a longer one."""
    title, sheet_id = scratch.title("appended"), scratch.draw()
    row = ["record", "1", "x"]
    scratch.apply([add_tab(title, sheet_id, 1, 3), put(sheet_id, 0, 0, [row]), append(sheet_id, "first")])
    found = scratch.apply([append(sheet_id, "second")], in_tab(title))
    cells = [[found.value(title, at, column) for column in range(3)] for at in range(3)]
    return compare("in their order", cells=([row, ["first", None, None], ["second", None, None]], cells))


def resize(scratch: Scratch) -> Seen:
    """See that a tab grows without losing what it holds."""
    row = scratch.block(1)
    requests = [put(scratch.rows_id, row, 0, [["kept"]]), resize_tab(scratch.rows_id, ROWS + 5, COLUMNS)]
    found = scratch.apply(requests, scratch.all_rows())
    size = found.tabs.get(scratch.rows, {}).get("gridProperties")
    wanted = {"rowCount": ROWS + 5, "columnCount": COLUMNS}
    return compare("grown, content kept", size=(wanted, size), content=("kept", found.value(scratch.rows, row, 0)))


def large_cell(scratch: Scratch) -> Seen:
    """See that a cell takes as many characters as the intents need."""
    row, text = scratch.block(1), "i" * _INTENTS
    found = scratch.apply([put(scratch.rows_id, row, 0, [[text]])], (scratch.rows, row, row + 1, 0, 1))
    return compare(f"{_INTENTS:,} characters", cell=(text, found.value(scratch.rows, row, 0)))
