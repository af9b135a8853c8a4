"""Load a parsed document that somebody handed in: a text, a saved page, a page of a web archive."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from msgspec import Struct, field
from sqlalchemy import Connection

from flows.ingest.loading import Loaded, load_reading, supply
from flows.ingest.reading import ParsedDocument, Reading, read_entries
from flows.ingest.settling import Lack, settle
from flows.runs.context import RunContext
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.identity import LoadContext
from models.reports import Counts, FeedReport, FeedStatus
from models.stages import FeedSpec
from models.storage.raw_store import RawStore

_CUT_SHORT: Final = "it ended before all was read; what is counted here is kept, and the same import goes on"
_MOST_KEPT: Final = 1_000  # reasons of one file; the others are counted


class ImportSums(Struct):
    """What became of one document so far, also where a bug ends it in the middle."""

    before: Counts  # what the documents before it came to
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
        partial(_load_and_count, context=context, raw=run.session.raw, so_far=(sums.before, sums.counts)),
    )
    run.forgotten += loaded.forgotten
    sums.add(loaded.counts)
    for problem in loaded.failures:
        sums.name(problem.message)


def _load_and_count(
    connection: Connection, reading: Reading, *, context: LoadContext, raw: RawStore, so_far: Sequence[Counts]
) -> Loaded | Lack:
    """Load a document and count it in the ledger: the import may be cut short before it writes its own row.

    That row then replaces this one, as that of a second try replaces a failure.
    """
    loaded = load_reading(connection, reading, context, raw)
    if not isinstance(loaded, Lack):
        counts = Counts.total((*so_far, loaded.counts))
        report = FeedReport(feed=context.feed_id, status=FeedStatus.FAILED, reason=_CUT_SHORT, counts=counts)
        record_feed(connection, context.run_id, FeedOutcome(report=report), context.now)
    return loaded
