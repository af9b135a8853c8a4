"""Choose the feeds of a run by what an earlier run came to."""

from msgspec.structs import replace
from sqlalchemy import Connection

from config.settings import Settings
from flows.runs.database import ready_engine
from flows.runs.opening import RunRequest
from models.queries.ledger.runs import feeds_without_answer, find_fetching_run, run_report
from models.storage.database import read_transaction


def failed_feeds(settings: Settings, request: RunRequest, run_id: str) -> RunRequest:
    """Return the request to fetch again what gave nothing in a run, of the feeds asked for. Raise NotFound."""
    with ready_engine(settings) as engine, read_transaction(engine) as connection:
        return fetch_again(connection, request, run_id, only_failed=True)


def fetch_again(connection: Connection, request: RunRequest, run_id: str | int, *, only_failed: bool) -> RunRequest:
    """Return the request to fetch a run's feeds again, or those that gave nothing in it. Raise NotFound.

    Where the request names feeds, only those of them are asked.
    """
    report = run_report(connection, find_fetching_run(connection, run_id))
    feeds = tuple(feed.feed for feed in report.feeds)
    if only_failed:
        feeds = feeds_without_answer(connection, report.run_id)
    chosen = tuple(feed for feed in feeds if not request.feeds or feed in request.feeds)
    parameters = request.parameters | {"run": report.run_id, "failed": only_failed}
    return replace(request, mode="rerun", feeds=chosen, parent_run_id=report.run_id, parameters=parameters)
