"""What holds for every test, in every tier (see ``docs/contributing.md``)."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import settings

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.harness.processes import MARK, ProcessTree

# How long one example takes says how busy the machine is; what must be quick has a test of its own, in processor time.
settings.register_profile("robosms", deadline=None)
settings.load_profile("robosms")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Spare the garbage collector what lives as long as the tests: Airflow's modules and thousands of collected items.

    Every process of ``make test`` would else look through all of them again and again.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest, so that no other process of ``make test`` waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("smoke") is None)


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_reaches_what_the_tests_start() -> None:
    """A shell that starts the tests in the background has SIGINT ignored, and all that they start would inherit it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _nothing_outlives_the_tests() -> Iterator[None]:
    """Whatever the tests start, a sandbox or a browser, is ended also when they are killed themselves."""
    with closing(ProcessTree("tests")) as tree, pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, str(tree.directory))
        yield


@pytest.fixture(scope="session")
def _served() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def served(_served: RunningSandbox) -> RunningSandbox:
    """The one sandbox of this process, as at its first start but for the spreadsheets; folders reset it before each test."""
    from tests.sheets.campaigns import reset_google

    _served.reset()
    reset_google(_served)
    return _served
