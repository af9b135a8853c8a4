"""Ask for word forms in the languages of the archive alone, and keep a story's words where PostgreSQL ranks by them.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

from models.search.languages import LANGUAGES, note_languages

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_STORIES = sa.table("stories", sa.column("language", sa.Text()))


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    connection = op.get_bind()
    LANGUAGES.create(connection, checkfirst=True)  # it is there where an earlier revision made the index anew
    # Hidden stories too: what they add is asked for in vain.
    note_languages(connection, connection.scalars(sa.select(_STORIES.c.language).distinct()))
    if connection.dialect.name == "postgresql":
        _unpack_words()


def _unpack_words() -> None:
    """Write the index's rows anew, with their words unpacked; what the planner knew of these is forgotten by that."""
    op.execute("ALTER TABLE story_search SET (toast_tuple_target = 8160)")
    op.execute("ALTER TABLE story_search ALTER words SET STATISTICS 0")
    op.execute("ALTER TABLE story_search ALTER words TYPE tsvector USING words || ''::tsvector")
