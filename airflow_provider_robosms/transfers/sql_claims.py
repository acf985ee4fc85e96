"""Claims in a campaign's table: whose they are, and what becomes of those that have no result."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from ..campaign.message import doubt
from ..campaign.owner import Owner
from ..gateway.outcome import Status
from ..operators.state import kept
from .other_runs import is_over
from .sql_plan import message_key
from .sql_table import CampaignTable

if TYPE_CHECKING:
    from airflow.sdk.types import Logger

    from ..campaign.journal import Memory, Store

#: What another Airflow's run has claimed so long ago is not being sent any more (seconds).
_LONGEST_RUN = 24 * 3600
#: What the column *run* holds: DAG, task, map index, run, the journal with the time at which it was begun, and the try:
#: an old try that still lives must not give back what a new one has claimed.
_CLAIM = re.compile(r"([^/]*)/([^/]*)/(-?\d+)/(.*)#(\d+)-[0-9a-f]+\.[0-9a-f]+", re.DOTALL)


class Earlier:
    """What tries before this one have left in the table.

    :ivar known: keys of messages whose outcome this task's journal knows.
    :ivar unwritten: those of them whose rows do not say so yet, with key and run of the row.
    :ivar doubtful: keys of rows that became UNKNOWN.
    :ivar skipped: rows that this run has left out.
    """

    def __init__(self) -> None:
        self.known: list[str] = []
        self.unwritten: dict[str, tuple[Any, str]] = {}
        self.doubtful: list[Any] = []
        self.skipped = 0


def claim_of(owner: Owner, store: Store | None) -> str:
    """Return what this try writes into the column *run*; up to the dot the same as long as the task's journal lasts."""

    def draw() -> str:
        return f"{int(time.time())}-{secrets.token_hex(6)}"

    journal = draw() if store is None else kept(store, "journal_id", draw)
    return f"{owner.dag}/{owner.task}/{owner.map_index}/{owner.run}#{journal}.{secrets.token_hex(4)}"


def _may_be_sending(run: str | None, owner: Owner, ti: Any) -> bool:
    """Tell whether the try that has claimed rows as *run* may still be sending them.

    :param owner: this task; what an earlier try of it has claimed is not being sent any more.
    """
    found = _CLAIM.fullmatch(run or "")
    if found is None:
        return False
    dag, task, index, run_id, began = found.groups()
    theirs = Owner(dag, run_id, task, int(index))
    if theirs == owner:
        return False
    over = is_over(ti, theirs)
    return time.time() - int(began) < _LONGEST_RUN if over is None else not over


def settle_earlier(log: Logger, table: CampaignTable, owner: Owner, memory: Memory, ti: Any) -> Earlier:
    """Settle what was claimed before this try and has no result.

    What this task's own journal knows is written by the campaign, and what it knows nothing of was certainly not sent.
    What another journal's try has claimed, which is over, may have been sent.

    :param ti: this task's own task instance, by which Airflow is asked about other runs.
    """
    earlier = Earlier()
    mine = table.run.rpartition(".")[0] + "."
    tries = set()
    for key, status, earlier_run in table.claimed_as(mine):
        tries.add(earlier_run)
        if memory.settles(message_key(key)):
            earlier.known.append(message_key(key))
        elif status == Status.SKIPPED.value:
            earlier.skipped += 1
    table.adopt(tries)
    unsent: list[tuple[Any, str]] = []
    by_run: dict[str | None, list[Any]] = {}
    for key, run in table.claimed():
        if run is None or not run.startswith(mine):
            by_run.setdefault(run, []).append(key)
        elif memory.settles(message_key(key)):
            earlier.unwritten[message_key(key)] = (key, run)
        else:
            unsent.append((key, run))
    table.release(unsent)
    for run, keys in by_run.items():
        if _may_be_sending(run, owner, ti):
            log.info("Left alone %s rows that another run is sending.", f"{len(keys):,}")
        else:
            earlier.doubtful += keys
            table.doubt([(key, run) for key in keys], doubt("crash", time.time()).detail)
    if earlier.doubtful:
        log.warning(
            "%s rows were claimed by a run that is over, and have no result: they may have been sent and are UNKNOWN now. "
            "Look for them in the RoboSMS portal, then set the status of those to resend to NULL.",
            f"{len(earlier.doubtful):,}",
        )
    return earlier
