"""Read the sources of old texts again by today's code, so that better code makes no revision of its own."""

import asyncio
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from flows.runs.context import RunContext
from flows.runs.gather import gather_or_cancel
from flows.workers.jobs import clean_entries, read_page
from models.archive.texts.versions import KeptSource, sources_of, unpack_entry
from models.errors import NotFound, Permanent
from models.stages import CleanStory, Entry, EntryFailure, Heading, Source

TIMEOUT_S: Final = 30.0


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
            return await _hash_of_entry(run, KeptEntry(raw_entry=source.raw_entry, text=source.text))
        return await _hash_of_page(run, source) if source.raw_digest is not None else None
    except (Permanent, NotFound):
        return None  # what cannot be read today is compared as it was read then


async def _hash_of_entry(run: RunContext, kept: "KeptEntry") -> str | None:
    cleaned = await clean_again(run, kept)
    return cleaned.content_hash if isinstance(cleaned, CleanStory) else None


class KeptEntry(Struct, frozen=True, kw_only=True):
    """An entry's own title and HTML as its version keeps them, with what its story knows besides."""

    raw_entry: bytes
    text: str  # of the version, beside which it is packed
    url: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    source: Source = Source.FEED


async def clean_again(run: RunContext, kept: KeptEntry) -> CleanStory | EntryFailure:
    """Return what today's code makes of an old entry. Raise WorkerKilled."""
    source = unpack_entry(kept.raw_entry, kept.text)
    entry = Entry(
        position=0,
        guid=None,
        url=kept.url,
        url_key=None,
        title_html=source["title_html"],
        html=source["html"],
        base_url=source["base_url"],
        tags=kept.tags,
    )
    [cleaned] = await run.workers.call(clean_entries, [entry], kept.language, kept.source, timeout_s=TIMEOUT_S)
    return cleaned


async def _hash_of_page(run: RunContext, source: KeptSource) -> str:
    assert source.raw_digest is not None
    body = await asyncio.to_thread(run.session.raw.get, source.raw_digest)
    heading = Heading(title=source.title)
    page = await run.workers.call(read_page, body, source.url, source.content_type, heading, timeout_s=TIMEOUT_S)
    return page.story.content_hash
