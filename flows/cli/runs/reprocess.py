"""The `reprocess` command: read stored documents again with today's code."""

import asyncio
from datetime import date, datetime

import click

from config.settings import load_settings
from flows.cli.archive import archive_reading
from flows.cli.exit_codes import exit_code_of_run
from flows.cli.options import Day, json_option
from flows.cli.output.progress import shown_progress
from flows.cli.output.report import print_report
from flows.upkeep.reprocess import request_for, run_reprocess
from models.archive.reprocessing import Selection
from models.days import day_begin
from models.queries.ledger.runs import find_run


@click.command(epilog="Example: climate-archive reprocess --since 2026-07-01")
@click.option("--run", "run_id", metavar="ID", help='Only what this run brought; a number or "latest".')
@click.option("--feed", "feeds", metavar="ID", multiple=True, help="Only this feed; may be repeated.")
@click.option("--since", type=Day(), help="Only what came on this day or later.")
@json_option
@click.pass_context
def reprocess(
    ctx: click.Context, *, run_id: str | None, feeds: tuple[str, ...], since: date | datetime | None, as_json: bool
) -> None:
    """Parse, clean and label the stored bytes again with today's code; no network is used.

    A better text takes the place of the old one, whose hash stays on record; entries that older code did not
    understand become stories. Nothing is removed and no story counts as revised.
    """
    settings = load_settings()
    with archive_reading(settings) as connection:
        run = find_run(connection, run_id) if run_id is not None else None
    selection = Selection(run_id=run, feeds=feeds, since=day_begin(since, settings.zone))
    with shown_progress():
        report = asyncio.run(run_reprocess(settings, request_for(selection, started_by="hand"), selection))
    print_report(report, as_json=as_json)
    ctx.exit(exit_code_of_run(report, strict=False))
