"""A feed's XML as a tree, broken or not: every element knows where it stands, so that none can speak for another.

An XML parser ends at the first mistake, and one that goes on loses the nesting. Here an end tag closes the nearest open
element of its name, and one that nobody opened is passed over. Nothing is looked up or expanded.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin

from msgspec import Struct, field
from msgspec.structs import replace

from flows.steps._parsing.xml.namespaces import ATOM, RSS, namespace, undeclared

ITEMS = frozenset({"item", "entry"})
AROUND_ITEMS = frozenset({"rss", "rdf", "feed", "channel", "items", "entries"})
_BOXES_OF_RSS = frozenset({"rss", "channel", "items", "item"})
# Their markup is their text: a title in it is no element of the feed.
_TEXTS = frozenset({
    "title", "description", "summary", "content", "encoded", "body", "div", "subtitle", "tagline", "abstract",
    "full-text", "fulltext", "info", "rights", "copyright",
})  # fmt: skip

MAX_ATTRIBUTES = 100
_MAX_CHILDREN = 1000  # of one item; more is not a story
_MAX_PREFIXES = 100
_LONGEST_BASE = 2000  # characters of an address

# Within an element no `<` stands but in a value that is broken anyway: no search runs on from one tag into the next.
_TOKEN = re.compile(
    r"<!\[CDATA\[|<!--|<\?"
    r"|<(?P<close>/?)(?P<name>[^\s<>/!?=\"'&;]+)(?P<attributes>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+|[^<>]*+)>"
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": ">"}
_ATTRIBUTE = re.compile(r"""(?<![^\s"'])([^\s=/"'<>]+)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SECTION = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
_PREFIX = re.compile(r"(</?)[A-Za-z][\w.-]*:(?=[A-Za-z])")


class _Scope(Struct, frozen=True):
    """What an element hands down to those within it."""

    spaces: dict[str, str] = field(default_factory=dict)
    base: str = ""
    language: str = ""


class Element(Struct):
    """An element with its place in the document's text."""

    name: str  # without prefix, in lower case
    space: str  # as namespaces.py names it
    qualified: str  # as it is closed
    source: str
    tag: int  # where its own tag begins
    start: int  # of what is within it
    written: str  # its attributes, unread
    scope: _Scope
    end: int = 0
    has_markup: bool = False  # tags stand within it that are not hidden in CDATA
    children: list["Element"] = field(default_factory=list)
    # Found when they are asked for the first time; functools.cached_property takes a lock each time.
    _attributes: dict[str, str] | None = None
    _value: str | None = None

    def __str__(self) -> str:
        """Give what stands within it: it is known again by this."""
        return self._inner

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes by their names in lower case, without prefixes but for `xml:`."""
        if self._attributes is None:
            read = reversed(list(_attributes(self.written))) if self.written else ()
            self._attributes = {self._without_rdf(name): value for name, value in read}
        return self._attributes

    def _without_rdf(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return local if local and self.scope.spaces.get(prefix, undeclared(prefix)) == "rdf" else name

    @property
    def value(self) -> str:
        """The text with its references resolved; where tags stand in it, their markup as HTML."""
        if self._value is None:
            self._value = self._read_value()
        return self._value

    def _read_value(self) -> str:
        if self.has_markup:
            return _PREFIX.sub(r"\1", _SECTION.sub(self._section, self._inner)).strip()
        pieces: list[str] = []
        position = 0
        for section in _SECTION.finditer(self._inner):
            pieces += [html.unescape(self._inner[position : section.start()]), section[1] or ""]
            position = section.end()
        return "".join([*pieces, html.unescape(self._inner[position:])]).strip()

    @property
    def base(self) -> str:
        """The address that relative ones in it stand on; empty where the document names none."""
        return self.scope.base

    @property
    def language(self) -> str:
        """The language that it or an element around it declares."""
        return self.scope.language

    @property
    def is_core(self) -> bool:
        """Tell whether it belongs to the feed format itself."""
        return self.space in {RSS, ATOM}

    @property
    def opening(self) -> str:
        """The element's own tag, as the document writes it."""
        return self.source[self.tag : self.start]

    @property
    def closing(self) -> str:
        """The tag that ends it; empty where its own tag does."""
        return (
            ""
            if self.opening.endswith("/>")
            else f"</{self.source[self.tag + 1 : self.tag + 1 + len(self.qualified)]}>"
        )

    @property
    def _inner(self) -> str:
        return self.source[self.start : self.end]

    def _section(self, match: re.Match[str]) -> str:
        text = match[1] or ""
        return html.escape(text, quote=False) if self.attributes.get("type") == "xhtml" else text


def read_elements(text: str, start: int) -> Element | None:
    """Read the first element at or behind start with all that is within it; None where no tag is whole."""
    return _Reader(text).read(start)


def items_of(root: Element) -> Iterator[Element]:
    """Give the items in their order: those that stand in the feed itself, never one within another element."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.is_core and element.name in ITEMS:
            yield element
        elif element is root or (element.space in {RSS, ATOM, "rdf"} and element.name in AROUND_ITEMS):
            waiting += reversed(element.children)


class _Reader:
    """Builds the tree of one document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Element | None = None
        self.stack: list[Element] = []
        self.open: Counter[str] = Counter()
        self.inner_depth = 0  # of a text element: elements of its own name within it
        self.endless: set[str] = set()  # marks that nothing closes any more

    def read(self, start: int) -> Element | None:
        position = start
        while token := _TOKEN.search(self.text, position):
            position = token.end()
            if token["name"] is None:
                position = self._skip(token)
            elif token["close"]:
                self._close(token["name"].lower(), token.start())
            else:
                self._open(token)
            if self.root is not None and not self.stack:
                break
        while self.stack:
            self._end(len(self.text))
        return self.root

    def _skip(self, token: re.Match[str]) -> int:
        mark = token[0]
        end = -1 if mark in self.endless else self.text.find(_ENDS[mark], token.end())
        if end >= 0:
            return end + len(_ENDS[mark])
        self.endless.add(mark)
        return len(self.text) if mark == "<![CDATA[" else token.end()

    def _open(self, token: re.Match[str]) -> None:
        qualified, written = token["name"].lower(), token["attributes"]
        is_empty = written.rstrip().endswith("/")
        parent = self.stack[-1] if self.stack else None
        if parent is not None and _is_text(parent):
            parent.has_markup = True
            self.inner_depth += qualified == parent.qualified and not is_empty
            return
        element = _element(token, self.text, parent)
        if parent is not None and _is_item(parent) and _is_item(element):  # the end tag of the one before is missing
            self._end(token.start())
            parent = self.stack[-1]
        if parent is not None:
            parent.has_markup = True
            if len(parent.children) < _MAX_CHILDREN or parent.name in AROUND_ITEMS:
                parent.children.append(element)
        self.root = self.root or element
        self.stack.append(element)
        self.open[qualified] += 1
        if is_empty:
            self._end(token.end())

    def _close(self, qualified: str, position: int) -> None:
        if not self.open[qualified]:
            return
        if self.inner_depth and qualified == self.stack[-1].qualified:
            self.inner_depth -= 1
            return
        while self.stack[-1].qualified != qualified:
            self._end_unclosed(position)
        self._end(position)

    def _end(self, position: int) -> None:
        element = self.stack.pop()
        element.end = max(position, element.start)
        self.open[element.qualified] -= 1
        self.inner_depth = 0

    def _end_unclosed(self, position: int) -> None:
        """End an element without an end tag: it ends where the next tag begins, and what follows is beside it."""
        element = self.stack[-1]
        self._end(element.children[0].tag if element.children else position)
        if self.stack and not _is_item(element) and element.name not in AROUND_ITEMS:
            beside = self.stack[-1].children
            beside += element.children[: max(0, _MAX_CHILDREN - len(beside))]
            element.children, element.has_markup = [], element.has_markup and _is_text(element)


def _element(token: re.Match[str], text: str, parent: Element | None) -> Element:
    qualified, written = token["name"].lower(), token["attributes"]
    scope = _scope(written, parent.scope if parent else None)
    # The default namespace of RSS is none: a document that declares one on a box of RSS means those within it.
    if qualified in _BOXES_OF_RSS and _is_box_of_rss(parent) and scope.spaces.get("", RSS) != RSS:
        scope = replace(scope, spaces=scope.spaces | {"": RSS})
    prefix, _, name = qualified.rpartition(":")
    space = scope.spaces[prefix] if prefix in scope.spaces else undeclared(prefix)
    if parent is None and space not in {ATOM, "rdf"}:
        space = RSS
    return Element(name, space, qualified, text, token.start(), token.end(), written, scope)


def _is_box_of_rss(parent: Element | None) -> bool:
    return parent is None or (parent.qualified in _BOXES_OF_RSS and parent.space == RSS and not _is_item(parent))


def _scope(written: str, around: _Scope | None) -> _Scope:
    if around is not None and "xml" not in written.lower():
        return around
    outer = around or _Scope()
    found = dict(_attributes(written))
    spaces = outer.spaces
    declared = {
        name.partition(":")[2]: value for name, value in found.items() if name == "xmlns" or name.startswith("xmlns:")
    }
    if declared and len(spaces) < _MAX_PREFIXES:
        spaces = spaces | {prefix: namespace(address, prefix) for prefix, address in declared.items()}
        # A feed in a namespace that nobody knows is a feed: its own elements are those of the format.
        if around is None and spaces.get("") not in {RSS, ATOM}:
            spaces[""] = RSS
    return _Scope(
        spaces, _joined(outer.base, found.get("xml:base", "")), found.get("xml:lang", "").strip() or outer.language
    )


def _joined(base: str, further: str) -> str:
    try:
        joined = urljoin(base, further.strip())
    except ValueError:  # an unclosed bracket in the host
        return base
    return joined if len(joined) <= _LONGEST_BASE else base


def _attributes(written: str) -> Iterator[tuple[str, str]]:
    for match in islice(_ATTRIBUTE.finditer(written), MAX_ATTRIBUTES):
        value = next((value for value in match.groups()[1:] if value is not None), "")
        yield match[1].lower(), html.unescape(value)


def _is_item(element: Element) -> bool:
    return element.is_core and element.name in ITEMS


def _is_text(element: Element) -> bool:
    return element.name in _TEXTS and not (element.space == "media" and element.name == "content")
