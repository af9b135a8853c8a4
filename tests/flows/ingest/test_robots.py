"""Article pages and robots.txt, over nights, from the site's request log."""

from tests.nights import Nights
from tests.site.behaviours import answer, on_nights
from tests.site.server import Site

RULES = b"User-agent: *\nDisallow: /members/\n"
PAGE = b"<html><head><title>A flood</title></head><body><article><h1>A flood</h1><p>%s</p></article></body></html>"


def feed_of(site: Site, *paths: str) -> bytes:
    """Write a feed whose items lead to these pages."""
    items = "".join(
        f"<item><guid>{path}</guid><title>A flood</title><link>{site.url(path)}</link>"
        f"<description>Rain fell on {path} for days.</description></item>"
        for path in paths
    )
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


async def test_no_page_while_robots_txt_is_in_trouble(nights: Nights, site: Site) -> None:
    """A 5xx on robots.txt means no page that night; the next night obeys what it then says."""
    paths = ("/news/1", "/news/2", "/members/1")
    nights.feeds = [
        {
            "id": "tide",
            "name": "Tide",
            "url": site.serve("/feed", answer(200, feed_of(site, *paths))),
            "relevance": "assume",
            "full_text": True,
        }
    ]
    site.serve("/robots.txt", on_nights(answer(503, b""), answer(200, RULES, {"Content-Type": "text/plain"})))
    for path in paths:
        site.serve(path, answer(200, PAGE % (b"Rain fell for days and days. " * 30), {"Content-Type": "text/html"}))

    first = await nights.run()
    assert [site.visits(path) for path in paths] == [[], [], []]
    assert site.visits("/robots.txt", 1) != []
    assert first.totals.new == 3
    assert first.pages.due == 3
    assert first.pages.completed == 0

    site.night = 2
    second = await nights.after(days=2)
    assert [len(site.visits(path)) for path in paths] == [1, 1, 0]
    assert len(site.visits("/robots.txt", 2)) == 1
    assert (second.pages.completed, second.pages.refused) == (2, 1)
