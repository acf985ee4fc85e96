"""How many parts an SMS text costs, and how to make it cost less.

The rules are those of 3GPP TS 23.038 (alphabets) and TS 23.040 (concatenation):

* One short message carries 140 octets: 160 septets of the GSM 7-bit default alphabet, or 70 UCS-2 code units
  (TS 23.040, 9.2.3.16).
* A longer text is concatenated. Each part then gives 6 octets to the user data header, which leaves 153 septets or 67
  code units. "A character represented by an escape-sequence shall not be split in the middle", nor shall a UCS-2
  character (TS 23.040, 9.2.3.24.1), so dividing by 153 or 67 counts too few parts.
* The whole text is GSM 7-bit, or the whole text is UCS-2: one character outside the alphabet decides it.
* National language shift tables (TS 23.038, annex A) are not used: gateways bill Urdu as UCS-2.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from typing import Literal, NamedTuple

# TS 23.038, 6.2.1: the default alphabet in code order. Code 0x1B is the escape to the extension table and no character,
# so a raw ESC in a text is not GSM 7-bit.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# TS 23.038, 6.2.1.1: the extension table; each of these takes two septets, the escape and the character.
_EXTENSION = "\f^{}\\[~]|€"

_is_gsm = re.compile(f"[{re.escape(_BASIC + _EXTENSION)}]*").fullmatch
_ESCAPE = "\x1b"

_GSM_SINGLE, _GSM_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67

# What word processors, phones and web pages put in the place of plain characters. Only what keeps the meaning is here:
# accents stay (they belong to names), and so do vulgar fractions ("2½" would become "21/2").
_TYPOGRAPHIC = str.maketrans(
    {
        character: plain
        for plain, characters in {
            '"': "“”„‟«»″ʺˮ",
            "'": "‘’‚‛′ʹʻʼ´`",
            "-": "\u2010\u2011‒–—―−•‣⁃●▪◦·",
            "...": "…",
            "<": "‹",
            ">": "›",
            "/": "⁄∕",
            "Rs": "₨",
            " ": "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
            "\n": "\v\x85\u2028\u2029",
            "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
            "ff": "ﬀ",
            "fi": "ﬁ",
            "fl": "ﬂ",
            "ffi": "ﬃ",
            "ffl": "ﬄ",
        }.items()
        for character in characters
    }
)

_ZWJ, _ZWNJ = "\u200d", "\u200c"


class Segments(NamedTuple):
    """The size of a text as an SMS."""

    encoding: Literal["GSM-7", "UCS-2"]
    #: Septets (GSM-7) or 16-bit code units (UCS-2), without headers.
    units: int
    #: Short messages needed, which is what the gateway bills.
    parts: int


def measure(text: str) -> Segments:
    """Return encoding, units and parts of *text*, exactly.

    The empty text is GSM-7, 0 units and 1 part: a message without text is still one message. A lone surrogate counts
    as one UCS-2 unit, like the replacement character that would be sent for it; a high surrogate followed by a low one
    counts as the pair that they are in UTF-16. No text raises an error; concatenation itself ends at 255 parts
    (TS 23.040, 9.2.3.24.1), which is for the caller to limit.
    """
    if _is_gsm(text):
        septets = text
        for character in _EXTENSION:  # several times faster than one pattern
            septets = septets.replace(character, _ESCAPE + character)
        parts = _count_parts(len(septets), _GSM_SINGLE, _GSM_PART, lambda end: septets[end - 1] == _ESCAPE)
        return Segments("GSM-7", len(septets), parts)
    octets = text.encode("utf-16-be", "surrogatepass")
    units = len(octets) // 2

    def splits_pair(end: int) -> bool:
        return octets[2 * end - 2] & 0xFC == 0xD8 and octets[2 * end] & 0xFC == 0xDC

    return Segments("UCS-2", units, _count_parts(units, _UCS2_SINGLE, _UCS2_PART, splits_pair))


def _count_parts(units: int, single: int, per_part: int, splits_character: Callable[[int], bool]) -> int:
    """Fill parts from the left; a boundary that would split a character moves one unit to the left."""
    if units <= single:
        return 1
    parts = position = 0
    while position < units:
        position += per_part
        if position < units and splits_character(position):
            position -= 1
        parts += 1
    return parts


def truncate(text: str, max_parts: int, *, ellipsis: str = "...") -> str:
    """Return *text*, shortened and ended with *ellipsis* when it takes more than *max_parts* parts.

    The cut never falls inside a user-perceived character: combining marks, surrogate pairs, flags, and emoji
    with modifiers or zero-width joiners stay whole or go whole (the rules of Unicode UAX #29 but for those of Hangul
    letters and Indic conjuncts). White space before the ellipsis goes too. As much text is kept as fits; what is kept
    may be GSM-7 although the whole text was not.

    :param max_parts: at least 1.
    :raises ValueError: when *max_parts* is below 1, or *ellipsis* alone takes more than *max_parts*.
    """
    if max_parts < 1:
        raise ValueError(f"max_parts is {max_parts}: a message has at least 1 part")
    if measure(text).parts <= max_parts:
        return text
    if measure(ellipsis).parts > max_parts:
        raise ValueError(f"the ellipsis alone takes more than {max_parts} parts: choose a shorter one")
    # No part holds more than 160 characters, so nothing behind that can be kept.
    head = text[: _GSM_SINGLE * max_parts + 1]

    def shortened(cut: int) -> str:
        return head[:cut].rstrip() + ellipsis

    # More text never takes fewer parts, which is what lets us search by halves.
    cuts = _character_boundaries(head)
    fitting = bisect_right(cuts, max_parts, key=lambda cut: measure(shortened(cut)).parts)
    return shortened(cuts[fitting - 1]) if fitting else ellipsis


def _character_boundaries(text: str) -> list[int]:
    """Return the positions, in ascending order from 0, where *text* can be cut between user-perceived characters."""
    boundaries = [0]
    flag_letters = 0  # regional indicators in a row: two of them are one flag
    for position in range(1, len(text)):
        before, after = text[position - 1], text[position]
        flag_letters = flag_letters + 1 if _is_flag_letter(before) else 0
        if not (_belongs_together(before, after) or (flag_letters % 2 and _is_flag_letter(after))):
            boundaries.append(position)
    return boundaries


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _belongs_together(before: str, after: str) -> bool:
    """Whether *after* continues the user-perceived character that ends with *before* (flags aside)."""
    if after < "\u0300":  # nearly every character of nearly every text
        return False
    category = unicodedata.category(after)
    return (
        category[0] == "M"  # combining marks, variation selectors, keycaps
        or after in (_ZWJ, _ZWNJ)
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= after <= "\U000e007f"  # tags, as in the flag of Scotland
        # Emoji are symbols, or unassigned to an older Unicode database than the sender's.
        or (before == _ZWJ and (category[0] == "S" or category == "Cn"))
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
    )


def smart_encode(text: str) -> str:
    """Return *text* with typographic characters made plain, if that makes all of it GSM-7; else *text* unchanged.

    Curly quotes, dashes, bullets, the ellipsis, special spaces, tabs, invisible characters, ligatures and the rupee
    sign are replaced; letters written as letter + accent become the one letter when there is one (Unicode NFC). It
    often halves the price. A text that would take more parts in GSM-7 (70 ellipses, say) stays as it is too.
    """
    if _is_gsm(text):
        return text
    plain = unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)
    return plain if _is_gsm(plain) and measure(plain).parts <= measure(text).parts else text
