"""How gently servers are asked, judged by the request log of the site and by the pauses taken."""

import asyncio
import socket

from msgspec.structs import replace

from flows.steps.fetch import FetchLimits
from tests.site.behaviours import FEED, answer, in_turn
from tests.site.server import Conversation, Site
from tests.site.visitor import PATIENT, Pauses, allowing, everywhere_is_loopback, visitor


async def take_a_moment(talk: Conversation) -> None:
    """Answer after some turns of the loop, so that requests overlap where they may."""
    await talk.wait(0.01)
    await talk.send(200, FEED)


async def test_never_more_at_once_than_one_host_takes(site: Site, pauses: Pauses) -> None:
    """Ten feeds of one host, fetched together, keep at most two requests under way."""
    urls = [site.serve(f"/{number}", take_a_moment) for number in range(10)]
    async with visitor(pauses, replace(PATIENT, allow_private=allowing(site))) as fetcher:
        await asyncio.gather(*(fetcher.fetch_feed(url) for url in urls))
    assert (len(site.log), site.peak_in_flight) == (10, 2)


async def test_never_more_at_once_than_the_run_allows(site: Site, pauses: Pauses) -> None:
    """Feeds of several hosts share the concurrency of the run."""
    hosts = [f"{name}.example:{site.port}" for name in ("tide", "dune", "peat")]
    urls = [f"http://{host}/{number}" for host in hosts for number in range(4)]
    for number in range(4):
        site.serve(f"/{number}", take_a_moment)
    limits = replace(PATIENT, allow_private=frozenset(hosts), concurrency=3)
    async with visitor(pauses, limits, getaddrinfo=everywhere_is_loopback) as fetcher:
        await asyncio.gather(*(fetcher.fetch_feed(url) for url in urls))
    assert (len(site.log), site.peak_in_flight) == (12, 3)


async def test_requests_to_one_host_are_spaced(site: Site, pauses: Pauses) -> None:
    """Before each request to a host but its first the interval is waited for, redirect hops and retries included.

    The interval is of an hour, which nobody waits for: what the requests themselves take is nothing beside it.
    """
    limits = replace(PATIENT, allow_private=allowing(site), host_interval_s=3600.0, feed_deadline_s=10**6)
    urls = [site.serve(f"/{number}", in_turn(answer(500), answer())) for number in range(4)]
    async with visitor(pauses, limits) as fetcher:
        await asyncio.gather(*(fetcher.fetch_feed(url) for url in urls))
    retries = [seconds for seconds in pauses.seconds if seconds <= 1]
    assert (len(site.log), len(retries)) == (8, 4)
    assert [round(seconds, -2) for seconds in pauses.seconds if seconds > 1] == [3600] * 7


async def test_waiting_for_a_turn_is_not_on_the_feeds_account(site: Site, pauses: Pauses) -> None:
    """A feed that had to queue longer than its deadline still has all of it for its own requests."""
    limits = replace(PATIENT, allow_private=allowing(site), host_interval_s=3600.0, feed_deadline_s=5.0)
    async with visitor(pauses, limits) as fetcher:
        results = [await fetcher.fetch_feed(site.serve(f"/{number}", answer())) for number in range(3)]
    assert [result.body for result in results] == [FEED] * 3
    assert sum(pauses.seconds) > 7000


async def test_a_429_doubles_the_interval_of_its_host(site: Site, pauses: Pauses) -> None:
    """After a 429 the host is asked half as often for the rest of the run, up to the longest interval."""
    limits = replace(PATIENT, allow_private=allowing(site), host_interval_s=1000, max_interval_s=3000, tries=1)
    async with visitor(pauses, limits) as fetcher:
        for _ in range(4):
            await fetcher.fetch_feed(site.serve("/feed", in_turn(answer(), answer(429))))
    assert [round(seconds, -3) for seconds in pauses.seconds] == [1000, 2000, 3000]


async def test_a_dead_server_is_given_up(pauses: Pauses) -> None:
    """After five feeds of one server could not connect, the others fail at once and without a request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        async with visitor(pauses, replace(PATIENT, allow_private=frozenset({address}), tries=1)) as fetcher:
            results = [await fetcher.fetch_feed(f"http://{address}/{number}") for number in range(7)]
    assert [len(result.requests) for result in results] == [1, 1, 1, 1, 1, 0, 0]
    problem = results[-1].problem
    assert problem is not None
    assert problem.error == "ConnectFailed"
    assert problem.message.startswith("host unreachable: ")


async def test_one_feed_asked_often_does_not_condemn_its_server(pauses: Pauses) -> None:
    """Five failures of the same address are one feed, not five."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        async with visitor(pauses, replace(PATIENT, allow_private=frozenset({address}), tries=1)) as fetcher:
            results = [await fetcher.fetch_feed(f"http://{address}/feed") for _ in range(7)]
    assert [len(result.requests) for result in results] == [1] * 7


async def test_a_server_that_answered_once_is_never_given_up(pauses: Pauses) -> None:
    """Where any feed could connect, the others keep their tries."""
    async with Site() as site:
        site.serve("/0", answer())
        async with visitor(pauses, replace(PATIENT, allow_private=allowing(site), tries=1)) as fetcher:
            first = await fetcher.fetch_feed(site.url("/0"))
            await site.__aexit__()
            results = [await fetcher.fetch_feed(site.url(f"/{number}")) for number in range(1, 8)]
            assert fetcher.has_connected
    assert first.body == FEED
    assert [len(result.requests) for result in results] == [1] * 7


def test_the_defaults_are_those_of_the_design() -> None:
    """The numbers that a night runs with, unless the settings say otherwise."""
    limits = FetchLimits()
    assert (limits.total_timeout_s, limits.connect_timeout_s, limits.read_timeout_s) == (30, 5, 10)
    assert (limits.feed_deadline_s, limits.feed_max_bytes, limits.page_max_bytes) == (90, 10_000_000, 5_000_000)
    assert (limits.concurrency, limits.per_host, limits.host_interval_s) == (20, 2, 1)
    assert (limits.tries, limits.timeout_tries, limits.max_redirects) == (3, 2, 10)
