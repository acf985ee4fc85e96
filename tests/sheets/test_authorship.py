"""Whose SKIPPED a row bears is read, not guessed: the tool's is looked at again, a person's is left alone."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.recipients.own_cells import is_free
from airflow_provider_robosms.recipients.refs import with_ref


def cells(status: str, detail: str) -> tuple[str, ...]:
    return (status, "", "", "", "", detail)


@pytest.mark.parametrize("status", ["", " "])
def test_a_blank_status_asks_for_sending(status: str) -> None:
    assert is_free(cells(status, "whatever a person noted"))


def test_the_tools_own_skipped_is_looked_at_again() -> None:
    assert is_free(cells("SKIPPED", with_ref("opted out: column Opt Out is set", "tel:923001234567")))


@pytest.mark.parametrize(
    "detail",
    ["", "asked us to wait", "opted out: column Opt Out is set", "bad number: a landline", "(ref )", "ref 12345678"],
)
@pytest.mark.parametrize("status", ["SKIPPED", "Skipped", "skip", "HOLD", "SENT", "UNKNOWN", "?"])
def test_a_persons_own_words_are_not_texted_over(status: str, detail: str) -> None:
    assert not is_free(cells(status, detail))
