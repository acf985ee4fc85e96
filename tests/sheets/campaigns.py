"""Sheet campaigns against a running sandbox: connections, the operator as a plain call, and what stands in the sheet then.

Everything is told by the sandbox itself: its log of accepted messages, its count of Sheets calls, and the sheet as a person
sees it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

import tests.hooks.throwaway_home  # noqa: F401 - before Airflow is imported
from airflow_provider_robosms.sandbox.server import RunningSandbox

if TYPE_CHECKING:
    from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

OWNED = ("Status", "Code", "Message ID", "Parts", "Sent At", "Detail")
MESSAGE = "Dear {{ First Name }}, your reference is {{ Ref }}"


class Store:
    """A ``task_state_store`` that lasts over the tries of one task; :attr:`writes` counts its writes."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.writes = 0

    def get(self, key: str, default: Any = None) -> Any:
        return self.values.get(key, default)

    def set(self, key: str, value: Any, *, retention: Any = None) -> None:
        self.writes += 1
        self.values[key] = value


class Hurried:
    """A clock that pauses put forward: they take a hundredth of their time, and count in full."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self, clock: Callable[[], float] = time.monotonic) -> float:
        return clock() + self._ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 100)
        self._ahead += seconds * 0.99


def environment(
    sandbox: RunningSandbox, *, robosms: Mapping[str, Any] | None = None, google: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return the variables by which Airflow knows the two connections.

    :param robosms: changes to the fields of the RoboSMS connection; None removes a field.
    :param google: changes to the extra of the Google connection.
    """
    account = {
        "conn_type": "robosms",
        "host": sandbox.gateway_url,
        "login": "demo@example.pk",
        "password": "sandbox-key",
        "extra": {"mask": "SMS-ALERT", "timeout": 10},
        **(robosms or {}),
    }
    extra = {"key_path": str(sandbox.key_file), "api_endpoint": sandbox.url, **(google or {})}
    return {
        "AIRFLOW_CONN_ROBOSMS_DEFAULT": json.dumps({name: v for name, v in account.items() if v is not None}),
        "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": json.dumps({"conn_type": "google_cloud_platform", "extra": extra}),
    }


@contextmanager
def variables(changes: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables while the block lasts."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def operator(spreadsheet_id: str, **settings: Any) -> GoogleSheetsToRoboSmsOperator:
    """Return the operator; the text is :data:`MESSAGE` unless *settings* say otherwise."""
    # Here, so that who starts an Airflow of its own need not load it.
    from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

    if not {"message", "template"} & settings.keys():
        settings["message"] = MESSAGE
    return GoogleSheetsToRoboSmsOperator(task_id="send", spreadsheet_id=spreadsheet_id, **settings)


def run(spreadsheet_id: str, *, store: Any = None, run_id: str = "first", **settings: Any) -> dict[str, Any]:
    """Execute the operator as a plain call and return its summary."""
    context = {"task_state_store": Store() if store is None else store, "run_id": run_id}
    return operator(spreadsheet_id, **settings).execute(context)  # type: ignore[arg-type]


def recipients(count: int, first: int = 0) -> list[list[str]]:
    """Return a header and *count* rows: Ref, First Name, Phone, City."""
    rows = [["Ref", "First Name", "Phone", "City"]]
    cities = ("Lahore", "Karachi", "Quetta")
    rows += [
        [f"R{index:05d}", f"Name{index}", phone(index), cities[index % 3]] for index in range(first, first + count)
    ]
    return rows


def phone(index: int) -> str:
    """Return the number of the recipient *index* as a person types it."""
    return f"0300-{1000000 + index}"


def to_of(typed: str) -> str:
    """Return a number of :func:`phone` in the gateway's form."""
    return "92" + typed.replace("-", "").lstrip("0") if typed.startswith("0") else typed


def table(sandbox: RunningSandbox, spreadsheet_id: str, tab: str = "Recipients") -> list[dict[str, str]]:
    """Return the rows of a tab as a person sees them, by header; rows with nothing in them are left out."""
    sheets = {sheet["title"]: sheet["rows"] for sheet in sandbox.sheet(spreadsheet_id)["sheets"]}
    header, *rows = sheets[tab]
    shown = []
    for row in rows:
        cells = {name: (row[at] if at < len(row) else "") for at, name in enumerate(header) if name}
        if any(cells.values()):
            shown.append(cells)
    return shown


def disagreements(
    sandbox: RunningSandbox, spreadsheet_id: str, *, since: int = 0, tab: str = "Recipients"
) -> list[str]:
    """Compare the gateway's log with the sheet, message by message, and return what does not agree.

    :param since: messages accepted before are not looked at.
    """
    accepted = {message["message_id"]: message for message in sandbox.accepted()[since:]}
    wrong = []
    seen = set()
    for row in table(sandbox, spreadsheet_id, tab):
        message = accepted.get(row.get("Message ID", ""))
        if row.get("Status") != "SENT":
            if message:
                wrong.append(f"{row['Phone']} is {row.get('Status')!r} with a message id")
            continue
        if message is None:
            wrong.append(f"{row['Phone']} is SENT and the gateway does not know it")
            continue
        seen.add(message["message_id"])
        told = (row["Code"], row["Parts"])
        if message["to"] != to_of(row["Phone"]) or told != (message["code"], str(message["parts"])):
            wrong.append(f"{row['Phone']} has {told}, the gateway {message}")
    wrong += [f"{accepted[one]['to']} was texted and no row says so" for one in accepted.keys() - seen]
    return wrong


def google_calls(sandbox: RunningSandbox) -> dict[str, Any]:
    """Return the sandbox's counts of Sheets calls (``reads``, ``writes``, ``tokens``, ``by_status`` …)."""
    return _json(sandbox, "GET", "calls")


def reset_google(sandbox: RunningSandbox, *, quota: bool = True) -> None:
    """Begin anew on Google's side: no faults, no counts, a fresh quota minute, default settings."""
    _json(sandbox, "DELETE", "faults")
    _json(sandbox, "POST", "calls/reset", {})
    _json(sandbox, "POST", "quota", {"enabled": quota, "reset": True, "read": 60, "write": 60})
    _json(sandbox, "POST", "settings", {"allow_anonymous": True})


def google_fault(sandbox: RunningSandbox, kind: str, **fields: Any) -> Any:
    """Switch a fault of Google on (see the sandbox's ``sheets.faults.Fault``)."""
    return _json(sandbox, "POST", "faults", {"kind": kind, **fields})


def google_settings(sandbox: RunningSandbox, **changes: Any) -> Any:
    """Change ``allow_anonymous`` or ``expire_tokens``."""
    return _json(sandbox, "POST", "settings", changes)


def clear_google_faults(sandbox: RunningSandbox) -> None:
    """Switch Google's faults off."""
    _json(sandbox, "DELETE", "faults")


def csv_of(sandbox: RunningSandbox, spreadsheet_id: str) -> str:
    """Return the first tab as Google exports it."""
    return requests.get(f"{sandbox.url}/sandbox/sheets/{spreadsheet_id}/csv", timeout=30).content.decode()


def _json(sandbox: RunningSandbox, method: str, path: str, body: Any = None) -> Any:
    return sandbox._call(method, f"/sandbox/sheets/{path}", body)


def statuses(rows: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Count rows by the first word of their status."""
    found: dict[str, int] = {}
    for row in rows:
        word = row.get("Status", "").split(" ")[0]
        found[word] = found.get(word, 0) + 1
    return found
