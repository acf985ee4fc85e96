"""What holds for every test, in every tier: see ``tests/README.md``."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long one example takes says how busy the machine is; what must be quick has a test of its own, in processor time.
settings.register_profile("robosms", deadline=None)
settings.load_profile("robosms")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest, so that no other process of ``make test`` waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("smoke") is None)
