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


@pytest.mark.parametrize("module", MODULES)
def test_an_operator_is_loaded_without_what_only_a_task_needs(module: str) -> None:
    code = f"{AIRFLOW}\nimport json, sys\nbefore = set(sys.modules)\nimport {PACKAGE}{module}\n"
    code += "print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert PACKAGE + module in loaded
    assert [name for name in loaded if name.startswith(tuple(f"{heavy}." for heavy in HEAVY)) or name in HEAVY] == []
