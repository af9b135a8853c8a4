"""Parse a fragment of hostile HTML into a BeautifulSoup tree of bounded depth."""

import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator
from html import unescape

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.element import Tag

from flows.steps._cleaning.characters import without_surrogate_entities, without_unseen

# Real articles stay below 60 levels. The sanitizer's time grows with the square of the depth, so what lies deeper keeps
# its words and loses its tags.
MAX_DEPTH = 120
# Escaping is undone at most this often: feeds were seen to escape twice, never more.
_MAX_UNESCAPES = 2

_TAG_NAMES = (
    "a|abbr|article|aside|b|blockquote|br|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|"
    "iframe|img|ins|kbd|li|mark|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|"
    "thead|tr|tt|u|ul|wbr"
)
_KNOWN_TAG = re.compile(rf"</?({_TAG_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
# A closing tag or a tag that stands alone; "a < b" and "<insert name>" are text.
_MARKUP = re.compile(rf"</(?:{_TAG_NAMES})\s*>|<(?:br|hr|img|p)(?:\s[^<>]*)?/?>", re.IGNORECASE)

# Tags without content of which the parser does not know that: each would swallow what follows it.
_VOID_TAG = re.compile(r"<(embed|source|track|wbr)\b[^<>]*>", re.IGNORECASE)

# Tags that show something by themselves. One that was never closed would take the rest of the entry for its own.
_FRAMED = (
    "audio",
    "button",
    "canvas",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "object",
    "select",
    "template",
    "video",
)
_FRAMED_TAG = re.compile(rf"<(/?)({'|'.join(_FRAMED)})\b[^<>]*>", re.IGNORECASE)

_BLOCK_TAGS = """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre search section
    summary table tbody td tfoot th thead tr ul
"""
BLOCK_TAGS = frozenset(_BLOCK_TAGS.split())
_PARTING_TAGS = BLOCK_TAGS | {"br"}


def parse_fragment(html: str) -> BeautifulSoup:
    """Return the tree of html, at most MAX_DEPTH deep."""
    soup = _soup(source_of(html))
    if _is_only_paragraphs(soup) and _MARKUP.search(escaped := soup.get_text("\n")):
        soup = _soup(without_unseen(escaped))
    _flatten(soup)
    return soup


def source_of(html: str) -> str:
    """Return html as it is to be parsed.

    HTML that was escaped as text is parsed as what it says; text without any tag keeps its lines.
    """
    for _ in range(_MAX_UNESCAPES):
        if _MARKUP.search(html) or not _MARKUP.search(unescape(html)):
            break
        html = unescape(html)
    if not _MARKUP.search(html):
        html = "<br>".join(html.splitlines())
    return without_unseen(without_surrogate_entities(html))


def has_markup(html: str) -> bool:
    """Tell whether html holds a tag that is no text."""
    return _MARKUP.search(html) is not None


def without_tags(html: str) -> str:
    """Return html with a space for every known block tag and nothing for the others; an unknown "<" is text."""
    return _KNOWN_TAG.sub(lambda match: " " if match[1].lower() in _PARTING_TAGS else "", html)


def walk(root: Tag) -> Iterator[tuple[Tag, int]]:
    """Yield every tag below root with its depth, parents first, without recursion."""
    stack = [(child, 1) for child in reversed(root.contents) if isinstance(child, Tag)]
    while stack:
        tag, depth = stack.pop()
        yield tag, depth
        stack += [(child, depth + 1) for child in reversed(tag.contents) if isinstance(child, Tag)]


def empty(tag: Tag) -> None:
    """Make tag one that says and shows nothing. To take it out would cost a search among all its siblings."""
    tag.clear()
    tag.name = "template"
    tag.can_be_empty_element = False  # a void tag would be written without its end, and swallow what follows
    tag.attrs = {}


def leaf_blocks(root: Tag, extra: Collection[str] = ()) -> list[Tag]:
    """Return, in order, the block tags that hold no other block, and every tag that is named in extra."""
    blocks = [tag for tag, _ in walk(root) if tag.name in BLOCK_TAGS or tag.name in extra]
    holders = {id(_block_around(tag)) for tag in blocks if tag.name in BLOCK_TAGS}
    return [tag for tag in blocks if id(tag) not in holders]


def _block_around(tag: Tag) -> Tag | None:
    parent = tag.parent
    while parent is not None and parent.name not in BLOCK_TAGS:
        parent = parent.parent
    return parent


def _soup(html: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        # A summary that is only a URL, or an XML declaration on top, is no mistake of ours.
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(_VOID_TAG.sub(r"\g<0></\1>", _with_frames_closed(html)), "lxml")


def _with_frames_closed(html: str) -> str:
    """Return html with an end behind each start of a framed tag that is opened more often than it is closed."""
    balance = Counter[str]()
    for slash, name in _FRAMED_TAG.findall(html):
        balance[name.lower()] += -1 if slash else 1

    def closed(match: re.Match[str]) -> str:
        is_open = not match[1] and balance[match[2].lower()] > 0
        return f"{match[0]}</{match[2]}>" if is_open else match[0]

    return _FRAMED_TAG.sub(closed, html) if any(count > 0 for count in balance.values()) else html


def _is_only_paragraphs(soup: BeautifulSoup) -> bool:
    return all(tag.name in {"html", "body", "p"} for tag, _ in walk(soup))


def _flatten(soup: BeautifulSoup) -> None:
    """Replace what lies below MAX_DEPTH by its words."""
    for tag in [tag for tag, depth in walk(soup) if depth == MAX_DEPTH]:
        text = tag.get_text("\n")
        tag.clear()
        tag.append(text)
