"""Where the texts of a campaign come from, and what they may cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ..exceptions import MergeError
from ..sms.blank import is_blank
from ..sms.merge import clip, fill, normalise_header, tags_of
from ..sms.sendable import has_field
from ..spreadsheet.errors import SheetError
from .columns import OWNED, Columns

#: In place of what a tag gives, which must not be blank: of private use, and part of no word.
_FILLED = "\ue000"
#: So many words of a cell may be a name, whatever the text around it; more than the second are a text by itself.
_FEW_WORDS, _MOST_WORDS = 5, 12
_LINK = re.compile(
    r"https?:|www\.|(?<![@\w.-])[\w-]{1,63}\.(?:com|pk|net|org|info|io|co|me|ly|gl|link|app|shop|store|xyz)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Template:
    """A row of the Templates tab; *name* as its owner wrote it.

    :param trouble: the passing value that stands in place of its text, such as ``#N/A``.
    :param held: why it may be no text to send, as a sentence for whoever sends it all the same; None when it may.
    """

    body: str
    mask: str | None = None
    name: str = ""
    trouble: str | None = None
    held: str | None = None

    def check(self) -> None:
        """See that nobody holds it back.

        :raises SheetError: when a column beside it says so: the whole campaign waits, not only some of its rows.
        """
        if self.held:
            raise SheetError(self.held, permanent=True)


@dataclass(frozen=True)
class Wording:
    """Where the texts come from, and what they may cost.

    :param message: the text for rows that have none of their own and name no template.
    :param template: the name of the template for such rows; goes before *message*.
    :param templates: normalised name -> template.
    :param templates_tab: title of the tab that they are looked for in.
    :param has_templates_tab: whether there is such a tab.
    :param mask: sender mask for rows whose template has none.
    :param max_segments: texts of more parts are skipped; None for no limit.
    :param smart_encoding: replace typographic characters where that makes the text cheaper.
    :param opt_out_line: what every text ends with, on a line of its own, unless it holds it already; None for nothing.
    """

    message: str | None = None
    template: str | None = None
    templates: Mapping[str, Template] = field(default_factory=dict)
    templates_tab: str = "Templates"
    has_templates_tab: bool = True
    mask: str | None = None
    max_segments: int | None = None
    smart_encoding: bool = False
    opt_out_line: str | None = None

    def ended(self, text: str) -> str:
        """Return *text* with the opt-out line, unless one of its lines is it: "Reply STOPWATCH" is not "Reply STOP"."""
        line = self.opt_out_line
        if line is None or is_blank(text) or _line_form(line) in map(_line_form, text.splitlines()):
            return text
        return f"{text.rstrip()}\n{line}"

    def shown(self, body: str, mask: str | None, text: str, cells: Iterable[str]) -> str:
        """Return what a person approves of a text: its words, without those of the row, and its sender mask.

        A corrected name, address or amount is still what was approved. But where a cell says more than the words outside the
        tags, as a sentence in ``{{Text}} - Al-Noor School`` does, is a text by itself or holds a link, the cell's words were
        approved: all of the text is, then.

        :param body: before its tags are filled in, *text* behind it.
        :param cells: what its tags were filled with.
        """
        own = _own_words(body)
        most = min(max(own, _FEW_WORDS), _MOST_WORDS)
        said_by_cells = own == 0 or any(_count_words(cell) > most or _LINK.search(cell) for cell in cells)
        words = text if said_by_cells else self.ended(body)
        return f"{words}\0{mask or self.mask or ''}"

    def tags(self) -> set[str]:
        """Return the tags of all texts that may be sent."""
        texts = [self.message or "", *(template.body for template in self.templates.values())]
        return {tag for text in texts for tag in tags_of(text)}

    def check(self, columns: Columns) -> None:
        """See that the campaign's own text fits the columns, before anything is sent.

        :raises SheetError: when the named template is missing, a tag is unknown, or there is no text at all.
        """
        default: str | None = self.message
        if self.template:
            found = self.templates.get(normalise_header(self.template))
            if found is None:
                raise SheetError(f"There is no template {clip(self.template)!r}: {self._known()}.", permanent=True)
            if found.trouble:
                raise SheetError(
                    f"Template {clip(found.name)!r} holds {found.trouble} in place of a text: fix its formula.",
                    permanent=True,
                )
            found.check()
            default = found.body
        if default and not is_blank(default):
            try:
                # The row's own words cannot be blank here: only the tags are looked at.
                fill(default, lambda tag: "x" if columns.tags.find(tag) >= 0 else "")
                columns.tags.check(default, OWNED)
                if has_field_of_its_own(default):
                    raise MergeError(
                        "it holds a field such as {} or %s, which nothing fills in: write tags like {{First Name}}"
                    )
            except MergeError as error:
                raise SheetError(f"The message text cannot be used: {error}.", permanent=True) from None
        elif columns.one("Message") is None and columns.one("Template") is None:
            raise SheetError(
                "There is no text to send: name a template, write a message, or add a column 'Message' or 'Template' to tab "
                f"{columns.tab!r}.",
                permanent=True,
            )

    def _known(self) -> str:
        tab = repr(clip(self.templates_tab))
        if not self.has_templates_tab:
            return f"the spreadsheet has no tab {tab} with templates"
        names = [clip(template.name) for template in list(self.templates.values())[:10]]
        return f"tab {tab} has {', '.join(names)}" if names else f"tab {tab} has no line with a Name and a Body"


@lru_cache(maxsize=1024)
def has_field_of_its_own(body: str) -> bool:
    """Tell whether a text, without what its tags give, holds a field of a program's format, such as ``{}`` or ``%s``."""
    return has_field(fill(body, lambda tag: _FILLED))


@lru_cache(maxsize=1024)
def _own_words(body: str) -> int:
    """Return how many words a text has outside its tags."""
    return _count_words(fill(body, lambda tag: _FILLED).replace(_FILLED, " "))


def _count_words(text: str) -> int:
    """Return how many words a text has: a number is none, and a dash between two is none."""
    return sum(any(map(str.isalpha, word)) for word in text.split())


def _line_form(line: str) -> str:
    """Return a line as it is compared with others: without the blanks around it and the full stop at its end."""
    line = line.strip()
    return line.rstrip(".") or line
