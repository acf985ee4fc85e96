"""What a sheet campaign writes into its line of the tab Campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..campaigns_tab.line import CampaignLine, CampaignsTab, campaign_id
from ..compat import conf
from ..gateway.outcome import Status

#: How the ids of runs begin that a plan has started.
PLANNED = "planned__"
#: What stands in the column Template of a campaign without one.
OWN_TEXT = "own text"

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

    from ..campaign.engine import Stop
    from ..campaign.owner import Owner
    from ..operators.progress import Progress
    from ..recipients.workbook import Workbook
    from ..sheets.plan import SheetPlan


def open_line(
    title: str,
    book: Workbook,
    plan: SheetPlan,
    owner: Owner,
    *,
    context: Context,
    template: str | None,
    now: datetime,
    progress: Callable[[], Progress | None],
) -> CampaignLine:
    """Return the line of a campaign that is about to begin.

    :param title: of the tab.
    :param template: name of the campaign's template.
    :param now: when it begins, in the campaign's time zone.
    :param progress: returns how far it is, once it is under way.
    """
    where = CampaignsTab(title) if book.campaigns is None else CampaignsTab(book.campaigns[0].title, *book.campaigns)
    facts: dict[str, str | int] = {
        "Started": f"{now:%Y-%m-%d %H:%M}",
        "By": who(context),
        "Template": template or OWN_TEXT,
        "Planned": len(plan.messages) + len(plan.settled),
        "Skipped": plan.skipped.total(),
        "Run": run_url(owner.dag, owner.run),
    }

    def live() -> Mapping[str, str]:
        under_way = progress()
        if under_way is None:
            return {}
        counts = under_way.counts
        return {
            "Sent": f"{counts.get(Status.SENT, 0):,}",
            "Unknown": f"{counts.get(Status.UNKNOWN, 0):,}",
            "State": f"sending, {under_way.state()}",
        }

    return CampaignLine(where, campaign_id(owner), facts, live)


def last_words(result: Mapping[str, Any], stop: Stop | None, rate: Any) -> dict[str, str]:
    """Return what the line of a campaign holds in the end.

    :param result: its summary.
    :param stop: why it ended early, if it did.
    :param rate: price of a message part; None where it is not known.
    """
    if stop is None:
        # The tab has no column for these: "done" alone would hide that somebody has no text.
        state = ", ".join(["done", *(f"{result[name]:,} {name}" for name in ("rejected", "failed") if result[name])])
    elif stop.failure:
        state = "stopped" if stop.permanent else "stopped, may go on by itself"
    else:
        state = "waiting"
    return {
        "Sent": str(result["sent"]),
        "Unknown": str(result["unknown"]),
        "Cost": "" if rate is None else str(rate * result["segments"]),
        "Balance": str(result["balance_after"] or ""),
        "State": state,
        "Reason": stop.sentence if stop else "",
    }


def who(context: Context) -> str:
    """Return who triggered the run: a person's name in Airflow, or what else started it."""
    run = context.get("dag_run")
    if str(getattr(run, "run_id", "")).startswith(PLANNED):
        return "the plan"
    name = getattr(run, "triggering_user_name", None)
    return str(name or getattr(run, "run_type", None) or "")


def run_url(dag_id: str, run_id: str) -> str:
    """Return the address of the run in Airflow; blank outside of it."""
    base = str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
    return f"{base}/dags/{quote(dag_id)}/runs/{quote(run_id)}" if base and dag_id else ""
