"""What a watcher reads back of what it has announced."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from airflow_provider_robosms.triggers.memory import WatchMemory


class Store:
    """An asset's state that holds one note."""

    def __init__(self, note: Any) -> None:
        self._note = note

    def get(self, key: str, default: Any = None) -> Any:
        return self._note

    async def aget(self, key: str, default: Any = None) -> Any:
        return self._note


@pytest.mark.parametrize(
    ("note", "status", "since"),
    [
        ({"status": "announced", "since": "2026-11-25T08:00:00+00:00"}, "announced", "2026-11-25T08:00:00+00:00"),
        ({"status": "announcing", "since": None}, "announcing", None),
        ({"status": "Announced", "since": 5}, "armed", None),
        ({"status": None}, "armed", None),
        ({"status": ["announced"]}, "armed", None),
        ("announced", "armed", None),
        (None, "armed", None),
    ],
)
def test_only_a_known_word_means_that_somebody_was_told(note, status, since):
    memory = WatchMemory("key", Store(note))  # type: ignore[arg-type]
    assert asyncio.run(memory.status()) == status
    assert memory.since == since
