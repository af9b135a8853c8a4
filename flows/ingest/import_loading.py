"""Load a parsed document that somebody handed in: a text, a saved page, a page of a web archive."""

from functools import partial

from flows.ingest.loading import load_reading, supply
from flows.ingest.reading import ParsedDocument, read_entries
from flows.ingest.settling import settle
from flows.runs.context import RunContext
from models.identity import LoadContext
from models.reports import Counts
from models.stages import FeedSpec


async def load_import(run: RunContext, spec: FeedSpec, read: ParsedDocument, context: LoadContext) -> Counts:
    """Read the entries of a document and load them; return what became of them."""
    loaded = await settle(
        run.session,
        await read_entries(run, spec, read),
        partial(supply, run, spec),
        partial(load_reading, context=context, raw=run.session.raw),
    )
    run.forgotten += loaded.forgotten
    return loaded.counts
