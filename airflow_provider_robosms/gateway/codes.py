"""The sixteen codes of the RoboSMS HTTP API, as the vendor's documentation lists them.

What each code means for a message that was sent is decided in :mod:`.evidence`; this table is only the vendor's list,
so that the sandbox gateway can share it without sharing any of our judgement.
"""

from __future__ import annotations

#: Code -> the vendor's meaning, in words a person can act on.
MEANINGS: dict[str, str] = {
    "000": "queued",
    "100": "sent",
    "101": "sending failed",
    "102": "handed to the telecom operator",
    "200": "success",
    "201": "general API error",
    "202": "required parameters missing",
    "203": "invalid API key",
    "204": "reseller balance insufficient",
    "205": "balance insufficient",
    "206": "account suspended or blocked",
    "210": "server IP not whitelisted",
    "212": "sender mask not authorised",
    "213": "character limit exceeded",
    "215": "invalid number format (0345...)",
    "216": "invalid number format (345...)",
}


def normalise_code(raw: object) -> str | None:
    """Return a code as the three-digit string, or None when *raw* is no code.

    Codes come as strings or as integers (``0``, ``200``, ``"0"``): they are compared zero-padded. A boolean, a float or
    longer text is not a code.
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        raw = str(raw)
    if not isinstance(raw, str):
        return None
    text = raw.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        return None
    return text.zfill(3)
