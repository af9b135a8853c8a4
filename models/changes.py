"""What can happen to a story that readers see: the words of `story_changes.kind`, and of an export of changes."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What the log of changes says of a story."""

    ADMITTED = "admitted"  # readers see it from now on: it came in, or was shown again
    TEXT = "text"  # another version is the current one, or newer code read the same one otherwise
    FACTS = "facts"  # title, address, authors, tags, moments, or the feeds that show it and their names
    LABELS = "labels"  # other topics
    COPIES = "copies"  # it joined or left a cluster of copies
    HIDDEN = "hidden"  # by hand: it is not about climate
    MERGED = "merged"  # with another story, as the one that stays or the one that goes
    WITHDRAWN = "withdrawn"


class Standing(StrEnum):
    """What a story is to somebody who asks what changed since a moment."""

    NEW = "new"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    HIDDEN = "hidden"
    LEFT = "left"  # it is read as ever, and does not meet the filter now


GONE = frozenset({Standing.WITHDRAWN, Standing.MERGED, Standing.HIDDEN, Standing.LEFT})


class DateMeaning(StrEnum):
    """What --since and --until are compared with."""

    PUBLISHED = "published"  # as the publisher says; first seen, where it says nothing or a later moment
    SEEN = "seen"  # by the archive, for the first time
