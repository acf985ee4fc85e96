"""Reading the balance inside the triggerer's event loop, once for all watchers of a connection."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from ..compat import AdvanceItem, AirflowNotFoundException, SharedStreamProducer, in_thread
from ..exceptions import RoboSmsError
from ..gateway.outcome import Balance
from ..gateway.threshold import poll_balance
from ..hooks.robosms import account_of, client_of, connection_name, no_connection

if TYPE_CHECKING:
    from airflow.sdk import Connection

log = logging.getLogger(__name__)

#: Watchers that the triggerer starts together join the first poll when it waits this long (seconds). Whoever comes later
#: waits for the next one.
SIBLINGS_SECONDS = 2.0


async def read_balance(robosms_conn_id: str) -> Balance:
    """Return the balance of the account that a connection names; the connection is read anew each time.

    :raises RoboSmsError: whatever went wrong; the sentence never holds the key.
    """
    try:
        conn = await BaseHook.aget_connection(robosms_conn_id)
    except AirflowNotFoundException:
        raise no_connection(robosms_conn_id) from None
    except Exception as error:  # noqa: BLE001 - a secrets backend's or the API's; its text is not ours to log
        raise RoboSmsError(
            f"Connection {connection_name(robosms_conn_id)} could not be read ({type(error).__name__})."
        ) from None
    try:
        # The client blocks while it waits for the portal, so it has a thread.
        return await in_thread(_read, conn)
    except RoboSmsError:
        raise
    except Exception as error:  # noqa: BLE001 - an exception that leaves a shared poll ends every watcher
        raise RoboSmsError(f"The RoboSMS balance could not be read ({type(error).__name__}).") from None


def _read(conn: Connection) -> Balance:
    return poll_balance(client_of(account_of(conn)))


class Stored:
    """Stands in the stream behind a balance: what the watchers made of it is in Airflow's database."""


class BalancePolls(SharedStreamProducer):
    """One poll of the balance for all watchers of a connection (Airflow's "ack mode" of a shared stream).

    The stream is a :class:`Balance` for each poll, and :class:`Stored` once every event that a watcher derived from it is
    stored, so that a watcher can note "announced" only when it is true. A failed poll is logged and the next one awaited.

    :param poll_interval: seconds from one poll to the next.
    """

    def __init__(self, robosms_conn_id: str, poll_interval: float) -> None:
        self._conn_id = robosms_conn_id
        self._interval = poll_interval
        self._stored = asyncio.Event()

    async def open_stream(self) -> AsyncIterator[tuple[Balance | Stored, Balance | None]]:
        """Yield for ever; what stands second is a token for :meth:`advance`."""
        await asyncio.sleep(SIBLINGS_SECONDS)
        while True:
            due = time.monotonic() + self._interval
            try:
                balance = await read_balance(self._conn_id)
            except RoboSmsError as error:
                log.warning("%s The balance is read again in %g s.", error, self._interval)
            else:
                self._stored.clear()
                yield balance, balance
                # Ends for sure: Airflow gives up on a watcher after [triggerer] shared_stream_ack_timeout.
                await self._stored.wait()
                yield Stored(), None
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Learn from Airflow that every watcher is done with a balance, and its event stored.

        A watcher that Airflow gave up on counts as done: it is started again, and knows from its own state what it owes.
        """
        if any(item.broker_payload is not None for item in batch):
            self.confirm()

    def confirm(self) -> None:
        """Go on: what the watchers made of the last balance is stored."""
        self._stored.set()
