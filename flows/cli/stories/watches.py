"""The `watches` commands: the saved searches, what has met them, and who is told."""

from collections.abc import Sequence
from typing import Any

import click
from msgspec.structs import asdict

from config.settings import Settings, load_settings
from config.watches import load_watches
from flows.cli.archive import archive_reading, has_archive
from flows.cli.exit_codes import EXIT_FAILED
from flows.cli.options import json_option
from flows.cli.output.notices import notices_json
from flows.cli.output.terminal import moment, plain, print_json, print_lines, print_table, say
from flows.exports.shape import iso, listed_shape
from flows.upkeep.telling.watch_people import Person, people
from models.errors import ConfigError, NotFound
from models.queries.notices import NoticeRecord, last_notices
from models.queries.searching.search import count_found
from models.queries.stories import StoryRecord, load_stories
from models.queries.watches import Match, WatchState, matches, search_of, watch_states
from models.watches import Watch
from models.wording import counted


@click.group()
def watches() -> None:
    """Look at saved searches: what has met them, and who is told after each night.

    They stand in the file that CLIMATE_ARCHIVE_WATCHES_FILE names.
    """


@watches.command("list", epilog="Example: climate-archive watches list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the watches: what each looks for, who is told, how many stories have met it."""
    settings = load_settings()
    listed = watches_of(settings)
    with archive_reading(settings) as connection:
        states, notices = watch_states(connection), last_notices(connection)
    if as_json:
        print_json([watch_json(watch, states.get(watch.name), notices) for watch in listed])
        return
    rows = [_row(watch, states.get(watch.name), notices, settings) for watch in listed]
    print_table(("watch", "looks for", "tells", "looked at", "stories", "remark"), rows, spare=("looked at", "tells"))


@watches.command(epilog="Example: climate-archive watches check --test")
@click.option("--test", "is_test", is_flag=True, help="Send a test to each address, too.")
@json_option
@click.pass_context
def check(ctx: click.Context, *, is_test: bool, as_json: bool) -> None:
    """Check the file and every address: exit 2 where the file has a mistake, 1 where somebody cannot be told.

    Says of each watch how many stories a search finds by it today.
    """
    settings = load_settings()
    listed = watches_of(settings)
    found = _found_today(settings, listed)
    told = people(settings, listed, is_test=is_test)
    if as_json:
        print_json({"watches": [{"name": name, "stories": count} for name, count in found.items()]} | _people(told))
    else:
        print_lines(*(f"{name} finds {counted(count, 'story', 'stories')} today." for name, count in found.items()))
        print_lines(*(_sentence(one, is_test=is_test) for one in told))
    if any(one.problem for one in told):
        ctx.exit(EXIT_FAILED)


@watches.command(epilog="Example: climate-archive watches show methane")
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
@json_option
def show(name: str, *, limit: int, as_json: bool) -> None:
    """Show what has met a watch, the latest first."""
    settings = load_settings()
    watch = watch_named(watches_of(settings), name)
    with archive_reading(settings) as connection:
        found = matches(connection, name, limit)
        stories = {story.id: story for story in load_stories(connection, [one.story_id for one in found])}
        state, notices = watch_states(connection).get(name), last_notices(connection)
    if as_json:
        listed = [match_json(one, stories[one.story_id]) for one in found]
        print_json(watch_json(watch, state, notices) | {"matches": listed})
        return
    print_table(("story", "met it", "title", "feeds"), [_match_row(one, stories, settings) for one in found])
    say(_closing(watch, state, len(found)))


def watches_of(settings: Settings) -> tuple[Watch, ...]:
    """Return the saved searches. Raise ConfigError where no file is named, or it has a mistake."""
    if settings.watches_file is None:
        raise ConfigError("CLIMATE_ARCHIVE_WATCHES_FILE names no file of saved searches: docs/reading.md shows one.")
    return load_watches(settings)


def watch_named(listed: Sequence[Watch], name: str) -> Watch:
    """Return a watch. Raise NotFound."""
    found = next((watch for watch in listed if watch.name == name), None)
    if found is None:
        raise NotFound(f'There is no watch "{name}"; there are: {", ".join(watch.name for watch in listed)}.')
    return found


def watch_json(watch: Watch, state: WatchState | None, notices: Sequence[NoticeRecord]) -> dict[str, Any]:
    """Return a watch as JSON shows it; what it has not been looked at for is null."""
    return {
        **asdict(watch),
        "began_at": iso(state.began_at) if state else None,
        "looked_at": iso(state.looked_at) if state else None,
        "stories": state.stories if state else None,
        "notices": notices_json(one for one in notices if one.watch == watch.name),
    }


def match_json(one: Match, story: StoryRecord) -> dict[str, Any]:
    """Return a story of a watch as JSON shows it."""
    return {
        **listed_shape(story),
        "first_seen_at": iso(story.first_seen_at),
        "matched_at": iso(one.matched_at),
        "is_known": one.is_known,
    }


def looks_for(watch: Watch) -> str:
    """Say what a watch looks for."""
    parts = [watch.query or ""]
    for name in ("topics", "feeds", "languages"):
        parts += [f"{name} {', '.join(getattr(watch, name))}"] if getattr(watch, name) else []
    return "; ".join(part for part in parts if part)


def _row(watch: Watch, state: WatchState | None, notices: Sequence[NoticeRecord], settings: Settings) -> list[object]:
    failed = [one for one in notices if one.watch == watch.name and one.refusal]
    remark = "; ".join(f"{one.recipient} took nothing: {one.refusal}" for one in failed)
    looked = moment(state.looked_at, settings.zone) if state else "not yet"
    return [watch.name, looks_for(watch), ", ".join(watch.to), looked, state.stories if state else None, remark]


def _match_row(one: Match, stories: dict[int, StoryRecord], settings: Settings) -> list[object]:
    story = stories[one.story_id]
    met = moment(one.matched_at, settings.zone) + (" (before the watch)" if one.is_known else "")
    return [story.id, met, story.title or "(no title)", ", ".join(story.feeds)]


def _closing(watch: Watch, state: WatchState | None, shown: int) -> str:
    if state is None:
        return "No night has looked for it yet: it begins with the next one."
    if shown < state.stories:
        return f"The latest {shown} of {counted(state.stories, 'story', 'stories')}; --limit shows more."
    return f"{counted(shown, 'story', 'stories').capitalize()} met the watch {watch.name}."


def _found_today(settings: Settings, listed: Sequence[Watch]) -> dict[str, int]:
    """Count what a search finds by each watch; nothing, where there is no archive yet."""
    if not has_archive(settings):
        return {}
    with archive_reading(settings) as connection:
        return {watch.name: count_found(connection, search_of(watch)) for watch in listed}


def _people(told: Sequence[Person]) -> dict[str, Any]:
    return {"recipients": [asdict(one) for one in told]}


def _sentence(one: Person, *, is_test: bool) -> str:
    who = f"{one.name} ({one.kind})" if one.kind else one.name
    if one.problem:
        return f"{who} cannot be told: {plain(one.problem)}."
    return f"{who} {'took the test' if is_test else 'can be read'}; it is told of {', '.join(one.watches)}."
