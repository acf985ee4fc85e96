"""What cells of the recipients' tab shall hold, where those cells are now, and what a batch has really hit.

One entry a cell: (row by key, column by header) -> a value, or an image of what stood there. An entry whose row and column
were the meant ones at the instant of the write leaves; a cell that was hit instead gets its image as an entry, unless it has
one already. Nothing here talks to Google.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..recipients.columns import DETAIL, OWNED, Cells, Columns, Header, headers
from ..recipients.own_cells import Row, is_free
from ..recipients.refs import ref, ref_in
from ..spreadsheet.cells import at as cell_at
from ..spreadsheet.cells import text_of
from .hits import Hit, Image, Rows, Source, recognise

#: Columns beyond the last header that are copied along with a row.
_SPARE = 8
KeyOf = Callable[[Columns, Sequence[Any]], "str | None"]


@dataclass
class Op:
    """One row that a batch writes: all own cells of a result, or cells that get their images back.

    :param place: index of the row in the tab.
    :param columns: indexes of the columns, one for each cell.
    """

    row: Row
    place: int
    columns: list[int]
    values: Cells | None = None
    images: list[tuple[Header, Image]] = field(default_factory=list)

    @property
    def writes(self) -> list[str | None]:
        """What each cell shows then; None when that depends on the cell, or is not known."""
        return list(self.values) if self.values is not None else [image.shown for _, image in self.images]


@dataclass
class Written:
    """What a batch's own copies show of one row that it wrote.

    :param header, seen: the header and the row at that instant, before the write.
    :param sources: where each cell's image is.
    :param before: the values of these images.
    :param moved: whether the columns were others by then than those for which formulas were made.
    """

    op: Op
    header: Sequence[Any]
    seen: Sequence[Any]
    sources: Sequence[Source]
    before: Sequence[Any]
    moved: bool


class Look:
    """The recipients' tab as a read showed it; it may be seconds old, so it proposes and never decides.

    :param top: index of the header row.
    :param rows: (index of the row, its cells); cells of columns that were not read are None.
    :param desired: what is wanted: the cells of rows that were hit cannot be relied on.
    :param grid: columns that the tab has; 0 when that is not known.
    :ivar width: cells of a row that a batch copies: some more than there are headers, for columns may be inserted meanwhile.
    """

    def __init__(
        self, columns: Columns, top: int, rows: Rows, key_of: KeyOf, desired: Desired | None = None, grid: int = 0
    ) -> None:
        self.columns, self.top, self.grid = columns, top, grid
        #: The own columns at its right end that are still to be inserted, with the batch.
        self.inserted: list[str] = []
        self.width = max(len(columns.header), min(len(columns.header) + _SPARE, grid))
        self.rows = dict(rows)
        self.where: dict[str, list[int]] = {}
        # What was written right of all headers, while the columns were moved, is put back there.
        self._headers = headers([*columns.header, *[""] * (self.width - len(columns.header))])
        recognised = desired.recognise(columns, self._headers, self.rows.items()) if desired else {}
        self._hits = {hit: place for place, hit in recognised.items()}
        for place, row in self.rows.items():
            key = recognised[place].key if place in recognised else key_of(columns, row)
            if key:
                self.where.setdefault(key, []).append(place)

    def with_own_columns(self, key_of: KeyOf, desired: Desired) -> Look:
        """Return the look that this will be once the missing own columns are inserted, right of all that there is."""
        header, missing = self.columns.header, self.columns.missing
        filled = (at + 1 for row in self.rows.values() for at in range(len(header), len(row)) if row[at] is not None)
        blank = [""] * (max(filled, default=len(header)) - len(header))
        columns = Columns(self.columns.tab, [*header, *blank, *missing])
        found = Look(columns, self.top, self.rows.items(), key_of, desired, self.grid + len(missing))
        found.inserted = missing
        return found

    def cells(self, place: int) -> Cells:
        """Return the own cells of a row."""
        return self.columns.cells(self.rows[place])

    def ranked(self, key: str) -> list[int]:
        """Return the rows of a key: first the one with a result, then as they stand."""
        places = self.where.get(key, [])
        return places if len(places) < 2 else sorted(places, key=lambda place: (is_free(self.cells(place)), place))

    def find(self, row: Row) -> int | None:
        """Return where a row is, or None."""
        places = self.ranked(row.key)
        return places[row.extra] if row.extra < len(places) else None

    def find_hit(self, hit: Hit) -> int | None:
        """Return where a row that was hit is, or None."""
        return self._hits.get(hit, self.find(Row(hit.key)))

    def column(self, header: Header) -> int | None:
        """Return where a column is, or None."""
        return self._headers.index(header) if header in self._headers else None

    def column_of(self, place: int, header: Header, image: Image) -> int | None:
        """Return where a cell that was hit is in its row, or None: a column that had no header is known by what it shows."""
        if not header.name:
            row = [text_of(cell_at(self.rows[place], at)) for at in range(len(self._headers))]
            shown = [at for at, known in enumerate(self._headers) if image.may_be(known, row[at])]
            if len(shown) == 1:
                return shown[0]
        return self.column(header)


class Desired:
    """The entries that do not hold yet.

    :param key_of: returns the key of a row, given the columns.
    """

    def __init__(self, key_of: KeyOf) -> None:
        self.results: dict[Row, Cells] = {}
        self.hits: list[Hit] = []
        self._key_of = key_of

    def __bool__(self) -> bool:
        return bool(self.results or self.hits)

    def want(self, row: Row, values: Cells) -> None:
        """Let the own cells of a row hold *values*; what was to be put back there is not wanted any more."""
        self._forget_images(row)
        self.results[row] = values

    def own_of(self, key: str) -> Cells | None:
        """Return what the own cells of a recipient's row hold once all is put back; None where it was not hit."""
        return next((hit.own() for hit in self.hits if hit.key == key), None)

    def landed(self, row: Row) -> None:
        """Take in that a row's own cells hold what they shall."""
        self._forget_images(row)
        self.results.pop(row, None)

    def _forget_images(self, row: Row) -> None:
        if row.extra:
            return
        for hit in [hit for hit in self.hits if hit.key == row.key]:
            hit.forget_own()
        self.hits = [hit for hit in self.hits if hit.images]

    def place(self, look: Look, most: int) -> list[Op]:
        """Return what to write, by a look: at most so many rows."""
        ops = list(self._results_of(look, most))
        taken = {(op.place, column) for op in ops for column in op.columns}
        for hit in self.hits:
            place = look.find_hit(hit)
            if place is None:
                continue
            row = [
                (column, header, image)
                for header, image in hit.images.items()
                if (column := look.column_of(place, header, image)) is not None and (place, column) not in taken
            ]
            taken.update((place, column) for column, _, _ in row)
            for start in range(0, len(row), len(OWNED)):
                part = row[start : start + len(OWNED)]
                images = [(header, image) for _, header, image in part]
                ops.append(Op(Row(hit.key), place, [column for column, _, _ in part], images=images))
        return sorted(ops, key=lambda op: (op.values is None, op.place))

    def _results_of(self, look: Look, most: int) -> Iterator[Op]:
        taken: set[int] = set()
        if look.columns.missing:
            return
        columns = look.columns.owned_places
        for row, values in self.results.items():
            place = look.find(row)
            if place is not None and place not in taken and len(taken) < most:
                taken.add(place)
                yield Op(row, place, columns, values)

    def recognise(self, columns: Columns, named: Sequence[Header], rows: Rows) -> dict[int, Hit]:
        """Return which rows of a tab with these columns are rows that were hit: index of the row -> hit."""
        pending = {row.key for row in self.results}

        def told_of(row: Sequence[Any]) -> str | None:
            key = self._key_of(columns, row) or ""
            return None if key in pending else ref(key)

        return recognise(self.hits, named, rows, told_of) if self.hits else {}

    def judge(self, batch: Sequence[Written]) -> list[Op]:
        """Take in what a batch did; return the results all of whose cells were the meant ones."""
        if not batch:
            return []
        end = max((column + 1 for written in batch for column in written.op.columns), default=0)
        named = headers([*batch[0].header, *[""] * (end - len(batch[0].header))])
        then = Columns("", batch[0].header)
        seen = {written.op.place: written.seen for written in batch}
        recognised = self.recognise(then, named, seen.items())
        for place, row in seen.items():
            if place not in recognised:
                key = self._key_of(then, row) or ""
                known = [hit for hit in self.hits if key and hit.key == key and hit not in recognised.values()]
                recognised[place] = known[0] if len(known) == 1 else Hit(key)
            recognised[place].shows_result_of(ref_in(then.cells(row)[DETAIL]))
            recognised[place].saw(named, row)
        return [
            written.op
            for written in batch
            if self._judge_row(written, then, named, recognised[written.op.place]) and written.op.values is not None
        ]

    def _judge_row(self, written: Written, then: Columns, named: Sequence[Header], hit: Hit) -> bool:
        op = written.op
        whole = True
        for at, (column, shows) in enumerate(zip(op.columns, op.writes, strict=True)):
            header = named[column]
            stood = text_of(cell_at(written.before, at))
            header = hit.image_of(header, stood)
            image = Image(written.sources[at], shows, stood, column, named)
            if op.values is not None:
                if hit.key == op.row.key and then.owned[at] == column:
                    continue
            elif (
                hit.key == op.row.key and header == op.images[at][0] and _same(hit.images.get(header), op.images[at][1])
            ):
                if shows is None and written.moved:
                    hit.images[header].ours = None  # its references are those of other columns: it is put back again
                    continue
                rewritten = hit.rewritten(header, stood)
                del hit.images[header]
                hit.holds(header, shows)
                if rewritten:  # that was just overwritten, and comes back
                    hit.images[header] = image
                continue
            whole = False
            if header in hit.images and not hit.rewritten(header, stood):
                hit.images[header].ours = shows  # it has an image already; this is what stands there now
            elif header.name not in OWNED or not any(row.key == hit.key for row in self.results):
                hit.images[header] = image  # else that row's own result is still to be written there
        self.hits = [other for other in self.hits if other is not hit] + ([hit] if hit.images else [])
        if whole and op.values is not None:
            self.landed(op.row)
        return whole


def _same(one: Image | None, other: Image) -> bool:
    return one is not None and (one is other or one.text == other.text)
