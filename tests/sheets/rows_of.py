"""Rows and plans without any spreadsheet, for unit tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from airflow_provider_robosms.recipients.columns import OWNED, Columns
from airflow_provider_robosms.recipients.planning import plan_rows
from airflow_provider_robosms.recipients.rows import Planned, RowReader
from airflow_provider_robosms.recipients.wording import Template, Wording
from airflow_provider_robosms.sheets.plan import SheetPlan

ZONE = ZoneInfo("Asia/Karachi")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)  # 14:00 in Karachi
HELLO = Wording(message="Hello {{ Name }}")


def reader(header: Sequence[Any], wording: Wording = HELLO, **settings: Any) -> RowReader:
    return RowReader(Columns("Recipients", header), wording, zone=ZONE, **settings)


def planned(row: Mapping[str, Any], wording: Wording = HELLO, now: datetime = NOW, **settings: Any) -> Planned:
    """Plan one row given as header -> cell."""
    one = reader(list(row), wording, **settings)
    cells = list(row.values())
    return one.plan(cells, one.key(cells) or "", now)


def skip(row: Mapping[str, Any], wording: Wording = HELLO, **settings: Any) -> str:
    """Return why a row is left out; it must be."""
    found = planned(row, wording, **settings)
    assert found.message is None, found
    assert found.skip
    return found.skip


def text(row: Mapping[str, Any], wording: Wording = HELLO, **settings: Any) -> str:
    """Return a row's text; it must have one."""
    found = planned(row, wording, **settings)
    assert found.message is not None, found.skip
    return found.message.text


def plan(header: Sequence[str], *rows: Sequence[Any], **settings: Any) -> SheetPlan:
    """Plan a sheet of *rows*; those shorter than the header end in blanks."""
    wording = settings.pop("wording", HELLO)
    names = ("key_column", "opted_out")
    one = reader(header, wording, **{name: settings.pop(name) for name in names if name in settings})
    share = settings.pop("partition", 0), settings.pop("partitions", 1)
    return plan_rows(SheetPlan(one, *share), [list(row) for row in rows], now=NOW, **settings)


def result(status: str, detail: str = "", sent_at: str = "") -> list[str]:
    """Return the cells of our columns for a row that has a result."""
    return [status, "", "", "", sent_at, detail]


def notes(of: SheetPlan) -> dict[str, tuple[str, str]]:
    """Return key -> (status, detail) of what is to be written beside results."""
    return {row.key: (cells[0], cells[5]) for row, cells in of.notes.items()}


TEMPLATES = {
    "reminder": Template("Pay {{ Due }}, {{ Name }}", name="Reminder"),
    "urdu": Template("سلام {{ Name }}", mask="RoboSMS", name="Urdu"),
}
WITH_OWN = ["Name", "Phone", *OWNED]
