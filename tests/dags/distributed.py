"""Airflow spread over two Celery workers, with PostgreSQL, Redis and a sandbox: one for all tests that need it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.dags.conftest import KEY, quick_dags
from tests.harness.processes import lives
from tests.harness.services import postgresql, redis
from tests.harness.settings import QUICK_DETECTION, connection, sandbox_connections
from tests.harness.stack import LocalAirflow

HARNESS_DAGS = Path(__file__).parents[1] / "harness" / "dags"


@dataclass
class Distributed:
    """What runs.

    :ivar customers: a database of its own beside Airflow's, to which the connection ``robosms_sql`` leads.
    :ivar servers: PostgreSQL and Redis, with their children.
    """

    airflow: LocalAirflow
    sandbox: RunningSandbox
    customers: URL
    servers: set[psutil.Process]

    def reset(self) -> None:
        """Forget what other tests have sent."""
        self.sandbox.reset()
        self.sandbox.settings(key=KEY, latency_ms=50, balance="2000")


@contextmanager
def running_distributed(folder: Path) -> Iterator[Distributed]:
    """Start all of it, with its DAGs in an empty folder; at the end none of its processes may live."""
    with running_sandbox(key=KEY) as sandbox, postgresql() as database, redis() as broker:
        servers = _server(database) | _server(broker)
        customers = make_url(database).set(database="customers")
        with create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as db:
            db.execute(text("CREATE DATABASE customers"))
        shutil.copy(HARNESS_DAGS / "harness_smoke.py", quick_dags(folder))
        env = {
            **QUICK_DETECTION,
            **sandbox_connections(sandbox),
            "AIRFLOW_CONN_ROBOSMS_SQL": connection(
                "postgres", host=customers.host, port=customers.port, login=customers.username, schema="customers"
            ),
        }
        with LocalAirflow(
            folder, executor="CeleryExecutor", database=database, broker=broker, workers=2, env=env
        ) as airflow:
            yield Distributed(airflow, sandbox, customers, servers)
            assert airflow.import_errors() == {}
            processes = airflow.processes()
    assert not any(map(lives, [*processes, *servers]))


def _server(url: str) -> set[psutil.Process]:
    """Return the server that listens at *url*, with its children: other tests may run servers of their own meanwhile."""
    listening = {
        c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == urlsplit(url).port
    }
    found = {psutil.Process(pid) for pid in listening if pid}
    return found | {child for process in found for child in process.children(recursive=True)}
