"""One sandbox, one real Airflow and one Chromium, and what a person does with them."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from airflow_provider_robosms.sandbox.demo_sheet import DEMO_ID
from airflow_provider_robosms.sandbox.server import RunningSandbox, running_sandbox
from tests.browser.window import KEYS, Window, window
from tests.harness.settings import connection, sandbox_connections
from tests.harness.stack import LocalAirflow

DAGS = Path(__file__).parents[2] / "dags"
OWN_DAGS = Path(__file__).parent / "dags"
SHEET_CAMPAIGN, APPROVED_CAMPAIGN = "robosms_sheet_campaign", "robosms_approved_campaign"
RUN_SECONDS = 300
#: Who clicks.
PERSON = "Sana Malik"
#: The button that tests a connection, in the row of the list that names it.
BUTTON_OF_ROW = """
    return [...document.querySelectorAll("tr")].find((row) => row.innerText.includes(arguments[0]))
        ?.querySelector("[aria-label='Test Connection']")
"""
#: Goes to a page as React Router's links do.
_FOLLOW = "history.pushState({}, '', arguments[0]); dispatchEvent(new PopStateEvent('popstate'))"


@dataclass
class Stage:
    """The three, side by side.

    :ivar account: e-mail, API key and masks of the account that the sandbox knows, under ``email``, ``key``, ``masks``.
    :ivar tabs: the demo sheet as it was before anybody was texted.
    :ivar database: the SQLite file of the connection ``robosms_sql``.
    """

    sandbox: RunningSandbox
    airflow: LocalAirflow
    window: Window
    account: dict[str, Any]
    tabs: dict[str, list[list[Any]]]
    database: Path

    def open(self, path: str, *texts: str, anew: bool = False) -> None:
        """Go to a page of Airflow, forget what the console said before, and wait for the texts.

        :param anew: load it, as one does when something was changed elsewhere that Airflow does not look for by itself.
        """
        self.window.problems()
        if not anew and self.window.run("return location.origin") == self.airflow.url:
            # As a link does: to load all of Airflow's programs again takes the browser two seconds of processor time.
            self.window.run(_FOLLOW, "/no/such/page")
            self.window.shows("Page Not Found")  # or a text of the page before would be taken for one of this
            self.window.run(_FOLLOW, path)
        else:
            self.window.open(f"{self.airflow.url}{path}")
        self.window.shows(*texts)

    def open_task(self, dag_id: str, run_id: str, task: str, *texts: str) -> None:
        """Open the page of a task; *task* may name a map index and a tab: ``send/mapped/0/details``."""
        self.open(f"/dags/{dag_id}/runs/{quote(run_id, safe=':+')}/tasks/{task}", *texts)

    def choose(self, field: str, option: str) -> None:
        """Choose an option of a drop-down field of a form, such as ``what_to_do``."""
        inner = "return document.querySelector(arguments[0])?.parentElement"
        self.window.click_on(self.window.wait(inner, f"#element_{field} [role=combobox]"))
        self.window.press_on("[role=option]", option)

    def sheet(self, title: str = "Campaign", tabs: dict[str, list[list[Any]]] | None = None) -> str:
        """Make a spreadsheet, by default a fresh copy of the demo sheet, and return its address."""
        return f"{self.sandbox.url}/spreadsheets/d/{self.sandbox.create_sheet(title, tabs or self.tabs)}/edit"

    def add_connection(self, conn_id: str) -> None:
        """Open the dialog for a new connection of our type, with its first section open."""
        self.open("/connections", "Add Connection")
        self.window.press_on("button", "Add Connection")
        self.window.fill("input[name=connection_id]", conn_id)
        self.window.fill("[role=dialog] [role=combobox]", "RoboSMS")
        self.window.press_on("[role=option]", "RoboSMS")
        self.window.shows("Standard Fields", "Extra Fields")

    def fill_connection(self, *, host: str, **extra: str) -> None:
        """Fill the dialog that is open, and leave its section of further fields open."""
        self.window.fill("[role=dialog] input[name=host]", host)
        self.window.fill("[role=dialog] input[name=login]", self.account["email"])
        self.window.fill("[role=dialog] input[name=password]", self.account["key"])
        self.section("Extra Fields", "Sender mask")
        self.window.fill("#element_mask", self.account["masks"][0])
        if "timeout" in extra:
            self.window.fill("[role=dialog] input[role=spinbutton]", extra["timeout"])
        if "send_parameters" in extra:
            self._fill_editor(extra["send_parameters"])

    def section(self, title: str, *texts: str) -> None:
        """Open a section of a form, which closes the one that was open."""
        self.window.press_on("[role=dialog] button", title)
        self.window.shows(*texts)
        time.sleep(0.5)  # it unfolds: what is clicked meanwhile is elsewhere

    def _fill_editor(self, text: str) -> None:
        lines = self.window.wait(
            "return [...document.querySelectorAll('[role=dialog] .monaco-editor .view-lines')]"
            ".find((node) => node.checkVisibility())"
        )
        self.window.click_on(lines)
        self.window.chord(KEYS["control"], "a")
        self.window.press(text)
        # The editor has closed each bracket and quotation mark by itself already.
        self.window.chord(KEYS["control"], KEYS["shift"], KEYS["end"])
        self.window.press(KEYS["delete"])

    def open_trigger_form(self, dag_id: str) -> None:
        """Open a DAG's page and press Trigger."""
        self.open(f"/dags/{dag_id}", "Overview")
        self.window.press_on("[data-testid=trigger-dag-button]", "Trigger")
        self.window.shows("Single Run", "Run Parameters")

    def press_trigger(self) -> str:
        """Press Trigger in the form and return the id of the run, whose page opens."""
        self.window.press_on("[data-testid=trigger-dag-submit]", "Trigger")
        return self.window.wait(
            "const found = location.pathname.match(/[/]runs[/]([^/]+)/); return found && decodeURIComponent(found[1])"
        )

    def start_campaign(
        self, sheet: str, *, template: str = "reminder", what_to_do: str = "Send", pace: str = "", tab: str = ""
    ) -> str:
        """Start the sheet campaign from its form by clicking, and return the run id.

        :param what_to_do: the option; blank leaves the preview that the form opens with.
        :param pace: messages per second, as it is typed.
        :param tab: the recipients' tab, where it is not called Recipients.
        """
        self.open_trigger_form(SHEET_CAMPAIGN)
        self.window.fill("#element_spreadsheet", sheet)
        self.window.fill("#element_template", template)
        self.window.fill("#element_send_window", "")
        if what_to_do:
            self.choose("what_to_do", what_to_do)
        self.section("How it is sent", "Parallel tasks")
        if pace:
            self.window.fill("input[name=element_max_per_second]", pace)
        if tab:
            self.section("Tabs of the spreadsheet", "Tab with the recipients")
            self.window.fill("#element_recipients_sheet", tab)
        return self.press_trigger()

    def campaign(self, sheet: str, **fields: str) -> str:
        """Run the sheet campaign from its form, filled in as by `start_campaign`, and return the run id of its success."""
        run_id = self.start_campaign(sheet, **fields)
        run = self.airflow.wait_for_run(SHEET_CAMPAIGN, run_id, timeout=RUN_SECONDS)
        assert run["state"] == "success", self.airflow.logs(SHEET_CAMPAIGN, run_id, "preview")
        return run_id

    def ask_for_approval(self, sheet: str) -> str:
        """Start the campaign that asks, open what the person sees who is asked, and return the run id."""
        self.open_trigger_form(APPROVED_CAMPAIGN)
        self.window.fill("#element_spreadsheet", sheet)
        self.window.fill("#element_template", "reminder")
        self.window.fill("#element_send_window", "")
        run_id = self.press_trigger()
        self.airflow.wait_for_question(APPROVED_CAMPAIGN, run_id, "approve", timeout=RUN_SECONDS)
        self.open_task(APPROVED_CAMPAIGN, run_id, "approve/required_actions", "Cost:", "Approve", "Reject")
        return run_id


@contextmanager
def running_stage() -> Iterator[Stage]:
    """Start the three, with the connections that the DAGs need, and end them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="robosms-browser-")))
        shutil.copytree(DAGS, folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(OWN_DAGS, folder / "dags", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        sandbox = stack.enter_context(running_sandbox(latency_ms=50))
        tabs = {tab["title"]: tab["rows"] for tab in sandbox.sheet(DEMO_ID)["sheets"]}
        env = {
            **sandbox_connections(sandbox),
            "AIRFLOW_CONN_ROBOSMS_SQL": connection("sqlite", host=str(folder / "customers.db")),
        }
        airflow = stack.enter_context(LocalAirflow(folder / "dags", env=env, person=PERSON))
        for dag_id in (SHEET_CAMPAIGN, APPROVED_CAMPAIGN):
            airflow.wait_for_dag(dag_id)
        opened = stack.enter_context(window(folder))
        opened.devtools("Network.setCookie", name="_token", value=airflow.token(), url=airflow.url)
        yield Stage(
            sandbox,
            airflow,
            opened,
            sandbox.state()["settings"],
            tabs,
            folder / "customers.db",
        )
