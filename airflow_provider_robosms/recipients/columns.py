"""Which column is which: found by header, wherever a person has moved it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..sms.merge import Headers, asks, bare_header, clip, counts, without_ticks
from ..spreadsheet.a1 import column_letters
from ..spreadsheet.cells import at, exact_text, text_of
from ..spreadsheet.errors import SheetError
from .protecting import KNOWN, PROTECTING, SEND, column_resembling, looks_like, may_be_content

#: The tool's own columns, in the order in which they are created. It writes no others.
OWNED = ("Status", "Code", "Message ID", "Parts", "Sent At", "Detail")

#: Places in OWNED.
STATUS, DETAIL = 0, 5

#: Among so many first rows the header is looked for while people insert rows above it.
TOP_ROWS = 5

#: The content of a row's own columns, in the order of OWNED.
Cells = tuple[str, ...]

_BLANK: Cells = ("",) * len(OWNED)
_TEXTS = ("Message", "Body")
#: A tick beside one of these may decorate the texts, or head a choice.
_OF_TEXTS = frozenset({"message", "messages", "msg", "text", "sms"})
#: They name a text or a person, so that a tick beside their name decorates it.
_TICKED = ("Template", "ID", "Phone", "Name", "Body")
#: What stands in these columns, which a tab may be without.
_HOLDING = {"Message": "the texts", "Template": "the names of templates", "ID": "the IDs"}


class Header(NamedTuple):
    """A column by its header, and which of those with that header from the left: people's headers may repeat.

    One without a header is known by its neighbour: which it is behind which column, as text.
    """

    name: str
    nth: int | str


class Columns:
    """The header row of a tab.

    :param tab: the tab's title, for sentences.
    :param header: the values of row 1.
    """

    def __init__(self, tab: str, header: Sequence[Any]) -> None:
        self.tab = tab
        self.header = [text_of(value).strip() for value in header]
        #: For the tags of templates.
        self.tags = Headers(self.header)
        self.owned = [self._owned(name) for name in OWNED]
        self._first = min(self.owned_places, default=len(self.header))

    def _owned(self, name: str) -> int | None:
        # What a person calls "Code #" must not be taken for ours and overwritten. A Status with a mark too many must:
        # without it, everybody would be texted again.
        places = self.tags.places(name) if name == OWNED[STATUS] else self.tags.exactly(name)
        return places[0] if places else None

    def only(self, name: str) -> int | None:
        """Return the index of the only column of that name; None when there is none or several."""
        places = self.tags.places(name)
        return places[0] if len(places) == 1 else None

    def one(self, name: str) -> int | None:
        """Return the index (from 0) of the column of that name, or None.

        :raises SheetError: when there are several: reading one of them would be a guess.
        """
        places = self.tags.alike(name) if name in PROTECTING else self._named(name)
        if len(places) > 1:
            letters = " and ".join(column_letters(index) for index in places[:3])
            raise SheetError(
                f"Tab {self.tab!r} has {len(places)} columns named {name!r} ({letters}): rename all but one.",
                permanent=True,
            )
        return places[0] if places else None

    def _named(self, name: str) -> list[int]:
        """Return the columns of that name.

        ``Message?`` and ``Message ✓`` are not Message: what asks holds a yes or no, and would be texted. Nor is
        ``Message #``, which counts.

        :raises SheetError: when such a sign is all that keeps one from being Message, Template or ID: what stands in it would
            be ignored, and other texts sent.
        """
        exact, alike = self.tags.exactly(name), self.tags.alike(name)
        found = exact or [
            place
            for place in alike
            if not asks(without_ticks(self.header[place]) if name in _TICKED else self.header[place])
            and not (name in _TEXTS and counts(self.header[place]))
        ]
        if alike and not found and name in _HOLDING:
            raise SheetError(
                f"Column {column_letters(alike[0])} of tab {self.tab!r} is named {clip(self.header[alike[0]])!r}, which is "
                f"not taken for {name!r} and would be ignored: rename it to {name!r} if it holds {_HOLDING[name]}, or give "
                "it a name that cannot be confused with that.",
                permanent=True,
            )
        return found

    def need(self, name: str, below: Sequence[Sequence[Any]] = ()) -> int:
        """Return the index of the column of that name.

        :param below: the rows below row 1, in the first of which the header may stand by mistake.
        :raises SheetError: when there is none; the sentence names the columns there are.
        """
        place = self.one(name)
        if place is None:
            for number, row in enumerate(below[: TOP_ROWS - 1], start=2):
                # A lone "Phone" may well be what somebody answered.
                if (
                    (there := Columns(self.tab, row)).only(name) is not None
                    and sum(there.only(one) is not None for one in KNOWN) > 1
                    and not any(self.only(one) is not None for one in KNOWN)
                ):
                    above = "row 1" if number == 2 else f"rows 1 to {number - 1}"
                    raise SheetError(
                        f"Tab {self.tab!r} has its header, with {clip(name)!r}, in row {number}, and it must be row 1: "
                        f"delete the rows above it ({above}).",
                        permanent=True,
                    )
            found = ", ".join(clip(header) for header in self.header[:20] if header) or "none: row 1 is empty"
            raise SheetError(
                f"Tab {self.tab!r} has no column {clip(name)!r} (columns found: {found}): add it, or rename the right one.",
                permanent=True,
            )
        return place

    def check_protecting(self, tags: Iterable[str] = ()) -> None:
        """See that no column looks like one that protects people without being it.

        :param tags: of the texts that may be sent: a column that is one of them holds words to tell people.
        :raises SheetError: when one does: what stands in it would be ignored, and somebody texted, or texted at once.
        """
        told = {place for tag in tags for place in self.tags.places(tag) if may_be_content(self.header[place])}
        header = ["" if place in told else name for place, name in enumerate(self.header)]
        found = [(name, column_resembling(header, name)) for name in PROTECTING]
        # Without its Status everybody would be texted again.
        status = OWNED[STATUS]
        found.append((status, next((at for at, text in enumerate(self.header) if looks_like(text, status)), None)))
        for name, place in found:
            if place is not None:
                text = self.header[place]
                how = " (its letters only look like these)" if looks_like(text, name) else ""
                if name == SEND and bare_header(text) in _OF_TEXTS:
                    raise SheetError(
                        f"Column {column_letters(place)} of tab {self.tab!r} is named {clip(text)!r}, which may be meant for "
                        f"'Message' or for {SEND!r} and would be ignored: rename it to 'Message' if it holds the texts, to "
                        f"{SEND!r} if it holds a choice.",
                        permanent=True,
                    )
                raise SheetError(
                    f"Column {column_letters(place)} of tab {self.tab!r} is named {clip(text)!r}, which may be meant for "
                    f"{name!r} but would be ignored{how}: name it {name!r}, or give it a name that cannot be confused with "
                    "that.",
                    permanent=True,
                )

    @property
    def missing(self) -> list[str]:
        """The tool's own columns that the tab does not have."""
        return [name for name, place in zip(OWNED, self.owned, strict=True) if place is None]

    @property
    def owned_places(self) -> list[int]:
        """The indexes of the tool's own columns, in the order of OWNED; only once none is missing."""
        return [place for place in self.owned if place is not None]

    def cells(self, row: Sequence[Any]) -> Cells:
        """Return the content of the tool's own columns in *row*, as text; blank where the column is missing."""
        if len(row) <= self._first:  # most rows, before their campaign: Google leaves blank ends of rows out
            return _BLANK
        return tuple(exact_text(at(row, place)) for place in self.owned)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Columns) and (self.tab, self.header) == (other.tab, other.header)

    __hash__ = None  # type: ignore[assignment]  # it holds lists


def check_own_columns(columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """See that the tool's columns are the tool's, before anything is written into them.

    :raises SheetError: when there is no Status column yet, but another column of ours holds data: it is somebody's own; or
        when there are two Status columns: which of them tells who was texted would depend on their order.
    """
    columns.one(OWNED[STATUS])
    if columns.owned[STATUS] is not None:
        return
    for name, place in zip(OWNED, columns.owned, strict=True):
        if place is not None and any(at(row, place) not in (None, "") for row in rows):
            raise SheetError(
                f"Tab {columns.tab!r} has a column {name!r} of its own with content, and the results would overwrite it: "
                f"rename that column, because {', '.join(OWNED)} are written by this task.",
                permanent=True,
            )


def headers(header: Sequence[Any]) -> list[Header]:
    """Return what each column is known by."""
    seen: Counter[str] = Counter()
    found, left = list[Header](), ""
    for cell in header:
        name = text_of(cell).strip()
        group = name or f"\0{left}"
        found.append(Header(name, seen[group] if name else f"{seen[group]} behind {left}"))
        left = f"{name} {seen[group]}" if name else left
        seen[group] += 1
    return found


def find_header(rows: Sequence[Sequence[Any]]) -> int | None:
    """Return which of the first rows is the header: the first that names a Phone column."""
    return next((at for at, row in enumerate(rows[:TOP_ROWS]) if Columns("", row).only("Phone") is not None), None)
