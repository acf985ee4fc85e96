"""Values of cells as text, and text made harmless."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.sheets.cells import MAX_CELL, formula_error, inert, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("  x ", "  x "),
        (1500, "1500"),
        (1500.0, "1500"),
        (923001234567, "923001234567"),
        (923001234567.0, "923001234567"),
        (0.1 + 0.2, "0.3"),
        (2450.5, "2450.5"),
        (-3.0, "-3"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (False, "FALSE"),
    ],
)
def test_text_of(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_begins_like_a_formula_is_made_text(start: str) -> None:
    assert inert(f"{start}1+1") == f"'{start}1+1"


def test_other_text_is_left_alone() -> None:
    assert inert("RSMS-1 = 3") == "RSMS-1 = 3"
    assert inert("") == ""


@given(st.text(max_size=50))
def test_inert_text_never_begins_like_a_formula(text: str) -> None:
    assert not inert(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_text_that_google_would_refuse_is_cut() -> None:
    assert len(inert("=" + "x" * 60_000)) <= MAX_CELL
    assert len(inert("x" * 60_000)) <= MAX_CELL


@pytest.mark.parametrize(
    "error",
    ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!"],
)  # fmt: skip
def test_formula_errors(error: str) -> None:
    assert formula_error(error)


@pytest.mark.parametrize("text", ["", "#", "#1", "# N/A", "N/A", "#hashtag", "#REF! and more"])
def test_no_formula_errors(text: str) -> None:
    assert not formula_error(text)
