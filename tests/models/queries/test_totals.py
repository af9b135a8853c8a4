"""The kept sums say of a search what a count of its stories says, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from models.archive.merges import merge_stories
from models.archive.withdrawals import withdraw_story
from models.identity import Merger
from models.queries.filters import StoryFilter
from models.queries.ledger.feeds import list_feeds, list_topics
from models.queries.ledger.totals import narrowing_of
from models.queries.searching.facets import Facet, Facets, days_of, facets
from models.queries.searching.search import SearchRequest
from models.storage.database import write_transaction
from tests.builders import NOON, Archive, Piece

DAY = datetime(2026, 7, 13, tzinfo=UTC)
# No story is so late, and no day begins then: the stories are counted themselves.
NEVER = datetime(2100, 1, 1, 0, 0, 1, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Give an archive of three outlets, with shared, merged, withdrawn and hidden stories."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two, three = archive.feed("one"), archive.feed("two"), archive.feed("three")
        pieces = [
            Piece(
                title=f"Story {at}",
                text=f"Text number {at}.",
                url=f"https://one.example/{at}",
                topics=(("science",), ("policy", "energy"), ("energy",))[at % 3],
                language=("en", "en-GB", "es")[at % 3],
                published_at=NOON - timedelta(days=at % 4),
                is_relevant=at % 5 != 0,
                needs_review=at == 2,
            )
            for at in range(12)
        ]
        run = archive.begin()
        archive.show(run, one, *pieces[:8])
        archive.show(run, two, *pieces[4:])
        archive.show(run, three, pieces[5], pieces[11])
        archive.end(run)
        archive.now += timedelta(days=1)
        archive.night(two, replace(pieces[8], text="Another text."))
        withdraw_story(connection, 2, "asked for", NOON)
        merge_stories(connection, Merger(into=3, story_ids=(4,)), NOON)
        yield connection


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(StoryFilter(), id="all"),
        pytest.param(StoryFilter(topics=("energy",)), id="a topic"),
        pytest.param(StoryFilter(feeds=("one",)), id="an outlet"),
        pytest.param(StoryFilter(feeds=("one", "two")), id="two outlets, which share some"),
        pytest.param(StoryFilter(languages=("en",)), id="a language with its regions"),
        pytest.param(StoryFilter(since=DAY), id="since a day"),
        pytest.param(StoryFilter(since=DAY - timedelta(days=1), until=DAY), id="one day"),
        pytest.param(StoryFilter(topics=("energy",), feeds=("two",), languages=("en",), since=DAY), id="all of these"),
    ],
)
def test_sums_are_counts(connection: Connection, wanted: StoryFilter) -> None:
    """Of topics, outlets, languages and days, however a search without words is narrowed."""
    assert narrowing_of(wanted) is not None
    counted = replace(wanted, until=wanted.until or NEVER)
    counted = replace(counted, since=counted.since and counted.since - timedelta(seconds=1))
    assert narrowing_of(counted) is None
    assert _told(connection, wanted) == _told(connection, counted)


@pytest.mark.parametrize(
    "wanted",
    [
        StoryFilter(topics=("energy", "policy")),
        StoryFilter(corrected=True),
        StoryFilter(near_misses=True),
        StoryFilter(needs_review=True),
        StoryFilter(include_off_topic=True),
        StoryFilter(unique=True),
        StoryFilter(since=DAY + timedelta(hours=2)),
    ],
)
def test_what_the_sums_do_not_know_is_counted(wanted: StoryFilter) -> None:
    """Two topics, which a story may have both, kinds of stories, and moments within a day."""
    assert narrowing_of(wanted) is None


def test_lists_of_feeds_and_topics_count_alike(connection: Connection) -> None:
    """As the choices of a search do."""
    choices = facets(connection, SearchRequest(filter=StoryFilter(until=NEVER)))
    assert {one.id: one.stories for one in list_feeds(connection) if one.stories} == _by_value(choices.feeds)
    assert {one.id: one.stories for one in list_topics(connection) if one.stories} == _by_value(choices.topics)


def _told(connection: Connection, wanted: StoryFilter) -> tuple[Facets, dict[date, int]]:
    request = SearchRequest(filter=wanted)
    return facets(connection, request), days_of(connection, request, ZONE)


def _by_value(found: tuple[Facet, ...]) -> dict[str, int]:
    return {one.value: one.count for one in found}
