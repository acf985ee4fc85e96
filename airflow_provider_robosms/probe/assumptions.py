"""All that the sheet protocol assumes of Google, each with a look at it and with what it means when it does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..sheets.lock import LAG
from ..spreadsheet.errors import SheetError, SheetUnavailable
from . import copying, locking, reading
from .scratch import Scratch, Seen

_DO_NOT_SEND = "Do not send from sheets"
_ALONE = "Send only while nobody sorts, inserts, deletes or moves anything in the sheet"


@dataclass(frozen=True)
class Assumption:
    """One line of the probe.

    :param text: what is assumed.
    :param means: what does not work when it does not hold, and what to do then.
    """

    text: str
    means: str
    look: Callable[[Scratch], Seen]


def assumptions(trials: int) -> list[Assumption]:
    """Return all of them, in the order in which they are looked at.

    :param trials: how often the lag of reads is measured.
    """
    return [
        Assumption(
            "The answer of a batch shows the cells as that batch left them",
            f"a write that hit another row is not noticed. {_ALONE}",
            reading.echo,
        ),
        Assumption(
            "That answer holds the ranges that were asked for, and no other tab",
            f"what a write hit cannot be told. {_DO_NOT_SEND}",
            reading.only_asked,
        ),
        Assumption(
            "It can show a whole row, a whole column and a whole tab",
            "campaigns do not start. Nothing is sent",
            reading.whole_lines,
        ),
        Assumption(
            "A batch that should show a tab of another title is refused",
            "a campaign may stop when somebody renames its tab. Rename no tab while a campaign runs",
            reading.no_such_title,
        ),
        Assumption(
            "An answer for which no range is asked lists all tabs, hidden ones too, as the batch left them",
            "what partitions of a campaign write into other rows may not be put back. Set partitions to 1",
            reading.all_tabs,
        ),
        Assumption(
            "A tab can be added hidden, in a size and under an id of our choice",
            f"there is no lock. {_DO_NOT_SEND}",
            locking.hidden,
        ),
        Assumption(
            "A second tab of the same title is refused, with its whole batch",
            f"two campaigns may text the same people. {_DO_NOT_SEND}",
            locking.same_title,
        ),
        Assumption(
            "A second tab of the same id is refused, with its whole batch",
            f"a campaign that lost its lock may write. {_DO_NOT_SEND}",
            locking.same_id,
        ),
        Assumption(
            "A batch that names a deleted tab by its id is refused as a whole",
            f"a campaign that lost its lock may write. {_DO_NOT_SEND}",
            locking.dead_id,
        ),
        Assumption(
            "One batch may delete a tab and add another of its title, and add and delete one",
            f"a dead run's lock cannot be taken over. {_DO_NOT_SEND}",
            locking.same_batch,
        ),
        Assumption(
            "One batch copies a tab under a new id, hides the copy and deletes the old one",
            f"what a dead run may have sent is lost. {_DO_NOT_SEND}",
            locking.takeover,
        ),
        Assumption(
            "One batch gives a tab a new id under the title that it has, and keeps what stands in it",
            f"a dead run's lock cannot be taken over, or what it lists is lost. {_DO_NOT_SEND}",
            locking.relock,
        ),
        Assumption(
            "What batches append to a tab stands below all its rows, in the order of the batches",
            f"of several writes that hit a cell, a wrong one may be put back. {_ALONE}",
            locking.appended,
        ),
        Assumption(
            "A tab grows without losing what it holds",
            f"what is to be put back may be lost. {_ALONE}",
            locking.resize,
        ),
        Assumption(
            "A cell takes 48,000 characters",
            "large campaigns do not start. Set limit to 1,000",
            locking.large_cell,
        ),
        Assumption(
            "Cells that are copied away and overwritten can be put back exactly",
            f"people's formulas, formats, notes or validation may be lost. {_ALONE}",
            copying.images,
        ),
        Assumption(
            "References of a copied formula move along, and stay where they have a $",
            f"a formula that is put back may refer to other cells. {_ALONE}",
            copying.relative,
        ),
        Assumption(
            "A copy of values takes results and texts as they are, and changes nothing around them",
            "codes such as 000 may become numbers, or formats change. Send a single row first and look at it",
            copying.values,
        ),
        Assumption(
            "Copying cells onto themselves changes nothing",
            f"a campaign may change people's cells when it begins. {_DO_NOT_SEND}",
            copying.onto_itself,
        ),
        Assumption(
            "Copies reach rows that a filter hides",
            "results may be written into other rows than was meant. Remove filters before a campaign",
            copying.filtered,
        ),
        Assumption(
            "A copy beyond the last row is refused, in words that name the grid",
            "a campaign may stop when somebody deletes rows. Run the task again then",
            copying.beyond_grid,
        ),
        Assumption(
            "Writing values leaves formats, notes and validation alone",
            f"people's cells may change. {_DO_NOT_SEND}",
            copying.field_mask,
        ),
        Assumption(
            "A formula that fills other cells recovers once what stood in its way is gone",
            f"lists that formulas make may stay broken. {_ALONE}",
            copying.spill,
        ),
        Assumption(
            "Columns that a batch inserts and deletes again leave all as it was",
            "campaigns may shift people's columns as they begin: make the columns Status, Code, Message ID, Parts, Sent At "
            "and Detail yourself",
            copying.insert_and_delete,
        ),
        Assumption(
            "Columns are inserted where they should be, and formulas follow",
            "make the columns Status, Code, Message ID, Parts, Sent At and Detail yourself",
            copying.insert,
        ),
        Assumption(
            "Cells can be read by the id of their tab, and not of a deleted one",
            "campaigns stop. Nothing is sent twice",
            reading.by_id,
        ),
        Assumption(
            f"A read is less than {LAG:.0f} s late",
            "a run that waits may name rows UNKNOWN, or leave people out, although nothing is wrong with them. Look at them "
            "in the RoboSMS portal",
            lambda scratch: reading.lag(scratch, trials),
        ),
    ]


def look_at_all(scratch: Scratch, trials: int) -> Iterator[tuple[Assumption, Seen]]:
    """Yield each assumption with what was seen; one that cannot be looked at does not stop those after it."""
    for assumption in assumptions(trials):
        try:
            seen = assumption.look(scratch)
        except SheetUnavailable as error:
            seen = Seen(None, f"not known: {error}")
        except SheetError as error:
            seen = Seen(False, f"refused: {error}")
        except Exception as error:  # noqa: BLE001 - an answer of another form than is expected
            seen = Seen(False, f"the answer was not understood ({type(error).__name__})")
        yield assumption, seen
