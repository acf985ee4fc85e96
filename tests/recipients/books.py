"""Workbooks of a few rows, opened as a campaign opens them."""

from __future__ import annotations

from typing import Any

from airflow_provider_robosms.recipients.workbook import Workbook, open_workbook
from tests.protocol.google import Clock, Http, book_of, spreadsheet

PEOPLE = [["Name", "Phone"], ["Ali", "0300-1234567"]]


def http_of(**tabs: Any) -> Http:
    clock = Clock()
    return Http(book_of(clock, **tabs), clock)


def opened(main: str = "Recipients", **tabs: Any) -> Workbook:
    return open_workbook(spreadsheet(http_of(**tabs)), main, "Templates")
