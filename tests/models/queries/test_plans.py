"""How what the pages ask of large tables is found: by an index, in order, and no further than the page goes."""

from sqlalchemy import Connection, Engine, event

from models.queries.ledger.nights import CorrectionsWanted, corrections
from models.queries.searching.search import Order, SearchRequest, search
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.storage.database import write_transaction
from tests.databases import about_sqlite, on_postgresql


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


def _plan(connection: Connection, wanted: CorrectionsWanted) -> list[str]:
    """Return how the versions are found, which is asked first."""
    asked: list[tuple[str, object]] = []
    event.listen(connection, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3])))
    corrections(connection, wanted)
    statement, values = next(one for one in asked if "story_versions" in one[0])
    driver = connection.connection.driver_connection
    assert driver is not None
    return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
