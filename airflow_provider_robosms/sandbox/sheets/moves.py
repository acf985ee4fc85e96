"""What inserting, deleting and moving rows or columns does to indexes and to spans of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Span = tuple[int | None, int | None]


def shift_span(shift: Shift, span: Span) -> Span | None:
    """*span* after the change, open ends kept; None when nothing of it is left."""
    start, end = span
    if start is None and end is None:
        return span
    low, high = shift.span(start or 0, 10**9 if end is None else end)
    if low >= high:
        return None
    return (None if start is None else low, None if end is None else high)


@dataclass(frozen=True, slots=True)
class Insert:
    """*count* new ones before index *at*. A span grows only when they are inserted inside it."""

    at: int
    count: int

    @property
    def growth(self) -> int:
        return self.count

    def apply(self, items: list[Any], blank: Any) -> list[Any]:
        return [*items[: self.at], *[blank] * self.count, *items[self.at :]] if self.at < len(items) else items

    def span(self, start: int, end: int) -> tuple[int, int]:
        return start + self.count if start >= self.at else start, end + self.count if end > self.at else end


@dataclass(frozen=True, slots=True)
class Delete:
    """Those from *start* up to and not including *end* are gone."""

    start: int
    end: int

    @property
    def growth(self) -> int:
        return self.start - self.end

    def apply(self, items: list[Any], blank: Any) -> list[Any]:
        return items[: self.start] + items[self.end :]

    def _edge(self, edge: int) -> int:
        return edge if edge <= self.start else max(self.start, edge - (self.end - self.start))

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self._edge(start), self._edge(end)


@dataclass(frozen=True, slots=True)
class Move:
    """Those from *start* to *end* (not included) go before index *to*, counted before the move."""

    start: int
    end: int
    to: int
    growth = 0

    def index(self, index: int) -> int:
        """Where a row (or column) is afterwards."""
        size = self.end - self.start
        if self.start <= index < self.end:
            return index - self.start + (self.to if self.to <= self.start else self.to - size)
        if self.to <= index < self.start:
            return index + size
        if self.end <= index < self.to:
            return index - size
        return index

    def span(self, start: int, end: int) -> tuple[int, int]:
        # A span that the move tears apart becomes the smallest one that holds its two ends.
        ends = sorted((self.index(start), self.index(end - 1)))
        return ends[0], ends[1] + 1

    def apply(self, items: list[Any], blank: Any) -> list[Any]:
        items = items + [blank] * (max(self.end, self.to) - len(items))
        block, rest = items[self.start : self.end], items[: self.start] + items[self.end :]
        at = self.to if self.to <= self.start else self.to - len(block)
        moved = rest[:at] + block + rest[at:]
        while moved and moved[-1] == blank:
            moved.pop()
        return moved


# A change of rows or of columns. ``span`` says where a half-open span of them is afterwards, empty when it is gone; ``apply``
# changes a list of all, in which missing ones at the end are blank; ``growth`` is how many there are more.
Shift: TypeAlias = Insert | Delete | Move
