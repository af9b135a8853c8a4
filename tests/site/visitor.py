"""Fetchers for tests: a clock that only pauses move, no pause that takes real time, limits for sites of every kind."""

import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from flows.steps._fetching.names import GetAddrInfo
from flows.steps.fetch import Fetcher, FetchLimits
from tests.site.server import Site

STARTED_AT = datetime(2026, 3, 1, 4, 15, tzinfo=UTC)
# Nothing here is judged by its time: a busy machine may take long to answer.
PATIENT = FetchLimits(
    total_timeout_s=120.0,
    connect_timeout_s=120.0,
    read_timeout_s=120.0,
    feed_max_bytes=300_000,
    page_max_bytes=200_000,
    host_interval_s=0.0,
    contact="https://archive.example/about",
)
# For sites that say nothing: each time-out is waited for.
HASTY = replace(PATIENT, total_timeout_s=2.0, connect_timeout_s=2.0, read_timeout_s=1.0)


class Pauses(Struct):
    """A sleep that takes no time: it notes the seconds and moves the clock on."""

    now: datetime = STARTED_AT
    seconds: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Stand in for asyncio.sleep."""
        self.seconds.append(seconds)
        self.now += timedelta(seconds=seconds)

    def clock(self) -> datetime:
        """Tell the time of this small world."""
        return self.now


def visitor(
    pauses: Pauses,
    limits: FetchLimits,
    *,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    jitter: Callable[[], float] = lambda: 0.0,
    getaddrinfo: GetAddrInfo = socket.getaddrinfo,
) -> Fetcher:
    """Make a fetcher on the clock of these pauses, without jitter unless a test wants some."""
    return Fetcher(limits, clock=pauses.clock, sleep=sleep or pauses.sleep, jitter=jitter, getaddrinfo=getaddrinfo)


def everywhere_is_loopback(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
    """Stand in for socket.getaddrinfo where a test needs several host names."""
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))]


def allowing(*sites: Site) -> frozenset[str]:
    """Put sites on the allow list."""
    return frozenset(site.address for site in sites)
