"""What a DAG file pays for an operator: Airflow parses it every half a minute, and a campaign runs now and then."""

from __future__ import annotations

import json
import subprocess
import sys

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


# One test: spread over the processes of `make test`, each would import Airflow for its modules.
def test_an_operator_is_loaded_without_what_only_a_task_needs() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, *MODULES], capture_output=True, text=True, check=True)
    loaded = {module: json.loads(names) for module, names in json.loads(done.stdout.splitlines()[-1]).items()}
    assert [module for module in MODULES if PACKAGE + module not in loaded[module]] == []
    heavy = {
        module: [name for name in names if name.startswith(tuple(f"{heavy}." for heavy in HEAVY)) or name in HEAVY]
        for module, names in loaded.items()
    }
    assert heavy == {module: [] for module in MODULES}
