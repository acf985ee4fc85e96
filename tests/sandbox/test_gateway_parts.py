"""Parts as the gateway bills them, at the boundaries where ceil() is wrong."""

from __future__ import annotations

import pytest

from airflow_provider_robosms.sandbox.gateway.parts import count_parts


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2),
        ("\f^{}\\[~]|€", "GSM-7", 20, 1),
        ("@\r\n Çàé§", "GSM-7", 8, 1),
        ("ç", "UCS-2", 1, 1),
        ("`", "UCS-2", 1, 1),
        ("\t", "UCS-2", 1, 1),
        ("\x1b", "UCS-2", 1, 1),
        ("س" * 70, "UCS-2", 70, 1),
        ("س" * 71, "UCS-2", 71, 2),
        ("س" * 134, "UCS-2", 134, 2),
        ("س" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 67, "UCS-2", 134, 3),
        ("€" * 70 + "ç", "UCS-2", 71, 2),
    ],
)
def test_count_parts(text, encoding, units, parts):
    assert count_parts(text) == (encoding, units, parts)
