"""Whose result a row shows: six characters at the end of its Detail that name the recipient without telling anything of them.

A Status that a person typed has none, so only what carries the row's own reference counts as written by the tool.
"""

from __future__ import annotations

import base64
import hashlib
import re

from ..spreadsheet.cells import MAX_CELL

_REF = re.compile(r"(?:^|\s)\(ref ([a-z2-7]{6})\)\s*$")
_LONGEST = MAX_CELL - 20  # leaves room for the reference and for what :func:`~.cells.inert` puts first


def ref(key: str) -> str:
    """Return the reference of a row's key: six characters of base32 (30 bits) of its BLAKE2b hash.

    :param key: any text; lone surrogates, which a cell may hold, do no harm.
    """
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=5).digest()
    return base64.b32encode(digest).decode("ascii")[:6].lower()


def ref_in(detail: str) -> str | None:
    """Return the reference at the end of a Detail; None when it has none, so that the tool did not write it."""
    found = _REF.search(detail)
    return found[1] if found else None


def with_ref(detail: str, key: str) -> str:
    """Return *detail* with the reference of *key* at its end, in place of one that stands there already."""
    plain = _REF.sub("", detail)[:_LONGEST].rstrip()
    return f"{plain} (ref {ref(key)})".lstrip()
