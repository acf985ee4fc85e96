"""A watcher of the balance with the memory that the triggerer would give it."""

from __future__ import annotations

from airflow_provider_robosms.triggers.robosms import RoboSmsLowBalanceEventTrigger


class Store:
    """An asset's state store, as the triggerer injects it."""

    def __init__(self) -> None:
        self.values: dict = {}
        self.broken = False

    async def aget(self, key: str):
        if self.broken:
            raise ConnectionError("API server away")
        return self.values.get(key)

    async def aset(self, key: str, value) -> None:
        if self.broken:
            raise ConnectionError("API server away")
        self.values[key] = value


def watcher(store: Store | None = None, **parameters) -> RoboSmsLowBalanceEventTrigger:
    trigger = RoboSmsLowBalanceEventTrigger(**(parameters or {"min_balance": "100"}))
    trigger.asset_state_store = store
    return trigger
