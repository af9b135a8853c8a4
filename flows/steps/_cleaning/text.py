"""Read the text of a parsed fragment as a person would: a paragraph a line, lists and tables in their places."""

from collections.abc import Callable
from functools import partial

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from flows.steps._cleaning.blocks import BlockText
from flows.steps._cleaning.raised import lowered, raised
from flows.steps._cleaning.tree import BLOCK_TAGS

# They spell a word that stands beside them.
_READINGS = frozenset({"rp", "rt"})
# A caption tells of a picture that the text is kept without; it stays in the HTML.
_CAPTIONS = frozenset({"figcaption", "wp-caption-text"})
# Blocks that follow one another line by line; all other blocks are parted by a blank line.
_LINES = frozenset({"caption", "dd", "dt", "summary", "tbody", "tfoot", "thead"})
_LAYOUT_CELL = frozenset({"blockquote", "h1", "h2", "h3", "ol", "table", "ul"})


def text_of(soup: BeautifulSoup) -> str:
    """Return the text of soup; where it holds nothing but captions, these."""
    return _Reader(has_captions=False).read(soup) or _Reader(has_captions=True).read(soup)


_Step = NavigableString | Tag | Callable[[], None]


class _Reader:
    """Walks the tree with its own stack: depth costs no recursion."""

    def __init__(self, *, has_captions: bool) -> None:
        self._out = BlockText()
        self._has_captions = has_captions
        self._lists = 0  # lists around the place being read
        self._pres = 0
        self._cells = 0
        self._is_first_cell = True
        self._script: Callable[[str, str], str] | None = None  # how the figures of <sup> and <sub> are written
        self._layouts: set[int] = set()  # rows of tables that only arrange the page

    def read(self, root: Tag) -> str:
        stack: list[_Step] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, Tag):
                self._enter(node, stack)
            elif isinstance(node, NavigableString):
                self._write(node)
            else:
                node()
        return self._out.result()

    def _enter(self, tag: Tag, stack: list[_Step]) -> None:
        if tag.name in _READINGS or (not self._has_captions and _is_caption(tag)):
            return
        leave = self._open(tag)
        if leave is not None:
            stack.append(leave)
        stack.extend(node for node in reversed(tag.contents) if isinstance(node, Tag | NavigableString))

    def _open(self, tag: Tag) -> Callable[[], None] | None:
        special = {
            "br": self._br,
            "q": self._q,
            "sup": self._sup,
            "sub": self._sub,
            "pre": self._pre,
            "table": self._table,
            "tr": self._tr,
            "td": self._cell,
        }
        special |= {"th": self._cell, "li": self._li, "ul": self._list, "ol": self._list}
        if tag.name in special:
            return special[tag.name](tag)
        if tag.name not in BLOCK_TAGS:
            return None
        count = 1 if tag.name in _LINES else 2
        self._break(count)
        return lambda: self._break(count)

    def _write(self, text: NavigableString) -> None:
        if isinstance(text, PreformattedString):  # comments, declarations, CDATA marks
            return
        said = self._script(text, self._out.last) if self._script else text
        if self._pres:
            self._out.write_verbatim(said)
        else:
            self._out.write(said)

    def _break(self, count: int) -> None:
        if self._cells:
            self._out.space()
        else:
            self._out.break_lines(1 if self._lists else count)

    def _br(self, _tag: Tag) -> None:
        if self._cells:
            self._out.space()
        else:
            self._out.add_line_break()

    def _q(self, _tag: Tag) -> Callable[[], None]:
        self._out.write("“")
        return lambda: self._out.write("”")

    def _sup(self, tag: Tag) -> Callable[[], None]:
        self._script = partial(raised, after=str(tag.next_sibling or ""))
        return self._end_script

    def _sub(self, _tag: Tag) -> Callable[[], None]:
        self._script = lowered
        return self._end_script

    def _end_script(self) -> None:
        self._script = None

    def _pre(self, _tag: Tag) -> Callable[[], None]:
        self._break(2)
        self._pres += 1

        def leave() -> None:
            self._pres -= 1
            self._break(2)

        return leave

    def _list(self, _tag: Tag) -> Callable[[], None]:
        self._break(2)
        self._lists += 1

        def leave() -> None:
            self._lists -= 1
            self._break(2)

        return leave

    def _li(self, _tag: Tag) -> Callable[[], None]:
        self._break(1)
        if not self._cells:
            self._out.prefix("- ")

        def leave() -> None:
            self._out.drop_prefix()
            self._break(1)

        return leave

    def _table(self, tag: Tag) -> Callable[[], None]:
        rows = {id(row) for row in tag.find_all("tr")}
        self._layouts = self._layouts | rows if _is_layout(tag) else self._layouts - rows
        self._break(2)
        return lambda: self._break(2)

    def _tr(self, _tag: Tag) -> Callable[[], None]:
        self._break(1)
        self._is_first_cell = True
        return lambda: self._break(1)

    def _cell(self, tag: Tag) -> Callable[[], None]:
        if id(tag.parent) in self._layouts:
            self._break(2)
            return lambda: self._break(2)
        if not self._is_first_cell:
            self._out.write(" | ")
        self._is_first_cell = False
        self._cells += 1

        def leave() -> None:
            self._cells -= 1

        return leave


def _is_caption(tag: Tag) -> bool:
    return tag.name in _CAPTIONS or not _CAPTIONS.isdisjoint(tag.get_attribute_list("class"))


def _is_layout(table: Tag) -> bool:
    """Tell a table that arranges a page from one that holds data: it has blocks or several paragraphs in a cell."""
    cells = table.find_all(["td", "th"])
    return any(cell.find(list(_LAYOUT_CELL)) is not None or len(cell.find_all("p", limit=2)) > 1 for cell in cells)
