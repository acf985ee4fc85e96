"""Triggers that watch the balance of a RoboSMS account. They poll; they never send."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent

from ..compat import asset_state_store
from ..exceptions import RoboSmsError
from ..gateway.amounts import decimal_of, seconds_of
from ..gateway.threshold import CONDITIONS, LONGEST_WAIT, SHORTEST_POLL, Condition, Threshold, report, words
from ..hooks.robosms import RoboSmsHook
from ..settings import choice, number, optional_whole, text, whole
from .memory import WatchMemory
from .polling import BalancePolls, Stored, read_balance

#: Airflow stores a watcher's event within a second or two; only for a triggerer that does not confirm it (seconds).
UNCONFIRMED_SECONDS = 10.0


class RoboSmsBalanceTrigger(BaseTrigger):
    """Wait until a balance is at least, or below, a threshold; what :class:`RoboSmsBalanceSensor` defers to.

    Yields one event, then ends. Its payload is ``{"status": "met", "balance": {…}}``, ``{"status": "timeout", "detail"}``
    or ``{"status": "failed", "detail", "permanent"}``.

    :param robosms_conn_id: connection of type ``robosms``.
    :param min_balance: money, as a decimal string; or
    :param min_messages: message parts.
    :param condition: ``at_least`` or ``below``.
    :param poll_interval: seconds between two polls; less than 1 counts as 1.
    :param deadline: when to give up, as Unix time: a restarted trigger keeps it.
    :param max_failed_polls: consecutive passing failures that are tolerated; None for any number.
    :param failed_polls: how many of them there were already.
    :raises RoboSmsError: for a parameter that cannot be used, naming it.
    """

    def __init__(
        self,
        *,
        robosms_conn_id: str,
        deadline: float,
        min_balance: str | None = None,
        min_messages: int | None = None,
        condition: str = "at_least",
        poll_interval: float = 60.0,
        max_failed_polls: int | None = 3,
        failed_polls: int = 0,
    ) -> None:
        super().__init__()
        self.robosms_conn_id = text(robosms_conn_id, "robosms_conn_id")
        Threshold.parse(min_balance, min_messages)
        self.min_balance = min_balance
        self.min_messages = min_messages
        self.condition = choice(condition, "condition", CONDITIONS)
        self.poll_interval = seconds_of(poll_interval, "poll_interval", least=0, most=LONGEST_WAIT)
        self.deadline = number(deadline, "deadline", least=0, most=1e11)
        self.max_failed_polls = optional_whole(max_failed_polls, "max_failed_polls")
        self.failed_polls = whole(failed_polls, "failed_polls")

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the parameters, plain values all of them."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "robosms_conn_id": self.robosms_conn_id,
                "min_balance": self.min_balance,
                "min_messages": self.min_messages,
                "condition": self.condition,
                "poll_interval": self.poll_interval,
                "deadline": self.deadline,
                "max_failed_polls": self.max_failed_polls,
                "failed_polls": self.failed_polls,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until the condition is met, the deadline has passed, or reading the balance fails for good."""
        while True:
            interval = max(SHORTEST_POLL, self.poll_interval)
            await asyncio.sleep(max(0.0, min(interval, self.deadline - time.time())))
            if payload := await self._poll():
                yield TriggerEvent(payload)
                return
            if time.time() >= self.deadline:
                yield TriggerEvent({"status": "timeout", "detail": self._timeout()})
                return

    async def _poll(self) -> dict[str, Any] | None:
        """Return the event's payload, or None to go on."""
        try:
            threshold = Threshold.parse(self.min_balance, self.min_messages)
            balance = await read_balance(self.robosms_conn_id)
            met = threshold.is_met(balance) == (self.condition == Condition.AT_LEAST)
        except RoboSmsError as error:
            self.failed_polls += 1
            # A wait that ends with an unread balance is not one that ended with too low a one.
            over = time.time() >= self.deadline
            exhausted = self.max_failed_polls is not None and self.failed_polls > self.max_failed_polls
            if error.permanent or over or exhausted:
                told = {"status": "failed", "detail": str(error), "permanent": error.permanent}
                return told | ({"over": True} if over else {})
            self.log.warning("%s Failed polls in a row: %s, tolerated.", error, self.failed_polls)
            return None
        self.failed_polls = 0
        self.log.info("The RoboSMS balance is %s.", words(balance))
        return {"status": "met", "balance": report(balance)} if met else None

    def _timeout(self) -> str:
        verb = "reach" if self.condition == Condition.AT_LEAST else "fall below"
        threshold = Threshold.parse(self.min_balance, self.min_messages)
        return f"The RoboSMS balance did not {verb} {threshold} before the sensor's timeout."


class RoboSmsLowBalanceEventTrigger(BaseEventTrigger):
    """One event each time a balance falls below a threshold, for an ``AssetWatcher``.

    While the balance stays low there is no further event. The next one needs a recovery first, to the threshold plus a
    margin, so that a balance that hovers around the threshold is announced once. A balance that is low when the watch
    begins is announced too.

    Watchers of one connection with the same *poll_interval* share one poll. What was announced is kept in the asset's state
    store, so it survives a restart of the triggerer. While the balance stays low no announcement gets lost; a triggerer that
    is killed in the second or two between storing an event and noting it announces the same fall again, with the same
    ``since``. What happens while no triggerer runs is seen as far as the balance still shows it.

    The event's payload is ``{"balance", "rate", "messages", "username", "min_balance", "min_messages", "since",
    "robosms_conn_id"}``: money as decimal strings, ``since`` as the time (ISO 8601, UTC) when the fall was noticed.

    :param min_balance: money (decimal string, Decimal or number); or
    :param min_messages: message parts, at the account's rate.
    :param margin_percent: how far above the threshold counts as recovered, in percent of it.
    :param poll_interval: seconds between two polls, at least 1.
    :param robosms_conn_id: connection of type ``robosms``; read anew for each poll.
    :raises RoboSmsError: for a parameter that cannot be used, naming it.
    """

    def __init__(
        self,
        *,
        min_balance: Decimal | str | float | None = None,
        min_messages: int | str | None = None,
        margin_percent: Decimal | str | float = 10,
        poll_interval: float = 300.0,
        robosms_conn_id: str = RoboSmsHook.default_conn_name,
    ) -> None:
        super().__init__()
        self.threshold = Threshold.parse(min_balance, min_messages)
        self.margin_percent = decimal_of(margin_percent, "margin_percent", allow_zero=True)
        self.poll_interval = seconds_of(poll_interval, "poll_interval", least=SHORTEST_POLL, most=LONGEST_WAIT)
        self.robosms_conn_id = text(robosms_conn_id, "robosms_conn_id")

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the parameters, plain values all of them."""
        amount = self.threshold.min_balance
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "min_balance": None if amount is None else f"{amount:f}",
                "min_messages": self.threshold.min_messages,
                "margin_percent": f"{self.margin_percent:f}",
                "poll_interval": self.poll_interval,
                "robosms_conn_id": self.robosms_conn_id,
            },
        )

    def shared_stream_key(self) -> tuple[str, str, float]:
        """Watchers with the same key share one poll."""
        return ("robosms-balance", self.robosms_conn_id, self.poll_interval)

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> BalancePolls:
        """Return what polls for all watchers of a key; *kwargs* are one watcher's, of which it takes the key's part."""
        return BalancePolls(kwargs["robosms_conn_id"], kwargs["poll_interval"])

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch with a poll of one's own, for a triggerer without shared streams."""
        polls = BalancePolls(self.robosms_conn_id, self.poll_interval)

        async def stream() -> AsyncIterator[Any]:
            async for item, token in polls.open_stream():
                yield item
                if token is not None:
                    await asyncio.sleep(UNCONFIRMED_SECONDS)
                    polls.confirm()

        async for event in self.filter_shared_stream(stream()):
            yield event

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Any]) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each fall below the threshold."""
        memory = WatchMemory(f"low_balance:{self.robosms_conn_id}:{self.threshold.name}", asset_state_store(self))
        yielded = False  # an event that waits to be stored
        async for item in shared_stream:
            try:
                status = await memory.status()
                if isinstance(item, Stored):
                    if yielded:
                        await memory.note("announced")
                    yielded = False
                    continue
                low = not self.threshold.is_met(item)
                recovered = self.threshold.is_met(item, margin_percent=self.margin_percent)
            except RoboSmsError as error:
                self.log.warning("%s", error)
                continue
            if low and status != "announced":
                if status == "armed":
                    await memory.note("announcing", since=_now())
                yielded = True
                yield TriggerEvent({**report(item), **self._limits(), "since": memory.since})
            elif recovered and status != "armed":
                self.log.info("The RoboSMS balance has recovered: %s.", words(item))
                await memory.note("armed")

    def _limits(self) -> dict[str, Any]:
        _, parameters = self.serialize()
        return {name: parameters[name] for name in ("min_balance", "min_messages", "robosms_conn_id")}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
