"""News sitemaps (sitemaps.org with Google's news tags) and indexes of sitemaps.

Only what has a news title is an entry: a plain sitemap lists every page of a site, of which few are stories.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import chain, islice
from typing import Final

from lxml import etree
from msgspec import Struct

from flows.steps._parsing.dates import read_date
from flows.steps._parsing.encoding import storable_xml
from flows.steps._parsing.entry import RawEntry, build_entries
from flows.steps._parsing.not_a_feed import describe_text, root_name
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.xml.document import FEED_ROOTS, with_bare_ampersands_escaped, with_characters_for_names
from flows.steps.text.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

MAX_SITEMAPS: Final = 10  # of an index, the latest: what is older was read on other nights
_MAX_ELEMENTS: Final = 500_000  # 50,000 addresses, the most a sitemap may have, with ten elements each

_Fields = dict[str, str]

_ROOTS = frozenset({"urlset", "sitemapindex"})
_JUNK_CHARACTERS = 20_000  # a notice of PHP or a proxy before the sitemap is short
_ROOT_TAG = re.compile(r"<((?:[\w.-]+:)?(?:urlset|sitemapindex))(?![\w.:-])([^<>]*)>", re.IGNORECASE)
_ROOT_END = re.compile(r"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_BLOCK_START = re.compile(r"<(?:[\w.-]+:)?(?:url|sitemap)[\s>]", re.IGNORECASE)
# It ends before the next begins.
_BLOCK = re.compile(
    rf"{_BLOCK_START.pattern}(?:(?!{_BLOCK_START.pattern}).)*?</(?:[\w.-]+:)?(?:url|sitemap)\s*>",
    re.IGNORECASE | re.DOTALL,
)
_PREFIX = re.compile(r"<([A-Za-z_][\w.-]*):|\s(?!xml(?:ns)?:)([A-Za-z_][\w.-]*):[\w.-]+\s*=")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_MAX_PREFIXES = 100
_NEVER = datetime.min.replace(tzinfo=UTC)


class _Read(Struct, frozen=True):
    """What could be read of a document."""

    root: str = ""
    blocks: Sequence[_Fields] = ()  # the fields of each <url> or <sitemap>
    is_whole: bool = False  # it comes to its end
    mistake: str = ""  # where it is no XML
    lost: int = 0  # blocks that could not be read


def parse_sitemap(text: str, url: str, origin: Origin) -> ParsedFeed:
    """Read a sitemap or an index of them from its decoded text. Raise NotAFeed for any other document."""
    read = _read(text)
    root, blocks = read.root, read.blocks
    if root in FEED_ROOTS:
        raise NotAFeed("this is a feed, not a sitemap: take `kind` out of feeds.yaml")
    if root not in _ROOTS:
        raise NotAFeed(f"this is {describe_text(text, url)}, not a sitemap")
    news = [block for block in blocks if block.get("title") and block.get("loc")] if root == "urlset" else []
    entries, failures = build_entries(news, lambda block: _raw_entry(block, url), origin)
    return ParsedFeed(
        kind=root,
        title="",
        language=None,
        home_url=None,
        is_complete=read.is_whole,
        entries=entries,
        failures=failures,
        warnings=tuple(_warnings(read, len(news))),
        sitemaps=_latest(blocks, url) if root == "sitemapindex" else (),
    )


def _warnings(read: _Read, news: int) -> Iterator[str]:
    blocks = len(read.blocks)
    if read.root == "urlset" and news < blocks:
        yield f"{blocks - news} of {blocks} addresses have no news title and were passed over"
    if read.root == "sitemapindex" and blocks > MAX_SITEMAPS:
        yield f"only the latest {MAX_SITEMAPS} of {blocks} sitemaps are read"
    if not read.is_whole:
        yield "the sitemap was cut off or is damaged; what could be read was kept"
    elif read.mistake:
        yield f"not well-formed: {read.mistake}"
    if read.lost:
        yield f"{read.lost} of {blocks + read.lost} addresses could not be read"


def _raw_entry(block: _Fields, url: str) -> RawEntry:
    return RawEntry(
        link=block["loc"],
        link_base=url,
        title_html=_escaped(block["title"]),
        tags=tuple(one.strip() for one in block.get("keywords", "").split(",")),
        dates=tuple(block[name] for name in ("publication_date", "lastmod") if name in block),
        languages=tuple(block[name] for name in ("language",) if name in block),
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _latest(blocks: Sequence[_Fields], url: str) -> tuple[str, ...]:
    """Return the addresses of the sitemaps that were changed last; where none says when, the first ones."""
    dated = sorted(blocks, key=lambda block: read_date(block.get("lastmod", "")).at or _NEVER, reverse=True)
    found = (absolute_http_url(block.get("loc", ""), url) for block in dated)
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_SITEMAPS]


def _read(text: str) -> _Read:
    """Read a document; of one that is no XML, each address by itself, so that a mistake costs no other.

    HTML's names of characters are known. Other entities stay as they are written: none is looked up, none grows.
    """
    start = _without_junk(storable_xml(text).lstrip())
    start = with_bare_ampersands_escaped(with_characters_for_names(start))
    try:
        return _blocks(start)
    except etree.XMLSyntaxError as error:
        root = _ROOT_TAG.search(start)
        return _mended(_COMMENT.sub("", start[root.start() :]), str(error.msg)) if root else _Read()


def _mended(text: str, mistake: str) -> _Read:
    root = _ROOT_TAG.match(text)
    if root is None:
        return _Read()
    used = dict.fromkeys(islice(chain.from_iterable(_PREFIX.findall(text)), _MAX_ELEMENTS))
    forgotten = [prefix for prefix in islice(used, _MAX_PREFIXES) if prefix and f"xmlns:{prefix}=" not in text]
    declared = "".join(f" xmlns:{prefix}='{prefix}'" for prefix in forgotten)
    opening = f"<{root[1]}{root[2].rstrip('/ ')}{declared}>"
    blocks: list[_Fields] = []
    end, lost = root.end(), 0
    for block in _BLOCK.finditer(text, end):
        end = block.end()
        try:
            blocks += _blocks(f"{opening}{block[0]}</{root[1]}>").blocks
        except etree.XMLSyntaxError:
            lost += 1
    lost += len(_BLOCK_START.findall(text, 0, end)) - len(blocks) - lost
    is_whole = bool(_ROOT_END.search(text, end))
    return _Read(root[1].rpartition(":")[2].lower(), blocks, is_whole, mistake, lost)


def _without_junk(text: str) -> str:
    """Drop what a server printed before the sitemap, unless that is a document of its own."""
    if root_name(text) in {*_ROOTS, *FEED_ROOTS, "html", "!doctype html"}:
        return text
    start = _ROOT_TAG.search(text, 0, _JUNK_CHARACTERS)
    return text[start.start() :] if start else text


def _blocks(text: str) -> _Read:
    events = etree.iterparse(
        BytesIO(text.encode("utf-8", "replace")),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
    )
    root = ""
    blocks: list[_Fields] = []
    fields: _Fields = {}
    for number, (event, element) in enumerate(events):
        name = _name(element)
        if event == "start":
            root = root or name
            continue
        if name in {"url", "sitemap"}:
            blocks.append(fields)
            fields = {}
            element.clear()
        elif name not in fields and not _is_of_image(element):
            # Markup within a title that nobody escaped is dropped, and its words are the title's.
            fields |= {name: said} if (said := " ".join("".join(element.itertext()).split())) else {}
        if number > 2 * _MAX_ELEMENTS:
            return _Read(root, blocks)
    return _Read(root, blocks, is_whole=True)


def _name(element: etree._Element) -> str:
    """Name an element without its namespace, or the prefix of one that nobody declared."""
    return re.split("[}:]", element.tag)[-1].lower()


def _is_of_image(element: etree._Element) -> bool:
    """Tell the fields of a picture or a film, whose title is not the story's."""
    return any(_name(outer) in {"image", "video"} for outer in element.iterancestors())
