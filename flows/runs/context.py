"""The state of a run in progress, which its feeds and pages share."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from flows.runs.gathered import GatheredWrites
from flows.runs.plan import RunPlan
from flows.runs.room import Room
from flows.runs.session import ArchiveSession
from flows.steps.fetch import Fetcher
from flows.steps.text.urls import KEY_VERSION
from flows.steps.versions import CLEANER_VERSION, EXTRACTOR_VERSION, PARSER_VERSION
from flows.workers.pool import JobPool
from models.archive.texts.versions import CodeVersions
from models.copies import CopyMarks, MarkedText
from models.identity import PAGE_SOURCE, LoadContext
from models.reports import FeedReport, MeaningCounts, PageCounts, RunReport
from models.search_words import Wording
from models.stages import FeedSpec, Relevance

log = logging.getLogger(__name__)

NewPool = Callable[[], AbstractAsyncContextManager[JobPool]]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

CODE: Final = CodeVersions(extractor=f"{CLEANER_VERSION}.{EXTRACTOR_VERSION}", key=KEY_VERSION)
PIPELINE_VERSION: Final = f"parse {PARSER_VERSION}, clean {CLEANER_VERSION}, extract {EXTRACTOR_VERSION}"
# Of documents at once, from their bytes to their rows; they take several times that in memory.
MOST_READ_BYTES: Final = 8_000_000


class RunContext:
    """A run in progress. Not a dataclass: Prefect takes those apart, field by field, when a task is given one."""

    def __init__(
        self, session: ArchiveSession, fetcher: Fetcher, workers: JobPool, plan: RunPlan, readers: NewPool = JobPool
    ) -> None:
        self.session = session
        self.fetcher = fetcher
        self.workers = workers
        self._idle_before_s = workers.idle_s
        self.plan = plan
        self.readers = readers  # makes the second reader's own workers, where the plan has time for it
        self._gathered: dict[Any, GatheredWrites[Any, Any]] = {}
        self.room = Room(MOST_READ_BYTES)
        self.report: RunReport | None = None  # once the run is closed
        self.reports: dict[str, FeedReport] = {}
        self.tries: Counter[str] = Counter()  # of each feed, in passes
        self.retry_after: dict[str, datetime] = {}  # feeds that asked tonight to be left alone until then
        self.pages = PageCounts()
        self.meaning = MeaningCounts()
        self.words: dict[Wording, tuple[str, ...]] = {}  # of stories that wait for the search index
        self.is_indexing = False  # some of them, at the moment
        self.marks: dict[MarkedText, CopyMarks] = {}  # of stories that will be compared with others
        self.sketches: dict[int, bytes] = {}  # of stories that were
        self.compares = True  # beside its work; not where another process has opened the run, and does
        self.uncompared = 0  # texts that came since a batch was compared
        self.is_comparing = False  # some of them, at the moment
        self.forgotten: list[str] = []  # documents that nothing cites any more, for the sweep at the end
        self.troubles: list[str] = []  # what the work at its end could not do, each in a sentence without its full stop

    @property
    def waited(self) -> timedelta:
        """Return how long its workers had nothing to do: the run waited for servers then."""
        return timedelta(seconds=max(0.0, self.workers.idle_s - self._idle_before_s))

    @property
    def has_connected(self) -> bool:
        """Tell whether any server answered tonight, to this process or to another that shares the night."""
        return self.fetcher.has_connected or any(one.http_status is not None for one in self.reports.values())

    def trouble(self, said: str) -> None:
        """Remember something that the work at the run's end could not do: the run's outcome says it."""
        if said not in self.troubles:
            log.warning("At the run's end: %s", said)
            self.troubles.append(said)

    def gathered(
        self, work: Callable[[Connection, Sequence[_Item]], Sequence[_Result]]
    ) -> GatheredWrites[_Item, _Result]:
        """Return where the items of this work are gathered."""
        return self._gathered.setdefault(work, GatheredWrites(self.session, work))

    def context(self, spec: FeedSpec) -> LoadContext:
        """Return the context in which one feed's document is loaded."""
        return LoadContext(
            feed_id=spec.id,
            position=spec.position,
            is_vouched=spec.relevance is Relevance.ASSUME,
            is_full_text=spec.full_text,
            run_id=self.plan.run_id,
            run_ids=self.plan.run_ids,
            now=self.session.clock(),
            is_whole=self.plan.is_whole,
        )

    def page_context(self) -> LoadContext:
        """Return the context in which one article page is loaded."""
        return LoadContext(
            feed_id=PAGE_SOURCE,
            position=0,
            is_vouched=True,
            is_full_text=True,
            run_id=self.plan.run_id,
            run_ids=self.plan.run_ids,
            now=self.session.clock(),
        )
