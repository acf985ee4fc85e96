"""Airflow spread over two Celery workers, with private PostgreSQL and Redis servers."""

from __future__ import annotations

import pytest

from tests.dags.distributed import Distributed, running_distributed
from tests.harness.shared import Shared

pytestmark = pytest.mark.distributed

DAG = "harness_smoke"


@pytest.fixture(scope="module")
def distributed(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Distributed:
    return shared(running_distributed, tmp_path_factory.mktemp("dags"))


def test_celery_workers_share_a_run_and_everything_is_gone_afterwards(distributed: Distributed) -> None:
    """That everything is gone is looked at where it ends."""
    airflow = distributed.airflow
    assert {process.name() for process in distributed.servers} == {"postgres", "redis-server"}
    assert len(distributed.servers) > 2
    airflow.wait_for_dag(DAG)
    # Three tasks at once are one more than a worker has slots.
    run_id = airflow.trigger(DAG, {"square_seconds": 3})
    assert airflow.wait_for_run(DAG, run_id)["state"] == "success"
    assert airflow.task_state(DAG, run_id, "remember") == {"tries": [1, 2]}
    logs = [airflow.component(name).log.read_text() for name in ("worker-1", "worker-2")]
    assert ["] received " in log for log in logs] == [True, True]
