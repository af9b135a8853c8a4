"""From a fetched document to entries with their texts: bytes kept, parsed, and what is new cleaned in workers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from sqlalchemy import Connection

from flows.runs.context import PIPELINE_VERSION, RunContext
from flows.runs.gather import gather_or_cancel
from flows.workers.jobs import clean_entries, judge_texts, parse_document
from models.archive.documents import tried_digests
from models.archive.known import known_digests
from models.errors import WorkerKilled
from models.identity import Item
from models.stages import (
    ClassifiedStory,
    CleanStory,
    Entry,
    EntryFailure,
    FeedSpec,
    Heading,
    ParsedFeed,
    Problem,
    Source,
)

T = TypeVar("T")

PARSE_TIMEOUT_S: Final = 60.0
CLEAN_TIMEOUT_S: Final = 30.0
CLEAN_ENTRIES: Final = 50  # the most entries, and
CLEAN_CHARACTERS: Final = 2_000_000  # the most HTML of one clean call


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """A document to be read: its bytes, and how they were announced."""

    body: bytes
    content_type: str
    url: str
    source: Source = Source.FEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
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
    facts = (document.body, document.content_type, document.url, spec.language, spec.country)
    parsed = await run.workers.call(parse_document, *facts, timeout_s=PARSE_TIMEOUT_S)
    return await read_entries(run, spec, document, digest, parsed)


async def read_entries(
    run: RunContext, spec: FeedSpec, document: SourceDocument, digest: str, parsed: ParsedFeed
) -> Reading:
    """Clean the entries of a parsed document that the feed has not shown before as they are."""
    digests = [entry.digest for entry in parsed.entries]
    known, hopeless = await run.session.read(look_back, spec.id, digests)
    fresh = [entry for entry in parsed.entries if entry.digest not in known and entry.digest not in hopeless]
    cleaned = await _clean(run, spec, fresh, document.source)
    failures = [one for one in cleaned.values() if isinstance(one, EntryFailure)]
    failures += [_still_failing(entry, hopeless) for entry in parsed.entries if entry.digest in hopeless]
    return Reading(
        document=document,
        digest=digest,
        parsed=parsed,
        items=_items(parsed.entries, cleaned, {failure.position for failure in failures}),
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
    """Clean items that looked unchanged and are not: another run changed their sighting meanwhile."""
    entries = [item.entry for at, item in enumerate(reading.items) if at in positions]
    cleaned = await _clean(run, spec, entries, reading.document.source)
    texts = {item.entry.position: item.text for item in reading.items if item.text is not None}
    failures = [one for one in cleaned.values() if isinstance(one, EntryFailure)]
    items = _items([item.entry for item in reading.items], texts | cleaned, {f.position for f in failures})
    return replace(reading, items=items, failures=(*reading.failures, *failures))


async def add_labels(run: RunContext, reading: Reading, headings: Mapping[int, Heading]) -> Reading:
    """Judge the texts of entries, by their positions, under the headings that they are kept with."""
    texts = {item.entry.position: item.text for item in reading.items if item.text is not None}

    async def judge(entries: Sequence[Entry]) -> list[ClassifiedStory]:
        pairs = [(texts[entry.position], headings[entry.position]) for entry in entries]
        return await run.workers.call(judge_texts, pairs, timeout_s=CLEAN_TIMEOUT_S)

    judged = await _in_workers([item.entry for item in reading.items if item.entry.position in headings], judge)
    failures = [one for one in judged.values() if isinstance(one, EntryFailure)]
    labelled = {position: one for position, one in judged.items() if isinstance(one, ClassifiedStory)}
    failed = {failure.position for failure in failures}
    items = tuple(
        replace(item, classified=labelled.get(item.entry.position, item.classified))
        for item in reading.items
        if item.entry.position not in failed
    )
    return replace(reading, items=items, failures=(*reading.failures, *failures))


def in_chunks(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Share entries out among calls of a worker, in their order."""
    chunks: list[list[Entry]] = []
    size = 0
    for entry in entries:
        is_full = size + len(entry.html) > CLEAN_CHARACTERS
        if not chunks or is_full or len(chunks[-1]) == CLEAN_ENTRIES:
            chunks.append([])
            size = 0
        chunks[-1].append(entry)
        size += len(entry.html)
    return chunks


async def _clean(
    run: RunContext, spec: FeedSpec, entries: Sequence[Entry], source: Source
) -> dict[int, CleanStory | EntryFailure]:
    async def clean(chunk: Sequence[Entry]) -> list[CleanStory | EntryFailure]:
        return await run.workers.call(clean_entries, chunk, spec.language, source, timeout_s=CLEAN_TIMEOUT_S)

    return await _in_workers(entries, clean)


async def _in_workers(
    entries: Sequence[Entry], work: Callable[[Sequence[Entry]], Awaitable[Sequence[T]]]
) -> dict[int, T | EntryFailure]:
    """Have entries worked in chunks; return what came of each, by position. One that kills its worker has failed."""
    parts = await gather_or_cancel(_in_a_worker(chunk, work) for chunk in in_chunks(entries))
    return {position: one for part in parts for position, one in part.items()}


async def _in_a_worker(
    entries: Sequence[Entry], work: Callable[[Sequence[Entry]], Awaitable[Sequence[T]]]
) -> dict[int, T | EntryFailure]:
    try:
        return {entry.position: one for entry, one in zip(entries, await work(entries), strict=True)}
    except WorkerKilled as error:
        if len(entries) == 1:
            return {entries[0].position: _killed(entries[0], error)}
        # One of them did it; alone, each can only hurt itself.
        parts = [await _in_a_worker([entry], work) for entry in entries]
        return {position: one for part in parts for position, one in part.items()}


def _items(
    entries: Sequence[Entry], cleaned: Mapping[int, CleanStory | EntryFailure], failed: AbstractSet[int]
) -> tuple[Item, ...]:
    found = [(entry, cleaned.get(entry.position)) for entry in entries if entry.position not in failed]
    return tuple(Item(entry=entry, text=one if isinstance(one, CleanStory) else None) for entry, one in found)


def _killed(entry: Entry, error: WorkerKilled) -> EntryFailure:
    problem = Problem(error=type(error).__name__, message=str(error))
    return EntryFailure(position=entry.position, stage="clean", digest=entry.digest, problem=problem)


def _still_failing(entry: Entry, tried: Mapping[str, Problem]) -> EntryFailure:
    return EntryFailure(position=entry.position, stage="clean", digest=entry.digest, problem=tried[entry.digest])
