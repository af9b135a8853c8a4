"""One address to be fetched, and one try at it: what is asked, where it led, what came of it."""

from collections.abc import Mapping

from msgspec import Struct, field

from flows.steps._fetching.exchange import HttpResponse
from flows.steps._fetching.meta_refresh import refresh_target
from flows.steps._fetching.redirects import RedirectChain
from flows.steps._fetching.retries import Budget
from models.stages import FetchResult, Problem, Request

_VALIDATOR_MAX_LENGTH = 1000


class FetchOrder(Struct, frozen=True, kw_only=True):
    """What is to be fetched, and how."""

    url: str
    max_bytes: int
    max_tries: int
    accept: str = "*/*"
    etag: str | None = None
    last_modified: str | None = None
    obeys_robots: bool = False
    is_for_pages: bool = False  # a page, or the robots.txt that rules it
    is_document: bool = True  # which may lead on by a meta refresh; robots.txt may not

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of its requests."""
        validators = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {"Accept": self.accept} | {name: value for name, value in validators.items() if value}


class Attempt(Struct, kw_only=True):
    """One try with its redirects, while it lasts."""

    order: FetchOrder
    redirects: RedirectChain
    number: int
    budget: Budget  # of the address, over all its tries
    left_s: float  # of this try
    requests: list[Request] = field(default_factory=list)
    response: HttpResponse | None = None
    problem: Problem | None = None


def result_of(attempt: Attempt) -> FetchResult:
    """Put together what came of a try."""
    order, redirects, response = attempt.order, attempt.redirects, attempt.response
    headers: Mapping[str, str] = response.headers if response else {}
    body = response.body if response and attempt.problem is None else None
    is_unchanged = response is not None and response.request.status == 304
    return FetchResult(
        url=order.url,
        final_url=str(redirects.here) if redirects.hops else order.url,
        moved_to=str(redirects.moved_to) if redirects.moved_to else None,
        status=response.request.status if response else None,
        content_type=headers.get("Content-Type", "").encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        body=body.content if body else None,
        digest=response.request.digest if response and body else None,
        size_bytes=len(body.content) if body else 0,
        etag=_validator(headers.get("ETag")) or (order.etag if is_unchanged else None),
        last_modified=_validator(headers.get("Last-Modified")) or (order.last_modified if is_unchanged else None),
        is_complete=body.is_complete if body else True,
        problem=attempt.problem,
        requests=tuple(attempt.requests),
    )


def refreshes_to(attempt: Attempt, response: HttpResponse) -> str | None:
    """Return where a document leads on by itself; None if it is one to be read."""
    if response.body is None or not attempt.order.is_document:
        return None
    redirects = attempt.redirects
    try:
        target = refresh_target(response.body.content, str(redirects.here))
    except ValueError:
        return None  # no address at all: what stands there is the document
    return None if target is None or redirects.is_here(target) else target


def _validator(value: str | None) -> str | None:
    """Keep a validator only if it can be sent back as it came."""
    is_sendable = value and value.isascii() and value.isprintable() and len(value) <= _VALIDATOR_MAX_LENGTH
    return value if is_sendable else None
