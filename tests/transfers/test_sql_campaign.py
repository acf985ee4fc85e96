"""Campaigns from a database table, on SQLite through the hook of Airflow's own provider."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.transfers.sql_ledger import SqlLedger
from airflow_provider_robosms.transfers.sql_table import CampaignTable
from tests.operators.stage import StateStore
from tests.transfers.sql_stage import DUE, Database, context, numbers, operator, texted


@pytest.fixture
def database(sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database(tmp_path / "customers.db")
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_SQL", database.connection())
    return database


def send(run_id: str = "first", **fields: Any) -> dict[str, Any]:
    return operator(**fields).execute(context(StateStore(), run_id))


def test_each_row_is_texted_once_and_gets_its_result(sandbox: RunningSandbox, database: Database) -> None:
    database.crowd(40)
    summary = send()
    assert (summary["total"], summary["sent"], summary["pending"]) == (40, 40, 0)
    by_id = {message["message_id"]: message for message in sandbox.accepted()}
    for row in database.rows():
        message = by_id.pop(row["sms_message_id"])
        assert message["text"] == f"Dear {row['name']}, Rs 5"
        assert message["to"] == "92" + row["phone"].replace("-", "")[1:]
        assert (row["sms_status"], row["sms_code"], row["sms_parts"]) == ("SENT", message["code"], 1)
        assert row["sms_sent_at"].endswith("+05:00")
        assert row["sms_run"].startswith("campaign/send/-1/first#")
    assert by_id == {}
    assert send("second")["total"] == 0
    database.do("UPDATE customers SET sms_status = NULL WHERE id = 1")
    assert send("third")["sent"] == 1
    assert texted(sandbox).total() == 41


def test_a_number_is_texted_once_and_who_opted_out_in_none(sandbox: RunningSandbox, database: Database) -> None:
    database.add(
        ("Ayesha", "0300-1234567"),
        ("Again", "+92 300 1234567"),
        ("Out", "0300-1234568", "2026-11-01"),
        ("Out too", "923001234568"),
        ("Bad", "0300-12"),
        (None, "0300-1234569"),
        ("Same as six", "0300-1234569"),
        ("Sent before", "0300-1234570"),
        ("New row", "0300 1234570"),
    )
    database.do("UPDATE customers SET sms_status = 'SENT' WHERE id = 8")
    summary = send()
    assert texted(sandbox) == {"923001234567": 1, "923001234569": 1}
    said = database.said()
    assert said[2] == ("SKIPPED", "same number as row 1")
    assert said[3] == (None, None)
    assert said[4] == ("SKIPPED", "opted out")
    assert said[5][1].startswith("bad number: the wrong number of digits")
    assert said[6] == ("SKIPPED", "tag {{name}} is blank")
    assert said[9] == ("SKIPPED", "same number as row 8, which is SENT")
    assert summary["skipped_rows"]["opted out"] == [4]
    assert summary["skipped"] == 5
    assert "1234" not in str(summary["skipped_by_reason"])


def test_a_preview_writes_and_sends_nothing(
    sandbox: RunningSandbox, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    database.crowd(5).add(("Bad", "0300-12"))
    before = database.rows()
    preview = send(dry_run=True, limit=3)
    assert (preview["pending"], preview["skipped"], preview["segments"]) == (5, 1, 3)
    assert preview["samples"][0] == {"to": "92300****000", "text": "Dear Name0, Rs 5", "parts": 1}
    assert preview["no_way_out"] == [3, 3]
    assert (database.rows(), sandbox.received()["posts"]) == (before, 0)
    told = "".join(capfd.readouterr())
    assert "Preview, nothing was sent or written: 3 to send, 1 skipped. Cost: Rs 1.50 for 3 parts." in told


def test_a_limit_leaves_the_rest_for_the_next_run(sandbox: RunningSandbox, database: Database) -> None:
    database.crowd(5)
    assert send(limit="2")["pending"] == 3
    assert database.statuses() == {"SENT": 2, None: 3}
    assert send("second")["sent"] == 3
    assert set(texted(sandbox)) == numbers(5)


def test_outside_the_hours_nothing_is_claimed(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    from airflow_provider_robosms.transfers.window import SendWindow

    database.crowd(2)
    task = operator(send_window="09:00-21:00")
    monkeypatch.setattr(SendWindow, "is_open", lambda *_: False)
    with pytest.raises(TaskDeferred) as caught:
        task.execute(context(StateStore()))
    assert caught.value.method_name == "execute"
    assert database.statuses() == {None: 2}


def test_a_text_of_its_own_in_each_row(sandbox: RunningSandbox, database: Database) -> None:
    database.add(("Salam", "0300-1234567"), (None, "0300-1234568"), ("Salam {{ name }}", "0300-1234569"))
    send(message_column="name")
    assert [message["text"] for message in sandbox.accepted()] == ["Salam"]
    assert database.said()[2] == ("SKIPPED", "no text: it is None: what it comes from had nothing")
    assert database.said()[3] == (
        "SKIPPED",
        "no text: it holds a tag such as {{ name }} that nothing has filled in",
    )


def test_other_names_for_everything(sandbox: RunningSandbox, database: Database) -> None:
    database.do(
        "CREATE TABLE people (cnic TEXT, mobile TEXT, x_status TEXT, x_run TEXT, x_code TEXT, x_message_id TEXT, "
        "x_parts TEXT, x_sent_at TEXT, x_detail TEXT)"
    )
    database.do(
        "INSERT INTO people (cnic, mobile) VALUES ('35202-1234567-1', '0300 1234567'), ('35202-1234567-3', '1')"
    )
    summary = operator(
        table="people",
        sql="SELECT CNIC, mobile FROM people WHERE mobile LIKE ?",
        parameters=["%"],
        key_column="cnic",
        phone_column="mobile",
        result_prefix="x_",
        message="Salam",
        opted_out_sql=None,
    ).execute(context(StateStore()))
    assert summary["sent"] == 1
    assert summary["skipped_rows"] == {}, "an identity card's number is nobody else's business"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"table": "customers; DROP TABLE x"}, "table must be the name of a table"),
        ({"key_column": "id--"}, "key_column must be the name of a column"),
        ({"result_prefix": "sms "}, "result_prefix must be the name of a column"),
        ({"message": None}, "Set either message or message_column"),
        ({"message_column": "name", "message": "x"}, "Set either message or message_column"),
        ({"message": "Dear {{ nmae }}"}, r"message: tag \{\{nmae\}\} is not a column: did you mean \{\{name\}\}"),
        ({"phone_column": "due", "sql": "SELECT id FROM customers"}, "sql gives no column called due"),
        ({"message_column": "texts"}, "sql gives no column called texts"),
        ({"sql": "SELECT c.id, c.phone, c.name, c.due FROM customers c, customers d"}, "sql gives the same key twice"),
        ({"sql": "SELECT NULL AS id, phone, name, due FROM customers"}, "sql gives a row without a key"),
        ({"sql": "DELETE FROM customers"}, "sql gives no rows: it must be a SELECT"),
        ({"opted_out_sql": "DELETE FROM customers"}, "opted_out_sql gives no rows: it must be a SELECT"),
        (
            {"opted_out_sql": "SELECT phone, name FROM customers"},
            "opted_out_sql gives 2 columns, of which one alone can be heeded",
        ),
        ({"opted_out_sql": "SELECT * FROM customers"}, r"opted_out_sql gives \d+ columns"),
        (
            {"opted_out_sql": "SELECT name FROM customers"},
            "opted_out_sql gives entries that cannot be read as a phone",
        ),
        (
            {"opted_out_sql": "SELECT 'Ali ' || phone FROM customers"},
            r"cannot be read as a phone number \(2\), so their owners",
        ),
        ({"opted_out_sql": "SELECT 923001000000"}, "cannot be read as a phone number"),
        ({"opted_out_sql": "SELECT CAST(phone AS BLOB) FROM customers"}, "cannot be read as a phone number"),
        ({"parameters": "x"}, "parameters must be a list or a dict"),
        ({"sql_conn_id": "nowhere"}, "There is no Airflow connection 'nowhere'"),
        ({"sql_conn_id": "robosms_default"}, "not a database that common-sql supports"),
        ({"sql_conn_id": "robosms_odd"}, "of type odd, which needs its Airflow provider"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_nothing_is_written(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_ODD", '{"conn_type": "odd", "host": "x"}')
    database.crowd(2)
    before = database.rows()
    with pytest.raises(AirflowFailException, match=sentence):
        send(**fields)
    assert (database.rows(), sandbox.received()["posts"]) == (before, 0)


def test_a_table_without_the_columns_is_named_with_all_it_needs(sandbox: RunningSandbox, database: Database) -> None:
    database.do("ALTER TABLE customers DROP COLUMN sms_sent_at")
    with pytest.raises(RoboSmsError, match=r"no such column: sms_sent_at. .* needs the columns id, phone, sms_status,"):
        send(dry_run=True)


def test_a_key_that_two_rows_have_stops_before_anything_is_sent(sandbox: RunningSandbox, database: Database) -> None:
    database.add(("Ali", "0300-1234567"), ("Ali", "0300-1234568"))
    with pytest.raises(AirflowFailException, match="name is not unique in customers"):
        send(key_column="name", sql="SELECT name, phone, due FROM customers WHERE id = 1")
    assert (database.statuses(), sandbox.received()["posts"]) == ({None: 2}, 0)


def test_without_common_sql_there_is_a_sentence(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "airflow.providers.common.sql.hooks.sql", None)
    with pytest.raises(AirflowFailException, match="pip install apache-airflow-providers-common-sql"):
        send()


def test_an_error_of_the_database_shows_no_number(sandbox: RunningSandbox, database: Database) -> None:
    with pytest.raises(
        RoboSmsError, match=r"The database failed while the campaign ran sql: OperationalError"
    ) as caught:
        send(sql='SELECT "x0300-1234567y" FROM nothing_0300_1234567 WHERE y = +92 300 1234567 8')
    assert "1234567" not in str(caught.value)


def test_a_row_in_doubt_is_named_with_the_time_of_the_attempt(sandbox: RunningSandbox, database: Database) -> None:
    database.crowd(3)
    sandbox.set_fault("reset", when="after", numbers=[sorted(numbers(3))[1]])
    before, summary = int(time.time()), send()
    assert (summary["unknown"], summary["unknown_rows"]) == (1, [2])
    assert summary["unknown_at"].keys() == {"2"}
    assert before <= summary["unknown_at"]["2"] <= time.time()


def test_a_balance_that_does_not_pay_claims_nobody(sandbox: RunningSandbox, database: Database) -> None:
    database.crowd(3)
    sandbox.settings(balance=1)
    with pytest.raises(AirflowFailException, match="does not pay for this campaign"):
        send()
    assert database.statuses() == {None: 3}


def test_a_stop_gives_back_what_was_not_sent(sandbox: RunningSandbox, database: Database) -> None:
    database.crowd(60)
    sandbox.settings(balance=20)  # a few messages
    with pytest.raises(RoboSmsError, match="balance is used up"):
        send(check_balance=False, concurrency=2)
    statuses = database.statuses()
    assert statuses["SENT"] == texted(sandbox).total() > 0
    assert statuses[None] == 60 - statuses["SENT"]
    sandbox.settings(balance=10_000)
    assert send("second")["sent"] == statuses[None]
    assert set(texted(sandbox).values()) == {1}


def test_whoever_opts_out_after_the_plan_is_not_texted(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.crowd(4)
    claim = CampaignTable.claim

    def opting_out(self: CampaignTable, keys: Any) -> Any:
        database.do("UPDATE customers SET opted_out_at = 'now' WHERE id = 2")
        database.do("UPDATE customers SET phone = '0345-7654321' WHERE id = 3")
        database.do("DELETE FROM customers WHERE id = 4")
        return claim(self, keys)

    monkeypatch.setattr(CampaignTable, "claim", opting_out)
    summary = send()
    assert set(texted(sandbox)) == numbers(1)
    assert database.said() == {1: database.said()[1], 2: ("SKIPPED", "opted out"), 3: (None, None)}
    assert (summary["sent"], summary["skipped"], summary["pending"]) == (1, 1, 2)


def test_an_opt_out_that_cannot_be_read_any_more_gives_the_rows_back(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.crowd(3)
    claim = CampaignTable.claim

    def opting_out(self: CampaignTable, keys: Any) -> Any:
        database.add(("Zara", "ask Ali for the number", "now"))
        return claim(self, keys)

    monkeypatch.setattr(CampaignTable, "claim", opting_out)
    with pytest.raises(AirflowFailException, match=r"cannot be read as a phone number \(1\), so their owners would be"):
        send()
    assert (database.statuses(), sandbox.received()["posts"]) == ({None: 4}, 0)


def test_a_database_that_is_away_for_a_moment_costs_nothing(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.crowd(3)
    failures = iter(["write", "claim"])
    monkeypatch.setattr("airflow_provider_robosms.transfers.sql_ledger.PAUSES", (0.0, 0.0, 0.0))
    transaction = CampaignTable._transaction

    def failing(self: CampaignTable, work: Any, what: str, **fields: Any) -> Any:
        if what in ("wrote results", "claimed rows") and next(failures, None):
            from airflow_provider_robosms.transfers.sql_table import DatabaseError

            transaction(self, work, what, **fields)  # it was done, and the answer was lost
            raise DatabaseError("The database went away.")
        return transaction(self, work, what, **fields)

    monkeypatch.setattr(CampaignTable, "_transaction", failing)
    assert send()["sent"] == 3
    assert next(failures, None) is None
    assert database.statuses() == {"SENT": 3}


def test_a_result_whose_row_is_gone_is_told(
    sandbox: RunningSandbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.crowd(3)
    write = SqlLedger._write

    def deleting(self: SqlLedger) -> None:
        if self._results:
            database.do("DELETE FROM customers WHERE id = 1")
            database.do("UPDATE customers SET sms_status = NULL WHERE id = 2")
        write(self)

    monkeypatch.setattr(SqlLedger, "_write", deleting)
    summary = send()
    assert (summary["sent"], summary["without_row"]) == (3, 1)
    assert database.statuses() == {"SENT": 2}, "who blanks a status in the middle does not hide what was sent"


def test_a_sql_file_is_read_by_airflow(tmp_path: Path) -> None:
    import jinja2

    (tmp_path / "due.sql").write_text(DUE)
    task = operator(sql="due.sql")
    env = jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path))
    task.render_template_fields({}, env)
    assert task.sql == DUE


@pytest.mark.parametrize("status", ["DELIVERED", "Sent", "sent", "SENT ", "unknown", "read"])
def test_a_number_is_texted_once_whatever_somebody_made_of_its_status(
    sandbox: RunningSandbox, database: Database, status: str
) -> None:
    database.add(("Ali", "0300-1234567"), ("Ali again", "0300 1234567"))
    database.do("UPDATE customers SET sms_status = ? WHERE id = 1", (status,))
    assert send()["sent"] == 0
    assert database.said()[2] == ("SKIPPED", f"same number as row 1, which is {status}")


@pytest.mark.parametrize("status", ["REJECTED", "FAILED", "SKIPPED", "failed", " "])
def test_who_was_not_texted_may_be_by_another_row(sandbox: RunningSandbox, database: Database, status: str) -> None:
    database.add(("Ali", "0300-1234567"), ("Ali again", "0300 1234567"))
    database.do("UPDATE customers SET sms_status = ? WHERE id = 1", (status,))
    assert send()["sent"] == 1


@pytest.mark.parametrize("query", ["", "\n", " \u200b"])
def test_opt_outs_that_came_out_blank_are_not_none(sandbox: RunningSandbox, database: Database, query: str) -> None:
    database.add(("Ali", "0300-1234567", "2026-11-01"))
    with pytest.raises(AirflowFailException, match="opted_out_sql must be text"):
        send(opted_out_sql=query)
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("column", ["opted_out_at", "0 AS send", "'2030-01-01' AS send_at", "1 AS dnd"])
def test_a_column_about_sending_is_not_ignored(sandbox: RunningSandbox, database: Database, column: str) -> None:
    database.add(("Ali", "0300-1234567", "2026-11-01"))
    with pytest.raises(
        AirflowFailException, match=r"which may be meant for .* but would be ignored: filter by it in sql"
    ):
        send(sql=f"SELECT id, phone, name, due, {column} FROM customers", opted_out_sql=None)
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("key", ["id * 1.0", "' ' || id"])
def test_keys_that_the_table_writes_otherwise_claim_nothing_for_good(
    sandbox: RunningSandbox, database: Database, key: str
) -> None:
    database.add(("Ali", "0300-1234567"))
    for run_id in ("first", "second"):
        try:
            assert send(run_id, sql=f"SELECT {key} AS id, phone, name, due FROM customers")["sent"] == 0
        except (AirflowFailException, RoboSmsError) as error:
            assert "keys in another form" in str(error)  # noqa: PT017 - or the database finds no row of such a key
        assert database.said()[1] == (None, None)
    assert sandbox.received()["posts"] == 0
