"""The tools: each reads the archive and gives the JSON that the command of its name prints."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from config.settings import Settings
from flows.assistant.answers import answer, citable, cited
from flows.assistant.asked import CorrectionsAsked, CountsAsked, NewAsked, SearchAsked, StoryAsked, ToolArguments
from flows.cli.options import require_feeds, require_topics
from flows.cli.output.copies import copies_json, related_json
from flows.cli.output.explain import explanation_json
from flows.cli.stories.corrected import correction_json
from flows.cli.stories.counts import counts_json
from flows.cli.stories.new import arrival_json
from flows.cli.stories.search import found_json
from flows.cli.stories.show import url_key_of
from flows.exports.shape import iso, story_shape
from models.days import day_begin, day_end
from models.queries.arrivals import ArrivalRequest, arrivals, bringing_run, count_arrivals
from models.queries.copies import copies_of
from models.queries.corrections import CorrectionRequest, corrections, count_corrections
from models.queries.filters import StoryFilter
from models.queries.ledger.counts import CountRequest, count_rows
from models.queries.ledger.feeds import feed_ids, topic_ids
from models.queries.one_story import find_story, judgement_of, load_story
from models.queries.related import related_stories
from models.queries.searching.search import SearchRequest, count_found, results
from models.storage.database import snapshot

_MOST_COUNTED: Final = 1000  # rows of counts


class ToolContext(Struct, frozen=True, kw_only=True):
    """An open archive, at which tools are used."""

    settings: Settings
    engine: Engine

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """Open one consistent view of the archive. Raise StorageError."""
        with snapshot(self.engine) as connection:
            yield connection


class Tool(Struct, frozen=True, kw_only=True):
    """Something that an assistant can ask for."""

    summary: str
    asked: type[ToolArguments]
    work: Callable[[ToolContext, Any], dict[str, Any]]  # given an `asked`; raises as the command of its name does


def find(desk: ToolContext, asked: SearchAsked) -> dict[str, Any]:
    """Find stories."""
    with desk.view() as connection:
        _require_known(connection, asked.topics, asked.feeds)
        wanted = SearchRequest(
            query=" ".join(asked.query.split()) or None,
            filter=StoryFilter(
                topics=asked.topics,
                feeds=asked.feeds,
                languages=asked.languages,
                since=day_begin(asked.since, desk.settings.zone),
                until=day_end(asked.until, desk.settings.zone),
                by=asked.by,
            ),
            order=asked.order,
            limit=asked.limit,
        )
        found = results(connection, wanted)
        stories = citable(connection, (found_json(story) for story in found.stories))
        return answer(total=count_found(connection, wanted), ranked_among=found.ranked_among, stories=stories)


def show(desk: ToolContext, asked: StoryAsked) -> dict[str, Any]:
    """Show one story."""
    with desk.view() as connection:
        story = load_story(connection, find_story(connection, asked.story, url_key_of(asked.story)))
        shape = story_shape(story) | {"relevant_at": iso(story.relevant_at)}
        shape |= {"evidence": explanation_json(judgement_of(connection, story.id))} if asked.explain else {}
        shape |= copies_json(copies_of(connection, story.id), story.id)
        shape |= {"related": related_json(related_stories(connection, story.id))}
    end = min(asked.first + asked.characters, len(story.text))
    shape |= {"text": story.text[asked.first : end], "cite": cited(shape, story.content_hash)}
    return answer(story=shape, characters={"first": asked.first, "end": end, "of": len(story.text)})


def count(desk: ToolContext, asked: CountsAsked) -> dict[str, Any]:
    """Count stories beside all that was published."""
    wanted = CountRequest(
        by=asked.by,
        topics=asked.topics,
        feeds=asked.feeds,
        languages=asked.languages,
        since=asked.since,
        until=asked.until,
    )
    with desk.view() as connection:
        _require_known(connection, asked.topics, asked.feeds)
        rows, total = count_rows(connection, wanted), count_rows(connection, replace(wanted, by=None))
    counted = counts_json(asked.by.value, rows[:_MOST_COUNTED], total)
    return answer(**counted, rows_left_out=max(0, len(rows) - _MOST_COUNTED))


def corrected(desk: ToolContext, asked: CorrectionsAsked) -> dict[str, Any]:
    """List what publishers corrected."""
    with desk.view() as connection:
        _require_known(connection, asked.topics, asked.feeds)
        wanted = CorrectionRequest(
            kinds=asked.kinds,
            since=day_begin(asked.since, desk.settings.zone),
            story_id=find_story(connection, asked.story, url_key_of(asked.story)) if asked.story else None,
            filter=StoryFilter(topics=asked.topics, feeds=asked.feeds),
            limit=asked.limit,
        )
        found = [correction_json(one) for one in corrections(connection, wanted)]
        stories = citable(connection, (one["story"] for one in found))
        told = [one | {"story": story} for one, story in zip(found, stories, strict=True)]
        return answer(total=count_corrections(connection, wanted), corrections=told)


def arrived(desk: ToolContext, asked: NewAsked) -> dict[str, Any]:
    """List what came in."""
    with desk.view() as connection:
        _require_known(connection, asked.topics, asked.feeds)
        wanted = ArrivalRequest(
            run_id=None if asked.since else bringing_run(connection, asked.run),
            since=day_begin(asked.since, desk.settings.zone),
            filter=StoryFilter(topics=asked.topics, feeds=asked.feeds),
            limit=asked.limit,
        )
        stories = citable(connection, (arrival_json(story) for story in arrivals(connection, wanted)))
        return answer(run=wanted.run_id, total=count_arrivals(connection, wanted), stories=stories)


TOOLS: Final[Mapping[str, Tool]] = {
    "search": Tool(
        summary="Find stories of a nightly archive of climate news by their words, topics, feeds, languages and days. "
        "Gives headlines and snippets; `story` gives a whole text. Titles that say all of it come first. Where "
        "`ranked_among` is a number, many stories have the words, and behind the titles come the best of so many that "
        "came in last.",
        asked=SearchAsked,
        work=find,
    ),
    "story": Tool(
        summary="One story with its text as the archive keeps it, its topics, the outlets that show it, its copies and "
        "related stories. A long text comes in pieces: `characters` says where this one ends.",
        asked=StoryAsked,
        work=show,
    ),
    "counts": Tool(
        summary="How many stories there were by day, week, month, topic, feed, country or language, beside all that "
        "these feeds published, and on how many days they were asked and answered. Days are days of UTC.",
        asked=CountsAsked,
        work=count,
    ),
    "corrections": Tool(
        summary="What publishers corrected in stories after they had published them, the latest first, with the "
        "sentence before and after.",
        asked=CorrectionsAsked,
        work=corrected,
    ),
    "new": Tool(
        summary="What came into the archive, the latest first: of the last night, of another run, or since a day.",
        asked=NewAsked,
        work=arrived,
    ),
}


def _require_known(connection: Connection, topics: tuple[str, ...], feeds: tuple[str, ...]) -> None:
    """Raise click.UsageError where a name is unknown: a narrowing to nothing would say that there is no news."""
    require_topics(topics, topic_ids(connection))
    require_feeds(feeds, feed_ids(connection))
