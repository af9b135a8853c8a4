"""Which story an entry is: the keys that speak, the contradictions, the likeness that settles them."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from flows.steps._identity.likeness import are_texts_alike, are_titles_equal, normal_title
from flows.steps._markup import without_markup
from models.identity import Item, KeyKind, KeyName, KeyOwner, Known, KnownStory
from models.stages import Entry

_TITLED = {KeyKind.GUID: KeyKind.TITLED_GUID, KeyKind.URL: KeyKind.TITLED_URL}
# The best first.
_BORN_BY = (KeyKind.URL, KeyKind.GUID, KeyKind.TITLED_URL, KeyKind.TITLED_GUID, KeyKind.DIGEST)
# An article is moved once or twice; an id seen at more addresses is given to one article after another.
_MOST_ADDRESSES: Final = 3


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
    def held_keys(self) -> set[KeyName]:
        """Return the keys that the feed at hand gave it, before and now."""
        return {*self.keys, *(self.known.keys if self.known else ())}

    def add(self, item: Item, position: int) -> None:
        """Take an entry in."""
        self.members.append(item)
        self.positions.append(position)


def entry_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return the names by which an entry might be known, the guid first."""
    entry = item.entry
    names = []
    if entry.guid:
        names.append(KeyName.of(KeyKind.GUID, feed_id, entry.guid))
    if entry.url_key:
        names.append(KeyName.of(KeyKind.URL, "", entry.url_key))
    return tuple(names)


def titled_keys(names: Iterable[KeyName], title: str) -> tuple[KeyName, ...]:
    """Return the keys that shared keys make together with a title; none where it has no word: that says nothing."""
    bare = tuple(names)
    mark = _title_mark(title) if bare else ""
    if not mark:
        return ()
    return tuple(KeyName(kind=_TITLED[name.kind], scope=name.scope, key=f"{mark} {name.key}") for name in bare)


def _title_mark(title: str) -> str:
    normal = normal_title(title)
    return hashlib.sha256(normal.encode()).hexdigest()[:16] if normal else ""


def item_title(item: Item) -> str:
    """Return the title of an entry that has been cleaned."""
    assert item.classified is not None  # an entry without text is known by its digest
    return item.classified.story.title


def lookup_keys(items: Iterable[Item], feed_id: str) -> list[KeyName]:
    """Return the names that must be looked up before entries that have been cleaned can be resolved."""
    cleaned = [item for item in items if item.classified]
    return [name for item in cleaned for name in (*entry_keys(item, feed_id), _digest_key(item, feed_id))]


def completed_keys(items: Iterable[Item], feed_id: str, shared: Collection[KeyName]) -> list[KeyName]:
    """Return the names to look up besides: those that the shared ones among them make together with a title."""
    return [
        titled
        for item in items
        if item.classified and (lied := [name for name in entry_keys(item, feed_id) if name in shared])
        for titled in titled_keys(lied, item_title(item))
    ]


def story_uid(names: Sequence[KeyName]) -> str:
    """Return 16 hex digits from the key that a story is born with: its address before its guid, else its digest."""
    born = min(names, key=lambda one: _BORN_BY.index(one.kind))
    return hashlib.sha256("\0".join((born.kind, born.scope, born.key)).encode()).hexdigest()[:16]


def _digest_key(item: Item, feed_id: str) -> KeyName:
    return KeyName(kind=KeyKind.DIGEST, scope=feed_id, key=item.entry.digest)


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
        same = self._same_entry(item)
        if same is not None:
            return self._met(same)
        speaking = [(name, owner) for name in names if (owner := self._speaks(name, item)) is not None]
        for story_id in dict.fromkeys(owner for _, owner in speaking):
            story = self._met(story_id)
            if self._is_same(item, story, names, speaking):
                self._learn_from(story, item, names)
                return story
        return self._born(item, names, [name for name, _ in speaking])

    def _same_entry(self, item: Item) -> int | None:
        """Return the story that this feed showed by this very entry: now, or when the story was born of it."""
        born = self._owners.get(_digest_key(item, self._feed_id))
        return self._by_digest.get(item.entry.digest, born.story_id if born else None)

    def _speaks(self, name: KeyName, item: Item) -> int | None:
        owner = self._owners.get(name)
        if self._is_shared(name):
            owner = next((self._owners.get(titled) for titled in titled_keys([name], item_title(item))), None)
        return owner.story_id if owner else None

    def _is_same(self, item: Item, story: Resolved, names: list[KeyName], speaking: list[tuple[KeyName, int]]) -> bool:
        for_it = {name for name, owner in speaking if owner == story.id}
        if story.is_withdrawn and self._is_kept_away(story, names, for_it, speaking):
            return True
        if self._is_contradicted(story, set(names) - for_it, {name for name, _ in speaking}):
            return _is_like(item, story)
        is_seen_here = story.known is None or story.known.sighting_of(self._feed_id) is not None
        is_lone = len(for_it) == 1 and is_seen_here
        return not is_lone or _is_like(item, story)

    def _is_kept_away(
        self, story: Resolved, names: list[KeyName], for_it: set[KeyName], speaking: list[tuple[KeyName, int]]
    ) -> bool:
        """Tell whether a withdrawn story's names are enough to know it by: its words are gone.

        Its address always is; its guid, unless another name of the entry is a living story's, or the guid goes from
        address to address.
        """
        if any(name.kind is KeyKind.URL for name in for_it):
            return True
        is_nobody_else_s = all(self._met(owner).is_withdrawn for _, owner in speaking if owner != story.id)
        addresses = {name for name in (*names, *story.held_keys) if name.kind is KeyKind.URL}
        return is_nobody_else_s and len(addresses) <= _MOST_ADDRESSES

    def _is_contradicted(self, story: Resolved, others: set[KeyName], speaking: set[KeyName]) -> bool:
        """Tell whether one of the other keys is another story's, or a second key of its kind from this feed.

        A shared key that no title completes says nothing, neither for a story nor against it.
        """
        held = story.held_keys
        kinds = {name.kind for name in held}
        return any(name in speaking or (name not in held and name.kind in kinds) for name in others)

    def _born(self, item: Item, names: list[KeyName], lied: list[KeyName]) -> Resolved:
        story = Resolved(id=-len(self._stories) - 1, known=None)
        self._stories[story.id] = story
        for name in lied:
            self._share(name)
        self._learn_from(story, item, names)
        if not story.keys:
            self._learn(story, [_digest_key(item, self._feed_id)])
        return story

    def _share(self, name: KeyName) -> None:
        if self._is_shared(name):
            return
        owner = self._owners[name]
        self._owners[name] = KeyOwner(story_id=owner.story_id, is_ambiguous=True)
        self.shared.append(name)
        first = self._met(owner.story_id)
        for title in sorted(_titles(first)):
            self._learn(first, titled_keys([name], title))

    def _is_shared(self, name: KeyName) -> bool:
        owner = self._owners.get(name)
        return owner is not None and owner.is_ambiguous

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
    holders: dict[KeyName, list[Entry]] = defaultdict(list)
    for item in items:
        for name in entry_keys(item, feed_id):
            holders[name].append(item.entry)
    doubled = {name: entries for name, entries in holders.items() if len(entries) > 1}
    return {name for name, entries in doubled.items() if len({_called(entry) for entry in entries}) > 1}


def _called(entry: Entry) -> str:
    """Return what tells an entry from its neighbours: its title, or its words where it has none.

    Not the cleaned ones: an entry that has not changed is not cleaned, and like must be compared with like.
    """
    return normal_title(without_markup(entry.title_html)) or entry.html


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
