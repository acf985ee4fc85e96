"""Why rows are left out, counted by kind, in lists that stay short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

#: Kinds that are shown one by one; a sheet in which every row has its own reason needs no longer list.
SHOWN = 10
#: Kinds that are counted one by one.
COUNTED = 200
OTHERS = "other reasons"
#: Rows of one kind that are named.
ROWS_NAMED = 10

#: How a reason begins that differs from row to row -> its kind.
_KINDS = {"duplicate of row": "duplicate", "not due until": "not due yet", "too long": "too long"}
_LONGEST = 200


def kind_of(reason: str) -> str:
    """Return the kind of a reason: one line, without what differs from row to row."""
    for start, kind in _KINDS.items():
        if reason.startswith(start):
            return kind
    return " ".join(reason[:_LONGEST].split())


def count(counts: Counter[str], reason: str, rows: dict[str, list[int]] | None = None, row: int = 0) -> None:
    """Count a row's reason by its kind; beyond 200 kinds, all further ones together.

    :param rows: kind -> numbers of its first rows, to which *row* is added.
    """
    kind = kind_of(reason)
    kind = kind if kind in counts or len(counts) < COUNTED else OTHERS
    counts[kind] += 1
    if rows is not None and len(named := rows.setdefault(kind, [])) < ROWS_NAMED:
        named.append(row)


def shown(counts: Mapping[str, int], most: int = SHOWN) -> list[tuple[str, int]]:
    """Return (kind, rows), the most frequent first and at most *most* of them; a last one says how many more there are."""
    ranked = sorted(counts.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0]))
    if len(ranked) <= most:
        return ranked
    head, tail = ranked[: most - 1], ranked[most - 1 :]
    return [*head, (f"{len(tail)} {OTHERS}", sum(number for _, number in tail))]
