"""Bad input: one sentence that says what, which setting and what to do; nothing is sent and the sheet stays as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import environment, google_settings, operator, recipients, variables

PERMANENT, RETRIED = "AirflowFailException", "RoboSmsError"


@dataclass(frozen=True)
class Bad:
    """One kind of bad input.

    :param sentence: a pattern for the error.
    :param kind: the exception's class: whether Airflow's retries may help.
    :param settings: parameters of the operator.
    :param robosms: changes to the RoboSMS connection.
    :param google: changes to the Google connection's extra.
    :param tabs: the spreadsheet; None for a good one.
    :param prepare: what is done to the sandbox before.
    """

    sentence: str
    kind: str = PERMANENT
    settings: dict[str, Any] = field(default_factory=dict)
    robosms: dict[str, Any] = field(default_factory=dict)
    google: dict[str, Any] = field(default_factory=dict)
    tabs: dict[str, list[list[Any]]] | None = None
    prepare: Callable[[RunningSandbox], Any] = lambda sandbox: None


def _strangers(sandbox: RunningSandbox) -> str:
    """Return a spreadsheet that is shared with nobody."""
    body = {"title": "Private", "shared_with": [], "sheets": [{"title": "Recipients", "rows": recipients(3)}]}
    google_settings(sandbox, allow_anonymous=False)
    return str(requests.post(f"{sandbox.url}/sandbox/sheets", json=body, timeout=10).json()["id"])


def _readers(sandbox: RunningSandbox) -> str:
    """Return a spreadsheet that our account may only read."""
    account = "robosms-demo@sandbox-project.iam.gserviceaccount.com"
    body = {
        "title": "R",
        "shared_with": {account: "reader"},
        "sheets": [{"title": "Recipients", "rows": recipients(3)}],
    }
    return str(requests.post(f"{sandbox.url}/sandbox/sheets", json=body, timeout=10).json()["id"])


NO_PHONE = {"Recipients": [["Name", "Mobile"], ["Ali", "0300-1000001"]]}
TEMPLATES = {"Recipients": recipients(3), "Templates": [["Name", "Body"], ["Reminder", "Dear {{First Name}}"]]}
ACCOUNT = re.escape("robosms-demo@sandbox-project.iam.gserviceaccount.com")
BAD: dict[str, Bad] = {
    "no such spreadsheet": Bad(
        r"There is no such spreadsheet: check its key",
        settings={"spreadsheet_id": "1nobody-has-this-spreadsheet"},
    ),
    "no spreadsheet": Bad("neither by its address nor by its key", settings={"spreadsheet_id": "My campaign"}),
    "no access": Bad(f"No access to the spreadsheet: share it with {ACCOUNT} as an editor", prepare=_strangers),
    "may only read": Bad(
        f"can be read but not changed by {ACCOUNT}: share it with {ACCOUNT} as an editor", prepare=_readers
    ),
    "no such tab": Bad(
        r"no tab 'Recipients' \(tabs found: People, Notes\): rename it, or name yours as the tab with the recipients",
        tabs={"People": recipients(3), "Notes": []},
    ),
    "no Phone column": Bad(r"no column 'Phone' \(columns found: Name, Mobile\)", tabs=NO_PHONE),
    "an empty tab": Bad("no column 'Phone' .*row 1 is empty", tabs={"Recipients": []}),
    "two Phone columns": Bad(
        "2 columns named 'Phone' .*rename all but one", tabs={"Recipients": [["Phone", "phone"], ["0300-1000001"]]}
    ),
    "no such key column": Bad("no column 'Badge'", settings={"key_column": "Badge"}),
    "template missing": Bad(
        "There is no template 'Remindr': tab 'Templates' has Reminder",
        settings={"template": "Remindr"},
        tabs=TEMPLATES,
    ),
    "no Templates tab": Bad(
        "'Reminder': the spreadsheet has no tab 'Templates' with templates", settings={"template": "Reminder"}
    ),
    "another Templates tab": Bad(
        "'Reminder': the spreadsheet has no tab 'Nope' with templates",
        settings={"template": "Reminder", "templates_sheet": "Nope"},
        tabs=TEMPLATES,
    ),
    "empty Templates tab": Bad(
        "'Reminder': tab 'Templates' has no line with a Name and a Body",
        settings={"template": "Reminder"},
        tabs={**TEMPLATES, "Templates": [["Name", "Body"], ["Reminder", " "]]},
    ),
    "unknown tag": Bad(
        r"tag \{\{Frist Name\}\} is not a column: did you mean \{\{First Name\}\}\?",
        settings={"message": "Dear {{ Frist Name }}"},
    ),
    "broken tag": Bad("The message text cannot be used", settings={"message": "Dear {{ First Name"}),
    "no text": Bad("There is no text to send: name a template, write a message", settings={"message": None}),
    "wrong API key": Bad(r"refused the API key \(code 203\)", robosms={"password": "wrong-key"}),
    "unauthorised mask": Bad(
        r"mask is not authorised .*\(code 212\): .* in the form or the DAG, the Templates tab",
        settings={"mask": "NOT-MINE"},
    ),
    "suspended": Bad(r"suspended or blocked \(code 206\)", prepare=lambda sandbox: sandbox.settings(suspended=True)),
    "server not whitelisted": Bad(r"\(code 210\)", prepare=lambda sandbox: sandbox.settings(ip_whitelisted=False)),
    "portal unreachable": Bad(
        "The RoboSMS balance could not be read: no connection to the RoboSMS portal could be made",
        RETRIED,
        prepare=lambda sandbox: sandbox.set_fault("refuse"),
    ),
    "not enough money": Bad(
        r"balance of Rs 1\.00 does not pay for this campaign: 3 message parts at Rs 0\.50 cost Rs 1\.50",
        prepare=lambda sandbox: sandbox.settings(balance="1.00"),
    ),
    "connection without e-mail": Bad("'robosms_default' has no e-mail", robosms={"login": None}),
    "connection without API key": Bad("'robosms_default' has no API key", robosms={"password": None}),
    "connection without mask": Bad(
        "No sender mask is set: name one in the form or the DAG, the Templates tab", robosms={"extra": {}}
    ),
    "connection over plain HTTP": Bad("must be an https:// URL", robosms={"host": "http://portal.robosms.pk"}),
    "Google key file missing": Bad("key file of key_path cannot be read", google={"key_path": "/nowhere/key.json"}),
    "Google endpoint elsewhere": Bad(
        "api_endpoint must be a loopback address", google={"api_endpoint": "https://sheets.example.com"}
    ),
    "partition": Bad("partition must be a whole number from 0 to 3, not 4", settings={"partition": 4, "partitions": 4}),
    "partitions": Bad("partitions must be a whole number from 1 to 25, not 26", settings={"partitions": 26}),
    "limit": Bad("limit must be a whole number from", settings={"limit": "many"}),
    "max_segments": Bad("max_segments must be a whole number from", settings={"max_segments": "two"}),
    "concurrency": Bad("concurrency must be a whole number from 1 to 1,000, not 0", settings={"concurrency": 0}),
    "max_per_second": Bad(
        "max_per_second must be a number from 0.001 to 10,000, not 'fast'", settings={"max_per_second": "fast"}
    ),
    "send_window": Bad("are not two times of day, such as 09:00-21:00", settings={"send_window": "nine"}),
    "timezone": Bad(
        "timezone must be a time zone such as Asia/Karachi, not 'Karachi'", settings={"timezone": "Karachi"}
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_sentence_nothing_sent_nothing_lost(sandbox: RunningSandbox, name: str) -> None:
    bad = BAD[name]
    sheet = sandbox.create_sheet("Campaign", bad.tabs or {"Recipients": recipients(3)})
    prepared = bad.prepare(sandbox)
    if isinstance(prepared, str):
        sheet = prepared
    version = sandbox.sheet(sheet)["version"]
    settings = {"spreadsheet_id": sheet, **bad.settings}
    context: Any = {"task_state_store": None, "run_id": "first"}
    with (
        variables(environment(sandbox, robosms=bad.robosms, google=bad.google)),
        pytest.raises(Exception, match=bad.sentence) as caught,
    ):
        operator(settings.pop("spreadsheet_id"), **settings).execute(context)
    told = str(caught.value)
    kinds = [kind.__name__ for kind in type(caught.value).__mro__]
    assert bad.kind in kinds
    assert caught.value.__cause__ is None, "no other exception's text may follow"
    assert "\n" not in told
    assert told.rstrip(".").count(". ") <= 1, "a sentence, or two"
    assert not re.search(r"0300|sandbox-key|wrong-key|PRIVATE KEY|127.0.0.1:(?!8099)", told)
    assert sandbox.accepted() == []
    assert "SENDING" not in str(sandbox.sheet(sheet))
    if sandbox.sheet(sheet)["version"] != version:  # what is found only when the first message is sent
        assert name == "unauthorised mask"
        rows = sandbox.sheet(sheet)["sheets"][0]["rows"]
        assert not any(cell for row in rows[1:] for cell in row[4:9]), "claims are taken back"
