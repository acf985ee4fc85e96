"""Who may text an alert now, so that a hundred tasks that fail at once text it once.

An alert to a person has an opaque id. Before it is texted it is *claimed*, in two places:

1. A small database in ``AIRFLOW_HOME``: exact, for all processes that share that folder (usually one machine).
2. One of 256 Airflow Variables ``robosms_alert_<first two digits of the id>``: for everybody. Airflow has no "set if absent",
   so this is Fischer's algorithm: who finds no recent claim writes its own, waits :data:`SETTLE_SECONDS`, and goes on only if
   its own still stands there. Exact as long as each of the machines that compete gets its read and its write done within that
   time; a slower one may text the alert a second time, and so may one whose read fails: Airflow's own read of a Variable
   answers a failure as if there were none. Alerts share a Variable, and each write leaves out claims that are over, so
   that neither the Variables nor what is in them grow for ever. Who finds its claim overwritten by one of another alert
   enters it again. Who loses gives back what it has in the first place: only the winner knows how it ends.

A claim's ``sent`` is what is known of its alert: None while it is under way, or since its process died; then True (texted) or
False (may have been). What was certainly not sent leaves no claim. None and False are nobody's word that somebody was told.

Where one place cannot be used, the other decides alone; where neither can, the alert is texted: an alert too many is better
than none. If a process dies before it has texted what it claimed, the alert is lost, and nobody is said to have got it.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sqlite3
import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from airflow.sdk import Variable

log = logging.getLogger(__name__)

#: How long a claim in a Variable must stand before it counts (seconds).
SETTLE_SECONDS = 2.0
#: How often a claim is entered again that claims of other alerts in the same Variable have overwritten.
ROUNDS = 3
#: How long a process waits for others to write to the local database (seconds).
BUSY_SECONDS = 20.0
#: Claims in the local database that are older are removed (seconds): the longest interval that there is.
KEEP_SECONDS = 10_000_000.0
#: How long a task's claim counts for its later tries, whatever the interval (seconds).
TRIES_SECONDS = 30 * 86_400.0

_DESCRIPTION = "RoboSMS: when alerts were texted last, so that none is texted again at once. May be deleted."


class Met(NamedTuple):
    """A claim that holds an alert back: what is known of it, and whether an earlier try of this task made it."""

    sent: bool | None
    earlier: bool


@dataclass
class Claim:
    """One process's claim of the alerts that it is about to text.

    :param interval: seconds in which an alert can be claimed once; 0 claims nothing, and holds nothing back.
    :param tries: opaque ids of this task's tries, this one last. What an earlier one has claimed counts however long ago.
    """

    interval: float
    tries: Sequence[str | None] = (None,)
    #: Those that this process may text; all that it has asked for, until that is known.
    held: set[str] = field(default_factory=set)
    #: Those that somebody's claim holds back.
    met: dict[str, Met] = field(default_factory=dict)
    _token: str = field(default_factory=lambda: uuid.uuid4().hex)
    _written: set[str] = field(default_factory=set)  # names of Variables

    def take(self, ids: Iterable[str]) -> None:
        """Claim those of *ids* that may be texted now. Whatever comes of this, :meth:`end` must follow."""
        self.met, self.held, now = {}, set(ids), time.time()
        if not self.interval:
            return
        try:
            here = self._take_here(self.held, now)
        except (OSError, sqlite3.Error) as error:
            log.warning(
                "Alerts are not counted on this machine (%s): %s cannot be written.", type(error).__name__, _database()
            )
            here = self.held
        here -= self.met.keys()
        won = self._take_everywhere(here, now) - self.met.keys() if here else set()
        if lost := here - won:
            self._end_here(dict.fromkeys(lost))
        self.held = won

    def end(self, sent: Mapping[str, bool]) -> None:
        """Note what became of all that is held: texted (True), perhaps (False); what *sent* lacks was certainly not."""
        if not self.interval or not self.held:
            return
        ends = {alert: sent.get(alert) for alert in self.held}
        self._end_here(ends)
        for name, alerts in _by_variable(ends).items():
            try:
                if name in self._written:
                    self._end_there(name, {alert: ends[alert] for alert in alerts})
            except Exception as error:  # noqa: BLE001 - the claim stands as one of which nothing is known
                log.warning("How an alert ended cannot be noted for other machines (%s).", type(error).__name__)

    def _take_here(self, ids: Collection[str], now: float) -> set[str]:
        mine = (now, self._token, None, self.tries[-1])
        with closing(_open()) as database:
            database.execute("BEGIN IMMEDIATE")  # the lock for all of it, so that looking and writing are one step
            database.execute("DELETE FROM alert WHERE at < ?", (now - KEEP_SECONDS,))
            rows = [database.execute("SELECT * FROM alert WHERE id = ?", (alert,)).fetchone() for alert in ids]
            standing = {row[0]: dict(zip(("at", "by", "sent", "try"), row[1:], strict=True)) for row in rows if row}
            free = {alert for alert in ids if self._is_free(alert, standing, now)}
            database.executemany("INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?, ?)", [(one, *mine) for one in free])
            database.execute("COMMIT")
        return free

    def _take_everywhere(self, ids: Collection[str], now: float) -> set[str]:
        try:
            _, pending = self._enter(ids, now)
        except Exception as error:  # noqa: BLE001 - no API here (a SyncCallback may not write Variables), or it is down
            log.info("Alerts are counted on this machine only (%s).", type(error).__name__)
            return set(ids)
        held: set[str] = set()
        for _ in range(ROUNDS):
            if not pending:
                break
            time.sleep(SETTLE_SECONDS)
            try:
                settled, pending = self._enter(pending, now)
            except Exception:  # noqa: BLE001 - the claim was written; that it cannot be read back proves no other one
                break
            held |= settled
        return held | pending

    def _enter(self, ids: Collection[str], now: float) -> tuple[set[str], set[str]]:
        """Return whose claims stand as this process's, and whose it has just entered, because they were free."""
        settled: set[str] = set()
        entered: set[str] = set()
        length = max(self.interval, TRIES_SECONDS if self.tries[-1] else 0)
        claim = {"at": now, "for": length, "by": self._token, "try": self.tries[-1]}
        for name, alerts in _by_variable(ids).items():
            standing = _read(name)
            ours = self._ours(alerts, standing)
            if free := {alert for alert in alerts if alert not in ours and self._is_free(alert, standing, now)}:
                current = {alert: one for alert, one in standing.items() if _age(one, now) < _length(one)}
                self._written.add(name)
                _write(name, {**current, **dict.fromkeys(free, claim)})
            settled |= ours
            entered |= free
        return settled, entered

    def _is_free(self, alert: str, standing: Mapping[str, Mapping[str, object]], now: float) -> bool:
        """Return whether no claim holds an alert back; what is known of one that does is kept."""
        claim = standing.get(alert, {})
        earlier = claim.get("try") in self.tries[:-1]
        if _age(claim, now) >= (max(self.interval, TRIES_SECONDS) if earlier else self.interval):
            return True
        sent = claim.get("sent")
        self.met[alert] = Met(None if sent is None and not earlier else sent == 1, earlier)  # an earlier try is over
        return False

    def _end_here(self, ends: Mapping[str, bool | None]) -> None:
        own = [(sent, alert, self._token) for alert, sent in ends.items()]
        with suppress(OSError, sqlite3.Error), closing(_open()) as database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(
                "UPDATE alert SET sent = ? WHERE id = ? AND owner = ?", [one for one in own if one[0] is not None]
            )
            database.executemany(
                "DELETE FROM alert WHERE id = ? AND owner = ?", [one[1:] for one in own if one[0] is None]
            )
            database.execute("COMMIT")

    def _end_there(self, name: str, ends: Mapping[str, bool | None]) -> None:
        standing = _read(name)
        if not (ours := self._ours(ends, standing)):
            return
        left = {alert: claim for alert, claim in standing.items() if alert not in ours or ends[alert] is not None}
        if left:
            _write(
                name,
                {alert: {**claim, "sent": ends[alert]} if alert in ours else claim for alert, claim in left.items()},
            )
        else:
            Variable.delete(name)

    def _ours(self, ids: Iterable[str], standing: Mapping[str, Mapping[str, object]]) -> set[str]:
        return {alert for alert in ids if standing.get(alert, {}).get("by") == self._token}


def _database() -> Path:
    home = os.environ.get("AIRFLOW_HOME") or "~/airflow"  # as Airflow's own default
    return Path(os.path.expandvars(home)).expanduser() / "robosms_alerts.sqlite3"


def _open() -> sqlite3.Connection:
    path = _database()
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    database.execute(
        "CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, at REAL NOT NULL, owner TEXT, sent INTEGER, try TEXT)"
    )
    return database


def _by_variable(ids: Iterable[str]) -> dict[str, list[str]]:
    variables: dict[str, list[str]] = {}
    for alert in ids:
        variables.setdefault(f"robosms_alert_{alert[:2]}", []).append(alert)
    return variables


def _read(name: str) -> dict[str, dict[str, object]]:
    """Return the claims in a Variable, by alert; whatever else somebody has put there is none."""
    note = Variable.get(name, default="")
    with suppress(ValueError):
        if isinstance(claims := json.loads(note), dict):
            return {alert: claim for alert, claim in claims.items() if isinstance(claim, dict)}
    return {}


def _write(name: str, claims: Mapping[str, object]) -> None:
    Variable.set(name, json.dumps(claims), description=_DESCRIPTION)


def _length(claim: Mapping[str, object]) -> float:
    seconds = claim.get("for")
    return float(seconds) if isinstance(seconds, (int, float)) else 0.0


def _age(claim: Mapping[str, object], now: float) -> float:
    """Return how old a claim is, in seconds; endless for none."""
    at = claim.get("at")
    # Also what lies in the future by less than an interval counts: clocks differ. By more: a clock was wrong once.
    return abs(now - at) if isinstance(at, (int, float)) else math.inf
