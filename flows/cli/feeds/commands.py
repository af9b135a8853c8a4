"""The `feeds` commands: how the feeds are doing, a look at them now, and lists of feeds as OPML."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

import click
from msgspec.structs import asdict

from config.feeds import add_feeds, load_feeds
from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading, has_archive
from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option, require_feeds
from flows.cli.output.terminal import moment, plain, print_json, print_lines, print_table, say, stdout_bytes
from flows.exports.files import whole_file
from flows.exports.shape import iso
from models.errors import ConfigError
from models.queries.ledger.feeds import FeedSummary, list_feeds
from models.stages import FeedSpec
from models.wording import counted

_YAML = (".yaml", ".yml")
_LONGEST_OUTCOME = 80  # characters in the table; --json has it whole


@click.group()
def feeds() -> None:
    """Look after the feeds of feeds.yaml."""


@feeds.command("list", epilog="Example: climate-archive feeds list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the feeds and how they are doing.

    Their state, how many stories they gave, when they last answered, and how their last visit ended.
    """
    settings = load_settings()
    specs = load_feeds(settings.feeds_file)
    rows = _rows(specs, _known(settings))
    if as_json:
        print_json(rows)
        return
    columns = ("feed", "state", "stories", "last success", "last outcome", "address")
    print_table(columns, [_shown(row, settings) for row in rows], spare=("address",))


@feeds.command(epilog="Example: climate-archive feeds check carbon-brief")
@click.argument("feed_ids", metavar="[ID]...", nargs=-1)
@json_option
@click.pass_context
def check(ctx: click.Context, feed_ids: tuple[str, ...], *, as_json: bool) -> None:
    """Fetch feeds now and say what is in them; nothing is kept.

    Exit 1 if one gives nothing.
    """
    settings = load_settings()
    specs = load_feeds(settings.feeds_file)
    require_feeds(feed_ids, (spec.id for spec in specs))
    from flows.cli.feeds.check import check_feeds, check_json, check_lines  # the client and the parsers

    found = asyncio.run(check_feeds([spec for spec in specs if not feed_ids or spec.id in feed_ids], settings))
    if as_json:
        print_json([check_json(one) for one in found])
    else:
        for one in found:
            print_lines(*check_lines(one))
    if any(one.problem for one in found):
        ctx.exit(EXIT_FAILED)


@feeds.command("import", epilog="Example: climate-archive feeds import subscriptions.opml")
@click.argument("opml", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_context
def import_(ctx: click.Context, opml: Path, *, as_json: bool) -> None:
    """Add the feeds of an OPML file to your feeds.yaml.

    That is the file of CLIMATE_ARCHIVE_FEEDS_FILE; feeds that it has are passed over. What OPML does not say is taken
    as: relevance gate (only stories about climate), full_text false. Exit 1 if no feed of the file can be taken.
    """
    settings = load_settings()
    if settings.feeds_file is None:
        raise ConfigError(
            "Set CLIMATE_ARCHIVE_FEEDS_FILE to a file of your own (it is made if missing) to add feeds to; "
            "the list that is installed with the program stays as it is."
        )
    from flows.cli.feeds.opml import choose_new, read_opml  # lxml
    from flows.cli.feeds.outlines import is_cut

    specs = load_feeds(settings.feeds_file) if settings.feeds_file.exists() else ()
    document = opml.read_bytes()
    choice = choose_new(read_opml(document), specs)
    if choice.new:
        add_feeds(settings.feeds_file, choice.new)
    if as_json:
        added = [spec.id for spec in choice.new]
        print_json({"added": added, "known": choice.known, "refused": [asdict(one) for one in choice.refused]})
    else:
        print_lines(*(f"added {spec.id}: {spec.url}" for spec in choice.new))
        print_lines(*(f"refused {one.url}: {one.reason}" for one in choice.refused))
        added_to = f"{counted(len(choice.new), 'feed')} added to {settings.feeds_file}"
        say(f"{added_to}, {choice.known} {'was' if choice.known == 1 else 'were'} there.")
    if is_cut(document):
        say(f"{opml} was cut: it ends before its list does, and feeds that stood behind that place are not added.")
    if choice.refused and not (choice.new or choice.known):
        ctx.exit(EXIT_FAILED)


@feeds.command("export", epilog="Example: climate-archive feeds export feeds.opml")
@click.argument("opml", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
def export(opml: Path | None) -> None:
    """Write the feeds as OPML, for any feed reader.

    To the file OPML, or to stdout without one.
    """
    settings = load_settings()
    if opml is not None and _is_list_of_ours(opml, settings):
        raise click.UsageError(f"feeds export writes OPML, and {opml.name} is YAML: name another file.")
    specs = load_feeds(settings.feeds_file)
    from flows.cli.feeds.opml import write_opml  # lxml

    document = write_opml(specs, datetime.now(UTC))
    if opml is None or str(opml) == "-":
        stdout_bytes().write(document)
        return
    with whole_file(opml) as out:
        out.write(document)
    say(f"{counted(len(specs), 'feed')} written to {opml}.")


def _is_list_of_ours(path: Path, settings: Settings) -> bool:
    """Tell a file that holds feeds as this program reads them: OPML in its place would end every command."""
    ours = settings.feeds_file
    return path.suffix.lower() in _YAML or (ours is not None and path.resolve() == ours.resolve())


def _known(settings: Settings) -> list[FeedSummary]:
    if not has_archive(settings):
        return []
    with archive_reading(settings) as connection:
        return list_feeds(connection)


def _rows(specs: tuple[FeedSpec, ...], known: list[FeedSummary]) -> list[dict[str, Any]]:
    """Return feeds.yaml's feeds in its order, then what the archive alone knows: removed feeds, imported sources."""
    by_id = {one.id: one for one in known}
    rows = [feed_json(by_id[spec.id]) if spec.id in by_id else _new_row(spec) for spec in specs]
    listed = {spec.id for spec in specs}
    return rows + [feed_json(one) for one in known if one.id not in listed]


def feed_json(feed: FeedSummary) -> dict[str, Any]:
    """Return a feed as JSON shows it."""
    is_removed = feed.kind == "feed" and not feed.is_active
    row = asdict(feed) | {"state": "removed" if is_removed else feed.state}
    return row | {"next_attempt_at": iso(feed.next_attempt_at), "last_success_at": iso(feed.last_success_at)}


def _new_row(spec: FeedSpec) -> dict[str, Any]:
    nothing = dict.fromkeys(FeedSummary.__struct_fields__)
    told = {"id": spec.id, "name": spec.name, "url": spec.url, "current_url": spec.url, "kind": "feed"}
    return nothing | told | {"is_active": True, "state": "new", "failing_nights": 0, "stories": 0}


def _shown(row: dict[str, Any], settings: Settings) -> list[object]:
    last = row["last_success_at"]
    success = moment(datetime.fromisoformat(last), settings.zone) if last else ""
    reason = row["state_reason"] or row["last_reason"]
    outcome = ": ".join(part for part in (row["last_status"], reason) if part)
    shown = shorten(plain(outcome), _LONGEST_OUTCOME, placeholder=" …")
    return [row["id"], row["state"], row["stories"], success, shown, row["current_url"]]
