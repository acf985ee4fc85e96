"""One stage for all browser tests, and a picture of what a failed test saw last."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.stage import Stage, running_stage
from tests.harness.shared import Shared


@pytest.fixture(scope="module")
def stage(shared: Shared) -> Stage:
    return shared(running_stage)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    stage = getattr(item, "funcargs", {}).get("stage")
    if report.when == "call" and report.failed and stage is not None:
        # Not in pytest's own folder, which the next run clears away.
        path = Path(tempfile.mkdtemp(prefix="robosms-browser-failed-"), f"{item.name}.png".replace("/", "-"))
        try:
            stage.window.screenshot(path)
            seen = f"{path}\n{stage.window.run('return location.href')}\n{stage.window.text()}"
        except Exception as error:
            seen = f"the browser gave no picture: {error}"
        report.sections.append(("what the browser showed", seen))
    return report
