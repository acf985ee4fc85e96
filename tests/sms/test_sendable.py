"""What is a text and what a program or a person left in the place of one."""

from __future__ import annotations

import time

import pytest

from airflow_provider_robosms.sms.sendable import why_not_sendable

UNFILLED = [
    "Dear {{ name, hi", "Dear name }}, hi", "Dear {{ " + "x" * 201 + " }}", "Dear {{ name }}", "{% if x %}hi",
    "hi {% endif %}", "Dear {}", "Dear { }, pay", "Dear %s", "Rs%s due", "Rs %d due", "Dear %(name)s", "Rs %.2f",
    "Dear ${name}", "Dear #{name}", "Dear %{name}", "Dear <%= name %>", "Dear {customer['name']}",
    "Dear {customer.name}", "Dear {row[0]}", "Dear {get()}", "Dear {0}", "Rs {amount:,.2f}", "Dear {name!r}",
    "Dear {name}", "Dear {first_name}", "Rs {amount}", "https://x.pk/?id=%s",
]  # fmt: skip
WRITTEN = [
    "Rs Decimal('12.50') due", "Due datetime.date(2026, 11, 23)", "at datetime.datetime(2026, 11, 23, 9, 0)",
    "Dear <NA>, pay", "Dear b'Ali', pay", 'Dear b"Ali", pay', "Dear {'name': 'Ali'}, pay", 'Dear {"name": "Ali"}, pay',
    "Dear {name: 'Ali'}, pay", "Dear ['Ali', 'Zara'], pay", "Dear ['Ali'], pay",
    "Dear [None], pay", "Dear [('Ali', 1)]", "Dear {'Ali'}, pay", "Rs np.float64(12.5) due",
    "Rs numpy.int64(5)", "on Timestamp('2026-11-23')", "Due NaT", "Dear <nil>", "Dear (null)", "Dear <no value>",
    "Dear [object Object]", "Dear <X object at 0x7f00>", "id UUID('a')", "Dear dict_values(['Ali'])",
    "in datetime.timedelta(days=3)", "Dear <class 'str'>", "OrderedDict({'a': 1}) is due",
]  # fmt: skip
NO_TEXTS = [
    "-",
    "--",
    "– —",
    "___",
    '"',
    "''",
    "〃",
    "✓",
    "✔️",
    "☑️",
    "√",
    "❌",
    "NA",
    "na",
    "N.A.",
    "nil",
    "TBD",
    "tbc",
    "(blank)",
    "#",
]
TEXTS = [
    "Dear Ali, your bill of Rs 500 is due on 30 November (Monday). Don't delay.", "50% off", "50%", "100%sale",
    "Rs 5 off {today}", "{50% off}", "{50%} sale", "[Shop] Sale", "[Shop] Dear Ali", "[5] new offers", "Sale (50)",
    "Sale(50)", "Go to Counter(5)", "Parent(s)", "Dear None, Rs None", "Dear nan", "Vitamin B'12",
    "Plan b's for boys' school", "I <3 it", "a < b > c", "https://x.pk/?q=%D8%B9%20", "https://x.pk/a%d8%b9",
    "Dates: 1, 2, 3", "See (1, 2)", "Size 'S', 'M'", "Rs 5 (null and void)", "Nat is here", ":-}", "{ Sale }", "!", "?",
    "...", "🎉", "OK", "Yes", "No", "Done", "date(s): 5 May", "Class 5-A/B", "Email: a_b@c.pk", "'Sale'", "سلام [نیا]",
    "Classes [9, 10] are off", "Marks [5, 6, 7]", "Marks [12.5, 13.0]", "Rs {1,500}", "Rs {1,500} only", "[] Yes [] No",
    "Open {10:00 - 6:00}", "Dues: (nil)", "Tick [] and return", "Roll No. [12,13,14] come at 9",
    "100 %", "Rs.500/-", "*Sale*", "Meet at 5 (Decimal Rd)",
]  # fmt: skip


@pytest.mark.parametrize("text", UNFILLED)
def test_what_nothing_has_filled_in(text: str) -> None:
    assert str(why_not_sendable(text)).endswith("that nothing has filled in")
    assert why_not_sendable(text, tags=True) is None


@pytest.mark.parametrize("text", WRITTEN)
def test_a_programs_value_inside_a_text(text: str) -> None:
    assert "holds a program's value written out" in str(why_not_sendable(text))
    assert why_not_sendable(text, tags=True) is None, "an exception that an alert quotes may hold it"
    assert "holds a program's value written out" in str(why_not_sendable(text, typed=True)), "a sheet may be an export"


@pytest.mark.parametrize("text", NO_TEXTS)
def test_marks_and_words_for_nothing_are_no_text(text: str) -> None:
    assert why_not_sendable(text)
    assert why_not_sendable(text, tags=True)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_a_text(text: str) -> None:
    assert why_not_sendable(text) is None


@pytest.mark.parametrize("text", ["Dear {0}", "Dear %s", "${x}", "Dear {name}"])
def test_a_persons_cell_may_hold_what_no_program_fills_in(text: str) -> None:
    assert why_not_sendable(text, typed=True) is None


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "{a",
        "{a_",
        "{a.",
        "{a[",
        "[",
        "['",
        "[1,",
        "b'",
        "%(",
        "(",
        "a(",
        "<",
        "np.",
        "{ ",
        "[ ",
        'b"',
        "{'",
        "[(",
        "-",
    ],
)
def test_a_long_text_takes_no_time(piece: str) -> None:
    began = time.process_time()
    for text in (
        piece * (50_000 // len(piece)),
        piece + " " * 50_000 + "x",
        piece + "a_" * 25_000,
        piece + "1." * 25_000,
    ):
        why_not_sendable(text)
    assert time.process_time() - began < 1
