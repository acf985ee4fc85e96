"""``python -m tests.browser.screenshots``: makes the pictures of README and docs anew."""

from __future__ import annotations

import argparse
import base64
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.browser.stage import SHEET_CAMPAIGN, Stage, running_stage
from tests.harness.demo_rows import HEADER, TABS, recipients

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NAMES = (
    "connection-form",
    "trigger-form",
    "preview",
    "airflow-run",
    "task-log",
    "task-state",
    "approval",
    "sandbox-page",
    "unknown-row",
    "campaigns-tab",
)
WIDTH, HEIGHT = 1440, 900


def take_all(stage: Stage, folder: Path) -> None:
    """Take every picture in ``NAMES`` into *folder*; runs one campaign and leaves another one waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    connection_form(stage, folder / "connection-form.png")
    trigger_form(stage, folder / "trigger-form.png")
    # One number is wrong for the gateway, and one answer is lost on its way.
    stage.sandbox.set_fault("code", code="215", numbers=["923129000005"])
    stage.sandbox.set_fault("reset", when="after", numbers=["923029000008"])
    # Fonts for full-width digits are not everywhere.
    people = [
        [*row[: HEADER.index("Message")], ""] for row in recipients() if "０" not in str(row[HEADER.index("Phone")])
    ]
    people[0][-1] = "Remarks"  # which nothing reads, and the preview says so
    sheet = stage.sheet("November bills", {"Recipients": people, **TABS, "Leavers": [["Phone"]]})  # which is not read
    run_id = stage.campaign(sheet, template="English", pace="2")
    stage.sandbox.clear_faults()
    preview(stage, run_id, folder / "preview.png")
    airflow_run(stage, run_id, folder / "airflow-run.png")
    task_log(stage, run_id, folder / "task-log.png")
    task_state(stage, run_id, folder / "task-state.png")
    sandbox_page(stage, sheet, folder / "sandbox-page.png")
    unknown_row(stage, sheet, folder / "unknown-row.png")
    campaigns_tab(stage, sheet, folder / "campaigns-tab.png")
    approval(stage, folder / "approval.png")


def connection_form(stage: Stage, path: Path) -> None:
    """The dialog's two sections side by side."""
    with tall(stage, 1300):
        stage.add_connection("robosms_default")
        stage.window.fill("[role=dialog] input[name=login]", "sms@example.pk")
        stage.window.fill("[role=dialog] input[name=password]", "nobody sees this")
        halves = [stage.window.picture("[role=dialog]")]
        stage.section("Extra Fields", "Sender mask")
        stage.window.fill("#element_mask", "SMS-ALERT")
        halves.append(stage.window.picture("[role=dialog]"))
        stage.window.open("about:blank")
        stage.window.run(
            "document.body.style = 'margin: 0; background: #dfe4ea; display: inline-flex; align-items: start; gap: 24px;"
            " padding: 24px'; document.body.append(...arguments[0].map((half) => Object.assign(new Image(), { src: half,"
            " width: 660 })))",
            [f"data:image/png;base64,{base64.b64encode(half).decode()}" for half in halves],
        )
        stage.window.wait("return [...document.images].every((image) => image.complete)")
        path.write_bytes(stage.window.picture("body"))


def trigger_form(stage: Stage, path: Path) -> None:
    """The form of the sheet campaign as it opens, with an address pasted."""
    with tall(stage, 1150):
        stage.open_trigger_form(SHEET_CAMPAIGN)
        stage.window.fill("#element_spreadsheet", "https://docs.google.com/spreadsheets/d/1mGnp0QZr4vT/edit")
        time.sleep(0.5)
        path.write_bytes(stage.window.picture("[role=dialog]"))


def preview(stage: Stage, run_id: str, path: Path) -> None:
    """What a person reads before a campaign: the log of the task that checks the preview."""
    with tall(stage, 1180):
        stage.open_task(SHEET_CAMPAIGN, run_id, "check", "people will be texted", "Left out")
        time.sleep(1)
        stage.window.screenshot(path)


def airflow_run(stage: Stage, run_id: str, path: Path) -> None:
    """The run's tasks, and the log of the last one, which adds everything up."""
    with tall(stage, 1000):
        stage.open_task(SHEET_CAMPAIGN, run_id, "report", "sent", "Cost:", "Balance:")
        time.sleep(1)
        stage.window.screenshot(path)


def task_log(stage: Stage, run_id: str, path: Path) -> None:
    """The log of the task that sends, with the line of its progress."""
    with tall(stage, 860):
        stage.open_task(SHEET_CAMPAIGN, run_id, "send/mapped/0", "Plan:", "unknown 1", "Summary")
        time.sleep(1)
        stage.window.screenshot(path)


def task_state(stage: Stage, run_id: str, path: Path) -> None:
    """What the task that sends has put into its state: its progress, and its journal without numbers and texts."""
    with tall(stage, 640):
        stage.open_task(SHEET_CAMPAIGN, run_id, "send/mapped/0/task-state-store", "campaign_progress", "unknown 1")
        time.sleep(1)
        stage.window.screenshot(path)


def sandbox_page(stage: Stage, sheet: str, path: Path) -> None:
    """The sheet after the campaign, and the phone with an Urdu message."""
    stage.window.open(sheet)
    stage.window.wait("return document.querySelectorAll('.pill').length > 10")
    stage.window.wait("return document.querySelector('#live').dataset.on === 'yes'")
    stage.window.run(
        "document.querySelector('#inbox p[dir=rtl]').closest('article').scrollIntoView({ block: 'center' })"
    )
    time.sleep(0.5)  # arriving messages move
    stage.window.screenshot(path)


def unknown_row(stage: Stage, sheet: str, path: Path) -> None:
    """The spreadsheet's rows with their statuses, of which one is UNKNOWN."""
    stage.window.resize(2000, 620)
    stage.window.open(sheet)
    stage.window.wait("return document.querySelector('.pill[data-status=UNKNOWN]')")
    time.sleep(0.5)
    path.write_bytes(stage.window.picture("#grid"))
    stage.window.resize(WIDTH, HEIGHT)


def campaigns_tab(stage: Stage, sheet: str, path: Path) -> None:
    """The line that the campaign has left in its spreadsheet."""
    stage.window.resize(1800, 380)
    stage.window.open(sheet)
    stage.window.press_on("[role=tab]", "Campaigns")
    stage.window.wait("return document.querySelector('#grid').innerText.includes('English')")
    time.sleep(0.5)
    path.write_bytes(stage.window.picture("#grid"))
    stage.window.resize(WIDTH, HEIGHT)


def approval(stage: Stage, path: Path) -> None:
    """What the person sees who is asked."""
    with tall(stage, 1120):
        stage.ask_for_approval(stage.sheet())
        time.sleep(1)
        stage.window.screenshot(path)


@contextmanager
def tall(stage: Stage, height: int) -> Iterator[None]:
    """Give the page so much height for a while: what scrolls is not in a picture."""
    stage.window.resize(WIDTH, height)
    try:
        yield
    finally:
        stage.window.resize(WIDTH, HEIGHT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where they go (default: docs/images)")
    options = parser.parse_args(arguments)
    with running_stage() as stage:
        take_all(stage, options.folder)
    for name in NAMES:
        print(options.folder / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
