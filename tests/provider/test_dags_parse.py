"""The DAG files: parsed where there is no network, no database and no connection."""

from __future__ import annotations

from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"
FILES = sorted(DAGS.glob("*.py"))


# A file that does everything that it must not do, to see that it is found out.
OFFENDER = """
import contextlib, socket
import phonenumbers
from airflow.sdk import DAG, BaseHook, Variable
for ask in (
    lambda: socket.create_connection(("127.0.0.1", 1)),
    lambda: BaseHook.get_connection("c"),
    lambda: Variable.get("v"),
):
    with contextlib.suppress(RuntimeError):
        ask()
with DAG("offender", schedule=None) as dag: pass
"""


@pytest.fixture(scope="module")
def parsed(program, tmp_path_factory):
    offender = tmp_path_factory.mktemp("dags") / "offender.py"
    offender.write_text(OFFENDER)
    found = program("parse_dags", *map(str, FILES), str(offender))
    return {Path(path).stem: result for path, result in found.items()}


# One test for all: spread over the processes of `make test`, each would import Airflow for its files.
def test_each_file_needs_nothing_and_defines_a_documented_dag_of_its_name(parsed):
    for path in FILES:
        found = parsed[path.stem]
        assert (found["forbidden"], found["loaded"]) == ([], []), path
        assert list(found["dags"]) == [path.stem]
        assert found["serialized"][path.stem] == found["dags"][path.stem]["tasks"] != [], path
        assert found["unexplained"] == [], path


def test_a_file_that_asks_is_found_out(parsed):
    assert [line.partition(":")[0] for line in parsed["offender"]["forbidden"]] == [
        "the network",
        "a connection",
        "a variable",
    ]
    assert parsed["offender"]["loaded"] == ["phonenumbers"]


def test_the_promised_dags_are_there():
    assert {path.stem for path in FILES} >= {
        "robosms_sheet_campaign",
        "robosms_planned_campaigns",
        "robosms_balance_alert",
        "robosms_low_balance_event",
        "robosms_failure_alert",
    }
