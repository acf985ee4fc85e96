"""What a reader would see as nothing."""

from __future__ import annotations

import unicodedata

#: Letters and symbols that show as empty space although Unicode calls them neither space nor invisible; the last
#: stands where a picture was.
_EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\ufffc")


def is_blank(text: str) -> bool:
    """Tell whether *text* shows nothing: no characters, or only spaces, controls, zero-width and other invisible ones."""
    if text[:1].isalnum() and text[0] not in _EMPTY:  # nearly every text there is
        return False
    return not text or all(map(shows_nothing, text))


def shows_nothing(character: str) -> bool:
    """Tell whether one character shows nothing: a space, a control, a zero-width or another invisible one."""
    return (
        character.isspace()
        or character in _EMPTY
        or unicodedata.category(character) in ("Cf", "Cc")
        or "\ufe00" <= character <= "\ufe0f"  # variation selectors, which change a character that is not there
        or "\U000e0100" <= character <= "\U000e01ef"
    )
