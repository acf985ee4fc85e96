"""Whether an installation is ready to send: account, Google credentials, spreadsheet. Sends nothing and changes nothing.

Used by ``python -m airflow_provider_robosms check`` and by the DAG ``robosms_account_check``, which looks from a worker: an
address that RoboSMS does not let in, or a proxy, can differ between machines.
"""

from __future__ import annotations

import argparse
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exceptions import RoboSmsError

if TYPE_CHECKING:
    import gspread

    from .hooks.gsheets import GoogleSheetsHook

_API = "https://sheets.googleapis.com/v4/spreadsheets"
_LONGEST_MASK = 11


@dataclass(frozen=True)
class Finding:
    """One line of the check.

    :param ok: True for a tick, False for something to fix, None for what cannot be known without sending.
    :param text: a sentence.
    """

    ok: bool | None
    text: str

    def __str__(self) -> str:
        return f"{'✓' if self.ok else '?' if self.ok is None else '✗'} {self.text}"


def check_robosms(robosms_conn_id: str) -> Iterator[Finding]:
    """Yield what there is to say on the RoboSMS connection: key, address of this machine, balance, mask.

    :param robosms_conn_id: connection of type ``robosms``.
    """
    from .hooks.robosms import RoboSmsHook

    hook = RoboSmsHook(robosms_conn_id)
    try:
        account = hook.client.account
        yield Finding(True, f"Connection {robosms_conn_id}: portal {account.host}")
        balance = hook.get_balance()
    except RoboSmsError as error:
        yield Finding(False, str(error))
        return
    except Exception as error:  # noqa: BLE001 - Airflow has several ways to say that there is no such connection
        yield Finding(False, _no_connection(robosms_conn_id, error))
        return
    from .gateway.threshold import words

    yield Finding(True, "API key: the portal accepts it, from this machine")
    if balance.parts_affordable is None:
        yield Finding(None, f"Balance: {balance.amount}; the portal does not say what a part costs")
    else:
        yield Finding(balance.parts_affordable > 0, f"Balance: {words(balance)}")
    yield _mask(account.mask)
    yield Finding(None, "Only a first message proves e-mail and mask: send one to yourself")


def _mask(mask: str | None) -> Finding:
    if not mask:
        return Finding(
            False, "Sender mask: the connection names none; put your approved mask into its field Sender mask"
        )
    if len(mask) > _LONGEST_MASK:
        return Finding(False, f"Sender mask: {mask} is longer than {_LONGEST_MASK} characters, which no mask may be")
    return Finding(True, f"Sender mask: {mask}")


def check_google(gcp_conn_id: str, spreadsheet: str | None = None) -> Iterator[Finding]:
    """Yield what there is to say on the Google connection and on a spreadsheet: token, access, edit right.

    :param gcp_conn_id: connection of type ``google_cloud_platform``.
    :param spreadsheet: its address or key; None to look at the credentials only.
    """
    from .hooks.gsheets import GoogleSheetsHook

    hook = GoogleSheetsHook(gcp_conn_id)
    try:
        ok, sentence = hook.test_connection()
    except Exception as error:  # noqa: BLE001 - Airflow has several ways to say that there is no such connection
        ok, sentence = False, _no_connection(gcp_conn_id, error)
    yield Finding(ok, sentence if not ok else f"Google credentials: {sentence}")
    if ok and spreadsheet:
        try:
            yield from _spreadsheet(hook, spreadsheet)
            yield Finding(
                None,
                "Only the probe proves that Google behaves as campaigns need it to: run "
                "python -m airflow_provider_robosms probe once, with the same --spreadsheet",
            )
        except RoboSmsError as error:
            yield Finding(False, str(error))


def _spreadsheet(hook: GoogleSheetsHook, spreadsheet: str) -> Iterator[Finding]:
    from .spreadsheet.address import spreadsheet_key
    from .spreadsheet.trouble import trouble_of

    http, key = hook.get_conn().http_client, spreadsheet_key(spreadsheet)
    http.set_timeout((10.0, 60.0))
    try:
        found = http.request("get", f"{_API}/{key}?fields=properties.title,sheets.properties.title").json()
    except Exception as error:  # noqa: BLE001 - those of gspread, requests and google-auth have many classes
        yield Finding(False, trouble_of(error, hook.account_email).sentence)
        return
    tabs = ", ".join(sheet["properties"]["title"] for sheet in found.get("sheets", []))
    yield Finding(True, f"Spreadsheet {found['properties']['title']}: opened; its tabs are {tabs}")
    yield _edit_right(http, key, hook.account_email)


def _edit_right(http: gspread.HTTPClient, key: str, who: str | None) -> Finding:
    """Ask Google to remove something that is not there: who may only read is refused first, who may edit is told so."""
    from gspread.exceptions import APIError

    from .spreadsheet.trouble import trouble_of

    nothing = {"deleteNamedRange": {"namedRangeId": f"robosms-check-{uuid.uuid4().hex}"}}
    try:
        http.request("post", f"{_API}/{key}:batchUpdate", json={"requests": [nothing]})
    except Exception as error:  # noqa: BLE001 - those of gspread, requests and google-auth have many classes
        if not (isinstance(error, APIError) and error.response.status_code == 400):
            trouble = trouble_of(error, who, writing=True)
            return Finding(False if trouble.permanent else None, f"Edit right: not shown. {trouble.sentence}")
    return Finding(True, "Edit right: the account may write into it (unless tabs are protected)")


def _no_connection(conn_id: str, error: Exception) -> str:
    return f"Connection {conn_id} cannot be read ({type(error).__name__}): add it under Admin > Connections"


def take_from_airflow(conn_id: str) -> None:
    """Make a connection of Airflow's database known to this process: outside of tasks, hooks see the environment only."""
    name = f"AIRFLOW_CONN_{conn_id.upper()}"
    if name in os.environ:
        return
    try:
        from airflow.models import Connection

        os.environ[name] = Connection.get_connection_from_secrets(conn_id).as_json()
    except Exception:  # noqa: BLE001 - the check says that it is not there
        return


def main(arguments: Sequence[str]) -> int:
    """Print the findings; return 0 when nothing is to be fixed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m airflow_provider_robosms check", description=__doc__)
    parser.add_argument("--robosms-conn-id", default="robosms_default")
    parser.add_argument("--gcp-conn-id", default="google_cloud_default", help="empty: leave Google out")
    parser.add_argument("--spreadsheet", help="address or key of a spreadsheet")
    options = parser.parse_args(arguments)
    for conn_id in filter(None, (options.robosms_conn_id, options.gcp_conn_id)):
        take_from_airflow(conn_id)
    findings = [*check_robosms(options.robosms_conn_id)]
    if options.gcp_conn_id:
        findings += check_google(options.gcp_conn_id, options.spreadsheet)
    for finding in findings:
        print(finding)
    return 1 if any(finding.ok is False for finding in findings) else 0
