"""News sitemaps (sitemaps.org with Google's news tags) and indexes of sitemaps.

Only what has a news title is an entry: a plain sitemap lists every page of a site, of which few are stories.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from lxml import etree

from flows.steps._parsing.encoding import storable_xml
from flows.steps._parsing.entry import RawEntry, build_entries
from flows.steps._parsing.not_a_feed import describe_text
from flows.steps._parsing.origin import Origin
from flows.steps.text.urls import absolute_http_url
from models.errors import NotAFeed
from models.stages import ParsedFeed

MAX_SITEMAPS: Final = 10  # of an index, the latest: what is older was read on other nights
_MAX_ELEMENTS: Final = 500_000  # 50,000 addresses, the most a sitemap may have, with ten elements each

_Fields = dict[str, str]


def parse_sitemap(text: str, url: str, origin: Origin) -> ParsedFeed:
    """Read a sitemap or an index of them from its decoded text. Raise NotAFeed for any other document."""
    root, blocks, is_whole = _read(text)
    if root not in {"urlset", "sitemapindex"}:
        raise NotAFeed(f"this is {describe_text(text, url)}, not a sitemap")
    news = [block for block in blocks if block.get("title") and block.get("loc")] if root == "urlset" else []
    entries, failures = build_entries(news, lambda block: _raw_entry(block, url), origin)
    return ParsedFeed(
        kind=root,
        title="",
        language=None,
        home_url=None,
        is_complete=is_whole,
        entries=entries,
        failures=failures,
        warnings=tuple(_warnings(root, len(blocks), len(news), is_whole)),
        sitemaps=_latest(blocks, url) if root == "sitemapindex" else (),
    )


def _warnings(root: str, blocks: int, news: int, is_whole: bool) -> Iterator[str]:
    if root == "urlset" and news < blocks:
        yield f"{blocks - news} of {blocks} addresses have no news title and were passed over"
    if root == "sitemapindex" and blocks > MAX_SITEMAPS:
        yield f"only the latest {MAX_SITEMAPS} of {blocks} sitemaps are read"
    if not is_whole:
        yield "the sitemap was cut off or is damaged; what could be read was kept"


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


def _latest(blocks: list[_Fields], url: str) -> tuple[str, ...]:
    """Return the addresses of the sitemaps that were changed last; where none says when, the first ones."""
    dated = sorted(blocks, key=lambda block: block.get("lastmod", ""), reverse=True)
    found = (absolute_http_url(block.get("loc", ""), url) for block in dated)
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_SITEMAPS]


def _read(text: str) -> tuple[str, list[_Fields], bool]:
    """Return the root's name, the fields of each <url> or <sitemap>, and whether the document came to its end.

    Entities stay as they are written: none is looked up, so that none grows.
    """
    source = BytesIO(storable_xml(text).lstrip().encode("utf-8", "replace"))
    events = etree.iterparse(
        source, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8"
    )
    root = ""
    blocks: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    try:
        for number, (event, element) in enumerate(events):
            name = etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
            if event == "start":
                root = root or name
                continue
            if name in {"url", "sitemap"}:
                blocks.append(fields)
                fields = {}
                element.clear()
            elif element.text and name not in fields and not _is_of_image(element):
                fields[name] = " ".join(element.text.split())
            if number > 2 * _MAX_ELEMENTS:
                return root, blocks, False
    except etree.XMLSyntaxError:
        return root, blocks, False
    return root, blocks, True


def _is_of_image(element: etree._Element) -> bool:
    """Tell the fields of a picture or a film, whose title is not the story's."""
    space = etree.QName(element).namespace or ""
    return "sitemap-image" in space or "sitemap-video" in space
