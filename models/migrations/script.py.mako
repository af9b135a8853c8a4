"""${message}.

Revision: ${up_revision}, after ${down_revision or "nothing"}.
"""

import sqlalchemy as sa
from alembic import op
% if down_revision is None:
from models.search.factory import search_index
% endif
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Go to this revision, inside the caller's transaction."""
    ${upgrades if upgrades else "pass"}
% if down_revision is None:
    search_index(op.get_bind()).create(op.get_bind())
% endif
