"""Whom the rows of a query text, and which of them are left out: pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.transfers.sql_plan import Others, SqlPlan, Texts, make_plan, may_be_shown, message_key
from airflow_provider_robosms.transfers.sql_table import SENDING, Names, Spoken, identifier, said


def plan(*rows: Any, others: Others | None = None, limit: int | None = None) -> SqlPlan:
    """Return the plan for rows of key, number, name."""
    return make_plan(
        ["id", "phone", "name"],
        rows,
        key_column="id",
        phone_column="phone",
        texts=Texts("Dear {{ name }}", None),
        others=others or Others(),
        sender_id=None,
        limit=limit,
    )


class Shows:
    """A value of a library that has a text of its own, such as NumPy's arrays and the NA of pandas."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        float("nan"),
        b"\x00",
        memoryview(b"x"),
        ["Ali"],
        {"name": "Ali"},
        object(),
        Decimal("NaN"),
        Decimal("sNaN"),
        float("inf"),
        Decimal("-Infinity"),
        Shows("<NA>"),
        "None",
        " NULL ",
        "nan",
        "<NA>",
        "#REF!",
        "#N/A",
        "Loading...",
        Shows("[1 2 3]"),
        Shows("Row(a=1)"),
        '{"name": "Ali"}',
        "['Ali']",
        "[object Object]",
        "b'Ali'",
        "Decimal('5')",
        "#REF! #REF!",
        "inf",
        True,
        pytest.param(10**5000, id="huge"),
    ],
)
def test_what_is_no_text_in_a_table_is_not_texted(nothing: object) -> None:
    made = plan((50, "0345 1234567", nothing))
    assert made.messages == []
    assert made.skips[0].detail in (
        "tag {{name}} is blank",
        "tag {{name}} holds an error, or a value that is no text",
    )


def due(value: object) -> list[str]:
    """Return the texts for a row with that value in a tag that says what stands there when it is blank."""
    texts = Texts("You owe Rs {{ due | 0 }}", None)
    made = make_plan(
        ["id", "phone", "due"],
        [(1, "0345 1234567", value)],
        key_column="id",
        phone_column="phone",
        texts=texts,
        others=Others(),
        sender_id=None,
        limit=None,
    )
    return [message.text for message in made.messages]


@pytest.mark.parametrize(
    "value", ["#N/A", "Loading...", b"500", [500], float("inf"), pytest.param(10**5000, id="huge")]
)
def test_an_error_is_not_absence(value: object) -> None:
    assert due(value) == []


@pytest.mark.parametrize(
    "value",
    [None, "", " \u200b", float("nan"), Decimal("NaN"), Shows("<NA>"), Shows("NaT"), "None", "null", "NaN", "\\N"],
)
def test_what_is_absent_is_replaced_by_what_the_tag_says(value: object) -> None:
    assert due(value) == ["You owe Rs 0"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("0E-8"), "0.00000000"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.50"), "12.50"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1500.0, "1500"),
        (7, "7"),
        ("[Shop] 5", "[Shop] 5"),
    ],
)
def test_a_number_is_written_as_people_do(value: object, shown: str) -> None:
    assert due(value) == [f"You owe Rs {shown}"]


@pytest.mark.parametrize("number", [None, "", b"0300", ["0300-1234567"], {}, float("nan"), True])
def test_what_is_no_number_is_not_texted(number: Any) -> None:
    made = plan((1, number, "Ali"))
    assert made.messages == []
    assert made.skips[0].detail.startswith("bad number")


@pytest.mark.parametrize("key", [None, "", " ", "nan", float("nan"), b"\x01"])
def test_a_row_without_a_key_stops(key: Any) -> None:
    with pytest.raises(RoboSmsError, match="sql gives a row without a key") as caught:
        plan((key, "0345 1234567", "Ali"))
    assert caught.value.permanent


def test_who_is_beyond_the_limit_keeps_the_number() -> None:
    made = plan((1, "0345 1234567", "A"), (2, "0345 1234568", "B"), (3, "0345 1234568", "C"), limit=1)
    assert [message.to for message in made.messages] == ["923451234567"]
    assert (made.beyond_limit, [skip.detail for skip in made.skips]) == (1, ["same number as row 2"])


def test_a_result_counts_more_than_a_claim() -> None:
    spoken = [Spoken(1, "0345 1234567", SENDING), Spoken(2, "+92 345 1234567", "SENT")]
    for order in (spoken, spoken[::-1]):
        made = plan((3, "0345-1234567", "Ali"), others=Others.of([], order))
        assert [skip.detail for skip in made.skips] == ["same number as row 2, which is SENT"]


def test_opt_outs_that_are_no_number_are_counted() -> None:
    others = Others.of(["0345-1234567", "+92 345 1234567", None, " ", "042 35761234", "nobody", 3.5], [])
    assert (others.opted_out, others.unreadable) == ({"923451234567"}, 2)


@pytest.mark.parametrize(("key", "shown"), [(7, True), (3001234567, False), ("7", False), (True, False), (-1, False)])
def test_only_small_whole_numbers_are_shown_as_keys(key: Any, shown: bool) -> None:
    assert may_be_shown(key) is shown


def test_a_key_is_the_same_in_each_process() -> None:
    assert message_key(7) == "key:7"


@pytest.mark.parametrize("name", ["a b", "a;b", 'a"b', "a--", "1a", "a.b", "ä", "a\n"])
def test_a_column_is_a_name_and_nothing_else(name: str) -> None:
    with pytest.raises(RoboSmsError, match="key_column must be the name of a column"):
        identifier(name, "key_column")


def test_a_table_may_have_a_schema() -> None:
    assert identifier("crm.public.customers", "table", parts=3) == "crm.public.customers"
    with pytest.raises(RoboSmsError, match="table must be the name of a table"):
        identifier("a.b.c.d", "table", parts=3)
    assert Names("t", "id", "phone", "sms_").message_id == "sms_message_id"


@pytest.mark.parametrize("number", ["0300-1234567", "+92 300 1234567", "923001234567", "(0300) 123 45 67"])
def test_an_error_of_a_database_is_told_without_numbers_and_in_one_line(number: str) -> None:
    words = said(ValueError(f"duplicate key ({number}) exists\nDETAIL: {number}"))
    assert words.startswith("ValueError: duplicate key")
    assert words.endswith("exists")
    assert not any(part in words for part in ("1234567", "123 45"))
