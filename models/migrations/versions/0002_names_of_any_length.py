"""Names of any length.

Revision: 0002, after 0001.

Addresses are looked up in a hash index on PostgreSQL, whose sorted ones take no long value; keys beyond 512 bytes are
known by their sha256.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MAX_KEY_BYTES = 512
_MOST_BYTES_OF_A_CHARACTER = 4
_KEYS = sa.table("story_keys", *(sa.column(name, sa.Text()) for name in ("kind", "scope", "key")))


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_stories_url", "stories")
        op.create_index("ix_stories_url", "stories", ["url"], postgresql_using="hash")
    _shorten_keys(op.get_bind())


def _shorten_keys(connection: sa.Connection) -> None:
    may_be_long = sa.func.length(_KEYS.c.key) > _MAX_KEY_BYTES // _MOST_BYTES_OF_A_CHARACTER
    for kind, scope, key in connection.execute(sa.select(_KEYS).where(may_be_long)).all():
        # Before the name of a key with a title stands the title's mark.
        mark, space, name = key.partition(" ") if "+" in kind else ("", "", key)
        if len(name.encode()) > _MAX_KEY_BYTES:
            is_it = (_KEYS.c.kind == kind) & (_KEYS.c.scope == scope) & (_KEYS.c.key == key)
            digest = hashlib.sha256(name.encode()).hexdigest()
            connection.execute(sa.update(_KEYS).where(is_it).values(key=f"{mark}{space}sha256:{digest}"))
