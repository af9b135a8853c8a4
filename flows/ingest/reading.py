"""From a fetched document to entries with their texts: kept, parsed, and what is new cleaned and labelled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.runs.context import PIPELINE_VERSION, RunContext
from flows.runs.gather import gather_or_cancel
from flows.workers import jobs
from flows.workers.chunks import in_chunks
from models.archive.known import known_digests
from models.archive.ledger.documents import tried_digests
from models.errors import WorkerKilled
from models.identity import Item
from models.stages import (
    ClassifiedStory,
    Entry,
    EntryFailure,
    FeedSpec,
    Heading,
    ParsedFeed,
    Problem,
    Source,
)

EntryText = ClassifiedStory | EntryFailure  # what comes of an entry

PARSE_TIMEOUT_S: Final = 60.0
CLEAN_TIMEOUT_S: Final = 30.0  # of one chunk of entries


class SourceDocument(Struct, frozen=True, kw_only=True):
    """A document to be read: its bytes, and how they were announced."""

    body: bytes
    content_type: str
    url: str
    source: Source = Source.FEED


class ParsedDocument(Struct, frozen=True, kw_only=True):
    """A document, parsed, with the texts of entries that were read on the way, by their positions."""

    document: SourceDocument
    digest: str
    parsed: ParsedFeed
    texts: Mapping[int, EntryText] = field(default_factory=dict)


class Reading(Struct, frozen=True, kw_only=True):
    """A document, read: entries that can be loaded, and those that cannot."""

    document: SourceDocument
    digest: str
    parsed: ParsedFeed
    items: tuple[Item, ...]
    failures: tuple[EntryFailure, ...]
    read_again: Mapping[int, str | None] = field(default_factory=dict)  # old versions -> their content hash by now


async def read_document(run: RunContext, spec: FeedSpec, document: SourceDocument) -> Reading:
    """Keep, parse and clean a document. Raise NotAFeed or WorkerKilled where it cannot be parsed at all."""
    digest = await asyncio.to_thread(run.session.raw.put, document.body)
    parsed, texts = await _parsed(run, spec, document)
    return await read_entries(run, spec, ParsedDocument(document=document, digest=digest, parsed=parsed, texts=texts))


async def _parsed(run: RunContext, spec: FeedSpec, document: SourceDocument) -> tuple[ParsedFeed, dict[int, EntryText]]:
    """Parse a document; where its feed has shown none before, its first entries are read in the same call."""
    facts = (document.body, document.content_type, document.url, spec.language, spec.country)
    if run.plan.memories[spec.id].document_digest is None:
        with suppress(WorkerKilled):  # by what, the calls one after the other will tell
            parsed, texts = await run.workers.call(jobs.read_feed, spec.kind, facts, timeout_s=CLEAN_TIMEOUT_S)
            return parsed, {entry.position: text for entry, text in zip(parsed.entries, texts, strict=False)}
    return await run.workers.call(jobs.PARSERS[spec.kind], *facts, timeout_s=PARSE_TIMEOUT_S), {}


async def read_entries(run: RunContext, spec: FeedSpec, read: ParsedDocument) -> Reading:
    """Read the entries of a parsed document that the feed has not shown before as they are."""
    parsed = read.parsed
    digests = [entry.digest for entry in parsed.entries]
    known, hopeless = await run.session.read(look_back, spec.id, digests)
    fresh = [entry for entry in parsed.entries if entry.digest not in known and entry.digest not in hopeless]
    texts = {entry.position: read.texts[entry.position] for entry in fresh if entry.position in read.texts}
    texts |= await _read(run, spec, [one for one in fresh if one.position not in texts], read.document.source)
    failures = [one for one in texts.values() if isinstance(one, EntryFailure)]
    failures += [_still_failing(entry, hopeless) for entry in parsed.entries if entry.digest in hopeless]
    failed = {failure.position for failure in failures}
    return Reading(
        document=read.document,
        digest=read.digest,
        parsed=parsed,
        items=tuple(
            _with_text(Item(entry=entry), texts.get(entry.position))
            for entry in parsed.entries
            if entry.position not in failed
        ),
        failures=(*parsed.failures, *failures),
    )


def look_back(
    connection: Connection, feed_id: str, digests: Sequence[str]
) -> tuple[frozenset[str], dict[str, Problem]]:
    """Return the entries that the feed has shown before as they are, and what others this code failed on."""
    known = known_digests(connection, feed_id, digests)
    fresh = [digest for digest in digests if digest not in known]
    return known, tried_digests(connection, feed_id, fresh, PIPELINE_VERSION) if fresh else {}


async def add_texts(run: RunContext, spec: FeedSpec, reading: Reading, positions: AbstractSet[int]) -> Reading:
    """Read items that looked unchanged and are not: another run changed their sighting meanwhile."""
    entries = [item.entry for at, item in enumerate(reading.items) if at in positions]
    return _with_texts(reading, await _read(run, spec, entries, reading.document.source))


async def add_labels(run: RunContext, reading: Reading, headings: Mapping[int, Heading]) -> Reading:
    """Judge the texts of entries, by their positions, under the headings that they are kept with."""
    texts = {item.entry.position: item.text for item in reading.items if item.text is not None}

    async def judge(entries: Sequence[Entry]) -> list[ClassifiedStory]:
        pairs = [(texts[entry.position], headings[entry.position]) for entry in entries]
        return await run.workers.call(jobs.judge_texts, pairs, timeout_s=CLEAN_TIMEOUT_S)

    entries = [item.entry for item in reading.items if item.entry.position in headings]
    return _with_texts(reading, await _in_workers(entries, judge))


async def _read(run: RunContext, spec: FeedSpec, entries: Sequence[Entry], source: Source) -> dict[int, EntryText]:
    async def read(chunk: Sequence[Entry]) -> list[EntryText]:
        return await run.workers.call(jobs.read_entries, chunk, spec.language, source, timeout_s=CLEAN_TIMEOUT_S)

    return await _in_workers(entries, read)


def _with_texts(reading: Reading, texts: Mapping[int, EntryText]) -> Reading:
    failures = [one for one in texts.values() if isinstance(one, EntryFailure)]
    items = [(item, texts.get(item.entry.position)) for item in reading.items]
    kept = tuple(_with_text(item, text) for item, text in items if not isinstance(text, EntryFailure))
    return replace(reading, items=kept, failures=(*reading.failures, *failures))


def _with_text(item: Item, text: EntryText | None) -> Item:
    return replace(item, text=text.story, classified=text) if isinstance(text, ClassifiedStory) else item


async def _in_workers(
    entries: Sequence[Entry], work: Callable[[Sequence[Entry]], Awaitable[Sequence[EntryText]]]
) -> dict[int, EntryText]:
    """Have entries worked in chunks; return what came of each, by position. One that kills its worker has failed."""
    parts = await gather_or_cancel(_in_a_worker(chunk, work) for chunk in in_chunks(entries))
    return {position: one for part in parts for position, one in part.items()}


async def _in_a_worker(
    entries: Sequence[Entry], work: Callable[[Sequence[Entry]], Awaitable[Sequence[EntryText]]]
) -> dict[int, EntryText]:
    try:
        return {entry.position: one for entry, one in zip(entries, await work(entries), strict=True)}
    except WorkerKilled as error:
        if len(entries) == 1:
            return {entries[0].position: _killed(entries[0], error)}
        # One of them did it; alone, each can only hurt itself.
        parts = [await _in_a_worker([entry], work) for entry in entries]
        return {position: one for part in parts for position, one in part.items()}


def _killed(entry: Entry, error: WorkerKilled) -> EntryFailure:
    problem = Problem(error=type(error).__name__, message=str(error))
    return EntryFailure(position=entry.position, stage="clean", digest=entry.digest, problem=problem)


def _still_failing(entry: Entry, tried: Mapping[str, Problem]) -> EntryFailure:
    return EntryFailure(position=entry.position, stage="clean", digest=entry.digest, problem=tried[entry.digest])
