"""What people give to name a spreadsheet: its address in the browser, or its key."""

from __future__ import annotations

import re

from ..exceptions import SheetError

_KEY = re.compile(r"[A-Za-z0-9_-]{10,}")
_URL = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)")
_PUBLISHED = re.compile(r"/d/e/|^2PACX-")


def spreadsheet_key(key_or_url: str) -> str:
    """Return the spreadsheet's key from a key or from the address in the browser.

    :raises SheetError: when it is neither, the address of a published copy, or two addresses.
    """
    text = str(key_or_url or "").strip()
    if _PUBLISHED.search(text):
        raise SheetError(
            "The address is that of a published copy, which cannot be written: open the spreadsheet itself and "
            "copy the address from the browser.",
            permanent=True,
        )
    keys: set[str] = set(_URL.findall(text))
    if len(keys) > 1:
        raise SheetError("Two spreadsheets are named where one is wanted: give one address.", permanent=True)
    if keys:
        return keys.pop()
    # What follows a key in an address may come along.
    text = re.split(r"[/?#]", text, maxsplit=1)[0]
    if _KEY.fullmatch(text):
        return text
    raise SheetError(
        "The spreadsheet is given neither by its address nor by its key: copy the address from the browser.",
        permanent=True,
    )
