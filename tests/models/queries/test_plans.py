"""How what the pages ask of large tables is found: by an index, in order, and no further than the page goes."""

from sqlalchemy import Connection, Engine, event

from models.queries.ledger.nights import CorrectionsWanted, corrections
from tests.databases import about_sqlite


@about_sqlite
def test_corrections_are_found_by_their_index(engine: Engine) -> None:
    """Among all versions that were ever read they are few: no other is looked at, and none is sorted."""
    for wanted in (CorrectionsWanted(), CorrectionsWanted(before=7)):
        with engine.connect() as connection:
            plan = _plan(connection, wanted)
        assert any("story_versions USING INDEX ix_story_versions_corrected" in line for line in plan)
        assert not any("USE TEMP B-TREE" in line for line in plan)


def _plan(connection: Connection, wanted: CorrectionsWanted) -> list[str]:
    """Return how the versions are found, which is asked first."""
    asked: list[tuple[str, object]] = []
    event.listen(connection, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3])))
    corrections(connection, wanted)
    statement, values = next(one for one in asked if "story_versions" in one[0])
    driver = connection.connection.driver_connection
    assert driver is not None
    return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
