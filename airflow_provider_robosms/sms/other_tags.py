"""Tags of other tools, such as ``{Name}``, ``<<Name>>`` or ``{{Name | title}}``: found, so that nobody is texted with one.

What stands between such brackets is a tag only where it is the name of a column, which :mod:`.merge` knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from .blank import shows_nothing
from .folding import as_seen, edges
from .passing import passing_value
from .sendable import is_nothing

#: Brackets and signs by which their readers know the plain ones.
_LIKE = {
    "{": "\uff5b\ufe5b\ufe37\u2774", "}": "\uff5d\ufe5c\ufe38\u2775", "{{": "\u2983", "}}": "\u2984",
    "[": "\uff3b\u3010\u3014\u3016\u3018\u300c\u300e\u27e6\ufe47",
    "]": "\uff3d\u3011\u3015\u3017\u3019\u300d\u300f\u27e7\ufe48",
    "<": "\uff1c\ufe64\u00ab\u2039\u3008\u300a\u27e8\u27ea\u2329\u226a",
    ">": "\uff1e\ufe65\u00bb\u203a\u3009\u300b\u27e9\u27eb\u232a\u226b",
    "%": "\uff05\ufe6a\u066a", "#": "\uff03\ufe5f", "@": "\uff20\ufe6b", "$": "\uff04\ufe69",
    "*": "\uff0a\ufe61", "|": "\uff5c",
}  # fmt: skip
_PLAIN = {ord(like): sign for sign, likes in _LIKE.items() for like in likes}
_BRACE_LIKE = "".join(likes for sign, likes in _LIKE.items() if sign in ("{", "}", "{{", "}}"))
#: Without any of these a text holds no tag of any kind; nearly all texts of people hold none.
_MAY_HOLD = re.compile(r"[{}\[<%#@$~^*]")
_MAY_HOLD_LIKE = re.compile(f"[{''.join(map(chr, _PLAIN))}]")
_MAY_BE_BRACE = re.compile(f"[{{}}{_BRACE_LIKE}]")

#: Of every kind, the innermost.
_BRACES = re.compile(r"\{([^{}]{1,300})\}")
_BRACKETS = (
    re.compile(r"\[([^\[\]]{1,300})\]"),
    re.compile(r"<([^<>]{1,300})>"),
    re.compile(r"\(\(([^()]{1,300})\)\)"),
    re.compile(r"\*\|([^|]{1,300})\|\*"),
)
#: One sign before and behind; there may be another such pair in it.
_SIGNS = re.compile(r"(?=([%#@$~^])([^\s%#@$~^](?:[^%#@$~^]{0,298}[^\s%#@$~^])?)\1)")
_UNDERSCORES = re.compile(r"__(?=([^\s_](?:(?:[^_]|_(?!_)){0,298}[^\s_])?)__)")
#: Brackets of one character that a program writes double, such as Word in its mail merge.
_DOUBLE = frozenset("\u00ab\u2039\u300a\u27ea\u226a")
#: What other tools write next to a name, inside their brackets: ``{$Name}``, ``<%= Name %>``.
_BESIDE = " \t\n$#%@=*|:~^!_-&./"

#: Filters of Jinja, Liquid, Twig and Go, which people copy together with a tag. Those that may be a person's words, such as
#: ``items`` or ``money``, or the ``d`` and ``e`` of Jinja, which are sections of a class, are not among them.
_FILTERS = frozenset({
    "abs", "append", "at_least", "at_most", "capfirst", "capitalise", "capitalize", "ceil", "coalesce", "compact", "concat",
    "date", "default", "downcase", "escape", "fallback", "first", "float", "floor", "forceescape", "format",
    "humanize", "ifempty", "int", "join", "json", "last", "length", "lower", "lowercase", "lstrip", "minus", "modulo",
    "nl2br", "plus", "pprint", "prepend", "printf", "proper", "propercase", "raw", "remove", "replace", "reverse", "round",
    "rstrip", "safe", "slice", "sort", "split", "strip", "striptags", "times", "title", "titlecase", "titleize", "tojson",
    "trim", "truncate", "ucfirst", "ucwords", "uniq", "unique", "upcase", "upper", "uppercase", "urlencode", "urlize",
    "wordcount",
})  # fmt: skip
_FIRST_WORD = re.compile(r"([^\W\d][\w.]*)(\s*)(.*)", re.DOTALL)
#: "Parent(s)" is a word.
_PLURAL = re.compile(r"\((?:s|es|ies|na|e)\)", re.IGNORECASE)
_ARGUMENT = re.compile(r"""\(\s*(?:\)|['"‘’“”\d]|\w+\s*[,=)])""")
_QUOTES = "\"'`‘’‚‛“”„‟′″«»"


class Kind(Enum):
    """Who writes brackets or signs of a kind."""

    PROGRAMS = "nobody writes them for decoration"
    PEOPLE = "people do, too"
    HASHTAG = "people do, in front of one word after another"


_SIGN_KINDS = {"%": Kind.PROGRAMS, "#": Kind.HASHTAG}


def may_hold_tag(text: str) -> bool:
    """Tell whether a text may hold a tag of any kind: quickly, and too often rather than too seldom."""
    if _MAY_HOLD.search(text) is not None or "__" in text or "((" in text:
        return True
    return not text.isascii() and _MAY_HOLD_LIKE.search(text) is not None


def has_other_braces(text: str) -> bool:
    """Tell whether a reader sees double braces where there are none: of full width, or with something invisible between."""
    if text.isascii() and text.isprintable():
        return False
    braces = _MAY_BE_BRACE.search(text)
    if braces is None:
        return False
    seen = "".join(letter for letter in text.translate(_PLAIN) if letter.isspace() or not shows_nothing(letter))
    return any(seen.count(pair) != text.count(pair) for pair in ("{{", "}}"))


def bracketed(text: str) -> Iterator[tuple[str, list[str], Kind]]:
    """Yield each piece of a text between brackets or signs of another kind: the whole of it, the names that it may mean, and
    who writes such brackets."""
    if not may_hold_tag(text):
        return
    plain = text if text.isascii() else "".join(_PLAIN.get(ord(letter), letter)[:1] for letter in text)
    for found in _BRACES.finditer(plain):
        inside = re.split("[|:!]", found[1], maxsplit=1)[0]
        yield text[slice(*found.span())], _names(found[1], inside), Kind.PROGRAMS
    for pattern in _BRACKETS:
        for found in pattern.finditer(plain):
            start, end = found.span()
            is_double = (
                text[start] in _DOUBLE
                or plain[start] == "*"
                or (plain[start - 1 : start], plain[end : end + 1]) == ("<", ">")
            )
            kind = Kind.PROGRAMS if is_double else Kind.PEOPLE
            yield text[start:end], _names(found[1], found[1].partition("|")[0]), kind
    for found in _SIGNS.finditer(plain):
        yield f"{found[1]}{found[2]}{found[1]}", [found[2]], _SIGN_KINDS.get(found[1], Kind.PEOPLE)
    for found in _UNDERSCORES.finditer(plain):
        yield f"__{found[1]}__", [found[1]], Kind.PEOPLE


def _names(*inside: str) -> list[str]:
    found = [edges(text) for text in inside]
    return [name for text in found for name in (text, edges(text.strip(_BESIDE))) if name]


def why_no_words(words: str) -> str | None:
    """Return why the words behind ``|`` in a tag are none for people, as words that follow "are"; None when they are."""
    seen = as_seen(words)
    if not seen:
        return None
    if "|" in words:
        return "divided by a second |"
    if passing_value(words) or (is_nothing(words) and seen != "none"):  # small, it is English: "Dues: none"
        return "a program's word for nothing"
    if len(seen) > 1 and seen[0] in _QUOTES and seen[-1] in _QUOTES:
        return "in quotation marks, which would be texted"
    return "a filter of another tool, which would be texted" if _is_filter(seen) else None


def _is_filter(words: str) -> bool:
    found = _FIRST_WORD.fullmatch(words)
    if found is None:
        return False
    name, blanks, rest = found[1].casefold(), found[2], found[3]
    known = name in _FILTERS or "_" in name
    if not rest:
        return known
    if rest[0] == "(" and not blanks and not _PLURAL.match(rest):  # a call
        return known or _ARGUMENT.match(rest) is not None
    if name in ("default", "fallback") or (rest[0] == "=" and not blanks):
        return True
    # With what it works on: ``truncate: 20``, ``printf "%s"``; "Ali's" is a word.
    if rest[0] in ":=(":
        argument = rest[1:].lstrip()[:1]
        return known or (argument != "" and argument in _QUOTES)
    return known and bool(blanks) and rest[0] in _QUOTES
