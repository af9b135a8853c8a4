"""News sitemaps and indexes of them, as sites write them."""

from datetime import UTC, datetime

import pytest

from flows.steps.parse import parse_feed, parse_news_sitemap
from models.errors import NotAFeed
from models.stages import ParsedFeed

URL = "https://one.example/sitemap-news.xml"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {SPACES}>
 <url>
  <loc>https://one.example/sea?a=1&amp;b=2</loc><lastmod>2026-07-15T10:00:00Z</lastmod>
  <image:image><image:loc>https://one.example/sea.jpg</image:loc><image:title>A wave</image:title></image:image>
  <news:news>
   <news:publication><news:name>The One</news:name><news:language>en</news:language></news:publication>
   <news:publication_date>2026-07-14T06:15:00+02:00</news:publication_date>
   <news:title>Sea level: up &amp; up, A &lt; B</news:title><news:keywords>Sea, Coast</news:keywords>
  </news:news>
 </url>
 <url><loc>https://one.example/about</loc></url>
</urlset>"""
INDEX = f"""<sitemapindex {SPACES}>
 <sitemap><loc>https://one.example/2019.xml</loc><lastmod>2019-12-31</lastmod></sitemap>
 <sitemap><loc>/today.xml.gz</loc><lastmod>2026-07-14T05:00:00Z</lastmod></sitemap>
 <sitemap><loc>javascript:alert(1)</loc></sitemap>
</sitemapindex>"""


def read(text: str) -> ParsedFeed:
    """Read a document as a sitemap."""
    return parse_news_sitemap(text.encode(), content_type="text/xml", url=URL)


def test_what_has_a_news_title_is_an_entry() -> None:
    """With its date, language and keywords; a picture's title is not the story's, and the rest is told."""
    parsed = read(NEWS)
    (entry,) = parsed.entries
    assert (entry.url, entry.title_html) == (
        "https://one.example/sea?a=1&b=2",
        "Sea level: up &amp; up, A &lt; B",
    )
    assert entry.published_at == datetime(2026, 7, 14, 4, 15, tzinfo=UTC)
    assert (entry.language, entry.tags) == ("en", ("Sea", "Coast"))
    assert (parsed.is_complete, parsed.warnings) == (
        True,
        ("1 of 2 addresses have no news title and were passed over",),
    )


def test_an_index_names_its_latest_sitemaps_first() -> None:
    """Addresses of the web alone."""
    parsed = read(INDEX)
    assert (parsed.entries, parsed.sitemaps) == (
        (),
        ("https://one.example/today.xml.gz", "https://one.example/2019.xml"),
    )


def test_a_sitemap_that_is_cut_off_gives_what_came_before() -> None:
    """And says so."""
    parsed = read(NEWS[: NEWS.index("<url><loc>https://one.example/about") + 8])
    assert (len(parsed.entries), parsed.is_complete) == (1, False)


@pytest.mark.parametrize("text", ["<html><body>No</body></html>", "<rss><channel/></rss>", "words"])
def test_another_document_is_no_sitemap(text: str) -> None:
    """It is named."""
    with pytest.raises(NotAFeed, match="not a sitemap"):
        read(text)


def test_a_sitemap_is_no_feed() -> None:
    """Unless feeds.yaml says that there is one."""
    with pytest.raises(NotAFeed, match="this is a sitemap"):
        parse_feed(NEWS.encode(), content_type="text/xml", url=URL)


def test_entities_do_not_grow() -> None:
    """Neither those of the document nor files of this machine are looked up."""
    names = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE urlset [<!ENTITY a0 "x">{names}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    parsed = read(NEWS.replace("<urlset", f"{bomb}<urlset", 1).replace("up &amp; up", "&a11; &f; up"))
    assert all(len(entry.title_html) < 100 and "root" not in entry.title_html for entry in parsed.entries)
