"""What the demo shows and checks: the sheet as aligned tables, and that sheet, inbox, report and balance agree."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from airflow_provider_robosms.sms.phone import normalise
from tests.harness.demo_rows import Row

BEFORE = ("ID", "First Name", "Phone", "City", "Due", "Template", "Opt Out")
AFTER = ("ID", "First Name", "Phone", "Status", "Code", "Message ID", "Parts", "Detail")
_RIGHT = frozenset({"Due", "Parts"})
_COLOURS = {"SENT": "green", "SKIPPED": "yellow", "REJECTED": "red", "FAILED": "red", "UNKNOWN": "magenta"}
_LEFT_TO_RIGHT = "\u200e"
_WIDEST_PHONE = 19


def rows_of(sheet: Mapping[str, Any], tab: str = "Recipients") -> list[dict[str, str]]:
    """Return the rows of a tab, as a person sees them, by header."""
    header, *rows = next(one["rows"] for one in sheet["sheets"] if one["title"] == tab)
    padded = ([*row, *[""] * (len(header) - len(row))] for row in rows)
    return [dict(zip(header, row, strict=False)) for row in padded if any(row)]


def table(title: str, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Table:
    """Return the rows as an aligned table; Detail, where it is among the columns, takes the width that is left."""
    shown = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", padding=(0, 1, 0, 0))
    for name in columns:
        if name == "Detail":
            shown.add_column(name, ratio=1)
            continue
        width = max(cell_len(_isolated(text)) for text in (name, *(row.get(name, "") for row in rows)))
        shown.add_column(
            name,
            width=min(width, _WIDEST_PHONE if "Detail" in columns else width),
            no_wrap=True,
            overflow="ellipsis",
            justify="right" if name in _RIGHT else "left",
        )
    for row in rows:
        cells = [Text(_isolated(row.get(name, ""))) for name in columns]
        if "Status" in columns:
            cells[columns.index("Status")].stylize(_COLOURS.get(row.get("Status", ""), ""))
        shown.add_row(*cells)
    return shown


def _isolated(text: str) -> str:
    """Keep Urdu within its cell: a terminal that knows right-to-left text would otherwise reorder the neighbours with it."""
    text = "".join(character for character in text if character == "\u00a0" or character.isprintable())
    if any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text):
        return f"{_LEFT_TO_RIGHT}{text}{_LEFT_TO_RIGHT}"
    return text


def disagreements(
    *,
    people: Sequence[Row],
    sheet: Sequence[Mapping[str, str]],
    inbox: Sequence[Mapping[str, Any]],
    report: Mapping[str, Any],
    balances: tuple[Decimal, Decimal],
    rate: Decimal,
) -> Iterator[str]:
    """Compare what sheet, inbox, report and balance say of one campaign; yield a sentence for each disagreement.

    :param people: the rows as they were filled in, with what must become of them.
    :param sheet: the same rows afterwards.
    :param inbox: every message that the gateway accepted.
    :param report: the result of the task ``report``.
    :param balances: money before and after, as the gateway has it.
    """
    if len(sheet) != len(people):
        yield f"The sheet has {len(sheet)} rows and was filled with {len(people)}."
        return
    for person, row in zip(people, sheet, strict=True):
        wanted = "SKIPPED" if person.why else "SENT"
        if row["Status"] != wanted or person.why.casefold() not in row["Detail"].casefold():
            yield f"Row {row['ID']} is {row['Status'] or 'blank'} ({row['Detail']}), not {wanted} {person.why}."
    twice = [number for number, count in Counter(message["to"] for message in inbox).items() if count > 1]
    if twice:
        yield f"The inbox has more than one message for {len(twice)} numbers."
    by_id = {message["message_id"]: message for message in inbox}
    sent = [row for row in sheet if row["Status"] == "SENT"]
    for row in sent:
        message = by_id.pop(row["Message ID"], None)
        if message is None:
            yield f"Row {row['ID']} is SENT, and its message {row['Message ID']!r} is not in the inbox."
        elif (normalise(row["Phone"]), row["Code"], row["Parts"]) != (
            message["to"],
            message["code"],
            str(message["parts"]),
        ):
            yield f"Row {row['ID']} and its message in the inbox differ in number, code or parts."
    if by_id:
        yield f"The inbox has {len(by_id)} messages that no row knows of."
    parts = sum(message["parts"] for message in inbox)
    before, after = balances
    if before - after != parts * rate:
        yield f"The balance fell by {before - after}, and {parts} parts at {rate} cost {parts * rate}."
    told = (report["sent"], report["skipped"], report["segments"])
    if told != (len(sent), len(sheet) - len(sent), parts):
        yield f"The report tells of (sent, skipped, parts) {told}, the sheet of {(len(sent), len(sheet) - len(sent), parts)}."
    money = (Decimal(report["estimated_cost"]), Decimal(report["balance_before"]), Decimal(report["balance_after"]))
    if money != (before - after, before, after):
        found = (before - after, before, after)
        yield f"The report tells of (cost, balance before and after) {money}, the gateway of {found}."
