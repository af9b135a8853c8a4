"""Choose the feeds of a run by what an earlier run came to."""

from dataclasses import replace

from config.settings import Settings
from flows.runs.database import ready_engine
from flows.runs.opening import RunRequest
from models.database import read_transaction
from models.queries.runs import LATEST, find_fetching_run, run_report
from models.reports import FeedStatus


def failed_feeds(settings: Settings, request: RunRequest, run_id: str | int = LATEST) -> RunRequest:
    """Return the request to fetch again the feeds that failed in a run, among those asked for. Raise NotFound."""
    with ready_engine(settings) as engine, read_transaction(engine) as connection:
        report = run_report(connection, find_fetching_run(connection, run_id))
    failed = [feed.feed for feed in report.feeds if feed.status is FeedStatus.FAILED]
    chosen = tuple(feed for feed in failed if not request.feeds or feed in request.feeds)
    parameters = request.parameters | {"run": report.run_id, "failed": True}
    return replace(request, mode="rerun", feeds=chosen, parent_run_id=report.run_id, parameters=parameters)
