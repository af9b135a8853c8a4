"""Fetch feeds and read them, to say what is in them; nothing is kept."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from config.settings import Settings
from flows.exports.shape import iso
from flows.ingest.sitemaps import read_index
from flows.runs.opening import fetch_limits
from flows.runs.session import utc_now
from flows.steps._fetching.redirects import REDIRECTS
from flows.steps.fetch import Fetcher
from flows.workers.jobs import PARSERS
from flows.workers.pool import JobPool
from models.errors import Permanent
from models.stages import FeedSpec, FetchResult, ParsedFeed, Request
from models.wording import counted

_PARSE_TIMEOUT_S: Final = 60.0


class FeedCheck(Struct, frozen=True, kw_only=True):
    """What a feed is today."""

    feed: str
    url: str
    final_url: str
    moved_to: str | None
    http_status: int | None
    content_type: str
    size_bytes: int
    attempts: int
    elapsed_ms: int
    hops: tuple[str, ...]  # every request with what came of it
    kind: str | None = None  # of the document
    title: str | None = None
    entries: int = 0
    newest_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    problem: str | None = None


async def check_feeds(specs: Sequence[FeedSpec], settings: Settings) -> list[FeedCheck]:
    """Fetch and read feeds, politely and side by side; return what they are, in their order."""
    limits = fetch_limits(settings.fetch)
    async with JobPool() as workers, Fetcher(limits, clock=utc_now) as fetcher:
        return list(await asyncio.gather(*(_check(spec, fetcher, workers) for spec in specs)))


def check_json(one: FeedCheck) -> dict[str, Any]:
    """Return a check as JSON shows it."""
    return asdict(one) | {"ok": one.problem is None, "newest_at": iso(one.newest_at)}


def check_lines(one: FeedCheck) -> list[str]:
    """Say what a feed is, in a few lines."""
    entries = counted(one.entries, "entry", "entries")
    head = f"{one.feed}: {'FAILED' if one.problem else 'ok'}"
    facts = {
        "address": one.url,
        "led to": one.final_url if one.final_url != one.url else None,
        "moved to": f"{one.moved_to} (by this answer; nights believe it after three)" if one.moved_to else None,
        "problem": one.problem,
        "answer": f"{one.http_status}, {one.content_type or 'no content type'}, {counted(one.size_bytes, 'byte')}"
        if one.http_status
        else None,
        "document": f"{one.kind}, {entries}, the newest of {iso(one.newest_at) or 'an unknown date'}"
        if one.kind
        else None,
    }
    lines = [f"  {name:<10}{value}" for name, value in facts.items() if value]
    if len(one.hops) > 1:
        lines += [f"  {'request':<10}{hop}" for hop in one.hops]
    return [head, *lines, *(f"  {'warning':<10}{warning}" for warning in one.warnings)]


async def _check(spec: FeedSpec, fetcher: Fetcher, workers: JobPool) -> FeedCheck:
    result = await fetcher.fetch_feed(spec.url)
    if result.problem is not None or result.body is None:
        message = result.problem.message if result.problem else "the answer has no body"
        return _answer(spec, result, problem=message)
    try:
        facts = (result.body, result.content_type, result.final_url, spec.language, spec.country)
        parsed = await workers.call(PARSERS[spec.kind], *facts, timeout_s=_PARSE_TIMEOUT_S)
    except Permanent as error:
        return _answer(spec, result, problem=str(error))
    parsed, requests = await read_index(parsed, spec, fetcher, workers)
    return _read(spec, replace(result, requests=result.requests + requests), parsed)


def _answer(spec: FeedSpec, result: FetchResult, *, problem: str) -> FeedCheck:
    return FeedCheck(**_fetched(spec, result), problem=problem)


def _read(spec: FeedSpec, result: FetchResult, parsed: ParsedFeed) -> FeedCheck:
    return FeedCheck(
        **_fetched(spec, result),
        kind=parsed.kind,
        title=parsed.title,
        entries=len(parsed.entries),
        newest_at=max((entry.published_at for entry in parsed.entries if entry.published_at), default=None),
        warnings=tuple(_warnings(spec, result, parsed)),
    )


def _fetched(spec: FeedSpec, result: FetchResult) -> dict[str, Any]:
    return {
        "feed": spec.id,
        "url": spec.url,
        "final_url": result.final_url,
        "moved_to": result.moved_to,
        "http_status": result.status,
        "content_type": result.content_type,
        "size_bytes": len(result.body or b""),
        "attempts": result.attempts,
        "elapsed_ms": result.elapsed_ms,
        "hops": tuple(map(_hop, result.requests)),
    }


def _hop(request: Request) -> str:
    """Tell one request: where to, what came back, how long it took."""
    location = next((value for name, value in request.headers if name.lower() == "location"), None)
    answer = str(request.status) if request.status else "no answer"
    leads_on = f" to {location}" if location and request.status in REDIRECTS else ""
    trouble = f": {request.problem.message}" if request.problem else ""
    return f"{request.url} -> {answer}{leads_on} in {request.elapsed_ms} ms{trouble}"


def _warnings(spec: FeedSpec, result: FetchResult, parsed: ParsedFeed) -> list[str]:
    warnings = list(parsed.warnings)
    if parsed.failures:
        unread = counted(len(parsed.failures), "entry", "entries")
        warnings.append(f"{unread} could not be read: {parsed.failures[0].problem.message}")
    if spec.min_entries is not None and len(parsed.entries) < spec.min_entries:
        warnings.append(f"{counted(len(parsed.entries), 'entry', 'entries')}, at least {spec.min_entries} expected")
    if not parsed.entries:
        warnings.append("the document holds no entry")
    if not (parsed.is_complete and result.is_complete):
        warnings.append("the document is broken or was cut short")
    return warnings
