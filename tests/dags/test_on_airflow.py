"""The campaign DAGs of ``dags/``, run by a real Airflow against the sandbox; and nothing personal is left behind by any."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, inspect
from sqlalchemy import text as sql

from tests.dags.conftest import KEY, Stage
from tests.harness.demo import CUSTOMERS
from tests.sheets.campaigns import disagreements, statuses, table

pytestmark = pytest.mark.airflow

SHEET, APPROVED, SQL = "robosms_sheet_campaign", "robosms_approved_campaign", "robosms_sql_campaign"
# The braces are tags of the text and must reach the operator as they are.
MESSAGE = "Dear {{ First Name }}, come to {{City}}. {# kept #} {{ First Name }}"
PROGRESS = re.compile(r"sent \d+/\d+ · [\d.]+/s · rejected \d+ · unknown \d+")


@pytest.fixture(autouse=True)
def _fresh_inbox(stage: Stage) -> None:
    stage.sandbox.reset()
    stage.sandbox.settings(key=KEY, latency_ms=50)


def test_three_partitions_share_one_sheet(stage: Stage) -> None:
    sheet = stage.sheet(30)
    run_id, state = stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, partitions=3)
    assert state == "success"
    rows = stage.rows(sheet)
    assert statuses(rows) == {"SENT": 30}
    assert disagreements(stage.sandbox, sheet) == []
    accepted = stage.sandbox.accepted()
    assert all(re.fullmatch(r"Dear (Name\d+), come to Lahore\. {# kept #} \1", one["text"]) for one in accepted)
    shares = [stage.airflow.xcom(SHEET, run_id, "send", map_index=i) for i in range(3)]
    assert all(0 < share["sent"] < 30 for share in shares)
    report = stage.airflow.xcom(SHEET, run_id, "report")
    assert (report["sent"], report["total"], report["codes"], report["partitions"]) == (30, 30, {"000": 30}, 3)
    assert (report["balance_before"], report["balance_after"]) == ("1000.00", stage.sandbox.state()["balance"])
    log = stage.airflow.logs(SHEET, run_id, "report")
    assert "info 30 sent" in log
    assert "- Cost: Rs 15.00 for 30 parts" in log
    lines = table(stage.sandbox, sheet, "Campaigns")
    assert (len(lines), sum(int(line["Sent"]) for line in lines)) == (3, 30)
    assert {line["By"] for line in lines} == {"Anonymous"}, lines
    assert all(line["Run"].startswith("http") and f"/dags/{SHEET}/runs/manual__" in line["Run"] for line in lines)
    # A second run finds nothing to send, and sends nothing.
    run_id, state = stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, partitions=3)
    assert (state, len(stage.sandbox.accepted())) == ("success", 30)


def test_only_a_preview(stage: Stage) -> None:
    sheet = stage.sheet(4)
    before = stage.rows(sheet)
    run_id, state = stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, what_to_do="preview")
    assert state == "success"
    assert stage.states(SHEET, run_id) == {
        "preview": {"success"},
        "check": {"success"},
        "send": {"skipped"},
        "report": {"skipped"},
    }
    assert (stage.sandbox.received()["posts"], stage.rows(sheet)) == (0, before)
    assert stage.airflow.xcom(SHEET, run_id, "preview")["estimated_cost"] == "2.00"


def test_a_test_goes_to_ones_own_number_only(stage: Stage) -> None:
    sheet = stage.sheet(4)
    before, mine = stage.rows(sheet), "0321-7654321"
    run_id, state = stage.run(
        SHEET, spreadsheet=sheet, message=MESSAGE, what_to_do="test", test_to=mine, opt_out_line="Reply STOP"
    )
    assert state == "success"
    assert stage.states(SHEET, run_id)["send"] == {"skipped"}
    texts = stage.sandbox.accepted()
    assert [one["to"] for one in texts] == ["92" + mine.replace("-", "")[1:]] * 3
    assert all(one["text"].endswith("\nReply STOP") for one in texts)
    assert stage.rows(sheet) == before
    log = stage.airflow.logs(SHEET, run_id, "check")
    assert "- Test: 3 of 3 texts went to 92321****321" in log
    # What somebody types into the form stands in the run and in Airflow's audit table "log"; nothing else keeps it.
    assert {place for place, text in _kept(stage) if re.search("321-?7654321", text)} == {"dag_run:", "log:"}
    # Filled in beside Send, it stops the run before anything is sent.
    run_id, state = stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, test_to=mine)
    assert (state, stage.states(SHEET, run_id)["check"], len(stage.sandbox.accepted())) == ("failed", {"failed"}, 3)


def test_a_form_sent_untouched_texts_nobody_and_says_what_is_missing(stage: Stage) -> None:
    sheet = stage.sheet(4)
    for dag_id in (SHEET, APPROVED):
        run_id = stage.airflow.trigger(dag_id, {"spreadsheet": sheet})
        assert stage.airflow.wait_for_run(dag_id, run_id, timeout=200)["state"] == "failed"
    assert stage.sandbox.received()["posts"] == 0


@pytest.mark.parametrize("dag_id", [SHEET, APPROVED, SQL])
def test_a_campaign_that_cannot_be_paid_for_fails_before_anything(stage: Stage, dag_id: str) -> None:
    stage.sandbox.settings(balance="0.50")
    if dag_id == SQL:
        _fill(stage, [("Ayesha", phone, "1", None) for phone in stage.phones(2)])
        conf = {}
    else:
        conf = {"spreadsheet": stage.sheet(4), "message": MESSAGE}
    run_id, state = stage.run(dag_id, **conf)
    assert state == "failed"
    assert stage.states(dag_id, run_id)["check"] == {"failed"}
    assert "The balance does not pay for it" in stage.airflow.logs(dag_id, run_id, "check")
    assert stage.sandbox.received()["posts"] == 0


@pytest.mark.parametrize(("dag_id", "first"), [(SHEET, "preview"), (SQL, "check")])
def test_a_field_that_the_form_does_not_have_stops_the_run(stage: Stage, dag_id: str, first: str) -> None:
    if dag_id == SQL:
        _fill(stage, [("Ayesha", phone, "1", None) for phone in stage.phones(2)])
        run_id, state = stage.run(dag_id, limits=1)
    else:  # a test, whose SMS would leave in the first task
        test = {"what_to_do": "test", "test_to": stage.typed_phone()}
        run_id, state = stage.run(dag_id, spreadsheet=stage.sheet(4), message=MESSAGE, limits=1, **test)
    assert state == "failed"
    assert "'limits' is no field of this DAG's form" in stage.airflow.logs(dag_id, run_id, first)
    assert stage.sandbox.received()["posts"] == 0


def test_hours_that_cannot_be_read_are_refused_before_anything(stage: Stage) -> None:
    run_id, state = stage.run(SHEET, spreadsheet=stage.sheet(2), message=MESSAGE, send_window="nine to five")
    assert state == "failed"
    assert "such as 09:00-21:00 or 9 am - 9 pm" in stage.airflow.logs(SHEET, run_id, "preview")


def test_a_field_is_called_what_the_form_calls_it(stage: Stage) -> None:
    run_id, state = stage.run(SHEET, spreadsheet=stage.sheet(2), message=MESSAGE, opt_out_line="Reply {{ STOP }}")
    assert state == "failed"
    told = "Opt-out line must be one line without tags, the same for everybody."
    assert told in stage.airflow.logs(SHEET, run_id, "preview")
    assert stage.airflow.xcom(SHEET, run_id, "preview", "failure") == told


def test_a_form_with_two_texts_sends_neither(stage: Stage) -> None:
    sheet = stage.sheet(2, Templates=[["Name", "Body"], ["bill", "Hello"]])
    run_id, state = stage.run(SHEET, spreadsheet=sheet, template="bill", message=MESSAGE, what_to_do="send")
    assert (state, stage.sandbox.received()["posts"]) == ("failed", 0)
    assert "Template and Message are both filled in" in stage.airflow.logs(SHEET, run_id, "check")


def test_a_limit_is_one_for_all_partitions(stage: Stage) -> None:
    sheet = stage.sheet(8)
    run_id, state = stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, partitions=4, limit=3)
    assert (state, len(stage.sandbox.accepted())) == ("success", 3)
    assert stage.airflow.xcom(SHEET, run_id, "report")["pending"] == 5


def test_a_wrong_tag_ends_the_run_before_anything_is_sent(stage: Stage) -> None:
    sheet = stage.sheet(4, Templates=[["Name", "Body"], ["bill", "Dear {{ Frist Name }}"]])
    run_id, state = stage.run(SHEET, spreadsheet=sheet, template="bill")
    assert state == "failed"
    assert stage.states(SHEET, run_id) == {
        "preview": {"failed"},
        "check": {"upstream_failed"},
        "send": {"upstream_failed"},
        "report": {"skipped"},
    }
    assert stage.sandbox.received()["posts"] == 0
    log = " ".join(stage.airflow.logs(SHEET, run_id, "preview").split())
    assert -1 < log.find("did you mean {{First Name}}?") < log.find("Task failed with exception"), "the sentence first"


def test_the_report_tells_what_a_failed_send_had_done(stage: Stage) -> None:
    sheet = stage.sheet(10)
    sixth = stage.rows(sheet)[5]["Phone"].replace("-", "")[1:]
    stage.sandbox.set_fault("code", code="210", numbers=[f"92{sixth}"])
    run_id, state = stage.run(SHEET, spreadsheet=sheet, message=MESSAGE, max_per_second=5)
    assert state == "failed"
    report = stage.airflow.xcom(SHEET, run_id, "report")
    found = statuses(stage.rows(sheet))
    assert found == {"SENT": report["sent"], "": report["pending"]}
    assert (report["total"], report["partitions_failed"]) == (10, 1)
    assert 1 <= report["sent"] < 10
    log = stage.airflow.logs(SHEET, run_id, "report")
    assert re.search(r"Sending failed:\n\n- \w", log)  # and why


def test_a_killed_task_texts_nobody_twice(stage: Stage) -> None:
    count = 80
    sheet = stage.sheet(count)
    run_id = stage.trigger(SHEET, spreadsheet=sheet, message=MESSAGE, max_per_second=10)
    pids = stage.airflow.task_pids(SHEET, run_id, "send", map_index=0, timeout=120)
    stage.airflow.wait_until("some are texted", lambda: len(stage.sandbox.accepted()) >= 10, timeout=120)
    pids.task.kill()
    before = len(stage.sandbox.accepted())
    assert before < count
    assert stage.airflow.wait_for_run(SHEET, run_id, timeout=300)["state"] == "success"

    assert stage.airflow.task_instance(SHEET, run_id, "send", 0)["try_number"] == 2
    texted = Counter(message["to"] for message in stage.sandbox.accepted())
    assert max(texted.values()) == 1
    found = statuses(stage.rows(sheet))
    assert set(found) <= {"SENT", "UNKNOWN"}
    assert sum(found.values()) == count
    assert found["SENT"] <= len(texted) <= found["SENT"] + found.get("UNKNOWN", 0)
    assert found.get("UNKNOWN", 0) <= 40  # twice the concurrency
    assert len(texted) > before
    assert PROGRESS.search(stage.airflow.logs(SHEET, run_id, "send", try_number=2, map_index=0))
    state = stage.airflow.task_state(SHEET, run_id, "send", map_index=0)
    assert PROGRESS.fullmatch(state["campaign_progress"].removesuffix(" left").split(" · 0 s")[0])
    assert f"/{count} " in state["campaign_progress"]


def test_an_approved_campaign_is_sent_and_no_more_than_that(stage: Stage) -> None:
    sheet = stage.sheet(5)
    run_id = stage.trigger(APPROVED, spreadsheet=sheet, message=MESSAGE)
    detail = _asked(stage, run_id)
    assert detail["subject"] == "Text 5 people?"
    for words in (
        f"- Spreadsheet: <{stage.sandbox.url}/spreadsheets/d/{sheet}/edit>",
        "- From: `SMS-ALERT`, unless a template names another",
        "- Hours: any",
        "- Asked for by: `",
        "**5 people will be texted.**",
        "- Cost: Rs 2.50 for 5 parts",
        "- Balance: Rs 1,000.00",
        "\n    Dear Name0, come to Lahore.",
    ):
        assert words in detail["body"]
    assert len(re.findall(r"^To 92300\*{4}\d{3}, 1 part", detail["body"], re.MULTILINE)) == 3
    # Somebody who was added after the preview was not approved.
    rows = stage.sandbox.sheet(sheet)["sheets"][0]["rows"]
    newcomer = [["New", stage.phones(1)[0], "Multan"]]
    stage.sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell=f"A{len(rows) + 1}", values=newcomer)
    _answer(stage, run_id, "Approve")
    state = stage.airflow.wait_for_run(APPROVED, run_id, timeout=300)["state"]
    assert state == "success", stage.told(APPROVED, run_id)
    assert statuses(stage.rows(sheet)) == {"SENT": 5, "": 1}
    assert stage.airflow.xcom(APPROVED, run_id, "report")["headline"] == "5 sent, 1 not reached"
    assert len(stage.sandbox.accepted()) == 5


def test_what_is_checked_anew_while_somebody_reads_is_not_approved(stage: Stage) -> None:
    sheet = stage.sheet(2)
    run_id = stage.trigger(APPROVED, spreadsheet=sheet, message=MESSAGE)
    assert _asked(stage, run_id)["subject"] == "Text 2 people?"
    newcomers = [["New", phone, "Multan"] for phone in stage.phones(3)]
    stage.sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A4", values=newcomers)
    stage.airflow.api(
        "POST",
        f"/dags/{APPROVED}/clearTaskInstances",
        json={"dry_run": False, "dag_run_id": run_id, "task_ids": ["preview", "check"], "only_failed": False},
    )
    stage.airflow.wait_until(
        "it is checked again", lambda: stage.airflow.task_instance(APPROVED, run_id, "check")["try_number"] == 2, 120
    )
    assert stage.airflow.task_instance(APPROVED, run_id, "approve")["state"] == "awaiting_input"
    _answer(stage, run_id, "Approve")
    assert stage.airflow.wait_for_run(APPROVED, run_id, timeout=300)["state"] == "success"
    assert len(stage.sandbox.accepted()) == 2


def test_what_was_previewed_is_sent_whatever_the_variable_says_by_then(stage: Stage) -> None:
    first, second = stage.sheet(2), stage.sheet(3)
    stage.airflow.api("POST", "/variables", json={"key": "robosms_spreadsheet", "value": first})
    try:
        run_id = stage.trigger(APPROVED, spreadsheet="", message=MESSAGE)
        assert first in _asked(stage, run_id)["body"]
        stage.airflow.api(
            "PATCH", "/variables/robosms_spreadsheet", json={"key": "robosms_spreadsheet", "value": second}
        )
        _answer(stage, run_id, "Approve")
        assert stage.airflow.wait_for_run(APPROVED, run_id, timeout=300)["state"] == "success"
    finally:
        stage.airflow.api("DELETE", "/variables/robosms_spreadsheet")
    assert (statuses(stage.rows(first)), statuses(stage.rows(second))) == ({"SENT": 2}, {"": 3})


def test_a_rejected_campaign_sends_nothing(stage: Stage) -> None:
    sheet = stage.sheet(3)
    before = stage.rows(sheet)
    run_id = stage.trigger(APPROVED, spreadsheet=sheet, message=MESSAGE)
    _asked(stage, run_id)
    _answer(stage, run_id, "Reject")
    assert stage.airflow.wait_for_run(APPROVED, run_id, timeout=300)["state"] == "success"
    assert stage.states(APPROVED, run_id)["send"] == {"skipped"}
    assert (stage.sandbox.received()["posts"], stage.rows(sheet)) == (0, before)


def test_nobody_is_asked_when_nobody_is_to_be_texted(stage: Stage) -> None:
    sheet = stage.sandbox.create_sheet("Empty", {"Recipients": [["First Name", "Phone", "City"]]})
    run_id, state = stage.run(APPROVED, spreadsheet=sheet, message=MESSAGE)
    assert state == "success"
    assert stage.states(APPROVED, run_id)["approve"] == {"skipped"}


def test_a_number_in_a_table_is_texted_once_and_never_when_it_has_opted_out(stage: Stage) -> None:
    one, out = stage.phones(2)
    plain = "92" + one.replace("-", "")[1:]
    _fill(stage, [("A", one, "1", None), ("B", plain, "2", None), ("C", out, "3", "2026-01-01"), ("D", out, "4", None)])
    run_id = stage.airflow.trigger(SQL, {})  # as the form stands
    assert stage.airflow.wait_for_run(SQL, run_id, timeout=200)["state"] == "success"
    assert stage.sandbox.received()["posts"] == 0
    assert stage.run(SQL)[1] == "success"
    assert [message["to"] for message in stage.sandbox.accepted()] == [plain]
    assert [(row["sms_status"], row["sms_detail"]) for row in _customers(stage, "id <> 1")] == [
        ("SKIPPED", "same number as row 1"),
        (None, None),
        ("SKIPPED", "opted out"),
    ]
    # Nor in a later run, from a row that is new.
    with sqlite3.connect(stage.database) as database:
        database.execute("INSERT INTO customers (name, phone, due) VALUES ('E', ?, '5')", [one])
    assert stage.run(SQL)[1] == "success"
    assert len(stage.sandbox.accepted()) == 1
    assert _customers(stage, "id = 5")[0]["sms_detail"] == "same number as row 1, which is SENT"


def test_a_database_table_is_texted_once(stage: Stage) -> None:
    phones = stage.phones(30)
    with sqlite3.connect(stage.database) as database:
        database.execute("DROP TABLE IF EXISTS customers")
        database.execute(CUSTOMERS)
        people = [(f"Name{i}", phone, f"{i},000") for i, phone in enumerate(phones)]
        people += [("Bad", "0300-12", "1"), (None, stage.phones(1)[0], "2")]
        database.executemany("INSERT INTO customers (name, phone, due) VALUES (?, ?, ?)", people)
        database.execute("UPDATE customers SET opted_out_at = '2026-11-01' WHERE id = 3")
    run_id, state = stage.run(SQL)
    assert state == "success"
    for task_id in ("send", "report"):
        summary = stage.airflow.xcom(SQL, run_id, task_id)
        assert (summary["sent"], summary["skipped"]) == (29, 2)
    by_id = {message["message_id"]: message for message in stage.sandbox.accepted()}
    for row in _customers(stage, "sms_status = 'SENT'"):
        message = by_id.pop(row["sms_message_id"])
        assert message["to"] == "92" + row["phone"].replace("-", "")[1:]
        assert message["text"] == f"Dear {row['name']}, your bill of Rs {row['due']} is ready. Thank you."
        assert (row["sms_code"], row["sms_parts"]) == (message["code"], message["parts"])
        assert row["sms_run"].startswith(f"{SQL}/send/-1/{run_id}#")
    assert by_id == {}
    reasons = [row["sms_detail"] for row in _customers(stage, "sms_status = 'SKIPPED'")]
    assert reasons[0].startswith("bad number: the wrong number of digits")
    assert reasons[1] == "tag {{name}} is blank"
    # Nothing is left for a second run, until somebody asks for it.
    assert stage.run(SQL)[1] == "success"
    assert len(stage.sandbox.accepted()) == 29
    with sqlite3.connect(stage.database) as database:
        database.execute("UPDATE customers SET sms_status = NULL WHERE id = 1")
    assert stage.run(SQL)[1] == "success"
    assert len(stage.sandbox.accepted()) == 30


def test_airflow_knows_the_provider(stage: Stage) -> None:
    providers = stage.airflow.cli("providers", "list", "--output", "json")
    assert "airflow-provider-robosms" in {one["package_name"] for one in json.loads(providers)}
    hooks = {
        one["connection_type"]: one for one in json.loads(stage.airflow.cli("providers", "hooks", "--output", "json"))
    }
    assert hooks["robosms"]["class"] == "airflow_provider_robosms.hooks.robosms.RoboSmsHook"


def test_no_dag_has_an_import_error(stage: Stage) -> None:
    assert stage.airflow.import_errors() == {}


def test_neither_the_key_nor_a_number_is_anywhere_in_airflow(stage: Stage) -> None:
    """Runs last: looks through all that the tests of this Airflow have left in logs and in the metadata database."""
    secret = re.compile("|".join([re.escape(KEY), *_forms(stage.numbers)]))
    typed = re.compile("|".join(_forms(stage.typed))) if stage.typed else None
    looked = Counter()
    masked = set()
    for place, text in _kept(stage):
        looked[place.split(":")[0]] += 1
        if "92300****" in text:
            masked.add(place.split(":")[0])
        # What somebody typed into a form stands in the run and in Airflow's audit table, and nowhere else.
        patterns = [secret] if typed is None or place in ("dag_run:", "log:") else [secret, typed]
        for pattern in patterns:
            found = pattern.search(text)
            assert not found, f"{place}: …{text[max(0, found.start() - 100) : found.end() + 100]}…"
    # The search sees what is there: the samples, with their masked numbers, in log, result and approval.
    assert masked >= {"log", "xcom", "hitl_detail"}
    assert looked["log"] > 20
    for name in ("xcom", "rendered_task_instance_fields", "task_state_store", "hitl_detail"):
        assert looked[name], (name, looked)


def _asked(stage: Stage, run_id: str) -> dict[str, Any]:
    """Wait until the approval is asked for and return what the person is shown."""
    stage.airflow.wait_for_question(APPROVED, run_id, "approve")
    return stage.airflow.api("GET", f"/dags/{APPROVED}/dagRuns/{run_id}/taskInstances/approve/-1/hitlDetails")


def _answer(stage: Stage, run_id: str, choice: str) -> None:
    path = f"/dags/{APPROVED}/dagRuns/{run_id}/taskInstances/approve/-1/hitlDetails"
    stage.airflow.api("PATCH", path, json={"chosen_options": [choice], "params_input": {}})


def _fill(stage: Stage, people: list[tuple[Any, ...]]) -> None:
    """Make the table of customers anew: name, phone, due, opted out at."""
    with sqlite3.connect(stage.database) as database:
        database.execute("DROP TABLE IF EXISTS customers")
        database.execute(CUSTOMERS)
        database.executemany("INSERT INTO customers (name, phone, due, opted_out_at) VALUES (?, ?, ?, ?)", people)


def _customers(stage: Stage, where: str) -> list[sqlite3.Row]:
    with sqlite3.connect(stage.database) as database:
        database.row_factory = sqlite3.Row
        return database.execute(f"SELECT * FROM customers WHERE {where} ORDER BY id").fetchall()


def _forms(numbers: set[str]) -> Iterator[str]:
    """Yield patterns for the ways in which these numbers may be written: 0300…, 92300…, +92 300 …, 0300-…."""
    for number in sorted(numbers):
        yield f"{number[:3]}[- ]?{number[3:]}"


def _kept(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield (place, text) for every log file and every row of the metadata database."""
    for path in stage.airflow.home.rglob("*.log"):
        yield f"log:{path}", path.read_text(errors="replace")
    engine = create_engine(stage.airflow.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"], poolclass=NullPool)
    with engine.connect() as database:
        for table in inspect(engine).get_table_names():
            for row in database.execute(sql(f'SELECT * FROM "{table}"')):
                cells = [
                    bytes(cell).decode("utf-8", "replace") if isinstance(cell, (bytes, memoryview)) else str(cell)
                    for cell in row
                ]
                yield f"{table}:", "\n".join(cells)
