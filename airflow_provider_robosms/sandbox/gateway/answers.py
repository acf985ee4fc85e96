"""The shapes in which the gateway answers. The vendor shows only the balance; the send shapes were seen in the wild."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from airflow_provider_robosms.gateway.codes import normalise_code

from .faults import ACCEPTING_CODES, meaning
from .ledger import Ledger
from .settings import Settings


def send_answer(settings: Settings, code: str, message_id: str | None = None) -> dict[str, Any]:
    """Build the answer to send-message, in the shape of the settings; *message_id* is that of an accepted message."""
    accepted = code in ACCEPTING_CODES
    text = "Message queued successfully" if accepted else meaning(code)
    answer: dict[str, Any] = {"code": _code(settings, code)}
    if settings.answer_shape == "flat":
        answer = {"status": "success" if accepted else "error", **answer, "message": text}
        if message_id:
            answer["message_id"] = message_id
        return answer
    if settings.answer_shape == "wrapped-response":
        answer["response"] = message_id or text
    elif message_id:
        answer["message_id"] = message_id
    else:
        answer["message"] = text
    return {"sms": answer}


def balance_answer(ledger: Ledger) -> dict[str, Any]:
    """Build the answer to check-balance, as the vendor documents it: amounts are strings with two decimals."""
    settings = ledger.settings
    return {
        "sms": {
            "code": _code(settings, "000"),
            "balance": f"{ledger.balance:.2f}",
            "username": settings.username,
            "message_rates": f"{settings.rate:.2f}",
        }
    }


def balance_refusal(settings: Settings, code: str) -> dict[str, Any]:
    """Build the answer of check-balance to a wrong key; always in the wrapped shape."""
    return {"sms": {"code": _code(settings, code), "response": meaning(code)}}


def json_response(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with *content* as compact JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers, media_type="application/json")


def _code(settings: Settings, code: str) -> str | int:
    if settings.code_type == "integer" and normalise_code(code) == code:
        return int(code)
    return code
