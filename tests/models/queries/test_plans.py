"""How what the pages ask of large tables is found: by an index, in order, and no further than the page goes."""

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import Connection, Engine, event

from models.queries.ledger.counts import CountBy, CountRequest, count_rows
from models.queries.ledger.nights import CorrectionsWanted, corrections
from models.queries.searching.search import Order, SearchRequest, search
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.storage.database import write_transaction
from tests.databases import about_sqlite, on_postgresql

MAY = date(2026, 5, 5)


@about_sqlite
def test_corrections_are_found_by_their_index(engine: Engine) -> None:
    """Among all versions that were ever read they are few: no other is looked at, and none is sorted."""
    for wanted in (CorrectionsWanted(), CorrectionsWanted(before=7)):
        with engine.connect() as connection:
            plan = _plan(connection, wanted)
        assert any("story_versions USING INDEX ix_story_versions_corrected" in line for line in plan)
        assert not any("USE TEMP B-TREE" in line for line in plan)


@on_postgresql
def test_the_newest_first_reads_no_words_to_rank_them(engine: Engine) -> None:
    """A rank is worked out of all words of a story: only where it is wanted, and never by a compiled plan."""
    with write_transaction(engine) as connection:
        search_index(connection).index(connection, [SearchRow(story_id=1, title="", text="A flood.")])
    for order, is_ranked in ((Order.NEWEST, False), (Order.RELEVANCE, True)):
        asked: list[str] = []
        with engine.connect() as connection:
            event.listen(connection, "before_cursor_execute", lambda *seen, asked=asked: asked.append(seen[2]))
            search(connection, SearchRequest(query="flood", order=order))
            assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
        assert any("@@" in statement for statement in asked)
        assert any("ts_rank" in statement for statement in asked) is is_ranked


@about_sqlite
def test_sums_are_found_by_their_keys(engine: Engine) -> None:
    """However many topics, sets and days there are: those of a topic and of a set lie together."""
    for by in (CountBy.TOPIC, CountBy.FEED, CountBy.DAY):
        with engine.connect() as connection:
            asked = _asked(connection, partial(count_rows, wanted=CountRequest(by=by, since=MAY)))
            plans = [line for statement in asked for line in _steps(connection, *statement)]
        found = [line for line in plans if "story_counts" in line or "story_months" in line]
        assert found
        assert all("USING PRIMARY KEY (feeds=? AND topic=?" in line for line in found)


def _plan(connection: Connection, wanted: CorrectionsWanted) -> list[str]:
    """Return how the versions are found, which is asked first."""
    asked = _asked(connection, lambda connection: corrections(connection, wanted))
    return _steps(connection, *next(one for one in asked if "story_versions" in one[0]))


def _asked(connection: Connection, ask: Callable[[Connection], object]) -> list[tuple[str, object]]:
    """Return what is asked of the database, with its values."""
    asked: list[tuple[str, object]] = []
    event.listen(connection, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3])))
    ask(connection)
    return asked


def _steps(connection: Connection, statement: str, values: object) -> list[str]:
    driver = connection.connection.driver_connection
    assert driver is not None
    return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
