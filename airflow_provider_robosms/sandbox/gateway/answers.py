"""What the gateway answers, as itself and when a fault strikes.

Of the shapes the vendor shows only the balance; those of sending were seen in the wild.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

from starlette.responses import Response

from airflow_provider_robosms.gateway.codes import normalise_code

from ..broken import CutBody, Hang, Reset
from .faults import ACCEPTING_CODES, Fault, meaning
from .ledger import Ledger
from .settings import Settings

_NGINX_502 = """<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""
_HTTP_ERRORS = {
    "http-429": "Too Many Attempts.",
    "http-500": "Server Error",
    "http-503": "Service Unavailable",
}


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


def fault_response(fault: Fault, honest: dict[str, Any]) -> Response:
    """Build what the client gets from a fault; damaged answers are damaged copies of the *honest* one."""
    if fault.kind == "reset":
        return Reset()
    if fault.kind == "hang":
        return Hang()
    if fault.kind == "redirect":
        # A client that follows a 307 sends its message a second time; after a 302 it comes back with GET.
        return Response(status_code=fault.status, headers={"location": "/api/send-message"})
    if fault.kind.startswith("http-"):
        headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
        if fault.kind == "http-502":
            return Response(_NGINX_502, 502, headers, media_type="text/html")
        return json_response({"message": _HTTP_ERRORS[fault.kind]}, int(fault.kind[-3:]), headers)
    return _damaged(fault.kind, bytes(json_response(honest).body))


def _damaged(kind: str, body: bytes) -> Response:
    if kind == "empty-body":
        return Response(b"", media_type="application/json")
    if kind == "cut-body":
        return CutBody(body)
    if kind == "bad-gzip":
        packed = bytearray(gzip.compress(body))
        for index in range(len(packed) // 2, len(packed)):
            packed[index] ^= 0xFF
        return Response(bytes(packed), headers={"content-encoding": "gzip"}, media_type="application/json")
    return Response(body[: len(body) // 2], media_type="application/json")


def _code(settings: Settings, code: str) -> str | int:
    if settings.code_type == "integer" and normalise_code(code) == code:
        return int(code)
    return code
