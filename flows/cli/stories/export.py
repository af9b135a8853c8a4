"""The `export` command."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace
from sqlalchemy import Connection

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading, raw_store
from flows.cli.options import Narrowing, filter_options
from flows.cli.output.terminal import progress, say, stdout_bytes
from flows.cli.stories.changes import ChangesRequest, export_changes
from flows.cli.stories.export_files import folder_of_tables, kind_of, told
from flows.exports.context import ExportContext
from flows.exports.feed_head import feed_head
from flows.exports.files import whole_file
from flows.exports.folders import whole_folder
from flows.exports.parquet_tables import write_tables
from flows.exports.registry import DEFAULT_FORMAT, FORMATS
from models.errors import NotFound, StorageError
from models.queries.captures import captures_of
from models.queries.filters import count_stories
from models.queries.stories import iterate_stories, newest_first
from models.queries.table_rows import TABLES
from models.storage.raw_store import RawStore
from models.wording import counted

_KINDS = "; ".join(f"{name}: {one.summary}" for name, one in FORMATS.items())


@click.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    help=f"{_KINDS}.  [default: as the file's name ends; without an ending {DEFAULT_FORMAT}]",
)
@click.option(
    "-o", "--output", metavar="FILE", help="The file to write; it appears whole or not at all.  [default: stdout]"
)
@click.option(
    "--changed-since",
    metavar="RUN_ID|MOMENT|CURSOR",
    help="Only what is new, changed or gone since: behind a run, from a day or moment on, or behind the cursor of an "
    "earlier such export.",
)
@click.option(
    "--tables", is_flag=True, help="In parquet: -o is a folder for stories, versions, labels, evidence, clusters."
)
@click.option("--by-month", is_flag=True, help="With --tables: a folder of stories for each month.")
@filter_options
def export(
    kind: str | None,
    output: str | None,
    changed_since: str | None,
    *,
    tables: bool,
    by_month: bool,
    **narrowed: Any,  # noqa: ANN401 (the options of a Narrowing)
) -> None:
    """Write stories to a file or to stdout, the first that came first.

    jsonl is for programs: a story a line, each a JSON object with its text, topics and versions' count. csv is a table
    for spreadsheets, parquet one for notebooks, atom and jsonfeed are feeds, warc has the original documents. -o takes
    the name of a file, whose ending names the format where --format does not.

    Copies of one text have the same cluster_id. With --unique only the earliest of them is written that meets all
    else that was asked for.

    With --changed-since each story that changed comes once, as it stands now; of one that is gone, a tombstone. Each
    has a cursor: give the last one as --changed-since the next time, and nothing is missed and nothing comes twice.

    \b
    climate-archive export --changed-since latest
    climate-archive export -o stories.csv
    climate-archive export --topic policy --since 2026-01-01 | jq .title
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    output = None if output == "-" else output
    if by_month and not tables:
        raise click.UsageError("--by-month parts the stories of --tables.")
    if tables and changed_since is not None:
        raise click.UsageError("--tables has no tombstones: leave --changed-since out.")
    if tables:
        _export_tables(settings, folder_of_tables(kind, output), Narrowing(**narrowed), by_month=by_month)
    elif changed_since is not None:
        _export_changes(settings, changed_since, Narrowing(**narrowed), kind_of(kind, output), output)
    else:
        _export_stories(settings, Narrowing(**narrowed), kind_of(kind, output), output)


def _export_stories(settings: Settings, narrowed: Narrowing, kind: str, output: str | None) -> None:
    chosen = FORMATS[kind]
    with archive_reading(settings) as connection:
        wanted = narrowed.resolved(connection, settings)
        context = replace(context_of(connection, raw_store(settings)), head=feed_head(narrowed.pairs()))
        context = replace(context, is_packed=output is None or not output.lower().endswith(".warc"))
        stories = newest_first(connection, wanted) if chosen.is_newest_first else iterate_stories(connection, wanted)
        if output is None:
            chosen.write(stories, stdout_bytes(), context)
            return
        shown = progress(stories, count_stories(connection, wanted), "Exporting")
        with whole_file(Path(output)) as out:
            count = chosen.write(shown, out, context)
    say(f"{counted(count, 'story', 'stories')} written to {told(output, kind)}.")


def _export_changes(settings: Settings, since: str, narrowed: Narrowing, kind: str, output: str | None) -> None:
    with archive_reading(settings) as connection:
        wanted = narrowed.resolved(connection, settings)
        say(export_changes(connection, ChangesRequest(since=since, wanted=wanted, kind=kind, output=output), settings))


def _export_tables(settings: Settings, place: str, narrowed: Narrowing, *, by_month: bool) -> None:
    with archive_reading(settings) as connection, whole_folder(Path(place)) as folder:
        wanted = narrowed.resolved(connection, settings)
        stories = (newest_first if by_month else iterate_stories)(connection, wanted)
        shown = progress(stories, count_stories(connection, wanted), "Exporting")
        tables = {name: partial(rows, connection) for name, rows in TABLES.items()}
        count = write_tables(shown, folder, tables, by_month=by_month)
    say(f"{counted(count, 'story', 'stories')} written to {place}.")


def context_of(connection: Connection, raw: RawStore) -> ExportContext:
    """Return an export of now, with the documents of this archive."""
    return ExportContext(made_at=datetime.now(UTC), captures=partial(captures_of, connection), body=partial(_body, raw))


def _body(raw: RawStore, digest: str) -> bytes | None:
    """Return a document; None where it is given up, or damaged, which `verify` tells of."""
    try:
        return raw.get(digest)
    except (NotFound, StorageError):
        return None
