"""`export --changed-since`: from the words of the command to a file of changes."""

from collections.abc import Iterator
from pathlib import Path

import click
from msgspec import Struct
from sqlalchemy import Connection

from config.settings import Settings
from flows.cli.options import Day
from flows.cli.output.terminal import stdout_bytes
from flows.cli.stories.export_files import told
from flows.exports.changes import CHANGE_FORMATS
from flows.exports.files import whole_file
from models.days import day_begin
from models.queries.changes import (
    ChangedStory,
    after_cursor,
    after_moment,
    after_run,
    changed_stories,
    cursor_at,
    is_cursor,
    last_change,
)
from models.queries.filters import StoryFilter
from models.queries.ledger.runs import LATEST
from models.wording import counted


class ChangesRequest(Struct, frozen=True, kw_only=True):
    """What an export of changes was asked for."""

    since: str  # a run, a moment or a cursor
    wanted: StoryFilter
    kind: str  # the format
    output: str | None  # the file; None: stdout


def export_changes(connection: Connection, asked: ChangesRequest, settings: Settings) -> str:
    """Write what changed; return what is to be said. Raise click.UsageError, NotFound, DiskFailed."""
    if asked.kind not in CHANGE_FORMATS:
        raise click.UsageError(f"--changed-since writes {' or '.join(CHANGE_FORMATS)}: {asked.kind} has no tombstones.")
    if asked.wanted.include_off_topic:
        raise click.UsageError("--changed-since tells of stories about climate alone: leave --include-off-topic out.")
    if asked.wanted.unique:
        raise click.UsageError(
            "--changed-since tells of each copy: which one is the first may change with another story, and cluster_id "
            "says it. Leave --unique out."
        )
    after, upto = _after(connection, asked.since, settings), last_change(connection)
    changes = changed_stories(connection, after, upto, asked.wanted)
    count = _write(changes, asked)
    where = f", written to {told(asked.output, asked.kind)}" if asked.output is not None else ""
    said = counted(count, "story has changed", "stories have changed")
    return f"{said}{where}. Next time: --changed-since {cursor_at(connection, max(after, upto))}"


def _write(changes: Iterator[ChangedStory], asked: ChangesRequest) -> int:
    write = CHANGE_FORMATS[asked.kind]
    if asked.output is None:
        return write(changes, stdout_bytes())
    with whole_file(Path(asked.output)) as out:
        return write(changes, out)


def _after(connection: Connection, since: str, settings: Settings) -> int:
    if is_cursor(since):
        return after_cursor(connection, since)
    if since == LATEST or (since.isascii() and since.isdecimal()):
        return after_run(connection, since)
    try:
        moment = day_begin(Day().convert(since, None, None), settings.zone)
    except click.BadParameter:
        raise click.UsageError(
            f'--changed-since {since!r} is no run (12, "latest"), no day or moment (2026-07-14), no cursor (c12-...).'
        ) from None
    assert moment is not None, "a day was given"
    return after_moment(connection, moment)
