"""How a campaign begins on a sheet: the lock, and whether the plan still holds at the instant in which it was taken."""

from __future__ import annotations

from collections.abc import Sequence

from ..spreadsheet.errors import TabGone
from .lock import LAG, Busy, Lock
from .plan import SheetPlan
from .working_tab import key_hash


def begin(lock: Lock, plan: SheetPlan, first: Sequence[str], journal: str, width: int = 0) -> Busy | bool:
    """Take the lock; False when the plan does not hold by now. Where nothing is to be sent, nothing is held, either.

    :param first: keys that may be sent at once.
    :param journal: as :meth:`~.plan.SheetPlan.confirm` has it.
    :param width: cells of the widest row.
    :returns: who sends from this tab, when that is another campaign.
    """
    taken = lock.take([key_hash(key) for key in first], plan.columns)
    if isinstance(taken, Busy):
        return taken
    holds = False
    try:
        if plan.confirm(taken, journal):
            lock.insert_columns(taken.header, width)
            holds = True
    except TabGone:
        pass  # another partition has just inserted them, say: all must be read again
    finally:
        if not holds:
            lock.let_go()
    if taken.siblings and not holds:
        lock.sleep(LAG)  # what they put back must be seen when all is read again
    return holds
