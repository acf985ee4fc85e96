"""What a campaign tells a person: the preview before it and the report after it, as text.

The text is Markdown, and :func:`as_text` makes of it what a log shows: log and approval say the same. It is made from the
operators' results only, which hold neither numbers nor names. A result may lack ``samples``, ``already_done``, ``held`` (rows
with a Status of somebody else), ``skipped_by_reason``, ``skipped_rows`` (reason -> row numbers), ``unread_columns``,
``unread_tabs``, ``filtered``, ``no_way_out`` (how many texts name no way to opt out, and of how many), ``portal``,
``unknown_rows`` and ``unknown_at`` (row -> when it was tried): not every source of recipients has them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from textwrap import fill, wrap
from typing import Any
from zoneinfo import ZoneInfo

from ..gateway.amounts import in_parts
from ..gateway.codes import CODES, MEANINGS

#: What is added up over the parallel tasks of one campaign.
COUNTS = ("total", "sent", "rejected", "failed", "unknown", "skipped", "pending", "segments")
MOST_REASONS = 20
MOST_ROWS = 10
#: Somebody has to look for each of these.
MOST_UNKNOWN = 100
_ACCEPTED = frozenset(code for code, known in CODES.items() if known.verdict == "SENT")
_NO_TEXT = "no text"
#: What a reason in one word leaves open.
_IN_FULL = {"duplicate": "duplicate: another row has the same number or ID"}
#: Characters of a line that Airflow's log shows beside its own columns in a window of 1,280 pixels.
LOG_WIDTH = 104
_SAMPLE = "    "
#: Tabs whose names say what is in them: lines of campaigns, and of a plan.
_NO_PEOPLE = frozenset({"Campaigns", "Plan"})
#: First strong isolate, and pop directional isolate: what is between them has the direction of its own script.
_FSI, _PDI = "\u2068", "\u2069"
#: Letters of Arabic, Urdu and other scripts that are written from right to left.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_PAKISTAN = ZoneInfo("Asia/Karachi")
_BOLD = re.compile(r"^\*\*|\*\*$")

Result = Mapping[str, Any]


def preview_page(preview: Result, *, at_most: int | None = None) -> str:
    """Return what a person must know who decides whether a campaign is sent.

    :param preview: the result of a dry run.
    :param at_most: a limit on the messages of this run.
    """
    count = _planned(preview, at_most)
    lines = [f"**{_people(count)} will be texted.**", ""]
    if test := preview.get("test"):
        lines += [f"- Test: {test['sent']} of {test['texts']} texts went to {test['to']}, and to nobody else"]
    lines.append(f"- Cost: {in_money(preview.get('estimated_cost'))} for {in_parts(preview['segments'])}")
    lines.append(f"- Balance: {in_money(preview.get('balance_before'))}")
    if at_most and preview["pending"] > at_most:
        lines.append(f"- Left for a later run: {preview['pending'] - at_most:,}, because of the limit")
    if line := preview.get("opt_out_line"):
        lines.append(f"- Every text ends with: {_inert(line)}")
    if preview.get("already_done"):
        held = preview.get("held")
        theirs = f", of them {held:,} with a Status of somebody else, such as HOLD" if held else ""
        lines.append(f"- Texted or settled before: {preview['already_done']:,}{theirs}")
    if preview.get("filtered"):
        lines.append("- The sheet has a filter: people whom it hides are texted like all others")
    if unread := preview.get("unread_columns"):
        lines.append(
            f"- Columns that decide nothing here: {_inert(', '.join(unread))}; only Opt Out, Send and Send At decide who is "
            "texted"
        )
    if unread := [title for title in preview.get("unread_tabs", ()) if title not in _NO_PEOPLE]:
        lines.append(f"- Tabs that are not read: {_inert(', '.join(unread))}; only Opt-outs says who is not texted")
    lines += _left_out(preview)
    without = _without_text(preview)
    if wrong := objection(preview):
        lines += ["", f"**{wrong}**"]
    elif without:
        lines += ["", f"**{_people(without)} without a text: name a template for them in the field Template.**"]
    if warning := _no_way_out(preview):
        lines += ["", warning]
    for sample in preview.get("samples", ()):
        lines += ["", f"To {sample['to']}, {in_parts(sample['parts'])}:", ""]
        # Indented, so that nothing in a text is taken for Markdown.
        lines += [f"{_SAMPLE}{isolated(line)}" for line in sample["text"].splitlines()]
    return "\n".join(lines)


def _no_way_out(preview: Result) -> str:
    without, texts = preview.get("no_way_out", (0, 0))
    if preview.get("opt_out_line") or not without:
        return ""
    counted = f"{without:,} of {texts:,} text{'' if texts == 1 else 's'} name{'s' if without == 1 else ''}"
    return f"{counted} no way to opt out, such as Reply STOP: marketing texts must have one."


def as_text(page: str) -> str:
    """Return a page for a log, which shows Markdown as it is, and cuts off what is long: without its marks, lines broken.

    The texts of samples keep their characters; what was one line of theirs goes on further to the right. Each piece of a line
    in right-to-left script is isolated by itself: nothing reaches beyond the end of a line.
    """
    return "\n".join(piece for line in page.split("\n") for piece in _log_lines(line))


def broken(sentence: str) -> str:
    """Return a sentence for a log, its lines broken: a log cuts off what is long, and with it what to do."""
    return fill(sentence, LOG_WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def isolated(text: str) -> str:
    """Return a text, each line of which that has words from right to left stands in marks that keep these in their order.

    Without them a page written from left to right shows the parts of such a line in the wrong order. The marks are invisible,
    and only for reading: they are no part of the text that is sent.
    """
    return "\n".join(f"{_FSI}{line}{_PDI}" if _RIGHT_TO_LEFT.search(line) else line for line in text.split("\n"))


def _log_lines(line: str) -> list[str]:
    sample = line.startswith(_SAMPLE)
    if line.startswith(_SAMPLE + _FSI) and line.endswith(_PDI):
        words = line.removeprefix(_SAMPLE + _FSI).removesuffix(_PDI)
        return [_isolated_piece(piece) for piece in _pieces(_SAMPLE + words, LOG_WIDTH - 2, sample=True)]
    # Whole lines are bold, and stars within one hide a number.
    text = line if sample else _BOLD.sub("", line).replace("`", "")
    return _pieces(text, LOG_WIDTH, sample=sample)


def _pieces(text: str, width: int, *, sample: bool) -> list[str]:
    if len(text) <= width:
        return [text]
    further = 2 * _SAMPLE if sample else "  " if text.startswith("- ") else ""
    return wrap(
        text, width, subsequent_indent=further, expand_tabs=False, replace_whitespace=False, break_on_hyphens=False
    )


def _isolated_piece(piece: str) -> str:
    words = piece.lstrip(" ")
    return f"{piece[: len(piece) - len(words)]}{_FSI}{words}{_PDI}"


def objection(preview: Result) -> str | None:
    """Return why a previewed campaign must not be sent, as a sentence in the words of the trigger form, or None."""
    without = _without_text(preview)
    if without and not preview["pending"]:
        return (
            f"Nobody has a text ({_people(without)} without): name one of your templates in the field Template, "
            "or write the text in the field Message, and trigger again."
        )
    cost, balance = _decimal(preview.get("estimated_cost")), _decimal(preview.get("balance_before"))
    if cost is not None and balance is not None and cost > balance:
        return (
            f"The balance does not pay for it: it costs {in_money(cost)}, and {in_money(balance)} is left. Top up, or set "
            "At most so many messages, and trigger again."
        )
    return None


def add_up(ended: Sequence[Result | None], left: Sequence[Result | None]) -> dict[str, Any]:
    """Return one result for the parallel tasks of a campaign.

    :param ended: each task's result; None for one that failed.
    :param left: for those, what they had done until then; None where that is not known.
    """
    known = [done or rest for done, rest in zip(ended, left, strict=True)]
    results = [result for result in known if result]
    costs = _amounts(results, "estimated_cost")
    total: dict[str, Any] = {name: sum(result[name] for result in results) for name in COUNTS}
    for name in ("codes", "skipped_by_reason"):
        total[name] = dict(sum((Counter(result.get(name, {})) for result in results), Counter()))
    total["portal"] = next((portal for result in results if (portal := result.get("portal"))), "")
    total["unknown_rows"] = sorted(row for result in results for row in result.get("unknown_rows", ()))
    total["unknown_at"] = {row: at for result in results for row, at in result.get("unknown_at", {}).items()}
    total["skipped_rows"] = _merged(result.get("skipped_rows", {}) for result in results)
    # The parallel tasks looked at different moments: the first before, and the last after.
    before, after = _amounts(results, "balance_before"), _amounts(results, "balance_after")
    return total | {
        "estimated_cost": str(sum(costs)) if costs else None,
        "balance_before": str(max(before)) if before else None,
        "balance_after": str(min(after)) if after else None,
        "began": min((result["began"] for result in results if result.get("began")), default=None),
        "seconds": max((result["seconds"] for result in results), default=0),
        "partitions": len(known),
        "partitions_failed": sum(not result for result in ended),
    }


def headline(total: Result) -> str:
    """Return the report in a few words: ``27 sent, 13 skipped``."""
    words = [f"{total['sent']:,} sent"]
    words += [f"{total[name]:,} {name}" for name in ("rejected", "failed", "unknown", "skipped") if total[name]]
    if total["pending"]:
        words.append(f"{total['pending']:,} not reached")
    return ", ".join(words)


def report_page(
    total: Result,
    *,
    preview: Result | None = None,
    failures: Mapping[int, str] | None = None,
    began: datetime | None = None,
    ended: datetime | None = None,
) -> str:
    """Return what a person must know after a campaign.

    :param total: the result of :func:`add_up`.
    :param preview: the result of the dry run before it, for the price of a part.
    :param failures: why parallel tasks failed, by their number.
    :param began: when sending began, to find its messages in the portal.
    :param ended: when it ended.
    """
    price = _price(preview)
    lines = [f"**{headline(total)}**", ""]
    if began is not None and ended is not None:
        lines.append(f"- Time: {_clock(began)} to {_clock(ended)}, Pakistan time")
    cost = price * total["segments"] if price is not None else None
    lines.append(f"- Cost: {in_money(cost)} for {in_parts(total['segments'])}")
    before = total.get("balance_before") or (preview or {}).get("balance_before")
    lines.append(f"- Balance: {in_money(before)} before, {in_money(total.get('balance_after'))} after")
    lines += _left_out(total if _reasons(total) else {**total, **_only_reasons(preview)})
    refused = [(code, count) for code, count in total["codes"].items() if code not in _ACCEPTED]
    if refused:
        lines += ["", "Answers of RoboSMS other than accepted:", ""]
        lines += [f"- {count:,} × code {code}: {MEANINGS.get(code, 'not listed')}" for code, count in sorted(refused)]
    lines += _in_doubt(total, price, preview)
    if total["partitions_failed"]:
        known, alone = failures or {}, total["partitions"] == 1
        failed = f"{total['partitions_failed']} of {total['partitions']} sending tasks failed:"
        lines += ["", "Sending failed:" if alone else failed, ""]
        lines += [f"- {'' if alone else f'send {number}: '}{_inert(why)}" for number, why in sorted(known.items())]
        if len(known) < total["partitions_failed"]:
            lines.append(f"- {'it' if alone else 'the others'} left no reason: see the log of send")
        lines.append("- whoever has a Status was dealt with; trigger again for the rest once this is fixed")
    return "\n".join(lines)


def _in_doubt(total: Result, price: Decimal | None, preview: Result | None) -> list[str]:
    """Return the lines on messages that may have been sent, with what the balance says about them."""
    if not total["unknown"]:
        return []
    lines = [
        "",
        f"UNKNOWN, may have been texted: {_people(total['unknown'])}{rows_in_doubt(total)}. They are never texted again "
        "automatically:",
    ]
    lines += [where_to_look(total.get("portal"))]
    # A retry looked at the balance when some parts were paid already: the preview looked before all of them.
    before, after = _decimal((preview or total).get("balance_before")), _decimal(total.get("balance_after"))
    if price and before is not None and after is not None:
        beyond = int((before - after) / price) - total["segments"]
        fell = f"by {in_parts(beyond)} more than those" if beyond > 0 else "by no more than those"
        lines.append(
            f"A hint: the balance fell {fell} known to be sent. Top-ups and other campaigns at the same time make it useless."
        )
    return lines


def rows_in_doubt(result: Result) -> str:
    """Return which rows are UNKNOWN, and when each was tried, in words: `` (rows 9 at 21:16:18, 12, Pakistan time)``.

    :param result: with ``unknown`` and, as far as they are known, ``unknown_rows`` and ``unknown_at`` (row -> seconds since
        the epoch); blank without rows.
    """
    moments = {row: datetime.fromtimestamp(at, _PAKISTAN) for row, at in result.get("unknown_at", {}).items()}
    several_days = len({moment.date() for moment in moments.values()}) > 1
    told = [
        f"{row} at {moments[str(row)]:{'%Y-%m-%d ' * several_days}%H:%M:%S}" if str(row) in moments else str(row)
        for row in result.get("unknown_rows", ())[:MOST_UNKNOWN]
    ]
    return _rows(told, result["unknown"], MOST_UNKNOWN, zone=", Pakistan time" if moments else "")


def where_to_look(portal: str | None) -> str:
    """Return what to do about messages in doubt.

    :param portal: its address; None or blank where that is not known.
    """
    where = (
        f"the RoboSMS portal, {portal} ," if portal else "the RoboSMS portal,"
    )  # a space, lest the comma join the link
    return f"look for their numbers in {where} and clear the Status of those that are not there."


def _left_out(result: Result) -> list[str]:
    reasons = _reasons(result)
    if not result["skipped"]:
        return []
    if not reasons:
        return [f"- Left out: {result['skipped']:,}"]
    rows = result.get("skipped_rows", {})
    lines = ["", f"Left out, {_people(result['skipped'])}:", ""]
    for reason, count in reasons.most_common(MOST_REASONS):
        lines.append(f"- {count:,} × {_inert(_IN_FULL.get(reason, reason))}{_rows(rows.get(reason, ()), count)}")
    if len(reasons) > MOST_REASONS:
        lines.append(f"- and {len(reasons) - MOST_REASONS:,} further reasons, in the log")
    return lines


def _without_text(preview: Result) -> int:
    return sum(count for why, count in _reasons(preview).items() if why.startswith(_NO_TEXT))


def _only_reasons(preview: Result | None) -> dict[str, Any]:
    return {name: preview[name] for name in ("skipped_by_reason", "skipped_rows") if preview and name in preview}


def _reasons(result: Result) -> Counter[str]:
    return Counter(result.get("skipped_by_reason", {}))


def _merged(maps: Iterable[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    merged: dict[str, list[int]] = {}
    for one in maps:
        for reason, rows in one.items():
            merged[reason] = sorted([*merged.get(reason, []), *rows])
    return merged


def _rows(numbers: Sequence[int | str], count: int, most: int = MOST_ROWS, *, zone: str = "") -> str:
    """Return rows in words, at most so many, of *count* in all, of which not every one may be known.

    :param zone: the zone of times beside them.
    """
    if not numbers:
        return ""
    named = numbers[:most]
    more = f" and {count - len(named):,} more" if count > len(named) else ""
    return f" (row{'s' if count > 1 else ''} {', '.join(map(str, named))}{more}{zone})"


def _planned(preview: Result, at_most: int | None) -> int:
    pending = int(preview["pending"])
    return min(pending, at_most) if at_most else pending


def _price(preview: Result | None) -> Decimal | None:
    """Return what a message part costs, from a dry run."""
    cost = _decimal(preview.get("estimated_cost")) if preview else None
    return cost / preview["segments"] if preview and cost is not None and preview["segments"] else None


def _inert(text: str) -> str:
    """Return words that may come from a sheet as one line of code, in which nothing is taken for Markdown or HTML."""
    return f"`{' '.join(text.replace('`', ' ').split())[:300]}`"


def _amounts(results: Iterable[Result], name: str) -> list[Decimal]:
    return [amount for result in results if (amount := _decimal(result.get(name))) is not None]


def _decimal(amount: object) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


def in_money(amount: object) -> str:
    """Return an amount as people read it."""
    found = _decimal(amount)
    return "not known" if found is None else f"Rs {found:,.2f}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(_PAKISTAN):%Y-%m-%d %H:%M}"


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
