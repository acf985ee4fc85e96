"""The last task of a campaign: adds up what the tasks that sent have left, and tells it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AssetAlias

from ..campaign.report import COUNTS, add_up, as_text, headline, objection, preview_page, report_page
from ..compat import conf
from ..exceptions import RoboSmsError
from ..settings import choice
from ..sms.blank import is_blank
from ..sms.merge import clip
from .reason import FAILURE, tell_reason

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

#: What a task that calls :func:`announce` has among its ``outlets``. An alias, so that there is no event without that call.
CAMPAIGN_FINISHED = AssetAlias("robosms_campaign_finished")
#: The asset whose events tell of campaigns; a DAG with ``schedule=[Asset("robosms_campaign")]`` runs after each.
CAMPAIGN = Asset("robosms_campaign")
#: What the conf of a planned campaign's run holds, see :mod:`~..task_groups.planned_campaigns`.
LINE, PLAN = "line", "plan"
#: Fields of a form that say that it is one of ours.
_OURS = frozenset({"what_to_do", "spreadsheet", "alert_to"})
#: What Airflow's own operators put into the conf of a run that they start.
_OF_AIRFLOW = ("openlineage",)
#: What follows a preview that is all there is.
_ONLY_A_PREVIEW = (
    "This was a preview: none of these people was texted, and nothing was written.\n"
    "To text them, trigger again with Send in the field What to do."
)
#: What an event tells of a campaign: counts and money, no rows and no texts.
TOLD = (*COUNTS, "estimated_cost", "balance_before", "balance_after", "headline")


@contextmanager
def sentences(*, passing: bool = False) -> Iterator[None]:
    """Let what a person must fix end a task of Python for good, by its sentence.

    :param passing: whether what may pass is left to Airflow's retries.
    """
    from ..compat import AirflowFailException

    try:
        yield
    except RoboSmsError as error:
        told = tell_reason(log, str(error))
        if passing and not error.permanent:
            raise
        raise AirflowFailException(told) from None


def check_form(context: Context) -> None:
    """See that a run was started with no field that its form does not have: Airflow ignores ``{"limits": 1}``.

    Only where the form is one of ours, by its fields; other DAGs may well read their run's ``conf`` themselves. To be called
    by, or as ``pre_execute`` of, the first task.

    :raises AirflowFailException: when it was.
    """
    given, fields = context["dag_run"].conf or {}, [*context["dag"].params]
    if not _OURS.intersection(fields):
        return
    unknown = sorted(map(str, set(given) - {*fields, *_OF_AIRFLOW}))
    changed = any(given[name] != context["params"].get(name) for name in given if name in fields)
    if changed and not conf.getboolean("core", "dag_run_conf_overrides_params", fallback=True):
        raise _refusal(
            context,
            "This Airflow ignores what is filled in in forms, so nothing is sent: an administrator has set [core] "
            "dag_run_conf_overrides_params to False.",
        )
    if unknown and unknown != [LINE, PLAN]:
        raise _refusal(
            context,
            f"{clip(unknown[0])!r} is no field of this DAG's form, so nothing is sent: correct what the run was started "
            f"with. The fields are {', '.join(fields)}.",
        )


def _refusal(context: Context, wrong: str) -> Exception:
    """Return what fails a task for good, its reason told."""
    from ..compat import AirflowFailException

    return AirflowFailException(tell_reason(log, wrong, context))


def check_preview(context: Context, *, task_id: str = "preview", at_most: int | None = None) -> dict[str, Any]:
    """Log the preview as a page and return the result of the task that made it.

    :param task_id: the task that ran with ``dry_run=True``.
    :param at_most: a limit on the messages of this run.
    :raises AirflowFailException: when nobody has a text, the balance does not pay for the campaign, or :func:`check_form`
        refuses.
    """
    check_form(context)
    preview: dict[str, Any] = context["ti"].xcom_pull(task_ids=task_id)
    log.info("%s", as_text(preview_page(preview, at_most=at_most)))
    if wrong := objection(preview):
        raise _refusal(context, wrong)
    return preview


def asks_to_send(params: Mapping[str, Any]) -> bool:
    """Tell whether a form asks for sending; log what to do next when it does not.

    :param params: the form: ``what_to_do`` is ``preview``, ``test`` or ``send``, and ``test_to`` a number for the test.
    :raises AirflowFailException: when the two contradict each other, or it is another word: nothing is sent that may be
        meant as a test.
    """
    with sentences():
        what = choice(str(params["what_to_do"]).strip(), "what_to_do", ("preview", "test", "send"))
        number = "" if is_blank(typed := str(params.get("test_to") or "")) else typed
        if what == "test" and not number:
            raise RoboSmsError(
                "What to do is Test, but Mobile for the test is empty: nothing was sent.", permanent=True
            )
        if what == "send" and number:
            raise RoboSmsError(
                "What to do is Send, but Mobile for the test is filled in, so nothing was sent: choose Test, or empty it.",
                permanent=True,
            )
    if what != "send":
        log.info("%s", _ONLY_A_PREVIEW)
    return bool(what == "send")


def report_campaign(
    context: Context, *, task_id: str = "send", partitions: int | None = None, preview_id: str = "preview"
) -> dict[str, Any]:
    """Log the report of a campaign and return its figures, with ``headline``, and ``failures`` by parallel task.

    :param task_id: the task that sent.
    :param partitions: into how many instances it was mapped; None when it was not.
    :param preview_id: the task that ran with ``dry_run=True`` before it.
    :raises AirflowSkipException: when no task has left anything.
    """
    from ..compat import AirflowSkipException

    indexes: list[int | None] = [None] if partitions is None else list(range(partitions))

    def pull(index: int | None, key: str) -> Any:
        ti = context["ti"]
        if index is None:
            return ti.xcom_pull(task_ids=task_id, key=key)
        return ti.xcom_pull(task_ids=task_id, key=key, map_indexes=index)

    ended = [pull(index, "return_value") for index in indexes]
    left = [None if done else pull(index, "summary") for index, done in zip(indexes, ended, strict=True)]
    reasons = {i: pull(index, FAILURE) for i, index in enumerate(indexes) if not ended[i]}
    failures = {i: str(reason) for i, reason in reasons.items() if reason}
    if not any(ended) and not any(left) and not failures:
        raise AirflowSkipException("Nothing was sent: no task that sends has begun.")
    total = add_up(ended, left)
    # A run may have waited for its hours, or for an approval, before anything was sent.
    sending = datetime.fromtimestamp(total["began"], timezone.utc) if total["began"] else None
    page = report_page(
        total,
        preview=context["ti"].xcom_pull(task_ids=preview_id),
        failures=failures,
        began=sending or context["dag_run"].start_date,
        ended=datetime.now(timezone.utc),
    )
    log.info("%s", as_text(page))
    return {**total, "headline": headline(total), "failures": {str(i): why for i, why in failures.items()}}


def announce(context: Context, total: Mapping[str, Any], **facts: Any) -> None:
    """Emit the asset event of a campaign that has finished; none when a task that sends has failed.

    :param context: of a task with :data:`CAMPAIGN_FINISHED` among its ``outlets``.
    :param total: the result of :func:`report_campaign`.
    :param facts: what else the event tells, such as the spreadsheet; nothing personal.
    """
    if total["partitions_failed"]:
        log.info("The campaign has not finished, so no event of the asset %s is emitted.", CAMPAIGN.name)
        return
    extra = {**{name: total.get(name) for name in TOLD}, **{name: value for name, value in facts.items() if value}}
    context["outlet_events"][CAMPAIGN_FINISHED].add(CAMPAIGN, extra=extra)
