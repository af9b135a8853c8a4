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


TITLE = "Sea level: up &amp; up, A &lt; B"
SECOND = NEWS[NEWS.index(" <url>") : NEWS.index(" <url><loc>https://one.example/about")].replace("/sea", "/ice")
UNKNOWN = 'xmlns:image="https://one.example/pictures"'


@pytest.mark.parametrize(
    ("changed", "titles"),
    [
        pytest.param(NEWS.replace(SPACES, ""), [TITLE], id="prefixes that nobody declared"),
        pytest.param(
            NEWS.replace("A &lt; B", "A&nbsp;&ndash; B"), ["Sea level: up &amp; up, A – B"], id="HTML's names"
        ),
        pytest.param(NEWS.replace("&amp;", "&"), [TITLE], id="bare ampersands"),
        pytest.param(NEWS.replace("Sea level", "<i>Sea</i> level"), [TITLE], id="markup in a title"),
        pytest.param(NEWS.replace("Sea level", "Sea<!-- 1 --> level"), [TITLE], id="a comment in a title"),
        pytest.param(f"<br /><b>Notice</b>: x on line <b>1</b>\n{NEWS}", [TITLE], id="a notice before it"),
        pytest.param(NEWS.replace(SPACES.split()[-1], UNKNOWN), [TITLE], id="a picture of another namespace"),
    ],
)
def test_what_is_wrong_with_a_sitemap_costs_no_story(changed: str, titles: list[str]) -> None:
    """Nor does another story behind it pay for it; the title is the story's own."""
    parsed = read(changed.replace("</urlset>", f"{SECOND}</urlset>"))
    assert [(entry.url, entry.title_html) for entry in parsed.entries] == [
        ("https://one.example/sea?a=1&b=2", titles[0]),
        ("https://one.example/ice?a=1&b=2", TITLE),
    ]
    assert parsed.is_complete


def test_an_address_that_is_broken_is_told_and_gives_no_other_its_name() -> None:
    """A tag that nobody closes costs its own address, with the mistake and how many there are."""
    parsed = read(NEWS.replace("<url>", "<url><loc>https://one.example/broken</url><!-- <url> --><url>", 1))
    assert [entry.url for entry in parsed.entries] == ["https://one.example/sea?a=1&b=2"]
    assert parsed.is_complete
    assert "mismatch" in parsed.warnings[1]
    assert parsed.warnings[2] == "1 of 3 addresses could not be read"


def test_the_latest_sitemap_is_told_in_any_form_of_date() -> None:
    """Names of weekdays do not order them, nor do hours of other zones."""
    days = ("Wed, 01 Jan 2020 00:00:00 GMT", "2026-07-14T01:00:00+02:00", "Mon, 13 Jul 2026 23:30:00 GMT", "soon")
    blocks = [f"<sitemap><loc>/{n}.xml</loc><lastmod>{day}</lastmod></sitemap>" for n, day in enumerate(days)]
    parsed = read(f"<sitemapindex>{''.join(blocks)}</sitemapindex>")
    assert [address[-5] for address in parsed.sitemaps] == ["2", "1", "0", "3"]


def test_a_feed_is_no_sitemap() -> None:
    """And the reason says what to change."""
    with pytest.raises(NotAFeed, match="this is a feed, not a sitemap: take `kind` out"):
        read("<rss><channel/></rss>")


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
