"""Whether a value is a text that one means to send, and not what a program leaves where a text is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from .blank import is_blank, shows_nothing
from .folding import CROSSES, TICKS, as_seen, edges
from .passing import passing_value
from .written_out import holds_written_out, is_written_out

#: How templates, databases, JSON and people write that there is nothing, in small letters. Nobody texts one of these alone.
_NOTHING = frozenset({
    "none", "null", "nan", "nat", "<na>", "undefined", "n/a", "#n/a", "<nil>", "(nil)", "<null>", "(null)", "[null]",
    "\\n", "<no value>", "<undefined>", "pd.na", "pd.nat", "np.nan", "snan", "-nan",
})  # fmt: skip
#: What a number that is none looks like in a database's row.
_ABSENT = frozenset({"nan", "-nan", "snan", "nat", "<na>"})
_NO_NUMBERS = _ABSENT | frozenset({"inf", "-inf", "infinity", "-infinity"})
#: A text, but not of a message that is nothing else.
_ALONE = frozenset({
    "true", "false", "na", "n.a", "n.a.", "#na", "nil", "(na)", "(nil)", "tbd", "tba", "tbc", "t.b.d.", "(blank)", "(empty)",
})  # fmt: skip
#: Dashes, quotation marks (as for "the same as above"), ticks and crosses.
_MARKS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212_=/#*•\\|'\"`‘’‚‛“”„‟′″«»〃×" + TICKS + CROSSES
#: Tags of templates that nothing has filled in, and halves of them.
_TAG = re.compile(r"\{\{|\}\}|\{%[-+]?\s?[A-Za-z]|\{%[^%]{1,200}%\}|[A-Za-z]\s?-?%\}")
#: Names of the usual fields. Another word in single braces may be a person's: "Rs 5 off {today}".
_FIELDS = (
    "(?:first|last|full|customer|client|user|student|patient)_?name|name|customer|client|user|recipient|phone|mobile|number|to"
    "|amount|amt|balance|due|dues|total|price|fee|fees|bill|invoice|order|date|due_?date|time|month|code|otp|pin|id|link|url"
    "|message|msg|text|value|item|row|address|city|company|email|[a-z]|[a-z]\\w{0,40}_\\w{1,40}"
)
#: Fields of formats that nothing has filled in, of Python, Ruby, shells and C.
_FIELD = re.compile(
    r"<%=|[$#%]\{|\{\s*\}"
    # {name}, {0}, {amount:,.2f}, {customer['name']}
    rf"|\{{\s*(?:{_FIELDS}|\d{{1,3}})\s*\}}"
    r"|\{\s*\w{1,60}(?:(?:\.\w{1,60}|\[[^\[\]{}]{1,100}\]|\(\)){1,9}\s?(?:[:!][^{}\s]{0,30})?|\s?[:!][^{}\s]{0,30})\s*\}"
    # %s, %(name)s, %.2f: not "50%s", nor the %d8 of an address
    r"|(?<![\d%])%(?:\(\w{1,100}\)[\d.,+-]{0,9}[sdif]|[sd]|\d{0,3}\.\df)(?!\w)",
    re.IGNORECASE,
)
_PAGE = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+>", re.IGNORECASE)


def is_nothing(text: str) -> bool:
    """Tell whether the whole of *text* is a word for nothing, or several, whatever their case and invisible characters."""
    seen = as_seen(text).casefold()
    if seen in _NOTHING or (seen[:1] == seen[-1:] and seen[:1] in "\"'" and seen[1:-1] in _NOTHING):
        return True
    words = seen.replace(",", " ").split()  # "null null" of a first and a last name
    return len(words) > 1 and words[0] in _NOTHING and _NOTHING.issuperset(words)


def why_not_sendable(value: object, *, tags: bool = False, typed: bool = False) -> str | None:
    """Return why *value* is no text to send, as words that follow "it", or None when it is one. They do not show it.

    :param value: what somebody, or a template, gave as the text of a message.
    :param tags: whether it may still hold tags, as a template does.
    :param typed: whether a person's cells are in it, which may hold ``%s``: no program fills in such texts.
    """
    if value is None:
        return "is None: what it comes from had nothing"
    if not isinstance(value, str):
        return f"is not text, but of type {type(value).__name__}"
    if is_blank(value):
        return "is blank"
    if is_nothing(value) or as_seen(value).casefold() in _ALONE:
        return f"is the word {as_seen(value)}: what it comes from had nothing"
    for reason, holds in _NO_TEXT:
        if holds(value):
            return reason
    return None if tags else _why_not_finished(value, typed)


def _why_not_finished(text: str, typed: bool) -> str | None:
    if ("{" in text or "}" in text) and _TAG.search(text):
        return "holds a tag such as {{ name }} that nothing has filled in"
    if not typed and has_field(text):
        return "holds a field such as {} or %s that nothing has filled in"
    if holds_written_out(text):
        return "holds a program's value written out, such as Decimal('12.50'): take its text"
    return None


def has_field(text: str) -> bool:
    """Tell whether *text* holds a field of a program's format that nothing has filled in, such as ``{name}`` or ``%s``."""
    return ("{" in text or "%" in text) and _FIELD.search(text) is not None


def is_only_marks(text: str) -> bool:
    """Tell whether the whole of *text* is dashes, quotation marks, ticks or crosses."""
    return not text[:1].isalnum() and all(mark in _MARKS or shows_nothing(mark) for mark in text)


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
    ("is only dashes, quotation marks, ticks or crosses: write words", is_only_marks),
)
