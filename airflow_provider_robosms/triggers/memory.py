"""What a watcher has announced, kept in the state store of its asset so that it outlives the triggerer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal, cast, get_args

from ..compat import aget, aset
from ..exceptions import RoboSmsError

if TYPE_CHECKING:
    from airflow.sdk.execution_time.context import AssetStateStoreAccessor, AssetStateStoreAccessors
    from pydantic import JsonValue

log = logging.getLogger(__name__)

#: armed: the next fall is announced. announcing: an event was handed to Airflow, and is perhaps not stored yet.
#: announced: it is stored, and the balance has not recovered since.
Status = Literal["armed", "announcing", "announced"]


class WatchMemory:
    """One watcher's status.

    :param key: names the watcher within its asset: an asset may have several, with different thresholds.
    :param store: as the triggerer injects it; None where there is none, then nothing survives the process.
    """

    def __init__(self, key: str, store: AssetStateStoreAccessors | None) -> None:
        self._key = key
        self._accessors = _accessors(store)
        if store is None:
            log.warning(
                "Airflow keeps no state of this asset (it does from version 3.3 on): a triggerer that starts again announces "
                "a balance that is still low once more."
            )
        self._status: Status | None = None
        #: When the fall that is or was announced last was noticed (ISO 8601, UTC); None before the first.
        self.since: str | None = None

    async def status(self) -> Status:
        """Return the status, read from the store the first time.

        :raises RoboSmsError: while the store cannot be read; guessing would announce a fall twice, or never.
        """
        if self._status is None:
            try:
                notes = [await aget(accessor, self._key) for accessor in self._accessors]
            except Exception as error:  # noqa: BLE001 - whatever Airflow's API throws
                raise RoboSmsError(
                    f"The asset's state could not be read ({type(error).__name__}): nothing is announced before it is."
                ) from None
            note = next((note for note in notes if isinstance(note, dict)), {})
            status, since = note.get("status"), note.get("since")
            # What is not ours to understand is no proof that somebody was told.
            self._status = cast("Status", status) if status in get_args(Status) else "armed"
            self.since = since if isinstance(since, str) else None
        return self._status

    async def note(self, status: Status, since: str | None = None) -> None:
        """Set the status, in the store too; where that fails, this process still knows it."""
        self._status = status
        self.since = since or self.since
        value: dict[str, JsonValue] = {"status": status, "since": self.since}
        try:
            for accessor in self._accessors:
                await aset(accessor, self._key, value)
        except Exception as error:  # noqa: BLE001 - whatever Airflow's API throws
            log.warning(
                "The asset's state could not be stored (%s): a restarted triggerer may announce this again.",
                type(error).__name__,
            )


def _accessors(store: AssetStateStoreAccessors | None) -> list[AssetStateStoreAccessor | AssetStateStoreAccessors]:
    if store is None:
        return []
    # Watchers with equal parameters in one DAG file are one trigger, with all their assets. Airflow 3.3 then refuses the
    # short form and has no public way to list the assets.
    return [*getattr(store, "_by_name", {}).values()] or [store]
