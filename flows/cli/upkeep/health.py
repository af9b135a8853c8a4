"""The `health` command: what needs a person's attention."""

from datetime import datetime

import click
from msgspec.structs import asdict

from config.settings import Settings, load_settings
from flows.cli.archive import existing_engine
from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json
from flows.steps.vectors import encoder_version
from flows.upkeep.telling.alerts import look, tell_changes, try_addresses
from models.errors import ConfigError
from models.queries.filters import StoryFilter, count_stories
from models.storage.database import read_transaction
from models.waiting import count_waiting


@click.command(epilog="Example: climate-archive health --alert")
@click.option("--alert", is_flag=True, help="Send what has changed to CLIMATE_ARCHIVE_ALERTS__URLS, as a night does.")
@click.option("--test-alert", is_flag=True, help="Send a test to each of these addresses, and say who took it.")
@json_option
@click.pass_context
def health(ctx: click.Context, *, alert: bool, test_alert: bool, as_json: bool) -> None:
    """Say what needs a person: feeds that died, fell silent, shrank or moved, nights that were missed, a full disk."""
    settings = load_settings()
    if test_alert:
        ctx.exit(_test_alert(settings, as_json=as_json))
    with existing_engine(settings) as engine:
        found = look(settings, engine, datetime.now(settings.zone))
        with read_transaction(engine) as connection:
            doubtful = count_stories(connection, StoryFilter(needs_review=True))
            waiting = count_waiting(connection)
    if alert:
        tell_changes(settings, found)
    if as_json:
        print_json({"findings": [asdict(one) for one in found], "needs_review": doubtful, "waiting": waiting})
    else:
        for one in found:
            click.echo(one.message)
        if not found:
            click.echo("Nothing needs a person.")
        if doubtful:  # no trouble: a day without a doubt would be a strange one
            click.echo(f"Doubtful topics: {doubtful}; `climate-archive search --needs-review` lists those stories.")
        if waiting and encoder_version() is not None:
            click.echo(f"Unread by the second reader: {waiting}; `climate-archive reclassify --waiting` reads now.")
    ctx.exit(EXIT_FAILED if found else 0)


def _test_alert(settings: Settings, *, as_json: bool) -> int:
    """Send a test to each address; return the exit code, 1 where any took nothing. Raise ConfigError without any."""
    told = try_addresses(settings)
    if not told:
        raise ConfigError("CLIMATE_ARCHIVE_ALERTS__URLS names nobody: there is no address to send a test to.")
    if as_json:
        print_json({"addresses": [{"kind": kind, "refusal": refusal} for kind, refusal in told]})
    else:
        for place, (kind, refusal) in enumerate(told, start=1):
            outcome = f"took nothing: {refusal}" if refusal else "took the test"
            click.echo(f"Address {place} of {len(told)} ({kind}) {outcome}.")
    return EXIT_FAILED if any(refusal for _, refusal in told) else 0
