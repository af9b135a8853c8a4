"""One run at work: what its feeds and pages share."""

from collections import Counter
from datetime import datetime
from typing import Final

from flows.night.desk import Desk
from flows.night.plan import Plan
from flows.night.workers import Workers
from flows.steps._urls import KEY_VERSION
from flows.steps.clean import CLEANER_VERSION
from flows.steps.extract import EXTRACTOR_VERSION
from flows.steps.fetch import Fetcher
from flows.steps.parse import PARSER_VERSION
from models.archive.versions import CodeVersions
from models.intents import PAGE_LEAD, Occasion
from models.reports import FeedReport, PageCounts, RunReport
from models.stages import FeedSpec, Relevance

CODE: Final = CodeVersions(extractor=f"{CLEANER_VERSION}.{EXTRACTOR_VERSION}", key=KEY_VERSION)
CODE_VERSION: Final = f"parse {PARSER_VERSION}, clean {CLEANER_VERSION}, extract {EXTRACTOR_VERSION}"


class Night:
    """A run in progress. Not a dataclass: Prefect takes those apart, field by field, when a task is given one."""

    def __init__(self, desk: Desk, fetcher: Fetcher, workers: Workers, plan: Plan) -> None:
        self.desk = desk
        self.fetcher = fetcher
        self.workers = workers
        self.plan = plan
        self.report: RunReport | None = None  # once the run is closed
        self.reports: dict[str, FeedReport] = {}
        self.tries: Counter[str] = Counter()  # of each feed, in passes
        self.patience: dict[str, datetime] = {}  # feeds that asked tonight to be left alone until then
        self.pages = PageCounts()
        self.forgotten: list[str] = []  # documents that nothing cites any more, for the sweep at the end

    @property
    def has_connected(self) -> bool:
        """Tell whether any server answered tonight, to this process or to another that shares the night."""
        return self.fetcher.has_connected or any(one.http_status is not None for one in self.reports.values())

    def occasion(self, spec: FeedSpec) -> Occasion:
        """Return the occasion of one feed's document."""
        return Occasion(
            feed_id=spec.id,
            position=spec.position,
            is_vouched=spec.relevance is Relevance.ASSUME,
            is_full_text=spec.full_text,
            run_id=self.plan.run_id,
            night=self.plan.night,
            now=self.desk.clock(),
        )

    def page_occasion(self) -> Occasion:
        """Return the occasion of one article page."""
        return Occasion(
            feed_id=PAGE_LEAD,
            position=0,
            is_vouched=True,
            is_full_text=True,
            run_id=self.plan.run_id,
            night=self.plan.night,
            now=self.desk.clock(),
        )
