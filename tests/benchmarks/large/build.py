"""Build large archives: nights of 500 stories about climate, of 200 feeds, with all that is kept of them.

The same number of stories gives the same rows, and a smaller archive is the beginning of a larger one. What is written
is what nights would have written, but for the way to it; their documents are not kept.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, func, select, text

from config.topics import load_topics
from flows.runs.context import PIPELINE_VERSION
from flows.steps.versions import COPY_RULES, CORRECTION_RULES
from models.archive.ledger.feeds import sync_feeds, sync_topics
from models.archive.ledger.runs import (
    FeedOutcome,
    NewRun,
    RequestOwner,
    finish_run,
    record_all_requests,
    record_feeds,
    start_run,
)
from models.archive.texts.following import begun, go_on
from models.migrations.migrate import upgrade
from models.reports import Counts, FeedReport, FeedStatus, RunStatus
from models.stages import Request
from models.storage.database import create_database_engine, write_transaction
from models.tables.changes import ChangeRow
from models.tables.keys import table_of
from models.tables.runs import Run
from models.tables.stories import Story, StoryVersion
from tests.benchmarks.large.drafts import STORIES_A_NIGHT, SUMMARY, Draft, drafts_of, feed_specs, night_at
from tests.benchmarks.large.rows import RUN_TAKES, Runs, write_night

_AT_ONCE: Final = 10  # nights a transaction
_LATER: Final = timedelta(hours=13)
_ASKED_LATER: Final = 20  # feeds
_HELPERS: Final = 2  # processes that make stories, while this one writes them
_HTTP: Final = {FeedStatus.FAILED: 503, FeedStatus.OK: 200, FeedStatus.UNCHANGED: 304}
_OF_NOTHING: Final = (FeedStatus.FAILED, *[FeedStatus.UNCHANGED] * 9)
# What is built is built again when the power fails.
_PRAGMAS: Final = ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-2000000")


def build(url: str, stories: int, show: Callable[[int], None] = lambda _: None, length: int = SUMMARY) -> None:
    """Make an archive of so many stories about climate, or go on with a smaller one; show is told how far it is."""
    engine = create_database_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hurry)
    try:
        upgrade(engine)
        _grow(engine, -(-stories // STORIES_A_NIGHT), show, length)
    finally:
        engine.dispose()


def _hurry(connection: Any, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _grow(engine: Engine, nights: int, show: Callable[[int], None], length: int) -> None:
    with write_transaction(engine) as connection:
        sync_topics(connection, load_topics(None))
        sync_feeds(connection, feed_specs(), night_at(0))
        begun(connection, "copies", COPY_RULES, table_of(Story))
        begun(connection, "corrections", CORRECTION_RULES, table_of(StoryVersion))
        done = (connection.scalar(select(func.count()).select_from(Run)) or 0) // 2
    topics = [topic.id for topic in load_topics(None).topics]
    made = _made_ahead(
        partial(drafts_of, database=engine.dialect.name, topics=topics, length=length), range(done, nights)
    )
    for first in range(done, nights, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, nights))
        with write_transaction(engine) as connection:
            for number in numbers:
                _write(connection, number, next(made))
        show((numbers[-1] + 1) * STORIES_A_NIGHT)
    with write_transaction(engine) as connection:
        last = connection.scalar(select(func.max(ChangeRow.id)))
        go_on(connection, "copies", COPY_RULES, change_id=last)
        go_on(connection, "corrections", CORRECTION_RULES, change_id=last)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))  # its autovacuum would have by now


def _made_ahead(make: Callable[[int], list[Draft]], numbers: range) -> Iterator[list[Draft]]:
    """Give what is made of each number, in order, the next ones being made meanwhile."""
    with ProcessPoolExecutor(_HELPERS, mp_context=get_context("spawn")) as pool:
        rest = iter(numbers)
        waiting: list[Future[list[Draft]]] = [pool.submit(make, number) for number in islice(rest, 2 * _HELPERS)]
        while waiting:
            yield waiting.pop(0).result()
            waiting += [pool.submit(make, number) for number in islice(rest, 1)]


def _write(connection: Connection, number: int, drafts: Sequence[Draft]) -> None:
    first_at, second_at = night_at(number), night_at(number) + _LATER
    counts, later = _first_counts(number, drafts), _second_counts(number, drafts)
    runs = Runs(
        first=_start(connection, "schedule", {"asked": list(counts)}, first_at),
        first_at=first_at,
        second=_start(connection, "hand", {"feeds": list(later)}, second_at),
        second_at=second_at,
    )
    write_night(connection, drafts, runs, {spec.id: spec.position for spec in feed_specs()})
    for run_id, began, sums in ((runs.first, first_at, counts), (runs.second, second_at, later)):
        _record(connection, run_id, began, sums)
        finish_run(connection, run_id, RunStatus.COMPLETED, None, began + RUN_TAKES)


def _start(connection: Connection, started_by: str, parameters: dict[str, Any], now: datetime) -> int:
    new = NewRun(mode="run", started_by=started_by, code_version=PIPELINE_VERSION, parameters=parameters)
    return start_run(connection, new, now)


def _record(connection: Connection, run_id: int, began: datetime, counts: Mapping[str, Counts]) -> None:
    """Write what each feed gave in a run, with its request; a few of those that gave nothing failed."""
    choose = random.Random(f"ledger {run_id}")
    reports = [_report(feed, seen, choose) for feed, seen in counts.items()]
    outcomes = [
        FeedOutcome(report=one, versions=one.counts.new + one.counts.updated + one.counts.off_topic) for one in reports
    ]
    record_feeds(connection, run_id, outcomes, began + RUN_TAKES)
    owned = [(RequestOwner(run_id=run_id, feed_id=one.feed), (_request(one, began),)) for one in reports]
    record_all_requests(connection, owned)


def _report(feed: str, seen: Counts, choose: random.Random) -> FeedReport:
    status = FeedStatus.OK if seen.seen else choose.choice(_OF_NOTHING)
    is_failed = status is FeedStatus.FAILED
    return FeedReport(
        feed=feed,
        status=status,
        reason="503 Service Unavailable" if is_failed else None,
        error="ServerError" if is_failed else None,
        http_status=_HTTP[status],
        attempts=1,
        size_bytes=2_000 * seen.seen,
        elapsed_ms=choose.randrange(40, 900),
        counts=seen,
    )


def _request(report: FeedReport, began: datetime) -> Request:
    return Request(
        url=f"https://{report.feed}.example/feed",
        attempt=1,
        started_at=began,
        elapsed_ms=report.elapsed_ms,
        status=report.http_status,
        size_bytes=report.size_bytes,
    )


def _first_counts(number: int, drafts: Sequence[Draft]) -> dict[str, Counts]:
    """Return what each feed gave in a night's first run; a feed that had anything shows what it had before as well."""
    choose = random.Random(f"entries {number}")
    new = Counter(one.feeds[0] for one in drafts if one.is_relevant)
    off_topic = Counter(one.feeds[0] for one in drafts if not one.is_relevant)
    again = Counter(feed for one in drafts for feed in one.feeds[1:])
    counts = {}
    for feed in (spec.id for spec in feed_specs()):
        told = {"new": new[feed], "off_topic": off_topic[feed], "duplicate": again[feed]}
        told["unchanged"] = choose.randrange(0, 20) if any(told.values()) else 0
        counts[feed] = Counts(seen=sum(told.values()), **told)
    return counts


def _second_counts(number: int, drafts: Sequence[Draft]) -> dict[str, Counts]:
    """Return what some feeds gave in the run of a night's day."""
    updated = Counter(one.feeds[0] for one in drafts if len(one.texts) > 1)
    others = random.Random(f"later {number}").sample([spec.id for spec in feed_specs()], _ASKED_LATER)
    return {feed: Counts(seen=updated[feed], updated=updated[feed]) for feed in sorted({*updated, *others})}
