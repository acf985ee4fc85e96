"""A1 notation: what it means, what it is not, and how Google writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.sandbox.sheets.a1 import (
    GridRange,
    column_index,
    column_letters,
    parse_cells,
    quote_title,
    range_name,
    split_title,
)
from airflow_provider_robosms.sandbox.sheets.errors import GoogleError
from airflow_provider_robosms.sandbox.sheets.spreadsheet import Spreadsheet


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("A1", (0, 1, 0, 1)),
        ("b3", (2, 3, 1, 2)),
        ("$A$1:$B$2", (0, 2, 0, 2)),
        ("A1:B2", (0, 2, 0, 2)),
        ("D4:A1", (0, 4, 0, 4)),
        ("A:C", (None, None, 0, 3)),
        ("1:3", (0, 3, None, None)),
        ("A2:C", (1, None, 0, 3)),
        ("A2:2", (1, 2, 0, None)),
        ("A1:1", (0, 1, 0, None)),
        ("AA10:ZZ20", (9, 20, 26, 702)),
    ],
)
def test_cells(text, sides):
    assert parse_cells(text) == GridRange(*sides)


@pytest.mark.parametrize(
    "text", ["", "A", "7", "A0", "Sheet1", "A1:B2:C3", "A1:", ":A1", "A-1", "A1 B2", "ABCD1", "R1C1"]
)
def test_no_cells(text):
    assert parse_cells(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Sheet1!A1:B2", ("Sheet1", "A1:B2")),
        ("'My Tab'!A:C", ("My Tab", "A:C")),
        ("'It''s'!1:1", ("It's", "1:1")),
        ("'a!b'!C3", ("a!b", "C3")),
        ("'Only a tab'", ("Only a tab", None)),
        ("A1:B2", (None, "A1:B2")),
        ("وصول کنندگان!A1", ("وصول کنندگان", "A1")),
    ],
)
def test_title(text, parts):
    assert split_title(text) == parts


@pytest.mark.parametrize("text", ["'open", "'a'b", "'a'!", "'it's'!A1"])
def test_bad_quotes(text):
    with pytest.raises(GoogleError, match="Unable to parse range"):
        split_title(text)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Sheet1", "Sheet1"),
        ("Opt_outs", "Opt_outs"),
        ("My Tab", "'My Tab'"),
        ("It's", "'It''s'"),
        ("D3", "'D3'"),
        ("tab01", "'tab01'"),
        ("R1C1", "'R1C1'"),
        ("2026", "'2026'"),
        ("وصول", "'وصول'"),
        ("🌵 x", "'🌵 x'"),
    ],
)
def test_quoting(title, written):
    assert quote_title(title) == written


def test_range_names():
    assert range_name("T", GridRange(0, 1, 0, 1)) == "T!A1"
    assert range_name("T", GridRange(0, 1000, 0, 26)) == "T!A1:Z1000"
    assert range_name("T", GridRange(1000, None, 0, 2)) == "T!A1001:B"
    assert range_name("T", GridRange(None, 2, 26, None)) == "T!AA1:2"


@given(st.integers(0, 18_277))
def test_letters_round_trip(index):
    assert column_index(column_letters(index)) == index


@given(st.integers(0, 99_999), st.integers(0, 500), st.integers(0, 700), st.integers(0, 300), st.text(min_size=1))
def test_ranges_round_trip(top, height, left, width, title):
    area = GridRange(top, top + height + 1, left, left + width + 1)
    named, cells = split_title(range_name(title, area))
    assert named == title
    assert parse_cells(cells) == area


def test_resolve(model: Spreadsheet):
    with model.change():
        model.add_sheet("My Tab")
        model.add_sheet("D3")
    first, second, third = model.sheets
    assert model.resolve("B2")[0] is first
    assert model.resolve("My Tab") == (second, GridRange())
    assert model.resolve("'my tab'!A1")[0] is second
    # A bare name that looks like a cell is a cell of the first tab; quoted, it is the tab.
    assert model.resolve("D3") == (first, GridRange(2, 3, 3, 4))
    assert model.resolve("'D3'") == (third, GridRange())
    for text in ("Nowhere!A1", "Nowhere", "'My Tab'!A0", "My Tab!", "Sheet1!nothing"):
        with pytest.raises(GoogleError, match="Unable to parse range: ") as raised:
            model.resolve(text)
        assert raised.value.message.endswith(text)
