"""The kinds of edits that people make while a campaign runs: each may be made many times, at any moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.spreadsheet.a1 import column_letters
from tests.protocol.campaigns import MESSAGE
from tests.protocol.people import Look, People

#: Does something and tells whether there was anything to do.
Deed = Callable[[People], bool]
#: Columns that no campaign needs.
SPARE = ("City", "Due", "Note", "Town")
TEMPLATES = "Templates"


def _sort(column: str) -> Deed:
    return lambda people: people.do("sort", column=column, descending=people.rng.random() < 0.5, header_rows=1)


def _sort_a_part(people: People) -> bool:
    """Sort only some rows, as a filter view or a selection does."""
    look, rng = people.look(), people.rng
    half = len(look.rows) // 2
    area = f"A{rng.randint(2, half)}:{column_letters(len(look.header) - 1)}{rng.randint(half + 1, len(look.rows))}"
    column = rng.choice([name for name in ("Name", "City", "Due") if name in look.header])
    return people.do("sort", column=column, range=area, descending=rng.random() < 0.5)


def _insert_on_top(people: People) -> bool:
    return people.do("insert_rows", at=1, count=people.rng.randint(1, 3))


def _insert_in_the_middle(people: People) -> bool:
    return people.do("insert_rows", at=people.rng.randrange(2, len(people.look().rows)), count=people.rng.randint(1, 5))


def _insert_recipient(people: People) -> bool:
    """Insert a row and type a new recipient into it."""
    at, look = people.rng.randrange(1, len(people.look().rows)), people.look()
    ref, cells = people.new_recipient(look)
    people.do("insert_rows", at=at, count=1)
    people.do("set", row=at, column=0, values=[cells], raw=True)
    people.expect(ref)
    return True


def _insert_recipient_slowly(people: People) -> bool:
    """Insert a row and type a new recipient into it, cell by cell, while the campaign goes on."""
    look = people.look()
    at = people.rng.randrange(1, len(look.rows))
    ref, cells = people.new_recipient(look)
    people.do("insert_rows", at=at, count=1)
    people.notes.half_typed.add(ref)
    expected = people.blank(at)
    typed = [(column, value) for column, value in enumerate(cells) if value]

    def type_next() -> None:
        column, value = typed.pop(0)
        people.do("set", row=at, column=column, value=value, raw=True)
        if (name := look.header[column]) in expected:
            expected[name] = (value, None, expected[name][2])
        if typed:
            people.later(type_next)
        else:
            people.expected[ref] = expected

    people.later(type_next)
    return True


def _add_rows(people: People) -> bool:
    look = people.look()
    fresh = [people.new_recipient(look) for _ in range(people.rng.randint(1, 4))]
    people.do("set", row=max(people.recipients(look)) + 1, column=0, values=[cells for _, cells in fresh], raw=True)
    people.expect(*(ref for ref, _ in fresh))
    return True


def _delete_rows(people: People) -> bool:
    look = people.look()
    first = people.rng.choice(people.recipients(look))
    rows = range(first, min(first + people.rng.randint(1, 4), len(look.rows)))
    known = set(people.recipients(look))
    if any(row not in known and any(look.rows[row]) for row in rows):
        return False  # nobody could say whom
    for row in known.intersection(rows):
        ref = look.cell(row, "Ref")
        people.notes.removed[ref] = look.cell(row, "Message ID")
        people.forget(ref)
    return people.do("delete_rows", at=first, count=len(rows))


def _move_rows(people: People) -> bool:
    size, rng = len(people.look().rows), people.rng
    count = rng.randint(1, size // 3)
    at = rng.randrange(1, size - count)
    to = rng.choice([place for place in range(1, size) if not at < place < at + count])
    return people.do("move_rows", at=at, count=count, to=to)


def _cut_and_paste(people: People) -> bool:
    """Take one whole row to the end: it is nowhere for a moment."""
    return _cut(people, people.look(), lambda look: len(look.header))


def _cut_without_result(people: People) -> bool:
    """Take only the person's own cells to the end; what the tool wrote stays behind."""
    return _cut(people, people.look(), lambda look: min(_places(look, OWNED), default=len(look.header)))


def _places(look: Look, names: tuple[str, ...]) -> list[int]:
    return [place for place, name in enumerate(look.header) if name in names]


def _cut(people: People, look: Look, width_of: Callable[[Look], int]) -> bool:
    row, width = people.rng.choice(people.recipients(look)), width_of(look)
    ref, cells = look.cell(row, "Ref"), look.rows[row][:width]
    left = [place for place in _places(look, OWNED) if place >= width]
    if left and any(look.own(row)):
        people.notes.left_behind.append(look.own(row))
        people.notes.asked[ref] += 1
    people.do("clear", range=f"A{row + 1}:{column_letters(width - 1)}{row + 1}")
    people.forget(ref)

    def paste() -> None:
        people.do("set", row=len(people.look().rows) + 1, column=0, values=[cells], raw=True)
        people.expect(ref)

    people.later(paste)
    return True


def _move_columns(people: People) -> bool:
    width, rng = len(people.header()), people.rng
    at = rng.randrange(width)
    to = rng.choice([place for place in range(width + 1) if place not in (at, at + 1)])
    return people.do("move_columns", at=at, count=1, to=to)


def _insert_columns(people: People, *, named: bool = True) -> bool:
    """Insert a column, and type its header.

    :param named: whether that is done at once, else while the campaign goes on.
    """
    at, number = people.rng.randrange(len(people.header())), people.rng.randrange(10**6)
    people.do("insert_columns", at=at, count=1)
    looks = people.looks_of(at)

    def name() -> None:
        people.do("set", row=0, column=at, value=f"Note {number}", raw=True)
        people.expect_column(f"Note {number}", looks)

    if named:
        name()
    elif people.rng.random() < 0.7:
        people.later(name)
    return True


def _delete_columns(people: People) -> bool:
    """Delete a column that nobody needs, or put one there to delete next time."""
    header = people.header()
    spare = [at for at, name in enumerate(header) if name.startswith(SPARE)]
    if not spare or people.rng.random() >= 0.6:
        return _insert_columns(people)
    at = people.rng.choice(spare)
    people.forget_column(header[at])
    return people.do("delete_columns", at=at, count=1)


def _delete_result_column(people: People) -> bool:
    """Delete one of the tool's own columns; those that identify a result stay, for the judge."""
    header = people.header()
    mine = [name for name in ("Parts", "Sent At", "Detail") if name in header]
    if not mine:
        return False
    name = people.rng.choice(mine)
    people.notes.columns.add(name)
    return people.do("delete_columns", at=header.index(name), count=1)


def _rename_columns(people: People) -> bool:
    header, to = people.header(), f"Town {people.rng.randrange(10**6)}"
    at = people.rng.choice([at for at, name in enumerate(header) if name.startswith(SPARE)])
    people.do("rename_column", column=column_letters(at), to=to)
    for cells in people.expected.values():
        cells[to] = cells.pop(header[at])
    return True


def _correct_a_number(people: People) -> bool:
    """Give somebody a number that nobody else has."""
    look = people.look()
    row = people.rng.choice(people.recipients(look))
    people.type_into(look, row, "Phone", people.new_number(look.cell(row, "Ref")))
    return True


def _edit_a_name(people: People) -> bool:
    look = people.look()
    people.type_into(look, people.rng.choice(people.recipients(look)), "Name", f"Renamed{people.rng.randrange(10**6)}")
    return True


def _clear_statuses(people: People) -> bool:
    """Ask for some to be sent again: clear the status, with the rest of the result or without."""
    look = people.look()
    done = [row for row in people.recipients(look) if look.cell(row, "Status") == "SENT"]
    for row in people.rng.sample(done, min(3, len(done))):
        people.notes.asked[look.cell(row, "Ref")] += 1
        for place in _places(look, OWNED if people.rng.random() < 0.5 else OWNED[:1]):
            people.do("set", row=row, column=place, value="", raw=True)
    return bool(done)


def _type_statuses(people: People) -> bool:
    """Mark some that must not be texted with a status of one's own."""
    look = people.look()
    blank = [row for row in people.recipients(look) if not look.cell(row, "Status")] if "Status" in look.header else []
    for row in people.rng.sample(blank, min(2, len(blank))):
        people.do("set", row=row, column=look.header.index("Status"), value="hold", raw=True)
        people.notes.typed[look.cell(row, "Ref")] = "hold"
    return bool(blank)


def _opt_out(people: People) -> bool:
    look = people.look()
    row = people.rng.choice(people.recipients(look))
    people.type_into(look, row, "Opt Out", "yes")
    people.notes.opted_out.add(look.cell(row, "Ref"))
    return True


def _change_template(people: People) -> bool:
    return people.do("set", tab=TEMPLATES, cell="B2", value=MESSAGE + "!" * people.rng.randint(1, 5), raw=True)


def _rename_tab(people: People) -> bool:
    return people.do("rename_sheet", to=f"Recipients {people.rng.randrange(10**6)}")


def _everything(people: People) -> bool:
    """Anything that moves rows or columns."""
    deeds: list[Deed] = [
        _sort_a_part, _insert_on_top, _insert_in_the_middle, _move_rows, _move_columns, _insert_columns, _delete_rows,
        _sort("Name"), _sort("Status"), _add_rows,
    ]  # fmt: skip
    return people.rng.choice(deeds)(people)


@dataclass(frozen=True)
class Kind:
    """A kind of edits: what is done, and how often during a campaign; None for all the time."""

    name: str
    deed: Deed
    times: int | None = 5


KINDS = (
    Kind("sort by name", _sort("Name")),
    Kind("sort by phone", _sort("Phone")),
    Kind("sort by a date column", _sort("Due")),
    Kind("sort by the Status column", _sort("Status")),
    Kind("sort by Message ID", _sort("Message ID")),
    Kind("sort a part of the rows", _sort_a_part),
    Kind("sort all the time", _sort("City"), None),
    Kind("insert blank rows on top", _insert_on_top),
    Kind("insert blank rows in the middle", _insert_in_the_middle),
    Kind("insert rows and type recipients", _insert_recipient),
    Kind("slowly insert rows and type recipients", _insert_recipient_slowly),
    Kind("add recipients at the end", _add_rows),
    Kind("delete rows", _delete_rows, 8),
    Kind("move blocks of rows", _move_rows),
    Kind("cut a row and paste it", _cut_and_paste, 8),
    Kind("cut a row without its result", _cut_without_result, 8),
    Kind("move columns", _move_columns),
    Kind("insert columns", _insert_columns),
    Kind("slowly insert columns", partial(_insert_columns, named=False)),
    Kind("delete other columns", _delete_columns),
    Kind("delete a result column", _delete_result_column, 2),
    Kind("rename other columns", _rename_columns),
    # Four corrected numbers beside results, of forty, would be a list that a formula makes.
    Kind("edit phone numbers", _correct_a_number, 3),
    Kind("edit names", _edit_a_name, 12),
    Kind("clear statuses", _clear_statuses),
    Kind("type a status", _type_statuses),
    Kind("opt somebody out", _opt_out, 12),
    Kind("change the template", _change_template),
    Kind("rename the tab", _rename_tab, 1),
    Kind("everything that moves", _everything, 15),
)
