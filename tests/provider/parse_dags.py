"""Parses DAG files in a process that has no network, no database and no connections::

    python -m tests.provider.parse_dags FILE...

Prints, as JSON and for each file: what it defines, what it tried that a DAG file must not do, and which heavy libraries are
loaded after it.
"""

from __future__ import annotations

import importlib.util
import json
import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Loaded where they are used, so that parsing stays quick. Airflow loads others, such as requests, by itself.
HEAVY = ("gspread", "google.auth", "phonenumbers")

forbidden: list[str] = []


def _refuse(what: str) -> Any:
    def refusal(*arguments: object, **_: object) -> None:
        forbidden.append(f"{what}: {arguments[-1] if arguments else ''}")
        raise RuntimeError(f"a DAG file must not use {what}")

    return refusal


def forbid() -> None:
    """Make everything fail, and be noted, that a DAG file must not do while it is parsed."""
    import sqlalchemy
    from airflow.sdk import BaseHook, Connection, Variable
    from airflow.sdk.execution_time import context

    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _refuse("the network"))
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        setattr(socket, name, _refuse("the network"))
    sqlite3.connect = sqlite3.dbapi2.connect = _refuse("the database")
    for name in ("connect", "raw_connection"):
        setattr(sqlalchemy.Engine, name, _refuse("the database"))
    context._get_connection = _refuse("a connection")
    for kind, what in ((BaseHook, "a connection"), (Connection, "a connection"), (Variable, "a variable")):
        for name in ("get", "get_connection"):
            if hasattr(kind, name):
                setattr(kind, name, staticmethod(_refuse(what)))


def unexplained(dag: Any) -> Iterator[str]:
    """Yield what a person would miss on the DAG's page and in its trigger form."""
    if not (dag.doc_md or "").strip().startswith("###"):
        yield "its documentation has no heading"
    if not dag.description:
        yield "it has no description"
    if dag.catchup:
        yield "it would run for the past"
    dag.params.validate()
    for name in dag.params:
        param = dag.params.get_param(name)
        param.resolve()
        if not param.schema.get("title"):
            yield f"{name} has no title"
        if not (param.description or "").endswith("."):
            yield f"{name} has no sentence"


def parse(path: Path) -> dict[str, object]:
    """Load a file and return its DAGs: their tasks and Params, as Airflow serializes them."""
    from airflow.sdk.definitions._internal.contextmanager import DagContext
    from airflow.serialization.serialized_objects import DagSerialization

    before = len(forbidden)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # As Airflow's own parser finds them: a DAG registers itself at the end of its `with` block.
    DagContext.autoregistered_dags.clear()
    DagContext.current_autoregister_module_name = path.stem
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    dags = [dag for dag, _ in DagContext.autoregistered_dags]
    serialized = [DagSerialization.to_dict(dag) for dag in dags]
    return {
        "dags": {dag.dag_id: {"tasks": sorted(dag.task_ids), "params": sorted(dag.params)} for dag in dags},
        "serialized": {
            dag.dag_id: sorted(DagSerialization.from_dict(one).task_dict)
            for dag, one in zip(dags, serialized, strict=True)
        },
        "unexplained": [problem for dag in dags for problem in unexplained(dag)],
        "forbidden": forbidden[before:],
        "loaded": [name for name in HEAVY if name in sys.modules],
    }


if __name__ == "__main__":
    forbid()
    print(json.dumps({name: parse(Path(name)) for name in sys.argv[1:]}))
