"""Every word of every table is one that a name can give: a word that nothing matches protects nobody, silently."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from airflow_provider_robosms.recipients import channel_words, header_words, opt_outs_tab, protecting, spelling, things
from airflow_provider_robosms.recipients.protecting import _forms as forms
from airflow_provider_robosms.recipients.protecting import _words as words_of
from airflow_provider_robosms.recipients.protecting import names_phone
from airflow_provider_robosms.recipients.spelling import word_form

#: What a cell says, which is compared in another way.
_OTHERS = {"YES", "NO", "__builtins__"}


def words_in(module: ModuleType) -> Iterator[tuple[str, str]]:
    for name, table in vars(module).items():
        for entry in table if isinstance(table, (frozenset, dict)) and name not in _OTHERS else ():
            for word in entry if isinstance(entry, tuple) else (entry,):
                if isinstance(word, str) and word.isalpha() and word.islower() | (not word.isascii()):
                    yield name, word


@pytest.mark.parametrize(
    "module", [header_words, channel_words, things, protecting, opt_outs_tab], ids=lambda one: one.__name__
)
def test_every_word_of_a_table_is_found_by_a_name_that_is_it(module: ModuleType) -> None:
    found = [*words_in(module)]
    assert found
    missed = [(name, word) for name, word in found if words_of(forms(word)[0]) != (word,)]
    assert not missed


def test_every_word_has_the_spelling_it_is_compared_in() -> None:
    assert [word for word in spelling._SPELLINGS if word_form(word) != word] == []


@pytest.mark.parametrize(
    ("word", "others"),
    [
        (
            "nahi",
            "na nahin nai nhi nahee naheen nae ni nh \u0646\u06c1 \u0646\u06c1\u06cc\u06ba \u0646\u0647\u064a\u06ba",
        ),
        ("karna", "kar kr karo kro krna karein krein karen karni kardo kijiye"),
        ("kardiya", "krdia kardi karti karta \u06a9\u0631\u062f\u06cc\u0627"),
        ("bhejdiya", "bhejdia bhejdi bhejte"),
        ("diya", "dia dya di diye \u062f\u06cc\u0627 \u062f\u06cc"),
        ("dena", "de dein dain \u062f\u06cc\u06ba \u062f\u0648"),
        ("bhejna", "bhej bhejo bhejein bhjein bhejain bhejni bhejdo bhejiye"),
        ("kiya", "kia kya kea"),
        ("chahiye", "chahie chahye chahiyay chahiay chaiye chahti"),
        ("mana", "maana manaa mna"),
        ("inkar", "inkaar enkar"),
        ("refuse", "refused refuses refusal refusals refusing"),
        ("exclude", "excluded excludes exclusion exclusions"),
    ],
)
def test_spellings_of_one_word(word: str, others: str) -> None:
    assert {word_form(other) for other in others.split()} == {word}


@pytest.mark.parametrize(
    "word",
    ["no", "name", "nine", "note", "nana", "neha", "car", "core", "karan", "kiran", "bheja", "bheji", "ban", "bandwidth",
     "man", "maria", "exclusive", "withdrawal", "withdraw", "rejection", "denial", "excl",
     "card", "do", "his", "have", "home", "janat", "walk", "just",
     "\u06a9\u0631\u06a9\u0679", "\u06a9\u0631\u0627\u06cc\u06c1"],
)  # fmt: skip
def test_other_words_keep_theirs(word: str) -> None:
    assert word_form(word) == word


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u0648\u0628\u0627\u0626\u0644",
        "\u0645\u0648\u0628\u0627\u0626\u0644 \u0646\u0645\u0628\u0631",
        "\u0641\u0648\u0646",
    ],
)
def test_a_column_of_mobiles_in_urdu(name: str) -> None:
    assert names_phone(name)
