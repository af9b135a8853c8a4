"""Searching stories, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine

from models.queries.filters import StoryFilter
from models.queries.searching.search import Order, SearchRequest, search
from models.stages import Relevance
from models.storage.database import write_transaction
from tests.builders import NOON, Archive, Piece


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Give an archive of two feeds, four stories about climate and one that is not."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two = archive.feed("one"), archive.feed("two", relevance=Relevance.GATE)
        run_id = archive.begin()
        archive.show(
            run_id,
            one,
            Piece(),
            Piece(
                title="Wind over the sea",
                text="A wind farm stands in the sea. Its level of noise is low.",
                url="https://one.example/wind",
                topics=("energy", "policy"),
                published_at=NOON - timedelta(days=3),
            ),
            Piece(
                title="海平面上升",
                text="科学家说海平面上升得更快。",
                url="https://one.example/zh",
                language="zh",
                topics=("science",),
                published_at=NOON - timedelta(days=2),
                needs_review=True,
            ),
        )
        archive.show(
            run_id,
            two,
            Piece(title="Solar power", text="The sun pays.", url="https://two.example/sun", topics=("energy",)),
            Piece(
                title="Football", text="A goal by the sea in Zürich.", url="https://two.example/ball", is_relevant=False
            ),
        )
        archive.end(run_id)
        yield connection


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        pytest.param(
            SearchRequest(query="sea level"), ["Sea level rises", "Wind over the sea"], id="all words, best first"
        ),
        pytest.param(SearchRequest(query='"sea level"'), ["Sea level rises"], id="words in a row"),
        pytest.param(SearchRequest(query="海平"), ["海平面上升"], id="two Chinese characters"),
        pytest.param(
            SearchRequest(query="sea", order=Order.NEWEST),
            ["Sea level rises", "Wind over the sea"],
            id="the newest first",
        ),
        pytest.param(SearchRequest(query="sea -wind"), ["Sea level rises"], id="without a word"),
        pytest.param(SearchRequest(query="..."), [], id="no word finds nothing"),
        pytest.param(
            SearchRequest(),
            ["Solar power", "Sea level rises", "海平面上升", "Wind over the sea"],
            id="no query lists all",
        ),
        pytest.param(SearchRequest(limit=1), ["Solar power"], id="a limit"),
        pytest.param(
            SearchRequest(filter=StoryFilter(topics=("energy",))), ["Solar power", "Wind over the sea"], id="a topic"
        ),
        pytest.param(SearchRequest(filter=StoryFilter(feeds=("two",))), ["Solar power"], id="a feed"),
        pytest.param(
            SearchRequest(query="sea", filter=StoryFilter(until=NOON)), ["Wind over the sea"], id="before a moment"
        ),
        pytest.param(
            SearchRequest(filter=StoryFilter(since=NOON)), ["Solar power", "Sea level rises"], id="from a moment on"
        ),
        pytest.param(SearchRequest(filter=StoryFilter(needs_review=True)), ["海平面上升"], id="doubtful labels"),
        pytest.param(
            SearchRequest(query="sea -level", filter=StoryFilter(include_off_topic=True)),
            ["Football"],
            id="a hidden story by its words",
        ),
        pytest.param(
            SearchRequest(query="\0goal\ud800 sea", filter=StoryFilter(include_off_topic=True)),
            ["Football"],
            id="a hidden story, with characters that no text may hold",
        ),
        pytest.param(
            SearchRequest(query="goal OR solar", filter=StoryFilter(include_off_topic=True)),
            ["Solar power", "Football"],
            id="hidden stories after those that are ranked",
        ),
        pytest.param(
            SearchRequest(filter=StoryFilter(feeds=("two",), include_off_topic=True)),
            ["Football", "Solar power"],
            id="hidden stories in a list",
        ),
    ],
)
def test_search_finds(connection: Connection, wanted: SearchRequest, titles: list[str]) -> None:
    """A search finds what was asked for, in order."""
    assert [story.title for story in search(connection, wanted)] == titles


def test_a_found_story_tells_its_facts(connection: Connection) -> None:
    """A result carries feeds, topics, judgement and the piece of text that answers."""
    (found,) = search(connection, SearchRequest(query="farm"))
    assert found.feeds == ("one",)
    assert [(topic.id, topic.primary) for topic in found.topics] == [("energy", True), ("policy", False)]
    assert (found.is_relevant, found.needs_review, found.relevance) == (True, False, 0.9)
    start, end = found.snippet.marks[0]
    assert found.snippet.text[start:end] == "farm"


@pytest.mark.parametrize("column", ["withdrawn_at", "merged_into"])
def test_withdrawn_and_merged_stories_are_never_found(connection: Connection, column: str) -> None:
    """A story that was withdrawn, or became part of another, is in no list, even when all are asked for."""
    first, second, *_ = (story.id for story in search(connection, SearchRequest(query="sea")))
    Archive(connection).alter(first, **{column: NOON if column == "withdrawn_at" else second})
    wanted = StoryFilter(include_off_topic=True)
    assert first not in [story.id for story in search(connection, SearchRequest(filter=wanted))]
    assert first not in [story.id for story in search(connection, SearchRequest(query="sea", filter=wanted))]
