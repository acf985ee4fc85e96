"""The last task of a campaign: adds up what the tasks that sent have left, and tells it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..campaign.report import add_up, as_text, headline, objection, preview_page, report_page
from .sending import FAILURE

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)


def check_preview(context: Context, *, task_id: str = "preview", at_most: int | None = None) -> dict[str, Any]:
    """Log the preview as a page and return the result of the task that made it.

    :param task_id: the task that ran with ``dry_run=True``.
    :param at_most: a limit on the messages of this run.
    :raises AirflowFailException: when nobody has a text, or the balance does not pay for the campaign.
    """
    from ..compat import AirflowFailException

    preview = context["ti"].xcom_pull(task_ids=task_id)
    log.info("%s", as_text(preview_page(preview, at_most=at_most)))
    if wrong := objection(preview):
        log.error("%s", wrong)
        raise AirflowFailException(wrong)
    return preview


def asks_to_send(params: Mapping[str, Any]) -> bool:
    """Tell whether a form asks for sending.

    :param params: the form: ``what_to_do`` is ``preview``, ``test`` or ``send``, and ``test_to`` a number for the test.
    :raises AirflowFailException: when the two contradict each other: nothing is sent that may be meant as a test.
    """
    from ..compat import AirflowFailException

    what, number = params["what_to_do"], str(params.get("test_to") or "").strip()
    if what == "test" and not number:
        raise AirflowFailException("What to do is Test, but Mobile for the test is empty: nothing was sent.")
    if what == "send" and number:
        raise AirflowFailException(
            "What to do is Send, but Mobile for the test is filled in, so nothing was sent: choose Test, or empty it."
        )
    return bool(what == "send")


def report_campaign(context: Context, *, task_id: str = "send", partitions: int | None = None) -> dict[str, Any]:
    """Log the report of a campaign and return its figures, with ``headline``, and ``failures`` by parallel task.

    :param task_id: the task that sent.
    :param partitions: into how many instances it was mapped; None when it was not.
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
    page = report_page(
        total,
        preview=context["ti"].xcom_pull(task_ids="preview"),
        failures=failures,
        began=context["dag_run"].start_date,
        ended=datetime.now(timezone.utc),
    )
    log.info("%s", as_text(page))
    return {**total, "headline": headline(total), "failures": {str(i): why for i, why in failures.items()}}
