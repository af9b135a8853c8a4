"""Which stories come first: what is looked for in parts is what all of it would give."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, event, func, select, update

from models.archive.texts.search_queue import index_stories
from models.queries.filters import StoryFilter
from models.queries.searching import best, newest
from models.queries.searching.ordering import Window, in_order
from models.queries.searching.places import places
from models.queries.searching.search import (
    FoundStory,
    Order,
    ResultPlace,
    SearchRequest,
    count_found,
    ranked_among,
    results,
    search,
)
from models.search import postgres, sqlite
from models.search.factory import search_index
from models.search.interface import BELOW_TITLES, Among
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.stories import Story
from tests.benchmarks.large.build import build
from tests.databases import about_sqlite, on_postgresql

NOTHING = datetime(1970, 1, 1, tzinfo=UTC)
QUERIES = ("climate", "flood", "-climate", "nothing")


@pytest.fixture(scope="module")
def archive(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give an archive of five hundred stories, of which every third has been indexed again."""
    url = new_database()
    build(url, 500)
    engine = create_database_engine(url)
    with write_transaction(engine) as connection:
        index_stories(connection, connection.scalars(select(Story.id).where(Story.id % 3 == 0)).all())
    yield engine
    engine.dispose()


def pages(connection: Connection, wanted: SearchRequest) -> list[tuple[int, float | None]]:
    """Turn two pages of a list."""
    found, after = [], None
    for _ in range(2):
        page = search(
            connection,
            SearchRequest(query=wanted.query, filter=wanted.filter, order=wanted.order, limit=7, after=after),
        )
        found += [(one.id, one.rank) for one in page]
        after = page[-1].place if page else ResultPlace(sort_at=NOTHING, id=0)
    return found


def told_by_title(found: list[FoundStory]) -> list[int]:
    """Return which stories' titles say "climate", in order."""
    return [one.id for one in found if "climate" in one.title.lower()]


def filters(connection: Connection) -> list[StoryFilter]:
    """Return no filter, and several."""
    last = connection.scalar(select(func.max(Story.sort_at)))
    assert last is not None
    middle = last - timedelta(hours=18)
    return [
        StoryFilter(),
        StoryFilter(topics=("health",)),
        StoryFilter(languages=("de",)),
        StoryFilter(until=middle),
        StoryFilter(since=middle, corrected=True),
        StoryFilter(unique=True),
    ]


def test_looking_in_parts_finds_the_same(archive: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the parts are, every page of every list has the same stories with the same ranks."""
    with read_transaction(archive) as connection:
        asked = [
            SearchRequest(query=query, filter=one, order=order)
            for query, one, order in product(QUERIES, filters(connection), Order)
        ]
        whole = [pages(connection, one) for one in asked]
        monkeypatch.setattr(type(search_index(archive)), "few", 5)
        monkeypatch.setattr(newest, "_WINDOWS", (10, 60))
        monkeypatch.setattr(best, "_TOP", 16)
        monkeypatch.setattr(best, "_FEW", 3)
        for rows in (2, 200):  # for each of those that came in last: too few where many texts changed, and enough
            monkeypatch.setattr(sqlite, "_LOOKED_AT", rows)
            assert [pages(connection, one) for one in asked] == whole
        assert sum(map(len, whole)) > 200


def test_titles_and_texts_make_one_list(archive: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned page by page, with titles looked for by themselves, it is what one statement ranks and sorts."""
    monkeypatch.setattr(type(search_index(archive)), "few", 5)
    monkeypatch.setattr(newest, "_WINDOWS", (10, 60))
    monkeypatch.setattr(best, "_TOP", 16)
    monkeypatch.setattr(best, "_FEW", 3)
    both = set()
    with read_transaction(archive) as connection:
        for query, one in product(("climate OR flood", "climate emissions", "clim* -flood"), filters(connection)):
            wanted = SearchRequest(query=query, filter=one, limit=500)
            whole = [(place.id, place.rank) for place in in_order(connection, wanted, Window())]
            assert [(place.id, place.rank) for place in places(connection, wanted).found] == whole
            page, turned = replace(wanted, limit=40), []
            while not one.unique and (found := places(connection, page).found):
                turned += [(place.id, place.rank) for place in found]
                last = found[-1]
                page = replace(page, after=ResultPlace(sort_at=last.sort_at, id=last.id, rank=last.rank))
            assert one.unique or turned == whole
            both |= {rank >= BELOW_TITLES for _, rank in whole if rank is not None}
    assert both == {True, False}


def test_what_came_in_last_may_be_dated_long_ago(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As what is imported is: the newest are found though they came in before."""
    url = new_database()
    build(url, 200)
    engine = create_database_engine(url)
    wanted = SearchRequest(query="climate", order=Order.NEWEST, limit=6)
    with write_transaction(engine) as connection:
        every = [one.id for one in search(connection, replace(wanted, limit=500))]
        imported = sorted(every)[-40:]
        connection.execute(update(Story).where(Story.id.in_(imported)).values(sort_at=NOTHING))
    expected = [one for one in every if one not in imported][:6]
    monkeypatch.setattr(type(search_index(engine)), "few", 20)
    monkeypatch.setattr(newest, "_WINDOWS", (10, 60))
    with read_transaction(engine) as connection:
        assert [one.id for one in search(connection, wanted)] == expected
    engine.dispose()


@about_sqlite
def test_only_the_newest_are_looked_through(archive: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether others are dated later than a page is asked of the newest of all stories, by their dates."""
    monkeypatch.setattr(type(search_index(archive)), "few", 5)
    monkeypatch.setattr(sqlite, "_LOOKED_AT", 200)
    plans: list[str] = []

    def explain(_c: object, cursor: sqlite3.Cursor, statement: str, parameters: tuple[Any, ...], *_: object) -> None:
        if "stories.id < ?" in statement:
            plans.extend(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    event.listen(archive, "before_cursor_execute", explain)
    with read_transaction(archive) as connection:
        assert search(connection, SearchRequest(query="climate", order=Order.NEWEST, limit=2))
    event.remove(archive, "before_cursor_execute", explain)
    assert plans == ["SEARCH stories USING INDEX ix_stories_sort_at (sort_at>?)"]


@about_sqlite
def test_few_are_sorted_as_they_are(new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of them are wanted, and where those of them that came in last are dated long ago."""
    url = new_database()
    build(url, 200)
    engine = create_database_engine(url)
    monkeypatch.setattr(newest, "_ENOUGH", 5)
    wanted = SearchRequest(query="climate", order=Order.NEWEST, limit=60)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _u, sql, *_: asked.append(sql))
    with write_transaction(engine) as connection:
        every = [one.id for one in search(connection, wanted)]
        imported = sorted(every)[-20:]
        connection.execute(update(Story).where(Story.id.in_(imported)).values(sort_at=NOTHING))
        expected = [one for one in every if one not in imported][:2]
        assert [one.id for one in search(connection, replace(wanted, limit=2))] == expected
    assert not [sql for sql in asked if "min(" in sql]  # which asks where the newest of all stories begin
    engine.dispose()


def test_a_rank_of_many_is_one_of_the_last(archive: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more stories than are ranked, those that came in last are, behind all whose titles say it; and it is said."""
    monkeypatch.setattr(best, "MOST_RANKED", 40)
    wanted = SearchRequest(query="climate", limit=500)
    with read_transaction(archive) as connection:
        assert ranked_among(connection, wanted) == results(connection, wanted).ranked_among == 40
        assert ranked_among(connection, SearchRequest(query="peatland")) is None
        assert ranked_among(connection, SearchRequest(query="climate", order=Order.NEWEST)) is None
        every = search(connection, SearchRequest(query="climate", order=Order.NEWEST, limit=500))
        found = search(connection, wanted)
        monkeypatch.setattr(best, "_TOP", 4)
        assert search(connection, replace(wanted, limit=2)) == found[:2]
    told = told_by_title(every)
    assert [one.id for one in found][: len(told)] == told != []
    assert {one.id for one in found} == {*told, *sorted(one.id for one in every)[-40:]}


@on_postgresql
@pytest.mark.parametrize(
    ("few", "step"),
    [
        pytest.param(0, "WITH looked_up AS MATERIALIZED", id="few are looked up by their ids"),
        pytest.param(-1, "WITH matches AS MATERIALIZED", id="many are found first"),
    ],
)
def test_what_the_index_finds_is_a_step_of_its_own(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, few: int, step: str
) -> None:
    """PostgreSQL never walks through all stories by date, asking each whether it has a word."""
    monkeypatch.setattr(type(search_index(engine)), "few", few)
    wanted = SearchRequest(query="peatland", order=Order.NEWEST)
    with read_transaction(engine) as connection:
        asked: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
        search(connection, wanted)
    by_date = [one for one in asked if ".sort_at DESC" in one and not one.startswith("SELECT min(")]
    assert by_date
    assert all(step in one for one in by_date)


@on_postgresql
@pytest.mark.parametrize("last", [pytest.param(90, id="few"), pytest.param(300, id="many")])
def test_only_few_rows_are_asked_one_by_one(archive: Engine, monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    """Of many it is the index of words that knows which of them have a word; what is found is the same."""
    monkeypatch.setattr(postgres, "_FEW_ROWS", 100)
    index = search_index(archive)
    with read_transaction(archive) as connection:
        stories = sorted(connection.scalars(select(Story.id).where(Story.relevant_at.is_not(None))))
        first = stories[-last]
        every = connection.scalars(select(index.matches(connection, "climate").c.story_id)).all()
        found = index.matches(connection, "climate", Among(first=first))
        assert (
            sorted(connection.scalars(select(found.c.story_id))) == sorted(one for one in every if one >= first) != []
        )
    assert ("IS true" in str(found.compile(dialect=archive.dialect))) == (last <= 100)


@pytest.mark.parametrize("narrowed", range(1, 5))
def test_a_filter_narrows_before_the_last_ones_are_taken(
    archive: Engine, monkeypatch: pytest.MonkeyPatch, narrowed: int
) -> None:
    """What a filter leaves is ranked whole where it is few, be it long ago; of many, those that came in last.

    Those whose titles say it are found in any case.
    """
    with read_transaction(archive) as connection:
        wanted = SearchRequest(query="climate", filter=filters(connection)[narrowed], limit=500)
        newest_first = search(connection, replace(wanted, order=Order.NEWEST))
        every, told = {one.id for one in newest_first}, told_by_title(newest_first)
        most = len(every) // 2
        for ranked, last in ((len(every), every), (most, set(sorted(every)[-most:]))):
            monkeypatch.setattr(best, "MOST_RANKED", ranked)
            assert {one.id for one in search(connection, wanted)} == {*told, *last}
            among = None if last == every else ranked
            assert ranked_among(connection, wanted) == results(connection, wanted).ranked_among == among
        assert count_found(connection, wanted) == len(every) > 2


def test_behind_a_story_without_a_rank_is_none_that_has_one(archive: Engine) -> None:
    """Whoever turns a page of the newest and then wants the best does not go round."""
    with read_transaction(archive) as connection:
        first = search(connection, SearchRequest(query="climate", order=Order.NEWEST, limit=1))[0]
        assert search(connection, SearchRequest(query="climate", after=first.place)) == []
