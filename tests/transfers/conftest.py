"""One sandbox process for all tests of the campaign operator; each test starts from a reset one and its own spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.sheets.campaigns import environment, reset_google, variables


@pytest.fixture(scope="session")
def _served() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_served: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """The sandbox, with both connections in the environment. Claims settle at once: nobody else is at work in the sheet."""
    _served.reset()
    reset_google(_served)
    with variables(environment(_served)):
        yield _served
