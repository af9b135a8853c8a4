"""What `run` and `rerun` do: perform a request with its progress shown, and report it."""

import asyncio

from config.feeds import load_feeds
from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.exit_codes import exit_code_of_run
from flows.cli.output.progress import shown_progress
from flows.cli.output.report import print_report
from flows.cli.output.terminal import say
from flows.ingest.direct import run_directly
from flows.runs.choice import fetch_again
from flows.runs.opening import RunRequest, check_request, choose, record_needless_run, record_skipped_run
from flows.runs.outcome import OFFLINE
from models.errors import LockHeld
from models.reports import RunReport, RunStatus


def run_night(feeds: tuple[str, ...], *, dry_run: bool, direct: bool, strict: bool, as_json: bool) -> int:
    """Fetch these feeds, by default all; return the exit code."""
    settings = load_settings()
    request = RunRequest(feeds=feeds, is_rehearsal=dry_run, parameters={"strict": strict})
    report = _perform(settings, request, direct=direct or dry_run)
    _show(report, as_json=as_json)
    if direct and not dry_run and not feeds:
        _look_after(settings, report)
    if dry_run:
        say("This was a dry run: nothing of it was kept.")
    return exit_code_of_run(report, strict=strict)


def run_again(run_id: str, *, only_failed: bool, direct: bool, strict: bool, as_json: bool) -> int:
    """Fetch the feeds of an earlier run again, or only those that failed; return the exit code."""
    settings = load_settings()
    request = _again(settings, run_id, only_failed=only_failed)
    if not request.feeds:
        _tell_needless(
            record_needless_run(settings, request, _why_needless(request, failed=only_failed)), as_json=as_json
        )
        return 0
    report = _perform(settings, request, direct=direct)
    _show(report, as_json=as_json)
    return exit_code_of_run(report, strict=strict)


def _perform(settings: Settings, request: RunRequest, *, direct: bool) -> RunReport:
    """Run a request with its progress shown; one that finds the archive taken is recorded as skipped."""
    with shown_progress():
        if direct:
            try:
                return asyncio.run(run_directly(settings, request))
            except LockHeld as held:
                return record_skipped_run(settings, request, held)
        return _run_with_prefect(settings, request)


def _look_after(settings: Settings, report: RunReport) -> None:
    """Do what follows a night, as its flow does under Prefect."""
    if report.status is not RunStatus.SKIPPED:
        from flows.upkeep.telling.after_night import look_after  # who waits to see a night begin need not wait for this

        look_after(settings, report)


def _show(report: RunReport, *, as_json: bool) -> None:
    if report.reason == OFFLINE and not as_json:
        say(report.reason)  # a table of feeds that all say the same helps nobody
    else:
        print_report(report, as_json=as_json)


def _why_needless(request: RunRequest, *, failed: bool) -> str:
    found = "No feed failed in" if failed else "No feed was asked in"
    return f"{found} run {request.parent_run_id}: there is nothing to fetch again."


def _tell_needless(report: RunReport, *, as_json: bool) -> None:
    if as_json:
        print_report(report, as_json=True)
    else:
        say(report.reason or "")


def _run_with_prefect(settings: Settings, request: RunRequest) -> RunReport:
    from flows.server.environment import prepare_prefect
    from flows.server.server import reachable_server

    choose(load_feeds(settings.feeds_file), request.feeds)
    say("Starting Prefect, which takes some seconds; --direct does without it.")
    check_request(settings, request)  # Prefect takes its time to begin; a mistake need not
    prepare_prefect(settings)
    wait_until_ready = reachable_server()
    from flows.nightly import run_with_prefect

    wait_until_ready()
    return asyncio.run(run_with_prefect(settings, request))


def _again(settings: Settings, run_id: str, *, only_failed: bool) -> RunRequest:
    with archive_reading(settings) as connection:
        return fetch_again(connection, RunRequest(), run_id, only_failed=only_failed)
