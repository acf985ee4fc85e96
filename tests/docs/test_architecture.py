"""The page that shows the way through the code: its files and rooms are there, none is left out, and the way is short."""

from __future__ import annotations

import re
from importlib import import_module

from airflow_provider_robosms import exceptions
from airflow_provider_robosms.get_provider_info import get_provider_info
from tests.docs.pages import ROOT, section, table
from tests.docs.test_docs import CLASSES, PACKAGE

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_FILE = re.compile(r"`((?:[a-z_]+/)*[\w.-]+\.(?:py|md))`")


def _is_there(name: str) -> bool:
    return any((folder / name).is_file() for folder in (PACKAGE, ROOT, ROOT / "docs"))


def test_every_file_that_it_names_is_there() -> None:
    named = set(_FILE.findall(TEXT))
    assert len(named) > 50
    assert sorted(name for name in named if not _is_there(name)) == []


def test_every_table_and_class_that_a_change_goes_to_is_in_its_file() -> None:
    for row in table(section(TEXT, "Where a change goes"), "new"):
        names = set(re.findall(r"`([A-Z]\w+)`", row["code"])) - {kind.__name__ for kind in CLASSES.values()}
        files = [PACKAGE / name for name in _FILE.findall(row["code"])]
        source = "".join(path.read_text(encoding="utf-8") for path in files)
        assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", source)] == [], row["new"]


def test_every_heading_that_a_change_goes_to_is_there() -> None:
    for row in table(section(TEXT, "Where a change goes"), "new"):
        for heading, page in re.findall(r'"([^"]+)" in `([\w-]+\.md)`', row["documentation"]):
            assert section((ROOT / "docs" / page).read_text(encoding="utf-8"), heading), row["new"]


def test_the_way_has_at_most_fifteen_hops() -> None:
    hops = table(section(TEXT, "A recipient's way"), "hop")
    assert [row["hop"] for row in hops] == [str(number) for number in range(1, len(hops) + 1)]
    assert len(hops) <= 15


def test_every_room_has_a_line() -> None:
    listed = " ".join(row["room"] for row in table(section(TEXT, "The rooms"), "room"))
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)/`", listed)) == rooms
    files = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    beside = " ".join(row["other file"] for row in table(section(TEXT, "The rooms"), "other file"))
    assert set(_FILE.findall(beside)) == files


def test_every_face_has_a_section_in_the_reference() -> None:
    """A new operator, sensor, trigger, hook or notifier is listed in CLASSES, by which the reference is checked."""
    info = get_provider_info()
    modules = {
        module for part in ("hooks", "operators", "sensors", "triggers") for module in info[part][0]["python-modules"]
    }
    modules |= {entry["python-module"] for entry in info["transfers"]}
    modules |= {path.rpartition(".")[0] for path in info["notifications"]}
    assert modules <= {kind.__module__ for kind in CLASSES.values()}


def test_the_exceptions_are_one_tree_and_stand_where_the_reference_says() -> None:
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    for row in table(section(text, "Exceptions"), "exception"):
        kind = getattr(exceptions, row["exception"].strip("`"))
        assert issubclass(kind, exceptions.RoboSmsError)
        for module in re.findall(r"\(`([\w.]+)`\)$", row["when"]):
            assert getattr(import_module(f"airflow_provider_robosms.{module}"), kind.__name__) is kind
    kinds = [kind for kind in vars(exceptions).values() if isinstance(kind, type)]
    assert [kind for kind in kinds if not issubclass(kind, exceptions.RoboSmsError)] == []
