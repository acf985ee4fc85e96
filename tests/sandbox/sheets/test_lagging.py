"""Reads that lag behind writes."""

import itertools

import pytest

from airflow_provider_robosms.sandbox.sheets import values
from airflow_provider_robosms.sandbox.sheets.lagging import ReadLag
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet

from .conftest import put, typing


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_read_shows_what_was_there_up_to_so_many_seconds_ago(model: Spreadsheet):
    clock = Clock()
    lag = ReadLag(clock, 5, seed=3)
    lag.watch(model)
    for step in range(60):
        clock.now = 100 + step
        put(model, "Sheet1!A1", [[step]], option="RAW")
        if step >= 10:
            clock.now += 0.5
            seen = {int(values.get(lag.view(model), "Sheet1!A1")["values"][0][0]) for _ in range(100)}
            assert seen == set(range(step - 5, step + 1))
    seen = [int(values.get(lag.view(model), "Sheet1!A1")["values"][0][0]) for _ in range(200)]
    assert any(later < earlier for earlier, later in itertools.pairwise(seen))
    clock.now += 5.01
    assert {values.get(lag.view(model), "Sheet1!A1")["values"][0][0] for _ in range(40)} == {"59"}
    lag.configure(0)
    assert lag.view(model) is model


def test_what_is_kept_ends_with_the_lag(model: Spreadsheet):
    clock = Clock()
    lag = ReadLag(clock, 5)
    lag.watch(model)
    for _ in range(100):
        clock.now += 1
        put(model, "Sheet1!A1", [[1]], option="RAW")
    assert len(lag._past[model]) <= 6
    lag.configure(0)
    put(model, "Sheet1!A1", [[2]], option="RAW")
    assert not lag._past


def test_over_gspread_reads_lag_and_answers_of_writes_do_not(sandbox):
    book, tab = sandbox.tab(["old"])
    sandbox.person("POST", "/settings", json={"read_lag": 3600, "read_lag_seed": 1})
    sandbox.write(book, "A1", "new")
    by_id = {"dataFilters": [{"gridRange": {"sheetId": 0}}]}
    late = sandbox.call("POST", f"{book.id}/values:batchGetByDataFilter", json=by_id).json()
    assert late["valueRanges"][0]["valueRange"]["values"] == [["old"]]
    assert tab.get("A1") == [["old"]]
    tab.spreadsheet.batch_update({"requests": [{"addSheet": {"properties": {"title": "Two"}}}]})
    assert [each.title for each in tab.spreadsheet.worksheets()] == ["Sheet1"]
    echo = {"includeSpreadsheetInResponse": True, "responseRanges": ["A1"], "requests": [typing("B1", "x")]}
    mask = {"fields": "updatedSpreadsheet.sheets.data.rowData.values.formattedValue"}
    answer = sandbox.call("POST", f"{book.id}:batchUpdate", params=mask, json=echo).json()
    assert answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"] == [{"values": [{"formattedValue": "new"}]}]
    sandbox.clock.offset += 3601
    assert tab.get("A1:B1") == [["new", "x"]]
    sandbox.clock.offset -= 3601


@pytest.mark.parametrize("value", [-1, 4000, True, "5", None])
def test_a_lag_that_is_none_is_refused(sandbox, value):
    with pytest.raises(ValueError, match="read_lag"):
        sandbox.service.configure({"read_lag": value})
