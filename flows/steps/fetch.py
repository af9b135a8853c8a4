"""Ask the web for feeds and pages: politely, within limits, and with every trouble as a value.

Nothing here knows what a document means; parse and extract do.
"""

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from msgspec.structs import replace
from yarl import URL

from flows.steps._fetching.addresses import checked_url, host_and_port
from flows.steps._fetching.attempt import Attempt, FetchOrder, refreshes_to, result_of
from flows.steps._fetching.exchange import HttpRequest, HttpResponse, HttpSession
from flows.steps._fetching.failures import problem_of
from flows.steps._fetching.limits import FetchLimits
from flows.steps._fetching.names import GetAddrInfo
from flows.steps._fetching.politeness import Politeness, Reachability
from flows.steps._fetching.quiet import QuietHosts
from flows.steps._fetching.redirects import RedirectChain
from flows.steps._fetching.retries import Budget, has_tries_left, pause_s
from flows.steps._fetching.robots import Robots
from flows.steps._fetching.silence import Silence
from models.errors import ConnectFailed, LeftAlone, Permanent, TimedOut, Transient
from models.stages import FetchResult, Problem, Request

__all__ = ["FetchLimits", "Fetcher"]

_FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_PAGE_TYPES = "text/html, application/xhtml+xml, */*;q=0.5"


class Fetcher:
    """Fetches the feeds and pages of one run. An async context manager, used on one event loop.

    Expected trouble never raises: it is FetchResult.problem, named after a class of models.errors. clock returns aware
    UTC. sleep, jitter (0 to 1) and getaddrinfo are the world's; tests bring their own.
    """

    def __init__(
        self,
        limits: FetchLimits,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        getaddrinfo: GetAddrInfo = socket.getaddrinfo,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._getaddrinfo = getaddrinfo
        self._politeness = Politeness(limits, sleep)
        self._reachability = Reachability(limits.unreachable_after)
        self._quiet = QuietHosts(limits, clock)
        self._silence = Silence(limits)
        self._robots = Robots(self._fetch_robots, clock)
        self._wire: HttpSession | None = None

    async def __aenter__(self) -> Self:
        self._wire = HttpSession(self._limits, self._clock, self._getaddrinfo)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def has_connected(self) -> bool:
        """Tell whether any server could be connected to: False after a whole night means that there is no network."""
        return self._reachability.has_connected

    def leave_alone(self, url: str, until: datetime) -> None:
        """Do not ask a URL's host before a moment that another process was told."""
        self._quiet.leave_alone(checked_url(url), until)

    def is_left_alone(self, url: str) -> bool:
        """Tell whether a URL's host is not asked just now, since it asked for more patience than a run has."""
        try:
            return self._quiet.wait_s(checked_url(url)) > self._limits.retry_after_max_s
        except Permanent:
            return False  # its trouble is another

    async def close(self) -> None:
        """Close every connection; a second call does nothing."""
        if self._wire is not None:
            session, self._wire = self._wire, None
            await session.close()

    async def fetch_feed(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, max_tries: int | None = None
    ) -> FetchResult:
        """Fetch a feed document, or learn that it is still the one with these validators. max_tries only lowers."""
        return await self._fetch(
            FetchOrder(
                url=url,
                max_bytes=self._limits.feed_max_bytes,
                max_tries=self._limits.tries if max_tries is None else max_tries,
                accept=_FEED_TYPES,
                etag=etag,
                last_modified=last_modified,
            )
        )

    async def fetch_page(self, url: str, *, etag: str | None = None) -> FetchResult:
        """Fetch an article page if the robots.txt of every site on the way allows it.

        Where robots.txt cannot be read because the site is in trouble, RobotsDenied has is_transient: no for this run,
        perhaps yes tomorrow.
        """
        limits = self._limits
        order = FetchOrder(
            url=url,
            max_bytes=limits.page_max_bytes,
            max_tries=limits.tries,
            accept=_PAGE_TYPES,
            etag=etag,
            obeys_robots=True,
            is_for_pages=True,
        )
        return await self._fetch(order)

    async def _fetch_robots(self, url: str) -> FetchResult:
        limits = self._limits
        return await self._fetch(
            FetchOrder(
                url=url,
                max_bytes=limits.robots_max_bytes,
                max_tries=limits.tries,
                is_for_pages=True,
                is_document=False,
            )
        )

    async def _fetch(self, order: FetchOrder) -> FetchResult:
        budget = Budget(left_s=self._limits.feed_deadline_s)
        number = 1
        requests: list[Request] = []
        while True:
            result = await self._try(order, number, budget)
            requests += result.requests
            pause = self._pause_s(order, result, number)
            if pause is None or pause >= budget.left_s:
                return replace(result, requests=tuple(requests))
            await self._sleep(pause)
            budget.spend(pause)
            number += 1

    def _pause_s(self, order: FetchOrder, result: FetchResult, number: int) -> float | None:
        problem, asked = result.problem, result.final_url
        if problem is None or not has_tries_left(problem, number, order.max_tries, self._limits):
            return None
        if problem.error == LeftAlone.__name__ or self.is_left_alone(asked):
            return None
        pause = pause_s(problem, number, self._clock(), self._limits)
        return None if pause is None else pause * (1 + self._jitter() / 2)

    async def _try(self, order: FetchOrder, number: int, budget: Budget) -> FetchResult:
        try:
            start = checked_url(order.url)
        except Permanent as error:
            return FetchResult(url=order.url, final_url=order.url, problem=problem_of(error))
        if self._reachability.is_given_up(start):
            return FetchResult(url=order.url, final_url=order.url, problem=_host_unreachable(host_and_port(start)))
        attempt = Attempt(
            order=order,
            redirects=RedirectChain(start, self._limits.max_redirects),
            number=number,
            budget=budget,
            left_s=min(self._limits.total_timeout_s, budget.left_s),
        )
        try:
            await self._follow(attempt)
        except (Transient, Permanent) as error:
            attempt.problem = problem_of(error)
        return result_of(attempt)

    async def _follow(self, attempt: Attempt) -> None:
        while attempt.problem is None:
            if attempt.order.obeys_robots:
                await self._consult_robots(attempt)
                if attempt.problem is not None:
                    return
            response = await self._ask(attempt)
            attempt.problem = response.problem
            if attempt.order.obeys_robots and response.body is not None and not response.body.is_complete:
                attempt.problem = problem_of(ConnectFailed("the page was cut off on its way"))
            location = response.headers.get("Location") if response.is_redirect else refreshes_to(attempt, response)
            if location is None and not response.is_redirect:
                return
            attempt.redirects.follow(response.request.status or 0, location)

    async def _consult_robots(self, attempt: Attempt) -> None:
        here = attempt.redirects.here
        self._check_quiet(here)
        ruling = await self._robots.consult(here)
        attempt.requests += ruling.requests
        attempt.problem = ruling.problem
        self._politeness.keep_interval(here, ruling.crawl_delay_s)

    async def _ask(self, attempt: Attempt) -> HttpResponse:
        if attempt.left_s <= 0:
            raise TimedOut("the redirects took longer than a request may take")
        url = attempt.redirects.here
        request = HttpRequest(
            url=url,
            headers=attempt.order.headers,
            max_bytes=attempt.order.max_bytes,
            timeout_s=attempt.left_s,
            attempt=attempt.number,
        )
        response = await self._in_turn(attempt.order, request)
        attempt.response = response
        attempt.requests.append(response.request)
        attempt.left_s -= response.elapsed_s
        attempt.budget.spend(response.elapsed_s)
        return response

    async def _in_turn(self, order: FetchOrder, request: HttpRequest) -> HttpResponse:
        """Ask when it is this request's turn, unless its host said meanwhile that it wants to be left alone."""
        url = request.url
        while True:
            self._check_quiet(url)
            if wait := self._quiet.wait_s(url):
                await self._sleep(wait)
            async with self._politeness.slot(url):
                if self._quiet.wait_s(url):
                    continue
                if order.is_for_pages:
                    self._silence.check(url)
                response = await self._open_wire.ask(request)
                self._note(order, url, response)
                return response

    def _note(self, order: FetchOrder, url: URL, response: HttpResponse) -> None:
        """Learn from an answer what holds for the others of its host, before the next one has its turn."""
        if response.is_connected is not None:
            self._reachability.note(url, is_connected=response.is_connected)
        if response.request.status == 429:
            self._politeness.slow_down(url)
        self._quiet.note(url, response.request.status, response.problem)
        self._silence.note(url, response.problem, response.elapsed_s, is_page=order.is_for_pages)

    def _check_quiet(self, url: URL) -> None:
        if self._quiet.wait_s(url) > self._limits.retry_after_max_s:
            raise self._quiet.reason(url)

    @property
    def _open_wire(self) -> HttpSession:
        assert self._wire is not None, "a Fetcher works between __aenter__ and close"
        return self._wire


def _host_unreachable(server: str) -> Problem:
    return problem_of(ConnectFailed(f"host unreachable: no address of {server} could be connected to in this run"))
