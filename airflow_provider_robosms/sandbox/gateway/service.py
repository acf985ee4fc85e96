"""The two routes of the gateway, as the vendor describes them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..faults import Board
from .answers import balance_answer, balance_refusal, fault_response, json_response, send_answer
from .faults import Fault
from .ledger import Ledger
from .parts import Parts, count_parts

_REQUIRED = ("email", "key", "mask", "to", "message")
_MOBILE = re.compile(r"923\d{9}", re.ASCII)


class Gateway:
    """The stand-in gateway: judges, charges, logs and answers."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.faults = Board(Fault)
        # How often each code or HTTP fault was answered to send-message since the start of the process.
        self.answered: Counter[str] = Counter()

    async def send_message(self, request: Request) -> Response:
        """``POST /api/send-message``. Any other method is answered 405, before anything is read."""
        if request.method != "POST":
            return _method_not_allowed(request, "POST")
        fields = await _read_fields(request)
        numbers = _numbers(fields)
        self.ledger.posts.update(numbers)
        self.ledger.arrived += 1
        pause = self._latency()
        await asyncio.sleep(pause / 2)

        # No await between judging and entering: two requests must not spend the same money.
        parts = count_parts(fields.get("message", ""))
        refusal = self._judge(fields, numbers, parts)
        # Drawn from the recipient and how often that one was posted, whatever the order in which threads arrive.
        first = numbers[0] if numbers else ""
        draw = (first, self.ledger.posts[first])
        fault = self.faults.strike(lambda each: each.fits("send", numbers, refusal is None), draw)
        records: list[dict[str, Any]] = []
        if refusal is None and (fault is None or fault.when == "after"):
            records = self.ledger.enter(
                numbers,
                mask=fields["mask"],
                text=fields["message"],
                parts=parts,
                bulk=fields.get("multiple") == "1",
                fault=fault.kind if fault else None,
            )
        code, response = self._answer(refusal, fault, records)
        self.answered[code] += 1
        await asyncio.sleep(pause / 2)
        return response

    async def check_balance(self, request: Request) -> Response:
        """``GET /api/check-balance?key=KEY``. Any other method is answered 405."""
        if request.method not in ("GET", "HEAD"):
            return _method_not_allowed(request, "GET, HEAD")
        settings = self.ledger.settings
        self.ledger.balance_checks += 1
        await asyncio.sleep(self._latency())
        if not request.query_params.get("key"):
            refusal: str | None = "202"
        elif request.query_params["key"] != settings.key:
            refusal = "203"
        else:
            refusal = self._account_refusal()
        answer = balance_refusal(settings, refusal) if refusal else balance_answer(self.ledger)
        fault = self.faults.strike(lambda each: each.fits("balance", [], True))
        if fault is None:
            return json_response(answer)
        if fault.kind == "code":
            return json_response(balance_refusal(settings, str(fault.code)))
        return fault_response(fault, answer)

    def _judge(self, fields: dict[str, str], numbers: list[str], parts: Parts) -> str | None:
        """Return the code that refuses the request, or None when it is to be accepted.

        The vendor gives no order of checks. This one goes from the request over the account to the message, so that the
        answer names the most general thing that is wrong.
        """
        ledger, settings = self.ledger, self.ledger.settings
        if any(not fields.get(name, "").strip() for name in _REQUIRED):
            return "202"
        if fields["key"] != settings.key or fields["email"].casefold() != settings.email.casefold():
            return "203"
        if refusal := self._account_refusal():
            return refusal
        if fields["mask"] not in settings.masks:
            return "212"
        if refusal := next(filter(None, map(number_refusal, numbers)), None):
            return refusal
        if len(fields["message"]) > settings.max_characters:
            return "213"
        if settings.rate * parts.parts * len(numbers) > ledger.balance:
            return "205"
        return None

    def _account_refusal(self) -> str | None:
        settings = self.ledger.settings
        if settings.suspended:
            return "206"
        return None if settings.ip_whitelisted else "210"

    def _answer(self, refusal: str | None, fault: Fault | None, records: list[dict[str, Any]]) -> tuple[str, Response]:
        """Return what is answered, and as which name it is counted: a code, or the kind of a fault."""
        settings = self.ledger.settings
        code = refusal or settings.accepted_code
        message_id = records[0]["message_id"] if records else None
        if fault is not None and fault.kind == "code":
            code, fault = str(fault.code), None
        honest = send_answer(settings, code, message_id)
        if fault is None:
            return code, json_response(honest)
        return fault.kind, fault_response(fault, honest)

    def _latency(self) -> float:
        return random.uniform(*self.ledger.settings.latency_ms) / 1000


class Route:
    """One gateway route as an ASGI application: every method reaches it, and FastAPI's machinery stays out of the way."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A client that goes away in the middle of its request has sent none.
        with contextlib.suppress(ClientDisconnect):
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)


def number_refusal(number: str) -> str | None:
    """Return the code that refuses *number*, or None for ``923`` and nine digits.

    The vendor names two forms: 0345… is 215 and 345… is 216. Everything else is given to the nearer one, which is our
    choice: 215 when a prefix was left on (``0``, ``00`` or ``+``), 216 for all that is no international mobile number.
    """
    if _MOBILE.fullmatch(number):
        return None
    return "215" if number.startswith(("0", "+")) else "216"


def _numbers(fields: dict[str, str]) -> list[str]:
    to = fields.get("to", "")
    if not to:
        return []
    return to.split(",") if fields.get("multiple") == "1" else [to]


async def _read_fields(request: Request) -> dict[str, str]:
    """Read a JSON or a form body; anything else has no fields. The query string is never looked at."""
    body = await request.body()
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    values: Any = None
    if content_type == "application/json":
        try:
            values = json.loads(body)
        except ValueError:
            values = None
    elif content_type == "application/x-www-form-urlencoded":
        values = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if not isinstance(values, dict):
        return {}
    return {
        name: _whole_characters(str(value))
        for name, value in values.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _whole_characters(text: str) -> str:
    """Replace half a surrogate pair, which JSON can carry and UTF-8 can't."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _method_not_allowed(request: Request, allowed: str) -> Response:
    path = request.url.path.lstrip("/")
    text = f"The {request.method} method is not supported for route {path}. Supported methods: {allowed}."
    return json_response({"message": text}, 405, {"allow": allowed})
