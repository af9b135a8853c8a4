"""Find forms of words that hold vowel signs or dots of their own: of Hindi, Nepali, Tamil, Arabic, Persian and Turkish.

Revision: 0024, after 0023.

Stories in these languages wait to be indexed again, which the next run does; until then they are found as before. Words
of other languages that hold a mark of their own (a stressed Russian one) are indexed with their forms from now on.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from models.storage.database import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_LANGUAGES = ("ar", "fa", "hi", "ne", "ta", "tr")
_STORIES = sa.table(
    "stories", *(sa.column(name) for name in ("id", "language", "relevant_at", "withdrawn_at", "merged_into"))
)
_QUEUE = sa.table("search_queue", sa.column("story_id"), sa.column("queued_at", UtcDateTime()))


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    stories = _STORIES.c
    is_shown = stories.relevant_at.is_not(None) & stories.withdrawn_at.is_(None) & stories.merged_into.is_(None)
    code = sa.func.lower(sa.func.substr(stories.language + "-", 1, 3))
    found = sa.select(stories.id, sa.literal(datetime.now(UTC), UtcDateTime())).where(
        is_shown,
        code.in_([f"{language}-" for language in _LANGUAGES]),
        stories.id.not_in(sa.select(_QUEUE.c.story_id)),
    )
    op.get_bind().execute(sa.insert(_QUEUE).from_select(["story_id", "queued_at"], found))
