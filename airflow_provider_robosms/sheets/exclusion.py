"""Of two runs that claim the same row at once, at most one sends (Fischer's mutual exclusion).

Sheets has no compare-and-set. So a claim is read back only after a settling time, in which every claim that was decided on
before has arrived; and a run that needed as long from its look at the sheet to the arrival of its claim does not rely on it
until it is clear that no other run is at work: Airflow knows of none, and none shows in the sheet, for a run that sends
writes results at least every half minute. The same holds for claims of a try that was killed before it had read them back.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable

from ..campaign.journal import Store
from .columns import DETAIL, Cells
from .marks import Run, claimed_at
from .misplaced import other_refs
from .snapshot import Snapshot

#: Between the write of a claim and its read-back (seconds). No shorter than :data:`ARRIVE_WITHIN`.
SETTLE = 4.0
#: The most between a look at the sheet and the arrival of a claim that rests on it (seconds). It is begun in half of that.
ARRIVE_WITHIN = 4.0
#: Claims that arrived later are relied on after so long without a word of another run (seconds): the longest wait for an
#: answer of the portal, :data:`~..campaign.campaign.FLUSH_SECONDS`, and some.
HOLD = 90.0


#: Where the task's state keeps the moments of :class:`Unproven`.
KEY = "unproven"


class Unproven:
    """When claims, skips and releases were written that are not read back yet. It is kept in the task's state, for the next
    try: what a try wrote just before it was killed may stand over another run's claim, or on another person's row.

    :param store: the task's state; None where nothing outlives the process.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        found = str(store.get(KEY) or "") if store else ""
        #: The moments that earlier tries left, as claims tell them.
        self.left = frozenset(filter(None, found.split("|")))
        self._now: set[str] = set()

    def begin(self, moments: Iterable[str]) -> None:
        """Note that something is written now; raises what the task's state raises when it cannot be reached."""
        moments = set(moments)
        if not moments <= self._now:
            self._keep(self.left | self._now | moments)
            self._now |= moments

    def end(self) -> None:
        """Note that all that this try wrote was read back. Should that fail, the next try is more careful than it need be."""
        if self._now:
            with contextlib.suppress(Exception):
                self._keep(self.left)
                self._now.clear()

    def _keep(self, moments: Iterable[str]) -> None:
        if self._store:
            self._store.set(KEY, "|".join(sorted(moments)))


class Exclusion:
    """Knows how old the look at the sheet is, and which of this run's claims may be relied on.

    :param clock: a steady clock.
    """

    def __init__(self, run: Run, clock: Callable[[], float], unproven: Unproven) -> None:
        self._run = run
        self._clock = clock
        self._unproven = unproven
        self._looked_at = 0.0
        self._settled: set[str] = set()
        self._others_before: set[str] = set()
        #: Claims that arrived too late, and when. They stand meanwhile, lest a third run takes such a row for free.
        self.late: dict[str, float] = {}
        #: Whether another run was at work at the first late claim or since.
        self.others_at_work = False

    def looked(self, at: float) -> None:
        """Note when the sheet was looked at last."""
        self._looked_at = at

    @property
    def begin_by(self) -> float:
        """When the write of a claim that rests on the last look must have begun."""
        return self._looked_at + ARRIVE_WITHIN / 2

    def is_old(self, looked_at: float | None = None) -> bool:
        """Tell whether a look is too old to begin a claim's write on it."""
        return self._clock() > (self._looked_at if looked_at is None else looked_at) + ARRIVE_WITHIN / 2

    def arrived(self, keys: Iterable[str], snapshot: Snapshot) -> None:
        """Note that the claims of *keys*, which rest on *snapshot*, have arrived if they ever do."""
        late = self._clock() >= self._looked_at + ARRIVE_WITHIN
        for key in keys:
            self.late.pop(key, None)
            if late:
                self._hold(key, snapshot)

    def _hold(self, key: str, snapshot: Snapshot) -> None:
        if not self.late:
            self._others_before = other_refs(self._run, snapshot)
            self.others_at_work = self._run.others_at_work()
        self.late[key] = self._clock()

    def found(self, key: str, cells: Cells, snapshot: Snapshot) -> None:
        """Note that the claim of *key* stands in the sheet already: one that an earlier try did not read back is held."""
        if key not in self._settled and key not in self.late and self.is_unproven(cells):
            self._hold(key, snapshot)

    def is_unproven(self, cells: Cells) -> bool:
        """Tell whether a claim of this run may be one that an earlier try did not read back."""
        left = self._unproven.left
        return bool(left) and claimed_at(cells[DETAIL]) in {None, *left}

    def overran(self, key: str) -> None:
        """Note that the claim of *key* arrived over another run's result: it is never relied on."""
        self.late[key] = math.inf

    def look_for_others(self, snapshot: Snapshot) -> list[str]:
        """Look whether another run is at work; return late claims that may be relied on by now."""
        if not self.late:
            return []
        sure = [key for key, since in self.late.items() if self._clock() >= since + HOLD]
        if other_refs(self._run, snapshot) - self._others_before or (sure and self._run.others_at_work()):
            self.others_at_work = True
        if self.others_at_work:
            return []
        for key in sure:
            del self.late[key]
        self._settled.update(sure)
        return sure

    @property
    def waiting(self) -> bool:
        """Whether late claims may still turn out to be ours."""
        return not self.others_at_work and any(math.isfinite(since) for since in self.late.values())

    def settle(self, written: bool, keys: Iterable[str], sleep: Callable[[float], None]) -> None:
        """Wait before claims are read back. Those that this task did not write are from a try that died, perhaps just now."""
        keys = set(keys)
        if written or not keys <= self._settled:
            sleep(SETTLE)
            self._settled |= keys
