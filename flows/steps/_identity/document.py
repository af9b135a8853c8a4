"""The items of one document side by side: which of them say the same, and which of their names are ambiguous."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field

from flows.steps._identity.likeness import mark, normal_title
from flows.steps._identity.names import entry_keys, stem_keys
from flows.steps.text.markup import without_markup
from models.identity import Item, KeyName
from models.stages import CleanStory, Entry


class Mention(Struct, kw_only=True, eq=False, dict=True):
    """An item of a document, with those that say nothing more under one of its names."""

    items: list[Item] = field(default_factory=list)  # the one with the most words first
    positions: list[int] = field(default_factory=list)  # of the items in the document
    names: list[KeyName] = field(default_factory=list)  # which no other mention has
    ambiguous: list[KeyName] = field(default_factory=list)  # which others have too
    stems: list[KeyName] = field(default_factory=list)
    shared_stems: list[KeyName] = field(default_factory=list)
    fullest: list[int] = field(default_factory=list)  # positions of the items that say no less than the first

    @property
    def entry(self) -> Entry:
        """Return the entry that says the most."""
        return self.items[0].entry

    @cached_property
    def text(self) -> CleanStory | None:
        """Return the text of the item that says the most, as far as one was cleaned."""
        return next((item.text for item in self.items if item.text), None)

    @cached_property
    def title_mark(self) -> str:
        """Return the mark of its title."""
        return mark(self.text.title) if self.text else ""

    @cached_property
    def text_hash(self) -> str:
        """Return the mark of its text, without the title."""
        return mark(self.text.text) if self.text else ""


class _Words(Struct, frozen=True):
    """What an entry says, as it can be compared before it is cleaned: an unchanged one is not, and like meets like."""

    title: str
    text: str

    def are_kept_in(self, other: "_Words") -> bool:
        """Tell whether another entry says all of it; the last word may be cut."""
        return self.title in {"", other.title} and f" {self.text}" in f" {other.text}"


def mentions_of(items: Sequence[Item], feed_id: str) -> list[Mention]:
    """Return the mentions of a document, in an order that does not hang on that of the items.

    Two items with a name in common are one mention only where the words of the one are kept in the other. Elsewhere
    they are two articles, and the name says nothing of either.
    """
    names = [_hold(item, feed_id) for item in items]
    words = _contested_words(items, names)
    mentions: list[Mention] = []
    holders: defaultdict[Hashable, list[Mention]] = defaultdict(list)
    for at in sorted(range(len(items)), key=lambda at: _rank(items[at].entry, words.get(at))):
        near = (one for name in names[at] for one in holders[name])
        mention = next((one for one in near if words[at].are_kept_in(words[one.positions[0]])), None)
        if mention is None:
            mention = Mention()
            mentions.append(mention)
        mention.items.append(items[at])
        mention.positions.append(at)
        if mention.positions[0] == at or words[mention.positions[0]].are_kept_in(words[at]):
            mention.fullest.append(at)
        for name in names[at]:
            holders[name] += [] if mention in holders[name] else [mention]
    stems = Counter(stem for mention in mentions for stem in _stems(mention, feed_id))
    for mention in mentions:
        _sort_names(mention, holders, feed_id)
        for stem in _stems(mention, feed_id):
            (mention.stems if stems[stem] == 1 else mention.shared_stems).append(stem)
    return mentions


def _hold(item: Item, feed_id: str) -> tuple[Hashable, ...]:
    """Return what makes an item comparable with another: its names, and being the same entry."""
    return (*entry_keys(item, feed_id), item.entry.digest)


def _contested_words(items: Sequence[Item], names: Sequence[tuple[Hashable, ...]]) -> dict[int, _Words]:
    """Return the words of the items that share a name with another."""
    count = Counter(name for held in names for name in held)
    return {at: _words(items[at].entry) for at, held in enumerate(names) if any(count[name] > 1 for name in held)}


def _words(entry: Entry) -> _Words:
    return _Words(normal_title(without_markup(entry.title_html)), normal_title(without_markup(entry.html)))


def _rank(entry: Entry, words: _Words | None) -> tuple[int, int, str, str]:
    title, text = (len(words.title), len(words.text)) if words else (0, 0)
    return -text, -title, entry.digest, entry.guid or ""


def _sort_names(mention: Mention, holders: Mapping[Hashable, list[Mention]], feed_id: str) -> None:
    for name in dict.fromkeys(name for item in mention.items for name in entry_keys(item, feed_id)):
        (mention.names if len(holders[name]) == 1 else mention.ambiguous).append(name)


def _stems(mention: Mention, feed_id: str) -> dict[KeyName, None]:
    return dict.fromkeys(stem for item in mention.items for stem in stem_keys(item, feed_id))
