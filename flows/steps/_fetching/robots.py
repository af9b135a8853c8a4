"""robots.txt: whether an article page may be asked for, and how fast. RFC 9309, by protego."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from protego import Protego
from yarl import URL

from flows.steps._fetching.exchange import PRODUCT
from models.errors import AddressRefused, HttpRefused, LeftAlone, RobotsDenied, TlsFailed, UnknownHost
from models.stages import FetchResult, Problem, Request

_KEPT_FOR = timedelta(hours=24)
# Trouble of the site itself, which its pages share: the better name for it than a robots.txt that could not be read.
_MET_BY_THE_PAGE_TOO = frozenset({AddressRefused.__name__, TlsFailed.__name__, UnknownHost.__name__})


class Ruling(Struct, frozen=True, kw_only=True):
    """What a site's robots.txt says about one page."""

    problem: Problem | None  # None: the page may be asked for
    crawl_delay_s: float = 0.0
    requests: tuple[Request, ...] = ()  # made to find out; empty if it was known


class _Rules(Struct, frozen=True, kw_only=True):
    expires_at: datetime
    parser: Protego | None = None  # None: no page of the site may be asked for
    problem: Problem | None = None  # why not


class Robots:
    """The rules of every site met in this run, each asked for once."""

    def __init__(self, fetch: Callable[[str], Awaitable[FetchResult]], clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._rules: dict[URL, _Rules] = {}
        self._locks: dict[URL, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def consult(self, page: URL) -> Ruling:
        """Say whether this page may be asked for, fetching the site's rules if they are not known."""
        site = page.origin()
        requests: tuple[Request, ...] = ()
        async with self._locks[site]:
            rules = self._rules.get(site)
            if rules is None or rules.expires_at <= self._clock():
                found = await self._fetch(str(site / "robots.txt"))
                requests = found.requests
                if found.problem is not None and found.problem.error == LeftAlone.__name__:
                    return Ruling(problem=found.problem, requests=requests)  # nothing was learnt of the rules
                rules = self._rules[site] = _rules_of(found, site, self._clock() + _KEPT_FOR)
        return _judge(rules, page, requests)


def _rules_of(found: FetchResult, site: URL, expires_at: datetime) -> _Rules:
    problem = found.problem
    if problem is None:
        text = (found.body or b"").decode("utf-8-sig", "replace")
        return _Rules(expires_at=expires_at, parser=Protego.parse(text))
    if problem.error == HttpRefused.__name__ and 400 <= (found.status or 0) <= 499:
        return _Rules(expires_at=expires_at, parser=Protego.parse(""))
    if problem.retry_at is not None:
        expires_at = min(expires_at, problem.retry_at)
    if found.status is None and problem.error in _MET_BY_THE_PAGE_TOO:
        return _Rules(expires_at=expires_at, problem=problem)
    message = f"no page of {site.host} is asked for, its robots.txt could not be read: {problem.message}"
    return _Rules(expires_at=expires_at, problem=replace(problem, error=RobotsDenied.__name__, message=message))


def _judge(rules: _Rules, page: URL, requests: tuple[Request, ...]) -> Ruling:
    if rules.parser is None:
        return Ruling(problem=rules.problem, requests=requests)
    delay = rules.parser.crawl_delay(PRODUCT) or 0.0
    if rules.parser.can_fetch(str(page), PRODUCT):
        return Ruling(problem=None, crawl_delay_s=delay, requests=requests)
    problem = Problem(error=RobotsDenied.__name__, message=f"robots.txt of {page.host} forbids this page")
    return Ruling(problem=problem, crawl_delay_s=delay, requests=requests)
