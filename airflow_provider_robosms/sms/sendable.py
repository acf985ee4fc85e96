"""Whether a value is a text that one means to send, and not what a program leaves where a text is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from .blank import is_blank
from .folding import as_seen, edges
from .passing import passing_value
from .written_out import is_written_out

#: How templates, databases, JSON and people write that there is nothing, in small letters. Nobody texts one of these alone.
_NOTHING = frozenset({
    "none", "null", "nan", "nat", "<na>", "undefined", "n/a", "#n/a", "<nil>", "(nil)", "<null>", "(null)", "[null]",
    "\\n", "<no value>", "<undefined>", "pd.na", "pd.nat", "np.nan", "snan", "-nan",
})  # fmt: skip
#: What a number that is none looks like in a database's row.
_ABSENT = frozenset({"nan", "-nan", "snan", "nat", "<na>"})
_NO_NUMBERS = _ABSENT | frozenset({"inf", "-inf", "infinity", "-infinity"})
#: A text, but not of a message that is nothing else.
_ALONE = frozenset({"true", "false", '""', "''"})
_UNFILLED = re.compile(r"\{\{[^{}]{1,200}\}\}|\{%[^%]{1,200}%\}")
_PAGE = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+>", re.IGNORECASE)


def is_nothing(text: str) -> bool:
    """Tell whether the whole of *text* is a word for nothing, or several, whatever their case and invisible characters."""
    seen = as_seen(text).casefold()
    if seen in _NOTHING or (seen[:1] == seen[-1:] and seen[:1] in "\"'" and seen[1:-1] in _NOTHING):
        return True
    words = seen.replace(",", " ").split()  # "null null" of a first and a last name
    return len(words) > 1 and words[0] in _NOTHING and _NOTHING.issuperset(words)


def why_not_sendable(value: object, *, tags: bool = False) -> str | None:
    """Return why *value* is no text to send, as words that follow "it", or None when it is one. They do not show it.

    :param value: what somebody, or a template, gave as the text of a message.
    :param tags: whether it may still hold tags, as a template does.
    """
    if value is None:
        return "is None: what it comes from had nothing"
    if not isinstance(value, str):
        return f"is not text, but of type {type(value).__name__}"
    if is_blank(value):
        return "is blank"
    if is_nothing(value) or as_seen(value).casefold() in _ALONE:
        return f"is the word {as_seen(value)}: what it comes from had nothing"
    if not tags and _UNFILLED.search(value):
        return "holds a tag such as {{ name }} that nothing has filled in"
    return next((reason for reason, holds in _NO_TEXT if holds(value)), None)


def _has_lost_letters(text: str) -> bool:
    return "\ufffd" in text or (text.count("?") > 2 and not any(map(str.isalnum, text)))


def tag_text(value: object) -> str:
    """Return a value of a database for a tag: blank, so that nobody is texted with it, where it is nothing or no text.

    :param value: None, NaN, bytes, a bool, a list and the like give a blank text, also where the driver has written it out;
        dates and text are written as they are, numbers without exponents and with at most 15 significant digits of a float.
    """
    if isinstance(value, str):
        no_text = has_address(value) or passing_value(value) or value.strip().casefold() in _NO_NUMBERS - _ABSENT
        return "" if no_text or (not is_blank(value) and is_written_out(edges(value))) else value
    if value is None or isinstance(value, (bool, bytes, bytearray, memoryview, dict, list, tuple, set)):
        return ""
    if isinstance(value, float):
        value = Decimal(format(value, ".15g"))
    text = format(value, "f") if isinstance(value, Decimal) else written(value)
    return "" if not text or text.casefold() in _NO_NUMBERS or has_address(text) or is_written_out(text) else text


def is_absent(value: object) -> bool:
    """Tell whether a value of a database says that there is none: NULL, a blank text, or a library's NaN, NaT or NA.

    An error, bytes or a list is no absence: what was meant to stand there is not known.
    """
    return value is None or (is_blank(value) if isinstance(value, str) else written(value).casefold() in _ABSENT)


def written(value: object) -> str:
    """Return ``str(value)``; blank for a whole number of more digits than Python writes."""
    try:
        return str(value)
    except ValueError:
        return ""


def has_address(text: str) -> bool:
    """Tell whether *text* names an object by its place in memory, which is another one in each process."""
    return _ADDRESS.search(text) is not None


def has_half_character(text: str) -> bool:
    """Tell whether *text* holds a lone surrogate: half of a character, which no encoding can carry."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


#: What a text that is not blank may be instead of one: words that follow "it", and what tells.
_NO_TEXT: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("is what a spreadsheet shows in place of a value, such as #N/A: fix it where it comes from", passing_value),
    ("is a program's value written out, not text: take one field of it", lambda text: is_written_out(edges(text))),
    ("holds half a character (a lone surrogate), which cannot be sent: type it again", has_half_character),
    ("has lost its letters in an encoding: take it anew from where it comes from, as UTF-8", _has_lost_letters),
    ("is a web page, not a text", _PAGE.match),
)
