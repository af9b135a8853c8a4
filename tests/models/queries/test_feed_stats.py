"""What health is judged from: counted in the database as it would be row by row, and without a walk by feeds."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import Connection, Engine, event, select

from models.identity import PageState
from models.queries.ledger.feed_stats import FeedStats, feed_stats
from models.storage.database import read_transaction, write_transaction
from models.tables.stories import Sighting, Story
from tests.builders import NOON, Archive, Piece
from tests.databases import about_sqlite

STATES = tuple(PageState)
TRIED = {PageState.ACCEPTED: True, PageState.REFUSED: False, PageState.FAILED: False}


def fill(connection: Connection) -> None:
    """Have eight nights of two feeds, which share stories whose pages came to every end."""
    archive = Archive(connection)
    one, two = archive.feed("one"), archive.feed("two")
    for night in range(8):
        pieces = [
            Piece(title=f"Sea {night} {n}", text=f"The sea, {night} {n}.", url=f"https://one.example/{night}-{n}")
            for n in range(len(STATES))
        ]
        run_id = archive.begin()
        archive.show(run_id, one, *pieces)
        archive.show(run_id, two, *pieces[: night % len(STATES)])
        archive.end(run_id)
        archive.now += timedelta(hours=19)
    for at, story_id in enumerate(connection.scalars(select(Story.id).order_by(Story.id)).all()):
        archive.alter(story_id, page_state=STATES[at % len(STATES)].value)


def test_days_and_pages_are_those_of_every_row(engine: Engine) -> None:
    """Of what a feed showed for the first time since a moment: its days, and what came of its stories' pages."""
    with write_transaction(engine) as connection:
        fill(connection)
    for since in (NOON - timedelta(days=1), NOON + timedelta(days=3), NOON + timedelta(days=90)):
        with read_transaction(engine) as connection:
            found = {one.id: one for one in feed_stats(connection, since)}
            columns = select(Sighting.feed_id, Sighting.first_seen_at, Story.page_state)
            rows = connection.execute(columns.join(Story, Story.id == Sighting.story_id)).tuples().all()
        shown = [(feed_id, at.date(), state) for feed_id, at, state in rows if at >= since]
        pages = Counter((feed_id, TRIED[PageState(state)]) for feed_id, _, state in shown if state in TRIED)
        assert set(found) == {"one", "two"}
        for feed_id, stats in found.items():
            assert stats.news_days == tuple(sorted({day for own, day, _ in shown if own == feed_id}))
            assert _pages(stats) == (pages[feed_id, True], pages[feed_id, False])


@about_sqlite
def test_what_was_shown_is_read_in_its_own_order(engine: Engine) -> None:
    """By the index of feeds and stories every row would come from another page of the file."""
    asked: list[tuple[str, object]] = []
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *seen: asked.append((seen[2], seen[3])))
        feed_stats(connection, NOON)
        driver = connection.connection.driver_connection
        assert driver is not None
        of_sightings = [one for one in asked if "FROM sightings" in one[0]]
        plans = [
            driver.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall() for statement, values in of_sightings
        ]
    assert [plan[0][3] for plan in plans] == ["SCAN sightings"] * 2


def _pages(stats: FeedStats) -> tuple[int, int]:
    return stats.pages_accepted, stats.pages_refused
