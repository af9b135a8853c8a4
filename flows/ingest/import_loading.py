"""Load a parsed document that somebody handed in: a text, a saved page, a page of a web archive."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.ingest.loading import Loaded, load_reading, supply
from flows.ingest.reading import ParsedDocument, Reading, read_entries
from flows.ingest.settling import Lack, settle
from flows.runs.bugs import bug_problem
from flows.runs.context import RunContext
from models.archive.ledger.runs import FeedOutcome, record_feed
from models.errors import ArchiveError, Permanent
from models.identity import LoadContext
from models.reports import Counts, FeedReport, FeedStatus
from models.stages import FeedSpec
from models.storage.raw_store import RawStore

MOST_KEPT: Final = 1_000  # reasons of one file; the others are counted
_CUT_OFF: Final = "the import was cut off; begun again, it goes on from here"

Load = Callable[[Connection, Reading, LoadContext, RawStore], Loaded | Lack]
CaptureLoad = Callable[[Collection[str], Connection, Reading, LoadContext, RawStore], Loaded | Lack]


class ImportSums(Struct):
    """What became of one document in one run so far, also where a bug ends it in the middle."""

    counts: Counts = field(default_factory=Counts)
    refused: list[str] = field(default_factory=list)  # a reason for each story or page that is not taken
    older: list[str] = field(default_factory=list)  # captures that were passed over, as later ones are known
    passed_over: int = 0  # of them, also those that are not named
    revisited: list[str] = field(default_factory=list)  # pages that records name as those of others
    revisits: int = 0  # of these records, all; they are no stories, and not counted as such
    nothing_why: str | None = None  # why there was nothing in it to take

    def add(self, counts: Counts) -> None:
        """Count stories."""
        self.counts = Counts.total((self.counts, counts))

    def take(self, loaded: Loaded) -> None:
        """Count what became of a document's entries."""
        self.add(loaded.counts)
        for problem in loaded.failures:
            self._name(problem.message)

    def refuse(self, reason: str) -> None:
        """Count a story or page that is not taken."""
        self.add(Counts(seen=1, failed=1))
        self._name(reason)

    def pass_over(self, which: str) -> None:
        """Count a page as known before, and name it: it was passed over unread."""
        self.add(Counts(seen=1, unchanged=1))
        self.passed_over += 1
        self.older += [which] if len(self.older) < MOST_KEPT else []

    def revisit(self, url: str) -> None:
        """Name a page that a record says to be that of another."""
        self.revisits += 1
        self.revisited += [url] if len(self.revisited) < MOST_KEPT else []

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse what cannot be read within the context; a bug costs it alone, not what stands behind it."""
        try:
            yield
        except Permanent as error:
            self.refuse(str(error))
        except ArchiveError:
            raise  # the archive itself cannot go on
        except Exception as error:  # noqa: BLE001  (see above)
            self.refuse(bug_problem(error).message)

    def _name(self, reason: str) -> None:
        self.refused += [reason] if len(self.refused) < MOST_KEPT else []


class HandedIn(Struct, frozen=True, kw_only=True):
    """A document, and what became of it in one run."""

    path: Path
    sums: ImportSums = field(default_factory=ImportSums)


class MustWait(Exception):
    """Raised where a text would take the place of another that the same run has brought, or overtake one that waits."""

    def __init__(self, stories: tuple[str, ...]) -> None:
        super().__init__(f"{' and '.join(stories)}: another capture comes first")
        self.stories = stories  # their uids


class WouldReturn(Exception):
    """Raised where a text that its story had before would come back."""


def load_beside(
    waiting: Collection[str], connection: Connection, reading: Reading, context: LoadContext, raw: RawStore
) -> Loaded | Lack:
    """Load as load_reading does, but nothing in a text's place that this run has brought, or of a story that waits.

    Raise MustWait.
    """
    loaded = load_reading(connection, reading, context, raw)
    if isinstance(loaded, Loaded) and (loaded.replaced or any(uid in waiting for uid in loaded.stories)):
        raise MustWait(loaded.stories)
    return loaded


def load_beside_its_moment(
    waiting: Collection[str], connection: Connection, reading: Reading, context: LoadContext, raw: RawStore
) -> Loaded | Lack:
    """Load as load_beside does, but no text that its story had before. Raise WouldReturn too."""
    loaded = load_beside(waiting, connection, reading, context, raw)
    if isinstance(loaded, Loaded) and loaded.restored:
        raise WouldReturn
    return loaded


async def load_import(
    run: RunContext, spec: FeedSpec, read: ParsedDocument, context: LoadContext, load: Load = load_reading
) -> Loaded:
    """Read the entries of a document and load them; the run's row of the ledger says so with them.

    At its end the run writes the row anew, with what else it met. Until then it is that of a run that was cut off.
    """
    before = run.reports.get(spec.id) or FeedReport(feed=spec.id, status=FeedStatus.FAILED, reason=_CUT_OFF)

    def counted(loaded: Loaded) -> FeedReport:
        return replace(before, counts=Counts.total((before.counts, loaded.counts)))

    def write(connection: Connection, reading: Reading) -> Loaded | Lack:
        loaded = load(connection, reading, context, run.session.raw)
        if isinstance(loaded, Loaded):
            record_feed(connection, context.run_id, FeedOutcome(report=counted(loaded)), context.now)
        return loaded

    reading = await read_entries(run, spec, read)
    loaded = await settle(run.session, reading, partial(supply, run, spec), write)
    run.reports[spec.id] = counted(loaded)
    run.forgotten += loaded.forgotten
    return loaded
