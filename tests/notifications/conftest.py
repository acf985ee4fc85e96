"""Shared by the tests of the notifier: a portal on a real socket, Variables, and all that a person could read."""

from __future__ import annotations

import logging

import pytest

from airflow_provider_robosms.notifications import claims
from airflow_provider_robosms.notifications import robosms as module
from tests.notifications.variables import FileVariables
from tests.sensors.portal import Portal


@pytest.fixture
def variables(monkeypatch, tmp_path) -> FileVariables:
    """A home of Airflow and Variables of the test's own; pauses are short."""
    (tmp_path / "home").mkdir()
    (tmp_path / "variables").mkdir()
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 0.01)
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01))
    fake = FileVariables(tmp_path / "variables")
    monkeypatch.setattr(claims, "Variable", fake)
    return fake


@pytest.fixture
def portal(monkeypatch):
    with Portal() as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        yield portal


class Log:
    """Everything that a person could read: Airflow's loggers write to the terminal, the others to logging."""

    def __init__(self, capfd, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        self._capfd, self._caplog = capfd, caplog
        self._terminal = ""

    @property
    def text(self) -> str:
        self._terminal += "".join(self._capfd.readouterr())
        return self._terminal + self._caplog.text


@pytest.fixture
def log(capfd, caplog) -> Log:
    return Log(capfd, caplog)
