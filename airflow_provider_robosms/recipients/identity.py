"""Who the rows are: the same in all reads of a look, known by now, and not listed by a formula."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from ..exceptions import ListedByFormula, SheetError, SheetUnavailable
from ..sms.blank import is_blank
from ..sms.merge import clip
from ..sms.passing import is_loading
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.cells import agrees, at, joined, text_of, value_of
from .columns import DETAIL, OWNED, STATUS, Columns
from .formulas import Judge, is_formula, spilled
from .protecting import PROTECTING
from .refs import ref_in
from .rows import key_place


def identity_of(columns: Columns, key_column: str | None) -> list[int]:
    """Return the columns that say who a row is: Phone, and the key column where there is one."""
    phone = columns.need("Phone")
    key = key_place(columns, key_column)
    return [phone] if key is None or key == phone else [phone, key]


def exact_places(columns: Columns, identity: Sequence[int]) -> list[int]:
    """Return the columns whose exact values count: who, when, whether at all, and what the tool wrote before."""
    protecting = map(columns.one, PROTECTING)
    own = [columns.owned[STATUS], columns.owned[DETAIL]]
    return list(dict.fromkeys([*identity, *(place for place in [*protecting, *own] if place is not None)]))


def moved_header(grid: list[list[Any]], header: list[list[Any]]) -> bool:
    """Tell whether the header of the second read, by value or as typed, is another than that of the first."""
    first, second = (grid[0] if grid else []), (header[0] if header else [])
    return len(first) != len(second) or any(
        agrees(value, shown) is False and not is_formula(value) and value != _forced(shown)
        for value, shown in zip(second, first, strict=True)
    )


def join(
    grid: list[list[Any]],
    places: Sequence[int],
    values: Sequence[list[list[Any]]],
    identity: Sequence[int],
    exact_rows: Callable[[], list[list[Any]]],
) -> bool:
    """Put the exact values into the rows; False when they are not of the same rows.

    A row is known by its number or its key: what is shown of it must fit its value.

    :param exact_rows: reads the whole rows exactly: for rows of which formats hide the number and the key.
    """
    count = len(grid)
    if any(len(column) > count for column in values):
        return False
    columns = [[row[0] if row else None for row in column] for column in values]
    known = [columns[places.index(place)] for place in identity]
    hidden = False
    for index, row in enumerate(grid):
        verdicts = [
            agrees(at(column, index), row[place] if place < len(row) else "")
            for place, column in zip(identity, known, strict=True)
        ]
        if False in verdicts or (not any(row) and any(at(column, index) for column in known)):
            return False  # a row that shows nothing at all was cut between the reads; no format hides so much
        hidden = hidden or (True not in verdicts and any(at(column, index) for column in known))
    if hidden and not _same_rows(grid, exact_rows(), identity, known):
        return False
    for place, column in zip(places, columns, strict=True):
        for row, value in zip(grid, column, strict=False):
            shown = row[place] if place < len(row) else ""
            if value is not None and value != shown:
                row.extend([""] * (place + 1 - len(row)))
                row[place] = joined(value, shown)
    return True


def _same_rows(
    grid: Sequence[Sequence[str]],
    exact: Sequence[Sequence[Any]],
    identity: Sequence[int],
    known: Sequence[Sequence[Any]],
) -> bool:
    """Tell whether whole rows show what they hold, and are of those that were known by number and key."""
    if len(grid) < len(exact):
        return False
    for index, row in enumerate(grid):
        held = exact[index] if index < len(exact) else []
        if any(
            (at(held, place) or None) != (at(column, index) or None)
            for place, column in zip(identity, known, strict=True)
        ):
            return False
        width = max(len(row), len(held))
        if any(agrees(at(held, place), at(row, place) or "") is False for place in range(width)):
            return False
    return True


def values_typed(
    columns: Sequence[tuple[Sequence[Sequence[Any]], int]], typed: Sequence[Sequence[Sequence[Any]]]
) -> list[list[list[Any]]] | None:
    """Return the exact values of columns as they were typed; None where a formula makes one of them, so that it must be read.

    :param columns: for each, what its tab shows and where it is.
    :param typed: what was typed into each.
    """
    values = []
    for (grid, place), column in zip(columns, typed, strict=True):
        shown = [text_of(at(row, place)) for row in grid]
        told = [row[0] if row else "" for row in column]
        told += [""] * (len(shown) - len(told))
        if any(is_formula(one) for one in told) or any(
            one == "" and seen for one, seen in zip(told, shown, strict=False)
        ):
            return None
        marked = itertools.zip_longest(told, shown, fillvalue="")
        values.append([[seen if one == _forced(seen) else one] for one, seen in marked])
    return values


def typed_so(values: Sequence[Any], typed: Sequence[Sequence[Any]]) -> bool:
    """Tell whether cells without a formula were typed as they were read; so both reads are of the same rows."""
    told = [row[0] if row else "" for row in typed]
    return not any(
        one not in (value, _forced(value), "")
        and not is_formula(one, value)
        and (value in (None, "") or isinstance(one, str) == isinstance(value, str))
        for one, value in zip(told, values, strict=False)
    )


def _forced(value: Any) -> str:
    """Return a text as it is typed to stay one, ``'0300``; Google does not say whether a read of formulas shows the mark."""
    return f"'{value}"


def check_status(columns: Columns, grid: Sequence[Sequence[Any]]) -> None:
    """See that results are known as such: without their Status, everybody would be texted again.

    :raises SheetError: when there are results of the tool, but no column Status.
    """
    if columns.owned[STATUS] is not None or columns.owned[DETAIL] is None:
        return
    if any(ref_in(columns.cells(row)[DETAIL]) for row in grid[1:]):
        raise SheetError(
            f"Tab {columns.tab!r} holds results (column {OWNED[DETAIL]!r}) but has no column {OWNED[STATUS]!r}, so everybody "
            f"would be texted again: name the column with SENT and the like {OWNED[STATUS]!r}, or delete the results.",
            permanent=True,
        )


def check_identity(
    columns: Columns,
    identity: Sequence[int],
    grid: list[list[Any]],
    typed: Sequence[list[list[Any]]],
    top: Sequence[Sequence[Any]],
) -> None:
    """See that recipients are known and stay where they are; take out what formulas make of nothing.

    :raises SheetUnavailable: when a number or key is still being calculated.
    :raises ListedByFormula: when a formula lists the recipients.
    """
    for place, column in zip(identity, typed, strict=True):
        values = [value_of(at(row, place)) for row in grid]
        loading = [number for number, value in enumerate(values, 1) if type(value) is str and is_loading(value)]
        if loading:
            raise SheetUnavailable(
                f"Column {clip(columns.header[place])!r} of tab {columns.tab!r} still shows {clip(values[loading[0] - 1])!r} "
                f"(row {loading[0]}{and_more(loading)}): wait until the sheet has calculated, then run the task again."
            )
        told = [row[0] if row else "" for row in column]
        if spill := spilled(place, values, told, top):
            raise _listed(columns, place, spill.row, spill.trouble)
        judge = Judge()
        for number, (formula, value) in enumerate(zip(told, values, strict=False), start=1):
            if not is_formula(formula, value):
                continue
            verdict = judge(formula, number)
            if verdict.trouble is not None:
                raise _listed(columns, place, number, verdict.trouble)
            row = grid[number - 1]
            if verdict.reads and place < len(row) and all(is_blank(text_of(at(row, at_))) for at_ in verdict.reads):
                row[place] = ""  # filled down beyond the data: nobody's row, whatever "92"&B2 makes of nothing


def and_more(numbers: Sequence[int]) -> str:
    """Say how many more rows there are than the first, which is named."""
    return f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""


def _listed(columns: Columns, place: int, row: int, trouble: str) -> ListedByFormula:
    return ListedByFormula(
        f"Column {clip(columns.header[place])!r} of tab {columns.tab!r} (cell {column_letters(place)}{row}) {trouble}, so "
        "its rows can move under the results and somebody be texted twice: paste the column as values (Edit > Paste "
        "special > Values only), or type an ID and a number into each row and let formulas fill other columns only.",
        permanent=True,
    )
