"""A campaign by clicking: from the form to the links, the log and the state of the task; and with approval."""

from __future__ import annotations

import pytest

from tests.browser.stage import APPROVED_CAMPAIGN, RUN_SECONDS, SHEET_CAMPAIGN
from tests.harness.demo_checks import rows_of

pytestmark = pytest.mark.browser

PEOPLE = 9  # of the demo sheet's fourteen rows, the others are to be skipped
PROGRESS = f"sent {PEOPLE}/{PEOPLE}"
LINKS = """
    const found = [...document.querySelectorAll("a")].filter((link) => arguments[0].includes(link.innerText));
    return found.length === 2 && Object.fromEntries(found.map((link) => [link.innerText, link.href]));
"""


def statuses(stage, sheet: str) -> list[str]:
    return sorted(row.get("Status", "") for row in rows_of(stage.sandbox.sheet(sheet.split("/")[-2])))


def texted(stage) -> int:
    return len(stage.sandbox.accepted())


def test_a_campaign_from_the_form(stage):
    sheet, before = stage.sheet(), texted(stage)
    run_id = stage.campaign(sheet)
    assert texted(stage) - before == PEOPLE
    assert statuses(stage, sheet) == ["SENT"] * PEOPLE + ["SKIPPED"] * 5
    assert stage.window.problems() == []

    stage.open_task(SHEET_CAMPAIGN, run_id, "send/mapped/0", "Plan: 9 to send", PROGRESS, "Summary")
    assert stage.window.problems() == []
    stage.open_task(SHEET_CAMPAIGN, run_id, "send/mapped/0/task-state-store", "campaign_progress", PROGRESS)
    stage.window.shows("journal.00000")
    shown = stage.window.text()
    assert shown.index("campaign_progress") < shown.index("journal.00000"), "a long journal would hide it"
    assert stage.window.problems() == []
    stage.open_task(SHEET_CAMPAIGN, run_id, "report", f"{PEOPLE} sent", "5 skipped", "Balance:")

    for task in ("preview", "send/mapped/0"):
        stage.open_task(SHEET_CAMPAIGN, run_id, f"{task}/details", "Extra Links")
        links = stage.window.wait(LINKS, ["Spreadsheet", "RoboSMS portal"])
        assert links == {"Spreadsheet": sheet, "RoboSMS portal": f"{stage.sandbox.gateway_url}/"}
        assert stage.window.problems() == []
    # The link leads to the sheet with its statuses.
    stage.window.open(links["Spreadsheet"])
    stage.window.wait("return document.querySelectorAll('.pill[data-status=SENT]').length > 2")
    assert stage.window.problems() == []


@pytest.mark.parametrize("answer", ["Approve", "Reject"])
def test_the_answer_decides(stage, answer):
    sheet, before = stage.sheet(), texted(stage)
    run_id = stage.ask_for_approval(sheet)
    stage.window.shows(
        f"{PEOPLE} people will be texted", "Cost: Rs", "Balance: Rs", "Left out", "Dear Ayesha, your bill of Rs 2,450"
    )
    assert texted(stage) == before
    stage.window.press_on("button", answer)
    run = stage.airflow.wait_for_run(APPROVED_CAMPAIGN, run_id, timeout=RUN_SECONDS)

    assert run["state"] == "success"
    states = {one["task_id"]: one["state"] for one in stage.airflow.task_instances(APPROVED_CAMPAIGN, run_id)}
    if answer == "Approve":
        assert states["send"] == "success"
        assert texted(stage) - before == PEOPLE
        assert statuses(stage, sheet) == ["SENT"] * PEOPLE + ["SKIPPED"] * 5
    else:
        assert states["send"] == "skipped"
        assert texted(stage) == before
        assert set(statuses(stage, sheet)) == {""}
    assert stage.window.problems() == []
