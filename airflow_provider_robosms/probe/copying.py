"""What before-images rest on: copies on the server keep what people made, and texts stay texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ..spreadsheet.errors import SheetError
from ..spreadsheet.requests import copy, put, region
from .scratch import COLUMNS, ROWS, Answer, Scratch, Seen, compare, refusal

_MONEY = {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}, "textFormat": {"bold": True}}
#: The parts of Google's CellData that people see; what an answer calculates from them is left out.
_OF_PEOPLE = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation")
#: Where a row's image goes in the working tab: another row, and another column.
_IMAGE = 9


def _values(scratch: Scratch, row: int, column: int, cells: Sequence[Any], **further: Any) -> dict[str, Any]:
    """Return the request that types cells in: texts, numbers, and formulas (texts that begin with ``=``)."""

    def typed(cell: Any) -> dict[str, Any]:
        kind = (
            "formulaValue" if str(cell).startswith("=") else "stringValue" if isinstance(cell, str) else "numberValue"
        )
        return {"userEnteredValue": {kind: cell}, **further}

    start = {"sheetId": scratch.rows_id, "rowIndex": row, "columnIndex": column}
    fields = ",".join(["userEnteredValue", *further])
    return {"updateCells": {"start": start, "rows": [{"values": [*map(typed, cells)]}], "fields": fields}}


def _peoples(scratch: Scratch, row: int) -> list[dict[str, Any]]:
    """Return the requests that make cells as people have them: A a number, B and C formulas, with all that cells can have."""
    cells = [1234.5, f"=A{row + 1}*2", f"=$A{row + 1}&A${row + 1}"]
    condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]}
    validation = {"range": region(scratch.rows_id, row, row + 1, 0, 2), "rule": {"condition": condition}}
    return [
        _values(scratch, row, 0, cells, userEnteredFormat=_MONEY, note="a person's note"),
        {"setDataValidation": validation},
    ]


def _of_people(found: Answer, title: str, row: int, columns: range) -> list[dict[str, Any]]:
    return [
        {part: cell[part] for part in _OF_PEOPLE if part in cell}
        for cell in (found.cell(title, row, column) for column in columns)
    ]


def _has_all(cells: Sequence[dict[str, Any]]) -> bool:
    return bool(cells) and set(cells[0]) == set(_OF_PEOPLE)


def _row(scratch: Scratch, row: int, columns: range) -> dict[str, int]:
    return region(scratch.rows_id, row, row + 1, columns.start, columns.stop)


def _image(scratch: Scratch, row: int, columns: range) -> dict[str, int]:
    return region(scratch.work_id, row, row + 1, _IMAGE + columns.start, _IMAGE + columns.stop)


def images(scratch: Scratch) -> Seen:
    """See that cells that were copied away and overwritten are put back exactly."""
    row, people = scratch.block(2), range(3)
    here, there = (scratch.rows, row, row + 1, 0, 3), (scratch.work, row + 1, row + 2, 0, COLUMNS)
    before = _of_people(scratch.apply(_peoples(scratch, row), here), scratch.rows, row, people)
    written = scratch.apply(
        [
            put(scratch.work_id, row + 1, 0, [["SENT", "000", "x"]]),
            copy(_row(scratch, row, people), _image(scratch, row + 1, people), "PASTE_NORMAL"),
            copy(region(scratch.work_id, row + 1, row + 2, 0, 3), _row(scratch, row, people), "PASTE_VALUES"),
        ],
        here,
        there,
    )
    each = [range(column, column + 1) for column in people]
    back = [copy(_image(scratch, row + 1, one), _row(scratch, row, one), "PASTE_NORMAL") for one in each]
    after = _of_people(scratch.apply(back, here), scratch.rows, row, people)
    return compare(
        "formulas, formats, notes and validation as before",
        prepared=(True, _has_all(before)),
        written=(["SENT", "000", "x"], [written.value(scratch.rows, row, column) for column in people]),
        image=(1234.5, written.value(scratch.work, row + 1, _IMAGE)),
        put_back=(before, after),
    )


def relative(scratch: Scratch) -> Seen:
    """See that references of a copied formula move along, and stay where they have a ``$``."""
    row, source, target = scratch.block(3), range(2, 4), range(3, 5)
    formulas = [f"=A{row + 1}*2", f"=$A{row + 1}+A${row + 1}"]
    found = scratch.apply(
        [
            _values(scratch, row, 2, formulas),
            copy(_row(scratch, row, source), _row(scratch, row + 2, target), "PASTE_NORMAL"),
        ],
        (scratch.rows, row, row + 3, 0, 6),
    )
    wanted = [f"=B{row + 3}*2", f"=$A{row + 3}+B${row + 1}"]
    return compare("moved along", formulas=(wanted, [found.typed(scratch.rows, row + 2, column) for column in target]))


def values(scratch: Scratch) -> Seen:
    """See that a copy of values takes results and exact texts, and nothing else of the place where it lands."""
    row, columns = scratch.block(2), range(5)
    texts = ["000", "'=1+1", "1e5", "2026-01-02"]
    here = (scratch.rows, row, row + 2, 0, 5)
    fill = [
        _values(scratch, row, 0, [*texts, f"=LEN(A{row + 1})+20"]),
        _values(scratch, row + 1, 0, [1.0] * 5, userEnteredFormat=_MONEY, note="a person's note"),
    ]
    before = scratch.apply(fill, here)
    paste = copy(_row(scratch, row, columns), _row(scratch, row + 1, columns), "PASTE_VALUES")
    found = scratch.apply([paste], here)

    def kept(answer: Answer) -> list[dict[str, Any]]:
        return _of_people(answer, scratch.rows, row + 1, columns)

    return compare(
        "texts stay texts, formats and notes stay",
        values=([*texts, 23], [found.typed(scratch.rows, row + 1, column) for column in columns]),
        prepared=("a person's note", before.cell(scratch.rows, row + 1, 0).get("note")),
        around_them=(_without_values(kept(before)), _without_values(kept(found))),
    )


def _without_values(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{part: found for part, found in cell.items() if part != "userEnteredValue"} for cell in cells]


def onto_itself(scratch: Scratch) -> Seen:
    """See that copying cells onto themselves, which proves the right to write there, changes nothing."""
    row, people = scratch.block(1), range(3)
    here, cells = (scratch.rows, row, row + 1, 0, 3), _row(scratch, row, people)
    before = _of_people(scratch.apply(_peoples(scratch, row), here), scratch.rows, row, people)
    after = _of_people(scratch.apply([copy(cells, cells, "PASTE_NORMAL")], here), scratch.rows, row, people)
    return compare("nothing changed", prepared=(True, _has_all(before)), cells=(before, after))


def filtered(scratch: Scratch) -> Seen:
    """See that copies reach a row that a filter hides, from it and to it."""
    first = scratch.block(4)
    rows, there = (first + 1, first + 4), region(scratch.work_id, first, first + 3, 0, 1)
    listed = {"range": region(scratch.rows_id, first, first + 4, 0, 1), "criteria": {"0": {"hiddenValues": ["two"]}}}
    scratch.apply([
        *(_values(scratch, first + at, 0, [word]) for at, word in enumerate(["Word", "one", "two", "three"])),
        {"setBasicFilter": {"filter": listed}},
    ])  # fmt: skip
    results = region(scratch.rows_id, *rows, 1, 2)
    found = scratch.apply(
        [
            copy(region(scratch.rows_id, *rows, 0, 1), there, "PASTE_NORMAL"),
            copy(there, results, "PASTE_VALUES"),
            {"clearBasicFilter": {"sheetId": scratch.rows_id}},
        ],
        (scratch.rows, *rows, 0, 2),
        (scratch.work, first, first + 3, 0, 1),
    )
    words = ["one", "two", "three"]
    return compare(
        "reached",
        copied_from_them=(words, [found.value(scratch.work, first + at, 0) for at in range(3)]),
        copied_to_them=(words, [found.value(scratch.rows, first + 1 + at, 1) for at in range(3)]),
    )


def beyond_grid(scratch: Scratch) -> Seen:
    """See that a copy of rows that are not there any more is refused, in words that name the grid."""
    far = region(scratch.rows_id, ROWS + 50, ROWS + 51, 0, 1)
    cell = region(scratch.work_id, 0, 1, 0, 1)
    wrong = [
        refusal(partial(scratch.apply, [copy(source, to, "PASTE_NORMAL")]), SheetError, "grid")
        for source, to in ((far, cell), (cell, far))
    ]
    said = "; ".join(filter(None, dict.fromkeys(wrong)))
    return Seen(not said, said or "refused")


def field_mask(scratch: Scratch) -> Seen:
    """See that ``fields=userEnteredValue`` leaves formats, notes and validation alone, and that no value empties a cell."""
    row, people = scratch.block(1), range(3)
    here = (scratch.rows, row, row + 1, 0, 3)
    before = _of_people(scratch.apply(_peoples(scratch, row), here), scratch.rows, row, people)
    found = scratch.apply([put(scratch.rows_id, row, 0, [["3", "", "=A1"]])], here)
    texts = [found.cell(scratch.rows, row, column).get("userEnteredValue") for column in people]
    return compare(
        "only values changed",
        prepared=(True, _has_all(before)),
        values=([{"stringValue": "3"}, None, {"stringValue": "=A1"}], texts),
        around_them=(_without_values(before), _without_values(_of_people(found, scratch.rows, row, people))),
    )


def spill(scratch: Scratch) -> Seen:
    """See what becomes of a formula that fills other cells: an error while something stands in its way, then as before."""
    row = scratch.block(4)
    here = (scratch.rows, row, row + 3, 0, 2)
    source = f"A{row + 1}:A{row + 3}"
    fill = [_values(scratch, row + at, 0, [float(at + 1)]) for at in range(3)]
    before = scratch.apply([*fill, _values(scratch, row, 1, [f"=ARRAYFORMULA({source}*10)"])], here)
    hit = scratch.apply([put(scratch.rows_id, row + 1, 1, [["x"]])], here)
    after = scratch.apply([put(scratch.rows_id, row + 1, 1, [[""]])], here)
    column = [[found.value(scratch.rows, row + at, 1) for at in range(3)] for found in (before, hit, after)]
    return compare(
        "an error while a cell is in its way, then as before",
        at_first=([10.0, 20.0, 30.0], column[0]),
        typed=(None, before.typed(scratch.rows, row + 1, 1)),
        in_its_way=(["REF", "x", None], column[1]),
        at_the_end=([10.0, 20.0, 30.0], column[2]),
    )


def insert_and_delete(scratch: Scratch) -> Seen:
    """See that columns which a batch inserts, names and deletes leave all as it was: so a campaign tries whether it may."""
    row = scratch.block(1)
    columns = {"sheetId": scratch.rows_id, "dimension": "COLUMNS", "startIndex": COLUMNS - 1, "endIndex": COLUMNS}
    kept = [None, 5.0, f"=S{row + 1}+1"]
    found = scratch.apply(
        [
            _values(scratch, row, COLUMNS - 2, kept[1:]),
            {"insertDimension": {"range": columns, "inheritFromBefore": False}},
            put(scratch.rows_id, row, COLUMNS - 1, [["Status"]]),
            {"deleteDimension": {"range": columns}},
        ],
        (scratch.rows, row, row + 1, COLUMNS - 3, COLUMNS),
    )
    return compare(
        "nothing changed",
        cells=(kept, [found.typed(scratch.rows, row, column) for column in range(COLUMNS - 3, COLUMNS)]),
    )


def insert(scratch: Scratch) -> Seen:
    """See that columns are inserted where the own columns go, and that what stands right of them moves along."""
    row = scratch.block(1)
    columns = {"sheetId": scratch.rows_id, "dimension": "COLUMNS", "startIndex": COLUMNS - 2, "endIndex": COLUMNS - 1}
    last = {**columns, "startIndex": COLUMNS + 1, "endIndex": COLUMNS + 2}
    found = scratch.apply(
        [
            _values(scratch, row, COLUMNS - 2, [5.0, f"=S{row + 1}+1"]),
            {"insertDimension": {"range": columns, "inheritFromBefore": False}},
            {"insertDimension": {"range": last, "inheritFromBefore": True}},
            put(scratch.rows_id, row, COLUMNS + 1, [["Status"]]),
        ],
        (scratch.rows, row, row + 1, COLUMNS - 3, COLUMNS + 2),
    )
    return compare(
        "inserted, formulas follow",
        cells=(
            [None, 5.0, f"=T{row + 1}+1", "Status"],
            [found.typed(scratch.rows, row, column) for column in range(COLUMNS - 2, COLUMNS + 2)],
        ),
    )
