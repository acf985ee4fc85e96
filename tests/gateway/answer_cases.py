"""Rows of the error matrix in which an answer arrives, readable or not."""

from __future__ import annotations

import gzip
import json
import zlib

from airflow_provider_robosms.gateway.codes import MEANINGS
from airflow_provider_robosms.gateway.evidence import CODE_STATUS
from tests.gateway.case import FAILED, REJECTED, SENT, UNKNOWN, Case
from tests.gateway.portals import ACCEPTED, ACCEPTED_BODY, answer
from tests.gateway.situations import (
    Situation,
    answering,
    portal,
    redirecting,
    says,
)

_GOOD = json.loads(ACCEPTED_BODY)
_GZIP = gzip.compress(ACCEPTED_BODY)


def _shapes(code: str) -> dict[str, Situation]:
    """The answers in which the portal may wrap a code."""
    text, whole, words = code, int(code), MEANINGS.get(code, "in words")
    return {
        "flat-string": answering(200, {"status": words, "code": text, "message": words}),
        "flat-integer": answering(200, {"status": "", "code": whole, "message": words}),
        "wrapped-string": answering(200, {"sms": {"code": text, "response": words}}),
        "wrapped-integer": answering(200, {"sms": {"code": whole, "message": words}}),
    }


def _each(statuses: list[int], body: object = b"", *headers: str) -> dict[str, Situation]:
    return {str(status): answering(status, body, *headers) for status in statuses}


# In use: those of the IANA registry, and the inventions of Cloudflare, nginx and other load balancers.
_5XX = [500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561]
_5XX += [598, 599]
_4XX = [400, 401, 402, 403, 406, 408, 409, 411, 413, 414, 415, 418, 419, 421, 422, 423, 425, 426, 431]
_4XX += [444, 451, 460, 463, 494, 495, 496, 497, 499]
_NOT_PROCESSED = [400, 401, 403, 404, 408, 422]


SECTIONS: dict[str, list[Case]] = {
    "Unreadable answers": [
        Case(
            "HTTP 2xx without a code: empty, cut in its head, HTML, broken or other JSON",
            UNKNOWN,
            "bad_answer",
            1,
            {
                "empty": answering(200),
                "cut-in-head": portal(says(ACCEPTED[:20])),
                "204": answering(204),
                "html": answering(200, b"<html>Salam</html>"),
                "half": answering(200, ACCEPTED_BODY[:20]),
                "not-utf8": answering(200, b'{"code": "\xff\xfe000"}'),
                "number": answering(200, 0),
                "string": answering(200, "000"),
                "null": answering(200, None),
                "deep": answering(200, b"[" * 60_000 + b"]" * 5_000),
                "long-number": answering(200, b'{"code": ' + b"9" * 20_000 + b"}"),
                "no-code": answering(200, {"status": "success", "message": "Message queued successfully"}),
            },
        ),
        Case(
            "HTTP 2xx with a code that is not where it should be: it is kept, and proves nothing",
            UNKNOWN,
            "bad_answer",
            1,
            {
                "two": answering(200, ACCEPTED_BODY * 2),
                "list": answering(200, [_GOOD]),
                "wrapped-list": answering(200, {"sms": [_GOOD]}),
                "in-list": answering(200, {"code": [0]}),
                "in-object": answering(200, {"code": {"code": "000"}}),
                "deeper": answering(200, {"data": {"code": "000"}}),
                "behind-a-notice": answering(200, b"<b>Notice</b>: Undefined index<br />" + ACCEPTED_BODY),
            },
            code="000",
        ),
        Case(
            "a code that is not a code: null, true, 0.0, four digits, words",
            UNKNOWN,
            "bad_answer",
            1,
            {
                repr(code): answering(200, {"code": code})
                for code in (None, True, False, 0.0, "", "0000", 1000, -1, "-1", "ok", "٠٠٠")
            },
        ),
        Case(
            "damaged compression",
            UNKNOWN,
            "bad_answer",
            1,
            {
                "flipped": answering(200, _GZIP[:10] + b"\xff" * 20 + _GZIP[30:], "Content-Encoding: gzip"),
                "plain": answering(200, ACCEPTED_BODY, "Content-Encoding: gzip"),
                "half": answering(200, _GZIP[:30], "Content-Encoding: gzip"),
                "deflate": answering(200, b"\xff" * 20, "Content-Encoding: deflate"),
                "more-behind": answering(200, _GZIP + _GZIP, "Content-Encoding: gzip"),
            },
        ),
        Case(
            "an encoding that was not asked for and is not known",
            UNKNOWN,
            "bad_answer",
            1,
            {name: answering(200, ACCEPTED_BODY, f"Content-Encoding: {name}") for name in ("br", "zstd", "gzip, gzip")},
        ),
        Case(
            "compression that was not asked for and can be undone",
            SENT,
            "code",
            1,
            {
                "gzip": answering(200, _GZIP, "Content-Encoding: gzip"),
                "deflate": answering(200, zlib.compress(ACCEPTED_BODY), "Content-Encoding: deflate"),
            },
            code="000",
        ),
        Case(
            "an answer of more than 64 KiB, also when unpacked",
            UNKNOWN,
            "bad_answer",
            1,
            {
                "long": answering(200, ACCEPTED_BODY + b" " * 70_000),
                "unpacked": answering(200, gzip.compress(b" " * 10_000_000), "Content-Encoding: gzip"),
                "endless": portal(says(answer(200, b" " * 900_000, length=10**15))),
            },
        ),
        Case(
            "two lengths that contradict each other",
            UNKNOWN,
            "bad_answer",
            1,
            {"lengths": portal(says(ACCEPTED.replace(b"Content-Length: ", b"Content-Length: 7, ")))},
        ),
    ],
    "HTTP status": [
        Case(
            "429, slow down",
            FAILED,
            "rate_limited",
            1,
            {
                "plain": answering(429),
                "json": answering(429, {"message": "Too Many Attempts."}),
                "unreadable": answering(429, b"", "Retry-After: soon"),
                "superscript": answering(429, b"", "Retry-After: \u00b2"),
                "negative": answering(429, b"", "Retry-After: -5"),
                "no-date": answering(429, b"", "Retry-After: Mon, 99 Foo 2026 25:00:00 GMT"),
            },
        ),
        Case(
            "429 with Retry-After in seconds",
            FAILED,
            "rate_limited",
            1,
            {"7": answering(429, b"", "Retry-After: 7")},
            retry_after=7.0,
        ),
        Case(
            "429 with Retry-After as a date that has passed",
            FAILED,
            "rate_limited",
            1,
            {
                "imf": answering(429, b"", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"),
                "rfc850": answering(429, b"", "Retry-After: Sunday, 06-Nov-94 08:49:37 GMT"),
                "asctime": answering(429, b"", "Retry-After: Sun Nov  6 08:49:37 1994"),
            },
            retry_after=0.0,
        ),
        Case(
            "429 whose body says that the message was accepted",
            UNKNOWN,
            "contradiction",
            1,
            {"000": answering(429, _GOOD)},
            code="000",
        ),
        Case("429 with code 201", UNKNOWN, "contradiction", 1, {"201": answering(429, {"code": 201})}, code="201"),
        Case(
            "5xx",
            UNKNOWN,
            "server_error",
            1,
            {**_each(_5XX), "html": answering(502, b"<html>Bad Gateway</html>")},
        ),
        Case("5xx with a code of success", UNKNOWN, "server_error", 1, _each(_5XX, _GOOD), code="000"),
        Case("5xx with a code of refusal", UNKNOWN, "server_error", 1, _each(_5XX, {"code": "203"}), code="203"),
        Case(
            "503 with Retry-After",
            UNKNOWN,
            "server_error",
            1,
            {"503": answering(503, b"", "Retry-After: 5")},
            retry_after=5.0,
        ),
        Case(
            "a redirect, which is never followed",
            UNKNOWN,
            "redirect",
            1,
            {
                **{str(status): redirecting(status) for status in (300, 301, 302, 303, 304, 305, 307, 308)},
                "nowhere": redirecting(302, ""),
                "bad-address": redirecting(307, "http://[half"),
                "bad-port": redirecting(307, "http://127.0.0.1:99999999/x"),
                "other-scheme": redirecting(307, "ftp://127.0.0.1/x"),
                "not-utf8": redirecting(307, "http://\u00ff\u00fe/x"),
                "no-location": answering(302),
                "huge": answering(302, b" " * 40_000, "Location: /elsewhere"),
            },
        ),
        Case(
            "404, 405 or 410: sending is not served at this address",
            FAILED,
            "not_served",
            1,
            {
                **_each([404, 405, 410]),
                "html": answering(404, b"<html>Not Found</html>"),
                "laravel": answering(405, {"message": "The POST method is not supported for this route."}),
                "own-code": answering(404, {"code": 404, "message": "x"}),
            },
        ),
        Case(
            "404, 405 or 410 in which something tells of a message",
            UNKNOWN,
            "http_error",
            1,
            _each([404, 405, 410], {"message_id": "RSMS-1"}),
        ),
        Case(
            "404 with a code that is not listed", UNKNOWN, "unlisted_code", 1, _each([404], {"code": 211}), code="211"
        ),
        Case("any other 4xx without a code", UNKNOWN, "http_error", 1, _each(_4XX)),
        Case("4xx with code 203", FAILED, "code", 1, _each(_NOT_PROCESSED, {"code": "203"}), code="203"),
        Case("4xx with code 215", REJECTED, "code", 1, _each(_NOT_PROCESSED, {"code": 215}), code="215"),
        Case("4xx with code 201", UNKNOWN, "code", 1, _each(_NOT_PROCESSED, {"code": 201}), code="201"),
        Case("4xx with a code of success", UNKNOWN, "contradiction", 1, _each(_NOT_PROCESSED, _GOOD), code="000"),
    ],
    "Codes": [
        *(
            Case(f"{code}, {meaning}", CODE_STATUS[code], "code", 1, _shapes(code), code=code)
            for code, meaning in MEANINGS.items()
        ),
        *(
            Case(f"{code}, which is not listed", UNKNOWN, "unlisted_code", 1, _shapes(code), code=code)
            for code in ("001", "211", "214", "999")
        ),
    ],
}
