"""A dry run plans everything and touches nothing; and the settings that decide who is texted with what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.campaign.report import preview_page
from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook
from airflow_provider_robosms.sandbox.server import RunningSandbox
from tests.sheets.campaigns import Store, google_calls, operator, recipients, run, statuses, table


@pytest.mark.parametrize("flag", [True, "True", "true", "1", "yes"])
def test_nothing_is_sent_or_written(sandbox: RunningSandbox, flag: Any) -> None:
    rows = [*recipients(50), ["R", "Bad", "0300-1", ""], ["R", "Twin", "0300-1000000", ""]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    before = sandbox.sheet(sheet)
    store = Store()
    result = run(sheet, store=store, dry_run=flag)
    assert sandbox.sheet(sheet) == before
    assert (sandbox.received()["posts"], google_calls(sandbox)["writes"], store.writes) == (0, 0, 0)
    assert (result["total"], result["pending"], result["skipped"], result["sent"]) == (52, 50, 2, 0)
    assert (result["segments"], result["estimated_cost"], result["balance_before"]) == (50, "25.00", "1000.00")
    assert result["skipped_by_reason"]["duplicate"] == 1
    assert sum(result["skipped_by_reason"].values()) == 2
    assert [sample["to"] for sample in result["samples"]] == ["92300****000", "92300****001", "92300****002"]
    assert result["samples"][0]["text"] == "Dear Name0, your reference is R00000"
    assert "0300" not in json.dumps(result["skipped_by_reason"])


def test_a_preview_tells_what_the_run_then_does(sandbox: RunningSandbox) -> None:
    header = ["Name", "Phone", "Opt Out", "Message"]
    rows = [[f"N{i}", f"0300-10000{i:02d}", "yes" if i % 7 == 0 else "", "x" * (40 * i)] for i in range(20)]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [header, *rows]})
    preview = run(sheet, message="Hi {{Name}}", max_segments=3, dry_run=True)
    result = run(sheet, message="Hi {{Name}}", max_segments=3)
    for name in ("total", "skipped", "segments", "estimated_cost"):
        assert preview[name] == result[name], name
    assert preview["pending"] == result["sent"]


def test_the_log_tells_in_words_what_would_be_sent_and_what_was(
    sandbox: RunningSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [*recipients(1), ["R", "Bad", "0300-1", ""]]})
    run(sheet, dry_run=True)
    told = "".join(capfd.readouterr())
    assert "Plan: 1 to send (1 part), 1 skipped, 0 with a status already." in told
    assert "Sample to 92300****000 (1 part): Dear Name0" in told
    assert "Preview, nothing was sent or written: 1 to send, 1 skipped. Cost: Rs 0.50 for 1 part." in told
    run(sheet)
    told += "".join(capfd.readouterr())
    assert "Summary: 1 sent, 1 skipped. Cost: Rs 0.50 for 1 part." in told
    run(sheet, run_id="second")
    told += "".join(capfd.readouterr())
    assert "Summary: 0 sent, 1 skipped. " in told
    assert "{" not in told


def test_only_the_log_has_marks_around_words_from_right_to_left(
    sandbox: RunningSandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(1)})
    preview = run(sheet, message="محترم {{First Name}}، شکریہ", dry_run=True)
    assert "\u2068محترم Name0، شکریہ\u2069" in "".join(capfd.readouterr())
    assert preview["samples"][0]["text"] == "محترم Name0، شکریہ"
    run(sheet, message="محترم {{First Name}}، شکریہ")
    assert sandbox.accepted()[0]["text"] == "محترم Name0، شکریہ"


def test_a_preview_counts_the_texts_without_a_way_to_opt_out(sandbox: RunningSandbox) -> None:
    """Of all texts: the samples, which are the first three, may be the only ones that have it."""
    texts = ["Sale! Reply STOP to end."] * 18 + ["Big sale, nonstop!"] * 9
    rows = [[f"0300-10000{i:02d}", text] for i, text in enumerate(texts)]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [["Phone", "Message"], *rows]})
    preview = run(sheet, message=None, dry_run=True)
    assert preview["no_way_out"] == [9, 27]
    assert "9 of 27 texts name no way to opt out" in preview_page(preview)


def test_a_preview_names_the_columns_that_nothing_reads(sandbox: RunningSandbox) -> None:
    header = ["ID", "Name", "Phone", "Happy with texts", "", "Opt Out", "City", "Message", "Due", "Note " * 20]
    rows = [["1", "Ayesha", "0300-1000001", "no", "", "", "Lahore", "", "5"]]
    rows += [["2", "Bilal", "0300-1000002", "no", "", "", "Quetta", "In {{ City }}", "6"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [header, *rows]})
    preview = run(sheet, message="Hi {{name}}", dry_run=True)
    assert preview["pending"] == 2
    assert preview["unread_columns"] == ["Happy with texts", "Due", "Note Note Note Note Note Note Note No..."]
    run(sheet, message="Hi {{name}}", limit=1)
    # What was in the text of nobody who is left is not read, and the tool's own columns are its own.
    assert run(sheet, message="Hello", dry_run=True)["unread_columns"][:2] == ["Name", "Happy with texts"]
    assert "Status" not in run(sheet, message="Hello", dry_run=True)["unread_columns"]


def test_a_preview_names_the_tabs_that_nothing_reads(sandbox: RunningSandbox) -> None:
    tabs = {
        "Recipients": recipients(2),
        "Templates": [["Name", "Body"]],
        "Opt-outs": [["Phone"]],
        "Leavers": [["Phone"]],
    }
    sheet = sandbox.create_sheet("Campaign", tabs)
    assert run(sheet, dry_run=True)["unread_tabs"] == ["Leavers"]
    run(sheet, campaigns_tab="Campaigns", limit=1)
    assert run(sheet, dry_run=True, campaigns_tab="Campaigns")["unread_tabs"] == ["Leavers"]


def test_a_preview_says_that_a_filter_leaves_nobody_out(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(3)})
    assert run(sheet, dry_run=True)["filtered"] is False
    spreadsheet = GoogleSheetsHook().get_conn().open_by_key(sheet)
    filtered = {"range": {"sheetId": spreadsheet.sheet1.id}, "criteria": {"0": {"hiddenValues": ["R00000"]}}}
    spreadsheet.batch_update({"requests": [{"setBasicFilter": {"filter": filtered}}]})
    preview = run(sheet, dry_run=True)
    assert (preview["filtered"], preview["pending"]) == (True, 3)


def test_a_preview_tells_a_balance_that_is_too_small(sandbox: RunningSandbox) -> None:
    sandbox.settings(balance="1.00")
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(50)})
    result = run(sheet, dry_run=True)
    assert (result["estimated_cost"], result["balance_before"]) == ("25.00", "1.00")


def test_what_other_partitions_have_sent_need_not_be_paid_again(sandbox: RunningSandbox) -> None:
    sandbox.settings(balance="25.00")
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(50)})
    for partition in range(4):
        run(sheet, partition=partition, partitions=4)
    assert statuses(table(sandbox, sheet)) == {"SENT": 50}


def test_a_partition_sends_nothing_that_the_others_cannot_pay(sandbox: RunningSandbox) -> None:
    sandbox.settings(balance="20.00")
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(50)})
    with pytest.raises(AirflowFailException, match=r"for this campaign: 50 message parts at Rs 0\.50 cost Rs 25\.00"):
        run(sheet, partition=0, partitions=4)
    assert sandbox.received()["posts"] == 0


def test_a_preview_needs_no_open_window(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(3)})
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    now = datetime.now(ZoneInfo("Asia/Karachi"))
    closed = f"{now + timedelta(hours=2):%H}:00-{now + timedelta(hours=3):%H}:00"
    assert run(sheet, dry_run=True, send_window=closed)["pending"] == 3


def test_too_small_a_balance_may_be_accepted(sandbox: RunningSandbox) -> None:
    sandbox.settings(balance="1.00")
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(4)})
    store = Store()
    with pytest.raises(Exception, match=r"balance is used up \(code 205\)"):
        run(sheet, store=store, check_balance=False, concurrency=1)
    assert statuses(table(sandbox, sheet)) == {"SENT": 2, "": 2}
    sandbox.top_up("10")
    assert run(sheet, store=store)["sent"] == 4
    assert len(sandbox.accepted()) == 4


@pytest.mark.parametrize("limit", [3, "3"])
def test_limit_leaves_the_rest_blank(sandbox: RunningSandbox, limit: Any) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [*recipients(8), ["R", "Bad", "0300-1", ""]]})
    result = run(sheet, limit=limit)
    assert (result["sent"], result["pending"], result["skipped"], result["total"]) == (3, 5, 1, 9)
    assert statuses(table(sandbox, sheet)) == {"SENT": 3, "": 5, "SKIPPED": 1}
    assert run(sheet, run_id="second")["sent"] == 5


@pytest.mark.parametrize("none", [None, "", " "])
def test_no_limit(sandbox: RunningSandbox, none: Any) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(3)})
    assert run(sheet, limit=none)["sent"] == 3


def test_a_retry_keeps_to_the_limit(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(8)})
    store = Store()
    run(sheet, store=store, limit=3)
    # A second try of the same run, for whatever reason: it has done its three.
    result = run(sheet, store=store, limit=3)
    assert len(sandbox.accepted()) == 3, result


def test_max_segments_and_smart_encoding(sandbox: RunningSandbox) -> None:
    rows = [["Phone", "Message"], ["0300-1000001", "“" + "x" * 100 + "”"], ["0300-1000002", "سلام " * 30]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    result = run(sheet, message=None, max_segments="1", smart_encoding=True)
    assert (result["sent"], result["segments"], result["skipped"]) == (1, 1, 1)
    assert sandbox.accepted()[0]["text"] == '"' + "x" * 100 + '"'
    assert table(sandbox, sheet)[1]["Detail"].startswith("too long: 3 parts over the limit of 1")


def test_send_at(sandbox: RunningSandbox) -> None:
    rows = [
        ["Phone", "Send At"],
        ["0300-1000001", "2020-01-01 09:00"],
        ["0300-1000002", "2099-01-01"],
        ["0300-1000003", ""],
    ]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet, message="Hello")["sent"] == 2
    assert table(sandbox, sheet)[1]["Detail"].startswith("not due until 2099-01-01 00:00")
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="B3", value="2020-01-01", raw=True)
    assert run(sheet, message="Hello", run_id="second")["sent"] == 1


def test_one_number_in_two_rows_with_ids(sandbox: RunningSandbox) -> None:
    rows = [["ID", "Child", "Phone"], ["1", "Ali", "0300-1000001"], ["2", "Zoe", "0300-1000001"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet, message="{{Child}}", allow_same_number=True)["sent"] == 2
    other = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(other, message="{{Child}}")["sent"] == 1
    assert table(sandbox, other)[1]["Detail"].startswith("duplicate of row 2 (same number")


def test_the_spreadsheet_may_be_given_by_address(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(1)})
    assert run(f"{sandbox.url}/spreadsheets/d/{sheet}/edit#gid=0")["sent"] == 1
    assert operator(sheet).spreadsheet_url == f"{sandbox.url}/spreadsheets/d/{sheet}/edit"


def test_an_anonymous_connection(sandbox: RunningSandbox) -> None:
    from tests.sheets.campaigns import environment, variables

    sheet = sandbox.create_sheet("Campaign", {"Recipients": recipients(2)})
    with variables(environment(sandbox, google={"key_path": None, "is_anonymous": True})):
        assert run(sheet)["sent"] == 2
