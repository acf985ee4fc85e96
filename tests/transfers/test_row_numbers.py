"""Rows that are left out, and rows that may have been texted, are named by their numbers."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_robosms.campaign.report import add_up, preview_page, report_page
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import Store, run, table


def test_who_is_left_out_is_named_by_row(sandbox: RunningSandbox) -> None:
    rows = [["Phone"], ["0300-1000001"], ["0300-1"], ["0300-1000001"], *([f"042-3576{i:04d}"] for i in range(12))]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    result = run(sheet, message="Hi", dry_run=True)
    landline = next(reason for reason in result["skipped_by_reason"] if "landline" in reason)
    assert result["skipped_rows"]["duplicate"] == [4]
    assert result["skipped_rows"][landline] == list(range(5, 15)), "the first ten"
    page = preview_page(result)
    assert "(row 3)" in page
    assert "(rows 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 and 2 more)" in page
    sent = run(sheet, message="Hi")
    assert sent["skipped_rows"] == result["skipped_rows"]
    assert "(row 4)" in report_page(add_up([sent], [None]))


def test_unknown_rows_are_named_where_they_stand_and_when_they_were_tried(
    sandbox: RunningSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [["Phone"], *([f"0300-100000{i}"] for i in range(6))]})
    sandbox.set_fault("reset", when="after", numbers=["923001000001", "923001000004"])
    store = Store()
    result = run(sheet, message="Hi", store=store)
    assert [at for at, row in enumerate(table(sandbox, sheet), 2) if row["Status"] == "UNKNOWN"] == [3, 6]
    assert (result["unknown"], result["unknown_rows"]) == (2, [3, 6])
    page = report_page(add_up([result], [None]))
    at = {row: datetime.fromtimestamp(result["unknown_at"][row], ZoneInfo("Asia/Karachi")) for row in ("3", "6")}
    assert all(abs((moment - datetime.now(moment.tzinfo)).total_seconds()) < 60 for moment in at.values())
    told = f"(rows 3 at {at['3']:%H:%M:%S}, 6 at {at['6']:%H:%M:%S}, Pakistan time)"
    assert f"UNKNOWN, may have been texted: 2 people {told}." in page
    assert told in " ".join("".join(capfd.readouterr()).split()), "the log of the task that sends"
    # A later try tells them, too, although it found them written.
    later = run(sheet, message="Hi", store=store)
    assert (later["unknown_rows"], later["unknown_at"]) == ([3, 6], result["unknown_at"])
