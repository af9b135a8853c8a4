"""Commands that fetch: run, rerun."""

import asyncio

import click

from config.feeds import load_feeds
from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.exit_codes import exit_code_of_run
from flows.cli.options import json_option
from flows.cli.output.progress import shown_progress
from flows.cli.output.report import print_report
from flows.cli.output.terminal import say
from flows.ingest.direct import run_directly
from flows.runs.choice import fetch_again
from flows.runs.opening import RunRequest, check_request, choose, record_needless_run, record_skipped_run
from flows.runs.outcome import OFFLINE
from models.errors import LockHeld
from models.reports import RunReport

feed_option = click.option("--feed", "feeds", metavar="ID", multiple=True, help="Only this feed; may be repeated.")
direct_option = click.option("--direct", is_flag=True, help="Without Prefect: the same code in this process alone.")
strict_option = click.option("--strict", is_flag=True, help="Exit with 3 where any feed failed.")


@click.command(epilog="Example: climate-archive run --feed carbon-brief --dry-run")
@feed_option
@direct_option
@click.option("--dry-run", is_flag=True, help="Do everything and keep nothing.")
@strict_option
@json_option
@click.pass_context
def run(
    ctx: click.Context, *, feeds: tuple[str, ...], direct: bool, dry_run: bool, strict: bool, as_json: bool
) -> None:
    """Archive one night now: fetch the feeds, follow their stories to the pages, keep what is new."""
    settings = load_settings()
    request = RunRequest(feeds=feeds, is_rehearsal=dry_run, parameters={"strict": strict})
    report = perform(settings, request, direct=direct or dry_run)
    _show(report, as_json=as_json)
    if dry_run:
        say("This was a dry run: nothing of it was kept.")
    ctx.exit(exit_code_of_run(report, strict=strict))


@click.command(epilog="Example: climate-archive rerun latest --failed")
@click.argument("run_id")
@click.option("--failed", is_flag=True, help="Only the feeds that failed in that run.")
@direct_option
@strict_option
@json_option
@click.pass_context
def rerun(ctx: click.Context, *, run_id: str, failed: bool, direct: bool, strict: bool, as_json: bool) -> None:
    """Fetch the feeds of an earlier run again; RUN_ID is a number or "latest"."""
    settings = load_settings()
    request = _again(settings, run_id, only_failed=failed)
    if not request.feeds:
        _tell_needless(record_needless_run(settings, request, _why_needless(request, failed=failed)), as_json=as_json)
        return
    report = perform(settings, request, direct=direct)
    _show(report, as_json=as_json)
    ctx.exit(exit_code_of_run(report, strict=strict))


def perform(settings: Settings, request: RunRequest, *, direct: bool) -> RunReport:
    """Run a request with its progress shown; one that finds the archive taken is recorded as skipped."""
    with shown_progress():
        if direct:
            try:
                return asyncio.run(run_directly(settings, request))
            except LockHeld as held:
                return record_skipped_run(settings, request, held)
        return _run_with_prefect(settings, request)


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
