"""A feed whose address is an index of news sitemaps."""

import gzip

from models.reports import FeedStatus
from tests.databases import on_one
from tests.flows.ingest.one_feed import Feed
from tests.site.behaviours import XML, answer
from tests.site.server import Conversation

SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)


def news(number: int) -> str:
    """Return a story of a sitemap."""
    return (
        f"<url><loc>/climate-{number}</loc><news:news><news:publication_date>2026-11-19</news:publication_date>"
        f"<news:title>Climate change raises the sea {number}</news:title></news:news></url>"
    )


@on_one
async def test_the_sitemaps_behind_an_index_are_read(feed: Feed) -> None:
    """Packed or plain, also where the index stays as it is; one that cannot be read is told, the others are kept."""
    names = "".join(f"<sitemap><loc>/{name}</loc></sitemap>" for name in ("a.xml", "b.xml.gz", "c.xml"))
    feed.serve(answer(200, f"<sitemapindex {SPACES}>{names}</sitemapindex>".encode(), XML))
    feed.nights.feeds[0]["kind"] = "sitemap"

    async def growing(talk: Conversation) -> None:
        stories = "".join(news(number) for number in range(talk.seen.night + 1))
        await talk.send(200, f"<urlset {SPACES}>{stories}</urlset>".encode(), XML)

    feed.site.serve("/a.xml", growing)
    packed = gzip.compress(f"<urlset {SPACES}>{news(90)}</urlset>".encode())
    feed.site.serve("/b.xml.gz", answer(200, packed, {"Content-Type": "application/gzip"}))
    feed.site.serve("/c.xml", answer(404, b"", XML))
    first = await feed.night()
    assert first.status is FeedStatus.OK
    assert first.counts.new == first.counts.seen == feed.site.night + 1
    assert any("/c.xml could not be read" in warning for warning in first.warnings)
    second = await feed.night()
    assert (second.counts.new, second.counts.unchanged) == (1, first.counts.new)
