"""Faults of Google that a person or a test switches on, and what the client then gets."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from .accounts import TokenError
from .errors import GoogleError
from .quota import exhausted

When = Literal["before", "after"]
KINDS: dict[str, str] = {
    "http-429": "Quota exceeded (429), with Google's own message",
    "http-500": "Internal error (500)",
    "http-502": "Bad gateway (502) with an HTML page",
    "http-503": "Service unavailable (503)",
    "http-504": "Deadline exceeded (504)",
    "delay": "The answer comes late",
    "hang": "No answer; the connection stays open",
    "reset": "The connection is reset instead of an answer",
    "protected": "The range is protected (400)",
    "invalid-grant": "The token endpoint refuses the key (400)",
}
_ERRORS = {
    "http-500": (500, "INTERNAL", "Internal error encountered."),
    "http-503": (503, "UNAVAILABLE", "The service is currently unavailable."),
    "http-504": (504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
}
_HTML_502 = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That&rsquo;s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.
"""


class Fault(BaseModel):
    """One switched-on fault.

    Attributes:
        id: Given by the sandbox; used to switch this fault off.
        kind: A key of :data:`KINDS`.
        on: Which requests it strikes: ``read``, ``write``, ``any`` (reads and writes) or ``token``.
        when: ``before`` the request is applied (it is not), or ``after`` (it is, and the client does not know).
        probability: Chance for each request, drawn from *seed*.
        count: Strikes the next so many requests only.
        seconds: For ``delay`` and ``hang``: how long.
        seed: For *probability*.
        struck: How often it has struck so far.
    """

    model_config = ConfigDict(extra="forbid")

    id: int = 0
    kind: Literal[
        "http-429",
        "http-500",
        "http-502",
        "http-503",
        "http-504",
        "delay",
        "hang",
        "reset",
        "protected",
        "invalid-grant",
    ]
    on: Literal["read", "write", "any", "token"] = "any"
    when: When = "before"
    probability: float = Field(1.0, ge=0, le=1)
    count: int | None = Field(None, ge=1)
    seconds: float | None = Field(None, ge=0, le=3600)
    seed: int = 0
    struck: int = 0

    @model_validator(mode="after")
    def _consistent(self) -> Fault:
        if (self.kind == "invalid-grant") and self.on != "token":
            raise ValueError("the kind 'invalid-grant' strikes the token endpoint: it needs on='token'")
        if self.on == "token" and self.kind in ("protected", "http-429"):
            raise ValueError(f"the token endpoint never answers {self.kind}")
        if self.when == "after" and self.kind in ("http-429", "protected", "invalid-grant"):
            raise ValueError(f"a request is never applied before {self.kind}: leave 'when' out")
        if self.kind == "delay" and self.seconds is None:
            raise ValueError("the kind 'delay' needs seconds")
        return self


class Faults:
    """The faults that are switched on, in the order in which they were."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._random: dict[int, random.Random] = {}
        self._last_id = 0

    def add(self, description: Any) -> Fault:
        """Switch a fault on.

        Raises:
            ValueError: *description* is no fault; the text is one sentence that says why.
        """
        try:
            fault = Fault.model_validate(description)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            why = first["msg"].removeprefix("Value error, ")
            raise ValueError(f"{where}: {why}" if where else why) from None
        self._last_id += 1
        fault.id = self._last_id
        self._random[fault.id] = random.Random(fault.seed)
        self.active.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all; one that is off already is no error."""
        self.active = [fault for fault in self.active if fault_id is not None and fault.id != fault_id]

    def strike(self, kind: Literal["read", "write", "token"]) -> Fault | None:
        """The first fault that strikes a request of this kind; it is counted."""
        for fault in self.active:
            if fault.on != kind and not (fault.on == "any" and kind != "token"):
                continue
            if fault.probability < 1 and self._random[fault.id].random() >= fault.probability:
                continue
            fault.struck += 1
            if fault.count is not None and fault.struck >= fault.count:
                self.remove(fault.id)
            return fault
        return None


class Broken(Response):
    """Ends the connection without an answer.

    The server may offer ``scope["extensions"]["robosms.sandbox"]["abort"]``, a callable that resets the connection, or the
    connection's transport as ``scope["state"]["transport"]``. Without either, the answer is cut off after its first byte.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        abort = scope.get("extensions", {}).get("robosms.sandbox", {}).get("abort")
        transport = scope.get("state", {}).get("transport")
        if abort or transport:
            abort() if abort else _reset(transport)
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        headers = [(b"content-type", b"application/json; charset=UTF-8"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{"})


def _reset(transport: asyncio.Transport) -> None:
    raw: socket.socket = transport.get_extra_info("socket")
    # A linger time of zero makes the system send RST instead of FIN.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def enact(
    fault: Fault | None, when: When, request: Request, *, kind: str, locked: Callable[[], GoogleError]
) -> Response | None:
    """Do what *fault* does at this moment.

    Parameters:
        when: The moment: before or after the request is applied.
        kind: ``read``, ``write`` or ``token``.
        locked: Makes the protected-range error in the language of the spreadsheet.

    Returns:
        The answer that the client gets; None when the request goes on (also after a delay).

    Raises:
        GoogleError: The answer is one of Google's errors.
        TokenError: The answer is one of the token endpoint's.
    """
    if fault is None or fault.when != when:
        return None
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds or 0)
        return None
    if fault.kind == "hang":
        await _first(asyncio.sleep(3600 if fault.seconds is None else fault.seconds), _gone(request))
        return Broken()
    if fault.kind == "reset":
        return Broken()
    if fault.kind == "http-502":
        return Response(_HTML_502, 502, media_type="text/html")
    if fault.kind == "http-429":
        raise exhausted("write" if kind == "write" else "read")
    if fault.kind == "protected":
        raise locked()
    if fault.kind == "invalid-grant":
        raise TokenError("invalid_grant", "Invalid JWT Signature.")
    code, status, message = _ERRORS[fault.kind]
    if kind == "token":
        return JSONResponse({"error": "internal_failure", "error_description": message}, code)
    raise GoogleError(code, status, message)


async def _gone(request: Request) -> None:
    while not await request.is_disconnected():
        await asyncio.sleep(0.05)


async def _first(*waits: Awaitable[None]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
