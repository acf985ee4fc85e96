"""Rows of the error matrix in which an answer says more than one thing, or comes with others."""

from __future__ import annotations

from tests.gateway.case import FAILED, SENT, UNKNOWN, Case
from tests.gateway.portals import ACCEPTED, answer, replying
from tests.gateway.signs import (
    AGAINST,
    CONSISTENT,
    FOR,
    FOR_IN_TEXT,
    NO_PROGRAM,
    NOTICE,
    REFUSALS,
    beside,
)
from tests.gateway.situations import Situation, answering, portal, tls_portal


def _interim(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", *headers, "", ""]).encode()


def _each(statuses: tuple[int, ...], bodies: dict[str, object]) -> dict[str, Situation]:
    return {f"{status} {name}": answering(status, body) for status in statuses for name, body in bodies.items()}


_CHUNKED = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n" + b'{"code": "101"}' + b"\r\n0\r\n\r\n"


SECTIONS: dict[str, list[Case]] = {
    "Answers that say two things": [
        Case(
            "two different codes: equal keys, wrapped and flat, one of them unreadable",
            UNKNOWN,
            "contradiction",
            1,
            {
                name: answering(200, body)
                for name, body in {
                    "keys": b'{"code": "000", "code": "101"}',
                    "keys-reversed": b'{"code": "101", "code": "000"}',
                    "keys-in-sms": b'{"sms": {"code": "000", "code": "205"}}',
                    "two-sms": b'{"sms": {"code": "215"}, "sms": {"code": "000"}}',
                    "sms-beside-flat": b'{"sms": {"code": "101"}, "code": "000"}',
                    "flat-beside-sms": b'{"code": "101", "sms": {"code": "000"}}',
                    "unlisted": b'{"code": "101", "code": "777"}',
                }.items()
            },
        ),
        Case(
            "one of two codes unreadable",
            UNKNOWN,
            "contradiction",
            1,
            {"unreadable": answering(200, b'{"code": "101", "sms": {"code": null}}')},
            code="101",
        ),
        Case(
            "a second code where nobody looks for one: in a list, deeper, under a key written otherwise",
            UNKNOWN,
            "contradiction",
            1,
            {
                name: answering(200, body)
                for name, body in {
                    "list": b'{"code": "101", "sms": [{"code": "000"}]}',
                    "deeper": b'{"code": "101", "sms": {"sms": {"code": 0}}}',
                    "data": b'{"code": "101", "data": {"code": "200"}}',
                    "capital": b'{"code": "101", "Code": "000"}',
                    "blank": b'{"code": "101", "code ": "000"}',
                    "not-confirmed": b'{"code": "101", "data": {"code": "201"}}',
                    "unlisted": b'{"code": "101", "data": {"code": "777"}}',
                    "in-text": b'{"code": "101", "message": "{\\"code\\": \\"000\\"}"}',
                }.items()
            },
            code="101",
        ),
        Case(
            "code 000 with a refusal deeper in it",
            UNKNOWN,
            "contradiction",
            1,
            {"list": answering(200, {"code": "000", "sms": [{"code": "101"}]})},
            code="000",
        ),
        *(
            Case(
                f"{words} in which something speaks for a message: an identifier, a word or a flag, however written",
                UNKNOWN,
                reason,
                1,
                _each(statuses, {**FOR, **FOR_IN_TEXT}),
            )
            for words, statuses, reason in (
                ("429", (429,), "contradiction"),
                ("404, 405 or 410", (404, 405, 410), "http_error"),
            )
        ),
        *(
            Case(
                f"{words} in which there is a code of success: in a list, behind a notice, in a second JSON, in XML",
                UNKNOWN,
                reason,
                1,
                _each(
                    (status,),
                    {
                        "list": [{"code": "000"}],
                        "notice": NOTICE + b'{"code": "000", "message_id": "R1"}',
                        "second": b'{"message": "x"}{"code": "000"}',
                        "xml": b"<?xml version='1.0'?><sms><code>000</code></sms>",
                        "form": b"code=000&price=1.20",
                        "within": {"message": '{"code": "000"}'},
                        "codes": {"codes": ["000"]},
                    },
                ),
                code="000",
            )
            for words, status, reason in (("429", 429, "contradiction"), ("404", 404, "http_error"))
        ),
        Case(
            "429 with a code that is not listed",
            UNKNOWN,
            "unlisted_code",
            1,
            _each((429,), {"flat": {"code": "777"}, "data": {"data": {"code": 777}}}),
            code="777",
        ),
        Case(
            "404 with an empty identifier",
            UNKNOWN,
            "http_error",
            1,
            {"null": answering(404, {"message_id": None}), "blank": answering(404, {"data": {"messageId": ""}})},
        ),
        Case(
            "404 with a listed code of refusal that is not where it should be",
            UNKNOWN,
            "http_error",
            1,
            {"data": answering(404, {"data": {"code": "203"}}), "notice": answering(404, NOTICE + b'{"code": 203}')},
            code="203",
        ),
        Case(
            "429 in which nothing speaks for a message",
            FAILED,
            "rate_limited",
            1,
            _each((429,), NO_PROGRAM),
        ),
        Case(
            "404, 405 or 410 in which nothing speaks for a message",
            FAILED,
            "not_served",
            1,
            _each((404, 405, 410), NO_PROGRAM),
        ),
        Case(
            "two different codes with HTTP 404 or 429",
            UNKNOWN,
            "contradiction",
            1,
            {str(status): answering(status, b'{"code": "101", "code": "000"}') for status in (404, 429)},
        ),
        Case(
            "a code of success together with anything that speaks against it, wherever and however written",
            UNKNOWN,
            "contradiction",
            1,
            {name: answering(200, beside("000", sign)) for name, sign in AGAINST.items()},
            code="000",
        ),
        *(
            Case(
                f"code {code} together with anything that speaks for a message, wherever and however written",
                UNKNOWN,
                "contradiction",
                1,
                {name: answering(200, beside(code, sign)) for name, sign in FOR.items()},
                code=code,
            )
            for code in ("101", "202", "203", "205", "215")
        ),
        Case(
            "code 101 with words that agree",
            FAILED,
            "code",
            1,
            {
                text: answering(200, {"status": "error", "success": False, "code": "101", "message": text})
                for text in REFUSALS
            },
            code="101",
        ),
        Case(
            "code 000 with words and fields that agree, or say nothing",
            SENT,
            "code",
            1,
            {name: answering(200, beside("000", field)) for name, field in CONSISTENT.items()},
            code="000",
        ),
        Case(
            "the same code twice",
            SENT,
            "code",
            1,
            {
                "keys": answering(200, b'{"code": "000", "code": 0}'),
                "wrapped": answering(200, b'{"status": "success", "code": 0, "sms": {"code": "000"}}'),
                "wrapped-without": answering(200, b'{"code": "000", "sms": {"response": "queued"}}'),
            },
            code="000",
        ),
    ],
    "Interim answers, and more than one": [
        Case(
            "102, 103 or another interim answer before the answer",
            SENT,
            "code",
            1,
            {
                **{str(status): portal(replying(_interim(status) + ACCEPTED)) for status in (100, 102, 103, 199)},
                "many": portal(replying(_interim(102) * 30 + ACCEPTED), warm_up=1),
                "with-headers": portal(replying(_interim(103, "Link: </x>", "Content-Length: 9") + ACCEPTED)),
            },
            code="000",
        ),
        Case(
            "101, which nobody asked for",
            UNKNOWN,
            "bad_answer",
            1,
            {"101": portal(replying(_interim(101, "Upgrade: x", "Connection: upgrade") + ACCEPTED))},
        ),
        Case(
            "more behind the answer's end: another answer, or an answer that is longer than it says",
            UNKNOWN,
            "bad_answer",
            1,
            {
                "refused-accepted": portal(replying(answer(200, b'{"code": "101"}') + ACCEPTED)),
                "accepted-twice": portal(replying(ACCEPTED * 2)),
                "204": portal(replying(answer(204) + ACCEPTED)),
                "longer": portal(replying(answer(200, b'{"code": "101"}, "code": "000"}', length=15))),
                "in-chunks": portal(replying(_CHUNKED + ACCEPTED)),
                "tls": tls_portal(replying(answer(200, b'{"code": "101"}') + ACCEPTED)),
            },
        ),
        Case(
            "an empty line behind the answer",
            SENT,
            "code",
            1,
            {"crlf": portal(replying(ACCEPTED + b"\r\n"), warm_up=2)},
            code="000",
        ),
    ],
}
