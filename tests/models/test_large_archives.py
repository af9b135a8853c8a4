"""The large archives that benchmarks measure on: what is written in bulk holds all that nights would have written."""

from sqlalchemy import Engine, func, select

from models.queries.filters import StoryFilter, count_stories
from models.queries.ledger.checks import audit
from models.queries.searching.search import SearchRequest, search
from models.storage.database import read_transaction
from models.tables.corrections import CorrectionRow
from models.tables.stories import Story
from tests.benchmarks.large.build import build
from tests.benchmarks.large.drafts import REVISED_A_NIGHT, STORIES_A_NIGHT


def test_a_large_archive_adds_up_and_grows(engine: Engine, database_url: str) -> None:
    """Two nights, the second one built upon the first: nothing dangles, all sums are right, all of it is searched."""
    build(database_url, STORIES_A_NIGHT)
    with read_transaction(engine) as connection:
        before = connection.scalars(select(Story.content_hash).order_by(Story.id)).all()
    build(database_url, 2 * STORIES_A_NIGHT)
    with read_transaction(engine) as connection:
        after = connection.scalars(select(Story.content_hash).order_by(Story.id)).all()
        assert after[: len(before)] == before
        assert count_stories(connection, StoryFilter()) == 2 * STORIES_A_NIGHT
        assert audit(connection).findings == ()
        assert (connection.scalar(select(func.count()).select_from(CorrectionRow)) or 0) >= 2 * REVISED_A_NIGHT
        copies = select(func.count()).where(Story.cluster_id != Story.id)
        assert (connection.scalar(copies) or 0) > STORIES_A_NIGHT / 20
        assert len(search(connection, SearchRequest(query="flood", limit=20))) == 20
