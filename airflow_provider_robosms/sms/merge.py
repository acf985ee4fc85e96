"""Filling ``{{ First Name }}`` tags from a row, as mail-merge tools do.

Tags are data and never code: a tag is looked up among the row's columns, and that is all that can happen. What a
cell holds is inserted as it is and never looked at again, so a cell that contains ``{{Other}}`` stays ``{{Other}}``.
``{{ First Name | Customer }}`` says what stands there when the cell is blank, or holds a word for nothing such as ``null``.
Everything but double braces is plain text: ``{% if %}``, ``${x}``, ``%s``. Double braces that make no tag are an error,
because otherwise they would reach a stranger's phone; so are other brackets around the name of a column, such as ``{Name}``,
and words behind ``|`` that are a filter of another tool (:mod:`.other_tags`) or another column's name.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ..exceptions import MergeError
from .blank import is_blank
from .folding import CROSSES, TICKS
from .other_tags import Kind, bracketed, has_other_braces, may_hold_tag, why_no_words
from .sendable import is_nothing

_SHOWN_NAME = 40  # characters of a name shown in an error: a cell may hold 50,000
_SHOWN_COLUMNS = 8
_COMPARED = 300  # characters of a name that count: a header may hold 50,000, and folding them takes its time
_REMEMBERED = 200  # tags and templates that a row source remembers; more of them than this are no template's
_TICKS = re.compile(f"[{TICKS}]")
#: What stands in a header that asks, or of which some part is told: its cells hold yes or no, or a per cent.
_ASKS = re.compile(f"[?\u061f%\u066a\uff05\uff1f{TICKS}{CROSSES}]")
#: In one that counts: its cells hold 1, 2, 3.
_COUNTS = re.compile("[#\uff03\u2116]")
#: More than one word, or a name as programs write it: ``Father Name``, ``due_date``, ``Phone2``, ``firstName``.
_NO_PLAIN_WORD = re.compile(r"\S\s+\S|[_\d]|[a-z][A-Z]")


def normalise_header(text: str) -> str:
    """Return the form under which column headers and tags are compared.

    Case, compatibility forms (full-width letters, NBSP, presentation forms), white space and invisible format
    characters (BOM, direction marks) do not count: ``" First Name"``, ``"first  name"`` and ``"FIRSTNAME"`` are
    one. The result is for comparing, not for showing. It is the compatibility caseless match of the Unicode standard
    (definition D146), without spaces. The first 300 characters count.
    """
    return _normal_form(text[:_COMPARED])[:_COMPARED]


@lru_cache(maxsize=4096)  # a look compares the same few headers many times
def _normal_form(text: str) -> str:
    if not text.isascii():
        for _ in range(2):  # folding case and taking out spaces can undo the normal form; twice is enough
            text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
            text = "".join(character for character in text if unicodedata.category(character) != "Cf")
            text = "".join(text.split())
    return "".join(text.casefold().split())


def bare_header(text: str) -> str:
    """Return :func:`normalise_header` of *text* without punctuation and symbols: ``"Opt-Out?"`` becomes ``"optout"``.

    A header of nothing else keeps it.
    """
    form = normalise_header(text)
    if form.isalnum():
        return form
    # Also what makes an emoji of a sign before it, as of a tick.
    kept = (one for one in form if unicodedata.category(one)[0] not in "PS" and not "\ufe00" <= one <= "\ufe0f")
    return "".join(kept) or form


def asks(header: str) -> bool:
    """Tell whether a header asks: ``Paid?`` and ``Message \u2713`` hold yes or no, and not what their word says."""
    return _ASKS.search(header) is not None


def without_ticks(header: str) -> str:
    """Return a header without the ticks that decorate it."""
    return _TICKS.sub("", header)


def counts(header: str) -> bool:
    """Tell whether a header may count: ``Message #`` holds 1, 2, 3. With another word, as in ``Order #``, it mostly names."""
    return _COUNTS.search(header) is not None


class Headers:
    """The names of columns, and which of them a tag or a setting means: by :func:`normalise_header`, and where that fits
    none, by :func:`bare_header`.

    :param names: in order; blank ones are no columns.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self._shown: list[str] = []
        self._forms: dict[str, list[int]] = {}
        self._bare: dict[str, list[int]] = {}
        for index, name in enumerate(self.names):
            if not is_blank(name):
                self._shown.append(name)
                self._forms.setdefault(normalise_header(name), []).append(index)
                self._bare.setdefault(bare_header(name), []).append(index)
        self._found: dict[str, int | str] = {}
        self._checked: dict[str, str] = {}

    def places(self, name: str) -> list[int]:
        """Return the indexes (from 0) of the columns of that name."""
        return self._forms.get(normalise_header(name)) or self.alike(name)

    def alike(self, name: str) -> list[int]:
        """Return the indexes of all columns of that name, punctuation forgiven even where one fits without."""
        return self._bare.get(bare_header(name), [])

    def exactly(self, name: str) -> list[int]:
        """Return the indexes of the columns of that name, with case and spaces forgiven and nothing else."""
        return self._forms.get(normalise_header(name), [])

    def find(self, tag: str) -> int:
        """Return the index of the column that a tag names. ``{{Paid}}`` does not name ``Paid?``.

        :raises MergeError: when there is none, or several.
        """
        found = self._found.get(tag)
        if found is None:
            exact, places = self.exactly(tag), self.places(tag)
            if len(places) > 1:
                found = f"tag {_shown(tag)} fits {len(places)} columns: rename all but one of them"
            elif places and not exact and asks(self.names[places[0]]):
                found = _unknown_tag(tag, self._shown, meant=self.names[places[0]])
            elif places:
                found = places[0]
            else:
                # Looking for the closest name is slow: only as long as few tags were wrong.
                found = _unknown_tag(tag, self._shown, hint=len(self._found) < _REMEMBERED)
            if len(self._found) < _REMEMBERED:
                self._found[tag] = found
        if isinstance(found, str):
            raise MergeError(found)
        return found

    def check(self, template: str, besides: Collection[str] = ()) -> None:
        """See that a template, whose tags are known, means no column without naming it in double braces.

        :param besides: names of columns that are not meant, the same ones for each template.
        :raises MergeError: when other brackets or signs stand around a column's name, or it is the words behind ``|``, and no
            plain word.
        """
        if not may_hold_tag(template):
            return
        found = self._checked.get(template)
        if found is None:
            found = self._meant(template, {normalise_header(name) for name in besides})
            if len(self._checked) < _REMEMBERED:
                self._checked[template] = found
        if found:
            raise MergeError(found)

    def _meant(self, template: str, besides: set[str]) -> str:
        def others(places: list[int]) -> list[int]:
            return [place for place in places if normalise_header(self.names[place]) not in besides]

        for literal, tag in _pieces(template):
            name, _, words = (tag or "").partition("|")
            words = words.strip()
            meant = others(self.exactly(words)) if words else []
            if (
                meant
                and not set(meant) & set(self.places(name))
                and any(map(_NO_PLAIN_WORD.search, (words, self.names[meant[0]].strip())))
            ):
                return (
                    f"the words behind | of tag {_shown(tag or '')} are the name of a column, which would be texted: write "
                    "other words, such as valued customer"
                )
            for piece, inside, kind in (found for text in (literal, words) for found in bracketed(text)):
                for one in inside:
                    found = others(self.exactly(one)) or others(self._alike_in(one, kind))
                    if found:
                        shown = _shown(self.names[found[0]])
                        return f"{clip(piece)} would be texted as it stands, but names a column: write {shown}"
        return ""

    def _alike_in(self, inside: str, kind: Kind) -> list[int]:
        """Return the columns that a name in brackets means, punctuation forgiven. In those of people, ``[Sale, Lahore]`` is
        not ``Sale Lahore``, and ``[Paid]`` not ``Paid?``."""
        if not any(map(str.isalpha, inside)):  # "5%-10%", and a column for each day
            return []
        if kind is Kind.PROGRAMS:
            return self.alike(inside)
        if kind is Kind.HASHTAG or any(sign not in "_-" and unicodedata.category(sign)[0] in "PS" for sign in inside):
            return []
        return [place for place in self.alike(inside) if "_" in inside or not asks(self.names[place])]


@lru_cache(maxsize=64)
def _headers(names: tuple[str, ...]) -> Headers:
    return Headers(names)


def render(template: str, row: Mapping[str, str]) -> str:
    """Return *template* with each ``{{ tag }}`` replaced by the value of the column of that name.

    A tag matches a column as :class:`Headers` says; a column spelt exactly like the tag goes first. Values are inserted as
    they are. The time is linear in the lengths of template and result.

    :param row: column header -> text of the cell.
    :raises MergeError: for a tag that is not a column, that two columns answer to, or whose cell is blank (only spaces and
        invisible characters) without a text behind ``|`` for that; when braces are unbalanced or a tag is empty; and as
        :meth:`Headers.check` does.
    """
    headers = _headers(tuple(row))

    def value(tag: str) -> str:
        return row[tag] if tag in row else row[headers.names[headers.find(tag)]]

    text = fill(template, value)
    headers.check(template)
    return text


def fill(template: str, value: Callable[[str], str]) -> str:
    """Return *template* with each tag replaced by what *value* returns for its name.

    :param value: returns the text for a tag's name (without spaces around it), or raises MergeError.
    :raises MergeError: as :func:`render` does.
    """
    parts: list[str] = []
    for literal, name, otherwise in _parsed(template):
        parts.append(literal)
        if name is None:
            continue
        text = value(name)
        if is_blank(text) and otherwise is None:
            raise MergeError(f"tag {_shown(name)} is blank")
        # "None" in a cell may be English ("Dues: None"); where there are words for nothing, it is what an export left.
        if otherwise is not None and (is_blank(text) or is_nothing(text)):
            text = otherwise
        parts.append(text)
    return "".join(parts)


@lru_cache(maxsize=256)  # a campaign has few templates and many rows
def _parsed(template: str) -> list[tuple[str, str | None, str | None]]:
    """Return (plain text, the name of the tag behind it, its words for a blank cell), None for what is not there."""
    if has_other_braces(template):
        raise MergeError(
            "the text holds braces that only look like {{ and }} (full-width ones, or with something invisible between "
            "them): type tags like {{First Name}} anew"
        )
    found: list[tuple[str, str | None, str | None]] = []
    for literal, tag in _pieces(template):
        name, bar, otherwise = (tag or "").partition("|")
        if tag is not None and is_blank(name):
            raise MergeError(f"tag {_shown(tag)} names no column: write tags like {{{{First Name}}}}")
        if why := why_no_words(otherwise):
            raise MergeError(
                f"the words behind | of tag {_shown(tag or '')} are {why}: write them like {{{{First Name|Customer}}}}"
            )
        found.append((literal, None if tag is None else name.strip(), otherwise.strip() if bar else None))
    return found


def tags_of(template: str) -> set[str]:
    """Return the names in the tags of *template*, up to the first that is none."""
    found: set[str] = set()
    with contextlib.suppress(MergeError):
        for _, tag in _pieces(template):
            found.add((tag or "").partition("|")[0].strip())
    return found - {""}


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
            raise MergeError(f"{{{{ stands without }}}} after it, near {clip(template[start + 2 :])!r}")
        tag = template[start + 2 : end]
        if "{" in tag or "}" in tag:
            raise MergeError(f"tag {_shown(tag)} has a brace in it: write tags like {{{{First Name}}}}")
        if is_blank(tag):
            raise MergeError("tag {{}} names no column: write tags like {{First Name}}")
        yield literal, tag
        position = end + 2


def _unknown_tag(tag: str, found: Sequence[str], *, hint: bool = False, meant: str | None = None) -> str:
    if not found:
        return f"tag {_shown(tag)} is not a column: there are no columns"
    shown = ", ".join(map(clip, found[:_SHOWN_COLUMNS]))
    more = f" and {len(found) - _SHOWN_COLUMNS} more" if len(found) > _SHOWN_COLUMNS else ""
    if hint:
        by_form = {normalise_header(clip(name)): clip(name) for name in found[:_REMEMBERED]}
        if closest := difflib.get_close_matches(normalise_header(clip(tag)), by_form, n=1):
            meant = by_form[closest[0]]
    asked = "" if meant is None else f"did you mean {_shown(meant)}? "
    return f"tag {_shown(tag)} is not a column: {asked}the columns are {shown}{more}"


def _shown(tag: str) -> str:
    return f"{{{{{clip(tag)}}}}}"


def clip(text: str) -> str:
    """Return *text* fit for a sentence: one line of at most 40 characters that can be printed."""
    # What lies far beyond the end cannot show, and need not be split into words.
    shown = "".join(character if character.isprintable() else "?" for character in " ".join(text[:1000].split()))
    return shown if len(shown) <= _SHOWN_NAME else shown[: _SHOWN_NAME - 3] + "..."
