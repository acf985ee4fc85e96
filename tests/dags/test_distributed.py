"""One sheet spread over two Celery workers, of which one is killed: PostgreSQL, Redis, and nobody texted twice."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.dags.distributed import Distributed
from tests.sheets.campaigns import statuses, table

pytestmark = pytest.mark.distributed

DAG = "robosms_sheet_campaign"
COUNT, PARTITIONS = 2_000, 4


def test_a_killed_celery_worker_texts_nobody_twice(distributed: Distributed) -> None:
    airflow, sandbox = distributed.airflow, distributed.sandbox
    distributed.reset()
    airflow.wait_for_dag(DAG)
    rows = [[f"Name{index}", f"0300-{2000000 + index}"] for index in range(COUNT)]
    sheet = sandbox.create_sheet("Spread", {"Recipients": [["First Name", "Phone"], *rows]})
    conf = {
        "spreadsheet": sheet,
        "message": "Dear {{ First Name }}",
        "partitions": PARTITIONS,
        "what_to_do": "send",
    }
    run_id = airflow.trigger(DAG, {**conf, "send_window": "", "max_per_second": 60})
    airflow.wait_until("some are texted", lambda: len(sandbox.accepted()) >= 400, timeout=240)
    worker = airflow.component("worker-1")
    worker.kill(tree=True)
    worker.restart()
    assert airflow.wait_for_run(DAG, run_id, timeout=400)["state"] == "success"
    tries = [airflow.task_instance(DAG, run_id, "send", share)["try_number"] for share in range(PARTITIONS)]
    logs = [airflow.component(name).log.read_text() for name in ("worker-1", "worker-2")]
    texted = Counter(message["to"] for message in sandbox.accepted())
    found = statuses(table(sandbox, sheet))
    assert ["] received " in log for log in logs] == [True, True]
    assert max(tries) > 1, "the killed worker had nothing to do"
    assert max(texted.values()) == 1
    assert set(found) <= {"SENT", "UNKNOWN"}
    assert sum(found.values()) == COUNT
    assert found["SENT"] <= len(texted) <= COUNT
    assert found.get("UNKNOWN", 0) <= 40 * sum(number > 1 for number in tries)
