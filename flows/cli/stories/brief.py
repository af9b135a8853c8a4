"""The `brief` command: what a night brought, in short."""

import click

from config.settings import load_settings
from flows.cli.archive import archive_reading
from flows.cli.output.terminal import plain_lines
from flows.exports.brief import FORMS
from flows.upkeep.telling.brief import brief_of
from models.queries.ledger.nights import find_night


@click.command(epilog="Example: climate-archive brief --format md")
@click.option(
    "--format", "kind", type=click.Choice(list(FORMS)), default="text", show_default=True, help="How it is written."
)
@click.option("--run", "run_id", metavar="RUN_ID", help="Another night than the last one.")
def brief(kind: str, run_id: str | None) -> None:
    """Tell what the last night brought: the stories that most outlets carry, by topic, and what was corrected.

    Every story has a sentence of its own text and its address; nothing is written anew.
    """
    settings = load_settings()
    with archive_reading(settings) as connection:
        made = brief_of(connection, find_night(connection, run_id), settings.zone)
    click.echo(plain_lines(FORMS[kind](made)), nl=False)
