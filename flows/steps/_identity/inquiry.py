"""What must be looked up in the archive before the entries of a document can be decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from flows.steps._identity.likeness import are_titles_alike, mark
from flows.steps._identity.names import digest_key, entry_keys, stem_keys, stem_lookups, titled_keys, worded_keys
from models.identity import EarlierSighting, Item, KeyName, KeyOwner


class Inquiry:
    """The questions about one document, each of which may stand on the answers before it."""

    def __init__(self, items: Sequence[Item], feed_id: str) -> None:
        self.feed_id = feed_id
        self.digests = [item.entry.digest for item in items]
        self._cleaned = [item for item in items if item.text]

    def names(self) -> list[KeyName]:
        """Return the names of the entries that are not known to be unchanged."""
        return [name for item in self._cleaned for name in self._names(item)]

    def completed(self, shared: Collection[KeyName]) -> list[KeyName]:
        """Return what ambiguous names become together with titles and texts."""
        found: list[KeyName] = []
        for item in self._cleaned:
            names = [name for name in entry_keys(item, self.feed_id) if name in shared]
            if item.text and names:
                found += [*titled_keys(names, mark(item.text.title)), *worded_keys(names, mark(item.text.text))]
        return found

    def moments(self, owners: Mapping[KeyName, KeyOwner]) -> list[datetime]:
        """Return when the entries were published of which no name is a story's alone."""
        moments = (item.entry.published_at for item in self._unknown(owners))
        return list(dict.fromkeys(moment for moment in moments if moment))

    def contents(self, owners: Mapping[KeyName, KeyOwner]) -> list[str]:
        """Return what the undated ones among them say."""
        undated = (item for item in self._unknown(owners) if item.entry.published_at is None)
        return list(dict.fromkeys(item.text.content_hash for item in undated if item.text))

    def likely(self, earlier: Iterable[EarlierSighting]) -> set[int]:
        """Return the stories, of those that the feed showed earlier, that one of the entries may be."""
        said = [(mark(item.text.text), item.text.title) for item in self._cleaned if item.text]
        texts = {text for text, _ in said if text}
        titles = {title for _, title in said}
        return {
            one.story_id
            for one in earlier
            if one.text_hash in texts or any(are_titles_alike(one.title, title) for title in titles)
        }

    def _unknown(self, owners: Mapping[KeyName, KeyOwner]) -> list[Item]:
        known = {name for name, owner in owners.items() if not owner.is_ambiguous}
        return [item for item in self._cleaned if known.isdisjoint(entry_keys(item, self.feed_id))]

    def _names(self, item: Item) -> Iterable[KeyName]:
        stems = (name for stem in stem_keys(item, self.feed_id) for name in stem_lookups(stem))
        return (*entry_keys(item, self.feed_id), digest_key(item, self.feed_id), *stems)
