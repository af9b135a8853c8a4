"""Load a parsed document that somebody handed in: a text, a saved page, a page of a web archive."""

from functools import partial
from typing import Final

from msgspec import Struct, field

from flows.ingest.loading import load_reading, supply
from flows.ingest.reading import ParsedDocument, read_entries
from flows.ingest.settling import settle
from flows.runs.context import RunContext
from models.identity import LoadContext
from models.reports import Counts
from models.stages import FeedSpec

_MOST_KEPT: Final = 1_000  # reasons of one file; the others are counted


class ImportSums(Struct):
    """What became of one document so far, also where a bug ends it in the middle."""

    counts: Counts = field(default_factory=Counts)
    refused: list[str] = field(default_factory=list)  # a reason for each story or page that is not taken
    nothing_why: str | None = None  # why there was nothing in it to take

    def add(self, counts: Counts) -> None:
        """Count stories."""
        self.counts = Counts.total((self.counts, counts))

    def refuse(self, reason: str) -> None:
        """Count a story or page that is not taken."""
        self.add(Counts(seen=1, failed=1))
        self.name(reason)

    def name(self, reason: str) -> None:
        """Keep the reason of a failure that is counted."""
        self.refused += [reason] if len(self.refused) < _MOST_KEPT else []


async def load_import(
    run: RunContext, spec: FeedSpec, read: ParsedDocument, context: LoadContext, sums: ImportSums
) -> None:
    """Read the entries of a document and load them; count what became of them."""
    loaded = await settle(
        run.session,
        await read_entries(run, spec, read),
        partial(supply, run, spec),
        partial(load_reading, context=context, raw=run.session.raw),
    )
    run.forgotten += loaded.forgotten
    sums.add(loaded.counts)
    for problem in loaded.failures:
        sums.name(problem.message)
