"""Whether a value is a text that one means to send, and not what a program leaves where a text is missing."""

from __future__ import annotations

import ast
import re

from .blank import is_blank

#: How templates, databases and JSON write that there is nothing. Nobody texts one of these words alone.
NOTHING = frozenset({"None", "null", "NULL", "nan", "NaN", "NaT", "<NA>", "undefined", "Undefined"})

_OBJECT = re.compile(r"<.{1,200} at 0x[0-9a-f]+>", re.DOTALL | re.IGNORECASE)
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


def has_half_character(text: str) -> bool:
    """Tell whether *text* holds a lone surrogate: half of a character, which no encoding can carry."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _is_literal(text: str) -> bool:
    """Whether *text* is a dict or a list of Python or JSON, such as ``{'text': 'Hello'}``: a template wrote out an object."""
    if (text[0], text[-1]) not in (("{", "}"), ("[", "]")) or len(text) > _LONGEST_LITERAL:
        return False
    plain = re.sub(r"\b(?:true|false|null)\b", "None", text)  # JSON
    try:
        return isinstance(ast.literal_eval(plain), (dict, list, set))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
