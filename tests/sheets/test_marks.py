"""Claims."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from airflow_provider_robosms.sheets.marks import LEASE, Run, is_claim, meant_for_another, run_code

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
RUN = Run("dag\nmanual__1\nsend")


def test_a_claim_names_the_run_and_the_recipient() -> None:
    assert is_claim(RUN.mark("tel:923001234567"))
    assert RUN.owns(RUN.mark("tel:923001234567"))
    assert RUN.mark("tel:923001234567") == Run("dag\nmanual__1\nsend").mark("tel:923001234567")
    assert run_code("dag\nmanual__1\nsend") in RUN.mark("x")


def test_claims_of_other_runs_and_recipients_differ() -> None:
    other = Run("dag\nmanual__2\nsend")
    assert not RUN.owns(other.mark("x"))
    assert len({RUN.mark(f"tel:{number}") for number in range(923001000000, 923001002000)}) == 2000


def test_a_claim_tells_nothing_of_the_number() -> None:
    assert "3001234567" not in RUN.mark("tel:923001234567")


def test_any_run_can_tell_whom_a_claim_or_a_result_was_meant_for() -> None:
    keys = [f"tel:92300123{number:04d}" for number in range(1000)]
    run = Run("dag\nmanual__2\nsend", nonce="of its own")
    assert not any(meant_for_another(key, run.mark(key), "") for key in keys)
    assert not any(meant_for_another(key, "SENT", f"queued (ref {run.ref(key)})") for key in keys)
    assert sum(meant_for_another("tel:923009999999", run.mark(key), "") for key in keys) > 990
    assert not meant_for_another(keys[0], "SENT", "sent by hand")


@pytest.mark.parametrize("status", ["", "SENT", "Sent", "hold", "UNKNOWN"])
def test_no_claims(status: str) -> None:
    assert not is_claim(status)
    assert not RUN.owns(status)


def test_airflow_knows_whether_the_other_run_is_over() -> None:
    other = Run("dag\nmanual__2\nsend")
    claim, detail = other.mark("x"), other.detail(NOW - 3 * LEASE)
    assert Run("mine", is_over={other.code: False}.get).still_live(claim, detail, NOW)
    assert not Run("mine", is_over={other.code: True}.get).still_live(claim, other.detail(NOW), NOW)


def test_without_airflows_word_the_age_decides() -> None:
    other = Run("dag\nmanual__2\nsend")
    claim = other.mark("x")
    assert Run("mine").still_live(claim, other.detail(NOW - LEASE + timedelta(seconds=2)), NOW)
    assert not Run("mine").still_live(claim, other.detail(NOW - LEASE - timedelta(seconds=2)), NOW)


@pytest.mark.parametrize("detail", ["", "claimed yesterday", "claimed 2026-11-23 UTC"])
def test_a_claim_without_a_time_counts_as_over(detail: str) -> None:
    assert not Run("mine").still_live("SENDING abcdef.abcdefabc", detail, NOW)


def test_a_persons_own_word_is_no_live_claim() -> None:
    assert not Run("mine").still_live("SENDING soon", RUN.detail(NOW), NOW)
