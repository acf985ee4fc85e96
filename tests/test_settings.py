"""Where settings become values: what is clear is taken, anything else is one sentence, and for good."""

from __future__ import annotations

import datetime
import numbers
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from airflow_provider_robosms import settings
from airflow_provider_robosms.exceptions import RoboSmsError

#: More digits than Python turns into text.
HUGE = pytest.param(10**5000, id="huge")


def refused(read: Any, value: Any, *args: Any, **bounds: Any) -> str:
    """Return the sentence by which a setting is refused."""
    with pytest.raises(RoboSmsError) as caught:
        read(value, *args, **bounds)
    assert caught.value.permanent
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence) < 250
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("value", [True, 1, 1.0, "True", " true ", "TRUE", "t", "yes", "Y", "on", "On", "1"])
def test_yes(value: Any) -> None:
    assert settings.boolean(value, "dry_run") is True


@pytest.mark.parametrize("value", [False, 0, 0.0, "False", "false\n", "f", "no", "N", "off", "OFF", "0"])
def test_no(value: Any) -> None:
    assert settings.boolean(value, "dry_run") is False


@pytest.mark.parametrize(
    "value",
    [None, "", " ", "None", "tru", "ja", "2", 2, -1, 0.5, float("nan"), [], ["true"], {}, {"a": 1}, b"true", object()],
)
def test_neither_yes_nor_no(value: Any) -> None:
    assert refused(settings.boolean, value, "dry_run").startswith("dry_run must be True or False, not ")


@pytest.mark.parametrize("value", [5, "5", " 5 ", "+5", 5.0, "5.0", Decimal(5), Decimal("5.0"), "5e0"])
def test_whole_numbers(value: Any) -> None:
    assert settings.whole(value, "limit", least=1) == 5
    assert isinstance(settings.whole(value, "limit", least=1), int)


@pytest.mark.parametrize(
    "value",
    [
        -1,
        0,
        26,
        "0",
        "-1",
        "2.5",
        2.5,
        True,
        False,
        None,
        "",
        "None",
        "many",
        "1,000",
        "0x10",
        "1e999999",
        "1e-999999",
        "inf",
        "nan",
        float("inf"),
        float("nan"),
        Decimal("NaN"),
        Decimal("1e999999"),
        HUGE,
        Fraction(1, 2),
        [5],
        {},
    ],
)
def test_no_whole_numbers(value: Any) -> None:
    sentence = refused(settings.whole, value, "partitions", least=1, most=25)
    assert sentence.startswith("partitions must be a whole number from 1 to 25, not ")


@pytest.mark.parametrize("value", [None, "", "  ", "\u200b"])
def test_not_set(value: Any) -> None:
    assert settings.optional_whole(value, "limit", least=1) is None
    assert settings.optional_number(value, "max_per_second", least=0.001, most=1000) is None
    assert settings.optional_text(value, "mask") is None


def test_a_whole_number_of_another_library_is_a_name() -> None:
    class Scalar:
        def __str__(self) -> str:
            return "2026"

    numbers.Integral.register(Scalar)
    assert settings.text(Scalar(), "recipients_sheet") == "2026"


def test_what_looks_like_a_text_is_looked_at_fast() -> None:
    started = time.process_time()
    for value in (
        "[" + "1 " * 30_000,
        "[" * 5_000,
        "(" * 9_000 + ")",
        "<" + "a " * 20_000,
        "Row(" * 20_000,
        "\u200b" * 50_000 + "x",
    ):
        settings.message(value)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "value", ["None", " None ", "null", "nan", "NaN", "<NA>", "None\u200b", "\uff2eone", "null null", "None, None"]
)
def test_a_limit_does_not_vanish_when_a_template_finds_nothing(value: Any) -> None:
    for read, bounds in (
        (settings.optional_whole, {}),
        (settings.optional_number, {"least": 0, "most": 9}),
        (settings.optional_text, {}),
    ):
        assert f"limit came out as {value}: " in refused(read, value, "limit", **bounds)


def test_nor_when_another_task_returns_nothing() -> None:
    assert "limit came out as None: " in refused(settings.optional_whole, None, "limit", given=True)
    assert settings.optional_whole("", "limit", given=True) is None
    assert settings.optional_whole("7", "limit", given=True) == 7


@pytest.mark.parametrize("value", [0, "0", -1, "-1"])
def test_no_limit_is_not_written_as_0(value: Any) -> None:
    assert "limit must be a whole number from 1, not" in refused(settings.optional_whole, value, "limit", least=1)


@pytest.mark.parametrize(("value", "is_"), [(2, 2.0), (0.5, 0.5), ("0.5", 0.5), (Decimal("0.5"), 0.5), ("1e1", 10.0)])
def test_numbers(value: Any, is_: float) -> None:
    assert settings.number(value, "max_per_second", least=0.001, most=1000) == is_


@pytest.mark.parametrize(
    "value",
    [0, -1, "0", "inf", "-inf", "nan", float("inf"), float("nan"), 1e-9, 1001, "1e999999", True, "fast", [], None],
)
def test_no_numbers(value: Any) -> None:
    sentence = refused(settings.number, value, "max_per_second", least=0.001, most=1000)
    assert sentence.startswith("max_per_second must be a number from 0.001 to 1,000, not ")


@pytest.mark.parametrize("value", [600, "600", 600.0, datetime.timedelta(minutes=10), pendulum.duration(minutes=10)])
def test_lengths_of_time(value: Any) -> None:
    assert settings.seconds(value, "min_interval") == 600


@pytest.mark.parametrize(
    "value", [-1, datetime.timedelta(seconds=-1), "inf", True, None, "ten minutes", datetime.timedelta.max]
)
def test_no_lengths_of_time(value: Any) -> None:
    assert refused(settings.seconds, value, "min_interval").startswith(
        "min_interval must be a timedelta or seconds from 0"
    )


@pytest.mark.parametrize(("value", "is_"), [("Recipients", "Recipients"), (2026, "2026"), ("2026", "2026")])
def test_names(value: Any, is_: str) -> None:
    assert settings.text(value, "recipients_sheet") == is_


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " ",
        "\u200b",
        "None",
        "nan",
        True,
        1.5,
        b"x",
        [],
        {"text": "x"},
        "tab \ud83d",
        object(),
        HUGE,
        "\u200bNone",
    ],
)
def test_no_names(value: Any) -> None:
    assert refused(settings.text, value, "recipients_sheet").startswith("recipients_sheet must be text, not ")


@pytest.mark.parametrize(
    "value",
    [
        "Hello",
        "12345",
        "{ 50 % off }",
        "[Sale] today",
        "{first} {last}",
        "None of these",
        "سلام",
        "(Sale!)",
        "b'day gift",
        "[Shop] Dear {{First Name}}",
        "{{First Name}}, your fees are due",
        "{{First Name}}",
        "{{Name}}",
        "{{1}}",
        "[Shop]",
        "[Shop, School] Fees due [today]",
        "[Sale] 50% (new)",
        "Sale(50)",
        "Set (of 5)",
        "Date(12 Dec) bring your book (new)",
        "Null and void",
        "<Hello>",
        "[-]",
        "\U0001f600",
        "\U0001f389\U0001f389",
        "!",
        "...",
        "?",
        "\u06d4",
    ],
)
def test_messages(value: str) -> None:
    assert settings.message(value, tags=True) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "is None"),
        (12345, "type int"),
        (float("nan"), "type float"),
        ({"text": "Hello"}, "type dict"),
        (["Hello"], "type list"),
        (b"Hello", "type bytes"),
        ("", "is blank"),
        ("   ", "is blank"),
        ("\u200b\u200d\ufeff", "is blank"),
        ("\u3164", "is blank"),
        ("None", "the word None"),
        (" None\n", "the word None"),
        ("nan", "the word nan"),
        ("{'text': 'Hello'}", "written out"),
        ('{"text": "Hello", "to": null}', "written out"),
        ("['Hello']", "written out"),
        ("[]", "written out"),
        ("<airflow.models.X object at 0x7f00>", "written out"),
        ("none", "the word none"),
        ("NULL", "the word NULL"),
        ("N/A", "the word N/A"),
        ("b'Hello'", "written out"),
        ("('Hello', 'Ali')", "written out"),
        ("OrderedDict([('text', 'Hello')])", "written out"),
        ("Decimal('12.50')", "written out"),
        ("datetime.date(2026, 1, 1)", "written out"),
        ("<class 'str'>", "written out"),
        ("[object Object]", "written out"),
        ("Salam \ud83d", "half a character"),
        ("\u200bNone", "the word None"),
        ("#REF!", "spreadsheet shows in place of a value"),
        ("\uff03N/A!", "spreadsheet shows in place of a value"),
        ("Loading...", "spreadsheet shows in place of a value"),
        ("N\u200bone\ufeff", "the word None"),
        ("\uff2e\uff4f\uff4e\uff45", "the word None"),
        ("nULL", "the word nULL"),
        ("<NA>", "the word <NA>"),
        ("NaT", "the word NaT"),
        ("undefined", "the word undefined"),
        ("<nil>", "the word <nil>"),
        ("#n/a", "the word #n/a"),
        ("[(1, Decimal('3.50'))]", "written out"),
        ("[(1, Decimal('3.50'), 'Hello'), (2, None, 'x')]", "written out"),
        ("{'id': 1, 'due': datetime.date(2026, 1, 1)}", "written out"),
        ("[{'a': nan}]", "written out"),
        ('{"a": NaN, "b": -Infinity}', "written out"),
        ("{ id: 1, name: 'Hello' }", "written out"),
        ("array([1, 2])", "written out"),
        ("array([1., nan], dtype=float32)", "written out"),
        ("[1 2 3]", "written out"),
        ("[[1. 2.]\n [3. nan]]", "written out"),
        ("np.float64(1.5)", "written out"),
        ("bytearray(b'Hello')", "written out"),
        ("frozenset({1, 2})", "written out"),
        ("set()", "written out"),
        ("range(0, 3)", "written out"),
        ("<generator object f at 0x7f00>", "written out"),
        ("<bound method A.b of <A object at 0x7f00>>", "written out"),
        ("[<A object at 0x7f00>, 1]", "written out"),
        ("<Response [200]>", "written out"),
        ("<Status.SENT: 'SENT'>", "written out"),
        ("<TaskInstance: d.t run [running]>", "written out"),
        ("Row(id=1, name='Hello')", "written out"),
        ("Customer(name='Hello')", "written out"),
        ("ValueError('Hello')", "written out"),
        ("XComArg(<Task(EmptyOperator): t>)", "written out"),
        ("LazyXComSequence([3 items])", "written out"),
        ("LazyXComSequence(<unevaluated length>)", "written out"),
        ("\u200b{'text': 'Hello'}\ufeff", "written out"),
        (f"[{{'text': '{'Hello' * 3000}'}}]", "written out"),
    ],
)
def test_what_is_no_text_is_never_a_message(value: Any, reason: str) -> None:
    sentence = refused(settings.message, value)
    assert sentence.startswith("message ")
    assert reason in sentence
    assert "Hello" not in sentence


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("Asia/Karachi", "Asia/Karachi"),
        (" Asia/Karachi ", "Asia/Karachi"),
        (ZoneInfo("Asia/Karachi"), "Asia/Karachi"),
        (pendulum.timezone("Asia/Karachi"), "Asia/Karachi"),
        (datetime.timezone.utc, "UTC"),
        ("UTC", "UTC"),
    ],
)
def test_time_zones(value: Any, key: str) -> None:
    assert settings.timezone(value).key == key


@pytest.mark.parametrize(
    "value",
    [
        "Asia",
        "",
        " ",
        "None",
        None,
        5,
        True,
        "Karachi",
        "../etc/passwd",
        "/etc/localtime",
        "Asia/Karachi\0",
        "\ud800",
        "PKT",
        "localtime",
        ZoneInfo("Factory"),
        datetime.timezone(datetime.timedelta(hours=5)),
        ["Asia/Karachi"],
    ],
)
def test_no_time_zones(value: Any) -> None:
    assert refused(settings.timezone, value, "timezone").startswith(
        "timezone must be a time zone such as Asia/Karachi, not "
    )


@pytest.mark.parametrize(
    "value", ["0300 1234567", 923001234567, {"to": "923001234567"}, ["923001234567"], "x" * 500, HUGE]
)
def test_no_sentence_shows_a_number_that_can_be_texted(value: Any) -> None:
    for read in (settings.boolean, settings.timezone):
        sentence = refused(read, value, "x")
        assert "1234567" not in sentence
        assert len(sentence) < 150


def test_one_of_a_few_words() -> None:
    assert settings.choice("below", "condition", ("at_least", "below")) == "below"
    for value in ("Below", "", None, True, ["below"]):
        assert refused(settings.choice, value, "condition", ("at_least", "below")).startswith(
            "condition must be at_least or below, not "
        )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *((name, True) for name in ("senderid", "Sender ID", "sender-id", " senderId ", "sendrid", "SENDER_ID")),
        *((name, False) for name in ("", "id", "send", "sent", "status", "user id", "x" * 50_000)),
    ],
)
def test_a_name_that_may_be_meant_for_a_setting(name: str, found: bool) -> None:
    assert settings.resembles(name, ("senderid", "limit")) is found
