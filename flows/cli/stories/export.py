"""The `export` command."""

from pathlib import Path
from typing import Any

import click

from config.settings import load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Narrowing, filter_options
from flows.cli.output.terminal import progress, say, stdout_bytes
from flows.cli.stories.changes import Asked, export_changes
from flows.exports.files import whole_file
from flows.exports.registry import DEFAULT_FORMAT, FORMATS, format_of
from models.queries.filters import count_stories
from models.queries.stories import iterate_stories
from models.wording import counted

_KINDS = "; ".join(f"{name}: {one.summary}" for name, one in FORMATS.items())


@click.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    help=f"{_KINDS}.  [default: as the file's name ends; else {DEFAULT_FORMAT}]",
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
@filter_options
def export(kind: str | None, output: str | None, changed_since: str | None, **narrowed: Any) -> None:  # noqa: ANN401 (the options of a Narrowing)
    """Write stories to a file or to stdout, the first that came first.

    jsonl is for programs: a story a line, each a JSON object with its text, topics and versions' count. csv is a table
    for spreadsheets. -o takes the name of a file.

    With --changed-since each story that changed comes once, as it stands now; of one that is gone, a tombstone. Each
    has a cursor: give the last one as --changed-since the next time, and nothing is missed and nothing comes twice.

    \b
    climate-archive export --changed-since latest
    climate-archive export -o stories.csv
    climate-archive export --topic policy --since 2026-01-01 | jq .title
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    kind = kind or format_of(output)
    with archive_reading(settings) as connection:
        wanted = Narrowing(**narrowed).resolved(connection, settings)
        if changed_since is not None:
            say(
                export_changes(
                    connection, Asked(since=changed_since, wanted=wanted, kind=kind, output=output), settings
                )
            )
            return
        stories = iterate_stories(connection, wanted)
        if output is None or output == "-":
            FORMATS[kind].write(stories, stdout_bytes())
            return
        shown = progress(stories, count_stories(connection, wanted), "Exporting")
        with whole_file(Path(output)) as out:
            count = FORMATS[kind].write(shown, out)
    say(f"{counted(count, 'story', 'stories')} written to {output}.")
