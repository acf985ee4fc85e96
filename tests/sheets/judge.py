"""The judge of a campaign during which a person edited the sheet.

The truth is the gateway's log of accepted messages and the sheet afterwards.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .campaigns import OWNED, to_of
from .people import Memory, Person


@dataclass
class Verdict:
    """What one campaign came to; the counts are the columns of the table."""

    scenario: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def note(self, what: str, remark: str) -> None:
        self.counts[what] += 1
        self.remarks.append(f"{what}: {remark}")


#: What must be zero, and what the table tells besides.
MUST_BE_ZERO = ("wrong row", "duplicate", "lost", "person's cells", "claim left", "orphans misreported", "crash")
TOLD = (
    "edits",
    "sent",
    "orphans",
    "blurred",
    "left blank",
    "skipped late",
    "overtyped",
    "stray details",
    "unknown",
    "tries",
    "reads",
    "writes",
    "resent",
)


def judge(
    verdict: Verdict,
    first: list[list[Any]],
    person: Person,
    after: list[dict[str, str]],
    accepted: list[dict[str, Any]],
    result: dict[str, Any],
) -> None:
    """Judge the campaign: *first* is the sheet before it, *after* the one behind it, *result* the task's summary."""
    memory, ref = person.memory, first[0][0]
    messages = {message["message_id"]: message for message in accepted}
    verdict.counts.update(sent=len(accepted), orphans=result["without_row"], blurred=len(memory.blurred))
    for what in (Counter(message["to"] for message in accepted), Counter(map(_ref_of, accepted))):
        for who, times in what.items():
            if times > 1:
                verdict.note("duplicate", f"{who} was texted {times} times")
    _judge_rows(verdict, memory, ref, after, messages)
    _judge_persons_cells(verdict, first, memory, after)
    _judge_orphans(verdict, memory, ref, after, messages, result["without_row"])


def _judge_rows(
    verdict: Verdict, memory: Memory, ref: str, after: list[dict[str, str]], messages: dict[str, dict[str, Any]]
) -> None:
    for row in after:
        who, status, message_id = row.get(ref, ""), row.get("Status", ""), row.get("Message ID", "")
        own = tuple(row.get(name, "") for name in OWNED)
        if not who:
            if any(own[:5]) and not _was_left_behind(own, memory):
                verdict.note("wrong row", f"a row without a recipient holds {own}")
            verdict.counts["stray details"] += bool(own[5]) and not any(own[:5])
        elif status.startswith("SENDING"):
            if who not in memory.blurred:
                verdict.note("claim left", f"{who}: {own}")
        elif message_id:
            message = messages.get(message_id)
            if message is None or _ref_of(message) != who or message["to"] not in _numbers(row, who, memory):
                verdict.note("wrong row", f"{who} holds {own}, the gateway says {message}")
        elif status == "SENT":
            verdict.note("wrong row", f"{who} is SENT without a message id")
        elif status == "SKIPPED":
            verdict.counts["skipped late"] += 1
        elif status == "UNKNOWN":
            verdict.counts["unknown"] += 1
        elif not status and row.get("Phone") and who not in memory.added | memory.cleared.keys():
            verdict.counts["left blank"] += 1
    for who, status in memory.typed.items():
        row = next((row for row in after if row.get(ref) == who), {})
        if row and row["Status"] != status:
            verdict.counts["overtyped"] += 1


def _was_left_behind(own: tuple[str, ...], memory: Memory) -> bool:
    """Tell whether a person left *own* in the row; what was being sent then may have got its result there meanwhile."""
    return own in memory.left_behind or (bool(memory.blurred) and bool(memory.left_behind))


def _judge_persons_cells(verdict: Verdict, first: list[list[Any]], memory: Memory, after: list[dict[str, str]]) -> None:
    header, *rows = first
    before = {row[0]: dict(zip(header, map(str, row), strict=False)) for row in rows}
    found = Counter(row.get(header[0], "") for row in after)
    there = set(before) | memory.added
    for who in there - memory.removed.keys() - memory.added - found.keys():
        verdict.note("person's cells", f"{who} has no row any more")
    for row in after:
        who = row.get(header[0], "")
        if who not in before:
            if who and who not in memory.added:
                verdict.note("person's cells", f"nobody has typed {who!r}")
            continue
        was = before[who]
        may = {
            "First Name": {was["First Name"], *memory.names.get(who, ())},
            "Phone": {was["Phone"], *memory.phones.get(who, ())},
            "Opt Out": {"", "yes"},
        }
        for name, value in row.items():
            if name in was and name not in OWNED and value not in may.get(name, {was[name]}):
                verdict.note("person's cells", f"{who}: {name} was {was[name]!r} and is {value!r}")
    for who, times in found.items():
        if who and times > 1 and who not in memory.blurred:
            verdict.note("person's cells", f"{who} stands in {times} rows")


def _judge_orphans(
    verdict: Verdict,
    memory: Memory,
    ref: str,
    after: list[dict[str, str]],
    messages: dict[str, dict[str, Any]],
    reported: int,
) -> None:
    """See that a result is in its recipient's row, or was taken away by a person, or is reported as having no row."""
    written = {row.get("Message ID", "") for row in after}
    present = {row.get(ref): row for row in after}
    orphans = unsure = 0
    for message_id, message in messages.items():
        who = _ref_of(message)
        if message_id in written or message_id in memory.cleared.get(who, ()):
            continue
        if who in memory.blurred:
            unsure += 1
        elif memory.removed.get(who) == message_id or any(message_id in own for own in memory.left_behind):
            continue  # a person saw the result and took it away
        elif who in present and (ref == "ID" or who not in memory.phones):
            verdict.note("lost", f"{who} was texted, and its row says {[present[who].get(name) for name in OWNED]}")
        else:
            orphans += 1
    if not orphans <= reported <= orphans + unsure:
        verdict.note("orphans misreported", f"{reported} reported, {orphans} found, {unsure} not sure")


def judge_second(
    verdict: Verdict,
    memory: Memory,
    ref: str,
    rows: list[dict[str, str]],
    accepted: list[dict[str, Any]],
    before: int,
) -> None:
    """The next day's run: it sends what is left, and resends only what a person has asked for."""
    sent = {_ref_of(message) for message in accepted[:before]}
    blank_by_person = {own[2] for own in memory.left_behind} | memory.cleared.keys()
    cut = {_ref_of(message) for message in accepted[:before] if message["message_id"] in blank_by_person}
    for message in accepted[before:]:
        who = _ref_of(message)
        if who not in sent:
            continue
        if who in memory.cleared or who in cut or who in memory.blurred or who in memory.phones:
            verdict.counts["resent"] += 1
        else:
            verdict.note("duplicate", f"{who} was texted again the next day")
    for row in rows:
        if row.get(ref) and row.get("Phone") and not row.get("Status"):
            verdict.note("lost", f"{row[ref]} has no status after the second run")


def _numbers(row: dict[str, str], who: str, memory: Memory) -> set[str]:
    """Return the numbers that the row has, or had before a person corrected it."""
    numbers = {to_of(row.get("Phone", ""))} | {to_of(typed) for typed in memory.phones.get(who, ())}
    if who in memory.phones and (match := re.fullmatch(r"R0*(\d+)", who)):
        numbers.add(to_of(f"0300-{1000000 + int(match[1])}"))
    return numbers


def _ref_of(message: dict[str, Any]) -> str:
    return str(message["text"]).rpartition(" ")[2].rstrip("!")
