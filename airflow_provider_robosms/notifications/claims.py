"""Who may text an alert now, so that a hundred tasks that fail at once text it once.

An alert to a person has an opaque id. Before it is texted it is *claimed*, in two places:

1. A small database in ``AIRFLOW_HOME``: exact, for all processes that share that folder (usually one machine).
2. One of 256 Airflow Variables ``robosms_alert_<first two digits of the id>``: for everybody. Airflow has no "set if absent",
   so this is Fischer's algorithm: who finds no recent claim writes its own, waits :data:`SETTLE_SECONDS`, and goes on only if
   its own still stands there. Exact as long as each of the machines that compete gets its read and its write done within that
   time; a slower one may text the alert a second time. Alerts share a Variable, and each write leaves out claims that are
   over, so that neither the Variables nor what is in them grow for ever. Who finds its claim overwritten by one of another
   alert enters it again.

Where one place cannot be used, the other decides alone; where neither can, the alert is texted: an alert too many is better
than none. A claim says that its holder is about to text: if that process dies before it does, the alert is lost.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from airflow.sdk import Variable

log = logging.getLogger(__name__)

#: How long a claim in a Variable must stand before it counts (seconds).
SETTLE_SECONDS = 2.0
#: How often a claim is entered again that claims of other alerts in the same Variable have overwritten.
ROUNDS = 3
#: How long a process waits for others to write to the local database (seconds).
BUSY_SECONDS = 20.0
#: Claims in the local database that are older are removed (seconds).
KEEP_SECONDS = 30 * 86_400.0

_DESCRIPTION = "RoboSMS: when alerts were texted last, so that none is texted again at once. May be deleted."


def claim(ids: Sequence[str], interval: float) -> set[str]:
    """Return those of *ids* that the caller may text now, and claim them.

    :param interval: seconds in which an id can be claimed once.
    """
    now = time.time()
    try:
        held = _claim_here(ids, interval, now)
    except (OSError, sqlite3.Error) as error:
        log.warning(
            "Alerts are not counted on this machine (%s): %s cannot be written.", type(error).__name__, _database()
        )
        held = set(ids)
    return _claim_everywhere(held, interval, now) if held else held


def confirm(ids: Collection[str]) -> None:
    """Note that what these claims stand for was texted, for a task that is tried again."""
    if not ids:
        return
    now = time.time()
    with suppress(OSError, sqlite3.Error), closing(_open()) as database, database:
        database.execute("DELETE FROM sent WHERE at < ?", (now - KEEP_SECONDS,))
        database.executemany("INSERT OR REPLACE INTO sent VALUES (?, ?)", [(alert, now) for alert in ids])
    with suppress(Exception):
        for name, alerts in _by_variable(ids).items():
            standing = _read(name)
            sent = {alert: {**claim, "sent": True} for alert, claim in standing.items() if alert in alerts}
            _write(name, {**standing, **sent})


def confirmed(ids: Collection[str]) -> set[str]:
    """Return those of the standing claims *ids* of which :func:`confirm` was told."""
    found: set[str] = set()
    with suppress(OSError, sqlite3.Error), closing(_open()) as database:
        claims = dict(database.execute("SELECT id, at FROM claim").fetchall())
        sent = dict(database.execute("SELECT id, at FROM sent").fetchall())
        found = {alert for alert in ids if alert in sent and sent[alert] >= claims.get(alert, 0)}
    with suppress(Exception):
        for name, alerts in _by_variable(ids).items():
            standing = _read(name)
            found |= {alert for alert in alerts if standing.get(alert, {}).get("sent") is True}
    return found


def withdraw(ids: Collection[str]) -> None:
    """Give up claims: what they stood for was certainly not texted."""
    with suppress(OSError, sqlite3.Error), closing(_open()) as database, database:
        database.executemany("DELETE FROM claim WHERE id = ?", [(alert,) for alert in ids])
    with suppress(Exception):
        for name, alerts in _by_variable(ids).items():
            standing = _read(name)
            if left := {alert: claim for alert, claim in standing.items() if alert not in alerts}:
                _write(name, left)
            elif standing:
                Variable.delete(name)


def _database() -> Path:
    home = os.environ.get("AIRFLOW_HOME") or "~/airflow"  # as Airflow's own default
    return Path(os.path.expandvars(home)).expanduser() / "robosms_alerts.sqlite3"


def _open() -> sqlite3.Connection:
    path = _database()
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    for table in ("claim", "sent"):
        database.execute(f"CREATE TABLE IF NOT EXISTS {table} (id TEXT PRIMARY KEY, at REAL NOT NULL)")
    return database


def _claim_here(ids: Sequence[str], interval: float, now: float) -> set[str]:
    with closing(_open()) as database:
        database.execute("BEGIN IMMEDIATE")  # the lock for all of it, so that looking and writing are one step
        database.execute("DELETE FROM claim WHERE at < ?", (now - max(interval, KEEP_SECONDS),))
        recent = dict(database.execute("SELECT id, at FROM claim").fetchall())
        held = {alert for alert in ids if not _is_recent(recent.get(alert), interval, now)}
        database.executemany("INSERT OR REPLACE INTO claim VALUES (?, ?)", [(alert, now) for alert in held])
        database.execute("COMMIT")
    return held


def _claim_everywhere(ids: Collection[str], interval: float, now: float) -> set[str]:
    token = uuid.uuid4().hex
    try:
        pending = _enter(ids, token, interval, now)
    except Exception as error:  # noqa: BLE001 - no API here (a SyncCallback may not write Variables), or it is down
        log.info("Alerts are counted on this machine only (%s).", type(error).__name__)
        return set(ids)
    held: set[str] = set()
    for _ in range(ROUNDS):
        if not pending:
            break
        time.sleep(SETTLE_SECONDS)
        try:
            holders = _holders(pending)
            held |= {alert for alert, holder in holders.items() if holder == token}
            pending = _enter([alert for alert, holder in holders.items() if holder is None], token, interval, now)
        except Exception:  # noqa: BLE001 - the claim was written; that it cannot be read back proves no other one
            break
    return held | pending


def _enter(ids: Collection[str], token: str, interval: float, now: float) -> set[str]:
    """Write a claim for those of *ids* that have no recent one, and return them."""
    entered: set[str] = set()
    for name, alerts in _by_variable(ids).items():
        standing = _read(name)
        free = {alert for alert in alerts if not _is_recent(standing.get(alert, {}).get("at"), interval, now)}
        if free:
            current = {
                alert: claim for alert, claim in standing.items() if _is_recent(claim.get("at"), _length(claim), now)
            }
            _write(name, {**current, **{alert: {"at": now, "for": interval, "by": token} for alert in free}})
        entered |= free
    return entered


def _holders(ids: Collection[str]) -> dict[str, object]:
    """Return whose claims stand, None where there is none."""
    return {
        alert: standing.get(alert, {}).get("by")
        for name, alerts in _by_variable(ids).items()
        for standing in [_read(name)]
        for alert in alerts
    }


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


def _is_recent(at: object, interval: float, now: float) -> bool:
    # Also what lies in the future by less than the interval: clocks differ. By more: a clock was wrong once.
    return isinstance(at, (int, float)) and abs(now - at) < interval
