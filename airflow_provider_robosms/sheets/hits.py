"""Rows in which a batch overwrote cells that were not meant, and how each is known again wherever it is by now.

Nothing of such a row can be relied on by itself: its number may be what was overwritten, people sort and move, and it may be
hit again while it is being put right. But all that it must show just now is known: what its batch copied the instant before,
and what was written over it. So a row is what most of its cells say, never where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..recipients.columns import DETAIL, OWNED, Cells, Header
from ..recipients.refs import ref, ref_in
from ..spreadsheet.cells import at as cell_at
from ..spreadsheet.cells import text_of

#: Index of a row in the tab, and its cells.
Rows = Iterable[tuple[int, Sequence[Any]]]
_DETAIL = Header(OWNED[DETAIL], 0)
#: Cells that more rows share do not help to find one.
_FEW = 32


class Source(NamedTuple):
    """A cell of a working tab that holds an image."""

    sheet_id: int
    row: int
    column: int


@dataclass
class Image:
    """What stood in a cell that was hit by mistake.

    :param ours: the text that hit it: when something else stands there by now, a person wrote that, and it stays. None when
        that is not known, as of a formula, which shows something else in each place.
    :param text: the image as text.
    :param column, named: where it stood, and what the columns were at that instant.
    :param formula: the image as typed; None while that was not read.
    """

    source: Source
    ours: str | None
    text: str
    column: int
    named: Sequence[Header]
    formula: str | None = None

    def may_be(self, header: Header, shown: str) -> bool:
        """Tell whether a cell may be this one, whose column had no header when it was hit: it shows what hit it."""
        return (not header.name or header not in self.named) and shown == self.ours != ""

    @property
    def shown(self) -> str | None:
        """What a cell shows that this image is put into; None when that depends on the cell."""
        return None if (self.formula or "").startswith("=") else self.text

    def moved_to(self, column: int, place_of: Callable[[Header], int | None]) -> Callable[[int, bool], int] | None:
        """Return where each column that the image's formula may refer to is now; None where plain copying does as well.

        :param column: where the image is put back.
        """

        def now(place: int, fixed: bool) -> int:
            was = place if fixed else place - self.source.column + self.column
            found = place_of(self.named[was]) if 0 <= was < len(self.named) else None
            return was + column - self.column if found is None else found

        alike = all(now(at, True) == at + column - self.column for at in range(len(self.named)))
        return None if alike else now


@dataclass(eq=False)
class Hit:
    """One row that was hit.

    :param key: its recipient; blank for none.
    :param cells: what its cells showed the instant before, by column.
    :param images: what has to be put back, by column.
    :param told: whose result the row showed before it was hit, or since its Detail was put back, by the reference there.
    """

    key: str
    cells: dict[Header, str] = field(default_factory=dict)
    images: dict[Header, Image] = field(default_factory=dict)
    told: str | None = None

    def shows_result_of(self, told: str | None) -> None:
        """Take in whose result the row shows just before a write, by the reference there; None for none.

        When it is the row's own, and was another's or none, somebody else has written it, which may hold the very texts that
        hit the row: what stood there before is out of date.
        """
        detail = self.images.get(_DETAIL)
        left = ref_in(detail.ours or "") if detail else self.told
        if told == ref(self.key) != left:
            self.forget_own()
        if not self.images or told == ref(self.key):
            self.told = told

    def forget_own(self) -> None:
        """Let nothing be put back in its own cells."""
        self.images = {header: image for header, image in self.images.items() if header.name not in OWNED}

    def rewritten(self, header: Header, stood: str) -> bool:
        """Tell whether a cell was written by somebody else since it was hit, so that its image is out of date.

        :param stood: what the cell showed just now.
        """
        return self.images[header].ours not in (None, stood)

    def shows(self) -> list[tuple[Header, str]]:
        """Return the cells by which the row can be found: what people wrote, where it was not hit, else what hit it."""
        theirs = [(header, text) for header, text in self._theirs() if text]
        return theirs or [(header, image.ours or "") for header, image in self.images.items() if image.ours != ""]

    def likeness(self, cells: Mapping[Header, str]) -> tuple[float, float, int]:
        """Return how much of a row is as it must be: of people's cells, of those that were hit, and how many these are.

        A row is its people's cells: what the tool wrote into it says something only where these are blank, as they must be.
        Of two blank rows, the one in which fewer cells were hit may look like a part of the other. Zeros: another row.

        :param cells: what the row shows, filled cells only.
        """
        theirs = _agreement([(text, cells.get(header, "")) for header, text in self._theirs()])
        ours = _agreement([(image.ours, cells.get(header, "")) for header, image in self.images.items()])
        told = (ours if theirs is None else theirs) or 0.0
        return (theirs or 0.0, ours or 0.0, len(self.images)) if told > 0.5 else (0.0, 0.0, 0)

    def filled_in(self, cells: Mapping[Header, str], own: str | None) -> bool:
        """Tell whether a row is this blank one, typed into since: it shows another's result, not its *own* (a reference)."""
        told = ref_in(self.images[_DETAIL].ours or "") if _DETAIL in self.images else None
        shown = all(image.ours == cells.get(header, "") for header, image in self.images.items())
        return not self.key and shown and None not in (own, told) and told != own

    def _theirs(self) -> list[tuple[Header, str]]:
        return [
            (header, text)
            for header, text in self.cells.items()
            if header.name not in OWNED and header not in self.images
        ]

    def own(self) -> Cells:
        """Return what its own cells hold once all is put back."""
        headers_of = [Header(name, 0) for name in OWNED]
        return tuple(self.images[at].text if at in self.images else self.cells.get(at, "") for at in headers_of)

    def image_of(self, header: Header, shown: str) -> Header:
        """Return as which column a cell's image is kept: one that had no header is known by what it shows."""
        if header in self.images and (header.name or self.images[header].ours == shown):
            return header
        alike = [known for known, image in self.images.items() if not known.name and image.may_be(header, shown)]
        return alike[0] if alike else header

    def saw(self, named: Sequence[Header], row: Sequence[Any]) -> None:
        """Take in what the cells show that were not hit; a column without a header says nothing."""
        for place, header in enumerate(named):
            if header.name and header not in self.images:
                self.cells[header] = text_of(cell_at(row, place))

    def holds(self, header: Header, shown: str | None) -> None:
        """Take in what a cell shows that was put back; None when that is not known."""
        self.cells.pop(header, None)
        if shown is not None:
            self.cells[header] = shown
        if header == _DETAIL:
            self.told = ref_in(shown or "")


def recognise(
    hits: Iterable[Hit], named: Sequence[Header], rows: Rows, told_of: Callable[[Sequence[Any]], str | None]
) -> dict[int, Hit]:
    """Return which rows are rows that were hit: index of the row -> hit.

    :param named: the columns of the rows.
    :param told_of: returns whose result a row may show, by the reference; None when it may show another's.
    """
    known_by: dict[tuple[Header, str], list[Hit]] = {}
    for hit in hits:
        for cell in hit.shows():
            known_by.setdefault(cell, []).append(hit)
    found: list[tuple[tuple[float, float, int], int, Hit]] = []
    for place, row in rows:
        cells = {header: text for header, cell in zip(named, row, strict=False) if (text := text_of(cell))}
        lists = [known_by.get((header, known), []) for header, text in cells.items() for known in (text, "")]
        for hit in {hit for alike in lists if len(alike) <= _FEW for hit in alike}:
            likeness = hit.likeness(cells)
            if any(likeness) or hit.filled_in(cells, told_of(row)):
                found.append((likeness, place, hit))
    recognised: dict[int, Hit] = {}
    taken: set[Hit] = set()
    for _, place, hit in sorted(found, key=lambda one: (one[0], -one[1]), reverse=True):
        if place not in recognised and hit not in taken:
            recognised[place] = hit
            taken.add(hit)
    return recognised


def _agreement(cells: Iterable[tuple[str | None, str]]) -> float | None:
    """Return which share of cells show what they must, of those that are filled or should be; None when there are none.

    :param cells: what each must show, None for something of ours that may show anything, and what it shows.
    """
    filled = [(must, now) for must, now in cells if must or now]
    return sum(bool(now) and must in (now, None) for must, now in filled) / len(filled) if filled else None
