"""Commands that fetch: run, rerun. What does their work is imported when they run: a help must not pay for it."""

import click

from flows.cli.loading import loading
from flows.cli.options import json_option

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
    from flows.cli.runs.early import begin_early_if_new

    begin_early_if_new()
    with loading():
        from flows.cli.runs.performing import run_night

    ctx.exit(run_night(feeds, dry_run=dry_run, direct=direct, strict=strict, as_json=as_json))


@click.command(epilog="Example: climate-archive rerun latest --failed")
@click.argument("run_id")
@click.option("--failed", is_flag=True, help="Only the feeds that failed in that run.")
@direct_option
@strict_option
@json_option
@click.pass_context
def rerun(ctx: click.Context, *, run_id: str, failed: bool, direct: bool, strict: bool, as_json: bool) -> None:
    """Fetch the feeds of an earlier run again; RUN_ID is a number or "latest"."""
    with loading():
        from flows.cli.runs.performing import run_again

    ctx.exit(run_again(run_id, only_failed=failed, direct=direct, strict=strict, as_json=as_json))
