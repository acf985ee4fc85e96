"""What the operator makes of its input, before and while it sends."""

from __future__ import annotations

import time

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.operators.stage import TEXT, StateStore, numbers, run, texted

NUMBER = "923001234567"


def test_to_one_number(sandbox, capfd):
    before = int(time.time())
    result = run(StateStore(), to="0300 1234567", message=TEXT)
    assert "Summary: 1 sent. Cost: Rs 0.50 for 1 part." in "".join(capfd.readouterr())
    assert texted(sandbox) == {NUMBER: 1}
    seconds = result.pop("seconds")
    assert 0 <= seconds < 30
    assert before <= result.pop("began") <= time.time()
    assert result == {
        "total": 1,
        "sent": 1,
        "rejected": 0,
        "failed": 0,
        "unknown": 0,
        "skipped": 0,
        "pending": 0,
        "codes": {"000": 1},
        "segments": 1,
        "estimated_cost": "0.50",
        "balance_before": "1000.00",
        "balance_after": "999.50",
    }


@pytest.mark.parametrize("to", [NUMBER, 3001234567, 923001234567.0, [NUMBER], (NUMBER,), {NUMBER}])
def test_a_number_may_be_typed_in_many_ways(sandbox, to):
    assert run(StateStore(), to=to, message=TEXT)["sent"] == 1
    assert texted(sandbox) == {NUMBER: 1}


def test_to_many_numbers(sandbox):
    many = numbers(60)
    result = run(StateStore(), to=many, message=TEXT)
    assert (result["total"], result["sent"], result["codes"]) == (60, 60, {"000": 60})
    assert texted(sandbox) == dict.fromkeys(many, 1)
    assert {message["text"] for message in sandbox.accepted()} == {TEXT}


def test_messages_of_their_own(sandbox):
    messages = [{"to": number, "message": f"Salam number {index}"} for index, number in enumerate(numbers(30))]
    assert run(StateStore(), messages=messages)["sent"] == 30
    assert {message["to"]: message["text"] for message in sandbox.accepted()} == {
        entry["to"]: entry["message"] for entry in messages
    }


def test_the_same_number_is_texted_once(sandbox):
    result = run(StateStore(), to=["0300 1234567", NUMBER, "+92 300 1234567", *numbers(2)], message=TEXT)
    assert (result["total"], result["sent"], result["skipped"]) == (5, 3, 2)
    assert texted(sandbox) == {NUMBER: 1, **dict.fromkeys(numbers(2), 1)}


def test_two_different_texts_to_one_number_are_two_messages(sandbox):
    messages = [{"to": NUMBER, "message": text} for text in ("one", "two", "one")]
    result = run(StateStore(), messages=messages)
    assert (result["sent"], result["skipped"]) == (2, 1)
    assert sorted(message["text"] for message in sandbox.accepted()) == ["one", "two"]


def test_keys_tell_messages_apart(sandbox):
    same = {"to": NUMBER, "message": TEXT}
    result = run(StateStore(), messages=[{**same, "key": 1}, {**same, "key": 2}, {**same, "key": 1}])
    assert (result["sent"], result["skipped"]) == (2, 1)
    assert texted(sandbox) == {NUMBER: 2}


def test_a_key_holds_across_tries_whatever_else_changes(sandbox):
    store = StateStore()
    first = [{"key": "a", "to": numbers(2)[0], "message": "first"}]
    assert run(store, messages=first)["sent"] == 1
    second = [{"key": "b", "to": NUMBER, "message": "new"}, {"key": "a", "to": numbers(2)[1], "message": "changed"}]
    assert run(store, messages=second)["sent"] == 2
    assert sorted(message["text"] for message in sandbox.accepted()) == ["first", "new"]


def test_bad_numbers_are_skipped_and_counted(sandbox):
    bad = ["0300 12345", "042 35761999", "", "Ali", None, 9.23e11 + 0.5, "+44 7911 123456"]
    result = run(StateStore(), to=[*bad, NUMBER], message=TEXT)
    assert (result["total"], result["sent"], result["skipped"]) == (8, 1, 7)
    assert sandbox.received()["by_to"] == {NUMBER: 1}


def test_blank_texts_are_skipped(sandbox):
    messages = [{"to": number, "message": text} for number, text in zip(numbers(3), ["", " \n", "x"], strict=True)]
    result = run(StateStore(), messages=messages)
    assert (result["sent"], result["skipped"]) == (1, 2)
    assert sandbox.received()["posts"] == 1


def test_nothing_to_send_is_no_failure(sandbox):
    for fields in ({"to": [], "message": TEXT}, {"messages": []}):
        result = run(StateStore(), **fields)
        assert (result["total"], result["sent"], result["balance_before"]) == (0, 0, None)
    assert sandbox.received() == {"posts": 0, "by_to": {}, "balance_checks": 0}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Set to and message, or messages: to and message came as None."),
        ({"to": NUMBER}, "Set to and message, or messages: message came as None."),
        ({"message": TEXT}, "Set to and message, or messages: to came as None."),
        ({"to": NUMBER, "message": TEXT, "messages": []}, "not both"),
        ({"message": TEXT, "messages": []}, "not both"),
        ({"messages": "[{'to': '923001234567'}]"}, "render_template_as_native_obj"),
        ({"messages": {"to": NUMBER, "message": TEXT}}, "must be a list"),
        ({"messages": 5}, "must be a list"),
        ({"messages": [{"to": NUMBER, "message": TEXT}, {"to": NUMBER}]}, "messages[1] must have 'to' and a text"),
        ({"messages": [{"message": TEXT}]}, "messages[0] must have"),
        ({"messages": [{"to": NUMBER, "message": 5}]}, "messages[0] must have"),
        ({"messages": [NUMBER]}, "messages[0] must have"),
        ({"to": "0300 12345", "message": TEXT}, "Nothing can be sent: bad number: the wrong number of digits"),
        ({"to": NUMBER, "message": "  "}, "message is blank; give the text to send."),
        (
            {"to": NUMBER, "message": TEXT, "concurrency": 0},
            "concurrency must be a whole number from 1 to 1,000, not 0.",
        ),
        ({"to": NUMBER, "message": TEXT, "concurrency": "many"}, "concurrency must be a whole number"),
        ({"to": NUMBER, "message": TEXT, "bulk_size": 0}, "bulk_size must be"),
        ({"to": NUMBER, "message": TEXT, "bulk_size": 2.5}, "bulk_size must be"),
        ({"to": NUMBER, "message": TEXT, "max_attempts": 0}, "max_attempts must be"),
        (
            {"to": NUMBER, "message": TEXT, "max_per_second": 0},
            "max_per_second must be a number from 0.001 to 10,000, not 0.",
        ),
        (
            {"to": NUMBER, "message": TEXT, "max_per_second": -1},
            "max_per_second must be a number from 0.001 to 10,000, not -1.",
        ),
        ({"to": NUMBER, "message": TEXT, "max_per_second": "nan"}, "max_per_second came out as nan: "),
        ({"to": NUMBER, "message": TEXT, "max_per_second": "fast"}, "max_per_second must be a number"),
    ],
)
def test_bad_input_is_one_sentence_and_fails_for_good(sandbox, fields, sentence):
    with pytest.raises(AirflowFailException) as caught:
        run(StateStore(), **fields)
    assert sentence in str(caught.value)
    assert NUMBER not in str(caught.value)
    assert sandbox.received()["posts"] == 0


def test_settings_may_come_as_text_from_a_form(sandbox):
    result = run(
        StateStore(),
        to=numbers(4),
        message=TEXT,
        concurrency="2",
        bulk_size="2",
        max_attempts="1",
        max_per_second="50",
    )
    assert result["sent"] == 4
    assert sandbox.received()["posts"] == 2


def test_a_mask_of_its_own(sandbox):
    run(StateStore(), to=NUMBER, message=TEXT, mask="RoboSMS")
    assert [message["mask"] for message in sandbox.accepted()] == ["RoboSMS"]


# One text to many numbers in one request.


@pytest.mark.parametrize(("bulk_size", "posts"), [(1, 25), (10, 3), (25, 1), (100, 1)])
def test_bulk_groups(sandbox, bulk_size, posts):
    result = run(StateStore(), to=numbers(25), message=TEXT, bulk_size=bulk_size)
    assert result["sent"] == 25
    assert texted(sandbox) == dict.fromkeys(numbers(25), 1)
    assert sandbox.received()["posts"] == posts
    grouped = {message["group"] for message in sandbox.accepted()}
    assert len(grouped) == (1 if bulk_size == 1 else posts)
    assert (grouped == {None}) is (bulk_size == 1)


def test_only_identical_texts_share_a_request(sandbox):
    messages = [{"to": number, "message": f"text {index % 3}"} for index, number in enumerate(numbers(12))]
    assert run(StateStore(), messages=messages, bulk_size=10)["sent"] == 12
    assert sandbox.received()["posts"] == 3
    assert {message["to"]: message["text"] for message in sandbox.accepted()} == {
        entry["to"]: entry["message"] for entry in messages
    }


def test_one_bad_answer_holds_for_the_whole_group(sandbox):
    sandbox.set_fault("reset", when="after", count=1)
    result = run(StateStore(), to=numbers(10), message=TEXT, bulk_size=5, concurrency=1)
    assert (result["sent"], result["unknown"]) == (5, 5)
    assert texted(sandbox) == dict.fromkeys(numbers(10), 1)


# Looking before sending.


@pytest.mark.parametrize("dry_run", [True, "true", "True", "1"])
def test_a_dry_run_sends_and_remembers_nothing(sandbox, dry_run):
    store = StateStore()
    long = "x" * 200
    result = run(store, to=[*numbers(3), "0300"], message=long, dry_run=dry_run)
    assert (result["total"], result["sent"], result["pending"], result["skipped"]) == (4, 0, 3, 1)
    assert (result["segments"], result["estimated_cost"]) == (6, "3.00")
    assert (result["balance_before"], result["balance_after"]) == ("1000.00", None)
    assert (sandbox.received()["posts"], store.values) == (0, {})
    assert run(store, to=numbers(3), message=long, dry_run="false")["sent"] == 3


def test_too_little_balance_stops_before_the_first_message(sandbox):
    sandbox.settings(balance="4.50")
    store = StateStore()
    why = r"balance of Rs 4\.50 does not pay .* 10 message parts at Rs 0\.50 cost Rs 5\.00"
    with pytest.raises(AirflowFailException, match=why):  # for good: no retry tops anything up
        run(store, to=numbers(10), message=TEXT)
    assert sandbox.received()["posts"] == 0
    sandbox.top_up("0.50")
    assert run(store, to=numbers(10), message=TEXT)["balance_after"] == "0.00"


def test_only_what_is_still_to_send_must_be_paid(sandbox):
    """A try that sent most of it leaves too little for everything, and enough for the rest."""
    sandbox.settings(balance="5.00")
    store = StateStore()
    sandbox.set_fault("code", code="101", numbers=numbers(10)[-2:])
    assert run(store, to=numbers(10), message=TEXT, max_attempts=1)["failed"] == 2
    sandbox.clear_faults()
    assert run(store, to=numbers(10), message=TEXT)["sent"] == 10
    assert texted(sandbox) == dict.fromkeys(numbers(10), 1)
