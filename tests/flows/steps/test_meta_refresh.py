"""Documents that lead their reader on by themselves: read as a redirect, with its rules."""

import time

import pytest

from flows.steps._fetching.meta_refresh import refresh_target
from flows.steps.fetch import Fetcher
from tests.site.behaviours import answer, redirect
from tests.site.server import Handler, Site

HTML = {"Content-Type": "text/html; charset=utf-8"}
HERE = "https://tide.example/news/wall"
NEWS = "https://tide.example/news/"


def refresh(content: str, before: str = "<!DOCTYPE html><html><head>") -> str:
    """Write a document that leads on."""
    return f'{before}<meta http-equiv="refresh" content="{content}"></head><body>Wait</body></html>'


@pytest.mark.parametrize(
    ("document", "target"),
    [
        (refresh("0; url=/there"), "https://tide.example/there"),
        (refresh("5;URL='there'"), NEWS + "there"),
        (refresh("0, there"), NEWS + "there"),
        (refresh("0.5; url=there"), NEWS + "there"),
        (refresh("0;url=http://dune.example/?a=1&amp;b=2"), "http://dune.example/?a=1&b=2"),
        ("<html><META CONTENT=0;url=there HTTP-EQUIV=Refresh>", NEWS + "there"),
        (refresh("0;url=there", '\ufeff<?xml version="1.0"?>\n<!-- x --><html><base href="/deep/">'), None),
        (refresh("6; url=/there"), None),
        (refresh("5"), None),
        (refresh("-1; url=/there"), None),
        (refresh("0; url="), None),
        (refresh("0; url=/there", "<html><noscript>"), None),
        (refresh("0; url=/there", "<html><!-- "), None),
        (refresh("0; url=/there", "<html><script>document.write('"), None),
        (refresh("0; url=/there", "<html><textarea>"), None),
        (refresh("0; url=/there", '<?xml version="1.0"?><rss><channel><description>'), None),
        (refresh("0; url=/there", "A text about HTML: "), None),
    ],
)
def test_where_a_document_leads(document: str, target: str | None) -> None:
    """Within five seconds, by a tag that is one; not inside noscript, comments, scripts, or a feed's entries."""
    if "<base" in document:
        target = "https://tide.example/deep/there"
    assert refresh_target(document.encode(), HERE) == target


@pytest.mark.parametrize("piece", ["<!--", "<noscript ", "<", "/", "=", "a ", "a='", 'a="', "<meta ", "0 ", ".1", " "])
def test_hostile_documents_take_no_time(piece: str) -> None:
    """Looking grows with the bytes, not with their square."""
    for before in ("<html http-equiv>", "<html><meta ", "<html><meta http-equiv=refresh content='0"):
        began = time.process_time()
        refresh_target((before + piece * (65_000 // len(piece))).encode(), HERE)
        assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("there", "error"),
    [
        (answer(200, b"<html>The wall</html>", HTML), None),
        (answer(404, b"", HTML), "HttpRefused"),
        (answer(200, refresh("0; url=/here").encode(), HTML), "RedirectFailed"),
        (answer(200, refresh("0; url=http://127.0.0.99:9/").encode(), HTML), "AddressRefused"),
        (answer(200, refresh("0; url=file:///etc/hostname").encode(), HTML), "AddressRefused"),
        (redirect(302, "http://127.0.0.99:9/"), "AddressRefused"),
        (answer(200, refresh("3; url=/there#top").encode(), HTML), None),
    ],
    ids=["a page", "nothing", "back again", "a private address", "a file", "a hop to a private one", "itself"],
)
async def test_it_is_a_hop_like_another(site: Site, fetcher: Fetcher, there: Handler, error: str | None) -> None:
    """Loops, private addresses and robots.txt are met as at every redirect; a page that reloads itself is read."""
    site.serve("/there", there)
    result = await fetcher.fetch_page(site.serve("/here", answer(200, refresh("0; url=/there").encode(), HTML)))
    assert (result.problem and result.problem.error) == error
    assert len(site.visits("/there")) == 1
    assert result.moved_to is None
    assert error or result.final_url == site.url("/there")


async def test_a_hop_asks_robots(site: Site, fetcher: Fetcher) -> None:
    """What robots.txt forbids is not asked for behind a refresh either."""
    site.serve("/robots.txt", answer(200, b"User-agent: *\nDisallow: /there"))
    result = await fetcher.fetch_page(site.serve("/here", answer(200, refresh("0; url=/there").encode(), HTML)))
    assert result.problem is not None
    assert (result.problem.error, site.visits("/there")) == ("RobotsDenied", [])
