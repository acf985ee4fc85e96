"""References: whose result a row shows, provable from the row alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.recipients.refs import ref, ref_in, with_ref
from airflow_provider_robosms.spreadsheet.cells import MAX_CELL, inert


def test_a_reference_is_the_keys_own_and_the_same_for_ever() -> None:
    assert ref("tel:923001234567") == "3bvgl4"
    assert ref("tel:923001234568") != ref("tel:923001234567")


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_written_is_read(detail: str, key: str) -> None:
    written = with_ref(detail, key)
    assert ref_in(written) == ref_in(inert(written)) == ref(key)
    assert with_ref(written, key) == written
    assert ref_in(with_ref(written, key + "x")) == ref(key + "x")


@pytest.mark.parametrize(
    "detail",
    ["", "skipped by Sara", "(ref abc)", "(ref ABCDEF)", "ask (ref abcdef) first", "(ref abcde1)", "xref abcdef)"],
)
def test_what_a_person_wrote_has_none(detail: str) -> None:
    assert ref_in(detail) is None


def test_a_lone_surrogate_in_an_id_does_no_harm() -> None:
    assert len(ref("id:\ud83d")) == 6


def test_the_reference_survives_the_longest_detail() -> None:
    written = inert(with_ref("=" * 60_000, "k"))
    assert len(written) <= MAX_CELL
    assert ref_in(written) == ref("k")
