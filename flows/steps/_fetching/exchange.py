"""One HTTP request and its answer, as values. Knows no retries, no redirects and no politeness.

The environment's proxy variables are not read: behind a proxy the connected address is the proxy's, and the check that
keeps requests out of private networks would be void without anybody having decided so.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from types import MappingProxyType

from msgspec import Struct, field
from yarl import URL

from flows.steps._fetching.addresses import AddressGuard, host_and_port
from flows.steps._fetching.bodies import Body, read_body
from flows.steps._fetching.failures import BROKEN_REQUEST, could_not_connect, failure_of, problem_of
from flows.steps._fetching.http_client import aiohttp, trusted
from flows.steps._fetching.limits import FetchLimits
from flows.steps._fetching.names import GetAddrInfo, HostResolver
from flows.steps._fetching.redirects import REDIRECTS
from flows.steps._fetching.retries import refusal
from models.errors import AddressRefused, HttpRefused, Permanent, Transient
from models.stages import Problem, Request

PRODUCT = "climate-archive"  # also the name that robots.txt files may use
_DOCUMENTS = frozenset({200, 203})  # 203: a proxy on the way changed something, the document is there
_NOT_MODIFIED = 304
_VALIDATORS = frozenset({"If-None-Match", "If-Modified-Since"})
_DNS_CACHE_S = 300
_READ_PIECE_BYTES = 65_536


class HttpRequest(Struct, frozen=True, kw_only=True):
    """One request to be made."""

    url: URL
    headers: Mapping[str, str]
    max_bytes: int
    timeout_s: float
    attempt: int


class HttpResponse(Struct, frozen=True, kw_only=True):
    """What came back."""

    request: Request
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # case does not matter
    body: Body | None = None
    is_connected: bool | None = None  # None: nothing can be said, the address was refused
    elapsed_s: float = 0.0

    @property
    def problem(self) -> Problem | None:
        """What went wrong, if anything."""
        return self.request.problem

    @property
    def is_redirect(self) -> bool:
        """Tell whether the server points elsewhere."""
        return self.request.status in REDIRECTS


class HttpSession:
    """Owns the aiohttp session of a run."""

    def __init__(self, limits: FetchLimits, clock: Callable[[], datetime], getaddrinfo: GetAddrInfo) -> None:
        self._limits = limits
        self._clock = clock
        self._guard = AddressGuard(limits.allow_private)
        self._resolver = HostResolver(getaddrinfo, limits.concurrency)
        self._session = self._new_session()

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()
        await self._resolver.close()

    async def ask(self, request: HttpRequest) -> HttpResponse:
        """Make one request. Expected trouble is in the answer."""
        draft = _Draft(request=request, started_at=self._clock())
        host = host_and_port(request.url)
        try:
            with self._guard.asking_for(request.url):
                await self._fill(draft)
        except BROKEN_REQUEST as error:
            draft.error = failure_of(error, host)
            draft.error.__cause__ = error
        except (Transient, Permanent) as error:
            draft.error = error
        return draft.response()

    async def _fill(self, draft: "_Draft") -> None:
        request = draft.request
        async with (
            asyncio.timeout(request.timeout_s),
            self._session.get(
                request.url,
                headers=request.headers,
                allow_redirects=False,
                ssl=trusted() if request.url.scheme == "https" else True,
            ) as response,
        ):
            draft.status, draft.headers = response.status, response.headers
            if response.status in _DOCUMENTS:
                draft.body = await read_body(response, request.max_bytes)
            elif not self._is_expected(response.status, request):
                raise refusal(response.status, response.headers.get("Retry-After"), self._clock())

    @staticmethod
    def _is_expected(status: int, request: HttpRequest) -> bool:
        if status == _NOT_MODIFIED and not _VALIDATORS & request.headers.keys():
            raise HttpRefused("the server answered 304 Not Modified to a request that named nothing to compare with")
        return status == _NOT_MODIFIED or status in REDIRECTS

    def _new_session(self) -> aiohttp.ClientSession:
        limits = self._limits
        connector = aiohttp.TCPConnector(
            limit=0,  # Politeness counts, and its waits are not time-outs
            resolver=self._resolver,
            ttl_dns_cache=_DNS_CACHE_S,
            socket_factory=self._guard.make_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(
                connect=limits.connect_timeout_s,
                sock_connect=limits.connect_timeout_s,
                sock_read=limits.read_timeout_s,
            ),
            headers={"User-Agent": user_agent(limits.contact), "Accept-Encoding": "gzip, deflate"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            read_bufsize=_READ_PIECE_BYTES,
            max_line_size=limits.header_max_bytes,
            max_field_size=limits.header_max_bytes,
            middlewares=(_ask_once,),
        )


def user_agent(contact: str) -> str:
    """Name ourselves, with a way to reach whoever runs this archive."""
    try:
        release = version(PRODUCT)
    except PackageNotFoundError:  # run from a source tree
        release = "0"
    return f"{PRODUCT}/{release} (+{contact})" if contact else f"{PRODUCT}/{release}"


async def _ask_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from asking again by itself when a connection breaks: tries are counted, and are ours."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise failure_of(error, host_and_port(request.url)) from error


class _Draft(Struct, kw_only=True):
    """An answer while it comes in."""

    request: HttpRequest
    started_at: datetime
    began: float = field(default_factory=perf_counter)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: Body | None = None
    error: Transient | Permanent | None = None

    def response(self) -> HttpResponse:
        elapsed_s = perf_counter() - self.began
        content = self.body.content if self.body else None
        request = Request(
            url=str(self.request.url),
            attempt=self.request.attempt,
            started_at=self.started_at,
            elapsed_ms=round(elapsed_s * 1000),
            status=self.status,
            headers=_storable(self.headers),
            digest=None if content is None else sha256(content).hexdigest(),
            size_bytes=len(content or b""),
            problem=None if self.error is None else problem_of(self.error),
        )
        return HttpResponse(
            request=request,
            headers=self.headers,
            body=self.body,
            is_connected=self._is_connected(),
            elapsed_s=elapsed_s,
        )

    def _is_connected(self) -> bool | None:
        if isinstance(self.error, AddressRefused):
            return None
        return self.error is None or not could_not_connect(self.error)


def _storable(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Keep headers as valid text; cookies are nobody's business."""
    return tuple(
        (str(name), value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        for name, value in headers.items()
        if name.lower() != "set-cookie"
    )
