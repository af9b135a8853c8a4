"""What identity is told of the archive, and what it decides: data between `flows.steps.dedupe` and `models.archive`."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from models.stages import ClassifiedStory, CleanStory, Entry

PAGE_SOURCE = "page"  # the lead of a story whose text is its article page's; no feed may have this id
# Publishers' links and ids know no end, and PostgreSQL takes no index row of more than 2,704 bytes.
MAX_KEY_BYTES: Final = 512


class KeyKind(StrEnum):
    """What a story key is made of. A key with a title or a text serves only where the bare one is ambiguous."""

    GUID = "guid"
    URL = "url"
    STEM = "stem"  # of a guid or an address: without its fragment or counter, within its feed
    TITLED_GUID = "guid+title"
    TITLED_URL = "url+title"
    WORDED_GUID = "guid+text"
    WORDED_URL = "url+text"
    DIGEST = "digest"  # of the entry that a story was born of which had no other key


class PageState(StrEnum):
    """What came of a story's article page."""

    NONE = "none"  # no feed follows this story to its page
    DUE = "due"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GONE = "gone"
    FAILED = "failed"


class PageQueueState(Struct, frozen=True, kw_only=True):
    """A story's place in the page queue, as the archive holds it and as a visit leaves it."""

    state: PageState = PageState.DUE
    reason: str | None = None  # why the page was not believed
    due_at: datetime | None = None  # ask no more where there is none
    attempts: int = 0  # since the last answer
    checks: int = 0  # answers so far
    etag: str | None = None
    digest: str | None = None  # of the bytes that were read
    pending_hash: str | None = None  # a much shorter text that the next check may confirm


class KeyName(Struct, frozen=True, kw_only=True):
    """The unique name of a story key."""

    kind: KeyKind
    scope: str  # the feed's id, all imports' "import", or empty for an address, which is the whole web's
    key: str

    @classmethod
    def of(cls, kind: KeyKind, scope: str, name: str) -> "KeyName":
        """Make the key of a name; a name beyond MAX_KEY_BYTES is known by its sha256."""
        written = name.encode()
        is_short = len(written) <= MAX_KEY_BYTES
        return cls(kind=kind, scope=scope, key=name if is_short else f"sha256:{hashlib.sha256(written).hexdigest()}")


class KeyOwner(Struct, frozen=True, kw_only=True):
    """The story that a key leads to."""

    story_id: int
    is_ambiguous: bool = False  # ambiguous: it identifies only with an equal title or text
    is_merged: bool = False  # it was the key of a story that became part of this one


class KnownSighting(Struct, frozen=True, kw_only=True):
    """A story as one feed last showed it."""

    feed_id: str
    position: int  # of the feed in feeds.yaml
    is_active: bool  # the feed is in feeds.yaml and not gone
    guid: str | None
    url: str | None
    url_key: str | None
    entry_digest: str
    content_hash: str
    length_class: int
    title: str
    text_hash: str = ""  # of its text's words, without the title; empty where it had none, or older code kept none
    published_at: datetime | None = None  # as the feed last said
    first_run_id: int = 0  # in which it was first seen


class EarlierSighting(Struct, frozen=True, kw_only=True):
    """A story that a feed showed once, which may be what an entry with other names was before."""

    story_id: int
    title: str
    text_hash: str
    content_hash: str
    published_at: datetime | None


class KnownVersion(Struct, frozen=True, kw_only=True):
    """A version without its text."""

    id: int
    number: int
    reason: str
    source: str
    run_id: int
    created_at: datetime
    content_hash: str
    extractor_version: str


class StoryState(Struct, frozen=True, kw_only=True):
    """The columns of a story that a sighting or a page may change."""

    url: str | None
    title: str
    language: str | None
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    published_at: datetime | None
    published_raw: str | None
    is_zone_assumed: bool
    text_source: str  # a feed's id, or PAGE_LEAD
    content_hash: str
    revisions: int
    flapping: bool
    is_relevant: bool
    is_page_due: bool  # ask for the page this night; False as the archive holds it


class KnownStory(Struct, frozen=True, kw_only=True):
    """A story as the archive holds it."""

    id: int
    uid: str
    state: StoryState
    text: str
    is_withdrawn: bool
    page_state: str
    merged_into: int | None  # the story that it became part of
    sightings: tuple[KnownSighting, ...]
    versions: tuple[KnownVersion, ...]  # oldest first
    keys: frozenset[KeyName]  # those that the feed at hand gave it

    @property
    def is_closed(self) -> bool:
        """Tell whether no page may touch it any more: it was withdrawn, or is part of another story."""
        return self.is_withdrawn or self.merged_into is not None

    def sighting_of(self, feed_id: str) -> KnownSighting | None:
        """Return the sighting of one feed, if it has one."""
        return next((sighting for sighting in self.sightings if sighting.feed_id == feed_id), None)


class Glance(Struct, frozen=True, kw_only=True):
    """The few columns of a story that decide whether an unchanged entry still needs work."""

    is_open: bool  # neither withdrawn nor part of another
    is_relevant: bool
    is_followed: bool  # its page was asked for, or is due


class Known(Struct, frozen=True, kw_only=True):
    """All that the archive knows about the entries of one document."""

    owners: dict[KeyName, KeyOwner]
    stories: dict[int, KnownStory]
    by_digest: dict[str, int]  # this feed's sightings: entry digest -> story
    earlier: tuple[EarlierSighting, ...] = ()  # of this feed, at the moments of entries that no name is known of


class LoadContext(Struct, frozen=True, kw_only=True):
    """The feed and the run for which a document is decided."""

    feed_id: str
    position: int
    is_vouched: bool  # the feed's stories need not pass the gate
    is_full_text: bool  # the feed's entries are followed to their pages
    run_id: int
    run_ids: frozenset[int]  # this run and the crashed ones that it makes good
    now: datetime
    is_whole: bool = True  # the run is over all feeds, so that a failure counts as a night
    seen_at: datetime | None = None  # when the document was met, where that was before it came into the archive

    @property
    def met_at(self) -> datetime:
        """Return when the document was met: now, or where it was captured earlier, then."""
        return self.now if self.seen_at is None else min(self.seen_at, self.now)


class Item(Struct, frozen=True, kw_only=True):
    """An entry to be decided: with its text unless it looked unchanged, with labels where they are needed."""

    entry: Entry
    text: CleanStory | None = None
    classified: ClassifiedStory | None = None  # the text, judged under the heading that it is kept with


class Outcome(StrEnum):
    """What became of an entry; the names of the ledger's columns."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    OFF_TOPIC = "off_topic"
    FAILED = "failed"


class VersionReason(StrEnum):
    """Why a version was written."""

    FIRST = "first"
    COMPLETED = "completed"  # the lead moved up to a better source
    REVISED = "revised"
    RESTORED = "restored"  # an earlier text came back


class NewVersion(Struct, frozen=True, kw_only=True):
    """A version to write, or the row to rewrite in its place."""

    reason: VersionReason
    number: int = 1
    in_place_of: int | None = None  # a version's id


class StoryChange(Struct, frozen=True, kw_only=True):
    """What a document does to one story. Absent parts stay as they are."""

    story_id: int | None  # None: the story is born
    uid: str
    item: Item
    state: StoryState | None = None
    sighting: KnownSighting | None = None
    version: NewVersion | None = None
    keys: tuple[KeyName, ...] = ()


class Merger(Struct, frozen=True, kw_only=True):
    """Stories found to be one article, to be merged into the oldest."""

    into: int
    story_ids: tuple[int, ...]  # the younger ones
    url: str | None = None  # of the feed that stands first now


class Decision(Struct, frozen=True, kw_only=True):
    """What a document does to the archive."""

    changes: tuple[StoryChange, ...]
    outcomes: tuple[Outcome, ...]  # an item each, in the document's order
    shared: tuple[KeyName, ...]  # keys that turned out to be ambiguous
    renamed: int = 0  # stories that were known again under other names alone


class AlreadyRecordedError(Exception):
    """Raised where another pass has already recorded this feed's outcome in this run; this result is dropped."""

    def __init__(self, run_id: int, feed_id: str) -> None:
        super().__init__(f"run {run_id} has an outcome for {feed_id}")
        self.run_id = run_id
        self.feed_id = feed_id
