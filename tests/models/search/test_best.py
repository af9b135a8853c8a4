"""The best of what a query finds, told in parts, are those that ranking all of it gives."""

import random
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from sqlalchemy import Double, Engine, cast, event, select, text

from models.search import postgres
from models.search.factory import search_index
from models.search.interface import BELOW_TITLES, EVERY_STORY, Among, Best, InTitle, SearchRow
from models.storage.database import create_database_engine, read_transaction, write_transaction
from tests.databases import on_postgresql

STORIES = 400
WORDS = (
    "coral",
    "corals",
    "korallen",
    "reef",
    "reefs",
    "riff",
    "bleached",
    "bleaching",
    "study",
    "sea",
    "2",
    "c",
    "30 000",
)
QUERIES = (
    "coral",
    '"corals"',
    "korallen",
    "reef",
    "sea",
    "30000",
    "2",
    "2 c",
    "bleach*",
    "studi*",
    "studi* OR bleach*",
    "coral reef",
    "coral OR reef",
    "coral OR corals",
    '"coral reef"',
    "coral -sea",
    "nothing",
)


def _row(choose: random.Random, story_id: int) -> SearchRow:
    """Make a story that says the same words again and again, in a language with stems or without."""
    title, body = (choose.choices(WORDS, k=choose.randrange(most)) for most in (4, 60))
    language = choose.choice(("en", "en", "de", None))
    return SearchRow(story_id=story_id, title=" ".join(title), text=" ".join(body), language=language)


@pytest.fixture(scope="module")
def archive(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give an archive of stories whose titles have a query's words, or their texts, or both; some are there no more."""
    engine, choose = create_database_engine(new_database()), random.Random("stories")
    index = search_index(engine)
    with write_transaction(engine) as connection:
        index.index(connection, [_row(choose, story_id) for story_id in range(1, STORIES + 1)])
        index.index(connection, [_row(choose, story_id) for story_id in range(1, STORIES, 7)])
        index.remove(connection, range(5, STORIES, 11))
    yield engine
    engine.dispose()


def _index(engine: Engine, *rows: SearchRow) -> None:
    with write_transaction(engine) as connection:
        search_index(engine).index(connection, rows)


def _all_ranked(engine: Engine, query: str, among: Among = EVERY_STORY) -> list[tuple[int, float]]:
    with read_transaction(engine) as connection:
        matches = search_index(engine).matches(connection, query, among, with_rank=True)
        rows = connection.execute(select(matches.c.story_id, cast(matches.c.rank, Double))).tuples().all()
    return sorted(rows, key=lambda row: (row[1], row[0]), reverse=True)


@pytest.mark.parametrize("query", QUERIES)
def test_the_best_are_the_first_of_all(archive: Engine, query: str) -> None:
    """However many are wanted, behind whichever rank and from whichever story on."""
    for among in (EVERY_STORY, Among(first=STORIES // 3)):
        ranked = _all_ranked(archive, query, among)
        ranks = [None, *(rank for _, rank in ranked[:: 1 + len(ranked) // 4])]
        for count, at_most in product((3, 40), ranks):
            first = [one for one in ranked if at_most is None or one[1] <= at_most][:count]
            with read_transaction(archive) as connection:
                wanted = Best(count=count, at_most=at_most)
                assert search_index(archive).best(connection, query, wanted, among) == dict(first)
                by_words = search_index(archive).best(connection, query, Best(count=STORIES, by_words=True), among)
            assert by_words.keys() == {one for one, _ in ranked}
            assert all(by_words[one] == rank for one, rank in ranked if rank < BELOW_TITLES)


@on_postgresql
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("sample", [pytest.param(3, id="a bad guess"), pytest.param(STORIES, id="a good one")])
def test_the_best_of_few_are_of_all(archive: Engine, monkeypatch: pytest.MonkeyPatch, query: str, sample: int) -> None:
    """They are told where no more than so many are found, and of more never; a guess decides what is tried alone."""
    monkeypatch.setattr(postgres, "_SAMPLE", sample)
    ranked, index = _all_ranked(archive, query), search_index(archive)
    with read_transaction(archive) as connection:
        for at_most in (None, ranked[0][1] if ranked else 0.0, -1.0):
            first = [one for one in ranked if at_most is None or one[1] <= at_most][:9]
            wanted = Best(count=9, at_most=at_most)
            assert index.best_of_few(connection, query, wanted, 10 * STORIES) == dict(first)
            if ranked:
                assert index.best_of_few(connection, query, wanted, len(ranked) - 1) is None


def test_what_a_title_says_ranks_before_any_text(engine: Engine) -> None:
    """All words of a query in a title come first, then other forms of them, and then what has them anywhere."""
    _index(
        engine,
        SearchRow(story_id=1, title="Coral reefs", text="", language="en"),
        SearchRow(story_id=2, title="A coral", text="Of the reef, the reef and the reef.", language="en"),
        SearchRow(story_id=3, title="Nothing", text="coral reef " * 9_000, language="en"),
        SearchRow(story_id=4, title="The reef and its coral", text="Nothing about " * 500, language="en"),
        SearchRow(story_id=5, title="Coral and reef, without fish", text="And the sea.", language="en"),
    )
    assert [one for one, _ in _all_ranked(engine, "coral reef")][:3] == [5, 4, 1]
    assert [rank for _, rank in _all_ranked(engine, "coral reef")][:3] == [2e6, 2e6, 1e6]
    assert [one for one, _ in _all_ranked(engine, "coral reef -sea")][:2] == [4, 1]
    assert [one for one, _ in _all_ranked(engine, "cor* reef")][:3] == [5, 4, 1]
    assert [one for one, _ in _all_ranked(engine, "fish OR reefs")][:3] == [5, 1, 4]


@pytest.mark.parametrize("query", QUERIES)
def test_titles_are_asked_by_themselves(archive: Engine, query: str) -> None:
    """What they say is what ranks so, whichever stories are asked about; what is not there is said by none."""
    for title, first in product(InTitle, (None, STORIES // 3)):
        ranked = [one for one, rank in _all_ranked(archive, query, Among(first=first)) if rank == title.rank]
        with read_transaction(archive) as connection:
            told = search_index(archive).matches(connection, query, Among(first=first, title=title))
            assert sorted(connection.scalars(select(told.c.story_id))) == sorted(ranked)
            said = search_index(archive).came_last(connection, query, STORIES, title)
            assert said is not None
            assert first is not None or sorted(said.story_ids) == sorted(ranked)
            nothing = search_index(archive).matches(connection, "-coral", Among(first=first, title=title))
            assert connection.scalars(select(nothing.c.story_id)).all() == []


@on_postgresql
def test_titles_have_an_index_of_their_own(archive: Engine) -> None:
    """It is asked for what they say, and that of all words is not."""
    asked: list[tuple[str, dict[str, object]]] = []
    event.listen(archive, "before_cursor_execute", lambda _c, _u, sql, values, *_: asked.append((sql, values)))
    with read_transaction(archive) as connection:
        for title in InTitle:
            search_index(archive).came_last(connection, "coral", STORIES, title)
        told = [one for one in asked if "ts_filter" in one[0]]
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plans = ["\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", values).scalars()) for sql, values in told]
    assert len(plans) == len(InTitle)
    assert all("ix_story_search_titles" in plan and "ix_story_search_words" not in plan for plan in plans)
