"""What may stand in an answer and speak for "sent", or against it; shared by the matrix and by the properties."""

from __future__ import annotations

import json
from typing import Any

#: What PHP prints before an answer when its warnings are shown.
NOTICE = b"<br />\n<b>Notice</b>:  Undefined index: dlr in <b>/var/www/send.php</b> on line <b>42</b><br />\n"

#: Fields of which each speaks for a message, beside whatever else there is.
FOR: dict[str, dict[str, Any]] = {
    "message_id": {"message_id": "RSMS-1"},
    "number": {"message_id": 123456},
    "messageId": {"data": {"messageId": "RSMS-1"}},
    "Message_ID": {"data": [{"Message_ID": "RSMS-1"}]},
    "message-id": {"message-id": 5},
    "Message Id": {"result": {"Message Id": "RSMS-1"}},
    "msgid": {"msgid": "x"},
    "sms_id": {"SMS_ID": "x"},
    "id": {"data": {"id": "RSMS-1"}},
    "response": {"response": "18273645"},
    "wrapped-response": {"sms": {"response": "RSMS-1"}},
    "status": {"status": "queued"},
    "SUCCESS": {"status": "SUCCESS"},
    "Status": {"Status": "sent"},
    "data.status": {"data": {"status": "sent"}},
    "sentence": {"status": "Message has been sent"},
    "full-stop": {"status": "Message sent."},
    "message": {"message": "Your SMS was queued for delivery"},
    "camel": {"state": "MessageSent"},
    "snake": {"state": "MESSAGE_QUEUED"},
    "zero-width": {"state": "se\u200bnt"},
    "list": {"result": ["sent"]},
    "deeper": {"a": [{"b": [[{"c": "delivered"}]]}]},
    "success": {"success": True},
    "Success": {"Success": True},
    "data.success": {"data": {"success": True}},
    "success-1": {"success": 1},
    "success-text": {"success": "1"},
    "isSuccess": {"isSuccess": True},
    "ok": {"ok": True},
    "sent": {"sent": 1},
    "sent-to": {"sent": ["923001234567"]},
    "sent_at": {"sent_at": "2026-11-26 10:00"},
    "messageSent": {"messageSent": True},
    "status-true": {"status": True},
    "status-1": {"status": 1},
    "status-0": {"status": 0},
    "result-ok": {"result": "OK"},
    "pending": {"status": "pending"},
    "smpp": {"stat": "DELIVRD"},
    "on-its-way": {"dlr": ["ENROUTE"]},
    "no-error": {"error": False},
    "none-failed": {"failed": 0},
    "response-000": {"response": "000"},
    "status-200": {"sms": {"status": 200}},
    "not-but": {"message": "not sent but queued"},
    "not-comma": {"message": "Not sent now, queued for later"},
    "not-and": {"message": "could not be confirmed and was sent"},
    "not-new-line": {"message": "Not found\nMessage sent"},
    "not-far": {"message": "not delivered to all of them, sent to 3"},
    "both": {"message": "sent: 1, failed: 2"},
    "api-id": {"apiMessageId": "x"},
    "log-id": {"sms_log_id": 5},
    "uid": {"data": {"msg_uid": "x"}},
    "sid": {"sid": "SM1"},
    "outbox": {"outbox_id": 5},
    "ref": {"ref_no": "x"},
    "not-all": {"message": "not all messages were sent"},
    "not-only": {"message": "Not only queued"},
    "the-sent": {"message": "could not log the sent message"},
    "1-sent": {"message": "1 sent, 0 failed"},
}

#: Whole bodies that are no JSON objects, and speak for a message.
FOR_IN_TEXT: dict[str, object] = {
    "OK": b"OK",
    "Ok.": b"Ok.\n",
    "BOM": b"\xef\xbb\xbfOK",
    "utf-16": "OK".encode("utf-16"),
    "OK-id": b"OK RSMS-1",
    "200-OK": {"status": "200 OK"},
    "id-alone": b"ID: RSMS-1",
    "OK-behind-a-notice": NOTICE + b"OK",
    "OK-page": b"<html><body>OK</body></html>",
    "jsonp": b'answer({"message_id": "RSMS-1"})',
    "sent": b"sent",
    "string": "sent",
    "true": True,
    "1": 1,
    "0": 0,
    "000": b"000",
    "100": 100,
    "string-000": "000",
    "html": b"<html><body><p>Your message has been sent</p></body></html>",
    "notice": NOTICE + b'{"message_id": "RSMS-1"}',
    "notice-id": NOTICE + b'{"data": {"id": "RSMS-1"}}',
    "notice-status": NOTICE + b'{"status": 1}',
    "xml": b"<?xml version='1.0'?><answer><MessageId>RSMS-1</MessageId></answer>",
    "form": b"message_id=RSMS-1",
    "second": b'{"message": "x"}{"message_id": "RSMS-1"}',
    "lines": b'{"message": "x"}\n{"status": "sent"}\n',
    "half": b'{"message_id": "RSMS-1", "sta',
    "equal-keys": b'{"success": false, "success": true}',
    "within": {"message": json.dumps({"message_id": "RSMS-1"})},
}

#: Fields of which each speaks against a message.
AGAINST: dict[str, dict[str, Any]] = {
    "error": {"status": "error"},
    "Failed": {"status": "Failed"},
    "blanks": {"status": " failure "},
    "status-false": {"status": False},
    "status-0": {"status": 0},
    "STATUS": {"STATUS": "REJECTED"},
    "success-false": {"success": False},
    "Success": {"Success": False},
    "success-0": {"success": 0},
    "success-text": {"success": "false"},
    "ok": {"ok": False},
    "error-text": {"error": "x"},
    "error-true": {"error": True},
    "error-object": {"error": {"message": "mask"}},
    "errors": {"errors": ["mask"]},
    "error_code": {"error_code": "E12"},
    "isError": {"isError": 1},
    "not-sent": {"status": "not sent"},
    "NOT_SENT": {"status": "NOT_SENT"},
    "NotSent": {"status": "NotSent"},
    "unsent": {"unsent": ["923001234567"]},
    "notSent": {"notSent": True},
    "data.status": {"data": {"status": "failed"}},
    "sms-list": {"sms": [{"status": "failed"}]},
    "result-list": {"result": ["failed"]},
    "failed": {"failed": 1},
    "rejected": {"rejected": ["923001234567"]},
    "sent-false": {"sent": False},
    "sent-nobody": {"sent": []},
    "queued-0": {"queued": 0},
    "response-101": {"response": "101"},
    "codes": {"result": "205"},
    "sentence": {"message": "The message could not be delivered"},
    "curly": {"message": "It wasn\u2019t sent"},
    "smpp": {"stat": "UNDELIV"},
    "mask": {"message": "Sender mask not authorised"},
    "insufficient": {"data": {"reason": "insufficient balance"}},
    "failure_reason": {"failure_reason": "mask"},
    "err": {"err": "mask"},
    "errmsg": {"err_msg": "mask"},
    "exception": {"exception": "x"},
    "http-403": {"http_status": 403},
    "0-sent": {"message": "0 messages sent"},
    "sent-0": {"message": "Sent: 0"},
    "sent-to-0": {"message": "sent to 0 numbers"},
    "both": {"message": "sent: 1, failed: 2"},
    "declined": {"status": "declined"},
    "dropped": {"message": "dropped by the operator"},
    "KO": {"status": "KO"},
    "timeout": {"message": "operator timeout"},
    "some": {"message": "sent to 1 of 3 numbers"},
    "some-first": {"message": "1 of 2 sent"},
    "partially": {"message": "partially sent"},
    **{
        word: {"message": word}
        for word in (
            "forbidden",
            "account disabled",
            "service unavailable",
            "banned",
            "unroutable",
            "prohibited",
            "NOK",
            "NACK",
            "ignored",
            "skipped",
            "test mode",
            "پیغام نہیں بھیجا گیا",
            "paigham nahi gaya",
        )
    },
    **{name: {name: ["923001234567"]} for name in ("skipped", "blocked", "dropped", "discarded", "ignored")},
    **{name: {name: True} for name in ("denied", "expired", "cancelled", "is_test", "sandbox", "dry_run")},
    "nobody": {"recipients": 0},
}

#: Texts of refusals, as documented, seen or common. None of them speaks for a message.
REFUSALS = (
    "Message not sent",
    "Sending failed",
    "Message sending failed",
    "General API error",
    "Required parameters missing",
    "Invalid API key",
    "User balance insufficient",
    "Account suspended or blocked",
    "Server IP not whitelisted",
    "Mask not authorised",
    "Mask approval pending",
    "Character limit exceeded",
    "Invalid number format (0345...)",
    "Message could not be sent",
    "Error: SMS was not delivered",
    "Failed to be sent",
    "No message was sent",
    "Message was not successfully queued or sent.",
    "It can't be sent",
    "MessageNotSent",
    "MESSAGE_NOT_SENT",
    "not-sent",
    "Unsuccessful",
    "Undelivered",
    "Nothing sent",
    "0 SMS sent",
    "Sent: 0, failed: 1",
)

#: What may stand beside code 000 and leave it what it is.
CONSISTENT: dict[str, dict[str, Any]] = {
    "sentence": {"status": "success", "message": "Message queued successfully", "message_id": "RSMS-123456"},
    "handed": {"message": "handed to the telecom operator"},
    "no-error": {"error": None},
    "blank-error": {"error": ""},
    "errors": {"errors": []},
    "error-false": {"error": False},
    "error-none": {"error": "none"},
    "error-words": {"error": "No error", "message": "Sent without errors"},
    "error_code": {"error_code": 0},
    "failed-0": {"failed": 0, "sent": 1},
    "status-1": {"status": 1},
    "status-200": {"status": 200},
    "response-000": {"sms": {"response": "000"}},
    "bulk": {"data": [{"message_id": "a", "to": "923001234567"}, {"message_id": "b", "to": "923001234568"}]},
    "names": {"username": "Failed", "mask": "ERROR"},
    "counts": {"message": "1 sent, 0 failed", "info": "Failed: 0. Invalid numbers: 0, errors 0"},
    "http-200": {"http_code": 200},
    "repeated": {"multiple": 0, "unicode": 1, "type": "transactional", "to": "923001234567", "country_code": 216},
    "other-flags": {"duplicate": False, "response_time": 0},
    "null": {"success": None, "message_id": None},
    "not-delivered-yet": {"delivered": False, "delivery_status": "0"},
    "no-error-in-words": {"error": "-", "error_message": "success"},
}

#: Texts beside 101 that do not say "not sent" in words that are understood.
UNCLEAR = (
    "forwarded to operator",
    "In transit",
    "Processing your request",
    "Scheduled for delivery",
    "duplicate",
    "msg id 123",
    "✓",
    "Q",
    "رابطہ",
)
#: What stands beside 101, too, and is neither "not sent" nor known to be about something else.
UNEXPLAINED: dict[str, object] = {
    **{
        name: {name: "forwarded to operator"}
        for name in ("response_message", "statusText", "msg_text", "comment", "reply", "title", "body", "dlr", "x")
    },
    "list": {"messages": ["In transit"]},
    "deep": {"data": {"scheduled": True}},
    **{
        name: {name: 1}
        for name in ("pending", "in_queue", "processed", "received", "forwarded", "charged", "deducted", "state")
    },
    "status-2": {"status": 2},
    "ticket": {"ticket": "A-17"},
    "tracking_no": {"tracking_no": "17"},
}

#: Bodies with which a web server, a framework or a limiter turns a request away.
NO_PROGRAM: dict[str, object] = {
    "laravel": {"message": "The POST method is not supported for this route. Supported methods: GET, HEAD."},
    "laravel-limit": {"message": "Too Many Attempts."},
    "laravel-debug": {
        "message": "",
        "exception": "Symfony\\Component\\HttpKernel\\Exception\\NotFoundHttpException",
        "line": 44,
        "trace": [{"function": "sendRequestThroughRouter", "class": "Illuminate\\Http\\TransformsRequest"}],
    },
    "spring": {"timestamp": "2026-11-26T00:00:00Z", "error": "Not Found", "path": "/api/send-message"},
    "express": b"Cannot POST /api/send-message",
    "status-text": {"status": "error", "message": "Rate limit exceeded, try again in 5 seconds."},
    "success-false": {"success": False, "message": "Too many requests"},
    "throttled": {"detail": "Request was throttled. Expected available in 5 seconds."},
    "counts": {"request_id": "abc123", "retry_after": 60, "limit": 60, "remaining": 0},
    "apache": b"<html><head><title>Too Many Requests</title></head><body><h1>Too Many Requests</h1>\n"
    b"<p>The user has sent too many requests\nin a given amount of time.</p></body></html>",
    "scripts": b"<html><head><style>.success {}</style><script>$.ajax({success: done, sent: 1})</script></head>"
    b"<body class='sent'><div id='post-1' class=\"success\">Not found</div></body></html>",
    "button": b"<!DOCTYPE html><p>Not Found</p><p>We use cookies.</p><button>OK</button>",
    "cloudfront": b"Request blocked. Request ID: abc123==",
    "cloudflare": b"error code: 1015",
}


#: What a refusal may repeat from the request.
REPEATED = {
    "multiple": 0,
    "unicode": 0,
    "type": "promotional",
    "to": "923001234567",
    "mask": "Success",
    "country_code": 200,
}


def beside(code: str, fields: dict[str, Any]) -> bytes:
    """Return an answer with a code, and with fields beside it."""
    return json.dumps({"code": code, **fields}).encode()
