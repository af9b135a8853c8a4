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
    return hashlib.sha256("\0".join(born).encode()).hexdigest()[:16]


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
            # One that is known to be shared stays: with its title it says which of the stories is meant.
            names = [n for n in entry_keys(item, self._feed_id) if n not in ambiguous or self._is_shared(n)]
            story = self._story_of(item, names)
            story.add(item, position)
            self._by_digest.setdefault(item.entry.digest, story.id)
        return list(self._stories.values())

    def _story_of(self, item: Item, names: list[KeyName]) -> Resolved:
        same = self._by_digest.get(item.entry.digest)
        if same is not None:
            return self._met(same)
        speaking = [(name, owner) for name in names if (owner := self._speaks(name, item)) is not None]
        for story_id in dict.fromkeys(owner for _, owner in speaking):
            story = self._met(story_id)
            if self._is_same(item, story, names, speaking):
                self._learn_from(story, item, names)
                return story
        return self._born(item, names, [name for name, _ in speaking])

    def _speaks(self, name: KeyName, item: Item) -> int | None:
        owner = self._owners.get(name)
        if self._is_shared(name):
            owner = next((self._owners.get(titled) for titled in titled_keys([name], item_title(item))), None)
        return owner.story_id if owner else None

    def _is_same(self, item: Item, story: Resolved, names: list[KeyName], speaking: list[tuple[KeyName, int]]) -> bool:
        for_it = {name for name, owner in speaking if owner == story.id}
        if story.is_withdrawn and any(name.kind is KeyKind.URL for name in for_it):
            return True  # its words are gone: its address is enough to keep it from coming back
        if self._is_contradicted(story, set(names) - for_it, {name for name, _ in speaking}):
            return _is_like(item, story)
        is_seen_here = story.known is None or story.known.sighting_of(self._feed_id) is not None
        is_lone = len(for_it) == 1 and is_seen_here and not story.is_withdrawn
        return not is_lone or _is_like(item, story)

    def _is_contradicted(self, story: Resolved, others: set[KeyName], speaking: set[KeyName]) -> bool:
        """Tell whether one of the other keys is another story's, or a second key of its kind from this feed.

        A shared key that no title completes says nothing, neither for a story nor against it.
        """
        held = {*story.keys, *(story.known.keys if story.known else ())}
        kinds = {name.kind for name in held}
        return any(name in speaking or (name not in held and name.kind in kinds) for name in others)

    def _born(self, item: Item, names: list[KeyName], lied: list[KeyName]) -> Resolved:
        story = Resolved(id=-len(self._stories) - 1, known=None)
        self._stories[story.id] = story
        for name in lied:
            self._share(name)
        self._learn_from(story, item, names)
        return story

    def _share(self, name: KeyName) -> None:
        if self._is_shared(name):
            return
        owner = self._owners[name]
        self._owners[name] = KeyOwner(story_id=owner.story_id, is_shared=True)
        self.shared.append(name)
        first = self._met(owner.story_id)
        for title in sorted(_titles(first)):
            self._learn(first, titled_keys([name], title))

    def _is_shared(self, name: KeyName) -> bool:
        owner = self._owners.get(name)
        return owner is not None and owner.is_shared

    def _learn_from(self, story: Resolved, item: Item, names: list[KeyName]) -> None:
        self._learn(story, names)
        self._learn(story, titled_keys([name for name in names if self._is_shared(name)], item_title(item)))

    def _learn(self, story: Resolved, names: Iterable[KeyName]) -> None:
        for name in names:
            if name not in self._owners:
                self._owners[name] = KeyOwner(story_id=story.id)
                story.keys.append(name)

    def _met(self, story_id: int) -> Resolved:
        if story_id not in self._stories:
            self._stories[story_id] = Resolved(id=story_id, known=self._known.stories[story_id])
        return self._stories[story_id]


def _ambiguous_keys(items: Sequence[Item], feed_id: str) -> set[KeyName]:
    """Return the keys that two items of a document share under different titles."""
    titles: dict[KeyName, set[str]] = defaultdict(set)
    for item in items:
        for name in entry_keys(item, feed_id):
            titles[name].add(item.entry.title_html)
    return {name for name, said in titles.items() if len({_raw_title(title) for title in said}) > 1}


def _raw_title(title_html: str) -> str:
    # Not the cleaned title: an entry that has not changed is not cleaned, and like must be compared with like.
    return normal_title(html.unescape(_TAG.sub(" ", title_html)))


def _is_like(item: Item, story: Resolved) -> bool:
    assert item.classified is not None  # an entry without text is known by its digest
    text = item.classified.story
    return (
        text.content_hash in _hashes(story)
        or any(are_titles_equal(text.title, title) for title in _titles(story))
        or any(are_texts_alike(text.text, other) for other in _texts(story))
    )


def _titles(story: Resolved) -> set[str]:
    """Return the titles that a story is known by: in the archive, to each feed, in this document."""
    titles = {member.classified.story.title for member in story.members if member.classified}
    if story.known is not None:
        titles |= {story.known.state.title, *(sighting.title for sighting in story.known.sightings)}
    return titles


def _texts(story: Resolved) -> set[str]:
    texts = {member.classified.story.text for member in story.members if member.classified}
    return texts if story.known is None else texts | {story.known.text}


def _hashes(story: Resolved) -> set[str]:
    hashes = {member.classified.story.content_hash for member in story.members if member.classified}
    if story.known is not None:
        hashes |= {story.known.state.content_hash, *(sighting.content_hash for sighting in story.known.sightings)}
    return hashes
