"""Of two runs that claim the same row at once, at most one sends (Fischer's mutual exclusion).

Sheets has no compare-and-set. So a claim is read back only after a settling time, in which every claim that was decided on
before has arrived; and a run that needed as long from its look at the sheet to the arrival of its claim does not rely on it
until it is clear that no other run is at work: a run that sends writes results at least every half minute.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from .marks import Run
from .misplaced import other_refs
from .snapshot import Snapshot

#: Between the write of a claim and its read-back (seconds). No shorter than :data:`ARRIVE_WITHIN`.
SETTLE = 4.0
#: The most between a look at the sheet and the arrival of a claim that rests on it (seconds). It is begun in half of that.
ARRIVE_WITHIN = 4.0
#: Claims that arrived later are relied on after so long without a word of another run (seconds): the longest wait for an
#: answer of the portal, :data:`~..campaign.campaign.FLUSH_SECONDS`, and some.
HOLD = 90.0


class Exclusion:
    """Knows how old the look at the sheet is, and which of this run's claims may be relied on.

    :param clock: a steady clock.
    """

    def __init__(self, run: Run, clock: Callable[[], float]) -> None:
        self._run = run
        self._clock = clock
        self._looked_at = 0.0
        self._settled: set[str] = set()
        self._others_before: set[str] = set()
        #: Claims that arrived too late, and when. They stand meanwhile, lest a third run takes such a row for free.
        self.late: dict[str, float] = {}
        #: Whether another run has written anything since the first late claim.
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
        now = self._clock()
        late = now >= self._looked_at + ARRIVE_WITHIN
        for key in keys:
            self.late.pop(key, None)
            if late:
                if not self.late:
                    self._others_before = other_refs(self._run, snapshot)
                self.late[key] = now

    def overran(self, key: str) -> None:
        """Note that the claim of *key* arrived over another run's result: it is never relied on."""
        self.late[key] = math.inf

    def look_for_others(self, snapshot: Snapshot) -> list[str]:
        """Look whether another run is at work; return late claims that may be relied on by now."""
        if not self.late:
            return []
        self.others_at_work = bool(other_refs(self._run, snapshot) - self._others_before)
        if self.others_at_work:
            return []
        sure = [key for key, since in self.late.items() if self._clock() >= since + HOLD]
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
