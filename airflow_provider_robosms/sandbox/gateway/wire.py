"""What the client gets when a fault of the gateway strikes."""

from __future__ import annotations

import gzip
from typing import Any

from starlette.responses import Response

from ..broken import CutBody, Hang, Reset
from .answers import json_response
from .faults import Fault

_NGINX_502 = """<html>
<head><title>502 Bad Gateway</title></head>
<body>
<center><h1>502 Bad Gateway</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""


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
        return _http_error(fault)
    return _damaged(fault, bytes(json_response(honest).body))


def _http_error(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    if fault.kind == "http-429":
        return json_response({"message": "Too Many Attempts."}, 429, headers)
    if fault.kind == "http-502":
        return Response(_NGINX_502, 502, headers, media_type="text/html")
    if fault.kind == "http-503":
        return json_response({"message": "Service Unavailable"}, 503, headers)
    return json_response({"message": "Server Error"}, 500, headers)


def _damaged(fault: Fault, body: bytes) -> Response:
    if fault.kind == "empty-body":
        return Response(b"", media_type="application/json")
    if fault.kind == "cut-body":
        return CutBody(body)
    if fault.kind == "bad-gzip":
        packed = bytearray(gzip.compress(body))
        for index in range(len(packed) // 2, len(packed)):
            packed[index] ^= 0xFF
        return Response(bytes(packed), headers={"content-encoding": "gzip"}, media_type="application/json")
    return Response(body[: len(body) // 2], media_type="application/json")
