"""Which texts tell their reader how to get no more of them."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.sms.opting_out import without_way_out


@pytest.mark.parametrize(
    "text",
    ["Sale! Reply STOP to end.", "پیغامات بند کرنے کے لیے لکھیں", "To opt-out call us", "Unsubscribe: ...", "optout"],
)
def test_a_text_that_names_a_way(text: str) -> None:
    assert without_way_out([text, "Big sale, nonstop!", text, ""]) == 2
    assert without_way_out([]) == 0
