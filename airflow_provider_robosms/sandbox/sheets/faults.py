"""Faults of Google that a person or a test switches on, and what the client then gets."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field, model_validator
from starlette.responses import JSONResponse, Response

from ..broken import Hang, Reset
from ..faults import About, Switched, When
from .accounts import TokenError
from .errors import GoogleError, protected
from .quota import exhausted

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


class Fault(Switched):
    """One switched-on fault: of which requests (``any`` are reads and writes), and for ``delay`` how many seconds
    long.
    """

    KINDS = {  # noqa: RUF012 - annotated in the base
        "http-429": About("Quota exceeded (429)", either=False),
        "http-500": About("Internal error (500)"),
        "http-502": About("HTML page (502)"),
        "http-503": About("Unavailable (503)"),
        "http-504": About("Deadline exceeded (504)"),
        "delay": About("Late answer", either=False),
        "hang": About("Never answers"),
        "reset": About("Connection reset"),
        "protected": About("Range protected (400)", either=False),
        "invalid-grant": About("Key refused (400)", either=False),
    }

    on: Literal["read", "write", "any", "token"] = "any"
    seconds: float | None = Field(None, ge=0, le=3600)

    @model_validator(mode="after")
    def _consistent(self) -> Fault:
        if (self.kind == "invalid-grant") and self.on != "token":
            raise ValueError("the kind 'invalid-grant' strikes the token endpoint: it needs on='token'")
        if self.on == "token" and self.kind in ("protected", "http-429"):
            raise ValueError(f"the token endpoint never answers {self.kind}")
        if self.kind == "delay" and self.seconds is None:
            raise ValueError("the kind 'delay' needs seconds")
        return self

    def fits(self, kind: str) -> bool:
        """Whether the fault can strike a request of this kind: ``read``, ``write`` or ``token``."""
        return self.on == kind or (self.on == "any" and kind != "token")


async def enact(fault: Fault | None, when: When, *, kind: str) -> Response | None:
    """Do what *fault* does at this moment, before or after a request of a *kind* (``read``, ``write`` or ``token``) is
    applied.

    The client gets what is returned or raised; None when the request goes on (also after a delay).
    """
    if fault is None or fault.when != when:
        return None
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds or 0)
        return None
    if fault.kind == "hang":
        return Hang()
    if fault.kind == "reset":
        return Reset()
    if fault.kind == "http-502":
        return Response(_HTML_502, 502, media_type="text/html")
    if fault.kind == "http-429":
        raise exhausted("write" if kind == "write" else "read")
    if fault.kind == "protected":
        raise protected()
    if fault.kind == "invalid-grant":
        raise TokenError("invalid_grant", "Invalid JWT Signature.")
    code, status, message = _ERRORS[fault.kind]
    if kind == "token":
        return JSONResponse({"error": "internal_failure", "error_description": message}, code)
    raise GoogleError(code, status, message)
