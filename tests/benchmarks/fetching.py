"""How many feeds a second come in, against a bare asyncio client with the same places and as long-lived connections."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from flows.runs.session import utc_now
from flows.steps.fetch import Fetcher, FetchLimits
from tests.benchmarks.costs import Cost, cost_of, interleaved
from tests.benchmarks.measures import Bound, Measurement
from tests.benchmarks.site import Offer, Site, served

NAME = "fetch"
OFFER = Offer(feeds=500, entries=25, hosts=100, latency_s=0.05)
CONCURRENCY = 20
_RATIO = 0.9

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def measure(rounds: int) -> Iterator[Measurement]:
    """Fetch the same feeds by either client, turn and turn about."""
    with served(OFFER) as site:
        works = {"fetcher": partial(_timed, _by_fetcher, site), "bare": partial(_timed, _by_hand, site)}
        costs = interleaved(rounds, works)
    ratios = tuple(cost["bare"].wall_s / cost["fetcher"].wall_s for cost in costs)
    rates = tuple(OFFER.feeds / cost["fetcher"].wall_s for cost in costs)
    cpu = tuple(1000 * cost["fetcher"].cpu_s / OFFER.feeds for cost in costs)
    yield Measurement(
        benchmark=NAME, what="throughput, to bare asyncio", values=ratios, unit="x", aim=_RATIO, bound=Bound.AT_LEAST
    )
    yield Measurement(benchmark=NAME, what="throughput", values=rates, unit="feeds/s")
    yield Measurement(benchmark=NAME, what="CPU a feed", values=cpu, unit="ms")


def _timed(client: Callable[[Site], Awaitable[None]], site: Site) -> Cost:
    async def run() -> None:
        await client(site)

    return cost_of(lambda: asyncio.run(run()))


async def _by_fetcher(site: Site) -> None:
    limits = FetchLimits(
        concurrency=CONCURRENCY,
        per_host=site.per_host,
        host_interval_s=0.0,
        allow_private=frozenset(site.addresses),
    )
    async with Fetcher(limits, clock=utc_now) as fetcher:
        results = await asyncio.gather(*map(fetcher.fetch_feed, site.urls))
    assert all(result.body for result in results)


async def _by_hand(site: Site) -> None:
    waiting = list(reversed(site.urls))
    idle: dict[str, list[_Streams]] = defaultdict(list)

    async def work() -> None:
        while waiting:
            address, _, path = waiting.pop().removeprefix("http://").partition("/")
            streams = idle[address].pop() if idle[address] else await _connect(address)
            assert await _get(streams, address, path)
            idle[address].append(streams)

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    for _, writer in (streams for pool in idle.values() for streams in pool):
        writer.close()


async def _connect(address: str) -> _Streams:
    host, _, port = address.partition(":")
    return await asyncio.open_connection(host, int(port))


async def _get(streams: _Streams, address: str, path: str) -> bytes:
    reader, writer = streams
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)
