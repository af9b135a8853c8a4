"""Whose text a story shows: a pure function of what was seen, never of the order in which it arrived."""

from collections.abc import Iterable, Sequence
from typing import Final

from models.intents import PAGE_LEAD, KnownSighting, KnownStory

# Upper bounds of the classes, in characters (a CJK character counts 2.5): a
# teaser, a summary, a short text, a full one.
LENGTH_CLASSES: Final = (250, 1_000, 4_000)


def length_class(length: float) -> int:
    """Return 0 to 3 for a weighted length in characters."""
    return sum(length >= bound for bound in LENGTH_CLASSES)


def in_order(sightings: Iterable[KnownSighting], lead: str) -> list[KnownSighting]:
    """Sort a story's sightings: the one that leads, then the living feeds by rank, then those that are gone."""
    return sorted(sightings, key=lambda one: (one.feed_id != lead, not one.is_active, *_rank(one)))


def first_title(sightings: Sequence[KnownSighting]) -> str:
    """Return the title of the first sighting that has one; empty if none has."""
    return next((sighting.title for sighting in sightings if sighting.title), "")


def first_url(sightings: Sequence[KnownSighting]) -> str | None:
    """Return the address of the first sighting that has one."""
    return next((sighting.url for sighting in sightings if sighting.url), None)


def takes_lead(mine: KnownSighting, old: KnownSighting | None, known: KnownStory) -> bool:
    """Tell whether a new or changed sighting, which was `old` before, leads its story from now on."""
    lead = known.state.lead
    if lead in {mine.feed_id, PAGE_LEAD}:
        return lead != PAGE_LEAD
    # A leader whose feed is gone stays until another feed's text changes: until then no better text is at hand.
    is_changed = old is not None and old.content_hash != mine.content_hash
    return moves_up(mine, known) or (is_changed and not _leader(known).is_active)


def moves_up(mine: KnownSighting, known: KnownStory) -> bool:
    """Tell whether a sighting stands above the one of another feed that leads its story now."""
    return known.state.lead not in {mine.feed_id, PAGE_LEAD} and _rank(mine) < _rank(_leader(known))


def _leader(known: KnownStory) -> KnownSighting:
    leader = known.sighting_of(known.state.lead)
    assert leader is not None  # a feed leads by what it showed, and sightings stay
    return leader


def _rank(sighting: KnownSighting) -> tuple[int, int, str]:
    """Put the longest class first, among equals the feed that stands first in feeds.yaml."""
    return -sighting.length_class, sighting.position, sighting.feed_id
