"""What each item of a document has in common with the stories that its names and its moment lead to."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from flows.steps._identity.document import Mention
from flows.steps._identity.evidence import BOUND, Facts, weigh
from flows.steps._identity.likeness import mark
from flows.steps._identity.names import digest_key, stem_lookups, titled_keys, worded_keys
from models.identity import EarlierSighting, KeyKind, KeyName, KeyOwner, Known, KnownStory
from models.stages import CleanStory

# An article is moved once or twice; an id seen at more addresses is given to one article after another, and a story
# seen at more has one that is new at every request.
MOST_ADDRESSES: Final = 3


class Claim(Struct, frozen=True, order=True):
    """A row of the table of evidence that makes a mention a story. Of two, the lesser one holds."""

    row: int
    story_id: int
    mention: int  # its place among the mentions


class Claims:
    """Weighs the mentions of one document against what is known."""

    def __init__(self, known: Known, feed_id: str, mentions: Sequence[Mention]) -> None:
        self._known = known
        self._feed_id = feed_id
        self._mentions = mentions
        self._earlier = _by_story(known.earlier)
        self._moments = Counter(one.published_at for one in known.earlier)
        self._titled_moments = Counter((one.published_at, mark(one.title)) for one in known.earlier)
        self._worded_moments = Counter((one.published_at, one.text_hash) for one in known.earlier)
        self._told_texts = Counter((one.entry.published_at, one.text_hash) for one in mentions)
        self._told_moments = Counter(one.entry.published_at for one in mentions)
        self._told_titles = Counter((one.entry.published_at, one.title_mark) for one in mentions)
        self._namesakes = Counter((name, one.title_mark) for one in mentions for name in one.ambiguous)

    def all(self) -> list[Claim]:
        """Return the claims, the strongest first."""
        return sorted(claim for at in range(len(self._mentions)) for claim in self._of(at))

    def _of(self, at: int) -> Iterator[Claim]:
        mention = self._mentions[at]
        same = self._same_entry(mention)
        if same is not None:
            yield Claim(BOUND, same, at)
            return
        assert mention.text is not None  # an entry without text is known by its digest
        for story_id in self._candidates(mention):
            row = weigh(self._facts(mention, mention.text, self._known.stories[story_id]))
            if row is not None:
                yield Claim(row, story_id, at)

    def _same_entry(self, mention: Mention) -> int | None:
        """Return the story that this feed showed by this very entry: now, or when the story was born of it."""
        for item in mention.items:
            born = self._owner(digest_key(item, self._feed_id))
            story_id = self._known.by_digest.get(item.entry.digest, born.story_id if born else None)
            if story_id is not None:
                return story_id
        return None

    def _candidates(self, mention: Mention) -> dict[int, None]:
        named = [owner.story_id for name in self._lookups(mention) if (owner := self._owner(name))]
        renamed = () if self._is_known(mention) else self._earlier
        return dict.fromkeys((*named, *(one for one in renamed if one in self._known.stories)))

    def _lookups(self, mention: Mention) -> list[KeyName]:
        bare = [*mention.names, *mention.ambiguous]
        return [*bare, *self._stems(mention), *self._titled(mention, bare), *worded_keys(bare, mention.text_hash)]

    def _stems(self, mention: Mention) -> list[KeyName]:
        """Return the names of its earlier states that had another counter."""
        return [name for stem in mention.stems for name in stem_lookups(stem) if not self._is_shared(name)]

    def _titled(self, mention: Mention, names: Sequence[KeyName]) -> list[KeyName]:
        return [name for name in titled_keys(names, mention.title_mark) if not self._is_shared(name)]

    def _is_known(self, mention: Mention) -> bool:
        """Tell whether one of its names is a story's alone."""
        return any(self._owns_alone(name) for name in mention.names)

    def _owns_alone(self, name: KeyName) -> KeyOwner | None:
        owner = self._owner(name)
        return owner if owner and not owner.is_ambiguous else None

    def _facts(self, mention: Mention, text: CleanStory, story: KnownStory) -> Facts:
        alone = {name: owner.story_id for name in mention.names if (owner := self._owns_alone(name))}
        mine = frozenset(name for name, owner in alone.items() if owner == story.id)
        ambiguous = [name for name in (*mention.names, *mention.ambiguous) if name not in alone]
        is_candidate = not alone and story.id in self._earlier
        titled, worded = self._titled(mention, ambiguous), worded_keys(ambiguous, mention.text_hash)
        return Facts(
            mention=mention,
            text=text,
            story=story,
            seen=story.sighting_of(self._feed_id),
            names=mine,
            is_contradicted=self._is_contradicted(mention, story, mine),
            is_bound=self._is_bound(mention, story, mine),
            has_stem=any(self._leads_to(name, story) for name in self._stems(mention)),
            has_ambiguous=any(self._leads_to(name, story) for name in (*ambiguous, *titled, *worded)),
            # What a story was called once does not call it now; of a withdrawn one no other title is left.
            has_titled_key=story.is_withdrawn and any(self._leads_to(name, story) for name in titled),
            has_worded_key=any(self._leads_to(name, story) for name in worded),
            has_lone_title=self._is_lone_title(mention, ambiguous, is_candidate=is_candidate),
            is_candidate=is_candidate,
            has_lone_text=_is_lone(
                self._worded_moments, self._told_texts, (mention.entry.published_at, mention.text_hash)
            ),
            has_lone_moment=_is_lone(self._moments, self._told_moments, mention.entry.published_at),
        )

    def _is_contradicted(self, mention: Mention, story: KnownStory, mine: frozenset[KeyName]) -> bool:
        """Tell whether one of the other names is another story's, or a second one of its kind from this feed."""
        kinds = {name.kind for name in story.keys}
        others = [name for name in mention.names if name not in mine and not self._is_shared(name)]
        return any(self._owner(name) or (name not in story.keys and name.kind in kinds) for name in others)

    def _is_bound(self, mention: Mention, story: KnownStory, mine: frozenset[KeyName]) -> bool:
        """Tell whether a name is enough: nothing else is left of what was withdrawn, and a merger was proven."""
        if story.is_withdrawn:
            # Items side by side do not free a name of it: what they say under that name was withdrawn.
            told = (name for name in mention.ambiguous if self._owns_alone(name) and self._leads_to(name, story))
            held = mine.union(told)
            return bool(held) and self._is_kept_away(mention, story, held)
        if not mine:
            return False
        others = [owner for name in mention.names if name not in mine and (owner := self._owns_alone(name))]
        return not others and any(owner.is_merged for name in mine if (owner := self._owner(name)))

    def _is_kept_away(self, mention: Mention, story: KnownStory, mine: frozenset[KeyName]) -> bool:
        """Tell whether a withdrawn story's names are enough to know it by: its words are gone.

        Its address always is; its guid, unless another name of the entry is a living story's, or the guid goes from
        address to address.
        """
        if any(name.kind is KeyKind.URL for name in mine):
            return True
        others = [owner.story_id for name in mention.names if name not in mine and (owner := self._owns_alone(name))]
        addresses = {name for name in (*mention.names, *story.keys) if name.kind is KeyKind.URL}
        is_nobody_else_s = all(self._known.stories[owner].is_withdrawn for owner in others)
        return is_nobody_else_s and len(addresses) <= MOST_ADDRESSES

    def _is_lone_title(self, mention: Mention, ambiguous: Sequence[KeyName], *, is_candidate: bool) -> bool:
        if is_candidate:
            told = (mention.entry.published_at, mention.title_mark)
            return _is_lone(self._titled_moments, self._told_titles, told)
        titled = titled_keys(ambiguous, mention.title_mark)
        rivals = max((self._namesakes[name, mention.title_mark] for name in ambiguous), default=0)
        return rivals <= 1 and not any(self._is_shared(name) for name in titled)

    def _leads_to(self, name: KeyName, story: KnownStory) -> bool:
        owner = self._owner(name)
        return owner is not None and owner.story_id == story.id

    def _owner(self, name: KeyName) -> KeyOwner | None:
        return self._known.owners.get(name)

    def _is_shared(self, name: KeyName) -> bool:
        owner = self._owner(name)
        return owner is not None and owner.is_ambiguous


def _is_lone(known: Mapping[Any, int], told: Mapping[Any, int], what: object) -> bool:
    return known[what] == 1 and told[what] == 1


def _by_story(earlier: Sequence[EarlierSighting]) -> dict[int, None]:
    return dict.fromkeys(one.story_id for one in earlier)
