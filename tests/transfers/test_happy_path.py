"""The main job: a sheet is texted, and each row says what became of it."""

from __future__ import annotations

import json
import math

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import (
    OWNED,
    Store,
    disagreements,
    google_calls,
    recipients,
    reset_google,
    run,
    statuses,
    table,
)

SUMMARY = {
    "total", "sent", "rejected", "failed", "unknown", "skipped", "pending", "codes", "segments", "estimated_cost",
    "balance_before", "balance_after", "seconds",
}  # fmt: skip


def allowed_calls(rows: int) -> int:
    return 10 + 2 * math.ceil(rows / 500)


def test_a_thousand_rows(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(1000)})
    store = Store()
    result = run(sheet, store=store)
    rows = table(sandbox, sheet)
    assert statuses(rows) == {"SENT": 1000}
    assert disagreements(sandbox, sheet) == []
    assert {message["text"] for message in sandbox.accepted()} == {
        f"Dear Name{index}, your reference is R{index:05d}" for index in range(1000)
    }
    calls = google_calls(sandbox)
    assert calls["reads"] + calls["writes"] <= allowed_calls(1000)
    assert set(calls["by_status"]) == {"200"}
    assert result.keys() >= SUMMARY
    expected = {
        "total": 1000,
        "sent": 1000,
        "pending": 0,
        "skipped": 0,
        "unknown": 0,
        "codes": {"000": 1000},
        "segments": 1000,
    }
    assert result | expected == result
    assert (result["balance_before"], result["balance_after"], result["estimated_cost"]) == (
        "1000.00",
        "500.00",
        "500.00",
    )
    kept = json.dumps(store.values)
    assert "3001000001" not in kept, "no number may reach the task's state"
    assert "Name1" not in kept
    assert max(len(str(value)) for value in store.values.values()) < 65_535


def test_the_summary_has_nothing_personal_in_it(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(5)})
    told = json.dumps(run(sheet))
    assert not any(word in told for word in ("3001000", "Name", "R0000"))


def test_only_our_columns_are_written(sandbox: RunningSandbox) -> None:
    rows = recipients(30)
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows, "Other": [["mine"]]})
    run(sheet)
    shown = sandbox.sheet(sheet)["sheets"]
    assert shown[0]["rows"][0] == [*rows[0], *OWNED]
    assert [row[:4] for row in shown[0]["rows"][1:]] == rows[1:]
    assert shown[1]["rows"] == [["mine"]]


def test_a_second_run_sends_nothing_and_writes_nothing(sandbox: RunningSandbox) -> None:
    rows = [*recipients(20), ["R9", "Bad", "0300-1", "x"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet)["sent"] == 20
    version, posts = sandbox.sheet(sheet)["version"], sandbox.received()["posts"]
    reset_google(sandbox)
    again = run(sheet, run_id="second")
    assert (again["sent"], again["total"], again["skipped"], again["already_done"]) == (0, 1, 1, 20)
    assert sandbox.sheet(sheet)["version"] == version
    assert sandbox.received()["posts"] == posts
    assert google_calls(sandbox)["writes"] == 0


def test_a_cleared_status_asks_for_sending_again(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(10)})
    run(sheet)
    sandbox.edit_sheet(sheet, "clear", sheet="Recipients", range="E4:E5")
    assert run(sheet, run_id="second")["sent"] == 2
    assert sorted(message["to"] for message in sandbox.accepted()[10:]) == ["923001000002", "923001000003"]
    rows = table(sandbox, sheet)
    assert statuses(rows) == {"SENT": 10}
    assert {row["Message ID"] for row in rows[2:4]} == {message["message_id"] for message in sandbox.accepted()[10:]}


@pytest.mark.parametrize("rows", [[], [["Phone"]], [["Phone", "First Name", "Ref"], ["", "", ""]]])
def test_a_sheet_without_recipients(sandbox: RunningSandbox, rows: list[list[str]]) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    if not rows:
        with pytest.raises(Exception, match="row 1 is empty"):
            run(sheet, message="Hello")
        return
    version = sandbox.sheet(sheet)["version"]
    result = run(sheet, message="Hello")
    assert (result["total"], result["sent"]) == (0, 0)
    assert sandbox.received()["posts"] == 0
    assert len(sandbox.sheet(sheet)["sheets"][0]["rows"]) == 1
    assert sandbox.sheet(sheet)["version"] - version <= 1  # our headers, at most


def test_templates_masks_and_own_words(sandbox: RunningSandbox) -> None:
    header = ["ID", "First Name", "Phone", "Template", "Message"]
    rows = [
        ["1", "Ali", "0300-1000001", "", ""],
        ["2", "Sara", "0300-1000002", "URDU ", ""],
        ["3", "Omar", "0300-1000003", "urdu", "Own words for {{ first name }}"],
        ["4", "Zoe", "0300-1000004", "nowhere", ""],
    ]
    templates = [
        ["Name", "Body", "Mask"],
        ["Due", "Dear {{First Name}}", ""],
        ["Urdu", "محترم {{First Name}}", "RoboSMS"],
    ]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [header, *rows], "Templates": templates})
    result = run(sheet, template="due")
    assert (result["sent"], result["skipped"], result["segments"]) == (3, 1, 3)
    assert {(m["to"], m["text"], m["mask"]) for m in sandbox.accepted()} == {
        ("923001000001", "Dear Ali", "SMS-ALERT"),
        ("923001000002", "محترم Sara", "RoboSMS"),
        ("923001000003", "Own words for Omar", "SMS-ALERT"),
    }
    assert table(sandbox, sheet)[3]["Detail"].startswith("template 'nowhere' is not on the Templates tab")


def test_parts_agree_with_what_the_gateway_bills(sandbox: RunningSandbox) -> None:
    texts = ["x" * 160, "x" * 161, "سلام" * 18, "€" * 81, "😀" * 67, "a\fb"]
    rows = [["Phone", "Message"], *[[f"0300-100000{i}", text] for i, text in enumerate(texts)]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    result = run(sheet, message=None)
    assert disagreements(sandbox, sheet) == []
    assert [row["Parts"] for row in table(sandbox, sheet)] == ["1", "2", "2", "2", "3", "1"]
    assert result["segments"] == 11


def test_identical_texts_may_share_requests(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(45)})
    assert run(sheet, message="The same for all", bulk_size=10)["sent"] == 45
    assert sandbox.received()["posts"] == 5
    assert {len(row["Message ID"]) > 0 for row in table(sandbox, sheet)} == {True}
    assert statuses(table(sandbox, sheet)) == {"SENT": 45}


def test_what_the_gateway_refuses_is_told_in_the_row(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(6)})
    sandbox.set_fault("code", code="215", numbers=["923001000001"])
    sandbox.set_fault("code", code="201", numbers=["923001000002"])
    sandbox.set_fault("broken-json", numbers=["923001000003"])
    sandbox.set_fault("code", code="101", numbers=["923001000004"])
    result = run(sheet, max_attempts=1)
    rows = table(sandbox, sheet)
    assert [(row["Status"], row["Code"]) for row in rows] == [
        ("SENT", "000"), ("REJECTED", "215"), ("UNKNOWN", "201"), ("UNKNOWN", "000"), ("FAILED", "101"), ("SENT", "000"),
    ]  # fmt: skip
    assert (result["sent"], result["rejected"], result["unknown"], result["failed"]) == (2, 1, 2, 1)
    assert all(row["Detail"] for row in rows)
    assert [bool(row["Sent At"]) for row in rows] == [True, False, False, False, False, True]
