"""Values of cells as text, and text made harmless."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.sms.passing import formula_error, is_loading, passing_value
from airflow_provider_robosms.spreadsheet.cells import (
    MAX_CELL,
    Exact,
    agrees,
    at,
    exact_text,
    inert,
    joined,
    text_of,
    value_of,
)


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


@pytest.mark.parametrize(
    "text",
    ["#NV", "#N/D", "#WERT!", "#BEZUG!", "#\u00a1REF!", "#\u00bfNOMBRE?", "#DE\u011eER!", "#\u041d/\u0414", "#n/a"],
)
def test_formula_errors_of_other_languages(text: str) -> None:
    assert formula_error(text)
    assert passing_value(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    ["#REF!\u200b", "\u2060#N/A", "\ufeff#N/A", "\uff03N/A", "#REF\uff01", "#\u200bREF!", "#Ref!", "#name?",
    "#Wert!", "#DIV/0 !",
     "#NOMBRE !", "#Nombre\u202f!", "#VALEUR\xa0!", "Err:502", "Err :502", "Fehler:509", "########", "###", "#ERROR!",
     "#SPILL!", "#CALC!", "#NAME?", "#FIELD!"],
)  # fmt: skip
def test_formula_errors_as_they_are_copied_and_exported(text: str) -> None:
    assert formula_error(text)
    assert passing_value(f" {text} ") == text


@pytest.mark.parametrize(
    "text",
    ["Loading...\u200b", "\ufeffLoading...", "\uff2coading...", "Loading\u2026\u200e", "Load\u00ading...", "LOADING...",
     "Na\u010d\xedtava sa\u2026", "L\xe4dt...", "\u0423\u0447\u0438\u0442\u0430\u0432\u0430 \u0441\u0435...",
     "Loading\u2024\u2024\u2024"],
)  # fmt: skip
def test_loading_with_what_cannot_be_seen_beside_it(text: str) -> None:
    assert is_loading(text)
    assert passing_value(text) == text.strip()


def test_a_cell_full_of_what_cannot_be_seen_is_looked_at_fast() -> None:
    started = time.process_time()
    for text in (
        "." + "\u200b" * 50_000,
        "#" + " " * 50_000 + "x",
        "#N/A" + "\u200b" * 40_000,
        "#" * 50_000,
        "." * 50_000,
    ):
        passing_value(text)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Loading...",
        "loading\u2026",
        "Loading data...",
        "Cargando...",
        "Chargement\u2026",
        "Fetching...",
        "\u8aad\u307f\u8fbc\u3093\u3067\u3044\u307e\u3059...",
    ],
)
def test_what_a_cell_shows_while_it_is_calculated(text: str) -> None:
    assert is_loading(text)
    assert passing_value(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Loading",
        "Loading.",
        "Loading dock",
        "Ali...",
        "...",
        "#1",
        "#SALE",
        "#hashtag",
        "#Sale!",
        "##",
        "# N/A",
        "Ref:502",
        "12:30",
        "Err: see the note",
        "\U0001f600",
        "!!!",
        "\u06d4",
        "Loading " + "x" * 80 + "...",
    ],
)
def test_what_is_content(text: str) -> None:
    assert passing_value(text) is None


def test_a_cell_that_shows_its_value_is_its_value() -> None:
    assert joined(1500, "1500") == 1500
    assert joined("x", "x") == "x"
    cell = joined(1500, "Rs 1,500")
    assert (text_of(cell), value_of(cell), exact_text(cell)) == ("Rs 1,500", 1500, "1500")
    assert text_of(Exact(0.5, "50%")) == "50%"
    assert at([1], 3) is at([1], None) is None


@pytest.mark.parametrize(
    ("value", "shown", "verdict"),
    [
        ("Ali", "Ali", True), ("Ali", "Sara", False), ("Ali", "Mr Ali", True), ("Ali", "", None), (None, "", None),
        (None, "x", False), ("", "x", False), (3001234567, "0300-1234567", True), (3001234567, "3.0E+09", None),
        (1234.5, "Rs 1,234.50", True), (46349, "23/11/2026", None), (True, "VRAI", None), (7, "", None), (-5, "(5)", True),
        ("#N/A", "#NV", None), ("#N/A", "#N/A", True), ("#N/A", "0300-1234567", False),
    ],
)  # fmt: skip
def test_whether_value_and_text_can_be_of_one_cell(value: Any, shown: str, verdict: bool | None) -> None:
    assert agrees(value, shown) is verdict
