"""What a reader would see as nothing."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.sms.blank import is_blank


@pytest.mark.parametrize(
    "text",
    ["", " ", "\t\r\n", "\u00a0\u2003\u3000", "\u200b", "\u200c\u200d\u2060\ufeff", "\u200e\u200f\u202a\u202c", "\u00ad",
     "\u2800", "\u3164\uffa0\u115f", "\ufe0f", "\u034f", "\ufffc",
     "\u061c", "\x00\x1f", "\U000e0020\U000e0101", " \u200b \u00a0"],
)  # fmt: skip
def test_invisible(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize(
    "text", ["x", ".", " - ", "\u200bx", "0", "\u06d4", "\U0001f600", "\u0301", "\ud83d", "\u25a1"]
)
def test_visible(text: str) -> None:
    assert not is_blank(text)
