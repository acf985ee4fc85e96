"""What cells of the recipients' tab shall hold, where those cells are now, and what a batch has really hit.

One entry a cell: (row by key, column by header) -> a value, or an image of what stood there. An entry whose row and column
were the meant ones at the instant of the write leaves; a cell that was hit instead gets its image as an entry, unless it has
one already. Nothing here talks to Google.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..gateway.outcome import Status
from ..recipients.columns import DETAIL, OWNED, STATUS, Cells, Columns
from ..recipients.refs import ref, ref_in
from ..spreadsheet.cells import at as cell_at
from ..spreadsheet.cells import text_of

KeyOf = Callable[[Columns, Sequence[Any]], "str | None"]


def is_free(cells: Cells) -> bool:
    """Tell whether a row asks for sending: it has no Status, or a SKIPPED that the tool wrote for whatever it was."""
    status = cells[STATUS].strip()
    return not status or (status == Status.SKIPPED.value and ref_in(cells[DETAIL]) is not None)


class Row(NamedTuple):
    """A row by what it is, not by where it is.

    :param key: its recipient; blank for a row without one.
    :param extra: which of several rows with that key, in the order in which they are told apart by :meth:`Look.find`.
    :param trace: reference that a misplaced write left in it; blank when none did.
    """

    key: str
    extra: int = 0
    trace: str = ""


class Header(NamedTuple):
    """A column by its header, and which of those with that header from the left: people's headers may repeat or be blank."""

    name: str
    nth: int


class Source(NamedTuple):
    """A cell of a working tab that holds an image."""

    sheet_id: int
    row: int
    column: int


@dataclass
class Image:
    """What stood in a cell that was hit by mistake.

    :param ours: the text that hit it: when something else stands there by now, a person wrote that, and it stays. None when
        that is not known.
    :param text: the image as text.
    :param formula: the image as typed; None while that was not read.
    :param column, named, seen: where it stood, and what the columns and the row were the instant before.
    """

    source: Source
    ours: str | None
    text: str | None
    column: int = 0
    named: Sequence[Header] = ()
    seen: Sequence[Any] = ()
    formula: str | None = None

    def is_of(self, named: Sequence[Header], row: Sequence[Any]) -> bool:
        """Tell whether most of people's cells of a row are those of the row that was hit."""
        places = {header: place for place, header in enumerate(named)}
        told = [
            (text_of(cell), text_of(cell_at(row, places[header])) if header in places else "")
            for header, cell in zip(self.named, self.seen, strict=False)
            if header.name not in OWNED and text_of(cell)
        ]
        return sum(was == now for was, now in told) * 2 > len(told)

    def moved_to(self, look: Look, column: int) -> Callable[[int, bool], int] | None:
        """Return where each column that the image's formula may refer to is now; None where plain copying does as well.

        :param column: where the image is put back.
        """

        def now(place: int, fixed: bool) -> int:
            was = place if fixed else place - self.source.column + self.column
            found = look.column(self.named[was]) if 0 <= was < len(self.named) else None
            return was + column - self.column if found is None else found

        alike = all(now(at, True) == at + column - self.column for at in range(len(self.named)))
        return None if alike else now


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


def headers(header: Sequence[Any]) -> list[Header]:
    """Return what each column is known by."""
    seen: dict[str, int] = {}
    found = []
    for cell in header:
        name = text_of(cell).strip()
        found.append(Header(name, seen.get(name, 0)))
        seen[name] = seen.get(name, 0) + 1
    return found


class Look:
    """The recipients' tab as a read showed it; it may be seconds old, so it proposes and never decides.

    :param top: index of the header row.
    :param rows: (index of the row, its cells); cells of columns that were not read are None.
    :param known: the keys of all recipients.
    """

    def __init__(
        self,
        columns: Columns,
        top: int,
        rows: Iterable[tuple[int, Sequence[Any]]],
        key_of: KeyOf,
        known: Container[str] = (),
    ) -> None:
        self.columns, self.top = columns, top
        self._known = known
        self.rows = dict(rows)
        self.where: dict[str, list[int]] = {}
        self._keys: dict[int, str] = {}
        for place, row in self.rows.items():
            key = key_of(columns, row)
            if key is not None:
                self.where.setdefault(key, []).append(place)
                self._keys[place] = key
        self._headers = headers(columns.header)

    def cells(self, place: int) -> Cells:
        """Return the own cells of a row."""
        return self.columns.cells(self.rows[place])

    def ranked(self, key: str) -> list[int]:
        """Return the rows of a key: first the one with a result, then as they stand."""

        places = self.where.get(key, [])
        return places if len(places) < 2 else sorted(places, key=lambda place: (is_free(self.cells(place)), place))

    def find(self, row: Row, image: Image | None = None) -> int | None:
        """Return where a row is, or None.

        :param image: what is put back there; by it a row is known whose key was hit.
        """
        places = self.ranked(row.key) if row.key else []
        if not row.trace:
            return places[row.extra] if row.extra < len(places) else None
        if traced := [place for place in places if self.traced(self.rows[place], row.trace)]:
            return traced[0]
        if len(places) == 1:
            return places[0]
        # Its key was hit, or it has none: so it is no row of a recipient that is known.
        lost = [place for place in self.rows if self._keys.get(place, "") not in self._known]
        if row.key and image is not None:
            alike = [place for place in lost if image.is_of(self._headers, self.rows[place])]
            return alike[0] if len(alike) == 1 else None
        for place in lost:
            if self.traced(self.rows[place], row.trace):
                return place
        return self.top if self.traced(self.columns.header, row.trace) else None

    def keyless_with(self, column: int, text: str) -> int | None:
        """Return the first row without a key that shows *text* in a column."""
        rows = ((place, row) for place, row in self.rows.items() if place not in self._keys)
        return next((place for place, row in rows if column < len(row) and text_of(row[column]) == text), None)

    @staticmethod
    def traced(cells: Sequence[Any], trace: str) -> bool:
        """Tell whether a row holds a result that names *trace*."""
        return bool(trace) and any(isinstance(cell, str) and ref_in(cell) == trace for cell in cells)

    def column(self, header: Header) -> int | None:
        """Return where a column is, or None."""
        return self._headers.index(header) if header in self._headers else None


class Desired:
    """The entries that do not hold yet.

    :param key_of: returns the key of a row, given the columns.
    :param known: the keys of all recipients.
    """

    def __init__(self, key_of: KeyOf, known: Container[str]) -> None:
        self.results: dict[Row, Cells] = {}
        self.images: dict[tuple[Row, Header], Image] = {}
        self._key_of, self._known = key_of, known

    def __bool__(self) -> bool:
        return bool(self.results or self.images)

    def want(self, row: Row, values: Cells) -> None:
        """Let the own cells of a row hold *values*; what was to be put back there is not wanted any more."""
        self._forget_images(row)
        self.results[row] = values

    def landed(self, row: Row) -> None:
        """Take in that a row's own cells hold what they shall."""
        self._forget_images(row)
        self.results.pop(row, None)

    def keep_images_in(self, tabs: Container[int]) -> None:
        """Forget the images that stand in other tabs than these."""
        self.images = {cell: image for cell, image in self.images.items() if image.source.sheet_id in tabs}

    def _forget_images(self, row: Row) -> None:
        if self.images and not row.extra:
            for known in [known for known in self.images if known[0].key == row.key and known[1].name in OWNED]:
                del self.images[known]

    def place(self, look: Look, most: int) -> list[Op]:
        """Return what to write, by a look: at most so many rows."""
        ops = list(self._results_of(look, most))
        taken = {(op.place, column) for op in ops for column in op.columns}
        by_row: dict[Row, Op] = {}
        for (row, header), image in self.images.items():
            place, column = look.find(row, image), look.column(header)
            if place is None and column is not None and image.ours and not row.key:
                place = look.keyless_with(column, image.ours)
            if place is None or column is None or (place, column) in taken:
                continue
            taken.add((place, column))
            op = by_row.get(row)
            if op is None or len(op.columns) == len(OWNED):
                op = by_row[row] = Op(row, place, [])
                ops.append(op)
            op.columns.append(column)
            op.images.append((header, image))
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

    def judge(
        self,
        op: Op,
        header: Sequence[Any],
        seen: Sequence[Any],
        images: Sequence[Source],
        before: Sequence[Any],
    ) -> bool:
        """Take in what a batch did to one row; True when all of it was as meant.

        :param header: the header row at the instant of the write.
        :param seen: the row at that instant, before the write.
        :param images: where each cell's image is.
        :param before: the values of these images.
        """
        then = Columns("", header)
        key = self._key_of(then, seen) or ""
        named = headers(header)
        right = all(
            self._meant(op, at, key, seen, then, named, named[column] if column < len(named) else Header("", -1))
            for at, column in enumerate(op.columns)
        )
        if right and op.values is not None:
            self.landed(op.row)
            return True
        if key not in self._known:  # perhaps its key is what was hit before
            key = next((row.key for (row, _), image in self.images.items() if row.key and image.is_of(named, seen)), "")
        hit = Row(key, 0, ref(op.row.key) if op.values is not None else op.row.trace)
        for at, column in enumerate(op.columns):
            now = named[column] if column < len(named) else Header("", column)
            meant = self._meant(op, at, key, seen, then, named, now)
            written = op.values[at] if op.values is not None else op.images[at][1].text
            stood = text_of(before[at])
            if not meant:
                self._keep(hit, now, Image(images[at], written, stood, column, named, seen))
            elif op.values is None:
                header_of, image = op.images[at]
                self.images.pop((op.row, header_of), None)
                if image.ours is not None and stood != image.ours:
                    # A person wrote there since; that was just overwritten, and comes back.
                    self.images[(op.row, header_of)] = Image(images[at], None, stood, column, named, seen)
        return right

    def _meant(
        self, op: Op, at: int, key: str, seen: Sequence[Any], then: Columns, named: Sequence[Header], now: Header
    ) -> bool:
        """Tell whether one cell of a row was the meant one at the instant of the write."""
        if op.values is not None:
            return key == op.row.key and then.owned[at] == op.columns[at]
        header, image = op.images[at]
        if now != header:
            return False
        if op.row.key:
            return key == op.row.key or (key not in self._known and image.is_of(named, seen))
        column = op.columns[at]
        return key not in self._known and (
            Look.traced(seen, op.row.trace) or text_of(cell_at(seen, column)) == image.ours
        )

    def _keep(self, row: Row, header: Header, image: Image) -> None:
        for (other, known), entry in self.images.items():
            if known == header and _same(row, other):
                entry.ours = image.ours  # it has an image already; this is what stands there now
                return
        if header.name in OWNED and any(_same(row, other) for other in self.results):
            return  # that row's own result is still to be written there
        self.images[(row, header)] = image


def _same(one: Row, other: Row) -> bool:
    return one.key == other.key and (bool(one.key) or one.trace == other.trace)
