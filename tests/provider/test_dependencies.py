"""What the code imports is declared: else an installation works until somebody else stops needing it."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import airflow_provider_robosms

PACKAGE = Path(airflow_provider_robosms.__file__).parent
DISTRIBUTION = importlib.metadata.distribution("airflow-provider-robosms")
#: Distribution -> what is required of it; by extra, "" for the package itself.
DECLARED: dict[str, dict[str, Requirement]] = {}
for text in DISTRIBUTION.requires or ():
    requirement = Requirement(text)
    extra = re.search(r"extra == ['\"](\w+)['\"]", str(requirement.marker or ""))
    DECLARED.setdefault(extra[1] if extra else "", {})[requirement.name.lower()] = requirement
#: Folder -> the extras that it may need.
FOLDERS = {
    PACKAGE: (),
    PACKAGE / "transfers": ("sql",),
    PACKAGE / "sandbox": ("sandbox",),
    PACKAGE.parent / "dags": ("dags",),
}


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that are imported when the code runs: not those for the type checker only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)
        yield from _imported(node)


def _distribution(module: str) -> str | None:
    """Return what has to be installed for a module; None for Python's own and this package's."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top == "airflow_provider_robosms":
        return None
    if top == "airflow":
        provider = re.match(r"airflow\.providers\.((?:common\.)?\w+)", module)
        return f"apache-airflow-providers-{provider[1].replace('.', '-')}" if provider else "apache-airflow"
    if top == "google":
        return "google-auth"
    return importlib.metadata.packages_distributions()[top][0].lower()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_imported_is_declared(folder):
    known = {"": DECLARED[""], **{extra: DECLARED[extra] for extra in FOLDERS[folder]}}
    names = {name for part in known.values() for name in part}
    others = [other for other in FOLDERS if other != folder and folder in other.parents]
    needed = {
        distribution: f"{file.name}: {module}"
        for file in folder.rglob("*.py")
        if not any(other in file.parents for other in others)
        for module in _imported(ast.parse(file.read_text(encoding="utf-8")))
        if (distribution := _distribution(module))
    }
    assert needed, "nothing was looked at"
    assert {name: where for name, where in needed.items() if name not in names} == {}


def test_an_answer_of_a_few_bytes_cannot_take_all_memory():
    """urllib3 unpacked without limit until 2.6.3."""
    floor = DECLARED[""]["urllib3"].specifier
    assert not floor.contains("2.6.2")
    assert floor.contains("2.6.3")
