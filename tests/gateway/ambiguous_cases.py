"""Rows of the error matrix in which an answer says more than one thing, or comes with others."""

from __future__ import annotations

from tests.gateway.case import SENT, UNKNOWN, Case
from tests.gateway.portals import ACCEPTED, answer, replying
from tests.gateway.situations import answering, portal, tls_portal


def _interim(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} X", *headers, "", ""]).encode()


_CHUNKED = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n" + b'{"code": "101"}' + b"\r\n0\r\n\r\n"


SECTIONS: dict[str, list[Case]] = {
    "Answers that say two things": [
        Case(
            "two different codes: equal keys, wrapped beside flat, one of them unreadable",
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
                    "unreadable": b'{"code": "101", "sms": {"code": null}}',
                    "unlisted": b'{"code": "101", "code": "777"}',
                }.items()
            },
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
        Case(
            "429 in which something tells of a message",
            UNKNOWN,
            "contradiction",
            1,
            {
                "identifier": answering(429, {"message_id": "RSMS-1"}),
                "response": answering(429, {"sms": {"response": "18273645"}}),
                "words": answering(429, {"status": "queued"}),
                "list": answering(429, [{"code": "000"}]),
            },
        ),
        Case(
            "404 in which something tells of a message",
            UNKNOWN,
            "http_error",
            1,
            {
                "response": answering(404, {"response": "18273645"}),
                "words": answering(404, {"status": "success"}),
                "yes": answering(404, {"success": True}),
                "list": answering(404, [{"code": "000"}]),
            },
        ),
        Case(
            "two different codes with HTTP 404 or 429",
            UNKNOWN,
            "contradiction",
            1,
            {str(status): answering(status, b'{"code": "101", "code": "000"}') for status in (404, 429)},
        ),
        Case(
            "a code of success beside a word of failure",
            UNKNOWN,
            "contradiction",
            1,
            {
                **{word: answering(200, {"status": word, "code": "000"}) for word in ("error", "Failed", " failure ")},
                "status-false": answering(200, {"status": False, "code": "000"}),
                "success-false": answering(200, {"success": False, "code": "000"}),
            },
            code="000",
        ),
        Case(
            "code 101 beside a word of success",
            UNKNOWN,
            "contradiction",
            1,
            {
                **{
                    word: answering(200, {"status": word, "code": "101"})
                    for word in ("success", "QUEUED", "Message sent.")
                },
                "success-true": answering(200, {"success": True, "code": "101"}),
                "response": answering(200, {"sms": {"code": "101", "response": "Message queued successfully"}}),
            },
            code="101",
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
