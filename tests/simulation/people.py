"""What people do to a sheet while a campaign runs."""

from __future__ import annotations

from .world import OWNED, Row, Sheet, World


def edit_something(world: World, sheet: Sheet) -> None:
    """One edit, by chance."""
    edits = (
        _sort,
        _shuffle,
        _insert,
        _insert_blank,
        _delete,
        _clear,
        _swap_columns,
        _rename,
        _renumber,
        _cut_and_paste,
    )
    edit = world.rng.choice(edits)
    if sheet.rows:
        edit(world, sheet)
        world.trace.append(f"{world.now:.2f} a person: {edit.__name__.strip('_')}")


def _sort(world: World, sheet: Sheet) -> None:
    place = world.rng.randrange(len(sheet.header))
    sheet.rows.sort(key=lambda row: str(row[place]) if place < len(row) else "", reverse=world.rng.random() < 0.5)


def _shuffle(world: World, sheet: Sheet) -> None:
    world.rng.shuffle(sheet.rows)


def _insert(world: World, sheet: Sheet) -> None:
    who = world.new_who()
    row = Row([""] * len(sheet.header), who)
    sheet.put(row, "Phone", f"0300{2000000 + who}")
    if "ID" in sheet.header:
        sheet.put(row, "ID", f"n{who}")
    for name in sheet.header:
        if name.startswith("Name"):
            sheet.put(row, name, "New")
    sheet.rows.insert(world.rng.randint(0, len(sheet.rows)), row)


def _insert_blank(world: World, sheet: Sheet) -> None:
    sheet.rows.insert(world.rng.randint(0, len(sheet.rows)), Row([], world.new_who()))


def _delete(world: World, sheet: Sheet) -> None:
    if len(sheet.rows) > 2:
        _forget(world, sheet, sheet.rows.pop(world.rng.randrange(len(sheet.rows))))


def _forget(world: World, sheet: Sheet, row: Row) -> None:
    phone = str(sheet.get(row, "Phone"))
    if any(other is not row and sheet.get(other, "Phone") == phone for other in sheet.rows):
        world.evidence_removed[f"92{phone[1:]}"] += 1


def _clear(world: World, sheet: Sheet) -> None:
    """A person asks for a resend: they clear the status, sometimes with the rest."""
    row = world.rng.choice(sheet.rows)
    if "Status" not in sheet.header or not sheet.get(row, "Status"):
        return
    phone = str(sheet.get(row, "Phone"))
    world.cleared[f"92{phone[1:]}"] += 1
    world.asked_at[f"92{phone[1:]}"].append(world.now)
    names = OWNED
    for name in names:
        if name in sheet.header:
            sheet.put(row, name, "")


def _swap_columns(world: World, sheet: Sheet) -> None:
    """Columns are moved, but not in the instant between a task's look and its write: what that does is undone where nothing
    else happens at once (tests/sheets/test_every_moment.py), and is beyond the promise together with a crash (see the docs).
    """
    if any(world.about_to_write.values()):
        return
    first, second = (world.rng.randrange(len(sheet.header)) for _ in range(2))
    for line in (sheet.header, *sheet.rows):
        line.extend([""] * (len(sheet.header) - len(line)))
        line[first], line[second] = line[second], line[first]


def _rename(world: World, sheet: Sheet) -> None:
    """Somebody adds a column of their own."""
    sheet.header.append(f"Note {len(sheet.header)}")
    sheet.width = max(sheet.width, len(sheet.header))


def _renumber(world: World, sheet: Sheet) -> None:
    """A phone number is corrected: to a number that nobody else has."""
    row = world.rng.choice(sheet.rows)
    old = str(sheet.get(row, "Phone"))
    if not old:
        return
    _forget(world, sheet, row)
    sheet.put(row, "Phone", f"0300{5000000 + world.new_who()}")
    world.edited.add(row.who)
    world.renumbered.add(f"92{old[1:]}")


def _cut_and_paste(world: World, sheet: Sheet) -> None:
    row = sheet.rows.pop(world.rng.randrange(len(sheet.rows)))
    sheet.rows.insert(world.rng.randint(0, len(sheet.rows)), row)


def rename_other_status(world: World, sheet: Sheet) -> None:
    """Of several Status columns, all but the fullest get another name, as the task's error asks."""
    places = [place for place, name in enumerate(sheet.header) if name == "Status"]
    fullest = max(places, key=lambda place: sum(bool(row[place : place + 1] and row[place]) for row in sheet.rows))
    for place in places:
        if place != fullest:
            sheet.header[place] = f"Old status {place}"
            world.trace.append(f"{world.now:.2f} a person: renames a second Status")
