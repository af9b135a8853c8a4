"""Word forms in the search.

Revision: 0007, after 0006.

The search index holds stems beside the words, and numbers and units in one form: it is made anew from the stories.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from models.archive.texts.search_queue import index_batch
from models.search.factory import search_index
from models.storage.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NAMES = ("id", "relevant_at", "withdrawn_at", "merged_into")
_STORIES = sa.table("stories", *(sa.column(name) for name in _NAMES))
_QUEUE = sa.table("search_queue", sa.column("story_id"), sa.column("queued_at", UtcDateTime()))


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    connection = op.get_bind()
    index = search_index(connection)
    index.drop(connection)
    index.create(connection)
    shown = (
        _STORIES.c.relevant_at.is_not(None) & _STORIES.c.withdrawn_at.is_(None) & _STORIES.c.merged_into.is_(None)
    ) & _STORIES.c.id.not_in(sa.select(_QUEUE.c.story_id))
    now = sa.literal(datetime.now(UTC), UtcDateTime())
    connection.execute(
        sa.insert(_QUEUE).from_select(["story_id", "queued_at"], sa.select(_STORIES.c.id, now).where(shown))
    )
    while index_batch(connection):
        pass
