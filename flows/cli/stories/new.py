"""The `new` command: what came in."""

from datetime import date, datetime
from typing import Any

import click

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Day, Narrowing, by_option, json_option, topic_and_feed_options
from flows.cli.output.terminal import moment, print_json, print_table, say
from flows.exports.shape import iso, listed_shape
from models.changes import DateMeaning
from models.days import day_begin
from models.queries.arrivals import Arrival, ArrivalRequest, arrivals, bringing_run, count_arrivals
from models.queries.ledger.runs import LATEST
from models.wording import counted


@click.command()
@click.option("--run", "run_id", metavar="ID", help='What this run brought: its number, or "latest".')
@click.option("--since", type=Day(), help="What came in on this day or later, whichever run brought it.")
@by_option(DateMeaning.SEEN, "What that day means: when a story came in, or when it was published.")
@topic_and_feed_options
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many at most.")
@json_option
def new(
    run_id: str | None,
    since: date | datetime | None,
    *,
    by: str,
    limit: int,
    as_json: bool,
    **narrowed: Any,  # noqa: ANN401 (the options of a Narrowing)
) -> None:
    """List the stories that came in, the latest first; without options, those of the latest run.

    \b
    climate-archive new
    climate-archive new --since 2026-07-14 --topic policy --json
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    is_seen = by == DateMeaning.SEEN.value
    with archive_reading(settings) as connection:
        named = run_id or (None if since else LATEST)
        wanted = ArrivalRequest(
            run_id=bringing_run(connection, named) if named else None,
            since=day_begin(since, settings.zone) if is_seen else None,
            filter=Narrowing(**narrowed, since=None if is_seen else since).resolved(connection, settings),
            limit=limit,
        )
        found = arrivals(connection, wanted)
        total = count_arrivals(connection, wanted) if len(found) == limit else len(found)
    if as_json:
        print_json([arrival_json(story) for story in found])
        return
    if found:
        columns = ("story", "came in", "run", "title", "feeds", "topics")
        print_table(columns, [_row(story, settings) for story in found], spare=("run", "topics", "feeds"))
    say(_closing(len(found), total, wanted.run_id))


def arrival_json(story: Arrival) -> dict[str, Any]:
    """Return a story that came in as JSON shows it."""
    return {
        **listed_shape(story),
        "first_seen_at": iso(story.first_seen_at),
        "relevant_at": iso(story.relevant_at),
        "run_id": story.run_id,
    }


def _row(story: Arrival, settings: Settings) -> tuple[object, ...]:
    came, topics = moment(story.relevant_at, settings.zone), ", ".join(topic.id for topic in story.topics)
    return story.id, came, story.run_id, story.title or "(no title)", ", ".join(story.feeds), topics


def _closing(shown: int, total: int, run_id: int | None) -> str:
    of_run = "" if run_id is None else f" of run {run_id}"
    if shown < total:
        return f"The latest {shown} of {counted(total, 'new story', 'new stories')}{of_run}; --limit shows more."
    if total == 0:
        return f"Nothing new{of_run}."
    return f"{counted(total, 'new story', 'new stories').capitalize()}{of_run}."
