"""``robosms_sql_campaign`` with the connection changed to PostgreSQL, and what only a database with many writers can do."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from airflow_provider_robosms.sandbox.server import running_sandbox
from tests.harness.demo import CUSTOMERS
from tests.harness.services import postgresql
from tests.harness.settings import connection
from tests.harness.stack import LocalAirflow

pytestmark = pytest.mark.distributed

DAG = "robosms_sql_campaign"
DAGS = Path(__file__).parents[2] / "dags"
PEOPLE = 25


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    with postgresql() as url:
        yield create_engine(url, poolclass=NullPool)


@pytest.fixture
def database(server: Engine) -> Engine:
    """The table of the page's own ``CREATE TABLE``, with people of whom one has opted out and one has a bad number."""
    phones = [f"0300-{9100000 + number}" for number in range(1, PEOPLE + 1)] + ["0300-12"]
    rows = [{"id": n, "name": f"Name{n}", "phone": phone, "due": f"{n},000"} for n, phone in enumerate(phones, 1)]
    with server.begin() as db:
        db.execute(text("DROP TABLE IF EXISTS customers"))
        db.execute(text(CUSTOMERS))
        db.execute(text("INSERT INTO customers (id, name, phone, due) VALUES (:id, :name, :phone, :due)"), rows)
        db.execute(text("UPDATE customers SET opted_out_at = '2026-11-01' WHERE id = 3"))
    return server


def rows(database: Engine, where: str = "true") -> list:
    with database.connect() as db:
        return list(db.execute(text(f"SELECT * FROM customers WHERE {where} ORDER BY id")).mappings())


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location(DAG, DAGS / f"{DAG}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.airflow
def test_a_table_in_postgresql_is_texted_once(database: Engine, tmp_path: Path) -> None:
    url = make_url(database.url)
    (tmp_path / f"{DAG}.py").write_text((DAGS / f"{DAG}.py").read_text())
    with running_sandbox(latency_ms=20) as sandbox:
        account = sandbox.state()["settings"]
        login = {"login": account["email"], "password": account["key"], "extra": {"mask": account["masks"][0]}}
        env = {
            "AIRFLOW_CONN_ROBOSMS_DEFAULT": connection("robosms", host=sandbox.gateway_url, **login),
            "AIRFLOW_CONN_ROBOSMS_SQL": connection(
                "postgres", host=url.host, port=url.port, login=url.username, schema=url.database
            ),
        }
        with LocalAirflow(tmp_path, env=env) as airflow:
            airflow.wait_for_dag(DAG)
            texted = 0
            # The third run finds nobody; the fourth one the person whose status somebody has cleared.
            for limit, more in ((10, 10), (None, PEOPLE - 11), (None, 0), (None, 1)):
                run_id = airflow.trigger(DAG, {"limit": limit, "what_to_do": "send", "send_window": ""})
                assert airflow.wait_for_run(DAG, run_id)["state"] == "success"
                texted += more
                assert len(sandbox.accepted()) == texted
                if not more:
                    with database.begin() as db:
                        db.execute(text("UPDATE customers SET sms_status = NULL WHERE id = 1"))
            counts = airflow.xcom(DAG, run_id, "report")
            assert airflow.import_errors() == {}
        messages = {message["message_id"]: message for message in sandbox.accepted()}
    assert counts == {"SENT": PEOPLE - 1, "SKIPPED": 1, "opted out": 1}
    for row in rows(database, "sms_status = 'SENT'"):
        message = messages[row["sms_message_id"]]
        assert message["to"] == "92" + row["phone"].replace("-", "")[1:]
        assert message["text"] == f"Dear {row['name']}, your bill of Rs {row['due']} is ready. Thank you."
        assert (row["sms_code"], row["sms_parts"]) == (message["code"], message["parts"])
    [bad] = rows(database, "sms_status = 'SKIPPED'")
    assert (bad["id"], bad["sms_detail"].partition(":")[0]) == (PEOPLE + 1, "bad number")
    assert rows(database, "id = 3")[0]["sms_status"] is None


def test_two_runs_that_claim_at_once_share_no_row(database: Engine) -> None:
    """As when a copy of the DAG runs beside it: the second one waits for the first one's rows, and must leave them alone."""
    claim = text(example().CLAIM)
    with database.connect() as first, database.connect() as second:
        first.execute(claim, {"run": "first", "at_most": 10})
        other = threading.Thread(target=second.execute, args=(claim, {"run": "second", "at_most": 15}))
        other.start()
        other.join(1)
        assert other.is_alive(), "it waits for the first one's rows"
        first.commit()
        other.join(10)
        second.commit()
    claimed = {run: {row["id"] for row in rows(database, f"sms_run = '{run}'")} for run in ("first", "second")}
    assert len(claimed["first"]) == 10
    # 26 people, one opted out: of the first fifteen that were free when it looked, the second run gets those that still are.
    assert len(claimed["second"]) == 5
    assert not claimed["first"] & claimed["second"]
