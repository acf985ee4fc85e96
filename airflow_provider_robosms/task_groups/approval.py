"""Asking a person whether a campaign may be sent: what the page says, and the SMS that says that it waits."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.providers.standard.operators.hitl import ApprovalOperator

from ..campaign.report import in_money, preview_page
from ..compat import conf
from ..exceptions import InvalidNumber, RoboSmsError
from ..hooks.gsheets import GoogleSheetsHook
from ..notifications.robosms import RoboSmsNotifier, apart
from ..sms.blank import is_blank
from ..sms.phone import elsewhere, normalise

if TYPE_CHECKING:
    from airflow.sdk import Context

#: How long a person has to answer.
PATIENCE = timedelta(days=3)
#: XComs of the task that checks: the page that a person sees, and the SMS that says that it waits.
PAGE, SMS = "approval_page", "approval_sms"
#: XCom of the task that checks, and of the one that asks: what the page shows, see :class:`~..transfers.approved.Approved`.
APPROVED = "approved"
_LONGEST = 30


class Question(ApprovalOperator):
    """Asks, and leaves what it asked for: what is checked anew while somebody reads the page is not what they approve."""

    def __init__(self, *, check_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check_id = check_id

    def execute(self, context: Context) -> None:
        """Ask."""
        ti = context["ti"]
        ti.xcom_push(key=APPROVED, value=ti.xcom_pull(task_ids=self.check_id, key=APPROVED))
        super().execute(context)


def ask(check_id: str, approver: str | None, mask: str | None) -> Question:
    """Return the task that asks.

    :param check_id: the task that called :func:`describe` and returned how many messages there are.
    :param approver: mobile that is told, once for each run.
    :param mask: sender mask of that SMS.
    """
    pulled = "{{{{ ti.xcom_pull(task_ids='" + check_id + "'{}) }}}}"
    notifier = RoboSmsNotifier(
        to=approver or "",
        message=pulled.format(f", key='{SMS}'"),
        mask=mask,
        max_segments=4,
        # Once: neither a retry nor Clear tells again.
        dedup_key="approval of {{ dag.dag_id }} {{ run_id }}",
        min_interval=PATIENCE,
    )
    return Question(
        task_id="approve",
        check_id=check_id,
        subject=f"Text {pulled.format('')} people?",
        body=pulled.format(f", key='{PAGE}'"),
        notifiers=[notifier] if approver is not None else [],
        response_timeout=PATIENCE,
    )


def check_approver(approver: str) -> None:
    """See that whoever approves can be told: nobody would hear of a campaign that waits.

    :param approver: numbers, separated by commas; blank for nobody.
    :raises RoboSmsError: when one cannot be texted; permanent.
    """
    for number in apart(approver):
        if not is_blank(number):
            try:
                normalise(number)
            except InvalidNumber as error:
                raise RoboSmsError(
                    f"approver must be a mobile number: {elsewhere(error)}, so nobody would be told and nothing is sent.",
                    permanent=True,
                ) from None


def describe(
    context: Context,
    preview: Mapping[str, Any],
    at_most: int | None,
    approve_id: str,
    *,
    send_window: Any = None,
) -> None:
    """Leave the page and the SMS for the task that asks.

    :param preview: the result of the dry run.
    :param at_most: a limit on the messages of this run.
    :param approve_id: the task that asks.
    :param send_window: the campaign's hours.
    """
    spreadsheet = preview["spreadsheet"]
    requester = str(getattr(context["dag_run"], "triggering_user_name", None) or "")
    push = context["ti"].xcom_push
    push(key=PAGE, value=approval_page(preview, at_most, spreadsheet, requester, send_window=send_window))
    people = min(preview["pending"], at_most or preview["pending"])
    approved = {name: preview[name] for name in ("spreadsheet", "texts")}
    push(key=APPROVED, value={**approved, "messages": people, "parts": preview["segments"]})
    cost, source = in_money(preview.get("estimated_cost")), _short(_title(spreadsheet))
    asks = f"{_short(requester) or 'Airflow'} asks to text {people:,} people for {cost} from {source}."
    push(key=SMS, value=f"{asks} Your answer: {_address(context, approve_id)}")


def approval_page(
    preview: Mapping[str, Any],
    at_most: int | None,
    spreadsheet: str,
    requester: str,
    *,
    send_window: Any = None,
) -> str:
    """Return what the person who approves must know, as Markdown."""

    def shown(words: object) -> str:  # what somebody typed, in which nothing is taken for Markdown
        return f"`{' '.join(str(words).replace('`', ' ').split())}`"

    lines = [
        f"- Spreadsheet: <{GoogleSheetsHook().endpoint or 'https://docs.google.com'}/spreadsheets/d/{spreadsheet}/edit>",
        f"- From: {shown(preview['mask'] or 'no sender mask')}, unless a template names another",
        f"- Hours: {f'{shown(send_window)}, Pakistan time' if send_window else 'any'}",
        f"- Asked for by: {shown(requester or 'not known')}",
        "- Until it is sent, other people may take the place of these; more people, more parts or other texts are not sent",
        "",
        preview_page(preview, at_most=at_most),
    ]
    return "\n".join(lines)


def _title(key: str) -> str:
    """Return the spreadsheet's title; its key where Google does not tell."""
    with contextlib.suppress(Exception):  # the title is a help only
        http = GoogleSheetsHook().get_conn().http_client
        return str(http.fetch_sheet_metadata(key, params={"fields": "properties.title"})["properties"]["title"])
    return key


def _address(context: Context, task_id: str) -> str:
    """Return where the person answers."""
    base = str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
    ti = context["ti"]
    path = f"/dags/{quote(ti.dag_id)}/runs/{quote(ti.run_id, safe=':+')}/tasks/{quote(task_id)}/required_actions"
    return f"{base}{path}" if base else "Airflow, under Required Actions"


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 3]}..."
