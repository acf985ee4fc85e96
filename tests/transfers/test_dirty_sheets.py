"""Sheets as people really keep them, through the sandbox's typed cells."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_robosms.sandbox.server import RunningSandbox
from airflow_provider_robosms.spreadsheet.errors import SheetUnavailable
from tests.sheets.campaigns import csv_of, run, statuses, table
from tests.sheets.rows_of import reader


def typed(sandbox: RunningSandbox, rows: list[list[object]], tab: str = "Recipients") -> str:
    """Return a spreadsheet whose cells were typed, so that formulas, dates and numbers are what Sheets makes of them."""
    sheet = sandbox.create_sheet("Campaign", {tab: []})
    sandbox.edit_sheet(sheet, "set", sheet=tab, cell="A1", values=rows)
    return sheet


def test_every_kind_of_cell(sandbox: RunningSandbox) -> None:
    header = ["Name", "Phone", "Due", "Day", "Paid"]
    rows: list[list[object]] = [
        ["Formula", '="0300-"&"1000001"', "=1000+450", "23/11/2026", True],
        ["Number", 923001000002, 2450.5, "2026-11-23", False],
        ["No zero", "03001000003", "2,450", "=DATE(2026,11,23)", "TRUE"],
        ["Error", "0300-1000004", "=1/0", "", ""],
        ["Bad phone", "=1/0", "1", "", ""],
        ["Date phone", "23/11/2026", "1", "", ""],
        ["Tick phone", True, "1", "", ""],
        ["Lost digits", "'9.23001E+11", "1", "", ""],
    ]
    sheet = typed(sandbox, [header, *rows])
    run(sheet, message="{{Name}}: {{Due}}")
    found = {row["Name"]: row for row in table(sandbox, sheet)}
    texts = {message["to"]: message["text"] for message in sandbox.accepted()}
    assert texts["923001000001"] == "Formula: 1450"
    assert texts["923001000002"] == "Number: 2450.5"
    assert texts["923001000003"].startswith("No zero: ")
    assert found["Error"]["Detail"].startswith("tag {{Due}} holds the error #DIV/0!: fix the formula")
    for name in ("Bad phone", "Date phone", "Tick phone"):
        assert found[name]["Status"] == "SKIPPED", name
        assert found[name]["Detail"].startswith("bad number: "), name
    assert found["Lost digits"]["Status"] == "SKIPPED"


def test_header_matching_is_forgiving(sandbox: RunningSandbox) -> None:
    rows = [["  FIRST   name ", "phone\u00a0", "STATUS ", "code"], ["Ali", "0300-1000001"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet, message="Dear {{FirstName}}")["sent"] == 1
    shown = sandbox.sheet(sheet)["sheets"][0]["rows"]
    assert shown[0] == ["  FIRST   name ", "phone\u00a0", "STATUS ", "code", "Message ID", "Parts", "Sent At", "Detail"]
    assert shown[1][2:4] == ["SENT", "000"]


def test_duplicate_blank_and_merged_headers(sandbox: RunningSandbox) -> None:
    # Merged cells: the API shows the first and blank ones.
    rows = [["Person", "", "Phone", "", "Note", "Note", ""], ["Ali", "Khan", "0300-1000001", "", "a", "b", "c"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet, message="Dear {{Person}}")["sent"] == 1
    shown = sandbox.sheet(sheet)["sheets"][0]["rows"]
    assert shown[0][7:] == ["Status", "Code", "Message ID", "Parts", "Sent At", "Detail"]
    assert shown[1][:8] == ["Ali", "Khan", "0300-1000001", "", "a", "b", "c", "SENT"]


@pytest.mark.parametrize("tab", ["Ali's list", "'quoted'", "A1", "مہم نومبر", "a!b:c", "R1C1"])
def test_tabs_with_marks_in_the_name(sandbox: RunningSandbox, tab: str) -> None:
    sheet = sandbox.create_sheet("Campaign", {"First": [["x"]], tab: [["Phone"], ["0300-1000001"]]})
    assert run(sheet, recipients_sheet=tab, message="Hello")["sent"] == 1
    assert table(sandbox, sheet, tab)[0]["Status"] == "SENT"


def test_200_columns(sandbox: RunningSandbox) -> None:
    header = [f"Column {index}" for index in range(199)] + ["Phone"]
    row = [f"v{index}" for index in range(199)] + ["0300-1000001"]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [header, row]})
    assert run(sheet, message="{{ column 77 }}")["sent"] == 1
    shown = sandbox.sheet(sheet)["sheets"][0]
    assert shown["rows"][1][:201] == [*row, "SENT"]
    assert shown["columnCount"] == 206


def test_gaps_between_the_rows(sandbox: RunningSandbox) -> None:
    rows = [["Name", "Phone"], [], ["Ali", "0300-1000001"], [], [], ["Zoe", "0300-1000002"], ["no phone", ""]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    run(sheet, message="Hello")
    shown = sandbox.sheet(sheet)["sheets"][0]["rows"]
    assert [row[2] if len(row) > 2 else "" for row in shown] == ["Status", "", "SENT", "", "", "SENT", ""]
    assert shown[6] == ["no phone"], "a row without a number is nobody's"


def test_a_users_own_code_column_is_refused(sandbox: RunningSandbox) -> None:
    rows = [["Phone", "Code"], ["0300-1000001", "discount-7"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    version = sandbox.sheet(sheet)["version"]
    with pytest.raises(Exception, match="has a column 'Code' of its own with content") as caught:
        run(sheet, message="Hello")
    assert type(caught.value).__name__ == "AirflowFailException"
    assert sandbox.received()["posts"] == 0
    assert sandbox.sheet(sheet)["version"] == version


def test_every_reason_reaches_the_row(sandbox: RunningSandbox) -> None:
    header = ["Name", "Phone", "Opt Out", "Send At", "Message"]
    tomorrow = "2099-01-01 09:00"
    rows = [
        ["Ali", "0300-1000001", "", "", ""],
        ["Twin", "+923001000001", "", "", ""],
        ["Two", "0300-1000003/0300-1000004", "", "", ""],
        ["Out", "0300-1000005", "yes", "", ""],
        ["Tab", "0300-1000006", "", "", ""],
        ["", "0300-1000007", "", "", ""],
        ["Later", "0300-1000008", "", tomorrow, ""],
        ["Long", "0300-1000009", "", "", "x" * 400],
        ["Own", "0300-1000010", "", "", "Dear {{Nobody}}"],
    ]
    tabs = {"Recipients": [header, *rows], "Opt-outs": [["Phone"], ["92300-1000006"]]}
    sheet = sandbox.create_sheet("Campaign", tabs)
    result = run(sheet, message="Dear {{Name}}", max_segments=2)
    assert (result["sent"], result["skipped"], result["total"], result["pending"]) == (1, 8, 9, 0)
    details = [row["Detail"] for row in table(sandbox, sheet)]
    for detail, beginning in zip(
        details[1:],
        [
            "duplicate of row 2 (same number",
            "bad number: two or more numbers in one cell",
            "opted out: column Opt Out is set",
            "opted out: the number is on the Opt-outs tab",
            "tag {{Name}} is blank",
            "not due until 2099-01-01 09:00",
            "too long: 3 parts over the limit of 2",
            "tag {{Nobody}} is not a column",
        ],
        strict=True,
    ):
        assert detail.startswith(beginning)
    assert statuses(table(sandbox, sheet)) == {"SENT": 1, "SKIPPED": 8}


def test_a_skipped_row_that_was_mended_is_sent_next_time(sandbox: RunningSandbox) -> None:
    sheet = sandbox.create_sheet(
        "Campaign", {"Recipients": [["Name", "Phone"], ["Ali", "0300-1"], ["", "0300-1000002"]]}
    )
    assert run(sheet, message="Dear {{Name}}")["skipped"] == 2
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="B2", value="0300-1000001")
    sandbox.edit_sheet(sheet, "set", sheet="Recipients", cell="A3", value="Zoe")
    assert run(sheet, message="Dear {{Name}}", run_id="second")["sent"] == 2
    assert statuses(table(sandbox, sheet)) == {"SENT": 2}
    assert all("bad" not in row["Detail"] for row in table(sandbox, sheet))


def test_cells_cannot_inject_formulas_into_our_columns(sandbox: RunningSandbox) -> None:
    rows = [["Phone", "Template"], *[[f"0300-100000{i}", f"{mark}HYPERLINK(1)"] for i, mark in enumerate("=+-@")]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    run(sheet, message="Hello")
    for line in csv_of(sandbox, sheet).splitlines()[1:]:
        assert not any(field.strip('"').startswith(("=", "+", "-", "@")) for field in line.split(",")[2:])


@pytest.mark.parametrize(
    "number",
    ["0300-1234567/0311-1111111", "O300-1234567", "0300-1234567 (old)", "Ali: 0300 1234567", "+92-300-1234567;"],
)
def test_who_opted_out_is_protected_by_what_can_be_read_of_the_number(sandbox: RunningSandbox, number: str) -> None:
    rows = [["Name", "Phone", "Opt Out"], ["A", "0300-1234567", ""], ["B", number, "yes"], ["C", "0345-1112223", ""]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    run(sheet, message="Hello")
    assert [message["to"] for message in sandbox.accepted()] == ["923451112223"]


@pytest.mark.parametrize("number", ["0300-123", "9.23E+11", "x0300x", "0300 1234567\n0301 76543", "0300 1234567 12"])
def test_who_opted_out_and_cannot_be_read_at_all_stops_the_run(sandbox: RunningSandbox, number: str) -> None:
    rows = [["Name", "Phone", "Opt Out"], ["A", "0300-1234567", ""], ["B", number, "yes"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    with pytest.raises(Exception, match=r"Row 3 of tab 'Recipients' has opted out, and its number cannot be read"):
        run(sheet, message="Hello")
    assert not sandbox.accepted()


@pytest.mark.parametrize(
    "number",
    [
        "0300 1234567 0311 1111111",
        "0300-1234567\n0311-1111111",
        "+92 300 1234567\r\n+92 311 1111111",
        "0311-1111111\n0300-1234567\n(father)",
    ],
)
def test_an_opt_out_of_two_numbers_protects_both(sandbox: RunningSandbox, number: str) -> None:
    people = [["A", "0300-1234567", ""], ["B", "0311-1111111", ""], ["C", number, "yes"], ["D", "0345-1112223", ""]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": [["Name", "Phone", "Opt Out"], *people]})
    run(sheet, message="Hello")
    assert [message["to"] for message in sandbox.accepted()] == ["923451112223"]


def test_an_opt_out_whose_number_is_still_calculated_waits() -> None:
    one = reader(["Phone", "Opt Out"])
    one.heed([["Loading...", "no"], ["Total", "2"]])
    with pytest.raises(
        SheetUnavailable, match=r"Row 2 of tab .* has opted out, and its number is still being"
    ) as caught:
        one.heed([["Loading...", "yes"]])
    assert not caught.value.permanent


@pytest.mark.parametrize(
    "number", ["042-35761234", "+447911123456", "", "n/a", "Total", "-", "nil", "Phone", "not available", "?"]
)
def test_whom_nobody_texts_needs_no_protection(sandbox: RunningSandbox, number: str) -> None:
    rows = [["Name", "Phone", "Opt Out"], ["A", "0300-1234567", ""], ["B", number, "yes"]]
    sheet = sandbox.create_sheet("Campaign", {"Recipients": rows})
    assert run(sheet, message="Hello")["sent"] == 1


@pytest.mark.parametrize(("one", "two"), [("A1", "a1"), ("A1", "\uff211"), ("A1", "A\u200b1")])
def test_two_ids_that_look_alike_stop_the_run(sandbox: RunningSandbox, one: str, two: str) -> None:
    def people(second: str) -> dict[str, list[list[Any]]]:
        return {"Recipients": [["ID", "Phone"], [one, "0300-1234567"], [two, second]]}

    with pytest.raises(Exception, match="The IDs in rows 2 and 3 of tab 'Recipients' look alike"):
        run(sandbox.create_sheet("Campaign", people("0300-1234567")), message="Hi", allow_same_number=True)
    assert not sandbox.accepted()
    sheet = sandbox.create_sheet("Campaign", people("0311-7654321"))
    assert run(sheet, message="Hi", allow_same_number=True)["sent"] == 2


def test_a_status_of_somebody_else_is_told(sandbox: RunningSandbox, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [["Name", "Phone", "Status"], ["A", "0300-1234567", "Active"], ["B", "0311-7654321", "SENT"]]
    result = run(sandbox.create_sheet("Campaign", {"Recipients": rows}), message="Hello", dry_run=True)
    assert (result["held"], result["already_done"]) == (1, 2)
    assert "Left alone 1 rows whose Status holds words of somebody else" in capfd.readouterr().out
