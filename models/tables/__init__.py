"""The tables of the archive, for SQLite and PostgreSQL alike. docs/columns.md explains every column.

`stories.version_id` and `classification_id` have no foreign key, which would close a circle that SQLite's ALTER cannot
make: `queries.dangling_pointers` checks them. Indexes with an option of one database stand in models.tables.indexes.
"""

from models.tables.acts import ActRow as ActRow
from models.tables.changes import ChangeMark as ChangeMark
from models.tables.changes import ChangeRow as ChangeRow
from models.tables.conventions import Base as Base
from models.tables.conventions import alias_of as alias_of
from models.tables.copies import CopyBand as CopyBand
from models.tables.copies import CopyQueue as CopyQueue
from models.tables.copies import StoryCopy as StoryCopy
from models.tables.corrections import CorrectionRow as CorrectionRow
from models.tables.counts import FeedDay as FeedDay
from models.tables.counts import FeedSet as FeedSet
from models.tables.counts import FeedSum as FeedSum
from models.tables.counts import StoryCount as StoryCount
from models.tables.counts import StoryMonth as StoryMonth
from models.tables.documents import Quarantine as Quarantine
from models.tables.documents import RawBlob as RawBlob
from models.tables.feeds import Feed as Feed
from models.tables.labels import ClassificationRow as ClassificationRow
from models.tables.labels import StoryTopic as StoryTopic
from models.tables.labels import TopicRow as TopicRow
from models.tables.queues import SearchQueue as SearchQueue
from models.tables.queues import VectorQueue as VectorQueue
from models.tables.runs import FeedRun as FeedRun
from models.tables.runs import Fetch as Fetch
from models.tables.runs import Run as Run
from models.tables.stories import Sighting as Sighting
from models.tables.stories import Story as Story
from models.tables.stories import StoryKey as StoryKey
from models.tables.stories import StoryVersion as StoryVersion
from models.tables.vectors import StoryVector as StoryVector
from models.tables.watches import Notice as Notice
from models.tables.watches import WatchMatch as WatchMatch
from models.tables.watches import WatchRow as WatchRow
