"""What holds for every test, in every tier (see ``docs/contributing.md``)."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import settings

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.harness.processes import MARK, ProcessTree
from tests.harness.shared import Shared

#: Which files share one Airflow, in the order in which `make test-airflow` begins with them: what takes longest first. A file
#: that isn't named is a group of its own, and comes after these.
GROUPS = {
    "dags": ("dags/test_building_blocks", "dags/test_on_airflow"),
    "alerts": ("triggers/test_on_airflow", "notifications/test_on_airflow"),
    "browser": tuple(f"browser/test_{name}" for name in ("campaign", "connection_form", "dag_pages", "screenshots")),
    "distributed": ("harness/test_services", "dags/test_distributed", "dags/test_sql_on_postgresql"),
    "harness": ("harness/test_stack",),
}
_GROUP_OF = {file: group for group, files in GROUPS.items() for file in files}
_ORDER = [*_GROUP_OF]
#: What the group of tests that runs in this process shares.
_shared = Shared()

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
        # Python's own 700 is for programs that make less of it: a test makes thousands of objects and keeps none.
        gc.set_threshold(20_000, 20, 50)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")


def _group(nodeid: str) -> str:
    return _GROUP_OF.get(_file(nodeid), _file(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """Have one process run the tests of a group, in our order (``--dist loadgroup``).

    xdist's own marks for that do not reach its scheduler under pytest 9.2.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    config.option.loadscopereorder = False
    return ByGroup(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest, so that no other process waits for it at the end."""

    def place(item: pytest.Item) -> tuple[bool, int]:
        file = _file(item.nodeid)
        return item.get_closest_marker("smoke") is None, _ORDER.index(file) if file in _ORDER else len(_ORDER)

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[object]:
    """End what a group shares with its last test: an Airflow that nobody uses takes a tenth of a core, a browser as much."""
    try:
        return (yield)
    finally:
        if nextitem is None or _group(nextitem.nodeid) != _group(item.nodeid):
            _shared.close()


@pytest.fixture(scope="session")
def shared() -> Iterator[Shared]:
    """What is started here ends with the group of tests, at the latest with the tests."""
    with closing(_shared):
        yield _shared


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
