"""Runs small programs with an Airflow of their own, in a home that is thrown away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported

ROOT = Path(__file__).parents[2]
Program = Callable[..., Any]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Run a module of this folder and return what it prints as JSON."""

    def run(module: str, *arguments: str, **environment: str) -> Any:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        home = tmp_path_factory.mktemp("home")
        own = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        done = subprocess.run(
            [sys.executable, "-m", f"tests.provider.{module}", *arguments],
            cwd=ROOT,
            env={**inherited, **own, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run
