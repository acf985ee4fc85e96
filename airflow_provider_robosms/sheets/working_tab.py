"""What a campaign's hidden working tab holds, and how it is laid out.

Row 1, column A: the record (JSON). Row 2: the intents, packed into as few cells as 50,000 characters a cell allow. From row 3
on a block for each batch that is not settled: five rows with the first rows of the recipients' tab at that instant, the
header among them, and in column A where the own columns were; then one row for each row of the recipients' tab written::

    A          B … G            H …                                         six columns right of these
    [key, row] what is written  the whole row the instant before, as values  what stood there before

What stood there is copied with formulas and formats (``copyPaste``), so that it can be put back as it was. References in a
formula move along with it, and one that would point left of column A is lost; so images stand at least as far to the right
as any cell of the row that they were taken from, and the tab is wide enough for what lies right of these.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from ..campaign.owner import Owner
from ..recipients.columns import OWNED, TOP_ROWS
from ..spreadsheet.cells import text_of

OWN = len(OWNED)
#: Columns of the working tab, from 0.
VALUES, SEEN = 1, 1 + OWN
#: Rows of the working tab, from 0.
LOG, HEAD = 2, TOP_ROWS
_HASH_CHARS = 12
_HASHES_A_CELL = 4000  # 48,000 of the 50,000 characters that a cell may hold


def key_hash(key: str) -> str:
    """Return what names a recipient in the working tab: twelve characters, the same for every run."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=9, person=b"robosms-row")
    return urlsafe_b64encode(digest.digest()).decode()


@dataclass
class Record:
    """The first cell of a lock's or a working tab.

    :param spreadsheet: key of the spreadsheet; a copy of the file holds tabs of another one.
    :param journal: what names the journal in Airflow's task state that knows more than the intents do; blank for none.
    :param holder: drawn by each process that holds the tab: what it sent itself it need not doubt.
    :param since: when the lock was taken, in seconds since the epoch.
    :param left: titles of dead holders' tabs that this campaign has not settled yet.
    :param identity: the column by which recipients are known, blank for Phone: the hashes name no one by another.
    :param end: index of the row where the log ends; what stands below is of settled batches, and says nothing any more.
    :param alone: of a lock: only this partition may write, until what any of them has hit is put right.
    :param freed: of a lock: when all was last put right, in seconds since the epoch.
    """

    spreadsheet: str
    owner: Owner
    journal: str = ""
    holder: str = ""
    since: int = 0
    left: list[str] = field(default_factory=list)
    identity: str = ""
    end: int = LOG
    alone: bool = False
    freed: int = 0

    def text(self) -> str:
        """Return the cell's content."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def parse(cls, text: Any) -> Record | None:
        """Read the cell; None when it is not one of ours."""
        try:
            found = json.loads(str(text))
            return cls(**{**found, "owner": Owner(**found["owner"])})
        except (ValueError, TypeError, KeyError):
            return None


class LoggedCell(NamedTuple):
    """A cell that was put back: its column's index, header, which of those so named from the left, and if it is a formula."""

    column: int
    name: str
    nth: int | str
    formula: bool


@dataclass(frozen=True)
class Logged:
    """One row of the log: a write to one row of the recipients' tab.

    :param key: hash of the recipient that was meant; blank when the row has none.
    :param row: index of the row that was written.
    :param cells: what was put back; none for a result.
    """

    key: str
    row: int
    cells: list[LoggedCell]

    def text(self) -> str:
        """Return the cell in column A."""
        return json.dumps([self.key, self.row, self.cells], separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def parse(cls, text: Any) -> Logged | None:
        """Read the cell; None when it holds no such row."""
        try:
            key, row, cells = json.loads(str(text))
            return cls(key, row, [LoggedCell(*cell) for cell in cells])
        except (ValueError, TypeError):
            return None


def images_at(width: int) -> int:
    """Return the first column of the images in a block.

    :param width: cells of the recipients' rows that the block copies.
    """
    return SEEN + width


def columns_for(width: int) -> int:
    """Return how many columns a working tab needs for such a block."""
    return images_at(width) + OWN + width


class Head(NamedTuple):
    """Column A of a block's first row.

    :param places: where the batch wrote the own columns.
    :param images: where its images begin.
    :param columns: names the columns for which it was made, see :func:`columns_hash`.
    :param batch: its number.
    """

    places: list[int]
    images: int
    columns: str
    batch: int

    def text(self) -> str:
        """Return the cell."""
        return json.dumps(self._asdict())

    @classmethod
    def parse(cls, text: Any) -> Head | None:
        """Read such a cell; None when it is none."""
        try:
            found = cls(**json.loads(str(text)))
            return found._replace(places=[int(place) for place in found.places], images=int(found.images))
        except (ValueError, TypeError, KeyError):
            return None


def columns_hash(header: Sequence[Any]) -> str:
    """Return what names columns in this order."""
    return key_hash(json.dumps([text_of(cell).strip() for cell in header]).rstrip('", []'))


def pack(hashes: Iterable[str]) -> list[str]:
    """Return the intents as cells of row 2."""
    them = list(hashes)
    return ["".join(them[at : at + _HASHES_A_CELL]) for at in range(0, len(them), _HASHES_A_CELL)] or [""]


def unpack(cells: Sequence[Any]) -> set[str]:
    """Return the hashes that :func:`pack` put into cells."""
    text = "".join(cell for cell in cells if isinstance(cell, str))
    return {text[start : start + _HASH_CHARS] for start in range(0, len(text), _HASH_CHARS)}
