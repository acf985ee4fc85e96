"""Whether a value is a text that one means to send, and not what a program leaves where a text is missing."""

from __future__ import annotations

import ast
import re

from .blank import is_blank

#: How templates, databases, JSON and people write that there is nothing. Nobody texts one of these words alone.
NOTHING = frozenset({
    "None", "none", "NONE", "null", "Null", "NULL", "nan", "NaN", "NAN", "NaT", "<NA>", "undefined", "Undefined",
    "N/A", "n/a", "#N/A",
})  # fmt: skip

#: What Python and JavaScript write for things that have no text of their own.
_OBJECT = re.compile(
    r"<.{1,200} at 0x[0-9a-f]+>|<class '[\w.]+'>|\[object \w+\]"
    r"|(?:OrderedDict|defaultdict|Counter|Decimal|UUID|Timestamp|datetime\.\w+|dict_\w+|Row\w*|\w*XComArg)\(.*\)",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+>", re.IGNORECASE)
_BRACKETS = frozenset({("{", "}"), ("[", "]"), ("(", ")")})
_LONGEST_LITERAL = 10_000


def why_not_sendable(value: object) -> str | None:
    """Return why *value* is no text to send, as words that follow "it", or None when it is one. They do not show it.

    :param value: what somebody, or a template, gave as the text of a message.
    """
    if value is None:
        return "is None: what it comes from had nothing"
    if not isinstance(value, str):
        return f"is not text, but of type {type(value).__name__}"
    text = value.strip()
    if is_blank(text):
        return "is blank"
    if text in NOTHING:
        return f"is the word {text}: what it comes from had nothing"
    if _OBJECT.fullmatch(text) or _is_literal(text):
        return "is a program's value written out, not text: take one field of it"
    if has_half_character(text):
        return "holds half a character (a lone surrogate), which cannot be sent: type it again"
    return None


def tag_text(value: object) -> str:
    """Return a value of a database for a tag: blank, so that nobody is texted with it, where it is nothing or no text.

    :param value: None, NaN, bytes, a list and the like give a blank text; numbers, dates and text are written as they are.
    """
    if value is None or isinstance(value, (bytes, bytearray, memoryview, dict, list, tuple, set)):
        return ""
    text = str(value)
    not_a_number = not isinstance(value, str) and text.casefold() in ("nan", "nat")
    return "" if not_a_number or has_address(text) else text


def has_address(text: str) -> bool:
    """Tell whether *text* names an object by its place in memory, which is another one in each process."""
    return _ADDRESS.search(text) is not None


def has_half_character(text: str) -> bool:
    """Tell whether *text* holds a lone surrogate: half of a character, which no encoding can carry."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _is_literal(text: str) -> bool:
    """Whether *text* is a dict, a list, a tuple or bytes, such as ``{'text': 'Hello'}``: a template wrote out an object."""
    if len(text) > _LONGEST_LITERAL:
        return False
    if (text[0], text[-1]) not in _BRACKETS and text[:2] not in ("b'", 'b"'):
        return False
    plain = re.sub(r"\b(?:true|false|null)\b", "None", text)  # JSON
    try:
        return isinstance(ast.literal_eval(plain), (dict, list, set, tuple, bytes))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
