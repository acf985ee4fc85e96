"""``python -m tests.browser.screenshots``: makes the pictures of README and docs anew."""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.stage import BUTTON_OF_ROW, SHEET_CAMPAIGN, Stage, running_stage
from tests.harness.demo_rows import HEADER, TABS, recipients

IMAGES = Path(__file__).parents[2] / "docs" / "images"
NAMES = (
    "connection-form",
    "connection-test",
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
#: Of Airflow's pages. Wide enough for the lines of a log, and no wider: a page of documentation shows them smaller.
WIDTH, HEIGHT = 1280, 900
#: Of the sandbox's page, where more columns of the sheet stand beside the phone.
WIDE = 1440
#: One number is wrong for the gateway, and two answers are lost on their way.
WRONG, LOST = "923129000005", ["923029000008", "923449000013"]


def take_all(stage: Stage, folder: Path) -> None:
    """Take every picture in ``NAMES`` into *folder*; runs one campaign, and leaves one under way and another one waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    # In Airflow's pages, too, it is the time of Pakistan, and a log breaks its long lines.
    stage.open("/")
    stage.window.run("localStorage.timezone = '\"Asia/Karachi\"'; localStorage.log_wrap = 'true'; location.reload()")
    try:
        _take_all(stage, folder)
    finally:
        stage.open("/")
        stage.window.run("localStorage.clear(); location.reload()")


def _take_all(stage: Stage, folder: Path) -> None:
    connection_form(stage, folder / "connection-form.png")
    connection_test(stage, folder / "connection-test.png")
    trigger_form(stage, folder / "trigger-form.png")
    # Fonts for full-width digits are not everywhere.
    people = [
        [*row[: HEADER.index("Message")], ""] for row in recipients() if "０" not in str(row[HEADER.index("Phone")])
    ]
    people[0][-1] = "Remarks"  # which nothing reads, and the preview says so
    sheet = stage.sheet("November bills", {"Recipients": people, **TABS, "Leavers": [["Phone"]]})  # which is not read
    preview(stage, stage.campaign(sheet, template="English", what_to_do=""), folder / "preview.png")
    stage.sandbox.set_fault("code", code="215", numbers=[WRONG])
    stage.sandbox.set_fault("reset", when="after", numbers=LOST)
    run_id = stage.campaign(sheet, template="English", pace="2")
    stage.sandbox.clear_faults()
    airflow_run(stage, run_id, folder / "airflow-run.png")
    task_log(stage, run_id, folder / "task-log.png")
    task_state(stage, run_id, folder / "task-state.png")
    sandbox_page(stage, sheet, folder / "sandbox-page.png")
    unknown_row(stage, sheet, folder / "unknown-row.png")
    approval(stage, folder / "approval.png")
    campaigns_tab(stage, sheet, people, folder / "campaigns-tab.png")


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
        path.write_bytes(together(stage, halves, "width: 600px", "row"))


def connection_test(stage: Stage, path: Path) -> None:
    """What Airflow says after the button beside a connection."""
    account = {"login": stage.account["email"], "password": stage.account["key"]}
    extra = json.dumps({"mask": stage.account["masks"][0]})
    # Airflow 3.3.2 refuses to test a stored connection without a port, and that of the environment has none.
    connection = {"conn_type": "robosms", "host": stage.sandbox.gateway_url, "port": 0, **account, "extra": extra}
    stage.airflow.api("POST", "/connections", json={"connection_id": "robosms_bills", **connection})
    with tall(stage, 620):
        stage.open("/connections", "robosms_bills", anew=True)
        stage.window.click_on(stage.window.wait(BUTTON_OF_ROW, "robosms_bills"))
        stage.window.shows("Test Connection Successful", "message parts")
        time.sleep(0.5)
        stage.window.screenshot(path)
    stage.airflow.api("DELETE", "/connections/robosms_bills")


def trigger_form(stage: Stage, path: Path) -> None:
    """The form of the sheet campaign as it opens, with an address pasted and a template named."""
    with tall(stage, 1400):
        stage.open_trigger_form(SHEET_CAMPAIGN)
        stage.window.fill("#element_spreadsheet", "https://docs.google.com/spreadsheets/d/1mGnp0QZr4vT/edit")
        stage.window.fill("#element_template", "reminder")
        time.sleep(0.5)
        path.write_bytes(stage.window.picture("[role=dialog]"))


def preview(stage: Stage, run_id: str, path: Path) -> None:
    """What a person reads before a campaign: the log of the task that checks the preview."""
    with tall(stage, 1240):
        stage.open_task(SHEET_CAMPAIGN, run_id, "check", "people will be texted", "Left out", "This was a preview")
        time.sleep(1)
        stage.window.screenshot(path)


def airflow_run(stage: Stage, run_id: str, path: Path) -> None:
    """The run's tasks, and the log of the last one, which adds everything up."""
    with tall(stage, 1050):
        stage.open_task(
            SHEET_CAMPAIGN, run_id, "report", "sent", "Cost:", "Balance:", "UNKNOWN", stage.sandbox.gateway_url
        )
        time.sleep(1)
        stage.window.screenshot(path)


def task_log(stage: Stage, run_id: str, path: Path) -> None:
    """The log of the task that sends, with the line of its progress."""
    with tall(stage, 860, WIDE):
        stage.open_task(SHEET_CAMPAIGN, run_id, "send/mapped/0", "Plan:", "unknown 2", "Summary")
        time.sleep(1)
        stage.window.screenshot(path)


def task_state(stage: Stage, run_id: str, path: Path) -> None:
    """What the task that sends has put into its state: its progress, and its journal without numbers and texts."""
    with tall(stage, 1200, WIDE):
        stage.open_task(SHEET_CAMPAIGN, run_id, "send/mapped/0/task-state-store", "campaign_progress", "unknown 2")
        time.sleep(1)
        stage.window.screenshot(path)


def sandbox_page(stage: Stage, sheet: str, path: Path) -> None:
    """The sheet after the campaign, and the phone with an Urdu message."""
    with tall(stage, HEIGHT, WIDE):
        stage.window.open(sheet)
        stage.window.wait("return document.querySelectorAll('.pill').length > 10")
        stage.window.wait("return document.querySelector('#live').dataset.on === 'yes'")
        stage.window.run(
            "document.querySelector('#inbox p[dir=rtl]').closest('article').scrollIntoView({ block: 'center' })"
        )
        time.sleep(0.5)  # arriving messages move
        stage.window.screenshot(path)


def unknown_row(stage: Stage, sheet: str, path: Path) -> None:
    """A row that is UNKNOWN between two others: who it is, and below, the rest of the same rows."""
    stage.window.open(sheet)
    stage.window.wait("return document.querySelector('.pill[data-status=UNKNOWN]')")
    row = "+document.querySelector('.pill[data-status=UNKNOWN]').closest('.line').firstChild.textContent"
    path.write_bytes(
        strips(stage, ("ID", "Message ID"), ("Sent At", None), first=stage.window.run(f"return {row}") - 1, rows=3)
    )


def campaigns_tab(stage: Stage, sheet: str, people: list[list[Any]], path: Path) -> None:
    """The line of a finished campaign, and that of one under way; below, the rest of the same rows."""
    stage.sandbox.edit_sheet(sheet.split("/")[-2], "add_sheet", sheet="Shops", rows=people)
    stage.start_campaign(sheet, template="Roman Urdu", pace="0.5", tab="Shops")
    stage.window.open(sheet)
    stage.window.press_on("[role=tab]", "Campaigns")
    stage.window.wait("return /sending, [1-9]/.test(document.querySelector('#grid').innerText)")
    path.write_bytes(strips(stage, ("Campaign", "State"), ("State", None), first=2, rows=2))


def approval(stage: Stage, path: Path) -> None:
    """What the person sees who is asked."""
    with tall(stage, 1120):
        stage.ask_for_approval(stage.sheet())
        time.sleep(1)
        stage.window.screenshot(path)


def strips(stage: Stage, *spans: tuple[str, str | None], first: int, rows: int) -> bytes:
    """Return some rows of the sheet that is open, in strips one below the other: one of all columns is too wide to be read.

    :param spans: of each strip, the column that it begins with, and the one that is no longer in it; None for the empty ones.
    :param first: number of the first row; the header is always there.
    """
    taken = []
    with tall(stage, HEIGHT, 2400):
        time.sleep(0.5)
        for begin, end in spans:
            stage.window.run(_STRIP, begin, end, first, rows)
            time.sleep(1.5)  # what has changed is yellow for so long
            taken.append(stage.window.picture("#grid"))
    return together(stage, taken, "border: 1px solid #c3ccd6", "column")


# The widest columns show all of their text, and the grid becomes as large as the cells that are wanted.
_STRIP = """
    const [begin, end, first, rows] = arguments;
    const grid = document.querySelector("#grid");
    const name = (node) => node.textContent;
    const heads = () => [...document.querySelectorAll(".grid .first .cell")];
    const letter = (at) => document.querySelectorAll(".grid .letter")[at];
    for (const long of ["Detail", "Run", "State"]) {
      const at = heads().map(name).indexOf(long);
      if (at >= 0) letter(at).dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true, detail: 2 }));
    }
    letter(heads().map(name).indexOf(begin)).dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    const from = heads().find((node) => name(node) === begin).offsetLeft;
    const beyond = heads().find((node) => name(node) === (end ?? ""));
    const to = beyond ? beyond.offsetLeft : heads().at(-1).offsetLeft + heads().at(-1).offsetWidth;
    const gutter = document.querySelector(".grid .corner").offsetWidth;
    Object.assign(grid.style, { flex: "none", width: `${to - from + gutter}px`, height: `${(rows + 2) * 27}px` });
    grid.scrollTo(from - gutter, (first - 2) * 27);
"""


def together(stage: Stage, pictures: Sequence[bytes], style: str, direction: str) -> bytes:
    """Return several pictures as one, each in this style, in a ``row`` or a ``column``."""
    stage.window.open("about:blank")
    stage.window.run(
        "document.body.style = `margin: 0; background: #dfe4ea; display: inline-flex; align-items: start; gap: 20px;"
        " padding: 20px; flex-direction: ${arguments[2]}`; document.body.append(...arguments[0].map((picture) =>"
        " Object.assign(new Image(), { src: picture, style: arguments[1] })))",
        [f"data:image/png;base64,{base64.b64encode(picture).decode()}" for picture in pictures],
        style,
        direction,
    )
    stage.window.wait("return [...document.images].every((image) => image.complete)")
    return stage.window.picture("body")


@contextmanager
def tall(stage: Stage, height: int, width: int = WIDTH) -> Iterator[None]:
    """Give the page so much height for a while: what scrolls is not in a picture."""
    stage.window.resize(width, height)
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
