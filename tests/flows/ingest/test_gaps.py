"""A busy feed whose document shares nothing with the one of the night before."""

from datetime import UTC, datetime, timedelta

from models.reports import FeedStatus
from tests.databases import on_one
from tests.flows.ingest.one_feed import Feed
from tests.site.behaviours import XML, answer
from tests.site.nights.case import item
from tests.site.server import Conversation, Handler

PER_NIGHT, PER_PAGE = 24, 6


def told(at: int) -> str:
    """Write the item that came at an hour of this feed's life."""
    return item("busy", at, pubDate=f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=at):%Y-%m-%dT%H:%MZ}")


def paged(rel: str = "next", pages: int = 99, pinned: str = "") -> Handler:
    """Show six items a page, the newest first, and bring 24 a night; older ones are behind a link of the document."""

    async def handle(talk: Conversation) -> None:
        number = int(talk.seen.path.partition("/older/")[2] or 1)
        top = PER_NIGHT * talk.seen.night - PER_PAGE * (number - 1)
        items = pinned + "".join(told(at) for at in range(top, max(top - PER_PAGE, 0), -1))
        link = f'<a:link rel="{rel}" href="/older/{number + 1}"/>' if number < pages else ""
        head = '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>T</title>'
        await talk.send(200, f"{head}{link}{items}</channel></rss>".encode(), XML)

    return handle


def wordpress() -> Handler:
    """Show the same, whose pages are told apart by a number in the query that no document names."""

    async def handle(talk: Conversation) -> None:
        number = int(talk.seen.path.partition("?paged=")[2] or 1)
        top = PER_NIGHT * talk.seen.night - PER_PAGE * (number - 1)
        items = "".join(told(at) for at in range(top, max(top - PER_PAGE, 0), -1))
        made_by = "<generator>https://wordpress.org/?v=6.4.2</generator>"
        document = f'<rss version="2.0"><channel><title>T</title>{made_by}{items}</channel></rss>'
        await talk.send(200, document.encode(), XML)

    return handle


def serve(feed: Feed, handler: Handler, pages: int = 12) -> None:
    """Serve a feed and the pages behind it."""
    feed.serve(handler)
    for number in range(2, pages + 1):
        feed.site.serve(f"/older/{number}", handler)


@on_one
async def test_the_pages_behind_a_document_fill_a_gap(feed: Feed) -> None:
    """They are read until one shows an entry of the night before: nothing is missed, and nothing to be warned of."""
    serve(feed, paged("prev-archive"))
    assert (await feed.night()).counts.new == PER_PAGE
    assert feed.site.visits("/older/2") == []
    row = await feed.night()
    assert (row.status, row.counts.new, row.counts.unchanged, row.warnings) == (FeedStatus.OK, 24, 6, ())
    assert feed.row["gap_at"] is None


@on_one
async def test_the_pages_of_wordpress_fill_a_gap(feed: Feed) -> None:
    """It has some behind each of its feeds, which show ten stories, and says so nowhere."""
    feed.serve(wordpress())
    await feed.night()
    assert len(feed.site.visits("/feed")) == 1
    row = await feed.night()
    assert (row.status, row.counts.new, row.counts.unchanged, row.warnings) == (FeedStatus.OK, 24, 6, ())
    assert feed.row["gap_at"] is None


@on_one
async def test_a_gap_that_stays_is_told(feed: Feed) -> None:
    """Pages that end too soon are kept, and the report says that entries were missed."""
    serve(feed, paged(pages=2))
    await feed.night()
    row = await feed.night()
    assert row.counts.new == 2 * PER_PAGE
    assert row.warnings[0].startswith("a gap: no entry of 2026-11-20 21:00 UTC is in the document any more")
    assert "schedule more often" in row.warnings[0]
    assert feed.row["gap_at"] is not None


@on_one
async def test_an_entry_that_is_kept_on_top_hides_no_gap(feed: Feed) -> None:
    """It is in both documents, and tells nothing of what came between."""
    serve(feed, paged(pages=1, pinned=told(0)))
    await feed.night()
    row = await feed.night()
    assert (row.counts.new, row.counts.unchanged) == (PER_PAGE, 1)
    assert row.warnings[0].startswith("a gap: no entry")


@on_one
async def test_at_most_ten_pages_are_read(feed: Feed) -> None:
    """An archive without end is not followed to its end; a page that cannot be read ends the way."""
    serve(feed, paged())
    await feed.night()
    feed.site.night += 8
    row = await feed.night()
    assert row.counts.new == 11 * PER_PAGE
    feed.site.serve("/older/3", answer(500, b""))
    row = await feed.night(1)
    assert row.counts.new == 2 * PER_PAGE
    assert "500" in row.warnings[0]


def renamed() -> Handler:
    """Show the same items under links that are new at every request; on the third night all of them are others."""

    async def handle(talk: Conversation) -> None:
        first = 1 + (6 if talk.seen.night > 2 else 0)
        items = "".join(
            f"<item><title>Sea {at}</title><link>https://news.example/?s={talk.seen.night}{at}</link>"
            f"<pubDate>2026-01-{at:02}T10:00Z</pubDate><description>The sea rose at coast {at}.</description></item>"
            for at in range(first, first + 6)
        )
        await talk.send(200, f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode(), XML)

    return handle


@on_one
async def test_links_that_are_new_at_every_request_make_no_gap(feed: Feed) -> None:
    """The words and moments are those of the night before; where they are others, there is one."""
    feed.serve(renamed())
    await feed.night()
    row = await feed.night()
    assert (row.counts.new, row.counts.unchanged) == (0, 6)
    assert not [warning for warning in row.warnings if warning.startswith("a gap")]
    assert feed.row["gap_at"] is None
    row = await feed.night()
    assert row.counts.new == 6
    assert [warning for warning in row.warnings if warning.startswith("a gap")]
