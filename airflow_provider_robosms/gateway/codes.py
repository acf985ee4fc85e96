"""The codes of the RoboSMS HTTP API: one table, so that a new code is one line here.

Meanings are the vendor's. What a code proves of a message, and what a person must do, is our judgement, which rests on
``docs/errors.md``; the sandbox gateway takes only :data:`MEANINGS` from here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Code(NamedTuple):
    """What is known of a code.

    :ivar meaning: the vendor's words.
    :ivar verdict: the status of a message that was answered so; see :class:`.outcome.Status`.
    :ivar advice: for a code that concerns the whole account, the sentence with which a campaign stops; None for one message.
    :ivar permanent: whether a person must act before an Airflow retry can help.
    :ivar one_number: whether it is about one number: of a request to several, the others may be texted by themselves.
    """

    meaning: str
    verdict: Literal["SENT", "REJECTED", "FAILED", "UNKNOWN"]
    advice: str | None = None
    permanent: bool = False
    one_number: bool = False


CODES: dict[str, Code] = {
    "000": Code("queued", "SENT"),
    "100": Code("sent", "SENT"),
    "101": Code("sending failed", "FAILED"),
    "102": Code("handed to the telecom operator", "SENT"),
    "200": Code("success", "SENT"),
    "201": Code("general API error", "UNKNOWN"),
    "202": Code("required parameters missing", "REJECTED"),
    "203": Code(
        "invalid API key",
        "FAILED",
        "RoboSMS refused the API key (code 203): put the account's e-mail and the key from the RoboSMS dashboard into the "
        "Airflow connection.",
        permanent=True,
    ),
    "204": Code(
        "reseller balance insufficient",
        "FAILED",
        "The reseller's RoboSMS balance is used up (code 204): ask your reseller to top up, then run the task again.",
    ),
    "205": Code(
        "balance insufficient",
        "FAILED",
        "The RoboSMS balance is used up (code 205): top up the account, then run the task again.",
    ),
    "206": Code(
        "account suspended or blocked",
        "FAILED",
        "The RoboSMS account is suspended or blocked (code 206): contact RoboSMS support.",
        permanent=True,
    ),
    "210": Code(
        "server IP not whitelisted",
        "FAILED",
        "RoboSMS does not accept this server's IP address (code 210): add it to the whitelist in the RoboSMS dashboard.",
        permanent=True,
    ),
    "212": Code(
        "sender mask not authorised",
        "FAILED",
        "The sender mask is not authorised for this RoboSMS account (code 212): use a mask that the account has, in the "
        "form or the DAG, the Templates tab, or the connection.",
        permanent=True,
    ),
    "213": Code("character limit exceeded", "REJECTED"),
    "215": Code("invalid number format (0345...)", "REJECTED", one_number=True),
    "216": Code("invalid number format (345...)", "REJECTED", one_number=True),
}

#: Code -> the vendor's meaning, in words a person can act on.
MEANINGS: dict[str, str] = {code: known.meaning for code, known in CODES.items()}


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
