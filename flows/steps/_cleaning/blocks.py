"""Collect text block by block: words never split at inline tags and never join at block tags."""

import re

from flows.steps._plain import with_single_blanks

# Begins where a run of blanks begins: one that is looked for from each of its blanks costs the square of its length.
_LINE_END_SPACE = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)
_EMPTY_ROW = re.compile(r"^\|[| ]*$\n?", re.MULTILINE)
_MANY_BREAKS = re.compile(r"\n{3,}")


class BlockText:
    """Text under construction; breaks are asked for and written only between words."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._breaks = 0  # newlines owed before the next word
        self._space = False  # a space owed before the next word
        self._prefix = ""  # "- " owed before the next word

    def write(self, text: str) -> None:
        """Add running text; any white space in it is one space."""
        self._space = self._space or text[:1].isspace()
        if words := with_single_blanks(text):
            self._put(words)
            self._space = text[-1].isspace()

    def write_verbatim(self, text: str) -> None:
        """Add preformatted text with its own spaces and lines."""
        if text:
            self._put(text)

    def break_lines(self, count: int) -> None:
        """Ask for at least count newlines before the next word: 1 ends a line, 2 a block."""
        self._breaks = max(self._breaks, count)

    def add_line_break(self) -> None:
        """Ask for one newline more, as <br> does; two of them end a block."""
        self._breaks = min(self._breaks + 1, 2)

    def space(self) -> None:
        """Ask for a space before the next word."""
        self._space = True

    def prefix(self, mark: str) -> None:
        """Put mark before the next word."""
        self._prefix = mark

    def drop_prefix(self) -> None:
        """Forget a mark that no word followed."""
        self._prefix = ""

    @property
    def last(self) -> str:
        """Return the character before the next word: empty at the start, a space where one is owed."""
        if self._breaks or self._space:
            return " "
        return self._parts[-1][-1:] if self._parts else ""

    def result(self) -> str:
        """Return the text: no line ends in a space, no two blank lines follow each other, no table row is empty."""
        text = "".join(self._parts)
        if "|" in text:
            text = _EMPTY_ROW.sub("", text)
        if " \n" in text or "\t\n" in text or text.endswith((" ", "\t")):
            text = _LINE_END_SPACE.sub("", text)
        if "\n\n\n" in text:
            text = _MANY_BREAKS.sub("\n\n", text)
        return text.strip("\n ")

    def _put(self, text: str) -> None:
        if self._parts and self._breaks:
            self._parts.append("\n" * self._breaks)
        elif self._parts and self._space:
            self._parts.append(" ")
        self._parts += [self._prefix, text]
        self._breaks, self._space, self._prefix = 0, False, ""
