"""Which stories wait for the second reader: for the labels of both readers, or for their vector alone."""

from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from models.learnt import UNREAD
from models.tables.keys import table_of
from models.tables.labels import ClassificationRow
from models.tables.queues import VectorQueue
from models.tables.stories import Story

_QUEUE, _STORIES, _LABELS = table_of(VectorQueue), table_of(Story), table_of(ClassificationRow)

# Of a story with its current labels. A person's labels have the version of another classifier.
IS_UNREAD: Final = _LABELS.c.classifier_version.endswith(UNREAD)
IS_WAITING: Final = and_(
    _STORIES.c.withdrawn_at.is_(None),
    _STORIES.c.merged_into.is_(None),
    or_(_STORIES.c.relevant_at.is_not(None), IS_UNREAD),
)
# A sum has no index: else SQLite, where it has no statistics, would look up every story in the queue.
QUEUED: Final = _QUEUE.join(_STORIES, _STORIES.c.id == _QUEUE.c.story_id + 0).join(
    _LABELS, _LABELS.c.id == _STORIES.c.classification_id
)


def count_waiting(connection: Connection) -> int:
    """Count the stories that wait."""
    return connection.scalar(select(func.count()).select_from(QUEUED).where(IS_WAITING)) or 0
