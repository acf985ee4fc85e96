"""What must hold of a sheet after a campaign, whatever people did meanwhile: one judge for all simulations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from airflow_provider_robosms.campaign.message import Message
from airflow_provider_robosms.recipients.columns import OWNED
from airflow_provider_robosms.recipients.refs import ref
from tests.protocol.people import People, to_of


def judge(
    people: People,
    sent: Sequence[Message],
    *,
    orphans: Collection[str] = (),
    unknown: int = 0,
    all_sent: bool = True,
) -> list[str]:
    """Return everything that is not as promised.

    :param unknown: how many rows may be UNKNOWN: none unless something crashed.
    :param all_sent: whether everybody who is still there must have been texted.
    """
    times = Counter(message.to for message in sent)
    wrong = [f"{to} is texted {count} times" for to, count in times.items() if count > 1]
    now = people.cells()
    for name, expected in people.expected.items():
        if name not in now:
            wrong.append(f"{name} is gone")
            continue
        for header, cell in expected.items():
            if now[name].get(header) != cell:
                wrong.append(f"{name}: {header} is {now[name].get(header)}, was {cell}")
    wrong += [f"a row of nobody: {name}" for name in now if name not in people.expected]
    wrong += _results(people, times, orphans, unknown, all_sent=all_sent)
    titles = [sheet.title for sheet in people.book.sheets if sheet.title.startswith("robosms ")]
    return wrong + [f"left: {title}" for title in titles]


def _results(
    people: People, times: Counter[str], orphans: Collection[str], unknown: int, *, all_sent: bool
) -> list[str]:
    header, *rows = people.shown()
    missing = [name for name in ("Ref", *OWNED) if name not in header]
    if missing:
        return [f"no column {name}" for name in missing]
    wrong, seen_unknown, refs = [], 0, Counter[str]()
    for row in rows:
        cells = {name: (row[at] if at < len(row) else "") for at, name in enumerate(header) if name}
        name = cells["Ref"]
        if not name:
            if any(value for value in cells.values()):
                wrong.append(f"a row of nobody holds {[value for value in cells.values() if value]}")
            continue
        if name not in people.expected:
            continue  # said above
        refs[name] += 1
        to = to_of(name)
        if cells["Status"] == "UNKNOWN":
            seen_unknown += 1
            continue
        due = ("SENT", f"RSMS-{to}", ref(f"tel:{to}")) if to in times else ("", "", "")
        is_so = (cells["Status"], cells["Message ID"], cells["Detail"][-7:-1])
        if is_so != due:
            wrong.append(f"{name}: {is_so}, not {due}")
        if all_sent and to not in times:
            wrong.append(f"{name} was not texted")
    wrong += [f"{name} stands in {count} rows" for name, count in refs.items() if count > 1]
    if seen_unknown > unknown:
        wrong.append(f"{seen_unknown} rows are UNKNOWN")
    there = {f"tel:{to_of(name)}" for name in refs}
    wrong += [f"{key} is said to have no row" for key in orphans if key in there]
    return wrong
