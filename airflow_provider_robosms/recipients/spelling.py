"""Words of names in the one form in which they are compared, and the tables of such words.

Roman Urdu has no spelling: ``nahi``, ``nhi``, ``nai`` are one word, as ``refused`` and ``refusal`` are to these rules.
Tables and names go through the same function, so that no word of a table can be one that no name ever gives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from ..sms.folding import latin
from ..sms.merge import normalise_header

#: What Urdu verbs end with.
_DO = "na|ni|ne|o|e|ay|en|ein|ain|iye|iyega|do|de|den|dein|dain|wana"
#: And where it is done already, or as a rule.
_DID = "dia|diya|dya|di|diye|waya|wa|ta|ti|te"
#: A word, and how else it is written. Of English verbs only the forms that say the same of somebody.
_SPELLINGS = {
    "nahi": r"na+h*[aeiy]*n?|nh[aeiy]*n?|neh[ei]+n?|ni|نہ|نا|نہیں|نئیں",
    "karna": rf"ka?r(?:{_DO})?|ki?jiye(?:ga)?|کر(?:نا|نی|نے|و|یں|دیں|دو|وانا)?|کیجیے",
    "bhejna": rf"bh(?:e+|ei|ai|ay|i)?j(?!e?[ai]$)(?:{_DO})?|ب[ھہ]یج(?:نا|نی|نے|و|یں|دیں|دو)?",
    "kardiya": rf"ka?r(?:{_DID})|کر(?:دیا|دی|دیے|تا|تی|تے)",
    "bhejdiya": rf"bh(?:e+|ei|ai|ay|i)?j(?:{_DID})|ب[ھہ]یج(?:دیا|دی|دیے|تا|تی|تے)",
    "kiya": r"ki+y?a|kya|kea|کیا",
    "diya": r"d(?:i+y?a|ya|i+|iye)|دیا|دی|دیے",
    "dena": r"d(?:e+|ein|en|ain|ena)|دیں|دو|دے|دینا",
    "jana": r"ja(?:na|ye|ay|ey|e|yega|en|ein)|جانا|جائے|جایے",
    "chahiye": r"cha+h?(?:i+y?[ae]+y?|y[ae]+|[ae]+y[ae]?)n?|chaht[aei]|چاہ(?:یے|یئے|ئے|یں|یۓ|تا|تی|تے)",
    "hai": r"h(?:[ae]y|ai|e|y|ain|ein|en)?|ہے|ہیں|ہو",
    "haan": r"ha+n?|ہاں",
    "mana": r"ma+n+a+h?|mna",
    "inkar": r"[ie]nka+r|انکار",
    "band": r"(?:ba?|bu)ndh?",
    "paigham": r"p[ae]i?gh?a+m(?:at)?|پیغام(?:ات)?",
    "rabta": r"ra+b[ie]?ta+h?|رابط(?:ہ|ے)",
    "ijazat": r"[ie]ja+za+t|اجازت",
    "manzoori": r"man[zj](?:oo|u)ri|منظوری",
    "razamandi": r"ra[zj]a+mand[ie]+|رضامندی",
    "razi": r"ra+[zj]i|راضی",
    "wala": r"wa+l(?:[aeiy]|ay|ey|on|o)|وال(?:ا|ے|ی|وں)",
    "jin": r"ji[ns](?:ko|hone?|h?e+i?n?)?|[iu][ns](?:ko|h?e+i?n)|جن(?:ہیں|ہوں)?|جس|انہیں",
    "refuse": r"refus(?:e[ds]?|als?|ers?|ing)",
    "deny": r"den(?:y|ie[ds])",
    "decline": r"declin(?:e[ds]?|ing)",
    "reject": r"reject(?:s|ed)?",
    "withdrawn": r"withdr(?:ew|awn)",
    "revoke": r"revo(?:ke[ds]?|cation)",
    "exclude": r"exclu(?:de[ds]?|sions?)",
    "remove": r"remov(?:e[ds]?|ing)",
    "want": r"want(?:s|ed|ing)?",
    "request": r"request(?:s|ed|ing)?",
    "ask": r"ask(?:s|ed|ing)?",
    "say": r"sa(?:y|ys|id|ying)",
}  # fmt: skip
_SPELLED = re.compile("|".join(f"(?P<{word}>{latin(spellings)})" for word, spellings in _SPELLINGS.items()))
_LONGEST = 16


@lru_cache(maxsize=4096)  # a look compares the same few words many times
def word_form(word: str) -> str:
    """Return a word as it is compared: without accents, in one case, and in the one spelling that the tables have."""
    form = normalise_header(latin(word))
    if len(form) <= _LONGEST and (match := _SPELLED.fullmatch(form)):
        return match.lastgroup or form
    return form


def set_of(words: str) -> frozenset[str]:
    """Return the forms of words that are written with spaces between them."""
    return frozenset(map(word_form, words.split()))


def pairs_of(pairs: str) -> frozenset[tuple[str, str]]:
    """Return the forms of pairs of words that are written with commas between them: ``opted out, not interested``."""
    return frozenset((word_form(one), word_form(other)) for one, other in map(str.split, pairs.split(",")))


def follow(words: Sequence[str], one: str, other: str) -> bool:
    """Tell whether *one* stands directly before *other*."""
    return (one, other) in pairwise(words)
