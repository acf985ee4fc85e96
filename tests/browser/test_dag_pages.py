"""Every example DAG opens without an error, its trigger form shows its Params, and started from it, it runs.

The campaigns from a sheet are started in ``test_campaign``.
"""

from __future__ import annotations

import sqlite3

import pytest

from tests.browser.stage import DAGS, RUN_SECONDS
from tests.harness.demo import CUSTOMERS

pytestmark = pytest.mark.browser

DAG_IDS = sorted(path.stem for path in DAGS.glob("robosms_*.py"))


def test_the_list_has_every_dag_and_no_import_error(stage):
    names = [stage.airflow.api("GET", f"/dags/{dag_id}")["dag_display_name"] for dag_id in DAG_IDS]
    stage.open("/dags", *names)
    assert stage.airflow.import_errors() == {}
    assert "Import Error" not in stage.window.text()
    assert stage.window.problems() == []


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_the_form_shows_every_param(stage, dag_id):
    params = stage.airflow.api("GET", f"/dags/{dag_id}/details")["params"]
    assert params
    stage.open_trigger_form(dag_id)
    in_section = {None: []}
    for param in params.values():
        in_section.setdefault(param["schema"].get("section"), []).append(param)
    assert in_section[None], "the form opens with the Params that are in no section: there must be some"
    for section, members in in_section.items():
        if section is not None:
            stage.section(section)
        for param in members:
            assert param["schema"]["title"]
            stage.window.shows(param["schema"]["title"], param["description"] or "")
    assert stage.window.problems() == []


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_the_documentation_is_shown(stage, dag_id):
    stage.open(f"/dags/{dag_id}", "Overview")
    heading = stage.airflow.api("GET", f"/dags/{dag_id}/details")["doc_md"].strip().splitlines()[0].lstrip("# ")
    stage.window.press_on("button", "Dag Docs")
    stage.window.find("[role=dialog] h3", heading)
    assert stage.window.problems() == []


SOMEBODY = "0300 7654321"
LINK = "return [...document.querySelectorAll('a')].find((link) => link.innerText === arguments[0])?.href"


@pytest.mark.parametrize(
    ("dag_id", "fields", "ending", "task", "log", "text"),
    [
        (
            "robosms_failure_alert",
            {"#element_alert_to": SOMEBODY},
            "failed",
            "breaks",
            ["this task fails so that you can see the alert", "RoboSMS alert texted to 92300****321"],
            "Airflow: robosms_failure_alert.breaks failed: this task fails so that you can see the alert",
        ),
        (
            "robosms_low_balance_event",
            {"#element_alert_to": SOMEBODY},
            "success",
            "send",
            ["sent 1/1", "Summary"],
            "RoboSMS balance alert: this is a test.",
        ),
        (
            "robosms_balance_alert",
            {"input[name=element_min_messages]": "100000", "#element_alert_to": SOMEBODY},
            "success",
            "balance_is_low",
            ["The RoboSMS balance is"],
            "RoboSMS balance is low:",
        ),
        (
            "robosms_sql_campaign",
            {"#element_send_window": ""},
            "success",
            "send",
            ["sent 1/1", "Summary"],
            "Dear Ayesha, your bill of Rs 2,450 is ready. Thank you.",
        ),
    ],
)
def test_the_form_starts_a_run(stage, dag_id, fields, ending, task, log, text):
    with sqlite3.connect(stage.database) as database:
        database.execute("DROP TABLE IF EXISTS customers")
        database.execute(CUSTOMERS)
        database.execute("INSERT INTO customers (name, phone, due) VALUES ('Ayesha', ?, '2,450')", [SOMEBODY])
    database.close()
    stage.airflow.wait_for_dag(dag_id)
    before = len(stage.sandbox.accepted())
    stage.open_trigger_form(dag_id)
    for css, value in fields.items():
        stage.window.fill(css, value)
    if dag_id == "robosms_sql_campaign":
        stage.choose("what_to_do", "Send")
    run_id = stage.press_trigger()
    assert stage.airflow.wait_for_run(dag_id, run_id, timeout=RUN_SECONDS)["state"] == ending

    def arrived() -> bool:
        sent = [(message["to"], message["text"]) for message in stage.sandbox.accepted()[before:]]
        return any(to == "923007654321" and words.startswith(text) for to, words in sent)

    stage.airflow.wait_until("the text arrives", arrived, 60)
    stage.open_task(dag_id, run_id, task, log[0])
    if task == "breaks":  # a callback's lines are folded away: the task's own error is what is seen first
        stage.window.press_on("div, span, summary, button, code, pre", "Post Execute", exact=False)
    stage.window.shows(*log)
    if task != "breaks":
        stage.open_task(dag_id, run_id, f"{task}/details", "Extra Links")
        assert stage.window.wait(LINK, "RoboSMS portal") == f"{stage.sandbox.gateway_url}/"
    assert stage.window.problems() == []
