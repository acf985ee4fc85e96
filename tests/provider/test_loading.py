"""What a DAG file pays for an operator: Airflow parses it every half a minute, and a campaign runs now and then."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.benchmarks.others import AIRFLOW, MODULES

PACKAGE = "airflow_provider_robosms."
#: What only a running task needs: libraries, and the parts of ours that plan and send.
HEAVY = ("requests", "urllib3", "gspread", "google", "phonenumbers")
HEAVY += tuple(PACKAGE + name for name in ("sheets", "recipients.workbook", "gateway.wire", "sandbox"))


#: Imports Airflow once, and then each module in a fork of its own; prints JSON, by module: what came with it.
PROGRAM = f"""
{AIRFLOW}
import importlib, json, os, sys
before = set(sys.modules)
found = {{}}
for module in sys.argv[1:]:
    reading, writing = os.pipe()
    if not os.fork():
        importlib.import_module({PACKAGE!r} + module)
        with os.fdopen(writing, "w") as answer:
            json.dump(sorted(set(sys.modules) - before), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        found[module] = answer.read()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *MODULES], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("module", MODULES)
def test_an_operator_is_loaded_without_what_only_a_task_needs(loaded: dict[str, str], module: str) -> None:
    names = json.loads(loaded[module])
    assert PACKAGE + module in names
    assert [name for name in names if name.startswith(tuple(f"{heavy}." for heavy in HEAVY)) or name in HEAVY] == []
