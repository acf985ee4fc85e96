"""Random texts of the kinds that decide how an SMS is encoded and split."""

from __future__ import annotations

import random

# The alphabets of 3GPP TS 23.038 (6.2.1 and 6.2.1.1), put together apart from the package's own table.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_BASIC = frozenset(
    [chr(code) for code in (0x0A, 0x0D, *range(0x20, 0x7F)) if chr(code) not in "[\\]^`{|}~"]
    + list("¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùü")
    + list("ΓΔΘΛΞΠΣΦΨΩ")
)

ALPHABETS: dict[str, list[str]] = {
    "basic": sorted(GSM_BASIC),
    "extension": sorted(GSM_EXTENSION),
    "latin": [chr(code) for code in range(0xA0, 0x250)] + list("`“”‘’–—…\u00a0"),
    "urdu": list("ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےآأؤئ۔،؟۰۱۲۳۴۵۶۷۸۹ ")
    + list("\u064b\u064e\u0650\u0651\u0670\u200c\u200f"),
    "emoji": [
        *"😀🎉❤✨👍🛒💳☎™",
        "❤\ufe0f",
        "👍🏽",
        "👩\u200d💻",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏳\ufe0f\u200d🌈",
        "🇵🇰",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ],
    "control": [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))],
    "combining": ["e\u0301", "a\u0300\u0323", "n\u0303", "\u0301", "\u200d", "\ufeff"],
    "surrogate": ["\ud83d", "\ude00", "\udfff", "\ud800"],
}


def random_text(generator: random.Random) -> str:
    """Return a text of one to four alphabets, most often long enough to lie near a boundary of parts."""
    kinds = generator.sample(sorted(ALPHABETS), k=generator.choice((1, 1, 2, 2, 3, 4)))
    if generator.random() < 0.5:
        kinds.append("basic")
    if generator.random() < 0.5:  # mostly GSM-7, or boundaries of 153 septets would hardly ever be met
        kinds = [kind for kind in kinds if kind in ("basic", "extension")] or ["basic", "extension"]
    weights = [generator.random() ** 3 + 0.01 for _ in kinds]
    around = generator.choice((0, 10, 67, 70, 134, 140, 153, 160, 201, 306, 320, 460))
    length = max(0, around + generator.randint(-8, 8))
    chosen = generator.choices(kinds, weights=weights, k=length)
    return "".join(generator.choice(ALPHABETS[kind]) for kind in chosen)
