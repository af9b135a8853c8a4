"""Article pages are asked for only where robots.txt allows it, and as slowly as it wants."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from flows.steps.fetch import Fetcher
from tests.site.behaviours import answer, close, hang, in_turn, redirect
from tests.site.server import Handler, Site
from tests.site.visitor import PATIENT, Pauses, allowing, visitor

PAGE = b"<html><body><p>The council voted for another forty centimetres.</p></body></html>"


def rules(text: str) -> Handler:
    """Serve a robots.txt."""
    return answer(200, text.encode(), {"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    ("robots", "is_allowed"),
    [
        pytest.param(rules("User-agent: *\nDisallow: /private/"), True, id="another folder is forbidden"),
        pytest.param(rules("User-agent: *\nDisallow: /news/"), False, id="this folder is forbidden"),
        pytest.param(rules("User-agent: climate-archive\nDisallow: /\n\nUser-agent: *\nAllow: /"), False, id="to us"),
        pytest.param(rules("User-agent: *\nDisallow: /\n\nUser-agent: climate-archive\nAllow: /"), True, id="but us"),
        pytest.param(rules("\ufeffUser-agent: *\nDisallow: /"), False, id="forbidden behind a byte order mark"),
        pytest.param(rules("<html>not a robots.txt</html>"), True, id="a page in its place"),
        pytest.param(rules(""), True, id="empty"),
        pytest.param(answer(404, b""), True, id="there is none"),
        pytest.param(answer(403, b""), True, id="it is forbidden itself"),
        pytest.param(in_turn(answer(503), answer(404)), True, id="there is none, at the second try"),
        pytest.param(redirect(301, "/elsewhere"), False, id="it moved, and forbids"),
        pytest.param(answer(500, b""), False, id="it answers 500"),
        pytest.param(answer(429, b""), False, id="it answers 429"),
        pytest.param(close, False, id="it breaks off"),
        pytest.param(rules("#" * 1_100_000), False, id="it is endless"),
    ],
)
async def test_robots(robots: Handler, is_allowed: bool, site: Site, fetcher: Fetcher) -> None:
    """A page is asked for if robots.txt allows it or is missing, never if it forbids or cannot be read."""
    await _meet_robots(robots, is_allowed, site, fetcher)


async def test_a_robots_that_hangs_allows_nothing(site: Site, hasty_fetcher: Fetcher) -> None:
    """It cannot be read either."""
    await _meet_robots(hang(), False, site, hasty_fetcher)


async def _meet_robots(robots: Handler, is_allowed: bool, site: Site, fetcher: Fetcher) -> None:
    site.serve("/robots.txt", robots)
    site.serve("/elsewhere", rules("User-agent: *\nDisallow: /"))
    result = await fetcher.fetch_page(site.serve("/news/wall", answer(200, PAGE)))
    assert len(site.visits("/news/wall")) == int(is_allowed)
    assert result.body == (PAGE if is_allowed else None)
    assert (result.problem is None) is is_allowed
    assert result.problem is None or result.problem.error == "RobotsDenied"


@pytest.mark.parametrize(
    ("robots", "is_transient"),
    [
        pytest.param(rules("User-agent: *\nDisallow: /"), False, id="a rule is a rule"),
        pytest.param(answer(503), True, id="a site in trouble may allow it another night"),
    ],
)
async def test_a_denial_says_whether_it_may_pass(robots, is_transient, site: Site, fetcher: Fetcher) -> None:
    """Only a robots.txt that could not be read is worth asking again another night."""
    site.serve("/robots.txt", robots)
    result = await fetcher.fetch_page(site.serve("/page", answer(200, PAGE)))
    assert result.problem is not None
    assert result.problem.is_transient is is_transient


async def test_robots_is_asked_once_a_day(site: Site, fetcher: Fetcher, pauses: Pauses) -> None:
    """Pages fetched together share one robots.txt; after 24 hours it is asked for again."""
    site.serve("/robots.txt", rules("User-agent: *\nDisallow: /private/"))
    urls = [site.serve(f"/{number}", answer(200, PAGE)) for number in range(6)]
    results = await asyncio.gather(*(fetcher.fetch_page(url) for url in urls))
    assert len(site.visits("/robots.txt")) == 1
    assert sorted(len(result.requests) for result in results) == [1, 1, 1, 1, 1, 2]
    pauses.now += timedelta(hours=24)
    await fetcher.fetch_page(urls[0])
    assert len(site.visits("/robots.txt")) == 2


async def test_a_failed_robots_is_not_asked_again_for_every_page(site: Site, fetcher: Fetcher) -> None:
    """A site whose robots.txt fails is left alone for the night after the tries for that one file."""
    site.serve("/robots.txt", answer(503))
    for number in range(3):
        await fetcher.fetch_page(site.serve(f"/{number}", answer(200, PAGE)))
    assert [seen.path for seen in site.log] == ["/robots.txt"] * 3


async def test_every_site_on_the_way_is_asked(site: Site, pauses: Pauses) -> None:
    """A redirect to another site is followed only if that site's robots.txt allows it."""
    async with Site() as other:
        other.serve("/robots.txt", rules("User-agent: *\nDisallow: /"))
        page = other.serve("/page", answer(200, PAGE))
        async with visitor(pauses, replace(PATIENT, allow_private=allowing(site, other))) as fetcher:
            result = await fetcher.fetch_page(site.serve("/short", redirect(301, page)))
        assert [seen.path for seen in other.log] == ["/robots.txt"]
    assert result.problem is not None
    assert result.problem.error == "RobotsDenied"
    assert result.status == 301


@pytest.mark.parametrize(
    ("delay", "interval_s"),
    [
        pytest.param("3000", 3000, id="obeyed"),
        pytest.param("600000", 10_000, id="obeyed up to the longest interval"),
        pytest.param("100", 1000, id="never faster than the interval"),
        pytest.param("soon", 1000, id="nonsense is nothing"),
    ],
)
async def test_crawl_delay(delay: str, interval_s: int, site: Site, pauses: Pauses) -> None:
    """Crawl-delay stretches the pause between requests to its site.

    The pauses are of hours, which nobody waits for: what the requests themselves take is nothing beside them.
    """
    limits = replace(PATIENT, allow_private=allowing(site), host_interval_s=1000.0, max_interval_s=10_000.0)
    site.serve("/robots.txt", rules(f"User-agent: *\nCrawl-delay: {delay}"))
    url = site.serve("/page", answer(200, PAGE))
    async with visitor(pauses, limits) as fetcher:
        await fetcher.fetch_page(url)
        await fetcher.fetch_page(url)
    assert [round(seconds, -3) for seconds in pauses.seconds] == [interval_s, interval_s]


async def test_feeds_need_no_robots(site: Site, fetcher: Fetcher) -> None:
    """A feed is published for machines: its robots.txt is not asked for."""
    site.serve("/robots.txt", rules("User-agent: *\nDisallow: /"))
    result = await fetcher.fetch_feed(site.serve("/feed", answer()))
    assert result.problem is None
    assert site.visits("/robots.txt") == []


async def test_a_page_has_its_own_cap_and_validator(site: Site, fetcher: Fetcher) -> None:
    """Pages are capped lower than feeds and are asked for with their ETag."""
    large = await fetcher.fetch_page(site.serve("/large", answer(200, b"x" * 250_000)))
    known = await fetcher.fetch_page(site.serve("/known", answer(304, b"")), etag='"a"')
    assert large.problem is not None
    assert large.problem.error == "TooLarge"
    assert known.is_not_modified


async def test_a_page_at_a_private_address_is_named_so(canary: Site, fetcher: Fetcher) -> None:
    """What keeps robots.txt from being asked for keeps the page too, and is named for what it is."""
    result = await fetcher.fetch_page(canary.url("/page"))
    assert result.problem is not None
    assert (result.problem.error, result.problem.is_transient) == ("AddressRefused", False)
