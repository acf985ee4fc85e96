"""Texts as their reader sees them, for checks only: what is texted and what is written into a sheet stays as it is.

Three strengths, because what is harmless to see too often in one check is dangerous in another:

- :func:`plain` gives only what surely is meant: digits of any script, full-width forms, dashes, without invisible characters.
  For what is acted on, such as phone numbers, dates and a cell that says yes or no.
- :func:`as_seen` also undoes compatibility forms. For what is refused when it is found, such as ``#N/A`` or ``None``.
- :func:`latin` also takes letters of other alphabets for the Latin ones that they look like. For names that protect people.
"""

from __future__ import annotations

import unicodedata

from .blank import shows_nothing

#: Characters that :func:`as_seen` gives at most: what it is compared with is short, and a cell may hold 50,000.
_SEEN = 80

#: From confusables.txt of Unicode Technical Standard 39 (https://www.unicode.org/Public/security/latest/confusables.txt):
#: letters of the alphabets that people type in, and small capitals, whose prototype is one Latin letter or looks like one.
_LOOK_ALIKES = {
    "a": "аαɑɐᴀ", "A": "АΑᎪ", "b": "Ььвβʙ", "B": "ВΒᏴ", "c": "сϲςᴄⲥ", "C": "СϹᏟ", "d": "ԁɖᴅժ", "D": "Ꭰ", "e": "еҽεєᴇ℮",
    "E": "ЕΕᎬ", "f": "ꞙẝքƒғ", "F": "Ϝ", "g": "ɡƍցɢ", "G": "ԌᏀ", "h": "һհʜн", "H": "НΗᎻ", "i": "іιɩɪıꙇӏו", "I": "ІΙӀƖ",
    "j": "јϳᴊ", "J": "ЈͿᎫ", "k": "кκᴋ", "K": "КΚᏦ", "l": "ʟ", "L": "Ꮮ", "m": "мᴍ", "M": "МΜᎷ", "n": "ոռпηɴ", "N": "Ν",
    "o": "оοσօᴏ", "O": "ОΟՕ", "p": "рρᴘ", "P": "РΡᏢ", "q": "ԛգզ", "r": "гᴦʀ", "R": "Ꭱ", "s": "ѕꜱ", "S": "ЅՏᏚ", "t": "тτᴛ",
    "T": "ТΤᎢ", "u": "υսᴜʋ", "U": "Ս", "v": "ѵνᴠ", "V": "ѴᏙ", "w": "ѡԝաωᴡɯ", "W": "ԜᎳ", "x": "хχ", "X": "ХΧ", "y": "уγүʏყ",
    "Y": "УΥҮ", "z": "ᴢ", "Z": "ΖᏃ",
}  # fmt: skip
#: Signs of yes and of no. What may follow one to make an emoji of it vanishes in :func:`plain`.
TICKS = "√✓✔☑✅🗸🗹"
CROSSES = "✗✘✕✖❌❎☐☒⬜🔲🔳🗴🗵🗷"
_LATIN = {ord(like): letter for letter, likes in _LOOK_ALIKES.items() for like in likes}
#: Letters of Arabic keyboards, and those of Urdu that are meant by them.
_LATIN |= {0x064A: "\u06cc", 0x0649: "\u06cc", 0x0643: "\u06a9", 0x0647: "\u06c1", 0x06C0: "\u06c1"}
#: Digits that stand for letters, where they stand in a word. A 1 may be either of two.
_DIGITS = tuple(str.maketrans("0135$@", f"o{one}es" + "sa") for one in "il")


def plain(text: str) -> str:
    """Return *text* with the ASCII characters that people mean: digits of any script, full-width forms, dashes, quotes and
    spaces; invisible characters vanish.

    Not NFKC, which would also make digits of superscripts and circled numbers, and a "No" of one character (U+2116).
    """
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f":  # also what makes an emoji of a tick
        return ""
    if category == "Pd" or character == "\u2212":
        return "-"
    if "\uff01" <= character <= "\uff5e":  # full-width forms of ASCII
        return chr(ord(character) - 0xFEE0)
    return "'" if character in "‘’ʼ" else character


def as_seen(text: str) -> str:
    """Return *text* without invisible characters, in compatibility form (NFKC), with single spaces between its words.

    The first 80 characters count.
    """
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", _visible(text))
    return " ".join(text.strip()[: 2 * _SEEN].split())[:_SEEN]


def _visible(text: str) -> str:
    """Return the first of the characters of *text* that show something, and single spaces."""
    seen: list[str] = []
    for character in text:
        if character.isspace():
            if seen and seen[-1] != " ":
                seen.append(" ")
        elif not shows_nothing(character):
            seen.append(character)
            if len(seen) > _SEEN:
                break
    return "".join(seen)


def edges(text: str) -> str:
    """Return *text* without what shows nothing at its two ends."""
    start, end = 0, len(text)
    while start < end and shows_nothing(text[start]):
        start += 1
    while start < end and shows_nothing(text[end - 1]):
        end -= 1
    return text[start:end]


def latin(text: str) -> str:
    """Return *text* with Latin letters in place of those of other alphabets that look like them, and without accents; a hamza
    above a letter is one, too, and Arabic letters are those of Urdu."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text.translate(_LATIN)).translate(_LATIN)
    return "".join(letter for letter in apart if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))


def with_letters(text: str) -> list[str]:
    """Return what *text* may mean where digits and signs in its words stand for letters: ``0pt 0ut``; [] without such."""
    words = text.split(" ")
    if not any(_is_mixed(word) for word in words):
        return []
    return [" ".join(word.translate(table).lower() if _is_mixed(word) else word for word in words) for table in _DIGITS]


def _is_mixed(word: str) -> bool:
    return any(sign in word for sign in "0135$@") and any(map(str.isalpha, word))
