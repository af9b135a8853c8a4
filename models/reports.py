"""What a run reports, a feed at a time: the ledger's values and their sums."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from msgspec import Struct, field
from msgspec.structs import replace


class RunMode(StrEnum):
    """What kind of run it was; docs/columns.md explains the words."""

    RUN = "run"
    RERUN = "rerun"
    IMPORT = "import"
    REPROCESS = "reprocess"
    RECLASSIFY = "reclassify"
    LABEL = "label"


class FeedStatus(StrEnum):
    """Outcome of a feed in a run."""

    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"
    SKIPPED = "skipped"


class RunStatus(StrEnum):
    """Outcome of a run."""

    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    SKIPPED = "skipped"
    CRASHED = "crashed"
    INTERRUPTED = "interrupted"


class _Counters(Struct, frozen=True):
    """Field-wise addition for the ledger's counters."""

    @classmethod
    def total(cls, parts: Iterable[Self]) -> Self:
        """Add parts field by field."""
        rows = list(parts)
        return cls(**{name: sum(getattr(row, name) for row in rows) for name in cls.__struct_fields__})


# Where a run's `parameters` have its MeaningCounts.
READ_SUMS: Final = "meaning"
# How the warning begins that entries came and went between two documents of a feed.
GAP: Final = "a gap"
# How the reason begins for which a feed is not asked: it failed too long, or said that it is gone.
RESTING: Final = ("dormant", "gone")
# How the warning begins that a document's stories came under other names than before.
RENAMED: Final = "links or ids are new"


class Counts(_Counters, frozen=True, kw_only=True):
    """Entries of one feed in one run; seen is the sum of the others."""

    seen: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    off_topic: int = 0
    failed: int = 0


class PageCounts(_Counters, frozen=True, kw_only=True):
    """Article pages of one run; due is the sum of the others."""

    due: int = 0
    completed: int = 0
    unchanged: int = 0
    revised: int = 0
    refused: int = 0
    gone: int = 0
    failed: int = 0
    left: int = 0


class MeaningCounts(_Counters, frozen=True, kw_only=True):
    """Stories that the second reader met in one run."""

    read: int = 0
    admitted: int = 0  # of those read: the first reader had turned them away
    failed: int = 0
    waiting: int = 0  # at the end of the run


class FeedReport(Struct, frozen=True, kw_only=True):
    """One row of the ledger: what a feed gave in a run."""

    feed: str
    status: FeedStatus
    reason: str | None = None
    error: str | None = None  # class name of models.errors
    http_status: int | None = None
    attempts: int = 0
    size_bytes: int = 0
    elapsed_ms: int = 0
    counts: Counts = field(default_factory=Counts)
    warnings: tuple[str, ...] = ()

    @classmethod
    def whole(cls, rows: Sequence[Self]) -> Self:
        """Return the rows of one feed in runs that followed each other as one row."""
        counts = Counts.total(row.counts for row in rows)
        return replace(
            rows[0],
            status=FeedStatus.FAILED if all(row.status is FeedStatus.FAILED for row in rows) else FeedStatus.OK,
            reason="; ".join(row.reason for row in rows if row.reason) or None,
            counts=counts,
            warnings=tuple(warning for row in rows for warning in row.warnings),
        )


class RunReport(Struct, frozen=True, kw_only=True):
    """A whole run, as `run --json` shows it."""

    run_id: int
    mode: str  # of RunMode
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None
    feeds: tuple[FeedReport, ...]
    pages: PageCounts
    reason: str | None = None
    meaning: MeaningCounts = field(default_factory=MeaningCounts)

    @classmethod
    def whole(cls, parts: Sequence[Self]) -> Self:
        """Return the report of runs over one source, one after the other, as if they were one: the first."""
        if len(parts) == 1:
            return parts[0]
        first, last = parts[0], parts[-1]
        rows = [row for part in parts for row in part.feeds]
        reasons = [part.reason for part in parts if part.reason]
        return replace(
            first,
            status=_status_of_all([part.status for part in parts]),
            finished_at=last.finished_at,
            feeds=(FeedReport.whole(rows),),
            pages=PageCounts.total(part.pages for part in parts),
            reason="; ".join(dict.fromkeys(reasons)) or None,
            meaning=replace(MeaningCounts.total(part.meaning for part in parts), waiting=last.meaning.waiting),
        )

    @property
    def failed(self) -> tuple[str, ...]:
        """Return the ids of the feeds that failed."""
        return tuple(report.feed for report in self.feeds if report.status is FeedStatus.FAILED)

    @property
    def totals(self) -> Counts:
        """Sum the feeds' counts."""
        return Counts.total(report.counts for report in self.feeds)


def _status_of_all(statuses: Sequence[RunStatus]) -> RunStatus:
    """Return how runs ended that followed each other as one: where only some failed, it did its work with errors."""
    return statuses[0] if len(set(statuses)) == 1 else RunStatus.COMPLETED_WITH_ERRORS
