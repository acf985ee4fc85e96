"""What gspread 6.2.1 does with the sandbox: request counts, exceptions and its known traps."""

import gspread
import pytest
from gspread.exceptions import APIError, SpreadsheetNotFound, WorksheetNotFound


def reads(sandbox) -> int:
    return sandbox.person("GET", "/calls")["reads"]


def test_metadata_costs_one_read_each(sandbox):
    book = sandbox.book(["a"])
    spreadsheet = sandbox.gc.open_by_key(book.id)
    assert reads(sandbox) == 1
    spreadsheet.worksheet("Sheet1")
    assert reads(sandbox) == 2
    spreadsheet.fetch_sheet_metadata()
    assert reads(sandbox) == 3
    sandbox.gc.open_by_url(f"https://docs.google.com/spreadsheets/d/{book.id}/edit#gid=0")
    assert reads(sandbox) == 4
    with pytest.raises(WorksheetNotFound):
        spreadsheet.worksheet("Nowhere")


def test_get_all_records_makes_numbers_of_phones(sandbox):
    book = sandbox.book(["Phone", "Other"], ["+923001234567", "03001234567"])
    sheet = sandbox.gc.open_by_key(book.id).sheet1
    assert sheet.get_all_records() == [{"Phone": 923001234567, "Other": 3001234567}]
    assert sheet.get("A2:B2") == [["+923001234567", "03001234567"]]


def test_get_all_records_fails_on_two_blank_headers(sandbox):
    book = sandbox.book(["Phone", "", "", "City"], ["1", "2", "3", "4"])
    with pytest.raises(gspread.exceptions.GSpreadException):
        sandbox.gc.open_by_key(book.id).sheet1.get_all_records()


def test_exceptions(sandbox):
    with pytest.raises(SpreadsheetNotFound):
        sandbox.gc.open_by_key("nowhere")
    private = sandbox.book(shared_with=[])
    with pytest.raises(PermissionError):
        sandbox.gc.open_by_key(private.id)
    with pytest.raises(APIError) as raised:
        sandbox.gc.http_client.values_get(private.id, "A1")
    assert (raised.value.code, raised.value.error["status"]) == (403, "PERMISSION_DENIED")
    sandbox.fault("http-502", count=1)
    with pytest.raises(APIError) as raised:
        sandbox.gc.http_client.values_get(private.id, "A1")
    # gspread can't read an HTML body; the status is in the response only.
    assert (raised.value.code, raised.value.response.status_code) == (-1, 502)
