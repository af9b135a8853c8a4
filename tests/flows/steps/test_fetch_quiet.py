"""What one address of a host is told holds for the others: 429, and 503 with Retry-After, quiet the whole host."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace

from flows.steps.fetch import Fetcher
from models.stages import FetchResult
from tests.site.behaviours import answer, hang, in_turn, redirect
from tests.site.server import Headers, Site
from tests.site.visitor import HASTY, PATIENT, STARTED_AT, Pauses, allowing, everywhere_is_loopback, visitor


def told(status: int, retry_after: str | None = None) -> tuple[int, bytes, Headers]:
    """Describe an answer that asks for patience."""
    return status, b"", {} if retry_after is None else {"Retry-After": retry_after}


def in_two_hours() -> str:
    """Write a moment as HTTP does."""
    return format_datetime(STARTED_AT + timedelta(hours=2), usegmt=True)


async def ask_many(site: Site, fetcher: Fetcher, refusing: tuple[int, bytes, Headers]) -> list[FetchResult]:
    """Ask a host for twelve feeds at once; it serves three requests and refuses all others."""
    served = in_turn(answer(), answer(), answer(), answer(*refusing))

    async def one_count_for_all(talk: object) -> None:
        talk.seen = replace(talk.seen, visit=len(site.log))  # type: ignore[attr-defined]
        await served(talk)  # type: ignore[arg-type]

    urls = [site.serve(f"/route/{number}", one_count_for_all) for number in range(12)]
    return await asyncio.gather(*(fetcher.fetch_feed(url) for url in urls))


@pytest.mark.parametrize(
    ("refusing", "most"),
    [
        (told(429, "3600"), 2),
        (told(429, in_two_hours()), 2),
        (told(429, "99999999999"), 2),
        (told(503, "3600"), 2),
        (told(429), 5),
        (told(429, "0"), 5),
        (told(429, "-5"), 5),
        (told(429, "soon"), 5),
        (told(429, "2"), 12),
        (told(503), 27),
    ],
    ids=[
        "an hour",
        "a moment in two hours",
        "for ever",
        "503 with a moment",
        "no moment",
        "zero",
        "negative",
        "no number",
        "two seconds, again and again",
        "503 without a moment is a feed's own",
    ],
)
async def test_a_host_that_asks_for_patience_is_left_alone(
    site: Site, fetcher: Fetcher, refusing: tuple[int, bytes, Headers], most: int
) -> None:
    """At most two answers where it names a moment, a handful where it names none; the rest is not asked at all."""
    results = await ask_many(site, fetcher, refusing)
    assert sum(result.body is not None for result in results) == 3
    assert 0 < len(site.log) - 3 <= most
    for result in results:
        if not result.requests:
            assert result.problem is not None
            assert (result.problem.error, "patience" in result.problem.message) == ("LeftAlone", True)


async def test_pages_and_feeds_of_a_host_share_its_patience(site: Site, fetcher: Fetcher) -> None:
    """A page is not asked for after a feed of its host was told to wait; its robots.txt neither."""
    await fetcher.fetch_feed(site.serve("/feed", answer(*told(429, "3600"))))
    result = await fetcher.fetch_page(site.serve("/page", answer()))
    assert result.problem is not None
    assert (result.problem.error, result.problem.retry_at) == ("LeftAlone", STARTED_AT + timedelta(hours=1))
    assert [seen.path for seen in site.log] == ["/feed"]
    assert fetcher.is_left_alone(site.url("/other"))


async def test_a_moment_passes(site: Site, fetcher: Fetcher, pauses: Pauses) -> None:
    """After its moment a host is asked again, in the same run."""
    await fetcher.fetch_feed(site.serve("/feed", answer(*told(429, "3600"))))
    pauses.now += timedelta(seconds=3601)
    assert (await fetcher.fetch_feed(site.serve("/other", answer()))).problem is None


async def test_another_port_is_another_server(site: Site, pauses: Pauses) -> None:
    """What one server asked for binds neither another port of its machine nor another host."""
    async with Site() as other:
        hosts = frozenset({*allowing(site, other), f"tide.example:{other.port}"})
        limits = replace(PATIENT, allow_private=hosts)
        async with visitor(pauses, limits, getaddrinfo=everywhere_is_loopback) as fetcher:
            await fetcher.fetch_feed(site.serve("/feed", answer(*told(429, "3600"))))
            other.serve("/feed", answer())
            for url in (other.url("/feed"), f"http://tide.example:{other.port}/feed"):
                assert (await fetcher.fetch_feed(url)).problem is None


async def test_a_redirect_leads_to_no_host_that_wants_to_be_left_alone(site: Site, pauses: Pauses) -> None:
    """The hop is kept on record, and the host behind it is not asked."""
    async with Site() as other, visitor(pauses, replace(PATIENT, allow_private=allowing(site, other))) as fetcher:
        await fetcher.fetch_feed(site.serve("/feed", answer(*told(503, "3600"))))
        result = await fetcher.fetch_feed(other.serve("/moved", redirect(301, site.url("/else"))))
    assert result.problem is not None
    assert (result.problem.error, len(result.requests), len(site.log)) == ("LeftAlone", 1, 1)


async def test_pages_of_a_silent_host_cost_a_few_time_outs(site: Site, pauses: Pauses) -> None:
    """After five pages without an answer the others of the host are not waited for."""
    site.serve("/robots.txt", answer(404, b""))
    urls = [site.serve(f"/{number}", hang()) for number in range(9)]
    async with visitor(pauses, replace(HASTY, allow_private=allowing(site), tries=1)) as fetcher:
        results = [await fetcher.fetch_page(url) for url in urls]
    assert [result.problem and result.problem.error for result in results] == ["TimedOut"] * 9
    assert len(site.log) == 1 + 5


async def test_silence_has_a_budget_for_all_hosts(site: Site, pauses: Pauses) -> None:
    """Once hosts that do not answer have cost it, only hosts that do are asked for pages; the others wait."""
    names = [f"{name}.example:{site.port}" for name in ("tide", "dune", "peat", "reef")]
    site.serve("/robots.txt", hang())
    limits = replace(HASTY, allow_private=frozenset({*names, *allowing(site)}), timeout_tries=1, silence_s=1.5)
    async with visitor(pauses, limits, getaddrinfo=everywhere_is_loopback) as fetcher:
        await fetcher.fetch_feed(site.serve("/feed", answer()))
        results = [await fetcher.fetch_page(f"http://{name}/page") for name in names]
        assert [result.problem and result.problem.error for result in results] == [
            *["RobotsDenied"] * 2,
            *["LeftAlone"] * 2,
        ]
        site.serve("/robots.txt", answer(404, b""))
        assert (await fetcher.fetch_page(site.serve("/page", answer()))).problem is None
