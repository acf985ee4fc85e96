"""Campaigns that somebody has planned in a sheet or in an Airflow Variable, each in a DAG run of its own."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import get_current_context, task

from ..campaign.report import broken
from ..compat import AirflowFailException, AirflowSkipException
from ..exceptions import RoboSmsError
from ..operators.report import LINE, PLAN, check_form, sentences
from ..recipients.refs import ref
from ..sms.merge import clip
from ..spreadsheet.address import spreadsheet_key
from ..transfers.failure_line import open_spreadsheet, tell_failure
from ..transfers.planned import ZONE, PlannedCampaign, read_entries, read_tab
from .sheet_campaign import sheet_campaign

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

# LINE and PLAN, in the conf of a run that is for one line: its id, and the key of the plan's spreadsheet, blank for a
# Variable's entries.


def planned_campaigns(*, dag_id: str, plan: str, what_to_do: str = "preview", opt_out_line: str | None = None) -> None:
    """Start each campaign of a plan when its time has come.

    A DAG of two kinds of runs. A scheduled one, and one with *what_to_do* ``send``, reads the plan and starts a run of the
    same DAG for each line that is due; such a run is for one line and does what :func:`~.sheet_campaign.sheet_campaign` does.
    Any other run shows what would be started. The run of a line has an id of its own, and Airflow makes no second run of an
    id: so a line is started at most once. What is not understood is a sentence in the log and in the tab Campaigns of the
    plan's spreadsheet, and does not stop the other lines.

    :param dag_id: the DAG that this is in.
    :param plan: the address of a spreadsheet with a tab ``Plan``, or a JSON list of entries. Templated.
    :param what_to_do: ``send`` to start what is due in runs that are not scheduled, too. Templated.
    :param opt_out_line: what every text ends with. Templated.
    """

    @task(retries=2, retry_delay=timedelta(seconds=30), show_return_value_in_logs=False)
    def read_plan(source: str, what: str) -> list[dict[str, Any]]:
        """Say what is to be done about each line; return the runs to start."""
        context = get_current_context()
        if LINE in (context["dag_run"].conf or {}):
            raise AirflowSkipException("This run is for one line of the plan.")
        check_form(context)
        starts = str(what).strip() == "send" or _is_scheduled(context)
        with sentences(passing=True):
            key, lines = _read_and_tell(context, source, tells=starts)
        due = []
        for line in lines:
            verdict = _verdict(context, line)
            log.info("%s", broken(_name(line, verdict or ("starts now" if starts else "would start now"))))
            if verdict is None:
                due.append(line)
            if starts and key and line.trouble and line.ticked is not False:
                about = ref(f"{line.said}\n{line.trouble}")
                tell_failure(log, context, key, about, line.template, _name(line, verdict))
        if not lines:
            log.info("The plan has no lines.")
        return [{"trigger_run_id": line.run_id, "conf": {LINE: line.id, PLAN: key}} for line in due if starts]

    @task(retries=2, retry_delay=timedelta(seconds=30), show_return_value_in_logs=False)
    def planned(source: str) -> dict[str, str]:
        """Return what this run's line says now; what was changed since counts."""
        context = get_current_context()
        conf = context["dag_run"].conf or {}
        if LINE not in conf:
            raise AirflowSkipException("This run is for the plan as a whole.")
        with sentences(passing=True):
            key, lines = _read_and_tell(context, str(conf.get(PLAN) or source))
        line = next((one for one in lines if one.ticked and not one.trouble and one.id == conf[LINE]), None)
        why = _why_not(context, line)
        if line is None or why:
            if key:
                tell_failure(
                    log, context, key, ref(f"{context['run_id']}\n{why}"), line.template if line else "", str(why)
                )
            raise AirflowFailException(why)
        return {
            "spreadsheet": line.spreadsheet,
            "tab": line.tab,
            "template": line.template,
            "hours": line.hours,
            "latest": f"{line.latest}",
        }

    # A run has no second one of its id, and so the same line is never started twice.
    TriggerDagRunOperator.partial(
        task_id="start", trigger_dag_id=dag_id, logical_date=None, skip_when_already_exists=True
    ).expand_kwargs(read_plan(plan, what_to_do))
    said = {
        name: f"{{{{ ti.xcom_pull('planned')['{name}'] }}}}"
        for name in ("spreadsheet", "tab", "template", "hours", "latest")
    }
    campaign = sheet_campaign(
        None,
        spreadsheet_id=said["spreadsheet"],
        recipients_sheet=said["tab"],
        template=said["template"],
        send_window=said["hours"],
        not_after=said["latest"],
        opt_out_line=opt_out_line,
        what_to_do="send",
    )
    planned(plan) >> campaign


def _read_and_tell(context: Context, source: Any, *, tells: bool = True) -> tuple[str, list[PlannedCampaign]]:
    """Return what :func:`_read` does; a plan that is refused as a whole says so in the tab Campaigns, once a day.

    :raises RoboSmsError: as it does.
    """
    try:
        return _read(source)
    except RoboSmsError as error:
        if (
            tells and error.permanent and isinstance(source, str) and not source.lstrip().startswith("[")
        ):  # a list of a Variable has no such tab
            with suppress(RoboSmsError):  # nor has an address that is none
                key, today = spreadsheet_key(source), datetime.now(ZONE).date()
                tell_failure(log, context, key, ref(f"{today}\n{error}"), "", f"Nothing of the plan is sent: {error}")
        raise


def _why_not(context: Context, line: PlannedCampaign | None) -> str | None:
    """Return why this run must not send its line, as a sentence."""
    if line is None:
        return "The line was changed, deleted or unticked meanwhile, so nothing was sent."
    if context["run_id"] != line.run_id:
        return "A line is sent by its own run only, so nothing was sent: give it a new When."
    if line.when is None or datetime.now(ZONE) < line.when:
        return "Its moment has not come yet, so nothing was sent: the plan starts it by itself."
    if line.is_late(datetime.now(ZONE)):
        return "It is more than a day after its moment, so nothing was sent: plan it anew."
    return None


def _read(source: Any) -> tuple[str, list[PlannedCampaign]]:
    """Return the plan's lines, and the key of its spreadsheet; blank where it is a Variable's list.

    :raises RoboSmsError: when it cannot be read as a whole.
    """
    if not isinstance(source, str):  # the DAG renders native objects
        source = json.dumps(source) if isinstance(source, list) else str(source or "")
    text = source.strip()
    if not text:
        raise RoboSmsError(
            "There is no plan: give the address of a spreadsheet with a tab Plan in the form or in the Airflow Variable "
            "robosms_plan.",
            permanent=True,
        )
    if text.startswith("["):
        return "", read_entries(text)
    key = spreadsheet_key(text)
    return key, read_tab(open_spreadsheet(key), key)


def _verdict(context: Context, line: PlannedCampaign) -> str | None:
    """Return why a line is not started now, in words; None when it is."""
    now = datetime.now(ZONE)
    if line.trouble:
        return line.trouble
    if _has_run(context, line):
        return "was started before"
    if not line.ticked:
        return "is not sent, because its Send is not ticked"
    if line.is_late(now):
        return "could not begin within a day of its When, so it is not sent any more: give it a new one to send it"
    return line.waits(now)


def _has_run(context: Context, line: PlannedCampaign) -> bool:
    """Tell whether the line has its run, for the log; that there is no second one, Airflow sees to."""
    ti: Any = context["ti"]
    return bool(ti.get_dr_count(dag_id=ti.dag_id, run_ids=[line.run_id]))


def _is_scheduled(context: Context) -> bool:
    kind = getattr(context["dag_run"], "run_type", "")
    return str(getattr(kind, "value", kind)) == "scheduled"


def _name(line: PlannedCampaign, words: str | None = None) -> str:
    named = f"{line.where.capitalize()} of the plan" + (f", template {clip(line.template)}" if line.template else "")
    return named if words is None else f"{named}: {words}"
