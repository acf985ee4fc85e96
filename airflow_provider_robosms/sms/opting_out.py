"""Whether a text tells its reader how to get no more of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: In the words of English, Roman Urdu and Urdu.
_WAY_OUT = re.compile(r"\bstop\b|opt[ -]?out|unsub|band kar|بند کر|نہ بھیج", re.IGNORECASE)


def without_way_out(texts: Iterable[str]) -> int:
    """Return how many of *texts* name no way to opt out, such as ``Reply STOP``."""
    return sum(_WAY_OUT.search(text) is None for text in texts)
