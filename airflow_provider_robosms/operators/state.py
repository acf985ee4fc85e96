"""Airflow's task state as the campaign uses it."""

from __future__ import annotations

import inspect
from typing import Any

from ..campaign.journal import Store
from ..compat import NEVER_EXPIRE


class LastingStore:
    """Task state that does not expire: Airflow's default forgets it after 30 days, and clearing an old task would then send
    everything again. It goes when its DAG run is deleted.

    :param store: ``context["task_state_store"]``, or anything with its ``get`` and ``set``.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        lasts = "retention" in inspect.signature(store.set).parameters
        self._lasting: dict[str, Any] = {"retention": NEVER_EXPIRE} if lasts else {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of *key*, or *default*."""
        return self._store.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Write the value durably before returning."""
        self._store.set(key, value, **self._lasting)
