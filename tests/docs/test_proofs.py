"""Each test that a page names is there, and the page of unclear input names one in each line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, tables

PAGE = ROOT / "docs" / "proofs" / "unclear-input.md"
_NAMED = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def _functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = set(_NAMED.findall(page.read_text(encoding="utf-8")))
    assert not [f"{path}::{name}" for path, name in sorted(named) if name not in _functions(path)]


def test_each_line_of_unclear_input_has_a_test() -> None:
    rows = [row for rows in tables(PAGE.read_text(encoding="utf-8")) for row in rows]
    assert len(rows) >= 50
    assert [row["input"] for row in rows if not _NAMED.search(row["test"])] == []
    assert [row["input"] for row in rows if not row["siblings"]] == []
