"""Which story an entry is: the keys that speak, the contradictions, the likeness that settles them."""

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flows.steps._likeness import are_texts_alike, are_titles_equal, normal_title
from models.intents import Item, KeyKind, KeyName, KeyOwner, Known, KnownStory

_TAG = re.compile(r"<[^>]*>")
_TITLED = {KeyKind.GUID: KeyKind.TITLED_GUID, KeyKind.URL: KeyKind.TITLED_URL}
_BORN_BY = (KeyKind.URL, KeyKind.GUID, KeyKind.TITLED_URL, KeyKind.TITLED_GUID)  # the best first


@dataclass(slots=True, kw_only=True)
class Resolved:
    """A story of the document with the entries that are it. A negative id is a story that will be born."""

    id: int
    known: KnownStory | None
    members: list[Item] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the members in the document
    keys: list[KeyName] = field(default_factory=list)  # to be added

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether only its keys and a tombstone are left."""
        return self.known is not None and self.known.is_withdrawn

    @property
    def title(self) -> str:
        """Return the title that it is known by."""
        return self.known.state.title if self.known else item_title(self.members[0])

    def add(self, item: Item, position: int) -> None:
        """Take an entry in."""
        self.members.append(item)
        self.positions.append(position)


def entry_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return the names by which an entry might be known, the guid first."""
    entry = item.entry
    names = []
    if entry.guid:
        names.append(KeyName(kind=KeyKind.GUID, scope=feed_id, key=entry.guid))
    if entry.url_key:
        names.append(KeyName(kind=KeyKind.URL, scope="", key=entry.url_key))
    return tuple(names)


def titled_keys(names: Iterable[KeyName], title: str) -> tuple[KeyName, ...]:
    """Return the keys that shared keys make together with a title; none where it has no word: that says nothing."""
    normal = normal_title(title)
    if not normal:
        return ()
    mark = hashlib.sha256(normal.encode()).hexdigest()[:16]
    return tuple(KeyName(kind=_TITLED[name.kind], scope=name.scope, key=f"{mark} {name.key}") for name in names)


def item_title(item: Item) -> str:
    """Return the title of an entry that has been cleaned."""
    assert item.classified is not None  # an entry without text is known by its digest
    return item.classified.story.title


def lookup_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return all names that must be looked up before an entry that has been cleaned can be resolved."""
    bare = entry_keys(item, feed_id)
    return bare + titled_keys(bare, item_title(item))


def story_uid(names: Sequence[KeyName], item: Item, feed_id: str) -> str:
    """Return 16 hex digits from the key that a story is born with: its address before its guid, else its digest."""
    name = min(names, key=lambda one: _BORN_BY.index(one.kind), default=None)
    born = (name.kind, name.scope, name.key) if name else ("digest", feed_id, item.entry.digest)
    return hashlib.sha256("\0".join(born).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Resolver:
    """Resolves the items of one document in their order; what it learns of one serves the next."""

    def __init__(self, known: Known, feed_id: str) -> None:
        self._known = known
        self._feed_id = feed_id
        self._owners = dict(known.owners)
        self._by_digest = dict(known.by_digest)
        self._stories: dict[int, Resolved] = {}
        self.shared: list[KeyName] = []

    def resolve(self, items: Sequence[Item]) -> list[Resolved]:
        """Return the stories of a document, in the order in which they were met."""
        ambiguous = _ambiguous_keys(items, self._feed_id)
        for position, item in enumerate(items):
            story = self._story_of(item, [n for n in entry_keys(item, self._feed_id) if n not in ambiguous])
            story.add(item, position)
            self._by_digest.setdefault(item.entry.digest, story.id)
            if item.classified is not None:
                self._learn(story, names := ())
        return list(self._stories.values())
