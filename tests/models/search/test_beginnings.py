"""A beginning* on SQLite is asked for by the words that begin so, and finds what FTS5's own beginnings find."""

from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text

from models.search.factory import search_index
from models.search.interface import Among, InTitle, SearchRow
from models.storage.database import write_transaction
from tests.databases import about_sqlite

pytestmark = about_sqlite

MANY = 250  # words that begin alike, more than are asked for by name
ROWS = (
    SearchRow(story_id=1, title="Glaciers melt", text="The sea level rises.", language="en"),
    SearchRow(story_id=2, title="A glacial lake", text="Its levels fell: the glaciologist said so.", language="en"),
    SearchRow(story_id=3, title="Glatteis", text="Straßen und Glas, kein Gletscher.", language="de"),
    SearchRow(story_id=4, title="Sea walls", text="Higher sea levels; 27 glaciers.", language=None),
    SearchRow(story_id=5, title="Codes", text=" ".join(f"zx{at}" for at in range(MANY)), language="en"),
    SearchRow(story_id=6, title="A code", text="It is zx7 and no other. Glaciers melt.", language="en"),
    SearchRow(story_id=7, title="Glass", text="Broken.", language="en"),
)
QUERIES = {
    "glac*": '"glac" *',
    "gla*": '"gla" *',
    '"sea level" OR gla*': '"sea level" OR "gla" *',
    "zx*": '"zx" *',
    "zx24*": '"zx24" *',
    "a -gla*": '"a" NOT "gla" *',
    "sea-lev*": '"sea lev" *',
    "qq*": '"qq" *',
}


@pytest.fixture(autouse=True)
def indexed(engine: Engine) -> None:
    """Give an index in which one story got other words, and one is gone."""
    with write_transaction(engine) as connection:
        index = search_index(connection)
        index.index(connection, ROWS)
        index.index(connection, [SearchRow(story_id=4, title="Sea walls", text="Glaciers and levels.", language="en")])
        index.remove(connection, [7])


@pytest.mark.parametrize("query", QUERIES)
def test_it_finds_what_the_index_calls_a_beginning(engine: Engine, query: str) -> None:
    """Of many words and few, of a word in a row with others, left out, and of nothing."""
    with engine.connect() as connection:
        expected = _held(connection, QUERIES[query])
        index = search_index(connection)
        last = index.came_last(connection, query, 100)
        assert last is not None
        assert sorted(last.story_ids) == expected
        matches = index.matches(connection, query)
        assert sorted(connection.scalars(select(matches.c.story_id))) == expected
        ranked = index.matches(connection, query, with_rank=True)
        assert sorted(connection.scalars(select(ranked.c.story_id))) == expected


def test_titles_say_it_so(engine: Engine) -> None:
    """In the very words; a beginning has no other forms."""
    with engine.connect() as connection:
        index = search_index(connection)
        found = {title: index.matches(connection, "glac*", Among(title=title)) for title in InTitle}
        told = {title: sorted(connection.scalars(select(one.c.story_id))) for title, one in found.items()}
    assert told == {InTitle.WORDS: [1, 2], InTitle.FORMS: []}


def test_it_is_asked_for_by_its_words(engine: Engine) -> None:
    """Else FTS5 merges all that it has of them, however few are wanted; and the many are not named."""
    asked: list[Any] = []
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *seen: asked.append(str(seen[3])))
        for query in ("glac*", "zx*"):
            search_index(connection).came_last(connection, query, 100)
    assert any('"glacial" OR ' in one and '"glaciologist"' in one for one in asked)
    assert not any('"glac" *' in one for one in asked)
    assert any('"zx" *' in one for one in asked)


@pytest.mark.parametrize(
    "query", [" OR ".join(["zx1*"] * 50), " ".join(["zx1*"] * 50), "zx1* -zx2*", "a " + "-zx* " * 49]
)
def test_a_query_of_many_beginnings_names_no_more_words_than_one_may(engine: Engine, query: str) -> None:
    """Fifty times two hundred would take FTS5 half a second, of an archive however small."""
    asked: list[str] = []
    with engine.connect() as connection:
        index = search_index(connection)
        event.listen(connection, "before_cursor_execute", lambda *seen: asked.append(str(seen[3])))
        matches, ranked = index.matches(connection, query), index.matches(connection, query, with_rank=True)
        found = sorted(connection.scalars(select(matches.c.story_id)))
        assert max(one.count('"zx') for one in asked) <= 200 + 50
        assert found == sorted(connection.scalars(select(ranked.c.story_id)))


def test_of_fifty_beginnings_of_too_many_words_few_are_looked_up(engine: Engine) -> None:
    """Each look reads two hundred words before it gives up."""
    asked: list[str] = []
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        query = " OR ".join(f"x{at}-zx*" for at in range(25))
        search_index(connection).came_last(connection, query, 100)
    assert sum("RECURSIVE" in one for one in asked) < 10


def _held(connection: Connection, expression: str) -> list[int]:
    """Return the stories that FTS5 itself finds, of those whose last words are shown."""
    found = text("SELECT rowid FROM story_search WHERE story_search MATCH :wanted")
    places = set(connection.scalars(found, {"wanted": expression}))
    live = {one.story_id: one.story_id for one in ROWS if one.story_id != 7} | {4: 4 + (1 << 40)}
    return sorted(story_id for story_id, place in live.items() if place in places)
