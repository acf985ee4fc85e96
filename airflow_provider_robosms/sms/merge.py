"""Filling ``{{ First Name }}`` tags from a row, as mail-merge tools do.

Tags are data and never code: a tag is looked up among the row's columns, and that is all that can happen. What a
cell holds is inserted as it is and never looked at again, so a cell that contains ``{{Other}}`` stays ``{{Other}}``.
Everything but double braces is plain text: ``{name}``, ``{% if %}``, ``${x}``, ``%s``. Double braces that make no tag
are an error, because otherwise they would reach a stranger's phone.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

_SHOWN_NAME = 40  # characters of a name shown in an error: a cell may hold 50,000
_SHOWN_COLUMNS = 8


class MergeError(ValueError):
    """A template does not fit a row; the text says which tag and what to do."""


def normalise_header(text: str) -> str:
    """Return the form under which column headers and tags are compared.

    Case, compatibility forms (full-width letters, NBSP, presentation forms), white space and invisible format
    characters (BOM, direction marks) do not count: ``" First Name"``, ``"first  name"`` and ``"FIRSTNAME"`` are
    one. The result is for comparing, not for showing. It is the compatibility caseless match of the Unicode standard
    (definition D146), without spaces.
    """
    if not text.isascii():
        for _ in range(2):  # folding case and taking out spaces can undo the normal form; twice is enough
            text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
            text = "".join(character for character in text if not _is_blank(character))
    return "".join(text.casefold().split())


def tags(template: str) -> tuple[str, ...]:
    """Return the distinct tag names of *template* in order of appearance, as first written but with single spaces.

    :raises MergeError: when braces are unbalanced or a tag is empty.
    """
    found: dict[str, str] = {}
    for _, tag in _pieces(template):
        if tag is not None:
            found.setdefault(normalise_header(tag), " ".join(tag.split()))
    return tuple(found.values())


def render(template: str, row: Mapping[str, str]) -> str:
    """Return *template* with each ``{{ tag }}`` replaced by the value of the column of that name.

    A tag matches a column as :func:`normalise_header` says; a column spelt exactly like the tag goes first. Values
    are inserted as they are. The time is linear in the lengths of template and result.

    :param row: column header -> text of the cell.
    :raises MergeError: for a tag that is no column, that two columns answer to, or whose cell is blank (only spaces and
        invisible characters), and as :func:`tags` does.
    """
    parts: list[str] = []
    columns: dict[str, list[str]] | None = None
    for literal, tag in _pieces(template):
        parts.append(literal)
        if tag is None:
            continue
        column = tag.strip()
        if column not in row:
            if columns is None:
                columns = _columns_by_normal_form(row)
            column = _only_column(tag, columns.get(normalise_header(tag), []), row)
        value = row[column]
        if _is_blank(value):
            raise MergeError(f"tag {_shown(tag)} is blank")
        parts.append(value)
    return "".join(parts)


def _pieces(template: str) -> Iterator[tuple[str, str | None]]:
    """Yield (plain text, the tag behind it or None at the end) in one pass."""
    position = 0
    while True:
        start = template.find("{{", position)
        literal = template[position:] if start < 0 else template[position:start]
        if "}}" in literal:
            raise MergeError("}} stands without {{ before it: write tags like {{First Name}}")
        if start < 0:
            yield literal, None
            return
        end = template.find("}}", start + 2)
        if end < 0:
            raise MergeError(f"{{{{ stands without }}}} after it, near {_clip(template[start + 2 :])!r}")
        tag = template[start + 2 : end]
        if "{" in tag or "}" in tag:
            raise MergeError(f"tag {_shown(tag)} has a brace in it: write tags like {{{{First Name}}}}")
        if _is_blank(tag):
            raise MergeError("tag {{}} names no column: write tags like {{First Name}}")
        yield literal, tag
        position = end + 2


def _is_blank(text: str) -> bool:
    return all(character.isspace() or unicodedata.category(character) == "Cf" for character in text)


def _columns_by_normal_form(row: Mapping[str, str]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for header in row:
        columns.setdefault(normalise_header(header), []).append(header)
    return columns


def _only_column(tag: str, matches: list[str], row: Mapping[str, str]) -> str:
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise MergeError(f"tag {_shown(tag)} fits {len(matches)} columns: rename all but one of them")
    raise MergeError(_unknown_tag(tag, tuple(row)))


# A template with a wrong tag fails alike on every row, and looking for the closest name is slow: remember it.
@lru_cache(maxsize=16)
def _unknown_tag(tag: str, columns: tuple[str, ...]) -> str:
    headers = [_clip(column) for column in columns if not _is_blank(column)]
    if not headers:
        return f"tag {_shown(tag)} is no column: there are no columns"
    by_form = {normalise_header(header): header for header in headers}
    closest = difflib.get_close_matches(normalise_header(_clip(tag)), by_form, n=1)
    hint = f"did you mean {_shown(by_form[closest[0]])}? " if closest else ""
    more = f" and {len(headers) - _SHOWN_COLUMNS} more" if len(headers) > _SHOWN_COLUMNS else ""
    return f"tag {_shown(tag)} is no column: {hint}the columns are {', '.join(headers[:_SHOWN_COLUMNS])}{more}"


def _shown(tag: str) -> str:
    return f"{{{{{_clip(tag)}}}}}"


def _clip(text: str) -> str:
    # What lies far beyond the end cannot show, and need not be split into words.
    shown = "".join(character if character.isprintable() else "?" for character in " ".join(text[:1000].split()))
    return shown if len(shown) <= _SHOWN_NAME else shown[: _SHOWN_NAME - 3] + "..."
