"""What a campaign tells: the plan, the preview and the summary, in the log and as the task's result."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..campaign.report import broken, isolated, rows_in_doubt, where_to_look
from ..gateway.amounts import in_parts
from ..gateway.outcome import Status
from ..operators.sending import Money, Sent, summary, tell_result, tell_words
from ..recipients.planning import SAMPLES, hashes_of
from ..recipients.reasons import shown
from ..sms.opting_out import without_way_out

#: Rows that say UNKNOWN and are named in a result.
UNKNOWN_NAMED = 100
#: Columns and tabs that decide nothing and are named in a preview; its page clips the line.
UNREAD_NAMED = 20

if TYPE_CHECKING:
    from airflow.sdk.types import Logger

    from ..campaign.campaign import Campaign
    from ..campaign.message import Message
    from ..gateway.outcome import Balance
    from ..recipients.workbook import Workbook
    from ..sheets.plan import SheetPlan
    from ..sheets.results import SheetResults
    from .sql_claims import Earlier
    from .sql_ledger import SqlLedger
    from .sql_plan import SqlPlan


def tell_plan(log: Logger, plan: SheetPlan) -> None:
    """Log who is to be texted, and who is not and why."""
    log.info(
        "Plan: %s to send (%s), %s skipped, %s with a status already.",
        f"{len(plan.messages):,}",
        in_parts(plan.parts),
        *(f"{n:,}" for n in (plan.skipped.total(), plan.done.total())),
    )
    _tell_skipped(log, plan.skipped)
    if plan.theirs:
        log.warning(
            "Left alone %s rows whose Status holds words of somebody else: clear it in those that are to be texted.",
            f"{plan.theirs:,}",
        )
    if plan.foreign:
        log.warning(
            "Left alone %s rows whose result names another number or ID: it was changed since. Clear Status and Detail of "
            "those that are to be texted.",
            f"{plan.foreign:,}",
        )
    if plan.unknown:
        log.warning("%s rows may have been sent by a run that is over: they become UNKNOWN.", f"{plan.unknown:,}")
    if plan.beyond_limit:
        log.info("Left %s rows for a later run (limit).", f"{plan.beyond_limit:,}")


def _tell_skipped(log: Logger, skipped: Counter[str]) -> None:
    for reason, count in shown(skipped, 20):
        log.info("Skipped %s: %s", f"{count:,}", reason)


def _tell_samples(log: Logger, messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Log texts as a preview shows them, and return them; of the numbers only what everybody may see."""
    from ..sms.phone import mask

    samples: list[dict[str, Any]] = [{"to": mask(one.to), "text": one.text, "parts": one.parts} for one in messages]
    for sample in samples:
        log.info("Sample to %s (%s): %s", sample["to"], in_parts(sample["parts"]), isolated(sample["text"]))
    return samples


def _tell_preview(log: Logger, to_send: int, result: Mapping[str, Any]) -> None:
    words = f"Preview, nothing was sent or written: {to_send:,} to send, {result['skipped']:,} skipped"
    tell_words(log, words, result, result["estimated_cost"])


def _of_a_campaign(
    campaign: Campaign, money: Money, total: int, skipped: int, *, doubtful: int, started: float
) -> dict[str, Any]:
    """Return the summary of a campaign that has sent.

    :param total: rows that this campaign is about.
    :param doubtful: rows that an earlier try may have texted.
    """
    engine = campaign.engine
    counts = Counter(engine.counts)
    counts[Status.UNKNOWN] += doubtful
    return summary(
        Sent(counts, engine.codes, engine.accepted_parts),
        money,
        total=total,
        skipped=skipped,
        pending=max(0, total - counts.total() - skipped),
        seconds=time.monotonic() - started,
        began=campaign.began,
    )


def _tell_dropped(log: Logger, dropped: Mapping[str, int]) -> None:
    for reason, count in dropped.items():
        log.info("Not sent, %s rows: %s.", f"{count:,}", reason)


def _no_way_out(messages: Collection[Message]) -> dict[str, Any]:
    """Return what a preview tells of texts without a way to opt out: how many, and of how many."""
    return {"no_way_out": [without_way_out(message.text for message in messages), len(messages)]}


def _left_out(plan: SheetPlan) -> dict[str, Any]:
    """Return what a result tells of the rows that are not texted: reasons, and the numbers of the first rows of each."""
    return {
        "skipped_by_reason": dict(plan.skipped),
        "skipped_rows": plan.skipped_rows,
        "already_done": plan.done.total(),
    }


def tell_rows(log: Logger, plan: SqlPlan) -> None:
    """Log who of a database is to be texted, and who is not and why."""
    log.info(
        "Plan: %s to send (%s), %s skipped.",
        f"{len(plan.messages):,}",
        in_parts(plan.parts),
        f"{len(plan.skips):,}",
    )
    _tell_skipped(log, plan.skipped)
    if plan.waiting:
        log.info("Left %s rows for a later run: another run is texting the same number.", f"{plan.waiting:,}")
    if plan.beyond_limit:
        log.info("Left %s rows for a later run (limit).", f"{plan.beyond_limit:,}")


def tell_rows_preview(
    log: Logger, plan: SqlPlan, counts: Mapping[str | None, int], before: Balance | None, started: float
) -> dict[str, Any]:
    """Log what would be sent to the rows of a table, with samples, and return it; nothing was written.

    :param counts: rows of the table by status.
    """
    samples = _tell_samples(log, plan.messages[:SAMPLES])
    pending = len(plan.messages) + plan.beyond_limit + plan.waiting
    result = summary(
        Sent(parts=plan.parts),
        Money(plan.parts, before),
        total=pending + len(plan.skips),
        skipped=len(plan.skips),
        pending=pending,
        seconds=time.monotonic() - started,
    )
    done = sum(count for status, count in counts.items() if status is not None)
    _tell_preview(log, len(plan.messages), result)
    return result | {
        **_no_way_out(plan.messages),
        "samples": samples,
        "skipped_by_reason": dict(plan.skipped),
        "skipped_rows": plan.skipped_rows,
        "already_done": done,
    }


def tell_rows_summary(
    log: Logger,
    plan: SqlPlan,
    campaign: Campaign,
    ledger: SqlLedger,
    earlier: Earlier,
    *,
    before: Balance | None,
    after: Balance | None,
    portal: str,
    started: float,
) -> dict[str, Any]:
    """Log what became of the campaign and return it.

    :param earlier: what earlier tries have left.
    :param portal: address of the portal, in which people look for messages in doubt.
    :param started: when the task began (``time.monotonic()``).
    """
    from .sql_plan import may_be_shown

    engine = campaign.engine
    total = len(plan.messages) + plan.beyond_limit + plan.waiting + len(plan.skips) + earlier.skipped
    total += len(earlier.known) + len(earlier.doubtful)
    skipped = len(plan.skips) + len(ledger.skips) + earlier.skipped
    money = Money(plan.parts, before, after)
    result = _of_a_campaign(campaign, money, total, skipped, doubtful=len(earlier.doubtful), started=started)
    plan.skips += ledger.skips
    unknown = [key for key in (*ledger.unknown, *earlier.doubtful) if may_be_shown(key)]
    doubted = {plan.keys.get(name): at for name, at in engine.doubted.items()}
    result |= {
        "skipped_by_reason": dict(plan.skipped),
        "skipped_rows": plan.skipped_rows,
        "unknown_rows": sorted(unknown),
        "unknown_at": {str(key): doubted[key] for key in unknown if key in doubted},
        "portal": portal,
        "without_row": ledger.orphans,
    }
    _tell_dropped(log, ledger.dropped)
    tell_result(log, result, before)
    return result


def tell_preview(
    log: Logger, plan: SheetPlan, before: Balance | None, started: float, book: Workbook
) -> dict[str, Any]:
    """Log what would be sent, with samples, and return it; nothing was written."""
    samples = _tell_samples(log, plan.samples)
    result = summary(
        Sent(parts=plan.parts),
        Money(plan.parts, before),
        total=len(plan.messages) + plan.skipped.total() + plan.beyond_limit,
        skipped=plan.skipped.total(),
        pending=len(plan.messages) + plan.beyond_limit,
        seconds=time.monotonic() - started,
    )
    result |= _left_out(plan) | {
        **_no_way_out(plan.messages.values()),
        "samples": samples,
        "opt_out_line": plan.reader.opt_out_line,
        "unread_columns": plan.reader.unread_columns[:UNREAD_NAMED],
        "unread_tabs": book.unread_tabs[:UNREAD_NAMED],
        "filtered": book.tab.filtered,
        "held": plan.theirs,
        "texts": hashes_of(plan.wordings | plan.later),
    }
    _tell_preview(log, len(plan.messages), result)
    return result


def tell_nothing(log: Logger, plan: SheetPlan, before: Balance | None, started: float) -> dict[str, Any]:
    """Log that nothing is to be done, and return the summary of that."""
    result = summary(
        Sent(),
        Money(0, before, before),
        total=plan.skipped.total() + plan.beyond_limit,
        skipped=plan.skipped.total(),
        pending=plan.beyond_limit,
        seconds=time.monotonic() - started,
    )
    result |= _left_out(plan) | {"without_row": 0, "unknown_rows": []}
    tell_result(log, result, before)
    return result


def tell_summary(
    log: Logger,
    plan: SheetPlan,
    campaign: Campaign,
    results: SheetResults,
    *,
    before: Balance | None,
    after: Balance | None,
    vanished: int,
    portal: str,
    started: float,
) -> dict[str, Any]:
    """Log what became of the campaign and return it.

    :param vanished: outcomes of earlier tries whose recipients are not in the sheet any more.
    :param portal: address of the portal, in which people look for messages in doubt.
    :param started: when the task began (``time.monotonic()``).
    """
    engine = campaign.engine
    skipped = plan.skipped.total()
    total = len(plan.messages) + len(plan.settled) + skipped + plan.unknown + plan.beyond_limit
    money = Money(plan.parts, before, after)
    result = _of_a_campaign(campaign, money, total, skipped, doubtful=plan.unknown, started=started)
    unknown = sorted((row, key) for key, row in {**plan.unknown_rows, **results.unknown_rows}.items())[:UNKNOWN_NAMED]
    result |= _left_out(plan) | {
        "without_row": len(results.orphans) + vanished,
        "unknown_rows": [row for row, _ in unknown],
        "unknown_at": {str(row): engine.doubted[key] for row, key in unknown if key in engine.doubted},
        "portal": portal,
    }
    _tell_dropped(log, results.dropped)
    if result["without_row"]:
        log.warning("%s results found no row: those recipients were deleted from the sheet.", result["without_row"])
    if result["unknown"]:
        told = f"UNKNOWN, may have been texted: {result['unknown']:,}{rows_in_doubt(result) or ' (rows not known)'}. "
        log.warning("%s", broken(f"{told}L{where_to_look(portal)[1:]}"))
    tell_result(log, result, before)
    return result
