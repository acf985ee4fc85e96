"""Airflow spread over two Celery workers, with private PostgreSQL and Redis servers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.harness.processes import lives
from tests.harness.services import postgresql, redis
from tests.harness.stack import LocalAirflow

pytestmark = pytest.mark.distributed

DAG = "harness_smoke"


def server(url: str) -> set[psutil.Process]:
    """Return the server that listens at *url*, with its children: other tests may run servers of their own meanwhile."""
    listening = {
        c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == urlsplit(url).port
    }
    found = {psutil.Process(pid) for pid in listening if pid}
    return found | {child for process in found for child in process.children(recursive=True)}


def test_celery_workers_share_a_run_and_everything_is_gone_afterwards():
    with (
        postgresql() as database,
        redis() as broker,
        LocalAirflow(
            Path(__file__).parent / "dags",
            executor="CeleryExecutor",
            database=database,
            broker=broker,
            workers=2,
        ) as airflow,
    ):
        started = server(database) | server(broker)
        assert {process.name() for process in started} == {"postgres", "redis-server"}
        assert len(started) > 2
        airflow.wait_for_dag(DAG)
        # Three tasks at once are one more than a worker has slots.
        run_id = airflow.trigger(DAG, {"square_seconds": 3})
        assert airflow.wait_for_run(DAG, run_id)["state"] == "success"
        assert airflow.task_state(DAG, run_id, "remember") == {"tries": [1, 2]}
        logs = [airflow.component(name).log.read_text() for name in ("worker-1", "worker-2")]
        assert ["] received " in log for log in logs] == [True, True]
        processes = airflow.processes()
    assert not any(map(lives, [*processes, *started]))
