"""Reasons by kind, in lists that stay short."""

from __future__ import annotations

from collections import Counter

import pytest

from airflow_provider_robosms.recipients.reasons import COUNTED, OTHERS, count, kind_of, shown


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("duplicate of row 7 (same number)", "duplicate"),
        ("not due until 2026-11-23 14:00", "not due yet"),
        ("too long: 4 parts over the limit of 3", "too long"),
        ("bad number: a landline", "bad number: a landline"),
        ("tag {{a\n\n# b}} is blank", "tag {{a # b}} is blank"),
    ],
)
def test_kinds(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind


def test_300_reasons_make_a_short_list() -> None:
    counts: Counter[str] = Counter()
    for number in range(300):
        for _ in range(3 if number == 17 else 1):
            count(counts, f"template '{number}' is not on the Templates tab")
    assert len(counts) == COUNTED + 1
    found = shown(counts)
    assert len(found) == 10
    assert found[0] == ("template '17' is not on the Templates tab", 3)
    assert found[-1][0] == f"{COUNTED - 8} {OTHERS}"
    assert sum(rows for _, rows in found) == 302


def test_few_reasons_are_all_shown() -> None:
    assert shown(Counter({"a": 1, "b": 5})) == [("b", 5), ("a", 1)]
    assert shown({}) == []
