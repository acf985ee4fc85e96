"""Reading the project's Markdown pages: links, headings, tables, code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", ".github/SECURITY.md", "tests/harness/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block; *line* is where its code begins in the page."""

    language: str
    code: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the fenced code blocks of a page."""
    return [
        Block(match[1], match[2], text.count("\n", 0, match.start()) + 2)  # the fence has a line of its own
        for match in _FENCE.finditer(text)
    ]


def prose(text: str) -> str:
    """Return a page without its fenced code blocks."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    """Return the targets of a page's links and pictures."""
    return _LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """Return what a link to a heading of the page may name, as GitHub makes it."""
    found = set()
    for _, title in _HEADING.findall(prose(text)):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


def section(text: str, heading: str) -> str:
    """Return what stands under *heading* until the next heading of the same or a higher level."""
    begin = next(match for match in _HEADING.finditer(text) if match[2] == heading)
    level = len(begin[1])
    rest = text[begin.end() :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> Iterator[list[dict[str, str]]]:
    """Yield each table as rows: column title -> cell."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            lines.append(line)
        elif lines:
            head, _, *rows = ([cell.strip() for cell in row.strip("|").split("|")] for row in lines)
            yield [dict(zip(head, row, strict=True)) for row in rows]
            lines = []


def table(text: str, first: str) -> list[dict[str, str]]:
    """Return the rows of the first table whose first column is called *first*."""
    return next(rows for rows in tables(text) if next(iter(rows[0])) == first)
