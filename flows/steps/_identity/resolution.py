"""Which story each item of a document is: the claims that the evidence makes, settled for all items at once."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from flows.steps._identity.claims import MOST_ADDRESSES, Claims
from flows.steps._identity.document import Mention, mentions_of
from flows.steps._identity.evidence import BOUND, RENAMED
from flows.steps._identity.likeness import mark
from flows.steps._identity.names import digest_key, titled_keys, worded_keys
from models.identity import Item, KeyKind, KeyName, KeyOwner, Known, KnownStory


class Resolved(Struct, kw_only=True):
    """A story of the document with the items that are it. A negative id is a story that will be born."""

    id: int
    known: KnownStory | None
    mentions: list[Mention] = field(default_factory=list)
    keys: list[KeyName] = field(default_factory=list)  # to be added
    is_renamed: bool = False  # it was known again under other names alone

    @property
    def first_position(self) -> int:
        """Return where the story is met first; one that only lends a name comes before all."""
        return min((at for mention in self.mentions for at in mention.positions), default=-1)

    @property
    def title_marks(self) -> list[str]:
        """Return the marks of the titles that it is known by: in the archive, to each feed, in this document."""
        titles = [self.known.state.title, *(one.title for one in self.known.sightings)] if self.known else []
        return _said(*(mention.title_mark for mention in self.mentions), *map(mark, titles))

    @property
    def text_hashes(self) -> list[str]:
        """Return the marks of its texts."""
        known = [mark(self.known.text), *(one.text_hash for one in self.known.sightings)] if self.known else []
        return _said(*(mention.text_hash for mention in self.mentions), *known)


def _said(*marks: str) -> list[str]:
    return sorted({one for one in marks if one})


class Resolver:
    """Resolves the items of one document: nothing hangs on their order."""

    def __init__(self, known: Known, feed_id: str) -> None:
        self._known = known
        self._feed_id = feed_id
        self._owners = dict(known.owners)
        self._stories: dict[int, Resolved] = {}
        self.shared: list[KeyName] = []

    def resolve(self, items: Sequence[Item]) -> list[Resolved]:
        """Return the stories of a document, in the order in which they are met."""
        mentions = mentions_of(items, self._feed_id)
        met = self._settle(mentions)
        told = [(mention, met.get(at) or self._born(mention)) for at, mention in enumerate(mentions)]
        for mention, story in told:
            self._learn_from(mention, story)
        for mention, story in told:
            self._complete(mention, story)
        for story in self._stories.values():
            if story.known is None and not story.keys:
                self._learn(story, [digest_key(item, self._feed_id) for item in story.mentions[0].items[:1]])
        return sorted(self._stories.values(), key=lambda story: story.first_position)

    def _settle(self, mentions: Sequence[Mention]) -> dict[int, Resolved]:
        """Give each mention the story that it has the strongest claim to, and each story to one mention.

        Only what needs no evidence may be a story beside another: it was merged with it.
        """
        met: dict[int, Resolved] = {}
        for claim in Claims(self._known, self._feed_id, mentions).all():
            is_taken = claim.story_id in self._stories and claim.row != BOUND
            if claim.mention not in met and not is_taken:
                story = self._met(claim.story_id)
                story.mentions.append(mentions[claim.mention])
                story.is_renamed = claim.row >= RENAMED
                met[claim.mention] = story
        return met

    def _born(self, mention: Mention) -> Resolved:
        story = Resolved(id=-len(self._stories) - 1, known=None, mentions=[mention])
        self._stories[story.id] = story
        return story

    def _learn_from(self, mention: Mention, story: Resolved) -> None:
        """Give a story the names that brought it; one that is another's, which it is not, is ambiguous."""
        if all(item.entry.digest in self._known.by_digest for item in mention.items):
            return
        if not self._is_ever_renamed(story):
            self._learn(story, [*mention.names, *mention.stems])
        lied = [*mention.names, *mention.stems, *mention.shared_stems] if story.known is None else []
        is_withdrawn = story.known is not None and story.known.is_withdrawn
        for name in (*lied, *(() if is_withdrawn else mention.ambiguous)):
            self._learn(story, [name])
            if name in mention.ambiguous or name in mention.shared_stems or self._owners[name].story_id != story.id:
                self._share(name)

    def _is_ever_renamed(self, story: Resolved) -> bool:
        """Tell whether a story's names are new at every request: they would fill the archive and help nobody."""
        held = story.known.keys if story.is_renamed and story.known else frozenset()
        return len([name for name in held if name.kind is KeyKind.URL]) >= MOST_ADDRESSES

    def _complete(self, mention: Mention, story: Resolved) -> None:
        """Let ambiguous names count together with what is said under them."""
        names = [name for name in (*mention.names, *mention.ambiguous) if self._is_shared(name)]
        if mention.text is not None:
            self._learn_completed(story, names, [mention.title_mark], [mention.text_hash])

    def _learn_completed(
        self, story: Resolved, names: Sequence[KeyName], titles: Iterable[str], texts: Iterable[str]
    ) -> None:
        for title in titles:
            for name in titled_keys(names, title):
                self._learn(story, [name])
                if self._owners[name].story_id != story.id:
                    self._mark_shared(name)
        for text in texts:
            self._learn(story, worded_keys(names, text))

    def _share(self, name: KeyName) -> None:
        if self._is_shared(name):
            return
        self._mark_shared(name)
        if name.kind in {KeyKind.GUID, KeyKind.URL}:
            first = self._met(self._owners[name].story_id)
            self._learn_completed(first, [name], first.title_marks, first.text_hashes)

    def _mark_shared(self, name: KeyName) -> None:
        if not self._is_shared(name):
            self._owners[name] = KeyOwner(story_id=self._owners[name].story_id, is_ambiguous=True)
            self.shared.append(name)

    def _is_shared(self, name: KeyName) -> bool:
        owner = self._owners.get(name)
        return owner is not None and owner.is_ambiguous

    def _learn(self, story: Resolved, names: Iterable[KeyName]) -> None:
        for name in names:
            if name not in self._owners:
                self._owners[name] = KeyOwner(story_id=story.id)
                story.keys.append(name)

    def _met(self, story_id: int) -> Resolved:
        if story_id not in self._stories:
            self._stories[story_id] = Resolved(id=story_id, known=self._known.stories[story_id])
        return self._stories[story_id]
