"""Read the sources of old texts again by today's code, so that better code makes no revision of its own."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from flows.ingest.reading import Reading, add_texts, in_chunks
from flows.runs.context import RunContext
from flows.runs.gather import gather_or_cancel
from flows.workers.jobs import clean_entries, judge_texts, read_page
from models.archive.versions import KeptSource, sources_of, unpack_entry
from models.errors import NotFound, Permanent
from models.identity import LackingError, MisjudgedError, OldCodeError, TextMissingError
from models.stages import ClassifiedStory, Entry, FeedSpec, Heading, Source

TIMEOUT_S: Final = 30.0


async def completed(run: RunContext, spec: FeedSpec, reading: Reading, lacking: LackingError) -> Reading:
    """Return a reading with what its decision lacked: texts of entries, their labels, or old versions read again."""
    if isinstance(lacking, TextMissingError):
        return await add_texts(run, spec, reading, lacking.positions)
    if isinstance(lacking, MisjudgedError):
        return await _judged_again(run, reading, lacking.headings)
    assert isinstance(lacking, OldCodeError)  # there is no fourth
    return replace(reading, read_again={**reading.read_again, **await read_again(run, lacking.version_ids)})


async def _judged_again(run: RunContext, reading: Reading, headings: Mapping[int, Heading]) -> Reading:
    entries = [item.entry for item in reading.items if item.entry.position in headings]
    stories = {item.entry.position: item.classified.story for item in reading.items if item.classified}
    calls = [[(stories[entry.position], headings[entry.position]) for entry in chunk] for chunk in in_chunks(entries)]
    judged = await gather_or_cancel(run.workers.call(judge_texts, texts, timeout_s=TIMEOUT_S) for texts in calls)
    texts = {entry.position: one for entry, one in zip(entries, chain.from_iterable(judged), strict=True)}
    items = (replace(item, classified=texts.get(item.entry.position, item.classified)) for item in reading.items)
    return replace(reading, items=tuple(items))


async def read_again(run: RunContext, version_ids: Iterable[int]) -> dict[int, str | None]:
    """Return the content hashes that today's code finds for these versions; None where it can find none."""
    wanted = sorted(version_ids)
    sources = await run.session.read(sources_of, wanted)
    hashes = await gather_or_cancel(_hash_of(run, source) for source in sources)
    found = {source.version_id: content_hash for source, content_hash in zip(sources, hashes, strict=True)}
    return dict.fromkeys(wanted) | found


async def _hash_of(run: RunContext, source: KeptSource) -> str | None:
    try:
        if source.raw_entry is not None:
            return await _hash_of_entry(run, source.raw_entry)
        return await _hash_of_page(run, source) if source.raw_digest is not None else None
    except (Permanent, NotFound):
        return None  # what cannot be read today is compared as it was read then


async def _hash_of_entry(run: RunContext, raw_entry: bytes) -> str | None:
    kept = unpack_entry(raw_entry)
    entry = Entry(
        position=0,
        guid=None,
        url=None,
        url_key=None,
        title_html=kept["title_html"],
        html=kept["html"],
        base_url=kept["base_url"],
    )
    [cleaned] = await run.workers.call(clean_entries, [entry], None, Source.FEED, timeout_s=TIMEOUT_S)
    return cleaned.story.content_hash if isinstance(cleaned, ClassifiedStory) else None


async def _hash_of_page(run: RunContext, source: KeptSource) -> str:
    assert source.raw_digest is not None
    body = await asyncio.to_thread(run.session.raw.get, source.raw_digest)
    heading = Heading(title=source.title)
    page = await run.workers.call(read_page, body, source.url, source.content_type, heading, timeout_s=TIMEOUT_S)
    return page.story.content_hash
