"""All tables of the archive."""

from typing import Final

from sqlalchemy import MetaData

from models.tables import (
    acts,
    changes,
    copies,
    corrections,
    counts,
    documents,
    feeds,
    labels,
    queues,
    runs,
    stories,
    vectors,
    watches,
)

METADATA: Final[MetaData] = acts.ActRow.metadata  # one for all, which a module's import fills
MODULES: Final = (
    acts,
    changes,
    copies,
    corrections,
    counts,
    documents,
    feeds,
    labels,
    queues,
    runs,
    stories,
    vectors,
    watches,
)
