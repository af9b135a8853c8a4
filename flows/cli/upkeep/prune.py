"""The `prune` command: housekeeping."""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec.structs import asdict

from config.settings import Settings, load_settings
from flows.cli.archive import existing_engine
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines
from flows.runs.database import make_folder
from flows.runs.session import utc_now
from flows.upkeep.prune import prune as prune_archive


@click.command(epilog="Example: climate-archive prune --dry-run")
@click.option("--dry-run", is_flag=True, help="Count only, and delete nothing.")
@json_option
def prune(*, dry_run: bool, as_json: bool) -> None:
    """Delete old requests that no version cites, documents that nothing names, left-over files, old flow runs.

    Stories, versions and the documents that they name are never touched. It may run beside a night.
    """
    settings = load_settings()
    with existing_engine(settings):
        pass  # a folder without an archive is left as it is
    done = prune_archive(settings, utc_now(), is_rehearsal=dry_run)
    freed = _prune_history(settings, is_rehearsal=dry_run)
    if as_json:
        print_json({"dry_run": dry_run} | asdict(done) | {"prefect_bytes": freed})
    else:
        print_lines(
            f"{'Would go' if dry_run else 'Gone'}: {done.fetches} rows of fetches, {done.documents} documents, "
            f"{done.temp_files} left-over files, {done.freed_bytes} bytes; {freed} bytes of Prefect's history."
        )


def _prune_history(settings: Settings, *, is_rehearsal: bool) -> int:
    """Return by how many bytes Prefect's history shrinks; rehearsed on a copy."""
    database = settings.home / "prefect" / "prefect.db"
    if not database.is_file():
        return 0  # Prefect takes seconds to import
    from flows.server.environment import prepare_prefect

    prepare_prefect(settings, is_server=True)
    if not is_rehearsal:
        from flows.prune import prune_history

        return asyncio.run(prune_history(database))
    make_folder(settings.home / "tmp")
    with TemporaryDirectory(dir=settings.home / "tmp") as folder:
        copy = Path(folder) / database.name
        os.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{copy}"
        from flows.prune import rehearse_history

        return asyncio.run(rehearse_history(database, copy))
