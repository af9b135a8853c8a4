"""The `backup` command: a copy of the whole archive."""

from importlib import metadata
from pathlib import Path
from typing import Any

import click

from config.settings import Settings, load_settings
from flows.cli.archive import existing_engine, raw_store
from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines, progress, say
from flows.runs.locks import archive_lock, file_lock
from flows.runs.session import utc_now
from models.backup.taking import LOCK, Archive, BackupContext, Taken, check_folder, take_backup
from models.errors import StorageError


@click.command(epilog="Example: climate-archive backup backups/archive")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@json_option
@click.pass_context
def backup(ctx: click.Context, *, folder: Path, as_json: bool) -> None:
    """Copy database and original documents into FOLDER, consistent also while a night is at work.

    Into the same folder again, only documents that are new are copied, and the former backup is replaced once the new
    one is whole. `restore` makes an archive from it, on SQLite or PostgreSQL alike.
    """
    taken = _take(load_settings(), folder.absolute())
    if as_json:
        print_json(_json(folder, taken))
    else:
        _say(folder, taken)
    if taken.manifest.documents.missing:
        ctx.exit(EXIT_FAILED)


def _take(settings: Settings, folder: Path) -> Taken:
    if folder.resolve().is_relative_to(settings.home.resolve()):
        raise StorageError(f"{folder} is in the archive's own folder: name another one for its backup.")
    with existing_engine(settings) as engine, archive_lock(engine, "backup"):
        archive = Archive(engine=engine, raw=raw_store(settings))
        check_folder(archive, folder)
        with file_lock(folder / LOCK, "backup", exclusive=True):
            return take_backup(archive, folder, BackupContext(now=utc_now(), software=_software()), progress)


def _software() -> str:
    return f"climate-archive {metadata.version('climate-archive')}"


def _json(folder: Path, taken: Taken) -> dict[str, Any]:
    counted = {"documents_copied": taken.copied, "documents_dropped": taken.dropped}
    return {"folder": str(folder)} | counted | taken.manifest.model_dump(mode="json")


def _say(folder: Path, taken: Taken) -> None:
    manifest = taken.manifest
    print_lines(
        f"{manifest.tables['stories']} stories with {manifest.tables['story_versions']} versions, "
        f"{manifest.documents.count} documents ({taken.copied} copied, {taken.dropped} dropped) are in {folder}."
    )
    if missing := manifest.documents.missing:
        print_lines(*(f"Lost or damaged in the archive itself: {digest}" for digest in missing))
        say("The backup has all but these; `climate-archive verify` says what is wrong with them.")
