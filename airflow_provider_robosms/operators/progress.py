"""The progress line in the log, and the same in the task's state for the UI."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..gateway.outcome import Status

if TYPE_CHECKING:
    from ..campaign.engine import Engine
    from ..campaign.journal import Store

#: Seconds between two updates of the task's state.
PUBLISH_SECONDS = 5.0
#: Airflow's page of a task's state sorts by key: this comes before the journal, which may fill several pages.
KEY = "campaign_progress"


class Progress:
    """Counts one campaign.

    :param to_send: messages of this try.
    :param taken_over: outcomes of earlier tries, which the engine counts too.
    """

    def __init__(self, engine: Engine, to_send: int, taken_over: int, store: Store) -> None:
        self._engine = engine
        self._total = to_send + taken_over
        self._taken_over = taken_over
        self._store = store
        self._started = time.monotonic()
        self._published = self._started

    def line(self) -> str:
        """Return the line: ``sent 1,240/10,000 · 98/s · rejected 3 · unknown 0 · 1 min 29 s left``."""
        counts = self._engine.counts
        known = sum(counts.values())
        rate = (known - self._taken_over) / max(time.monotonic() - self._started, 0.001)
        words = [f"sent {counts[Status.SENT]:,}/{self._total:,}", f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s"]
        words.append(f"rejected {counts[Status.REJECTED]:,}")
        if counts[Status.FAILED]:
            words.append(f"failed {counts[Status.FAILED]:,}")
        words.append(f"unknown {counts[Status.UNKNOWN]:,}")
        return " · ".join([*words, *self._ahead(known, rate)])

    def state(self) -> str:
        """Return in few words how far it is: ``1,240 of 10,000, 1 min 29 s left``."""
        known = sum(self._engine.counts.values())
        rate = (known - self._taken_over) / max(time.monotonic() - self._started, 0.001)
        return ", ".join([f"{known:,} of {self._total:,}", *self._ahead(known, rate)])

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many messages have which status by now."""
        return self._engine.counts

    def _ahead(self, known: int, rate: float) -> list[str]:
        left = self._total - known
        if self._engine.stop:
            return ["stopping"]
        return [f"{duration(left / rate)} left"] if left > 0 and rate > 0 else []

    def publish(self, *, force: bool = False) -> None:
        """Put the line into the task's state, every few seconds. It is only for people to see, so failing is no matter."""
        now = time.monotonic()
        if force or now >= self._published + PUBLISH_SECONDS:
            self._published = now
            with contextlib.suppress(Exception):
                self._store.set(KEY, self.line())


def duration(seconds: float) -> str:
    """Return seconds as people say them: ``45 s``, ``1 min 29 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
