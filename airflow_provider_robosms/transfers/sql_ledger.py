"""A campaign's book in a database table: claims rows chunk by chunk and writes their results."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, TypeVar

from ..campaign.ledger import Flushed
from ..campaign.message import Message, Outcome
from ..exceptions import DatabaseError, RoboSmsError
from ..gateway.outcome import Status
from .sql_plan import Others, Skip, SqlPlan, number_of
from .sql_table import CampaignTable

if TYPE_CHECKING:
    from airflow.sdk.types import Logger

#: What the database refuses is tried again after so many seconds: a result must not be lost for a lock or a restart.
PAUSES = (0.5, 1.0, 2.0)

Value = TypeVar("Value")


class SqlLedger:
    """Hands out the messages of a plan whose rows it has claimed, and writes results.

    A claim is committed before the run looks for the same number in other rows. So of two runs that claim one number at the
    same moment, at least one sees the other, and gives its row back.

    :param others: looks up who must not be texted, anew for each chunk.
    :param chunk: rows that are claimed at once: what a killed run leaves UNKNOWN where its journal is gone.
    :param unwritten: key of a message -> key and run of a row that an earlier try has claimed: its journal has the result.
    """

    tracks_delivery = False

    def __init__(
        self,
        table: CampaignTable,
        plan: SqlPlan,
        others: Callable[[], Others],
        *,
        chunk: int,
        zone: tzinfo,
        log: Logger,
        unwritten: Mapping[str, tuple[Any, str]],
    ) -> None:
        self.chunk = chunk
        #: Rows that were planned and are not sent by this run, by reason.
        self.dropped: Counter[str] = Counter()
        #: Rows whose numbers were opted out or texted after the plan was made.
        self.skips: list[Skip] = []
        #: Results that found no row.
        self.orphans = 0
        #: Keys of rows that are UNKNOWN.
        self.unknown: set[Any] = set()
        self._table = table
        self._plan = plan
        self._others = others
        self._zone = zone
        self._log = log
        self._queue = deque(plan.messages)
        self._open = dict(unwritten)
        self._results: dict[str, Outcome] = {}
        self._returned: list[str] = []
        self._claiming: list[Any] = []
        self._unwritten_skips = [(skip.key, skip.detail) for skip in plan.skips]

    def flush(self, results: Mapping[str, Outcome], returned: Sequence[str], *, claim: bool, final: bool) -> Flushed:
        """Write results, give back the rows of *returned*, and claim the next chunk; see :class:`.Ledger`."""
        self._results.update(results)
        self._returned += returned
        self._patiently(self._write)
        messages = self._patiently(self._claim) if claim else []
        return Flushed(messages, list(results), exhausted=not self._queue)

    def _write(self) -> None:
        # Of a claim that failed half-way nothing was sent.
        self._table.release((key, self._table.run) for key in self._claiming)
        self._claiming = []
        if self._unwritten_skips:
            self._table.skip(self._unwritten_skips)
            self._unwritten_skips = []
        due = {self._open[name]: outcome for name, outcome in self._results.items() if name in self._open}
        for claim in self._table.write(due, self._sent_at):
            outcome = due[claim]
            self.orphans += 1
            self._log.warning(
                "A result found no row, which was deleted or claimed anew meanwhile: %s, code %s, message id %s.",
                outcome.status,
                outcome.code,
                outcome.message_id,
            )
        for (key, _), outcome in due.items():  # an answer may come after all
            (self.unknown.add if outcome.status is Status.UNKNOWN else self.unknown.discard)(key)
        self._results.clear()
        self._table.release(self._open[name] for name in self._returned)
        self._returned.clear()

    def _claim(self) -> list[Message]:
        batch = [self._queue[index] for index in range(min(self.chunk, len(self._queue)))]
        keys = {self._plan.keys[message.key]: message for message in batch}
        self._claiming = list(keys)
        claimed = {self._name(key): phone for key, phone in self._table.claim(self._claiming)}
        if strange := claimed.keys() - {self._name(key) for key in keys}:
            # Released by the keys that were asked for: the database takes them for the same.
            self._table.release((key, self._table.run) for key in self._claiming)
            self._claiming = []
            raise RoboSmsError(
                f"sql gives keys in another form than the table has them ({len(strange):,} of this chunk), so their rows "
                "could not be told apart and nobody of them was texted: select the key column itself.",
                permanent=True,
            )
        others = self._others()
        admitted: list[Message] = []
        skips: list[Skip] = []
        back: list[tuple[Any, str]] = []
        dropped: Counter[str] = Counter()
        for key, message in keys.items():
            if self._name(key) not in claimed:
                dropped["claimed by another run, settled or deleted meanwhile"] += 1
            elif number_of(claimed[self._name(key)]) != message.to:
                dropped["its number was changed meanwhile"] += 1
                back.append((key, self._table.run))
            elif (against := others.against(key, message.to)) is None:
                admitted.append(message)
            elif against.passing:
                dropped[against.reason] += 1
                back.append((key, self._table.run))
            else:
                skips.append(against)
        self._table.release(back)
        self._table.skip((skip.key, skip.detail) for skip in skips)
        for _ in batch:
            self._queue.popleft()
        self._claiming = []
        self._open |= {message.key: (self._plan.keys[message.key], self._table.run) for message in admitted}
        self.dropped += dropped
        self.skips += skips
        return admitted

    @staticmethod
    def _name(key: Any) -> str:
        return str(key)

    def _sent_at(self, outcome: Outcome) -> str | None:
        if outcome.status is not Status.SENT or not outcome.at:
            return None
        return datetime.fromtimestamp(outcome.at, self._zone).isoformat(" ", "seconds")

    @staticmethod
    def _patiently(work: Callable[[], Value]) -> Value:
        """Do *work*, which may be done again, until the database takes it.

        :raises RoboSmsError: when it does not; what is to be written is kept.
        """
        for pause in (*PAUSES, None):
            try:
                return work()
            except DatabaseError as error:
                if pause is None:
                    raise RoboSmsError(f"{error} Run the task again.") from None
                time.sleep(pause)
        raise AssertionError("unreachable")
