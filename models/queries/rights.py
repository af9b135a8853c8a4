"""What of a story's text may leave the archive for good, by the feeds that show it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from models.stages import Rights
from models.tables.feeds import Feed
from models.tables.stories import Sighting

_STRICTEST: Final = list(Rights)


def rights_of(connection: Connection, story_ids: Sequence[int]) -> dict[int, Rights]:
    """Return what the strictest of each story's feeds allows; a story that no feed shows is not there."""
    shown = select(Sighting.story_id, Feed.rights).join(Feed, Feed.id == Sighting.feed_id)
    found: dict[int, Rights] = {}
    for story_id, said in connection.execute(shown.where(Sighting.story_id.in_(story_ids))).tuples():
        found[story_id] = max(found.get(story_id, Rights.FULL), Rights(said), key=_STRICTEST.index)
    return found
