"""What is not clearly understood is one sentence before anything is sent, and for good; what is no text is never texted."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from datetime import datetime, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.exceptions import InvalidNumber
from airflow_provider_robosms.gateway.outcome import Balance
from airflow_provider_robosms.operators.list_plan import ListPlan
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.sms.phone import elsewhere
from tests.operators.stage import TEXT, StateStore, context, numbers, operator, run, texted

ONE, TWO = numbers(2)


def refused(sandbox, **fields: Any) -> str:
    """Return the sentence of a task that fails without retries, before the portal hears of it."""
    store = StateStore()
    with pytest.raises(AirflowFailException) as caught:
        run(store, **{"to": ONE, "message": TEXT, **fields})
    assert sandbox.received()["posts"] == 0
    sentence = str(caught.value)
    assert ONE not in sentence
    return sentence


@pytest.mark.parametrize("name", ["dry_run", "check_balance", "resend_when_cleared"])
@pytest.mark.parametrize("value", ["tru", "", "None", None, 2, {"yes": 1}, "{{ params.x }}"])
def test_neither_yes_nor_no(sandbox, name, value):
    assert refused(sandbox, **{name: value}).startswith(f"{name} must be True or False, not ")


@pytest.mark.parametrize("dry_run", ["on", "y", "t", "YES", 1, "True\n"])
def test_every_yes_of_a_dry_run_sends_nothing(sandbox, dry_run):
    assert run(StateStore(), to=ONE, message=TEXT, dry_run=dry_run)["pending"] == 1
    assert sandbox.received()["posts"] == 0


def test_every_no_of_check_balance(sandbox):
    sandbox.settings(balance="0.00")
    for value in ("False", "off", 0):
        with pytest.raises(Exception, match="balance"):
            run(StateStore(), to=ONE, message=TEXT, check_balance=value)
    assert sandbox.received()["balance_checks"] == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"max_per_second": "inf"}, "max_per_second must be a number from 0.001 to 10,000, not 'inf'."),
        ({"max_per_second": math.inf}, "max_per_second must be a number from 0.001 to 10,000, not inf."),
        ({"max_per_second": 1e-9}, "max_per_second must be a number"),
        ({"max_per_second": True}, "max_per_second must be a number"),
        ({"max_per_second": "None"}, "max_per_second came out as None: "),
        ({"concurrency": 10**9}, "concurrency must be a whole number from 1 to 1,000"),
        ({"concurrency": None}, "concurrency must be a whole number from 1 to 1,000, not None."),
        (
            {"concurrency": "{{ params.x }}"},
            "concurrency must be a whole number from 1 to 1,000, not '{{ params.x }}'.",
        ),
        ({"max_attempts": "1e999999"}, "max_attempts must be a whole number from 1 to 100"),
        ({"bulk_size": [5]}, "bulk_size must be a whole number from 1 to 1,000, not a value of type list."),
        ({"mask": "None"}, "mask came out as None: "),
        ({"message": "b'Salam'"}, "message is a program's value written out, not text: take one field of it; "),
        ({"mask": {"mask": "SMS"}}, "mask must be text, not a value of type dict."),
        ({"robosms_conn_id": None}, "robosms_conn_id must be text, not None."),
        ({"robosms_conn_id": "None"}, "robosms_conn_id must be text, not 'None'."),
        ({"on_outcomes": "handle"}, "on_outcomes must be a function"),
        ({"message": "None"}, "message is the word None: what it comes from had nothing; give the text to send."),
        ({"message": 12345}, "message is not text, but of type int; give the text to send."),
        ({"message": {"text": "Hello"}}, "message is not text, but of type dict; "),
        (
            {"message": "{'text': 'Hello'}"},
            "message is a program's value written out, not text: take one field of it; ",
        ),
        ({"message": "   "}, "message is blank; "),
        ({"message": "\u200b\u2060\ufeff"}, "message is blank; "),
        ({"message": "Salam \ud83d"}, "message holds half a character"),
        ({"to": {"Ali": ONE}}, "to must be a number or a list of numbers, not a value of type dict."),
        ({"to": "None"}, "to must be a number or a list of numbers, not 'None'."),
        ({"to": True}, "to must be a number or a list of numbers, not True."),
        ({"to": b"923001000000"}, "to must be a number or a list of numbers, not a value of type bytes."),
        ({"to": [{"to": ONE}]}, "Nothing can be sent: bad number: a phone number is text or a whole number, not dict."),
    ],
)
def test_settings_and_texts(sandbox, fields, sentence):
    assert sentence in refused(sandbox, **fields)


def test_settings_are_read_before_anybody_hears_of_the_messages(sandbox):
    told: list[Any] = []
    messages = [{"to": "12", "message": TEXT, "key": 1}, {"to": ONE, "message": TEXT, "key": 2}]
    fields = {"to": None, "message": None, "messages": messages, "on_outcomes": told.append}
    refused(sandbox, **fields, concurrency="many")
    assert told == []


# What templates and other tasks leave.


@pytest.mark.parametrize(
    ("native", "left"), [(False, None), (True, None), (True, {"text": "Hello"}), (False, ["Hello"])]
)
def test_a_message_from_another_task_that_left_none(sandbox, native, left):
    with DAG(
        "d", start_date=datetime(2026, 11, 23, tzinfo=timezone.utc), schedule=None, render_template_as_native_obj=native
    ):
        task = operator(to=ONE, message="{{ ti.xcom_pull('words') }}")
    own = context(StateStore())
    own["ti"] = SimpleNamespace(**vars(own["ti"]), xcom_pull=lambda task_id: left)
    task = task.prepare_for_execution()
    task.render_template_fields(own)
    with pytest.raises(AirflowFailException, match="message"):
        task.execute(own)
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize("name", ["mask", "max_per_second"])
def test_a_setting_that_a_task_was_to_give_and_did_not_is_no_default(sandbox, name):
    task = operator(to=ONE, message=TEXT, **{name: "{{ ti.xcom_pull('before') }}"})
    setattr(task, name, None)  # as rendering leaves it with native objects
    with pytest.raises(AirflowFailException, match=f"^{name} came out as None: "):
        task.execute(context(StateStore()))
    assert sandbox.received()["posts"] == 0


def test_a_price_that_is_not_known_is_said(capfd):
    """The balance cannot be compared with the cost then; that this is so must not look like "it pays for all"."""
    task = operator(to=ONE, message=TEXT)
    task._check_affordable(Balance(Decimal("1234.5"), None, ""), 3)
    assert "whether the balance of Rs 1,234.50 pays for 3 parts is not known" in "".join(capfd.readouterr())
    task._check_affordable(Balance(Decimal(9), Decimal(3), ""), 3)
    assert "not known" not in "".join(capfd.readouterr())


def test_mapped_tasks_that_get_a_setting_as_text(sandbox):
    with DAG("campaign", start_date=datetime(2026, 11, 23, tzinfo=timezone.utc), schedule=None) as dag:
        mapped = RoboSmsSendOperator.partial(task_id="send", message=TEXT, to=[ONE]).expand(dry_run=["y"])
    own = {**context(StateStore()), "dag": dag, "dag_run": SimpleNamespace(conf={})}
    own["ti"].map_index = 0
    mapped.render_template_fields(own)
    assert own["ti"].task.execute(own)["pending"] == 1
    assert sandbox.received()["posts"] == 0


# Lists.


@pytest.mark.parametrize("key", [None, "", " ", "\u200b", math.nan, "nan", "None", "NaT", "<NA>"])
def test_no_key_is_not_a_key_that_two_share(sandbox, key):
    messages = [{"to": number, "message": TEXT, "key": key} for number in numbers(3)]
    told: list[dict[str, Any]] = []
    result = run(StateStore(), messages=messages, on_outcomes=told.extend)
    assert (result["sent"], result["skipped"]) == (3, 0)
    assert texted(sandbox) == dict.fromkeys(numbers(3), 1)
    assert len({row["key"] for row in told}) == 3


@pytest.mark.parametrize(("first", "second"), [(1, 1.0), (1, Decimal("1.0")), ("1", " 1 "), (7, "7"), (2.0, 2)])
def test_a_key_is_the_same_in_another_form(sandbox, first, second):
    """A column of whole numbers becomes one of floats as soon as one of them is missing."""
    store = StateStore()
    assert run(store, messages=[{"to": ONE, "message": TEXT, "key": first}])["sent"] == 1
    run(store, messages=[{"to": ONE, "message": TEXT, "key": second}])
    assert texted(sandbox) == {ONE: 1}
    both = [{"to": TWO, "message": TEXT, "key": key} for key in (first, second)]
    assert run(StateStore(), messages=both)["skipped"] == 1
    assert texted(sandbox) == {ONE: 1, TWO: 1}


@pytest.mark.parametrize(
    "key", [Decimal("1" * 40), Decimal("1E+3000"), 1e300, Decimal("sNaN"), math.inf, Decimal("12.5")]
)
def test_an_odd_number_as_a_key_is_a_key_or_one_sentence(sandbox, key):
    with suppress(AirflowFailException):
        run(StateStore(), messages=[{"to": ONE, "message": TEXT, "key": key}])
    assert len(texted(sandbox)) <= 1


@pytest.mark.parametrize("keys", [(1, None), (None, 1), ("a", math.nan), ("", "a")])
def test_one_of_two_equal_messages_has_a_key(sandbox, keys):
    """Nobody knows that they are two."""
    messages = [{"to": ONE, "message": TEXT, "key": key} for key in keys]
    assert run(StateStore(), messages=messages)["skipped"] == 1
    assert texted(sandbox) == {ONE: 1}
    # Another text, or a key each: two messages.
    messages = [{"to": TWO, "message": f"{TEXT}{key}", "key": key} for key in keys]
    assert run(StateStore(), messages=messages)["sent"] == 2


@pytest.mark.parametrize("key", [object(), {1, 2}, frozenset("ab"), [object()], "<Row object at 0x7f3a>"])
def test_a_key_that_is_another_text_in_each_process(sandbox, key):
    """A retry would not know that the message was sent."""
    sentence = refused(sandbox, to=None, message=None, messages=[{"to": ONE, "message": TEXT, "key": key}])
    assert sentence.startswith("messages[0]: its key is ")
    assert "0x" not in sentence or isinstance(key, str)


def test_a_key_of_more_digits_than_can_be_written_is_no_missing_key(sandbox):
    sentence = refused(sandbox, to=None, message=None, messages=[{"to": ONE, "message": TEXT, "key": 10**5000}])
    assert sentence == "messages[0]: its key is a number with so many digits: give a text or a number."


def test_who_has_no_key_and_no_number_is_told_nobody(sandbox):
    told: list[dict[str, Any]] = []
    messages = [{"to": "12", "message": TEXT, "key": ""}, {"to": ONE, "message": TEXT, "key": "a"}]
    assert run(StateStore(), messages=messages, on_outcomes=told.extend)["skipped"] == 1
    assert [row["key"] for row in told] == ["a"]


def test_a_key_of_two_numbers_stops_before_anything_is_sent(sandbox):
    messages = [{"to": ONE, "message": TEXT, "key": 7}, {"to": TWO, "message": TEXT, "key": 7}]
    sentence = refused(sandbox, to=None, message=None, messages=messages)
    assert sentence.startswith("messages[1] has the key of an earlier message to another number: ")


def test_a_key_that_cannot_be_stored(sandbox):
    messages = [{"to": ONE, "message": TEXT, "key": "Ali \ud83d"}]
    assert "messages[0]: its key holds half a character" in refused(sandbox, to=None, message=None, messages=messages)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\u200b\u200d", "the text is blank"),
        ("None", "the text is the word None: what it comes from had nothing"),
        ("nan", "the text is the word nan: what it comes from had nothing"),
        ("{'text': 'Hello'}", "the text is a program's value written out, not text: take one field of it"),
        ("Salam \udc00", "the text holds half a character (a lone surrogate), which cannot be sent: type it again"),
    ],
)
def test_what_is_no_text_is_skipped_with_its_reason(sandbox, text, reason):
    told: list[dict[str, Any]] = []
    messages = [{"to": ONE, "message": text, "key": "a"}, {"to": TWO, "message": TEXT, "key": "b"}]
    assert run(StateStore(), messages=messages, on_outcomes=told.extend)["skipped"] == 1
    assert texted(sandbox) == {TWO: 1}
    assert {row["key"]: row["detail"] for row in told}["a"] == reason


# The words.


def test_no_sentence_speaks_of_a_sheet_to_the_author_of_a_dag():
    """Their numbers come from databases and XCom: there are no cells, rows, columns, tick boxes or formulas."""
    whole: list[Any] = [
        None,
        "",
        True,
        0.5,
        -1,
        10**16,
        math.nan,
        9.23e11 + 0.5,
        {},
        datetime.now(timezone.utc),
        "9.2E+11",
    ]
    texts = [
        "Ali",
        "O300 1234567",
        "#N/A",
        "2026-11-25",
        "042 35761999",
        "+44 7911 123456",
        "0300",
        "0300 1234567 ext 5",
    ]
    several = ["0300 1234567 / 0301 1234567", "x" * 200, "(+)", "0300\x001234567"]
    entries = [{"to": number, "message": TEXT} for number in (*whole, *texts, *several)]
    plan = ListPlan.of(entries, None, one_each=True)
    assert len(plan.skipped) > 10
    for reason in plan.skipped:
        words = reason.replace("formula error", "")
        assert not [word for word in ("cell", "row", "column", "tick", "formula", "format") if word in words], reason


def test_in_a_sheet_they_do():
    error = InvalidNumber("two or more numbers in one cell: keep one and give the other a row of its own")
    assert "cell" in str(error)
    assert elsewhere(error) == "two or more numbers in one value: give each an entry of its own"


def test_nothing_personal_is_left_behind(sandbox):
    store = StateStore()
    with pytest.raises(AirflowFailException):
        run(store, to=ONE, message={"text": f"call {ONE}"})
    assert ONE not in json.dumps(store.values)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("opted_out", True, "'Opt Out'"),
        ("DND", 1, "'Opt Out'"),
        ("send", False, "'Send'"),
        ("consent", False, "'Send'"),
        ("send_at", "2030-01-01 09:00", "'Send At'"),
        ("not_before", "2030-01-01", "'Send At'"),
    ],
)
def test_what_an_entry_says_about_sending_is_not_ignored(sandbox, name, value, meant):
    said = refused(sandbox, to=None, message=None, messages=[{"to": ONE, "message": TEXT, name: value}])
    assert said.startswith(f"messages[0] has '{name}', which may be meant for {meant} but would be ignored: leave out")


@pytest.mark.parametrize(
    "name",
    [
        *("mask", "not_after", "dry_run", "Max_Per_Second", "sender", "sender_mask", "max_segments", "send_window"),
        *(
            "senderId",
            "sender_name",
            "checkbalances",
            "sender id",
            "Sender Mask",
            "sender-mask",
            "maxSegments",
            "dryRun",
            "send_windw",
        ),
    ],
)
def test_a_setting_in_an_entry_is_not_ignored(sandbox, name):
    said = refused(sandbox, to=None, message=None, messages=[{"to": ONE, "message": TEXT, name: "x"}])
    assert said.startswith(f"messages[0] has '{name}', which is a setting of the operator, for all its messages")


def test_what_else_stands_in_an_entry_is_nobodys_business(sandbox):
    data = dict.fromkeys(
        (
            "name",
            "gender",
            "Tender",
            "currency",
            "credit limit",
            "from_city",
            "marks",
            "form",
            "task",
            "from",
            "limit",
            "limits",
            "from_to",
            "segments",
            "per_second",
            "ask",
            "render",
            "fender",
            "Rom",
            "fro",
            "sender_ref",
        ),
        "x",
    )
    entry = {"to": ONE, "message": TEXT, "status": "active", "sent_by": "shop", 7: None, **data}
    assert run(StateStore(), messages=[entry])["sent"] == 1


def test_what_a_text_has_as_a_tag_is_data(sandbox):
    """That it is not filled in is said of that message; the others of the list go out."""
    unfilled = {"to": TWO, "message": "A {{ mask }} of {{sender}}", "mask": "wolf", "sender": "Ali"}
    said = refused(sandbox, to=None, message=None, messages=[unfilled, {**unfilled, "message": TEXT}])
    assert said.startswith("messages[1] has 'mask', which is a setting of the operator")
    result = run(StateStore(), messages=[{"to": ONE, "message": TEXT}, unfilled])
    assert (result["sent"], result["skipped"]) == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Dear {{ name }}, your dues", "{% if x %}hi{% endif %}", "True", "false", '"null"', "'None'", '""', "#VALUE! #REF!",
        "<html><body>Bad gateway", "???? ?? ????", "caf\ufffd",
    ],
)  # fmt: skip
def test_what_a_program_left_of_a_text_is_not_texted(sandbox, text):
    with pytest.raises(AirflowFailException, match="Nothing can be sent: the text "):
        run(StateStore(), messages=[{"to": ONE, "message": text}])
    assert sandbox.received()["posts"] == 0


@pytest.mark.parametrize(
    "text", ["Is it true?", "True love is free today", "What??? Sale!", "Rs 5 off {today}", "50% off"]
)
def test_a_text_that_only_looks_like_that(sandbox, text):
    assert run(StateStore(), messages=[{"to": ONE, "message": text}])["sent"] == 1


@pytest.mark.parametrize("key", [({"a", "b"}, 7), ["a"], {"a": 1}])
def test_a_key_that_may_be_another_text_in_each_process(sandbox, key):
    said = refused(sandbox, to=None, message=None, messages=[{"to": ONE, "message": TEXT, "key": key}])
    assert said.startswith("messages[0]: its key is ")


@pytest.mark.parametrize("mask", ["['SMS-ALERT']", "Loading...", "#REF!", "True", "{{ x }}", "None"])
def test_a_mask_that_is_none(sandbox, mask):
    assert refused(sandbox, mask=mask).startswith("mask ")
