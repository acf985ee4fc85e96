"""The sandbox is an extra: what it needs is declared, nothing else needs it, and its modules have an order."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "airflow_provider_robosms/sandbox"


def imports(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Level (the number of dots), module and names of everything that a file imports, wherever it stands in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", [alias.name for alias in node.names]


def test_what_the_sandbox_imports_is_declared_in_its_extra():
    names = {
        module.partition(".")[0] for path in SANDBOX.rglob("*.py") for level, module, _ in imports(path) if not level
    }
    foreign = names - set(sys.stdlib_module_names) - {"airflow_provider_robosms"}
    assert foreign == {"cryptography", "fastapi", "jwt", "pydantic", "requests", "starlette", "uvicorn"}
    extra = re.search(r"^sandbox = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.MULTILINE | re.DOTALL)[1]
    assert all(f'"{name}' in extra for name in (foreign - {"jwt", "requests"}) | {"pyjwt[crypto]"})


def test_nothing_else_imports_the_sandbox():
    package = SANDBOX.parent
    others = [path for path in package.rglob("*.py") if SANDBOX not in path.parents]
    assert len(others) > 20
    found = [path for path in others for _, module, names in imports(path) if "sandbox" in [*module.split("."), *names]]
    assert found == []


def test_no_modules_import_each_other_in_a_circle():
    modules = {path.relative_to(SANDBOX).with_suffix(""): path for path in SANDBOX.rglob("*.py")}
    graph = {
        module: {
            target
            for level, name, names in imports(path)
            if level
            for base in [Path(*module.parts[: len(module.parts) - level], *filter(None, name.split(".")))]
            for target in [base, *(base / each for each in names)]
            if target in modules
        }
        for module, path in modules.items()
    }
    assert sum(map(len, graph.values())) > 100
    # A circle is an error of the sorter that names its modules.
    assert len(list(TopologicalSorter(graph).static_order())) == len(modules)
