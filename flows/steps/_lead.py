"""Whose text a story shows: a pure function of what was seen, never of the order in which it arrived."""

from collections.abc import Iterable
from typing import Final

from models.intents import KnownSighting

# Upper bounds of the classes, in characters (a CJK character counts 2.5): a
# teaser, a summary, a short text, a full one.
LENGTH_CLASSES: Final = (250, 1_000, 4_000)


def length_class(length: float) -> int:
    """Return 0 to 3 for a weighted length in characters."""
    return sum(length >= bound for bound in LENGTH_CLASSES)


def in_order(sightings: Iterable[KnownSighting]) -> list[KnownSighting]:
    """Sort sightings: the longest class first, among equals the feed that stands first in feeds.yaml."""
    return sorted(sightings, key=lambda sighting: (-sighting.length_class, sighting.position, sighting.feed_id))


def front_title(sightings: Iterable[KnownSighting]) -> str:
    """Return the title of the first sighting that has one; empty if none has."""
    return next((sighting.title for sighting in in_order(sightings) if sighting.title), "")


def takes_lead(mine: KnownSighting, sightings: tuple[KnownSighting, ...], lead: str) -> bool:
    """Tell whether a new or changed sighting leads its story, whose other sightings and present lead are given."""
    # A leader stays though feeds.yaml was reordered: the text of another feed is not at hand.
    return lead == mine.feed_id or not _is_alive(lead, sightings) or in_order([mine, *sightings])[0] is mine


def _is_alive(feed_id: str, sightings: tuple[KnownSighting, ...]) -> bool:
    return any(sighting.feed_id == feed_id and sighting.is_active for sighting in sightings)
