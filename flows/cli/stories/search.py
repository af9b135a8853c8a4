"""The `search` command."""

import shlex
from typing import Any

import click

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Narrowing, filter_options, json_option
from flows.cli.output.terminal import Part, marked_parts, moment, plain, print_json, print_parts, say
from flows.exports.shape import iso, listed_shape, shown_url
from models.queries.searching.search import FoundStory, Order, SearchRequest, count_found
from models.queries.searching.search import results as find
from models.queries.searching.suggestions import Suggestion, suggest
from models.wording import counted


@click.command()
@click.argument("words", nargs=-1, metavar="[QUERY]")
@filter_options
@click.option("--near-misses", is_flag=True, help="Only entries that came near the gate and were turned away.")
@click.option(
    "--order",
    type=click.Choice([order.value for order in Order]),
    help="What comes first.  [default: relevance; of a list, newest]",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most.")
@json_option
def search(words: tuple[str, ...], *, order: str | None, limit: int, as_json: bool, **narrowed: Any) -> None:  # noqa: ANN401 (the options of a Narrowing)
    """Find stories by their words; without QUERY, list them, the newest first.

    All words must be there, in any of their forms, with any capitals and accents. "words in a row" in quotes stand as
    they are written; beginning*, -without, one OR other. The shell takes the quotes outside away: keep them inside.

    \b
    climate-archive search '"sea level rise"' --since 2026-01-01
    climate-archive search 'methane -cattle' --topic policy --order newest
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    query = " ".join(words).strip() or None
    with archive_reading(settings) as connection:
        wanted = SearchRequest(
            query=query,
            filter=Narrowing(**narrowed).resolved(connection, settings),
            order=Order(order or Order.RELEVANCE),
            limit=limit,
        )
        results = find(connection, wanted)
        found = results.stories
        if results.ranked_among is not None:
            said = "Many stories have these words: behind titles that say them come the best of the"
            say(f"{said} {results.ranked_among:,} that came in last.")
        if as_json:
            print_json([found_json(story) for story in found])
            return
        total = count_found(connection, wanted) if len(found) == limit else len(found)
        others = [] if found else suggest(connection, wanted)
    for story in found:
        print_parts(_found_text(story, settings))
    say("\n".join(_closing(len(found), total, others)))


def _closing(shown: int, total: int, others: list[Suggestion]) -> list[str]:
    """Say how many stories there are; of none, what would find some."""
    if shown < total:
        return [f"The first {shown} of {counted(total, 'story', 'stories')}; --limit shows more."]
    if total:
        return [f"{counted(total, 'story', 'stories').capitalize()}."]
    return ["No story found." + (" These would find some:" if others else ""), *map(_suggested, others)]


def _suggested(other: Suggestion) -> str:
    how = f"climate-archive search {shlex.quote(other.query)}" if other.query else "climate-archive search"
    how += " --include-off-topic" if other.include_off_topic else ""
    remark = ", from the whole archive" if other.is_widened else ""
    return f"  {how}  ({counted(other.count, 'story', 'stories')}{remark})"


def found_json(story: FoundStory) -> dict[str, Any]:
    """Return a story in a list as JSON shows it."""
    return {
        **listed_shape(story),
        "sort_at": iso(story.sort_at),
        "relevance": story.relevance,
        "needs_review": story.needs_review,
        "off_topic": not story.is_relevant,
        "snippet": story.snippet.text,
    }


def _found_text(story: FoundStory, settings: Settings) -> list[list[Part]]:
    topics = ", ".join(topic.id for topic in story.topics)
    facts = [moment(story.sort_at, settings.zone), ", ".join(story.feeds), topics]
    facts += [] if story.is_relevant else ["off topic"]
    lines: list[list[Part]] = [
        [(f"{story.id}  ", "dim"), *_title(story)],
        [(" · ".join(plain(fact) for fact in facts if fact), "dim")],
        [(plain(shown_url(story.url) or ""), "blue")],
        marked_parts(story.snippet.text, story.snippet.marks),
    ]
    return [*(line for line in lines if any(text for text, _ in line)), []]


def _title(story: FoundStory) -> list[Part]:
    parts = marked_parts(story.title, story.title_marks, "bold")
    return parts if any(text.strip() for text, _ in parts) else [("(no title)", "bold")]
