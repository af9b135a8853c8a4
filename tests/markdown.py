"""Read our documents: their tables, code, links and headings. Only the Markdown that they are written in."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[1]
RUN_MARK = "<!-- run by tests/test_docs.py -->"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RUNNABLE = re.compile(rf"^{RUN_MARK}\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


class Document(Struct, frozen=True, dict=True):
    """One of our documents."""

    path: Path

    @property
    def name(self) -> str:
        """Return its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """Return all of it."""
        return self.path.read_text("utf-8")

    @cached_property
    def prose(self) -> str:
        """Return it without its fenced code."""
        return _FENCE.sub("", self.text)

    @property
    def spans(self) -> list[str]:
        """Return the code within lines."""
        return _SPAN.findall(self.prose)

    @property
    def code_lines(self) -> list[str]:
        """Return all code: within lines, and the lines of fenced blocks."""
        return self.spans + [line for _, block in _FENCE.findall(self.text) for line in block.splitlines()]

    @property
    def links(self) -> list[str]:
        """Return where its links point."""
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """Return the names of its headings, as a link spells them."""
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(self.prose)}

    @property
    def runnable(self) -> list[str]:
        """Return the shell blocks that say that a test runs them."""
        return _RUNNABLE.findall(self.text)

    def rows(self, heading: str | None = None) -> list[list[str]]:
        """Return the rows of the tables under a heading, up to the next heading of any kind; of all by default."""
        text = self.prose if heading is None else self.section(heading)
        lines = [line for line in text.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in _CELL_BORDER.split(line)[1:-1]] for line in lines]
        return [row for row, below in zip(rows, [*rows[1:], [""]], strict=True) if not _is_rule(row + below)]

    def cells(self, name: str) -> list[str]:
        """Return what stands behind the first cell in the one row of all tables that begins with it."""
        (found,) = (behind for first, *behind in self.rows() if first == name)
        return found

    def names(self, heading: str | None = None) -> list[str]:
        """Return the code in the first cells of those tables."""
        return [name for row in self.rows(heading) for name in _SPAN.findall(row[0])]

    def section(self, heading: str) -> str:
        """Return the text under a heading, up to the next heading of any kind."""
        found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", self.prose, re.MULTILINE | re.DOTALL)
        assert found, f"{self.name} has no heading {heading!r}"
        return found[1]


def documents() -> Iterator[Document]:
    """Give every document of the repository."""
    paths = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("flows/**/*.md")]
    yield from (Document(path) for path in sorted(paths))


def _is_rule(cells: list[str]) -> bool:
    """Tell whether a row is the line under a table's head, or the head above it."""
    return any(re.fullmatch(r":?-{3,}:?", cell) for cell in cells)
