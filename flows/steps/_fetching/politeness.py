"""How gently servers are asked: few requests at once, few a host, a pause between two, none where nobody answers."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from yarl import URL

from flows.steps._fetching.addresses import host_and_port
from flows.steps._fetching.limits import FetchLimits


class _Host:
    """What is known of one host in this run."""

    def __init__(self, limits: FetchLimits) -> None:
        self.places = asyncio.Semaphore(limits.per_host)
        self.turnstile = asyncio.Lock()
        self.interval_s = limits.host_interval_s
        self.next_at = 0.0  # on the loop's clock


class Politeness:
    """Hands out the right to make one request."""

    def __init__(self, limits: FetchLimits, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._limits = limits
        self._sleep = sleep
        self._everywhere = asyncio.Semaphore(limits.concurrency)
        self._hosts: dict[str, _Host] = defaultdict(lambda: _Host(limits))

    @asynccontextmanager
    async def slot(self, url: URL) -> AsyncIterator[None]:
        """Wait for the turn of a request to this URL's host, and hold its place while it runs."""
        host = self._hosts[_host(url)]
        async with host.places:
            async with host.turnstile:
                await self._wait_until(host.next_at)
                await self._everywhere.acquire()
                host.next_at = asyncio.get_running_loop().time() + host.interval_s
            try:
                yield
            finally:
                self._everywhere.release()

    def slow_down(self, url: URL) -> None:
        """Double the pause between requests to this URL's host for the rest of the run (it said 429)."""
        self._stretch(url, 2 * self._hosts[_host(url)].interval_s)

    def keep_interval(self, url: URL, seconds: float) -> None:
        """Leave at least these seconds between requests to this URL's host (its Crawl-delay)."""
        self._stretch(url, seconds)

    def _stretch(self, url: URL, seconds: float) -> None:
        host = self._hosts[_host(url)]
        interval = max(host.interval_s, min(seconds, self._limits.max_interval_s))
        host.next_at += interval - host.interval_s
        host.interval_s = interval

    async def _wait_until(self, moment: float) -> None:
        wait = moment - asyncio.get_running_loop().time()
        if wait > 0:
            await self._sleep(wait)


class Reachability:
    """Remembers servers that nobody could connect to, so that a dead one costs a few time-outs and not hundreds."""

    def __init__(self, most_failures: int) -> None:
        self._most_failures = most_failures
        self._failed: dict[str, set[URL]] = defaultdict(set)
        self._connected: set[str] = set()

    @property
    def has_connected(self) -> bool:
        """Tell whether any server at all could be connected to."""
        return bool(self._connected)

    def is_given_up(self, url: URL) -> bool:
        """Tell whether enough other addresses of this server failed to connect and none did."""
        return len(self._failed[host_and_port(url)]) >= self._most_failures

    def note(self, url: URL, *, is_connected: bool) -> None:
        """Remember how a request to this address went."""
        server = host_and_port(url)
        if is_connected:
            self._connected.add(server)
            self._failed.pop(server, None)
        elif server not in self._connected:
            self._failed[server].add(url)


def _host(url: URL) -> str:
    return (url.host or "").lower()
