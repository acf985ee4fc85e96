"""DAG files are parsed again and again: that must need neither network nor database, connections or Variables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DAGS = sorted((Path(__file__).parents[2] / "dags").glob("robosms_*.py"))
# Whatever a DAG file must not do while it is parsed ends this program.
PARSE = """
import importlib.util, socket, sqlite3, sys
import sqlalchemy
from airflow.sdk import BaseHook, Connection, Variable
from airflow.sdk.definitions._internal.contextmanager import DagContext
def refuse(*args, **kwargs):
    raise RuntimeError("not while parsing")
socket.socket.connect = sqlite3.connect = refuse
sqlalchemy.Engine.connect = sqlalchemy.Engine.raw_connection = refuse
BaseHook.get_connection = Connection.get = Variable.get = refuse
for path in sys.argv[1:]:
    DagContext.current_autoregister_module_name = __name__
    spec = importlib.util.spec_from_file_location("parsed", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
for dag, _ in DagContext.autoregistered_dags:
    assert dag.doc_md and dag.description and not dag.catchup, dag
    for name in dag.params:
        param = dag.params.get_param(name)
        param.resolve()
        assert param.schema["title"], (dag, name)
    print(dag.dag_id)
"""


def test_dag_files_are_parsed_without_touching_anything(tmp_path):
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path)}
    command = [sys.executable, "-c", PARSE, *map(str, DAGS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert sorted(done.stdout.split()) == [path.stem for path in DAGS]
