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


@dataclass(slots=True, kw_only=True)
class Resolved:
    """A story of the document with the entries that are it. A negative id is a story that will be born."""

    id: int
    known: KnownStory | None
    positions: list[int] = field(default_factory=list)
    keys: list[KeyName] = field(default_factory=list)  # to be added
    founder: Item | None = None

    @property
    def title(self) -> str:
        """Return the title to compare with."""
        if self.known:
            return self.known.state.title
        return item_title(self.founder) if self.founder else ""

    @property
    def text(self) -> str:
        """Return the text to compare with."""
        return self.known.text if self.known else _text(self.founder)


def entry_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return the names by which an entry might be known, the guid first."""
    entry = item.entry
    names = []
    if entry.guid:
        names.append(KeyName(kind=KeyKind.GUID, scope=feed_id, key=entry.guid))
    if entry.url_key:
        names.append(KeyName(kind=KeyKind.URL, scope="", key=entry.url_key))
    return tuple(names)


def titled_key(name: KeyName, title: str) -> KeyName:
    """Return the key that a shared key and a title make together."""
    mark = hashlib.sha256(normal_title(title).encode()).hexdigest()[:16]
    return KeyName(kind=_TITLED[name.kind], scope=name.scope, key=f"{mark} {name.key}")


def item_title(item: Item) -> str:
    """Return an entry's title without markup, whether it has been cleaned yet or not."""
    if item.classified:
        return item.classified.story.title
    return html.unescape(_TAG.sub(" ", item.entry.title_html))


def lookup_keys(item: Item, feed_id: str) -> tuple[KeyName, ...]:
    """Return all names that must be looked up before an entry can be resolved."""
    bare = entry_keys(item, feed_id)
    return bare + tuple(titled_key(name, item_title(item)) for name in bare)


def story_uid(names: Sequence[KeyName], item: Item, feed_id: str) -> str:
    """Return 16 hex digits from the key that a story is born with: its address before its guid, else its digest."""
    by_kind = {name.kind: name for name in names}
    name = by_kind.get(KeyKind.URL) or by_kind.get(KeyKind.GUID)
    born = (name.kind, name.scope, name.key) if name else ("digest", feed_id, item.entry.digest)
    return hashlib.sha256("\0".join(born).encode()).hexdigest()[:16]


class Resolver:
    """Resolves the items of one document in their order; what it learns of one serves the next."""

    def __init__(self, known: Known, feed_id: str) -> None:
        self._known = known
        self._feed_id = feed_id
        self._owners = dict(known.owners)
        self._stories: dict[int, Resolved] = {}
        self.shared: list[KeyName] = []

    def resolve(self, items: Sequence[Item]) -> list[Resolved]:
        """Return the stories of a document, in the order in which they were met."""
        ambiguous = _ambiguous_keys(items, self._feed_id)
        for position, item in enumerate(items):
            story = self._story_of(item, [n for n in entry_keys(item, self._feed_id) if n not in ambiguous])
            story.positions.append(position)
        return list(self._stories.values())

    def _story_of(self, item: Item, names: list[KeyName]) -> Resolved:
        same = self._known.by_digest.get(item.entry.digest)
        if same is not None:
            return self._met(same)
        speaking = [(name, owner) for name in names if (owner := self._speaks(name, item)) is not None]
        for story_id in dict.fromkeys(owner for _, owner in speaking):
            story = self._met(story_id)
            if self._is_same(item, story, names, speaking):
                self._learn(story, [name for name in names if name not in self._owners])
                return story
        return self._born(item, names, [name for name, _ in speaking])

    def _speaks(self, name: KeyName, item: Item) -> int | None:
        owner = self._owners.get(name)
        if owner is not None and owner.is_shared:
            owner = self._owners.get(titled_key(name, item_title(item)))
        return owner.story_id if owner else None

    def _is_same(self, item: Item, story: Resolved, names: list[KeyName], speaking: list[tuple[KeyName, int]]) -> bool:
        for_it = [name for name, owner in speaking if owner == story.id]
        is_seen_here = story.known is None or story.known.sighting_of(self._feed_id) is not None
        is_lone = len(for_it) == 1 and is_seen_here
        return not (is_lone or self._is_contradicted(story, names, for_it)) or _is_like(item, story)

    def _is_contradicted(self, story: Resolved, names: list[KeyName], for_it: list[KeyName]) -> bool:
        held = {name.kind for name in self._keys_from_here(story)}
        others = [name for name in names if name not in for_it]
        return any(name in self._owners or name.kind in held for name in others)

    def _keys_from_here(self, story: Resolved) -> Iterable[KeyName]:
        return [*story.keys, *(story.known.keys if story.known else ())]

    def _born(self, item: Item, names: list[KeyName], lied: list[KeyName]) -> Resolved:
        story = Resolved(id=-len(self._stories) - 1, known=None, founder=item)
        self._stories[story.id] = story
        self._learn(story, [name for name in names if name not in self._owners])
        for name in lied:
            self._share(name)
        taken = [titled_key(name, item_title(item)) for name in names if self._is_shared(name)]
        self._learn(story, [name for name in taken if name not in self._owners])
        return story

    def _share(self, name: KeyName) -> None:
        owner = self._owners[name]
        if owner.is_shared:
            return
        self._owners[name] = KeyOwner(story_id=owner.story_id, is_shared=True)
        self.shared.append(name)
        first = self._met(owner.story_id)
        self._learn(first, [key for key in [titled_key(name, first.title)] if key not in self._owners])

    def _is_shared(self, name: KeyName) -> bool:
        owner = self._owners.get(name)
        return owner is not None and owner.is_shared

    def _learn(self, story: Resolved, names: Iterable[KeyName]) -> None:
        for name in names:
            self._owners[name] = KeyOwner(story_id=story.id)
            story.keys.append(name)

    def _met(self, story_id: int) -> Resolved:
        if story_id not in self._stories:
            self._stories[story_id] = Resolved(id=story_id, known=self._known.stories[story_id])
        return self._stories[story_id]


def _ambiguous_keys(items: Sequence[Item], feed_id: str) -> set[KeyName]:
    titles: dict[KeyName, set[str]] = defaultdict(set)
    for item in items:
        for name in entry_keys(item, feed_id):
            titles[name].add(normal_title(item_title(item)))
    return {name for name, said in titles.items() if len(said) > 1}


def _is_like(item: Item, story: Resolved) -> bool:
    if story.founder is not None and story.founder.entry.digest == item.entry.digest:
        return True
    return are_titles_equal(item_title(item), story.title) or are_texts_alike(_text(item), story.text)


def _text(item: Item | None) -> str:
    return item.classified.story.text if item and item.classified else ""
