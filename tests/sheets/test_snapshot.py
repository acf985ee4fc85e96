"""Reading who stands where, and writing blocks."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from airflow_provider_robosms.sheets.columns import BLANK, OWNED, Columns
from airflow_provider_robosms.sheets.errors import SheetError
from airflow_provider_robosms.sheets.layout import check_own_columns, ensure_columns
from airflow_provider_robosms.sheets.rows import RowReader, Wording
from airflow_provider_robosms.sheets.snapshot import blocks_of, read_all, read_places, read_rows, take
from tests.sheets.model import ModelApi, book_of, table_of

ZONE = ZoneInfo("Asia/Karachi")
HEADER = ["Name", "Phone", "City", *OWNED]
DONE = ["SENT", "000", "RSMS-1", 1, "2026-11-23 10:00:00", "queued"]
ROWS = [
    ["Ali", "0300-1234567", "Lahore", *DONE],
    [],
    ["Zoe", "0300-1234568"],
    ["", "", "", "", "", "", "", "", "stray"],
]


def opened(rows: list[list[Any]], header: list[str] = HEADER) -> tuple[ModelApi, RowReader]:
    api = ModelApi(book_of(Recipients=[header, *rows]))
    columns, _ = read_all(api, "Recipients")
    return api, RowReader(columns, Wording(message="x"), zone=ZONE)


def test_take_and_read_places_see_the_same() -> None:
    api, reader = opened(ROWS)
    _, rows = read_all(api, "Recipients")
    whole, places = take(reader, rows), read_places(api, reader)
    assert places is not None
    assert whole.rows == places.rows
    assert whole.where == places.where == {"tel:923001234567": [2], "tel:923001234568": [4]}
    assert whole.rows[2][1] == ("SENT", "000", "RSMS-1", "1", "2026-11-23 10:00:00", "queued")
    assert whole.rows[4] == ("tel:923001234568", BLANK)
    assert whole.rows[5][0] is None


def test_read_places_needs_one_read_of_few_columns() -> None:
    api, reader = opened(ROWS)
    api.calls.clear()
    read_places(api, reader)
    assert api.calls == ["read"]


@pytest.mark.parametrize(
    "deed",
    [
        {"action": "insert_columns", "at": 1},
        {"action": "move_columns", "at": 0, "to": 3},
        {"action": "delete_columns", "at": 2},
        {"action": "rename_column", "column": "City", "to": "Town"},
    ],
)
def test_moved_columns_are_noticed(deed: dict[str, Any]) -> None:
    api, reader = opened(ROWS)
    api.person(**deed)
    assert read_places(api, reader) is None
    assert read_rows(api, reader.columns, [2]) is None


def test_rows_that_are_gone_are_noticed() -> None:
    api, reader = opened(ROWS)
    api.person("delete_rows", at=5, count=995)
    assert read_rows(api, reader.columns, [2, 900]) is None


def test_another_error_of_google_is_passed_on() -> None:
    api, reader = opened(ROWS)

    def fail(number: int) -> None:
        raise SheetError("in trouble")

    api.before = fail
    with pytest.raises(SheetError, match="in trouble"):
        read_places(api, reader)
    with pytest.raises(SheetError, match="in trouble"):
        read_rows(api, reader.columns, [2])


def test_read_rows_gives_whole_rows() -> None:
    api, reader = opened(ROWS)
    rows = read_rows(api, reader.columns, [2, 3, 5])
    assert rows is not None
    assert rows[2][:3] == ["Ali", "0300-1234567", "Lahore"]
    assert rows[3] == []
    assert rows[5][-1] == "stray"


def test_read_rows_of_many_scattered_rows_stays_one_read() -> None:
    api, reader = opened([[f"N{i}", f"0300-{1000000 + i}"] for i in range(600)])
    api.calls.clear()
    wanted = list(range(2, 600, 2))
    rows = read_rows(api, reader.columns, wanted)
    assert rows is not None
    assert api.calls == ["read"]
    assert all(rows[number][0] == f"N{number - 2}" for number in wanted)


def test_blocks_write_what_was_wanted_and_nothing_else() -> None:
    header = ["Detail", "Name", "Status", "Phone", "Code", "Message ID", "Parts", "Sent At"]
    api, reader = opened([["", f"N{i}", "", f"0300-{1000000 + i}"] for i in range(5)], header)
    wanted = {2: tuple("abcdef"), 3: ("SENT", "000", "RSMS-1", "2", "now", "queued"), 6: ("x", "", "", "", "", "")}
    api.write(list(blocks_of(reader.columns, {number: (BLANK, cells) for number, cells in wanted.items()})))
    rows = table_of(api.book)
    assert [rows[0][name] for name in OWNED] == list("abcdef")
    assert [rows[1][name] for name in OWNED] == ["SENT", "000", "RSMS-1", "2", "now", "queued"]
    assert [rows[4][name] for name in OWNED] == ["x", "", "", "", "", ""]
    assert all(rows[i][name] == "" for i in (2, 3) for name in OWNED)
    assert [row["Name"] for row in rows] == [f"N{i}" for i in range(5)]


def test_parts_are_numbers_and_codes_are_text() -> None:
    api, reader = opened(ROWS)
    api.write(list(blocks_of(reader.columns, {2: (BLANK, ("SENT", "000", "1", "2", "", ""))})))
    _, rows = read_all(api, "Recipients")
    assert rows[0][3:7] == ["SENT", "000", "1", 2]


# The tool's own columns


def test_columns_are_created_at_the_right() -> None:
    api, _ = opened([["Ali", "0300-1234567", "x", "y", "beyond the header"]], ["Name", "Phone"])
    columns, rows = read_all(api, "Recipients")
    found = ensure_columns(api, columns, rows)
    assert found.missing == []
    assert found.header[:5] == ["Name", "Phone", "", "", ""]
    assert found == read_all(api, "Recipients")[0]
    assert table_of(api.book)[0]["Name"] == "Ali"


def test_a_full_grid_is_widened() -> None:
    header = [f"C{index}" for index in range(25)] + ["Phone"]
    api, _ = opened([], header)
    columns, rows = read_all(api, "Recipients")
    ensure_columns(api, columns, rows)
    assert "resize" in api.calls
    assert read_all(api, "Recipients")[0].missing == []


def test_only_what_is_missing_is_created() -> None:
    api, _ = opened([], ["Phone", "detail", "STATUS"])
    columns, rows = read_all(api, "Recipients")
    found = ensure_columns(api, columns, rows)
    assert found.header == ["Phone", "detail", "STATUS", "Code", "Message ID", "Parts", "Sent At"]
    assert ensure_columns(api, found, rows) is found


def test_two_partitions_that_create_them_at_once_agree() -> None:
    api, _ = opened([], ["Phone"])
    columns, rows = read_all(api, "Recipients")
    first, second = ensure_columns(api, columns, rows), ensure_columns(api, columns, rows)
    assert first == second == read_all(api, "Recipients")[0]


@pytest.mark.parametrize("name", ["Code", "Message ID", "Parts", "Sent At", "Detail"])
def test_a_users_own_column_is_not_overwritten(name: str) -> None:
    columns = Columns("Recipients", ["Phone", name.upper()])
    with pytest.raises(SheetError, match=f"has a column '{name}' of its own with content") as caught:
        check_own_columns(columns, [["0300-1234567"], ["0300-1234568", "mine"]])
    assert caught.value.permanent
    check_own_columns(columns, [["0300-1234567", ""], []])
    check_own_columns(Columns("Recipients", ["Phone", name, "Status"]), [["0300", "mine"]])


def test_a_tab_that_is_gone() -> None:
    api, _ = opened([], ["Phone"])
    columns, rows = read_all(api, "Recipients")
    api.person("rename_sheet", to="Other")
    with pytest.raises(SheetError, match="Tab 'Recipients' is gone"):
        ensure_columns(api, columns, rows)


def test_two_status_columns_are_refused() -> None:
    with pytest.raises(SheetError, match="2 columns named 'Status'"):
        check_own_columns(Columns("Recipients", ["Phone", "Status", "Detail", "status"]), [])
