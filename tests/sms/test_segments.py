"""Parts of a text: the cases of the standard, and properties against a splitter written apart from the package."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_robosms.sms.segments import Segments, measure, smart_encode, truncate
from tests.sms.samples import ALPHABETS, GSM_BASIC, GSM_EXTENSION, random_text

FAMILY = "👨\u200d👩\u200d👧\u200d👦"

texts = st.one_of(
    st.randoms(use_true_random=False).map(random_text),
    st.text(max_size=500),
    st.text(alphabet=sorted(GSM_BASIC | GSM_EXTENSION), max_size=500),
)


def fewest_parts(text: str) -> Segments:
    """The definition, by trying every way to cut: the fewest parts in which no character is split."""
    gsm = all(character in GSM_BASIC or character in GSM_EXTENSION for character in text)
    if gsm:
        sizes = [2 if character in GSM_EXTENSION else 1 for character in text]
    else:
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in joined]
    encoding, single, per_part = ("GSM-7", 160, 153) if gsm else ("UCS-2", 70, 67)
    if sum(sizes) <= single:
        return Segments(encoding, sum(sizes), 1)
    fewest = [0]  # fewest[n]: for the first n characters
    for end in range(1, len(sizes) + 1):
        room, start, best = per_part, end, len(sizes)
        while start > 0 and room >= sizes[start - 1]:
            start -= 1
            room -= sizes[start]
            best = min(best, fewest[start] + 1)
        fewest.append(best)
    return Segments(encoding, sum(sizes), fewest[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 0, 1)),
        ("a" * 160, ("GSM-7", 160, 1)),
        ("a" * 161, ("GSM-7", 161, 2)),
        ("a" * 306, ("GSM-7", 306, 2)),
        ("a" * 307, ("GSM-7", 307, 3)),
        ("a" * 158 + "€", ("GSM-7", 160, 1)),
        ("a" * 159 + "€", ("GSM-7", 161, 2)),
        ("a" * 152 + "€" + "a" * 152, ("GSM-7", 306, 3)),
        ("a" * 151 + "€" + "a" * 153, ("GSM-7", 306, 2)),
        ("€" * 80, ("GSM-7", 160, 1)),
        ("€" * 81, ("GSM-7", 162, 2)),
        ("€" * 152, ("GSM-7", 304, 2)),
        ("€" * 153, ("GSM-7", 306, 3)),
        ("ب" * 70, ("UCS-2", 70, 1)),
        ("ب" * 71, ("UCS-2", 71, 2)),
        ("ب" * 134, ("UCS-2", 134, 2)),
        ("ب" * 135, ("UCS-2", 135, 3)),
        ("😀" * 35, ("UCS-2", 70, 1)),
        ("😀" * 36, ("UCS-2", 72, 2)),
        ("😀" * 66, ("UCS-2", 132, 2)),
        ("😀" * 67, ("UCS-2", 134, 3)),
        ("ب" * 66 + "😀" + "ب" * 66, ("UCS-2", 134, 3)),
        ("ب" * 65 + "😀" + "ب" * 67, ("UCS-2", 134, 2)),
        ("€" * 60 + "ب", ("UCS-2", 61, 1)),  # an extension character is one unit of UCS-2
        ("\r\n" * 80, ("GSM-7", 160, 1)),
        ("\f", ("GSM-7", 2, 1)),
        ("\x1b", ("UCS-2", 1, 1)),
        ("\x1b" * 71, ("UCS-2", 71, 2)),
        ("a" * 50_000, ("GSM-7", 50_000, 327)),
    ],
)
def test_known_sizes(text: str, expected: tuple[str, int, int]) -> None:
    assert measure(text) == expected


def test_the_alphabets_are_complete() -> None:
    assert len(GSM_BASIC) == 127
    for code in range(0x11000):
        character = chr(code)
        units = 2 if character in GSM_EXTENSION or code > 0xFFFF else 1
        encoding = "GSM-7" if character in GSM_BASIC or character in GSM_EXTENSION else "UCS-2"
        assert measure(character) == (encoding, units, 1), hex(code)


@pytest.mark.parametrize("character", [*"`\t\u00a0çáíóú“”‘’–—…", "ب", "😀", "\x1b"])
def test_one_character_outside_gsm_makes_the_whole_text_ucs2(character: str) -> None:
    assert measure("a" * 70 + character) == ("UCS-2", 70 + len(character.encode("utf-16-le")) // 2, 2)


def test_lone_surrogates_count_one_unit_and_never_raise() -> None:
    assert measure("\ud83d") == measure("\ude00") == ("UCS-2", 1, 1)
    assert measure("ب" * 66 + "\ud83d" + "ب" * 67) == ("UCS-2", 134, 2)  # no pair to keep whole
    assert measure("ب" * 66 + "\ud83d\ude00" + "ب" * 66) == ("UCS-2", 134, 3)  # two code points, but a pair


@settings(max_examples=60, deadline=None)
@given(texts)
def test_parts_are_the_fewest_that_split_no_character(text: str) -> None:
    assert measure(text) == fewest_parts(text)


@settings(max_examples=60, deadline=None)
@given(texts, st.one_of(texts, st.sampled_from(sorted(GSM_EXTENSION)), st.characters()))
def test_more_text_never_takes_fewer_parts(text: str, more: str) -> None:
    # Not so the units: "€" is two septets, but beside an Urdu letter one unit of UCS-2.
    assert measure(text + more).parts >= measure(text).parts


@settings(max_examples=60, deadline=None)
@given(texts, st.integers(1, 4), st.sampled_from(["...", "…", "", " [more]"]))
def test_truncated_text_fits_and_is_the_longest_beginning_that_does(text: str, parts: int, ellipsis: str) -> None:
    short = truncate(text, parts, ellipsis=ellipsis)
    assert measure(short).parts <= parts
    if measure(text).parts <= parts:
        assert short == text
        return
    assert short.endswith(ellipsis)
    kept = short[: len(short) - len(ellipsis)]
    assert text.startswith(kept)
    # No beginning that is longer by a dozen characters fits, unless a longer cluster or spaces stand there.
    longer = text[: len(kept) + 12]
    cuttable = not any(character.isspace() or is_extender(character) for character in text[len(kept) : len(kept) + 14])
    if cuttable and not flags_or_surrogates(text):
        assert measure(longer + ellipsis).parts > parts


def is_extender(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf", "Sk")


def flags_or_surrogates(text: str) -> bool:
    return any("🇦" <= character <= "🇿" or "\ud800" <= character <= "\udfff" for character in text)


@pytest.mark.parametrize(
    "character",
    [
        "😀",
        FAMILY,
        "👍🏽",
        "🏳\ufe0f\u200d🌈",
        "🇵🇰",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "🙂\u200d↔\ufe0f",
        "e\u0301\u0323",
        "پَّ",
        "\ud83d\ude00",
        "\u200d",
    ],
)
def test_a_cut_goes_before_or_behind_a_character_wherever_it_falls(character: str) -> None:
    for lead in range(40, 75):
        text = "ب" * lead + character + "ت" * 140
        kept = truncate(text, 1).removesuffix("...").removeprefix("ب" * lead)
        # The whole character, or none of it; before it, a joiner or mark of its own goes with the letter it is on.
        assert kept.startswith(character) or not set(kept) & set(character), lead


def test_flags_are_cut_between_pairs_of_letters() -> None:
    text = "🇵🇰🇨🇳🇹🇷🇸🇦" * 10
    kept = truncate(text, 1).removesuffix("...")
    assert kept
    assert len(kept) % 2 == 0


def test_space_before_the_ellipsis_goes_and_no_half_of_cr_lf_stays() -> None:
    assert truncate("a" * 150 + "  \r\n" * 20, 1) == "a" * 150 + "..."
    assert truncate("a" * 156 + "\r\n" + "b" * 20, 1) == "a" * 156 + "..."


def test_a_beginning_in_gsm_is_cut_to_gsm_lengths() -> None:
    short = truncate("a" * 200 + "😀", 1)
    assert short == "a" * 157 + "..."
    assert truncate("a" * 300 + "😀" * 300, 2) == "a" * 300 + "..."


def test_a_cluster_too_long_for_the_message_goes_whole() -> None:
    assert truncate("e" + "\u0301" * 500, 1) == "..."


@pytest.mark.parametrize("parts", [0, -1])
def test_truncate_wants_room(parts: int) -> None:
    with pytest.raises(ValueError, match="at least 1 part"):
        truncate("a", parts)
    with pytest.raises(ValueError, match="ellipsis alone"):
        truncate("a" * 500, 1, ellipsis="." * 161)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Eid” ‘sale’ – 50% off…", "\"Eid\" 'sale' - 50% off..."),
        ("Dear\u00a0Ali,\tpay ₨500\u200b now", "Dear Ali, pay Rs500 now"),
        ("• one\u2028• two", "- one\n- two"),
        ("cafe\u0301 ﬁne", "café fine"),
        ("2½ – 3", "2½ – 3"),  # "2 1/2" without the space would be another number
        ("São Paulo – Lahore", "São Paulo – Lahore"),  # ã is not GSM, so all stays
        ("“سلام”", "“سلام”"),
        ("“Eid” 🎉", "“Eid” 🎉"),
        ("plain `no`", "plain 'no'"),
        ("…" * 70, "…" * 70),  # 1 part as it is, 2 as 210 full stops
        ("", ""),
    ],
)
def test_smart_encoding(text: str, plain: str) -> None:
    assert smart_encode(text) == plain


@settings(max_examples=60, deadline=None)
@given(st.one_of(texts, st.text(alphabet="abc “”‘’–—…\u00a0₨•e\u0301", max_size=200)))
def test_smart_encoding_never_costs_more_and_changes_only_what_becomes_gsm(text: str) -> None:
    plain = smart_encode(text)
    assert measure(plain).parts <= measure(text).parts
    assert plain == text or measure(plain).encoding == "GSM-7"
    assert smart_encode(plain) == plain


def test_hundred_thousand_texts_are_measured_in_seconds() -> None:
    generator = random.Random(7)
    alphabet = [*ALPHABETS["basic"], *ALPHABETS["extension"]]
    sample = ["".join(generator.choices(alphabet, k=160)) for _ in range(1000)]
    started = time.process_time()
    for _ in range(20):
        for text in sample:
            measure(text)
    assert time.process_time() - started < 1  # 20,000 take 0.1 s; five times as many have 5 s on a slow machine
