"""What must hold of a sheet after a campaign, whatever people did meanwhile: one judge for all simulations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Protocol

from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.recipients.refs import ref
from tests.protocol.people import People, to_of

#: What can be wrong; none of it may be.
WRONGS = (
    "duplicate", "wrong text", "wrong row", "lost code", "not texted", "person's cell", "orphan misreported", "UNKNOWN",
    "tab left",
)  # fmt: skip


class Wrong(str):
    """Something that is not as promised; :attr:`what` is one of :data:`WRONGS`."""

    __slots__ = ("what",)
    what: str

    def __new__(cls, what: str, sentence: str) -> Wrong:
        found = super().__new__(cls, sentence)
        found.what = what
        return found

    def __getnewargs__(self) -> tuple[str, str]:
        return self.what, str(self)  # found in one process and told in another


class Text(Protocol):
    """What was texted; :attr:`text` ends with the Ref, as all simulated campaigns' do."""

    @property
    def to(self) -> str: ...

    @property
    def text(self) -> str: ...


def judge(
    people: People,
    sent: Sequence[Text],
    *,
    orphans: Collection[str] = (),
    unknown: int = 0,
    all_sent: bool = True,
    again: bool = False,
    ids: Sequence[str] | None = None,
) -> list[Wrong]:
    """Return everything that is not as promised.

    :param orphans: keys of whose results are said to have no row.
    :param unknown: how many rows may be UNKNOWN: none unless something crashed.
    :param all_sent: whether everybody who is still there must have been texted.
    :param again: whether a later run has texted those whom people asked to text again.
    :param ids: message ids of *sent*; those of the simulated gateway by default.
    """
    return _Judge(people, sent, orphans, ids).all(unknown, all_sent=all_sent, again=again)


class _Judge:
    def __init__(
        self, people: People, sent: Sequence[Text], orphans: Collection[str], ids: Sequence[str] | None
    ) -> None:
        self.people, self.sent, self.orphans = people, sent, orphans
        self.notes, self.look = people.notes, people.look()
        self.ids: dict[str, set[str]] = {}
        for text, message_id in zip(sent, ids or [f"RSMS-{text.to}" for text in sent], strict=True):
            self.ids.setdefault(self.whose(text.to), set()).add(message_id)
        self.wrong: list[Wrong] = []

    def all(self, unknown: int, *, all_sent: bool, again: bool) -> list[Wrong]:
        """Return everything that is wrong."""
        self.texts(again=again)
        self.cells()
        self.rows(unknown, all_sent=all_sent)
        titles = [sheet.title for sheet in self.people.book.sheets if sheet.title.startswith("robosms ")]
        for title in titles:
            self.say("tab left", f"left: {title}")
        return self.wrong

    def say(self, what: str, sentence: str) -> None:
        self.wrong.append(Wrong(what, sentence))

    def whose(self, to: str) -> str:
        """Return the Ref of a number."""
        return self.notes.numbers.get(to) or next(
            (name for name in self.everybody() if to_of(name) == to), f"nobody with {to}"
        )

    def everybody(self) -> list[str]:
        return [*self.people.expected, *self.notes.removed]

    def texts(self, *, again: bool) -> None:
        """See that nobody was texted twice, and each with the text meant for them."""
        for to, count in Counter(text.to for text in self.sent).items():
            name = self.whose(to)
            asked = self.notes.asked[name] + (name in self.notes.late) if again else 0
            if count > 1 + asked:
                self.say("duplicate", f"{to} is texted {count} times")
        for text in self.sent:
            if text.text.rstrip("!").rpartition(" ")[2] != self.whose(text.to):
                self.say("wrong text", f"{text.to} is texted {text.text!r}")

    def cells(self) -> None:
        """See that people's cells are as people left them."""
        now = self.people.cells()
        for name, expected in self.people.expected.items():
            if name not in now:
                self.say("person's cell", f"{name} is gone")
                continue
            for header, cell in expected.items():
                if now[name].get(header) != cell:
                    self.say("person's cell", f"{name}: {header} is {now[name].get(header)}, was {cell}")
        for name in now:
            if name not in self.people.expected:
                self.say("person's cell", f"a row of nobody: {name}")

    def rows(self, unknown: int, *, all_sent: bool) -> None:
        """See that each result stands in its row, or is said to have none."""
        missing = [name for name in ("Ref", *OWNED) if name not in self.look.header]
        if set(missing) - self.notes.columns:
            self.say("lost code", f"no column {', '.join(missing)}")
            return
        there: Counter[str] = Counter()
        seen_unknown = 0
        for row in range(1, len(self.look.rows)):
            name = self.look.cell(row, "Ref")
            if not name:
                self.nobody(row)
            elif name in self.people.expected:  # else said above
                there[name] += 1
                seen_unknown += self.look.cell(row, "Status") == "UNKNOWN"
                self.row(row, name, all_sent=all_sent)
        for name, count in there.items():
            if count > 1:
                self.say("person's cell", f"{name} stands in {count} rows")
        if seen_unknown > unknown:
            self.say("UNKNOWN", f"{seen_unknown} rows are UNKNOWN")
        self.removed()

    def nobody(self, row: int) -> None:
        """See that a row without a recipient holds nothing but what people left there."""
        shown = [value for value in self.look.rows[row] if value]
        if shown and not (
            self.look.own(row) in self.notes.left_behind and shown == [v for v in self.look.own(row) if v]
        ):
            self.say("wrong row", f"a row of nobody holds {shown}")

    def row(self, row: int, name: str, *, all_sent: bool) -> None:
        """See what stands beside one recipient."""
        look, notes, texted = self.look, self.notes, self.ids.get(name, set())
        status, message_id, detail = (look.cell(row, each) for each in ("Status", "Message ID", "Detail"))
        key = self.key(row, name)
        if status == "SENT" and message_id in texted:
            lost = "Detail" in notes.columns and not detail
            if not lost and detail[-7:-1] not in {ref(key) for key in self.keys(name)}:
                self.say("wrong row", f"{name} has the result of somebody else: {look.own(row)}")
            if key in self.orphans:
                self.say("orphan misreported", f"{key} is said to have no row")
            return
        if status == "UNKNOWN" or (status and notes.typed.get(name) == status):
            return
        if status == "SKIPPED" and not texted and name in notes.opted_out | notes.half_typed:
            return
        taken_away = name in notes.asked or name in notes.late
        if any(look.own(row)) and (status or name not in notes.asked):
            self.say("wrong row", f"{name}: {look.own(row)}, not {texted or 'blank'}")
        elif texted and not taken_away and not self.corrected(name):
            self.say("lost code", f"{name}: {look.own(row)}, not {texted}")
        elif not texted and all_sent and name not in notes.opted_out:
            self.say("not texted", f"{name} was not texted")
        elif texted and self.corrected(name) and not taken_away and not self.said(name):
            self.say("orphan misreported", f"the result of {name} has no row, which nobody says")
        if key in self.orphans and not self.corrected(name) and not taken_away:
            self.say("orphan misreported", f"{key} is said to have no row")

    def removed(self) -> None:
        """See that a result whose row was deleted is said to have none, unless people saw it there."""
        for name, seen in self.notes.removed.items():
            texted = self.ids.get(name, set())
            if texted and seen not in texted and not self.said(name):
                self.say("orphan misreported", f"the result of {name} has no row, which nobody says")
            if (seen in texted or not texted) and self.said(name):
                self.say(
                    "orphan misreported",
                    f"{name} is said to have no row, and {'had its result' if texted else 'was not texted'}",
                )

    def corrected(self, name: str) -> bool:
        """Tell whether the row is known by a number that people changed."""
        return name in self.notes.numbers.values() and not self.keyed_by_id

    @property
    def keyed_by_id(self) -> bool:
        return "ID" in self.look.header

    def said(self, name: str) -> bool:
        """Tell whether a recipient is said to have no row."""
        return bool(set(self.orphans) & self.keys(name))

    def keys(self, name: str) -> set[str]:
        """Return every key that a recipient ever had."""
        numbers = {to_of(name), *(to for to, whose in self.notes.numbers.items() if whose == name)}
        return {f"tel:{to}" for to in numbers} | {f"id:C{int(name[1:])}"}

    def key(self, row: int, name: str) -> str:
        """Return the key of a row now."""
        return f"id:{self.look.cell(row, 'ID')}" if self.keyed_by_id else f"tel:{self.number(row)}"

    def number(self, row: int) -> str:
        return "92" + self.look.cell(row, "Phone").replace("-", "")[1:]
