"""What speaks in an answer: no confident outcome beside a sign of the opposite, and no doubt where there is none."""

from __future__ import annotations

import html
import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.answers import read_balance_answer, read_send_answer
from airflow_provider_robosms.gateway.codes import MEANINGS
from airflow_provider_robosms.gateway.evidence import CODE_STATUS
from airflow_provider_robosms.gateway.outcome import SendResult, Status
from airflow_provider_robosms.gateway.signs import weigh
from tests.gateway.signs import AGAINST, FOR, KEPT_BACK, OF_ONE, PLAIN, REFUSALS, REPEATED, UNCLEAR, UNEXPLAINED

NOT_SENT = (Status.FAILED, Status.REJECTED)
REFUSING = sorted(code for code, status in CODE_STATUS.items() if status in NOT_SENT)
ACCEPTING = sorted(code for code, status in CODE_STATUS.items() if status is Status.SENT)

names = st.sampled_from(["sms", "data", "errors", "to", "Sent", "x", "", "message", "details"]) | st.text(max_size=6)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
neutral = st.recursive(
    st.none()
    | st.integers(1000, 10**6)
    | st.sampled_from(["", "in words", "SMS-ALERT", "923001234567", "PKR", "1.20"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sms", "data", "price", "parts", "text"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def holding(draw: st.DrawFn, signs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An object with anything in it, and with a sign at any depth."""
    fields: Any = draw(st.sampled_from(list(signs.values())))
    for _ in range(draw(st.integers(0, 6))):
        if draw(st.booleans()):
            fields = [*draw(st.lists(anything, max_size=2)), fields, *draw(st.lists(anything, max_size=2))]
        else:
            fields = {**draw(st.dictionaries(names, anything, max_size=2)), draw(names): fields}
    return {
        **draw(st.dictionaries(names, anything, max_size=2)),
        **(fields if isinstance(fields, dict) else {"x": fields}),
    }


def said(status: int, value: Any) -> SendResult:
    return read_send_answer(status, json.dumps(value).encode())


@given(st.sampled_from(REFUSING), holding(FOR), st.sampled_from([200, 400, 422]))
def test_no_refusal_beside_a_sign_that_the_message_was_taken(code: str, fields: dict[str, Any], status: int):
    assert said(status, {**fields, "code": code}).status is Status.UNKNOWN


@given(st.sampled_from(ACCEPTING), holding(AGAINST | KEPT_BACK))
def test_no_acceptance_beside_a_sign_against_it(code: str, fields: dict[str, Any]):
    assert said(200, {**fields, "code": code}).status is Status.UNKNOWN


@given(st.sampled_from([404, 405, 410, 429]), holding(FOR), st.booleans())
def test_an_http_status_proves_nothing_beside_a_sign_that_the_message_was_taken(
    status: int, fields: dict[str, Any], in_list: bool
):
    assert said(status, [fields] if in_list else fields).status is Status.UNKNOWN


@given(st.sampled_from([200, 404, 429]), st.sampled_from(sorted(MEANINGS)), anything)
def test_what_is_not_sent_has_no_identifier(status: int, code: str, value: Any):
    for answer in (value, {"code": code, "data": value}, {"code": code, "message_id": value}):
        result = said(status, answer)
        assert result.message_id is None or result.status in (Status.SENT, Status.UNKNOWN)


# 101 is tried again: words that are not understood doubt it.
@given(st.sampled_from([code for code in MEANINGS if code not in ("101", "201")]), neutral)
def test_what_says_nothing_makes_no_doubt(code: str, value: Any):
    for answer in ({"code": code, "data": value}, {"sms": {"code": code, "message": MEANINGS[code], "x": [value]}}):
        assert said(200, answer).status is CODE_STATUS[code]
    assert said(429, {"data": value}).status is Status.FAILED
    assert said(404, value if isinstance(value, dict) else [value]).status is Status.FAILED


@pytest.mark.parametrize("code", REFUSING)
def test_what_a_refusal_repeats_of_the_request_is_no_sign(code: str):
    assert said(200, {"code": code, **REPEATED, "data": REPEATED}).status is CODE_STATUS[code]


@pytest.mark.parametrize("code", REFUSING)
@pytest.mark.parametrize("fields", [{"error": "true"}, {"error": "yes"}, {"http_code": 200}, {"err": "1"}])
def test_a_flag_that_says_no_beside_a_refusal_makes_no_doubt(code: str, fields: dict[str, Any]):
    """A refused account would otherwise be asked for everybody, and everybody be UNKNOWN."""
    assert said(200, {"code": code, **fields}).status is CODE_STATUS[code]


@pytest.mark.parametrize("text", UNCLEAR)
@pytest.mark.parametrize("field", ["status", "message", "response", "detail"])
def test_a_failure_that_is_tried_again_is_not_explained_in_words_that_are_not_understood(text: str, field: str):
    found = read_send_answer(200, json.dumps({"code": "101", field: text}).encode())
    assert (found.status, found.code) == (Status.UNKNOWN, "101")
    # The run stops at once and nobody is texted again: what the account lacks may be said in any words.
    assert read_send_answer(200, json.dumps({"code": "203", field: "Please call us"}).encode()).status is Status.FAILED


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "success"},
        {"Type": "Sent"},
        {"to": ["queued"]},
        {"to": "923001234567: queued"},
        {"multiple": "3 sent"},
        {"statuscode": "000"},
    ],
)
def test_what_is_repeated_are_no_words_of_success(fields: dict[str, Any]):
    assert said(200, {"code": "101", **fields}).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "error"}, {"to": "invalid"}, {"unicode": "not supported"}, {"statusCode": "failed"}, {"error_code": "12"},
        {"error_code": 404}, {"errorCode": "5"}, {"message": "Number is on DND"}, {"status": "inactive"},
        {"message": "Simulation"},
    ],
)  # fmt: skip
def test_no_acceptance_beside_a_failure_of_another_kind(fields: dict[str, Any]):
    assert said(200, {"code": "000", **fields}).status is Status.UNKNOWN


@pytest.mark.parametrize("fields", [{"type": "text"}, {"error_code": 0}, {"statuscode": 200}, {"to": "923001234567"}])
def test_what_is_repeated_makes_no_doubt(fields: dict[str, Any]):
    assert said(200, {"code": "000", **fields}).status is Status.SENT


@pytest.mark.parametrize("fields", UNEXPLAINED.values(), ids=UNEXPLAINED)
def test_a_failure_that_is_tried_again_has_nothing_beside_it_that_is_not_understood(fields: dict[str, Any]):
    assert said(200, {"code": "101", **fields}).status is Status.UNKNOWN
    assert said(200, {"sms": {"code": "101", "response": "sending failed", **fields}}).status is Status.UNKNOWN


NUMBER = "923001234567"


def answered(code: str, value: Any, text: str = "Salam", to: str = NUMBER) -> Status:
    return read_send_answer(200, json.dumps({"code": code, "message": value}).encode(), text=text, to=to).status


@pytest.mark.parametrize("text", PLAIN)
def test_a_failure_in_plain_words_is_one(text: str):
    assert answered("101", text) is Status.FAILED
    assert answered("101", f" {text.upper()}\n") is Status.FAILED


@pytest.mark.parametrize(
    "text",
    [
        "Sending failed, please try again later.",
        "Message not sent. Contact RoboSMS support.",
        "Failed. Try again",
        "ERROR: sending failed - please retry",
        "Sending failed. Kindly try again after some time",
        "Please try again later. Message not sent.",
    ],
)
def test_advice_to_who_sends_makes_no_doubt(text: str):
    assert answered("101", text) is Status.FAILED


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize(
    "doubt",
    ["{} Queue 2 will deliver", "{}, perhaps", "If not: {}", "{} (attempt 1)", "{} 1/3", "{} only half", "{}?", "2 {}"],
)
def test_one_word_more_makes_a_plain_failure_unclear(text: str, doubt: str):
    assert answered("101", doubt.format(text)) is Status.UNKNOWN


@pytest.mark.parametrize("text", OF_ONE)
def test_of_several_numbers_one_may_be_meant(text: str):
    several = f"{NUMBER},923007654321"
    assert answered("101", text) is Status.FAILED
    assert answered("101", text, to=several) is Status.UNKNOWN
    assert answered("101", "Message not sent", to=several) is Status.FAILED


@pytest.mark.parametrize(
    "fields", [{"failed": 1}, {"failed": "1"}, {"errors": 1}, {"failed": [NUMBER]}, {"rejected": 2}]
)
def test_of_several_numbers_some_may_have_failed(fields: dict[str, Any]):
    body = json.dumps({"code": "101", "message": "sending failed", **fields}).encode()
    alone = read_send_answer(200, body, to=NUMBER).status
    assert alone is (Status.UNKNOWN if fields.get("rejected") == 2 else Status.FAILED)
    assert read_send_answer(200, body, to=f"{NUMBER},923007654321").status is Status.UNKNOWN


@pytest.mark.parametrize("fields", [{"status": 504}, {"http_code": 504}, {"http_status": "502"}, {"status": "unknown"}])
def test_a_failure_beside_a_server_error_is_unclear(fields: dict[str, Any]):
    assert said(200, {"code": "101", **fields}).status is Status.UNKNOWN


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "active"}, {"account": {"status": "active"}}, {"currency": {"code": "PKR"}}, {"dnd": True}, {"allowed": 0},
        {"on_hold": 1}, {"demo": True}, {"masks": [{"name": "SMS-ALERT", "approved": False}]},
    ],
)  # fmt: skip
def test_what_an_account_is_leaves_its_balance(fields: dict[str, Any]):
    body = json.dumps({"code": "000", "balance": "500.00", **fields}).encode()
    assert read_balance_answer(200, body).amount == 500


@pytest.mark.parametrize(
    "text", ["Too many requests, message buffered", "Limit exceeded, message kept and will go out later"]
)
def test_what_goes_on_is_not_over(text: str):
    for status in (404, 429):
        assert said(status, {"message": text}).status is Status.UNKNOWN


@pytest.mark.parametrize("name", ["status_code", "code", "sms", "balance", "success", "to"])
def test_however_deep_an_answer_is_it_has_an_outcome(name: str):
    for depth in (400, 800, 5000):
        body = b'{"code": "000", "%s": %s1%s}' % (name.encode(), b'{"a": ' * depth, b"}" * depth)
        assert read_send_answer(200, body).status in (Status.UNKNOWN, Status.SENT)
        with suppress(RoboSmsError):
            read_balance_answer(200, body)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"message": ""},
        {"sms": None},
        {"balance": "12.50", "message_rates": 1},
        {"timestamp": 1795000000},
        {"id": None},
    ],
)
def test_a_failure_that_is_tried_again_may_tell_of_other_things(fields: dict[str, Any]):
    assert said(200, {"code": "101", "message": "sending failed", **fields}).status is Status.FAILED


@pytest.mark.parametrize("text", ["part 1 of 2 queued", "1 of 1 sent", "Segment 1 of 3 accepted"])
def test_a_part_of_a_text_is_no_denial(text: str):
    assert said(200, {"code": "000", "message": text}).status is Status.SENT


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206])
def test_https_own_status_is_not_the_vendors_code(status: int):
    """202 of HTTP is "accepted", the vendor's is "parameters missing"."""
    assert said(status, {"code": status}).status is Status.UNKNOWN


@pytest.mark.parametrize("code", ["000", "101", "202"])
def test_a_part_of_an_answer_proves_nothing(code: str):
    assert said(206, {"code": code}).status is Status.UNKNOWN
    with pytest.raises(RoboSmsError, match="HTTP 206"):
        read_balance_answer(206, json.dumps({"code": code, "balance": "500"}).encode())


@pytest.mark.parametrize("code", ["000", "101"])
def test_the_text_itself_says_nothing_where_a_portal_repeats_it(code: str):
    for text in ("Your order is not delivered", "Payment successful", "sent", "See you at 5"):
        body = json.dumps({"code": code, "data": {"message": text}}).encode()
        assert read_send_answer(200, body, text=text).status is CODE_STATUS[code], text


FEE = "Dear Ali,\r\nyour fee & fine are not paid.\n\nPayment failed? Call 042-111."


@pytest.mark.parametrize("code", ["000", "101"])
@pytest.mark.parametrize(
    "shown",
    [
        FEE,
        f"  {FEE}\n",
        " ".join(FEE.split()),
        FEE.replace("\r\n", "\n"),
        html.escape(FEE),
        FEE.replace("\n", "<br />\n"),
        FEE[:40],
        f"{FEE[:40]}...",
        f"{FEE[:33]} …",
    ],
)
def test_a_text_is_known_in_another_form_or_cut(code: str, shown: str):
    assert answered(code, shown, FEE) is CODE_STATUS[code]


@pytest.mark.parametrize("shown", [FEE, " ".join(FEE.split()), html.escape(FEE)])
def test_a_text_is_taken_out_of_a_sentence(shown: str):
    assert answered("000", f'Message "{shown}" queued', FEE) is Status.SENT
    assert answered("101", f'Message "{shown}" not sent', FEE) is Status.FAILED
    # What stands around it is read as ever.
    assert answered("000", f'Message "{shown}" not sent', FEE) is Status.UNKNOWN
    assert answered("101", f'Message "{shown}" sent', FEE) is Status.UNKNOWN
    assert answered("101", f'Message "{shown}" forwarded, then failed', FEE) is Status.UNKNOWN
    assert answered("101", f"Not found: {shown} sent", FEE) is Status.UNKNOWN
    assert answered("101", f"Not found\n{shown}\nMessage sent", FEE) is Status.UNKNOWN


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sent", "Message sent"),
        ("OK", "OK RSMS-1"),
        ("Message sent", "Message sent to operator"),
        ("Message sent to you", "Message sent to"),
        ("Congratulations-you-won", "Congratulations-you-won, sent"),
        (FEE, "Dear Ali"),
        (FEE, f"{FEE[:40]} sent"),
        (FEE, f"It was sent: {FEE[:40]}"),
    ],
)
def test_a_short_text_or_a_part_swallows_no_word_of_the_answer(text: str, shown: str):
    assert answered("101", shown, text) is Status.UNKNOWN


def test_what_a_portal_repeats_in_part_is_no_denial():
    assert answered("000", "Message not sent", "Message not sent to anybody until now") is Status.UNKNOWN


@pytest.mark.parametrize("text", REFUSALS)
def test_no_text_of_a_refusal_speaks_for_a_message(text: str):
    for form in (text, text.upper(), f" {text}!", f"<p>{text}</p>", text.replace(" ", "  ")):
        assert not weigh(form)[0]


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_the_vendors_own_words_agree_with_its_codes(code: str):
    yes, no = weigh(MEANINGS[code])
    assert not (no if CODE_STATUS[code] is Status.SENT else yes)


@pytest.mark.parametrize(
    "piece",
    [
        *"a<{[_\n",
        *("no  ", "fail ", "a-", "<code><", "not a b c ", '"id" '),
        "<script>",
        "<a ",
        "not ",
        "no ",
        "code ",
        "code=0",
        '{"a":',
        "sent or ",
        "isn't ",
        "aB",
        "fail to ",
        "0 ",
        "sent: ",
        "failed 0",
        "message",
    ],
)
def test_64_kib_of_anything_are_read_fast(piece: str):
    text = (piece * 65_536)[:65_536]
    for body in (text, json.dumps(text), json.dumps([piece] * 6_000)):
        began = time.process_time()
        read_send_answer(429, body.encode())
        assert time.process_time() - began < 2


# The balance.


def balance(**fields: Any) -> Any:
    return read_balance_answer(200, json.dumps({"sms": {"code": "000", "balance": "12.50"}, **fields}).encode())


@pytest.mark.parametrize("fields", [*AGAINST.values(), {"Balance": "0.00"}, {"data": [{"balance": "12.49"}]}])
def test_a_balance_is_none_beside_anything_that_speaks_against_it(fields: dict[str, Any]):
    with pytest.raises(RoboSmsError, match="says two different things") as caught:
        balance(data=fields)
    assert (caught.value.permanent, caught.value.code) == (False, None)


@pytest.mark.parametrize(
    "fields", [{"data": {"balance": 12.5}}, {"message": "success"}, {"username": "Failed"}, {"message": "low balance"}]
)
def test_a_balance_with_what_agrees(fields: dict[str, Any]):
    assert str(balance(**fields).amount) == "12.50"


@pytest.mark.parametrize("code", ["203", "205"])
def test_a_refused_balance_check_that_says_that_all_is_well(code: str):
    """Code 205 would be a balance of 0, and 203 would end a watch for good."""
    with pytest.raises(RoboSmsError, match="says two different things") as caught:
        read_balance_answer(200, json.dumps({"code": code, "success": True}).encode())
    assert (caught.value.permanent, caught.value.code) == (False, None)


@pytest.mark.parametrize(
    ("status", "fields", "words"),
    [
        (200, {"sms": {"balance": "5000", "message_rates": "1"}}, "two different things"),
        (200, {"balance": "?"}, "two different things"),
        (503, {}, "HTTP 503"),
        (404, {}, "HTTP 404"),
    ],
)
def test_a_balance_that_is_used_up_is_told_so_by_the_vendor_alone(status: int, fields: dict[str, Any], words: str):
    with pytest.raises(RoboSmsError, match=words) as caught:
        read_balance_answer(status, json.dumps({"code": "205", **fields}).encode())
    assert caught.value.code is None


@pytest.mark.parametrize("amount", ["Rs 12.50", "PKR 1,250.00", "$5", "\u20a8 5", "5/-", "(5.00)", "\u22125", "5 000"])
def test_a_balance_with_more_than_a_number_is_none(amount: str):
    with pytest.raises(RoboSmsError, match="holds no balance"):
        read_balance_answer(200, json.dumps({"sms": {"code": "000", "balance": amount}}).encode())


def test_two_prices_are_none():
    answer = {"sms": {"code": "000", "balance": "12.50", "message_rates": "0.50"}, "Message-Rates": "0.75"}
    assert read_balance_answer(200, json.dumps(answer).encode()).rate is None
