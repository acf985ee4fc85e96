"""Partitions: disjoint, complete, stable."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.recipients.rows import partition_of


@given(st.text(), st.integers(1, 25))
def test_every_key_has_one_partition(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


@pytest.mark.parametrize("partitions", [2, 4, 25])
def test_the_shares_are_about_equal(partitions: int) -> None:
    shares = Counter(partition_of(f"tel:92300{index:07d}", partitions) for index in range(20_000))
    expected = 20_000 / partitions
    assert len(shares) == partitions
    assert all(0.85 * expected < share < 1.15 * expected for share in shares.values())


def test_the_share_of_a_key_never_changes() -> None:
    # Written down once: a retry after an upgrade must own the same people, and no process may hash differently.
    assert [partition_of(key, 4) for key in ("tel:923001234567", "id:C-101", "raw:0300-12")] == [2, 0, 2]


def test_another_process_sees_the_same_shares() -> None:
    code = (
        "from airflow_provider_robosms.recipients.rows import partition_of;"
        "print([partition_of(f'id:{i}', 7) for i in range(50)])"
    )
    for seed in ("1", "2"):
        answer = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == str([partition_of(f"id:{i}", 7) for i in range(50)])
