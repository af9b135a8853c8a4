"""The sitemaps behind an index, read as one document with it."""

from msgspec.structs import replace

from flows.ingest.loading import FeedVisit
from flows.ingest.reading import PARSE_TIMEOUT_S, ParsedDocument, Reading, read_entries
from flows.runs.context import RunContext
from flows.runs.room import Place
from flows.steps.fetch import Fetcher
from flows.workers.jobs import parse_sitemap_document
from flows.workers.pool import JobPool
from models.errors import Permanent
from models.stages import FeedSpec, FetchResult, ParsedFeed, Request


async def with_sitemaps(run: RunContext, visit: FeedVisit, reading: Reading, place: Place) -> tuple[FeedVisit, Reading]:
    """Return the visit and what was read, of an index together with the sitemaps that it names.

    While they are asked for, others have the place.
    """
    if not reading.parsed.sitemaps:
        return visit, reading
    async with place.left():
        parsed, requests = await read_index(reading.parsed, visit.spec, run.fetcher, run.workers)
    visit = replace(visit, result=replace(visit.result, requests=visit.result.requests + requests))
    return visit, await read_entries(
        run, visit.spec, ParsedDocument(document=reading.document, digest=reading.digest, parsed=parsed)
    )


async def read_index(
    parsed: ParsedFeed, spec: FeedSpec, fetcher: Fetcher, workers: JobPool
) -> tuple[ParsedFeed, tuple[Request, ...]]:
    """Return an index with the entries of the sitemaps that it names, and what was asked for them.

    Of one that cannot be read it has a warning. Any other document comes back as it is.
    """
    requests: tuple[Request, ...] = ()
    for url in parsed.sitemaps:
        result = await fetcher.fetch_feed(url, max_tries=1)
        requests += result.requests
        found = await _read(workers, spec, result)
        if isinstance(found, ParsedFeed):
            parsed = _joined(parsed, found)
        else:
            parsed = replace(parsed, warnings=(*parsed.warnings, f"{url} could not be read: {found}"))
    return parsed, requests


async def _read(workers: JobPool, spec: FeedSpec, result: FetchResult) -> ParsedFeed | str:
    """Return a sitemap, or why it could not be read."""
    if result.problem is not None or result.body is None:
        return result.problem.message if result.problem else "it has no body"
    facts = (result.body, result.content_type, result.final_url, spec.language, spec.country)
    try:
        return await workers.call(parse_sitemap_document, *facts, timeout_s=PARSE_TIMEOUT_S)
    except Permanent as error:
        return str(error)


def _joined(parsed: ParsedFeed, found: ParsedFeed) -> ParsedFeed:
    """Put a sitemap's entries behind the others'."""
    shown = {entry.digest for entry in parsed.entries}
    offset = len(parsed.entries) + len(parsed.failures)
    fresh = [entry for entry in found.entries if entry.digest not in shown]
    entries = tuple(replace(entry, position=offset + at) for at, entry in enumerate(fresh))
    offset += len(entries)
    failures = tuple(replace(one, position=offset + at) for at, one in enumerate(found.failures))
    return replace(
        parsed,
        entries=(*parsed.entries, *entries),
        failures=(*parsed.failures, *failures),
        warnings=tuple(dict.fromkeys((*parsed.warnings, *found.warnings))),
    )
