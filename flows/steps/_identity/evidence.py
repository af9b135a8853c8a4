"""Whether an entry is a story that is known already: the evidence, in one table.

Read it from the top: the first row whose evidence is there decides, and where there is none the entry is a new story.
Rows of one entry about several stories compete, and so do those of several entries about one story: the upper row wins.
docs/decisions/identity.md says why.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Final

from msgspec import Struct

from flows.steps._identity.document import Mention
from flows.steps._identity.likeness import are_texts_alike, are_titles_alike, mark
from flows.steps._identity.names import without_version
from models.identity import KeyKind, KeyName, KnownSighting, KnownStory
from models.stages import CleanStory

# A title and a text so short are used again and again where nothing dates them.
TELLING_LENGTH: Final = 100


class Facts(Struct, kw_only=True, eq=False, dict=True):
    """What an entry and a story have in common. Nothing is looked up here; costly comparisons are made when asked."""

    mention: Mention
    text: CleanStory
    story: KnownStory
    seen: KnownSighting | None  # as the feed at hand showed it last
    names: frozenset[KeyName]  # of the entry, that are this story's alone
    is_contradicted: bool  # another name of the entry is another story's, or the story has another one of that kind
    is_bound: bool  # the very entry, or a name that needs no further evidence
    has_stem: bool  # a name of the entry is this story's up to a fragment or a counter
    has_ambiguous: bool  # a name of the entry is this story's among others'
    has_titled_key: bool  # such a name leads to this story together with the entry's title
    has_worded_key: bool  # or with its text
    has_lone_title: bool  # of the stories and entries that share such a name, or a moment, it alone has its title
    is_candidate: bool  # no name of the entry is known, and the feed showed the story earlier
    has_lone_text: bool  # and the same of its text
    has_lone_moment: bool  # the feed showed nothing else of this moment

    @cached_property
    def moment(self) -> datetime | None:
        """Return when the feed says that the entry was published."""
        return self.mention.entry.published_at

    @cached_property
    def is_same_moment(self) -> bool:
        """Tell whether this feed named the same moment for the story."""
        return self.moment is not None and self.seen is not None and self.moment == self.seen.published_at

    @property
    def is_mere_day(self) -> bool:
        """Tell whether the moment is a midnight: all that was published on a day has it where the feed gives days."""
        moment, raw = self.moment, self.mention.entry.published_raw or ""
        return moment is not None and ((moment.hour, moment.minute, moment.second) == (0, 0, 0) or "00:00:00" in raw)

    @cached_property
    def is_undated(self) -> bool:
        """Tell whether this feed dates neither."""
        return self.moment is None and self.seen is not None and self.seen.published_at is None

    @cached_property
    def is_of_another_id(self) -> bool:
        """Tell whether this feed gave the story another guid than the entry's."""
        guid = self.mention.entry.guid
        return bool(guid and self.seen and self.seen.guid and guid != self.seen.guid)

    @cached_property
    def has_equal_title(self) -> bool:
        """Tell whether the story is called so, in the archive or by a feed."""
        titles = (self.story.state.title, *(one.title for one in self.story.sightings))
        own = self.mention.title_mark
        return self.has_titled_key or (bool(own) and any(own == mark(title) for title in titles))

    @cached_property
    def has_equal_text(self) -> bool:
        """Tell whether the very words are the story's, in the archive or as a feed has them."""
        hashes = {one.text_hash for one in self.story.sightings} | {mark(self.story.text)}
        return self.has_worded_key or (bool(self.mention.text_hash) and self.mention.text_hash in hashes)

    @cached_property
    def has_equal_content(self) -> bool:
        """Tell whether title and text are what some feed, or the archive, has of it."""
        hashes = {one.content_hash for one in self.story.sightings} | {self.story.state.content_hash}
        return self.text.content_hash in hashes

    @cached_property
    def has_like_text(self) -> bool:
        """Tell whether the texts are one, or half of the shorter one's word sequences lie in the longer."""
        return self.has_equal_content or self.has_equal_text or are_texts_alike(self.text.text, self.story.text)

    @cached_property
    def has_like_title(self) -> bool:
        """Tell whether half of the words of the title are those of the story's."""
        return are_titles_alike(self.text.title, self.seen.title if self.seen else self.story.state.title)

    @property
    def has_another_version(self) -> bool:
        """Tell whether a fragment, or a number called a version, is all that its guid or address is new by.

        Any other number tells parts, issues and bulletins apart as often as it counts updates.
        """
        entry, seen = self.mention.entry, self.seen
        pairs = ((entry.guid, seen.guid), (entry.url_key, seen.url_key)) if seen else ()
        return (self.has_stem or bool(self.names)) and any(
            one and other and one != other and without_version(one) == without_version(other) for one, other in pairs
        )

    @property
    def is_told_by_title(self) -> bool:
        """Tell whether an equal title is enough: not where the feed tells the two apart by their ids."""
        return self.has_equal_title and not self.is_of_another_id

    @property
    def is_renamed_at_its_moment(self) -> bool:
        """Tell whether the feed showed the story earlier, at the same moment and under other names alone."""
        return self.is_candidate and self.is_same_moment

    @property
    def is_no_phrase(self) -> bool:
        """Tell whether an equal text means something: "read more" does not, under another title."""
        return self.is_telling or self.has_like_title

    @property
    def is_telling(self) -> bool:
        """Tell whether there is enough text for an equal one to mean something without a date."""
        return self.text.length >= TELLING_LENGTH


class EvidenceRow(Struct, frozen=True):
    """A row of the table."""

    says: str
    holds: Callable[[Facts], bool]


def _kinds(facts: Facts) -> set[KeyKind]:
    return {name.kind for name in facts.names}


_NAMED: Final = (
    EvidenceRow("the very entry, or a name of a story that was withdrawn or merged", lambda f: f.is_bound),
    EvidenceRow("its guid and its address", lambda f: len(_kinds(f)) > 1),
    EvidenceRow(
        "its guid or address, and the moment, if that is no mere day of two guids",
        lambda f: bool(f.names) and f.is_same_moment and not (f.is_of_another_id and f.is_mere_day),
    ),
    EvidenceRow(
        "its guid or address but for a fragment or a version, and the moment",
        lambda f: f.has_another_version and f.is_same_moment,
    ),
    EvidenceRow(
        "its guid or address but for a counter, the moment, and like words",
        lambda f: f.has_stem and f.is_same_moment and f.has_like_text,
    ),
    EvidenceRow("its guid or address, and like words", lambda f: bool(f.names) and f.has_like_text),
    EvidenceRow("its guid or address, and the title", lambda f: bool(f.names) and f.is_told_by_title),
    EvidenceRow(
        "a name of several, and a title that none of the others has",
        lambda f: f.has_ambiguous and f.has_lone_title and f.is_told_by_title,
    ),
    EvidenceRow("a name of several, and the very text", lambda f: f.has_ambiguous and f.has_equal_text),
    EvidenceRow(
        "the address of another feed's story, and no other name against it",
        lambda f: bool(f.names) and f.seen is None and not f.is_contradicted,
    ),
)
# No name is known: what the feed showed earlier, and shows no more under its old names.
_RENAMED: Final = (
    EvidenceRow("its words, and the moment", lambda f: f.is_renamed_at_its_moment and f.has_equal_content),
    EvidenceRow(
        "its text, and the moment, which nothing else has together",
        lambda f: f.is_renamed_at_its_moment and f.has_equal_text and f.has_lone_text and f.is_no_phrase,
    ),
    EvidenceRow(
        "its title, and the moment, which nothing else has together",
        lambda f: f.is_renamed_at_its_moment and f.has_equal_title and f.has_lone_title,
    ),
    EvidenceRow(
        "like title and words, and the moment, which nothing else has",
        lambda f: f.is_renamed_at_its_moment and f.has_lone_moment and f.has_like_title and f.has_like_text,
    ),
    EvidenceRow(
        "its words, and enough of them, where the feed dates nothing",
        lambda f: f.is_candidate and f.is_undated and f.has_equal_content and f.is_telling,
    ),
)
TABLE: Final = (*_NAMED, *_RENAMED)
BOUND: Final = 0  # the row that holds beside other entries of the same story too
RENAMED: Final = len(_NAMED)  # the first row for which no name is known


def weigh(facts: Facts) -> int | None:
    """Return the first row of the table whose evidence is there; None where the entry is not this story."""
    return next((at for at, evidence in enumerate(TABLE) if evidence.holds(facts)), None)
