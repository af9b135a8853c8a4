"""The `db` commands."""

import click

from config.settings import load_settings
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, say


@click.group()
def db() -> None:
    """Look after the database's tables."""


@db.command(epilog="Example: climate-archive db upgrade")
@json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the database to this version's tables.

    An SQLite database is copied first. `run` does this by itself on SQLite, and where a database is empty.
    """
    from flows.cli.upkeep.upgrade import upgrade_archive  # Alembic: half a second that `--help` shall not pay

    done = upgrade_archive(load_settings())
    if as_json:
        print_json({"before": done.before, "after": done.after, "copy": None if done.copy is None else str(done.copy)})
    elif done.before == done.after:
        say(f"The database is at revision {done.after}: nothing to do.")
    else:
        copy = f" As it was before, it is kept in {done.copy}." if done.copy else ""
        say(f"The database went from revision {done.before or 'none'} to {done.after}.{copy}")


@db.command(epilog="Example: climate-archive db recount")
def recount() -> None:
    """Count all stories anew for `counts`.

    Their sums are kept with every write; this is for an archive in which `runs check` finds a wrong one.
    """
    from flows.cli.archive import existing_engine
    from flows.upkeep.recount import recount_archive

    with existing_engine(load_settings()) as engine:
        recount_archive(engine)
    say("All stories and days of feeds are counted anew.")
