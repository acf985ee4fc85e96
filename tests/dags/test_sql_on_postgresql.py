"""``robosms_sql_campaign`` with the connection changed to PostgreSQL, and what only a database with many writers can do."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.campaign.message import Outcome
from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.outcome import Status
from airflow_provider_robosms.transfers.sql_table import CampaignTable, Names
from tests.dags.distributed import Distributed
from tests.harness.demo import CUSTOMERS

pytestmark = pytest.mark.distributed

DAG = "robosms_sql_campaign"
PEOPLE = 25


@pytest.fixture(scope="module")
def server(distributed: Distributed) -> Engine:
    return create_engine(distributed.customers, poolclass=NullPool)


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


@pytest.mark.airflow
def test_a_table_in_postgresql_is_texted_once(database: Engine, distributed: Distributed) -> None:
    airflow, sandbox = distributed.airflow, distributed.sandbox
    distributed.reset()
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
    messages = {message["message_id"]: message for message in sandbox.accepted()}
    assert len(rows(database, "sms_status = 'SENT'")) == PEOPLE - 1
    for row in rows(database, "sms_status = 'SENT'"):
        message = messages[row["sms_message_id"]]
        assert message["to"] == "92" + row["phone"].replace("-", "")[1:]
        assert message["text"] == f"Dear {row['name']}, your bill of Rs {row['due']} is ready. Thank you."
        assert (row["sms_code"], row["sms_parts"]) == (message["code"], message["parts"])
    [bad] = rows(database, "sms_status = 'SKIPPED'")
    assert (bad["id"], bad["sms_detail"].partition(":")[0]) == (PEOPLE + 1, "bad number")
    assert rows(database, "id = 3")[0]["sms_status"] is None


class Hook:
    """What the table asks of a hook of common-sql, without an Airflow connection."""

    placeholder = "%s"
    supports_autocommit = True

    def __init__(self, database: Engine) -> None:
        self._url = database.url.set(drivername="postgresql").render_as_string()

    def get_conn(self) -> Any:
        import psycopg2  # only CI has it

        return psycopg2.connect(self._url)

    @staticmethod
    def set_autocommit(connection: Any, autocommit: bool) -> None:
        connection.autocommit = autocommit


def table(database: Engine, run: str) -> CampaignTable:
    return CampaignTable(Hook(database), Names("customers", "id", "phone", "sms_"), run)


def test_two_runs_that_claim_at_once_share_no_row(database: Engine) -> None:
    """The second one waits for the first one's rows, and must leave them alone."""
    claimed = {}
    # As the first run's claim stands before its commit.
    with database.connect() as first:
        first.execute(text("UPDATE customers SET sms_status = 'SENDING', sms_run = 'first' WHERE id <= 10"))
        other = threading.Thread(target=lambda: claimed.update(table(database, "second").claim(range(1, 16))))
        other.start()
        other.join(1)
        assert other.is_alive(), "it waits for the first one's rows"
        first.commit()
        other.join(10)
    assert set(claimed) == {11, 12, 13, 14, 15}
    assert {row["id"] for row in rows(database, "sms_run = 'first'")} == set(range(1, 11))


def test_everything_that_the_table_is_asked_to_do(database: Engine) -> None:
    mine, other = table(database, "mine"), table(database, "other")
    mine.check()
    assert dict(mine.claim([1, 2, 3, 4])) == {row["id"]: row["phone"] for row in rows(database, "id <= 4")}
    assert mine.claim([1]) == mine.claim([1]), "made again, it stays made"
    assert other.claim([1, 2]) == []
    sent = Outcome(Status.SENT, "000", "RSMS-1", at=1, parts=2)
    assert mine.write({(1, "mine"): sent, (99, "mine"): sent}, lambda _: "2026-11-26 10:00:00+05:00") == [(99, "mine")]
    mine.skip([(2, "opted out"), (5, "bad number")])
    mine.release([(3, "mine"), (4, "other")])
    other.doubt([(4, "mine"), (1, "mine")], "may have been sent")
    assert [(row["sms_status"], row["sms_detail"]) for row in rows(database, "id <= 5")] == [
        ("SENT", sent.detail),
        ("SKIPPED", "opted out"),
        (None, None),
        ("UNKNOWN", "may have been sent"),
        ("SKIPPED", "bad number"),
    ]
    assert mine.write({(4, "mine"): sent}, lambda _: None) == [], "an answer that comes after all"
    assert {(one.key, one.status) for one in other.spoken_for(own=False)} == {(1, "SENT"), (4, "SENT")}
    assert mine.spoken_for(own=False) == []
    own = [(1, "SENT"), (2, "SKIPPED"), (4, "SENT"), (5, "SKIPPED")]
    assert sorted(mine.claimed_as("m")) == [(key, status, "mine") for key, status in own]
    assert mine.claimed_as("m_") == []
    assert mine.counts() == {None: PEOPLE + 1 - 4, "SENT": 2, "SKIPPED": 2}
    other.adopt(["mine"])
    assert other.spoken_for(own=False) == []
    assert sorted(one.key for one in mine.spoken_for(own=False)) == [1, 4]
    with pytest.raises(RoboSmsError, match='column "nothing" does not exist'):
        mine.select("SELECT nothing FROM customers", None, "sql")
