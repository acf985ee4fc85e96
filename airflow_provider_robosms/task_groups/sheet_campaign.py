"""A campaign from a Google Sheet as a task group: preview, check, approval, send, report."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import TaskGroup, XComArg, get_current_context, task

from ..exceptions import RoboSmsError
from ..operators.reason import FAILURE
from ..operators.report import (
    CAMPAIGN_FINISHED,
    announce,
    asks_to_send,
    check_form,
    check_preview,
    report_campaign,
    sentences,
)
from ..settings import boolean, optional_whole, whole
from ..sms.blank import is_blank
from ..spreadsheet.address import spreadsheet_key
from ..transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

#: A retry goes on where the last try stopped. The first soon, for a worker that died; the later ones for an outage.
_RETRIES: dict[str, Any] = {"retries": 4, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True}


def sheet_campaign(
    group_id: str | None = "campaign",
    *,
    spreadsheet_id: str,
    template: str | None = None,
    message: str | None = None,
    what_to_do: str = "preview",
    test_to: str | None = None,
    approval: bool = False,
    approver: str | None = None,
    limit: int | str | None = None,
    send_window: str | Sequence[str] | None = "09:00-21:00",
    not_after: str | None = None,
    mask: str | None = None,
    opt_out_line: str | None = None,
    max_segments: int | str | None = None,
    partitions: int | str = 1,
    max_per_second: float | str | None = None,
    recipients_sheet: str = "Recipients",
    templates_sheet: str = "Templates",
) -> TaskGroup | GoogleSheetsToRoboSmsOperator:
    """Text the recipients of a Google Sheet: preview, check, approval where it is wanted, send, report.

    ``preview`` reads the sheet and the balance. ``check`` shows what would be sent, and fails when nobody has a text, the
    balance does not pay for it, or the settings contradict each other; unless *what_to_do* says ``send``, the campaign ends
    there. ``send`` texts, with a line in the tab ``Campaigns``. ``report`` adds up what was done and emits the asset event
    ``robosms_campaign`` when everything that sends has succeeded. What comes after the group comes after ``send``, and is
    skipped with it.

    All but *group_id* and *approval* are templates. The group cannot be mapped, since ``send`` is.

    :param group_id: the group's id, with which the tasks' ids begin; None for no group: Airflow's pages show one closed at
        first, and the tasks of a DAG that holds nothing else are better in sight.
    :param spreadsheet_id: the spreadsheet's address or key.
    :param template: name of the template for rows that have neither a Message nor a Template of their own.
    :param message: text for such rows instead of a *template*; both stop the run before anything is sent.
    :param what_to_do: ``preview``; ``test``, a preview that also sends the first three texts to *test_to*; or ``send``.
    :param test_to: mobile of whoever tests. Together with ``send`` it stops the run before anything is sent.
    :param approval: whether a person must approve the preview within three days; then neither more people nor more message
        parts than were approved are sent, no other texts, and by one task.
    :param approver: mobile that gets an SMS, once, when the approval waits; nobody is told when it is blank.
    :param limit: send at most so many messages; then one task sends.
    :param send_window: hours in which messages may be sent, Pakistan time; None for any.
    :param not_after: a moment after which ``send`` does not begin or go on, however long the DAG was paused; None for any.
    :param mask: sender mask; the connection's by default.
    :param opt_out_line: what every text ends with.
    :param max_segments: leave out texts of more message parts.
    :param partitions: into how many parallel tasks the sending is split, 1 to 25.
    :param max_per_second: messages per second, all parallel tasks together; None for as fast as the portal answers.
    :param recipients_sheet: title of the tab with the recipients.
    :param templates_sheet: title of the tab with the templates.
    :returns: the group; without one its first task.
    :raises ValueError: when *approver* is set without *approval*.
    :raises RoboSmsError: when *approval* is neither yes nor no.
    """
    approval = _is_approved(approval, approver)
    campaign: dict[str, Any] = {
        "spreadsheet_id": spreadsheet_id,
        "recipients_sheet": recipients_sheet,
        "templates_sheet": templates_sheet,
        "template": template,
        "message": message,
        "mask": mask,
        "max_segments": max_segments,
        "max_per_second": max_per_second,
        "send_window": send_window,
        "opt_out_line": opt_out_line,
    }
    group = TaskGroup(group_id, tooltip="An SMS campaign from a Google Sheet") if group_id else None
    with group or nullcontext():
        preview = GoogleSheetsToRoboSmsOperator(
            task_id="preview",
            dry_run=True,
            test_to=None if test_to is None else _only_in_a_test(what_to_do, test_to),
            test_messages=3,
            pre_execute=check_form,  # a Test sends an SMS
            retries=2,
            retry_delay=timedelta(seconds=30),
            **{**campaign, "limit": limit},
        )
        preview_id = preview.task_id
        check_id, approve_id, send_id = (
            f"{preview_id.removesuffix('preview')}{name}" for name in ("check", "approve", "send")
        )

        # Only what comes next is skipped by it: what the DAG has after the group keeps its own trigger rule.
        @task.short_circuit(ignore_downstream_trigger_rules=False, show_return_value_in_logs=False)
        def check(what_to_do: str, limit: Any, partitions: Any) -> Any:
            """Show the preview; return the numbers of the partitions, or how many messages are to be approved."""
            context = get_current_context()
            with sentences():
                _check_one_text(_rendered(context, template), _rendered(context, message))
                most = optional_whole(limit, "limit", least=1)
                tasks = 1 if most else whole(partitions, "partitions", least=1, most=25)
            found = check_preview(context, task_id=preview_id, at_most=most)
            if not asks_to_send({"what_to_do": what_to_do, "test_to": _rendered(context, test_to)}):
                return []
            if not approval:
                return list(range(tasks))
            from .approval import check_approver, describe

            with sentences():
                check_approver(str(_rendered(context, approver) or ""))
            describe(context, found, most, approve_id, send_window=_rendered(context, send_window))
            return min(found["pending"], most or found["pending"])

        # A teardown runs when a send has failed, too, and leaves the run's colour to the sends.
        @task(outlets=[CAMPAIGN_FINISHED], show_return_value_in_logs=False)
        def report() -> dict[str, Any]:
            """Add up what was done, and tell Airflow that the campaign has finished."""
            context = get_current_context()
            pull = context["ti"].xcom_pull
            checked = pull(task_ids=check_id)
            reason = pull(task_ids=preview_id, key=FAILURE) or pull(task_ids=check_id, key=FAILURE)
            if reason and checked is None and str(_rendered(context, what_to_do)).strip() == "send":
                _tell(context, reason, _rendered(context, spreadsheet_id), _rendered(context, template))
            mapped = None if approval else len(checked or ())
            total = report_campaign(context, task_id=send_id, partitions=mapped, preview_id=preview_id)
            key = (pull(task_ids=preview_id) or {}).get("spreadsheet") or spreadsheet_key(
                _rendered(context, spreadsheet_id)
            )
            _tell_failed(context, total["failures"], send_id, mapped, key, _rendered(context, template))
            announce(context, total, spreadsheet=key, template=_rendered(context, template))
            return total

        checked = check(what_to_do, limit, partitions)
        pulled = _left_by(check_id)
        sending = {
            **campaign,
            **_RETRIES,
            # What was previewed: a Variable may name another spreadsheet, or another line, by the time the hours begin.
            "spreadsheet_id": f"{{{{ {_left_by(preview_id)}['spreadsheet'] }}}}",
            "opt_out_line": f"{{{{ {_left_by(preview_id)}['opt_out_line'] or '' }}}}",
            "task_id": "send",
            "campaigns_tab": "Campaigns",
            "not_after": not_after,
        }
        preview >> checked
        if approval:
            from .approval import APPROVED, ask

            asked = ask(check_id, approver, mask)
            send: Any = GoogleSheetsToRoboSmsOperator(**sending, approved=XComArg(asked, key=APPROVED))
            checked >> asked >> send
        else:
            shared = GoogleSheetsToRoboSmsOperator.partial(
                **sending, limit=limit, partitions=f"{{{{ {pulled} | length }}}}"
            )
            send = shared.expand(partition=checked)
        send >> report().as_teardown()
    return group or preview


def _is_approved(approval: Any, approver: str | None) -> bool:
    """Return the setting *approval*, which must not come out as a no by accident."""
    wanted = boolean(approval, "approval")
    if approver is not None and not wanted:
        raise ValueError("approver is set without approval=True: nobody would be asked.")
    return wanted


def _left_by(task_id: str) -> str:
    """Return the expression of a template for a task's result."""
    return f"ti.xcom_pull(task_ids='{task_id}')"


def _check_one_text(template: Any, message: Any) -> None:
    """See that a form names one text: of two, the sender may have meant either.

    :raises RoboSmsError: when it has both; permanent.
    """
    if all(text is not None and not is_blank(str(text)) for text in (template, message)):
        raise RoboSmsError(
            "Template and Message are both filled in, so nothing was sent: empty one of them.", permanent=True
        )


def _tell(context: Context, reason: str, spreadsheet: str, template: str | None) -> None:
    """Say in the tab Campaigns why a campaign that was to be sent did not begin."""
    from ..recipients.refs import ref
    from ..transfers.campaign_line import OWN_TEXT
    from ..transfers.failure_line import tell_failure

    with suppress(RoboSmsError):  # what is wrong with the address is said by the preview
        key, run = spreadsheet_key(spreadsheet), f"{context['ti'].dag_id}\n{context['ti'].run_id}"
        tell_failure(log, context, key, ref(f"{run}\n{reason}"), template or OWN_TEXT, reason)


def _tell_failed(
    context: Context, failures: Mapping[str, str], send_id: str, mapped: int | None, key: str, template: str | None
) -> None:
    """Say in the tab Campaigns why a campaign failed that could not write its line itself: it did not get the lock.

    :param failures: number of the parallel task, or ``None`` -> reason.
    """
    from ..campaign.owner import Owner
    from ..campaigns_tab.line import campaign_id
    from ..transfers.campaign_line import OWN_TEXT
    from ..transfers.failure_line import tell_failure

    ti = context["ti"]
    for index, reason in failures.items():
        partition, partitions = (0, 1) if mapped is None else (int(index), mapped)
        # The name of the campaign's own line: where that is there, it says the reason already, and a later try goes on in it.
        owner = Owner(ti.dag_id, ti.run_id, send_id, partition=partition, partitions=partitions)
        tell_failure(log, context, key, campaign_id(owner), template or OWN_TEXT, reason, over=False)


def _only_in_a_test(what_to_do: str, test_to: str) -> str:
    """Return a template that gives the number where *what_to_do* comes out as ``test``, and nothing elsewhere."""
    # A DAG that renders native objects makes None of nothing at all.
    nothing = "{{ '' }}"
    asked = f"{{% set what %}}{what_to_do}{{% endset %}}{{% if what | trim == 'test' %}}"
    return f"{asked}{test_to}{{% else %}}{nothing}{{% endif %}}"


def _rendered(context: Context, value: Any) -> Any:
    """Return what a template comes out as, without Airflow's keeping it: it shows rendered fields to everybody."""
    return context["task"].render_template(value, context) if value is not None else None
