"""The `restore` command: an archive from a backup."""

from pathlib import Path
from typing import Any

import click

from config.settings import Settings, load_settings
from flows.cli.archive import raw_store
from flows.cli.options import json_option
from flows.cli.output.terminal import moment, print_json, print_lines, progress, say
from flows.runs.database import make_folder
from flows.runs.locks import archive_lock
from flows.runs.session import utc_now
from flows.upkeep import withdraw
from models.backup.restoring import Restored, restore_backup
from models.backup.taking import Archive
from models.storage.database import create_database_engine
from models.wording import counted


@click.command(epilog="Example: CLIMATE_ARCHIVE_HOME=new climate-archive restore backups/archive")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def restore(folder: Path, *, as_json: bool) -> None:
    """Make an archive from a backup in FOLDER: in an empty place only, with every digest compared on the way."""
    settings = load_settings()
    done = _restore(settings, folder.absolute())
    if as_json:
        print_json(_json(folder, done))
        return
    print_lines(
        f"{done.tables['stories']} stories with {done.tables['story_versions']} versions and {done.documents} "
        f"documents are as they were at {moment(done.manifest.created_at, settings.zone)}, each digest compared."
    )
    if missing := done.manifest.documents.missing:
        say(f"Lost before the backup: {counted(len(missing), 'document')}; `climate-archive verify` names them.")


def _restore(settings: Settings, folder: Path) -> Restored:
    engine = create_database_engine(settings.sqlalchemy_url)
    try:
        make_folder(settings.home)
        if engine.dialect.name == "sqlite" and engine.url.database is not None:
            make_folder(Path(engine.url.database).parent)
        with archive_lock(engine, "restore", exclusive=True):
            archive = Archive(engine=engine, raw=raw_store(settings))
            done = restore_backup(folder, archive, settings.home / "tmp", utc_now(), progress)
            place = withdraw.TakedownScope(engine=engine, raw=archive.raw, home=settings.home)
            if count := withdraw.take_down_again(place, utc_now()):
                say(f"Withdrawn again: {counted(count, 'story', 'stories')} of {withdraw.LIST}.")
            return done
    finally:
        engine.dispose()


def _json(folder: Path, done: Restored) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "created_at": done.manifest.model_dump(mode="json")["created_at"],
        "tables": done.tables,
        "documents": done.documents,
        "missing": list(done.manifest.documents.missing),
    }
