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
CAPTIONS = frozenset({"figcaption", "wp-caption-text"})
_CELLS = frozenset({"td", "th"})
# Blocks that follow one another line by line; all other blocks are parted by a blank line.
_LINES = frozenset({"caption", "dd", "dt", "summary", "tbody", "tfoot", "thead"})
_LAYOUT_CELL = frozenset({"blockquote", "h1", "h2", "h3", "ol", "table", "ul"})


def text_of(soup: BeautifulSoup) -> str:
    """Return the text of soup; where it holds nothing but captions, these."""
    return _read(soup, has_captions=False) or _read(soup, has_captions=True)


_Step = NavigableString | Tag | Callable[[], None]


class Reader:
    """Writes down what is read, tag by tag and text by text."""

    def __init__(self) -> None:
        self._out = BlockText()
        self._lists = 0  # lists around the place being read
        self._pres = 0
        self._cells = 0
        self._is_first_cell = True
        self._is_at_struck = False  # words that were struck out begin or end here
        self._texts = 0  # written so far
        self._script: Callable[[str, str], str] | None = None  # how the figures of <sup> and <sub> are written
        self._layouts: set[int] = set()  # rows of tables that only arrange the page
        self._special = {
            "br": self._br,
            "del": self._struck,
            "q": self._q,
            "s": self._struck,
            "strike": self._struck,
            "sub": self._sub,
            "pre": self._pre,
            "li": self._li,
            "ul": self._list,
            "ol": self._list,
        }

    def enter(self, name: str) -> Callable[[], None] | None:
        """Begin a tag that depends on nothing around it. Return what ends it, if that does anything."""
        if name in self._special:
            return self._special[name]()
        if name not in BLOCK_TAGS:
            return None
        count = 1 if name in _LINES else 2
        self._break(count)
        return partial(self._break, count)

    def enter_tag(self, tag: Tag) -> Callable[[], None] | None:
        """Begin any tag. Return what ends it, if that does anything."""
        if tag.name == "table":
            return self._table(tag)
        if tag.name == "tr":
            return self._tr()
        if tag.name == "sup":
            return self._sup(tag)
        return self._cell(tag) if tag.name in _CELLS else self.enter(tag.name)

    def write(self, text: str) -> None:
        """Add a text as it stands in the source."""
        said = self._script(text, self._out.last) if self._script else text
        if self._is_at_struck and said[:1].isalnum() and self._out.last.isalnum():
            self._out.space()
        self._is_at_struck = self._is_at_struck and not said
        self._texts += bool(said)
        if self._pres:
            self._out.write_verbatim(said)
        else:
            self._out.write(said)

    def result(self) -> str:
        """Return what was read."""
        return self._out.result()

    def _break(self, count: int) -> None:
        if self._cells:
            self._out.space()
        else:
            self._out.break_lines(1 if self._lists else count)

    def _br(self) -> None:
        if self._cells:
            self._out.space()
        else:
            self._out.add_line_break()

    def _q(self) -> Callable[[], None]:
        self._out.write("“")
        return lambda: self._out.write("”")

    def _struck(self) -> Callable[[], None]:
        """Part what was struck out from what stands beside it: 5 struck out for 7 is not 57."""
        was_at_struck, texts = self._is_at_struck, self._texts
        self._is_at_struck = True

        def leave() -> None:
            self._is_at_struck = was_at_struck or self._texts > texts

        return leave

    def _sup(self, tag: Tag) -> Callable[[], None]:
        self._script = partial(raised, after=str(tag.next_sibling or ""))
        return self._end_script

    def _sub(self) -> Callable[[], None]:
        self._script = lowered
        return self._end_script

    def _end_script(self) -> None:
        self._script = None

    def _pre(self) -> Callable[[], None]:
        self._break(2)
        self._pres += 1

        def leave() -> None:
            self._pres -= 1
            self._break(2)

        return leave

    def _list(self) -> Callable[[], None]:
        self._break(2)
        self._lists += 1

        def leave() -> None:
            self._lists -= 1
            self._break(2)

        return leave

    def _li(self) -> Callable[[], None]:
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

    def _tr(self) -> Callable[[], None]:
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


def _read(root: Tag, *, has_captions: bool) -> str:
    """Walk the tree with a stack: depth costs no recursion."""
    reader = Reader()
    stack: list[_Step] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Tag):
            if node.name not in _READINGS and (has_captions or not _is_caption(node)):
                stack += _steps_into(node, reader)
        elif not isinstance(node, NavigableString):
            node()
        elif not isinstance(node, PreformattedString):  # comments, declarations, CDATA marks
            reader.write(node)
    return reader.result()


def _steps_into(tag: Tag, reader: Reader) -> list[_Step]:
    """Return what is to be read in tag, the last first, above what ends it."""
    leave = reader.enter_tag(tag)
    within: list[_Step] = [node for node in reversed(tag.contents) if isinstance(node, Tag | NavigableString)]
    return within if leave is None else [leave, *within]


def _is_caption(tag: Tag) -> bool:
    return tag.name in CAPTIONS or not CAPTIONS.isdisjoint(tag.get_attribute_list("class"))


def _is_layout(table: Tag) -> bool:
    """Tell a table that arranges a page from one that holds data: it has blocks or several paragraphs in a cell."""
    cells = table.find_all(["td", "th"])
    return any(cell.find(list(_LAYOUT_CELL)) is not None or len(cell.find_all("p", limit=2)) > 1 for cell in cells)
